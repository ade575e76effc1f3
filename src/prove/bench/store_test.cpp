#include "prove/bench/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.hpp"

namespace hone::prove {
namespace {

using ::testing::HasSubstr;

std::string page(const BenchResult& result) {
    return "<p>" + result.id + "</p>";
}

class BenchStoreTest : public testing::Test {
  protected:
    std::string save(const std::string& name) {
        BenchResult result;
        result.key.name = name;
        const auto folder = store_.save(result, page);
        EXPECT_TRUE(folder.ok()) << folder.error().message();
        return result.id;
    }
    std::filesystem::path benches() const { return folder_->path() / "benches"; }

    Result<TemporaryFolder> folder_ = TemporaryFolder::create("/tmp", "hone-store-");
    BenchStore store_{folder_->path()};
};

TEST_F(BenchStoreTest, ListsWhatWasKeptOldestFirst) {
    const std::string first = save("one");
    const std::string second = save("two");
    const auto list = store_.list();
    ASSERT_TRUE(list.ok());
    ASSERT_EQ(list->size(), 2U);
    EXPECT_EQ((*list)[0].id, first);
    EXPECT_EQ((*list)[1].id, second);
    EXPECT_EQ((*list)[1].result->key.name, "two");
    EXPECT_EQ(read_file(benches() / first / "report.html").value(), "<p>" + first + "</p>");
}

TEST_F(BenchStoreTest, IsEmptyWhereNothingWasKept) {
    EXPECT_TRUE(store_.list()->empty());
}

TEST_F(BenchStoreTest, DoesNotListWhatWasNotFinished) {
    const std::string id = save("one");
    ASSERT_TRUE(remove_file(benches() / id / "result.json").ok());
    EXPECT_TRUE(store_.list()->empty());
}

TEST_F(BenchStoreTest, ListsADamagedResultWithTheReason) {
    const std::string id = save("one");
    ASSERT_TRUE(replace_file(benches() / id / "result.json", "{").ok());
    const auto list = store_.list();
    ASSERT_EQ(list->size(), 1U);
    EXPECT_FALSE((*list)[0].result);
    EXPECT_THAT((*list)[0].problem, HasSubstr("cut off"));
    EXPECT_EQ(store_.find(id).error().code(), ErrorCode::kDataLoss);
}

TEST_F(BenchStoreTest, NamesTheClosestWhereThereIsNoneOfThatName) {
    const std::string id = save("one");
    std::string wrong = id;
    wrong.back() = 'f';
    EXPECT_THAT(store_.find(wrong).error().message(), HasSubstr("did you mean " + id));
}

TEST_F(BenchStoreTest, KeepsABaselineUnderItsName) {
    BenchResult result;
    result.key.name = "one";
    ASSERT_TRUE(store_.save_baseline("before-upgrade", result).ok());
    EXPECT_EQ(store_.baseline("before-upgrade")->key.name, "one");
    EXPECT_THAT(store_.baseline("before-upgrad").error().message(),
                HasSubstr("did you mean before-upgrade?"));
}

TEST(BaselineName, StaysInItsFolder) {
    EXPECT_TRUE(check_baseline_name("v1.2_main-3").ok());
    for (const char* name : {"", "../x", ".x", "a/b", "a b"})
        EXPECT_FALSE(check_baseline_name(name).ok()) << name;
    EXPECT_FALSE(check_baseline_name(std::string(65, 'a')).ok());
}

}  // namespace
}  // namespace hone::prove
