#include "change/journal.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/file.hpp"

namespace hone::change {
namespace {

class JournalTest : public testing::Test {
  protected:
    std::filesystem::path path() const { return folder_.path() / "journal.log"; }
    // Three records: intent, writing, written.
    void write_three() {
        auto journal = Journal::create(path());
        ASSERT_TRUE(journal.ok()) << journal.error().message();
        ASSERT_TRUE(journal->append(event::kIntent, {{"plan_id", "abc"}}).ok());
        ASSERT_TRUE(journal->append(event::kWriting, {{"path", "/x"}}).ok());
        ASSERT_TRUE(journal->append(event::kWritten, {{"path", "/x"}}).ok());
    }
    void overwrite(const std::string& text) { ASSERT_TRUE(replace_file(path(), text).ok()); }

    TemporaryFolder folder_ = TemporaryFolder::create("/tmp", "hone-journal-").value();
};

TEST_F(JournalTest, ReadsBackWhatWasAppended) {
    write_three();
    const auto content = read_journal(path());
    ASSERT_TRUE(content.ok()) << content.error().message();
    ASSERT_EQ(content->records.size(), 3U);
    EXPECT_EQ(content->records[0].event, "intent");
    EXPECT_EQ(content->records[0].detail.at("plan_id"), "abc");
    EXPECT_EQ(content->records[2].sequence, 3);
    EXPECT_FALSE(content->torn_tail);
}

TEST_F(JournalTest, DropsALastLineTornAtAnyByte) {
    write_three();
    const std::string whole = read_file(path()).value();
    const std::size_t second_end = whole.find('\n', whole.find('\n') + 1) + 1;
    for (std::size_t cut = second_end + 1; cut < whole.size(); ++cut) {
        overwrite(whole.substr(0, cut));
        const auto content = read_journal(path());
        ASSERT_TRUE(content.ok()) << cut;
        EXPECT_EQ(content->records.size(), 2U) << cut;
        EXPECT_TRUE(content->torn_tail) << cut;
    }
}

TEST_F(JournalTest, AnEditedLineInTheMiddleIsDataLoss) {
    write_three();
    std::string text = read_file(path()).value();
    text.replace(text.find("\"/x\""), 4, "\"/y\"");
    overwrite(text);
    const auto content = read_journal(path());
    ASSERT_FALSE(content.ok());
    EXPECT_EQ(content.error().code(), ErrorCode::kDataLoss);
    EXPECT_NE(content.error().message().find("line 2 is damaged"), std::string::npos);
}

TEST_F(JournalTest, ALineTakenOutOfTheMiddleIsDataLoss) {
    write_three();
    std::string text = read_file(path()).value();
    const std::size_t first_end = text.find('\n') + 1;
    text.erase(first_end, text.find('\n', first_end) + 1 - first_end);
    text += text.substr(0, first_end);
    overwrite(text);
    const auto content = read_journal(path());
    ASSERT_FALSE(content.ok());
    EXPECT_EQ(content.error().code(), ErrorCode::kDataLoss);
}

TEST_F(JournalTest, GoesOnAfterATornTail) {
    write_three();
    const std::string whole = read_file(path()).value();
    overwrite(whole.substr(0, whole.size() - 5));
    {
        auto journal = Journal::open(path());
        ASSERT_TRUE(journal.ok()) << journal.error().message();
        EXPECT_TRUE(journal->had_torn_tail());
        ASSERT_TRUE(journal->append(event::kUndoing).ok());
    }
    const auto content = read_journal(path());
    ASSERT_TRUE(content.ok()) << content.error().message();
    ASSERT_EQ(content->records.size(), 3U);
    EXPECT_EQ(content->records[2].event, "undoing");
    EXPECT_FALSE(content->torn_tail);
}

TEST_F(JournalTest, DoesNotTakeTheNameOfAnExistingOne) {
    write_three();
    EXPECT_FALSE(Journal::create(path()).ok());
}

TEST_F(JournalTest, LastRecordFindsTheNewestOfItsEvent) {
    write_three();
    const auto content = read_journal(path());
    ASSERT_NE(last_record(content->records, event::kWriting), nullptr);
    EXPECT_EQ(last_record(content->records, event::kWriting)->sequence, 2);
    EXPECT_EQ(last_record(content->records, event::kUndone), nullptr);
}

#ifdef HONE_FAILPOINTS
TEST_F(JournalTest, AFullDiskLeavesItAsItWas) {
    write_three();
    const std::string before = read_file(path()).value();
    auto journal = Journal::open(path());
    ASSERT_TRUE(journal.ok());
    ::setenv("HONE_FAILPOINT", "journal.fsync=ENOSPC", 1);
    const auto appended = journal->append(event::kKept);
    ::unsetenv("HONE_FAILPOINT");
    ASSERT_FALSE(appended.ok());
    EXPECT_EQ(appended.error().code(), ErrorCode::kExhausted);
    EXPECT_EQ(read_file(path()).value(), before);
    EXPECT_TRUE(journal->append(event::kKept).ok());
    EXPECT_EQ(read_journal(path())->records.size(), 4U);
}
#endif

}  // namespace
}  // namespace hone::change
