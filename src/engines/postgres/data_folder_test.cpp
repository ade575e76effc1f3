#include "engines/postgres/data_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.hpp"

namespace hone::postgres {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(PostmasterFile, EveryLineHasItsMeaning) {
    const auto file = parse_postmaster_file(
        "4711\n/var/lib/postgresql/15/main\n1732108000\n5433\n/var/run/postgresql\nlocalhost\n"
        "   123456    789\nready   \n");
    ASSERT_TRUE(file.has_value());
    EXPECT_EQ(file->pid, 4711);
    EXPECT_EQ(file->data_directory, "/var/lib/postgresql/15/main");
    EXPECT_EQ(file->start_time, 1732108000);
    EXPECT_EQ(file->port, 5433);
    EXPECT_EQ(file->socket_directory, "/var/run/postgresql");
    EXPECT_EQ(file->listen_address, "localhost");
    EXPECT_EQ(file->status, "ready");
}

TEST(PostmasterFile, ServerThatIsJustStartingHasFewerLines) {
    const auto file = parse_postmaster_file("4711\n/data\n1732108000\n");
    ASSERT_TRUE(file.has_value());
    EXPECT_EQ(file->port, std::nullopt);
    EXPECT_EQ(file->status, "");
}

TEST(PostmasterFile, StandaloneBackendAndJunkAreNoPostmaster) {
    EXPECT_FALSE(parse_postmaster_file("-4711\n/data\n1\n").has_value());
    EXPECT_FALSE(parse_postmaster_file("").has_value());
    EXPECT_FALSE(parse_postmaster_file("x\ny\nz\n").has_value());
    EXPECT_FALSE(parse_postmaster_file("99999999999\n/data\n1\n").has_value());
}

TEST(StartCommand, OptionsComeWithoutTheirQuotes) {
    EXPECT_THAT(parse_start_command("/usr/lib/postgresql/15/bin/postgres \"-D\" \"/a b\" \"-c\" "
                                    "\"log_line_prefix=%m \"\n"),
                ElementsAre("/usr/lib/postgresql/15/bin/postgres", "-D", "/a b", "-c",
                            "log_line_prefix=%m "));
    EXPECT_THAT(parse_start_command("/bin/postgres\n"), ElementsAre("/bin/postgres"));
    EXPECT_THAT(parse_start_command(""), IsEmpty());
}

TEST(StartCommand, QuotesInsideAnOptionAreKept) {
    EXPECT_THAT(parse_start_command("/bin/postgres \"-c\" \"search_path=\"$user\", public\"\n"),
                ElementsAre("/bin/postgres", "-c", "search_path=\"$user\", public"));
}

TEST(StartOption, EverySpellingOfAnAssignmentCounts) {
    EXPECT_EQ(start_option_value({"-c", "work_mem=5MB"}, "work_mem"), "5MB");
    EXPECT_EQ(start_option_value({"-cwork_mem=5MB"}, "work_mem"), "5MB");
    EXPECT_EQ(start_option_value({"--work-mem=5MB"}, "work_mem"), "5MB");
    EXPECT_EQ(start_option_value({"-B", "128MB"}, "shared_buffers"), "128MB");
    EXPECT_EQ(start_option_value({"-p5433"}, "port"), "5433");
    EXPECT_EQ(start_option_value({"-F"}, "fsync"), "off");
    EXPECT_EQ(start_option_value({"-D", "-c", "x"}, "work_mem"), std::nullopt);
}

TEST(StartOption, LastOneWins) {
    EXPECT_EQ(start_option_value({"-c", "work_mem=5MB", "-c", "work_mem=6MB"}, "work_mem"), "6MB");
}

TEST(StartOption, FolderIsFound) {
    EXPECT_EQ(start_option_folder({"-c", "a=b", "-D", "/data"}), "/data");
    EXPECT_EQ(start_option_folder({"-D/data"}), "/data");
    EXPECT_EQ(start_option_folder({"-c", "a=b"}), "");
}

TEST(SystemIdentifier, IsTheFirstEightBytes) {
    const auto folder = TemporaryFolder::create("/tmp", "hone-data-").value();
    ASSERT_TRUE(make_folders(folder.path() / "global").ok());
    ASSERT_TRUE(replace_file(folder.path() / "global/pg_control",
                             std::string_view("\x15\xcd\x5b\x07\x00\x00\x00\x80rest", 12))
                    .ok());
    EXPECT_EQ(read_system_identifier(folder.path()).value(), "9223372036978232597");
}

TEST(SystemIdentifier, TornFileIsDataLoss) {
    const auto folder = TemporaryFolder::create("/tmp", "hone-data-").value();
    ASSERT_TRUE(make_folders(folder.path() / "global").ok());
    ASSERT_TRUE(replace_file(folder.path() / "global/pg_control", "abc").ok());
    EXPECT_EQ(read_system_identifier(folder.path()).error().code(), ErrorCode::kDataLoss);
    EXPECT_EQ(read_system_identifier(folder.path() / "none").error().code(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace hone::postgres
