#include "change/store.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/file.hpp"

namespace hone::change {
namespace {

std::vector<JournalRecord> records_of(const std::vector<std::string_view>& events) {
    std::vector<JournalRecord> records;
    for (const auto event : events)
        records.push_back({.sequence = static_cast<std::int64_t>(records.size()) + 1,
                           .time = "",
                           .event = std::string(event),
                           .detail = {}});
    return records;
}

TEST(StateAfter, FollowsTheLastDecisiveRecord) {
    EXPECT_EQ(state_after({}), ApplyState::kAbandoned);
    EXPECT_EQ(state_after(records_of({"intent"})), ApplyState::kInterrupted);
    EXPECT_EQ(state_after(records_of({"intent", "writing", "verified"})), ApplyState::kInterrupted);
    EXPECT_EQ(state_after(records_of({"intent", "verified", "kept"})), ApplyState::kKept);
    EXPECT_EQ(state_after(records_of({"intent", "abandoned"})), ApplyState::kAbandoned);
    EXPECT_EQ(state_after(records_of({"intent", "undoing"})), ApplyState::kInterrupted);
    EXPECT_EQ(state_after(records_of({"intent", "undoing", "undo_failed"})),
              ApplyState::kUndoFailed);
}

TEST(StateAfter, TellsWhoTookItBack) {
    auto records = records_of({"intent", "kept", "undoing", "undone"});
    records[2].detail["by"] = "rollback";
    EXPECT_EQ(state_after(records), ApplyState::kRolledBack);
    records[2].detail["by"] = "recover";
    EXPECT_EQ(state_after(records), ApplyState::kUndone);
}

class StoreTest : public testing::Test {
  protected:
    Intent intent() const {
        Intent intent;
        intent.plan_id = "0123456789ab";
        intent.system_identifier = "77";
        intent.data_directory = "/data/one";
        intent.was_running = true;
        intent.changes.push_back({.setting = "work_mem",
                                  .from = "4MB",
                                  .to = "8MB",
                                  .before = "4096",
                                  .after = "8192",
                                  .altered_before = std::nullopt});
        return intent;
    }
    std::string begin_apply() {
        const auto folder = store_.create();
        EXPECT_TRUE(folder.ok()) << folder.error().message();
        auto journal = Journal::create(*folder / "journal.log");
        EXPECT_TRUE(journal.ok() && journal->append(event::kIntent, to_json(intent())).ok());
        return folder->filename().string();
    }

    TemporaryFolder folder_ = TemporaryFolder::create("/tmp", "hone-store-").value();
    Store store_{folder_.path() / "state"};
};

TEST_F(StoreTest, AnAbsentStateFolderHoldsNothing) {
    EXPECT_TRUE(store_.list()->empty());
}

TEST_F(StoreTest, ListsTheOldestFirstAlsoWithinOneSecond) {
    std::vector<std::string> begun;
    for (int i = 0; i < 50; ++i) begun.push_back(begin_apply());
    std::vector<std::string> listed;
    const auto applies = store_.list();
    for (const Apply& apply : *applies) listed.push_back(apply.id);
    EXPECT_EQ(listed, begun);
}

TEST_F(StoreTest, FoldersAreForTheirOwnerAlone) {
    const auto folder = store_.create();
    struct stat facts{};
    ASSERT_EQ(::stat(folder->c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 07777, 0700U);
}

TEST_F(StoreTest, FindsWhatWasBegun) {
    const std::string id = begin_apply();
    const auto apply = store_.find(id);
    ASSERT_TRUE(apply.ok()) << apply.error().message();
    EXPECT_EQ(apply->state, ApplyState::kInterrupted);
    ASSERT_TRUE(apply->intent.has_value());
    EXPECT_EQ(apply->intent->changes.front().before, "4096");
    EXPECT_FALSE(apply->intent->changes.front().altered_before.has_value());
}

TEST_F(StoreTest, AnOpenApplyConcernsItsOwnServerOnly) {
    begin_apply();
    EXPECT_EQ(store_.open_ones("/data/one", "77")->size(), 1U);
    EXPECT_EQ(store_.open_ones("/data/copy", "77")->size(), 0U);
    EXPECT_EQ(store_.open_ones("", "77")->size(), 1U);
    EXPECT_EQ(store_.open_ones("", "78")->size(), 0U);
}

TEST_F(StoreTest, AnOpenApplyIsRefusedWithItsNameAndTheWayOut) {
    const std::string id = begin_apply();
    const auto refused = refuse_open_journal(folder_.path() / "state", "/data/one", "77");
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code(), ErrorCode::kFailedPrecondition);
    EXPECT_NE(refused.error().message().find(id), std::string::npos);
    EXPECT_NE(refused.error().message().find("hone recover"), std::string::npos);
}

TEST_F(StoreTest, ADamagedJournalStopsEverythingAndNamesItsCopies) {
    const std::string id = begin_apply();
    const auto journal = folder_.path() / "state" / "applies" / id / "journal.log";
    const std::string intact = read_file(journal).value();
    ASSERT_TRUE(replace_file(journal, "rubbish\n" + intact).ok());
    const auto refused = refuse_open_journal(folder_.path() / "state", "/data/other", "78");
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code(), ErrorCode::kDataLoss);
    EXPECT_NE(refused.error().advice().find(id + "/backup"), std::string::npos);
}

TEST_F(StoreTest, AFolderWithoutAJournalIsAbandoned) {
    ASSERT_TRUE(store_.create().ok());
    EXPECT_EQ(store_.list()->front().state, ApplyState::kAbandoned);
    EXPECT_TRUE(store_.open_ones("/data/one", "77")->empty());
}

TEST_F(StoreTest, ADamagedJournalIsListedWithTheReason) {
    const std::string id = begin_apply();
    const auto journal = store_.find(id)->journal_path();
    const std::string text = read_file(journal).value();
    ASSERT_TRUE(replace_file(journal, "{\"sequence\":1}\n" + text).ok());
    EXPECT_EQ(store_.list()->front().state, ApplyState::kUnreadable);
    EXPECT_NE(store_.list()->front().problem.find("damaged"), std::string::npos);
}

}  // namespace
}  // namespace hone::change
