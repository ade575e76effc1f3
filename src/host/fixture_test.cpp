#include "host/fixture_test.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <stdexcept>

#include "base/file.hpp"
#include "base/process.hpp"
#include "base/text.hpp"

namespace hone::host {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kArrow = " -> ";

std::string from_hexadecimal(std::string_view text) {
    std::string digits;
    std::copy_if(text.begin(), text.end(), std::back_inserter(digits),
                 [](char digit) { return std::isxdigit(static_cast<unsigned char>(digit)) != 0; });
    std::string bytes;
    for (std::size_t at = 0; at + 1 < digits.size(); at += 2)
        bytes += static_cast<char>(std::stoi(digits.substr(at, 2), nullptr, 16));
    return bytes;
}

// "== path", "=0 path", "=x path", "== path/", "== path -> target"
FixtureEntry begin_entry(std::string_view line) {
    const std::string_view rest = line.substr(3);
    if (const auto arrow = rest.find(kArrow); arrow != std::string_view::npos)
        return {FixtureEntry::Kind::kLink, std::string(rest.substr(0, arrow)),
                std::string(rest.substr(arrow + kArrow.size()))};
    const bool folder = rest.ends_with('/');
    return {folder ? FixtureEntry::Kind::kFolder : FixtureEntry::Kind::kFile,
            std::string(folder ? rest.substr(0, rest.size() - 1) : rest), ""};
}

bool begins_entry(std::string_view line) {
    return line.starts_with("== ") || line.starts_with("=0 ") || line.starts_with("=x ");
}

void finish_entry(FixtureEntry& entry, char form) {
    if (form == '0') std::replace(entry.content.begin(), entry.content.end(), '\n', '\0');
    if (form == 'x') entry.content = from_hexadecimal(entry.content);
}

}  // namespace

Fixture parse_fixture(std::string name, std::string_view text) {
    constexpr std::string_view kExpected = "=== expected\n";
    const auto truth = text.find(kExpected);
    if (truth == std::string_view::npos) throw std::runtime_error(name + " expects nothing");
    const auto expected = parse_json(text.substr(truth + kExpected.size()), name);
    if (!expected.ok()) throw std::runtime_error(expected.error().wrong());
    Fixture fixture{std::move(name), {}, expected->as_object()};
    char form = '=';
    for (const std::string_view line : split_lines(text.substr(0, truth))) {
        if (begins_entry(line)) {
            if (!fixture.entries.empty()) finish_entry(fixture.entries.back(), form);
            form = line[1];
            fixture.entries.push_back(begin_entry(line));
        } else if (!fixture.entries.empty() &&
                   fixture.entries.back().kind == FixtureEntry::Kind::kFile) {
            fixture.entries.back().content.append(line).append("\n");
        }
    }
    if (!fixture.entries.empty()) finish_entry(fixture.entries.back(), form);
    return fixture;
}

std::vector<Fixture> all_fixtures() {
    std::vector<Fixture> fixtures;
    for (const std::string& file : list_folder(HONE_MACHINES).value_or({})) {
        const fs::path path = fs::path(HONE_MACHINES) / file;
        if (path.extension() != ".machine") continue;
        fixtures.push_back(parse_fixture(path.stem().string(), read_file(path).value()));
    }
    return fixtures;
}

void write_entry(const FixtureEntry& entry, const fs::path& root) {
    const fs::path path = root / entry.path;
    if (entry.kind == FixtureEntry::Kind::kFolder) {
        fs::create_directories(path);
        return;
    }
    fs::create_directories(path.parent_path());
    if (entry.kind == FixtureEntry::Kind::kLink) {
        fs::create_symlink(entry.content, path);
        // Links of sysfs lead to folders beside; those of /proc lead to files of another machine.
        if (entry.content.starts_with("../"))
            fs::create_directories((path.parent_path() / entry.content).lexically_normal());
        return;
    }
    std::ofstream(path, std::ios::binary) << entry.content;
}

void expand_fixture(const Fixture& fixture, const fs::path& root) {
    for (const FixtureEntry& entry : fixture.entries) write_entry(entry, root);
}

TEST(Fixture, HoldsFilesFoldersLinksAndTheTruth) {
    const Fixture fixture = parse_fixture("small",
                                          "prose\n== a/b\none\n\ntwo\n=0 c\nx\ny\n=x d\n00 ff\n"
                                          "== e/\n== f -> ../g\n=== expected\n{\"k\": 1}\n");
    ASSERT_EQ(fixture.entries.size(), 5U);
    EXPECT_EQ(fixture.entries[0].path, "a/b");
    EXPECT_EQ(fixture.entries[0].content, "one\n\ntwo\n");
    EXPECT_EQ(fixture.entries[1].content, std::string("x\0y\0", 4));
    EXPECT_EQ(fixture.entries[2].content, std::string("\0\xff", 2));
    EXPECT_EQ(fixture.entries[3].kind, FixtureEntry::Kind::kFolder);
    EXPECT_EQ(fixture.entries[4].content, "../g");
    EXPECT_EQ(fixture.expected.at("k").as_int64(), 1);
}

// Every path below the folder, with its content, its target, or "folder".
std::map<std::string, std::string> content_of(const fs::path& root) {
    std::map<std::string, std::string> content;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
        const std::string path =
            fs::relative(entry.path().parent_path(), root) / entry.path().filename();
        if (entry.is_symlink())
            content[path] = fs::read_symlink(entry.path());
        else
            content[path] = entry.is_directory() ? "folder" : read_file(entry.path()).value();
    }
    return content;
}

TEST(Fixture, ScriptExpandsAsTheTestsDo) {
    for (const Fixture& fixture : all_fixtures()) {
        if (fixture.name != "binary-junk" && fixture.name != "two-docker-postgres") continue;
        const auto ours = TemporaryFolder::create("/tmp", "hone-fixture-").value();
        const auto theirs = TemporaryFolder::create("/tmp", "hone-fixture-").value();
        expand_fixture(fixture, ours.path());
        const auto result =
            run({.arguments = {HONE_SCRIPTS "/expand-fixture",
                               HONE_MACHINES "/" + fixture.name + ".machine", theirs.path()}},
                Deadline::after(Seconds{30}));
        ASSERT_TRUE(result.ok() && result->succeeded()) << result->standard_error;
        EXPECT_EQ(content_of(ours.path()), content_of(theirs.path())) << fixture.name;
    }
}

}  // namespace hone::host
