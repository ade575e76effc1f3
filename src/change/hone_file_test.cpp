#include "change/hone_file.hpp"

#include <gtest/gtest.h>

#include "base/file.hpp"

namespace hone::change {
namespace {

Plan plan_of(std::vector<std::pair<std::string, std::string>> settings) {
    Plan plan;
    for (auto& [name, value] : settings) {
        Change change;
        change.setting = name;
        change.to = value;
        change.reason = "because of " + name;
        plan.changes.push_back(std::move(change));
    }
    return plan;
}

TEST(HoneFile, HoldsThePlanWithItsReasons) {
    EXPECT_EQ(merged_hone_file("", plan_of({{"work_mem", "8MB"}, {"jit", "off"}})),
              "# Written by hone: do not edit, the next hone apply replaces this file.\n"
              "# What was changed and why: hone history. To take it back: hone rollback.\n"
              "\n"
              "# because of jit\n"
              "jit = off\n"
              "\n"
              "# because of work_mem\n"
              "work_mem = '8MB'\n");
}

TEST(HoneFile, ASecondPlanKeepsWhatItDoesNotName) {
    const std::string merged =
        merged_hone_file("jit = off\nwork_mem = '8MB'\n", plan_of({{"work_mem", "16MB"}}));
    EXPECT_NE(merged.find("\njit = off\n"), std::string::npos);
    EXPECT_NE(merged.find("\nwork_mem = '16MB'\n"), std::string::npos);
    EXPECT_EQ(merged.find("8MB"), std::string::npos);
}

TEST(HoneFile, AReasonCannotBecomeASetting) {
    Plan plan = plan_of({{"jit", "off"}});
    plan.changes[0].reason = "fine\nfsync = off";
    EXPECT_EQ(merged_hone_file("", plan).find("\nfsync"), std::string::npos);
}

TEST(HoneFile, TheIncludeLineComesLast) {
    EXPECT_EQ(with_include_line("port = 5433", "/d/postgresql.conf", "/d/hone.conf"),
              "port = 5433\n\n# Settings made by hone; keep this line last.\n"
              "include_if_exists = 'hone.conf'\n");
}

TEST(HoneFile, AnIncludeLineThatIsLastStays) {
    const std::string text =
        "port = 5433\n\n# Settings made by hone; keep this line last.\n"
        "include_if_exists = 'hone.conf'\n# a comment after it does no harm\n";
    EXPECT_EQ(with_include_line(text, "/d/postgresql.conf", "/d/hone.conf"), text);
}

TEST(HoneFile, AnIncludeLineThatSettingsFollowIsMovedToTheEnd) {
    EXPECT_EQ(with_include_line("port = 1\n# Settings made by hone; keep this line last.\n"
                                "include_if_exists = 'hone.conf'\nwork_mem = 1MB\n",
                                "/d/postgresql.conf", "/d/hone.conf"),
              "port = 1\nwork_mem = 1MB\n\n# Settings made by hone; keep this line last.\n"
              "include_if_exists = 'hone.conf'\n");
}

class PlaceHoneFile : public testing::Test {
  protected:
    std::filesystem::path main_file() const { return folder_.path() / "postgresql.conf"; }
    postgres::ConfigTree tree_with(const std::string& folder) const {
        postgres::ConfigTree tree;
        tree.include_folders.push_back(folder_.path() / folder);
        return tree;
    }
    TemporaryFolder folder_ = TemporaryFolder::create("/tmp", "hone-place-").value();
};

TEST_F(PlaceHoneFile, PrefersTheIncludeFolder) {
    ASSERT_TRUE(make_folders(folder_.path() / "conf.d").ok());
    const auto placement =
        place_hone_file(main_file(), "", tree_with("conf.d"), PlaceChoice::kUsual);
    EXPECT_EQ(placement.file, folder_.path() / "conf.d/90-hone.conf");
    EXPECT_FALSE(placement.needs_include_line);
}

TEST_F(PlaceHoneFile, GoesBesideTheMainFileWithoutAnIncludeFolder) {
    const auto placement =
        place_hone_file(main_file(), "", tree_with("gone.d"), PlaceChoice::kUsual);
    EXPECT_EQ(placement.file, folder_.path() / "hone.conf");
    EXPECT_TRUE(placement.needs_include_line);
}

TEST_F(PlaceHoneFile, StaysWhereAnEarlierApplyPutIt) {
    ASSERT_TRUE(make_folders(folder_.path() / "conf.d").ok());
    const auto placement = place_hone_file(main_file(), "include_if_exists = 'hone.conf'\n",
                                           tree_with("conf.d"), PlaceChoice::kUsual);
    EXPECT_EQ(placement.file, folder_.path() / "hone.conf");
}

TEST_F(PlaceHoneFile, GoesToTheEndWhenAsked) {
    ASSERT_TRUE(make_folders(folder_.path() / "conf.d").ok());
    const auto placement =
        place_hone_file(main_file(), "", tree_with("conf.d"), PlaceChoice::kEndOfFile);
    EXPECT_EQ(placement.file, folder_.path() / "hone.conf");
    EXPECT_TRUE(placement.needs_include_line);
}

}  // namespace
}  // namespace hone::change
