// Recorded machines with broken files: whatever a file holds, detection ends and its document is
// sound.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/random.hpp"
#include "host/detect.hpp"
#include "host/fixture_test.hpp"

namespace hone::host {

namespace {

namespace fs = std::filesystem;

constexpr int kMutations = 10'000;
constexpr Seconds kPatience{15};

// Of no particular machine; /dev/shm is memory, and 10,000 broken files need no disk.
fs::path memory_folder() {
    return fs::is_directory("/dev/shm") ? "/dev/shm" : "/tmp";
}

std::size_t somewhere(Random& random, std::string_view text) {
    return static_cast<std::size_t>(random.below(text.size() + 1));
}

std::string with_odd_number(Random& random, const std::string& text) {
    static const std::vector<std::string> odd = {"18446744073709551615",
                                                 "-1",
                                                 "0",
                                                 "9223372036854775807",
                                                 "-9223372036854775808",
                                                 "1e30",
                                                 "",
                                                 "1",
                                                 "4096",
                                                 "0-4294967295"};
    constexpr std::string_view kDigits = "0123456789";
    const std::size_t begin = text.find_first_of(kDigits, somewhere(random, text));
    if (begin == std::string::npos) return text + odd[random.below(odd.size())];
    const std::size_t end = std::min(text.find_first_not_of(kDigits, begin), text.size());
    return text.substr(0, begin) + odd[random.below(odd.size())] + text.substr(end);
}

std::string flipped(Random& random, std::string text) {
    for (std::uint64_t flips = 1 + random.below(4); flips > 0 && !text.empty(); --flips)
        text[random.below(text.size())] ^= static_cast<char>(1U << random.below(8));
    return text;
}

std::string mutated(Random& random, std::string text, const std::string& other) {
    const std::size_t at = somewhere(random, text);
    switch (random.below(7)) {
        case 0:
            return flipped(random, std::move(text));
        case 1:
            return text.erase(at, 1 + random.below(8));
        case 2:
            return text.insert(at, 1 + random.below(300), static_cast<char>(random.next()));
        case 3:
            return text.substr(0, at);
        case 4:
            return other;
        case 5:
            return text + text.substr(at) + other;
        default:
            return with_odd_number(random, text);
    }
}

struct RecordedMachine {
    Fixture fixture;
    fs::path root;
    std::vector<std::size_t> files;  // indexes of entries
};

std::vector<RecordedMachine> expand_all(const fs::path& folder) {
    std::vector<RecordedMachine> trees;
    for (Fixture& fixture : all_fixtures()) {
        RecordedMachine tree{std::move(fixture), {}, {}};
        tree.root = folder / tree.fixture.name;
        expand_fixture(tree.fixture, tree.root);
        for (std::size_t at = 0; at < tree.fixture.entries.size(); ++at)
            if (tree.fixture.entries[at].kind == FixtureEntry::Kind::kFile)
                tree.files.push_back(at);
        if (!tree.files.empty()) trees.push_back(std::move(tree));
    }
    return trees;
}

// Sometimes the file is gone, or a folder; else it holds something else.
void break_file(Random& random, const RecordedMachine& tree, const FixtureEntry& entry) {
    const fs::path path = tree.root / entry.path;
    const std::uint64_t way = random.below(16);
    if (way > 1) {
        const FixtureEntry& other =
            tree.fixture.entries[tree.files[random.below(tree.files.size())]];
        std::ofstream(path, std::ios::binary) << mutated(random, entry.content, other.content);
        return;
    }
    fs::remove(path);
    if (way == 1) fs::create_directory(path);
}

void expect_sound(const RecordedMachine& tree, const std::string& what) {
    const Host host = detect({.root = tree.root, .folder = "/var/lib/postgresql", .probe = true},
                             silent_progress());
    const auto& memory = host.memory;
    if (memory.limit.value && memory.total.value) {
        EXPECT_LE(memory.limit.value->count(), memory.total.value->count()) << what;
    }
    if (memory.limit.value) {
        EXPECT_GT(memory.limit.value->count(), 0) << what;
    }
    if (host.cpu.limit_cores.value && host.cpu.online.value) {
        EXPECT_LE(*host.cpu.limit_cores.value, static_cast<double>(*host.cpu.online.value)) << what;
    }
    if (host.cpu.limit_cores.value) {
        EXPECT_GT(*host.cpu.limit_cores.value, 0) << what;
    }
    const std::string text = to_json_line(to_json(host));
    const auto document = parse_json(text, what);
    EXPECT_TRUE(document.ok()) << what << ": " << document.error().wrong() << "\n" << text;
}

TEST(Mutation, BrokenFilesNeverBreakDetection) {
    const char* given = std::getenv("HONE_TEST_SEED");
    const std::uint64_t seed = given ? std::strtoull(given, nullptr, 10) : Random::fresh_seed();
    Random random(seed);
    const auto folder = TemporaryFolder::create(memory_folder(), "hone-mutation-").value();
    const std::vector<RecordedMachine> trees = expand_all(folder.path());
    const Deadline deadline = Deadline::after(kPatience);
    int done = 0;
    for (; done < kMutations && !deadline.expired() && !HasFailure(); ++done) {
        const RecordedMachine& tree = trees[random.below(trees.size())];
        const FixtureEntry& entry =
            tree.fixture.entries[tree.files[random.below(tree.files.size())]];
        break_file(random, tree, entry);
        expect_sound(tree, fmt::format("seed {}, mutation {}: {} of {}", seed, done, entry.path,
                                       tree.fixture.name));
        fs::remove_all(tree.root / entry.path);
        write_entry(entry, tree.root);
    }
    fmt::print("{} mutations, HONE_TEST_SEED={}\n", done, seed);
    EXPECT_GE(done, 100) << "detection is too slow to be tested";
}

}  // namespace

}  // namespace hone::host
