#include "engines/postgres/config_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>

#include "base/file.hpp"
#include "base/random.hpp"

namespace hone::postgres {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string value_in(std::string_view text, std::string_view name) {
    for (const ConfigEntry& entry : parse_config_text(text, "test.conf").entries)
        if (entry.name == name) return entry.value;
    return "absent";
}

class ConfigTreeTest : public testing::Test {
  protected:
    ConfigTreeTest() : folder_(TemporaryFolder::create("/tmp", "hone-config-").value()) {}

    fs::path write(const std::string& name, std::string_view content) {
        const fs::path file = folder_.path() / name;
        EXPECT_TRUE(make_folders(file.parent_path()).ok());
        EXPECT_TRUE(replace_file(file, content).ok());
        return file;
    }
    ConfigTree read(const fs::path& main, const fs::path& automatic = {}) {
        return read_config_tree(main, automatic).value();
    }

    TemporaryFolder folder_;
};

TEST(ConfigText, EqualsSignIsOptional) {
    EXPECT_EQ(value_in("work_mem 4MB", "work_mem"), "4MB");
    EXPECT_EQ(value_in("work_mem=4MB", "work_mem"), "4MB");
    EXPECT_EQ(value_in("  work_mem\t=\t4MB  # enough", "work_mem"), "4MB");
}

TEST(ConfigText, NamesAreLowerCase) {
    EXPECT_EQ(value_in("Work_Mem = 4MB", "work_mem"), "4MB");
}

TEST(ConfigText, QualifiedNamesAreNames) {
    EXPECT_EQ(value_in("pg_stat_statements.max = 10000", "pg_stat_statements.max"), "10000");
}

TEST(ConfigText, QuotesAndEscapesAreResolved) {
    EXPECT_EQ(value_in("a = 'it''s'", "a"), "it's");
    EXPECT_EQ(value_in(R"(a = 'it\'s')", "a"), "it's");
    EXPECT_EQ(value_in(R"(a = 'tab\tend')", "a"), "tab\tend");
    EXPECT_EQ(value_in(R"(a = '\101\60')", "a"), "A0");
    EXPECT_EQ(value_in(R"(a = 'back\\slash')", "a"), "back\\slash");
    EXPECT_EQ(value_in("a = ''", "a"), "");
    EXPECT_EQ(value_in("a = 'x # no comment'", "a"), "x # no comment");
}

TEST(ConfigText, NumbersMayHaveSignExponentAndHexadecimalDigits) {
    EXPECT_EQ(value_in("a = -1", "a"), "-1");
    EXPECT_EQ(value_in("a = +.5", "a"), "+.5");
    EXPECT_EQ(value_in("a = 1.5e-3", "a"), "1.5e-3");
    EXPECT_EQ(value_in("a = 0xFF", "a"), "0xFF");
}

TEST(ConfigText, WordsWithPunctuationNeedNoQuotes) {
    EXPECT_EQ(value_in("TimeZone = Europe/Berlin", "timezone"), "Europe/Berlin");
    EXPECT_EQ(value_in("lc_messages = C.UTF-8", "lc_messages"), "C.UTF-8");
}

TEST(ConfigText, WhatTheScannerRefusesIsAProblemWithItsLine) {
    for (const char* line : {"work_mem = 1.5MB", "listen_addresses = 127.0.0.1", "a = b.c", "a =",
                             "a = 1 2", "= 3", "a = 'open", "1a = 2", "a = b = c", "'a' = 1"}) {
        const ConfigText parsed =
            parse_config_text("first = 1\n" + std::string(line) + "\nlast = 2\n", "x.conf");
        ASSERT_THAT(parsed.problems, SizeIs(1)) << line;
        EXPECT_EQ(parsed.problems[0].line, 2) << line;
        EXPECT_EQ(parsed.problems[0].file, "x.conf");
        EXPECT_THAT(parsed.entries, SizeIs(2)) << line;
    }
}

TEST(ConfigText, CarriageReturnsAreWhitespace) {
    const ConfigText parsed = parse_config_text("a = 1\r\nb = 'x'\r\n", "x.conf");
    EXPECT_THAT(parsed.problems, IsEmpty());
    ASSERT_THAT(parsed.entries, SizeIs(2));
    EXPECT_EQ(parsed.entries[1].value, "x");
    EXPECT_EQ(parsed.entries[1].line, 2);
}

TEST(ConfigText, LastLineNeedsNoNewline) {
    EXPECT_EQ(value_in("a = 1\nb = 2", "b"), "2");
}

TEST(ConfigText, ZeroByteIsAProblem) {
    const ConfigText parsed = parse_config_text(std::string_view("a = 1\0\nb = 2\n", 13), "x.conf");
    EXPECT_THAT(parsed.problems, SizeIs(1));
    ASSERT_THAT(parsed.entries, SizeIs(1));
    EXPECT_EQ(parsed.entries[0].name, "b");
}

TEST(ConfigText, GivesUpAfterAHundredErrorsAsTheServerDoes) {
    std::string junk;
    for (int line = 0; line < 500; ++line) junk += "!\n";
    EXPECT_THAT(parse_config_text(junk, "x.conf").problems, SizeIs(101));
}

TEST(ConfigText, IncludesAreEntries) {
    const ConfigText parsed = parse_config_text("include 'a.conf'\nInclude_Dir = 'd'\n", "x.conf");
    ASSERT_THAT(parsed.entries, SizeIs(2));
    EXPECT_EQ(parsed.entries[0].name, "include");
    EXPECT_EQ(parsed.entries[1].name, "include_dir");
}

TEST(ConfigText, RandomBytesNeverBreakIt) {
    const std::uint64_t seed = Random::fresh_seed();
    std::cout << "seed " << seed << '\n';
    Random random(seed);
    constexpr std::string_view kLikely = "aA_1.'\\=#\n\r\t -+:/e0x\xc3\xa4";
    for (int round = 0; round < 3000; ++round) {
        std::string text;
        for (std::uint64_t length = random.below(120); length > 0; --length)
            text += random.below(8) == 0 ? static_cast<char>(random.below(256))
                                         : kLikely[random.below(kLikely.size())];
        const ConfigText parsed = parse_config_text(text, "x.conf");
        const auto lines = std::count(text.begin(), text.end(), '\n') + 1;
        for (const ConfigEntry& entry : parsed.entries) {
            EXPECT_GE(entry.line, 1);
            EXPECT_LE(entry.line, lines);
        }
    }
}

TEST_F(ConfigTreeTest, LastDuplicateWins) {
    const ConfigTree tree = read(write("main.conf", "work_mem = 4MB\nwork_mem = 8MB\n"));
    ASSERT_NE(tree.winner("WORK_MEM"), nullptr);
    EXPECT_EQ(tree.winner("work_mem")->value, "8MB");
    EXPECT_EQ(tree.winner("work_mem")->line, 2);
    EXPECT_EQ(tree.winner("shared_buffers"), nullptr);
}

TEST_F(ConfigTreeTest, FolderIsReadWhereItStandsInByteOrder) {
    const fs::path main =
        write("main.conf", "a = 0\ninclude_dir 'conf.d'\nb = 'after the folder'\n");
    write("conf.d/20-late.conf", "a = 20\nb = 'in the folder'\n");
    write("conf.d/10-early.conf", "a = 10\n");
    write("conf.d/B.conf", "order = 'upper'\n");
    write("conf.d/a.conf", "order = 'lower'\n");
    write("conf.d/.hidden.conf", "a = 99\n");
    write("conf.d/note.txt", "a = 98\n");
    const ConfigTree tree = read(main);
    EXPECT_THAT(tree.problems, IsEmpty());
    EXPECT_EQ(tree.winner("a")->value, "20");
    EXPECT_EQ(tree.winner("b")->value, "after the folder");
    EXPECT_EQ(tree.winner("order")->value, "lower");
    EXPECT_THAT(tree.include_folders, ElementsAre(folder_.path() / "conf.d"));
    EXPECT_THAT(tree.files, SizeIs(5));
}

TEST_F(ConfigTreeTest, IncludesAreRelativeToTheIncludingFile) {
    const fs::path main = write("main.conf", "include 'sub/one.conf'\n");
    write("sub/one.conf", "include 'two.conf'\na = 1\n");
    write("sub/two.conf", "a = 2\n");
    EXPECT_EQ(read(main).winner("a")->value, "1");
    EXPECT_THAT(read(main).entries, SizeIs(2));
}

TEST_F(ConfigTreeTest, MissingIncludeIsAProblemUnlessItMayBeMissing) {
    const fs::path main =
        write("main.conf", "include_if_exists 'none.conf'\ninclude 'gone.conf'\na = 1\n");
    const ConfigTree tree = read(main);
    ASSERT_THAT(tree.problems, SizeIs(1));
    EXPECT_EQ(tree.problems[0].line, 2);
    EXPECT_THAT(tree.problems[0].message, HasSubstr("gone.conf"));
    EXPECT_EQ(tree.winner("a")->value, "1");
}

TEST_F(ConfigTreeTest, LoopIsAProblem) {
    const fs::path main = write("main.conf", "include 'other.conf'\na = 1\n");
    write("other.conf", "include 'main.conf'\nb = 2\n");
    const ConfigTree tree = read(main);
    ASSERT_THAT(tree.problems, SizeIs(1));
    EXPECT_EQ(tree.problems[0].file, folder_.path() / "other.conf");
    EXPECT_THAT(tree.problems[0].message, HasSubstr("includes itself"));
    EXPECT_EQ(tree.winner("b")->value, "2");
}

TEST_F(ConfigTreeTest, TenLevelsAreReadAndElevenAreNot) {
    for (int level = 0; level < 12; ++level)
        write("level" + std::to_string(level) + ".conf",
              "depth = " + std::to_string(level) + "\ninclude 'level" + std::to_string(level + 1) +
                  ".conf'\n");
    const ConfigTree tree = read(folder_.path() / "level0.conf");
    EXPECT_EQ(tree.winner("depth")->value, "10");
    ASSERT_THAT(tree.problems, SizeIs(1));
    EXPECT_THAT(tree.problems[0].message, HasSubstr("deeper than 10"));
}

TEST_F(ConfigTreeTest, AutomaticFileIsReadLast) {
    const fs::path main = write("main.conf", "a = 1\n");
    const fs::path automatic = write("data/postgresql.auto.conf", "a = '2'\n");
    EXPECT_EQ(read(main, automatic).winner("a")->value, "2");
    EXPECT_EQ(read(main, automatic).files.back(), automatic);
    EXPECT_EQ(read(main, folder_.path() / "absent.auto.conf").winner("a")->value, "1");
}

TEST_F(ConfigTreeTest, MissingMainFileIsAnError) {
    const auto tree = read_config_tree(folder_.path() / "absent.conf", "");
    ASSERT_FALSE(tree.ok());
    EXPECT_EQ(tree.error().code(), ErrorCode::kNotFound);
}

TEST(ConfigLine, QuotesWhatTheGrammarWouldMisread) {
    EXPECT_EQ(config_line("work_mem", "16MB"), "work_mem = '16MB'");
    EXPECT_EQ(config_line("log_line_prefix", "%m 'x' \\"), R"(log_line_prefix = '%m ''x'' \\')");
    for (const char* value : {"16MB", "0.9", "on", "1.5GB", "lz4", "it's", "a\\b", "", "-1"})
        EXPECT_EQ(value_in(config_line("a", value), "a"), value);
}

}  // namespace
}  // namespace hone::postgres
