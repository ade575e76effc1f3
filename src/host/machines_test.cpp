// Every recorded machine against its hand-written truth.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "base/text.hpp"
#include "host/detect.hpp"
#include "host/fixture_test.hpp"

namespace hone::host {

namespace {

// "storage[0].transport", "storage.size"; nullptr where the path leads nowhere.
std::optional<json::value> value_at(const json::value& document, std::string_view path) {
    const json::value* here = &document;
    for (std::string_view step : split(path, '.')) {
        const auto bracket = step.find('[');
        const std::string_view key = step.substr(0, bracket);
        if (key == "size" && here->is_array()) return json::value(here->as_array().size());
        const auto* object = here->if_object();
        here = object ? object->if_contains(key) : nullptr;
        if (here && bracket != std::string_view::npos) {
            const auto index = parse_integer(step.substr(bracket + 1, step.size() - bracket - 2));
            const auto* array = here->if_array();
            const bool there =
                array && index && *index >= 0 && static_cast<std::size_t>(*index) < array->size();
            here = there ? &(*array)[static_cast<std::size_t>(*index)] : nullptr;
        }
        if (!here) return std::nullopt;
    }
    return *here;
}

bool is_same(const json::value& a, const json::value& b) {
    if (a.is_number() && b.is_number()) return a.to_number<double>() == b.to_number<double>();
    return a == b;
}

// "--folder" of the command, where a fixture asks for one.
std::string folder_of(const Fixture& fixture) {
    const auto* folder = fixture.expected.if_contains("--folder");
    return folder ? std::string(folder->as_string()) : "";
}

class Machine : public testing::TestWithParam<Fixture> {};

TEST_P(Machine, IsReadAsItIs) {
    const Fixture& fixture = GetParam();
    const auto root = TemporaryFolder::create("/tmp", "hone-machine-").value();
    expand_fixture(fixture, root.path());
    const DetectOptions options{.root = root.path(), .folder = folder_of(fixture), .probe = true};
    const json::value document = to_json(detect(options, silent_progress()));
    for (const auto& [path, expected] : fixture.expected) {
        if (path == "--folder") continue;
        const auto found = value_at(document, path);
        if (!found) {
            ADD_FAILURE() << fixture.name << ": " << path << " is not in the document";
            continue;
        }
        EXPECT_TRUE(is_same(*found, expected))
            << fixture.name << ": " << path << " is " << to_json_line(*found) << ", expected "
            << to_json_line(expected);
    }
}

std::string test_name(const testing::TestParamInfo<Fixture>& info) {
    std::string name = info.param.name;
    for (char& letter : name)
        if (std::isalnum(static_cast<unsigned char>(letter)) == 0) letter = '_';
    return name;
}

INSTANTIATE_TEST_SUITE_P(Recorded, Machine, testing::ValuesIn(all_fixtures()), test_name);

}  // namespace

}  // namespace hone::host
