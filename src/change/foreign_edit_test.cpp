#include "change/foreign_edit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hone::change {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

ChangedSetting change(const std::string& setting, const std::string& to,
                      std::optional<std::string> altered_before = std::nullopt) {
    ChangedSetting made;
    made.setting = setting;
    made.to = to;
    made.altered_before = std::move(altered_before);
    return made;
}

TEST(AlteredByOthers, OldAndPlannedValuesAreNobodyElses) {
    const std::vector<ChangedSetting> changes{change("work_mem", "9MB"), change("jit", "off")};
    EXPECT_THAT(altered_by_others({{"jit", "on"}}, {{"jit", "on"}}, changes), IsEmpty());
    EXPECT_THAT(altered_by_others({}, {{"work_mem", "9MB"}}, changes), IsEmpty());
    EXPECT_THAT(altered_by_others({{"jit", "on"}}, {{"work_mem", "9MB"}, {"jit", "off"}}, changes),
                IsEmpty());
}

TEST(AlteredByOthers, OthersSettingsAddedChangedAndResetAreNamed) {
    const AlteredValues before{{"a", "1"}, {"b", "2"}, {"same", "3"}};
    const AlteredValues now{{"a", "9"}, {"c", "4"}, {"same", "3"}, {"work_mem", "9MB"}};
    EXPECT_THAT(altered_by_others(before, now, {change("work_mem", "9MB")}),
                ElementsAre("a", "b", "c"));
}

TEST(AlteredByOthers, AThirdValueOfAPlannedSettingIsSomebodyElses) {
    EXPECT_THAT(altered_by_others({{"work_mem", "5MB"}}, {{"work_mem", "7MB"}},
                                  {change("work_mem", "9MB")}),
                ElementsAre("work_mem"));
}

TEST(AlteredByOthers, ListsAndNamesAreComparedAsTheServerWritesThem) {
    EXPECT_THAT(
        altered_by_others({}, {{"datestyle", "iso, dmy"}}, {change("DateStyle", "iso,dmy")}),
        IsEmpty());
}

TEST(PlanSettingsAlteredByOthers, TheRestOfTheFileIsOutOfSight) {
    const std::vector<ChangedSetting> changes{change("work_mem", "9MB", "5MB"),
                                              change("jit", "off")};
    EXPECT_THAT(plan_settings_altered_by_others(
                    {{"work_mem", "5MB"}, {"jit", "off"}, {"else", "1"}}, changes),
                IsEmpty());
    EXPECT_THAT(plan_settings_altered_by_others({{"work_mem", "7MB"}}, changes),
                ElementsAre("work_mem"));
    EXPECT_THAT(plan_settings_altered_by_others({}, changes), ElementsAre("work_mem"));
}

class ForeignEditTest : public testing::Test {
  protected:
    ForeignEditTest() {
        EXPECT_TRUE(replace_file(file(), "old\n").ok());
        written_.before = back_up({file()}, backup())->front();
        EXPECT_TRUE(replace_file(file(), "new\n").ok());
        written_.sha256_after = sha256_of_file(file()).value();
    }
    std::filesystem::path file() const { return folder_.path() / "hone.conf"; }
    std::filesystem::path backup() const { return folder_.path() / "backup"; }
    bool is_edited(bool allow_old) const {
        return foreign_edit_of(Intent{}, written_, backup(), allow_old)->has_value();
    }
    TemporaryFolder folder_ = TemporaryFolder::create("/tmp", "hone-edit-").value();
    WrittenFile written_;
};

TEST_F(ForeignEditTest, AFileIsKnownByItsBytes) {
    EXPECT_FALSE(is_edited(false));
    ASSERT_TRUE(replace_file(file(), "old\n").ok());
    EXPECT_FALSE(is_edited(true));
    EXPECT_TRUE(is_edited(false));
    ASSERT_TRUE(replace_file(file(), "theirs\n").ok());
    EXPECT_TRUE(is_edited(true));
}

TEST_F(ForeignEditTest, AnEditIsKeptOnceForItsOwnerAlone) {
    ASSERT_TRUE(replace_file(file(), "theirs\n").ok());
    const auto copy = keep_edit(file(), backup());
    ASSERT_TRUE(copy.ok()) << copy.error().message();
    EXPECT_EQ(keep_edit(file(), backup()).value(), *copy);
    EXPECT_EQ(read_file(*copy).value(), "theirs\n");
    EXPECT_EQ(read_attributes(*copy)->mode, 0600U);
}

}  // namespace
}  // namespace hone::change
