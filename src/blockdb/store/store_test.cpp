#include "blockdb/store/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <thread>

#include "base/file.hpp"

namespace hone::blockdb {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class StoreTest : public testing::Test {
  protected:
    StoreOptions options() const {
        StoreOptions options;
        options.folder = folder_.path() / "ledger";
        options.origin = "ledger.test";
        options.memtable_size = Bytes::mega(1);
        options.block_cache_size = Bytes::mega(1);
        options.key_map_memory = Bytes::mega(1);
        return options;
    }
    std::unique_ptr<Store> make() const {
        StoreOptions made = options();
        made.create = true;
        auto store = Store::open(made);
        EXPECT_TRUE(store.ok()) << store.error().message();
        return std::move(store).value();
    }
    std::unique_ptr<Store> open_again() const {
        auto store = Store::open(options());
        EXPECT_TRUE(store.ok()) << store.error().message();
        return std::move(store).value();
    }
    Error refusal(StoreOptions options) const {
        auto store = Store::open(options);
        EXPECT_FALSE(store.ok());
        return store.error();
    }

    TemporaryFolder folder_ = TemporaryFolder::create("/tmp", "hone-ledger-").value();
};

std::vector<std::string> keys_of(const ScanPage& page) {
    std::vector<std::string> keys;
    for (const StoredRecord& record : page.records) keys.push_back(record.leaf.key);
    return keys;
}

TEST_F(StoreTest, ANewLedgerIsGenesisAlone) {
    const auto store = make();
    EXPECT_EQ(store->head(), genesis_block());
    EXPECT_EQ(store->origin(), "ledger.test");
    EXPECT_EQ(store->get("anything").error().code(), ErrorCode::kNotFound);
}

TEST_F(StoreTest, GivesBackWhatWasPut) {
    const auto store = make();
    const PutOutcome outcome = store->put({{"account/1", "ten"}, {"account/2", "twenty"}});
    ASSERT_TRUE(outcome.receipt.has_value());
    EXPECT_EQ(outcome.receipt->block.height, 1U);
    EXPECT_EQ(outcome.receipt->first_sequence, 0U);
    EXPECT_EQ(store->get("account/2")->content->value, "twenty");
    EXPECT_EQ(store->record(0)->leaf.key, "account/1");
    EXPECT_EQ(store->block(1).value(), outcome.receipt->block);
}

TEST_F(StoreTest, KeepsEverythingWhenItIsOpenedAgain) {
    Block head;
    {
        const auto store = make();
        for (int i = 0; i < 50; ++i)
            ASSERT_TRUE(store->put({{"key " + std::to_string(i), "value"}}).receipt.has_value());
        head = store->head();
    }
    const auto store = open_again();
    EXPECT_EQ(store->head(), head);
    EXPECT_EQ(store->durable_height(), 50U);
    EXPECT_EQ(store->get("key 49")->leaf.sequence, 49U);
    ASSERT_TRUE(store->put({{"key 50", "value"}}).receipt.has_value());
    EXPECT_EQ(store->head().previous_hash, block_hash(head));
}

TEST_F(StoreTest, AKeyIsPutOnce) {
    const auto store = make();
    ASSERT_TRUE(store->put({{"key", "first"}}).receipt.has_value());
    const PutOutcome again = store->put({{"key", "second"}});
    ASSERT_EQ(again.conflicts.size(), 1U);
    EXPECT_EQ(again.conflicts[0].key, "key");
    EXPECT_EQ(again.conflicts[0].sequence, 0U);
    EXPECT_FALSE(again.conflicts[0].same_value);
    EXPECT_EQ(store->get("key")->content->value, "first");
}

TEST_F(StoreTest, PuttingTheSameValueAgainSaysSo) {
    const auto store = make();
    store->put({{"key", "value"}});
    EXPECT_TRUE(store->put({{"key", "value"}}).conflicts.at(0).same_value);
}

TEST_F(StoreTest, PutsAllOfARequestOrNothing) {
    const auto store = make();
    store->put({{"b", "1"}});
    const PutOutcome outcome = store->put({{"a", "2"}, {"b", "2"}, {"c", "2"}});
    ASSERT_EQ(outcome.conflicts.size(), 1U);
    EXPECT_EQ(store->get("a").error().code(), ErrorCode::kNotFound);
    EXPECT_EQ(store->get("c").error().code(), ErrorCode::kNotFound);
    EXPECT_EQ(store->head().tree_size, 1U);
}

TEST_F(StoreTest, AKeyTwiceInOneRequestIsAConflictWithItself) {
    const auto store = make();
    const PutOutcome outcome = store->put({{"a", "1"}, {"a", "1"}});
    ASSERT_EQ(outcome.conflicts.size(), 1U);
    EXPECT_TRUE(outcome.conflicts[0].within_request);
    EXPECT_EQ(store->head().height, 0U);
}

TEST_F(StoreTest, RefusesKeysOfTheLedgersOwnAndEmptyOnes) {
    const auto store = make();
    EXPECT_EQ(store->put({{std::string("\0mine", 5), "x"}}).error->code(),
              ErrorCode::kInvalidArgument);
    EXPECT_EQ(store->put({{"", "x"}}).error->code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(store->put({}).error->code(), ErrorCode::kInvalidArgument);
}

TEST_F(StoreTest, RefusesMoreThanTheQueueHolds) {
    StoreOptions small = options();
    small.create = true;
    small.longest_queue = 2;
    const auto store = Store::open(small).value();
    const PutOutcome outcome = store->put({{"a", "1"}, {"b", "1"}, {"c", "1"}});
    ASSERT_TRUE(outcome.error.has_value());
    EXPECT_EQ(outcome.error->code(), ErrorCode::kExhausted);
    EXPECT_TRUE(store->put({{"a", "1"}, {"b", "1"}}).receipt.has_value());
}

TEST_F(StoreTest, OneOfManyWritersWinsEachKey) {
    constexpr int kWriters = 16;
    constexpr int kKeys = 40;
    const auto store = make();
    std::array<std::atomic<int>, kKeys> won{};
    std::latch begin(kWriters);
    {
        std::vector<std::jthread> writers;
        for (int writer = 0; writer < kWriters; ++writer)
            writers.emplace_back([&, writer] {
                begin.arrive_and_wait();
                for (int key = 0; key < kKeys; ++key)
                    if (store->put({{std::to_string(key), std::to_string(writer)}}).receipt)
                        ++won[static_cast<std::size_t>(key)];
            });
    }
    for (const auto& winners : won) EXPECT_EQ(winners, 1);
    EXPECT_EQ(store->head().tree_size, 40U);
}

TEST_F(StoreTest, PutsThatComeTogetherShareABlock) {
    StoreOptions slow = options();
    slow.create = true;
    slow.block_delay = Seconds(5);
    slow.most_records_per_block = 3;
    const auto store = Store::open(slow).value();
    std::vector<std::promise<PutOutcome>> answers(3);
    for (std::size_t i = 0; i < answers.size(); ++i)
        store->put({{std::to_string(i), "v"}}, Durability::kStrict,
                   [&answers, i](PutOutcome outcome) { answers[i].set_value(std::move(outcome)); });
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const PutOutcome outcome = answers[i].get_future().get();
        ASSERT_TRUE(outcome.receipt.has_value());
        EXPECT_EQ(outcome.receipt->block.height, 1U);
        EXPECT_EQ(outcome.receipt->first_sequence, i);
    }
}

TEST_F(StoreTest, ARelaxedPutIsReadableBeforeItIsDurable) {
    StoreOptions relaxed = options();
    relaxed.create = true;
    relaxed.relaxed_flush_interval = Seconds(3600);
    const auto store = Store::open(relaxed).value();
    ASSERT_TRUE(store->put({{"a", "1"}}, Durability::kRelaxed).receipt.has_value());
    EXPECT_EQ(store->durable_height(), 0U);
    EXPECT_EQ(store->get("a")->content->value, "1");
    ASSERT_TRUE(store->put({{"b", "1"}}).receipt.has_value());
    EXPECT_EQ(store->durable_height(), 2U);
}

TEST_F(StoreTest, ScansAPrefixInPages) {
    const auto store = make();
    store->put({{"a/3", "."}, {"b/1", "."}, {"a/1", "."}, {"a/2", "."}});
    ScanRequest request{.prefix = "a/", .after = "", .limit = 2, .height = std::nullopt};
    const ScanPage first = store->scan(request).value();
    EXPECT_THAT(keys_of(first), ElementsAre("a/1", "a/2"));
    EXPECT_TRUE(first.more);
    request.after = "a/2";
    const ScanPage second = store->scan(request).value();
    EXPECT_THAT(keys_of(second), ElementsAre("a/3"));
    EXPECT_FALSE(second.more);
}

TEST_F(StoreTest, AScanOfAHeightDoesNotSeeLaterRecords) {
    const auto store = make();
    store->put({{"a", "."}, {"c", "."}});
    store->put({{"b", "."}});
    const ScanPage page =
        store->scan({.prefix = "", .after = "", .limit = 10, .height = 1}).value();
    EXPECT_THAT(keys_of(page), ElementsAre("a", "c"));
}

TEST_F(StoreTest, ProvesRecordsGrowthPresenceAndAbsence) {
    const auto store = make();
    for (int i = 0; i < 20; ++i)
        store->put({{"key " + std::to_string(i), "."}, {"other " + std::to_string(i), "."}});
    const RecordProof record = store->prove_record("key 7").value();
    EXPECT_TRUE(verify_record(record.head, record.record.leaf, record.inclusion).ok());
    const ConsistencyProof growth = store->prove_growth(3, 20).value();
    EXPECT_TRUE(verify_growth(*store->block(3), *store->block(20), growth).ok());
    const auto present = store->prove_key("key 7").value();
    EXPECT_EQ(verify_key(present.head, "key 7", present.proof).value(), 14U);
    const auto absent = store->prove_key("key 20").value();
    EXPECT_EQ(verify_key(absent.head, "key 20", absent.proof).value(), std::nullopt);
}

TEST_F(StoreTest, TheKeyMapIsTheSameAfterItWasOpenedAgain) {
    StoreOptions tiny = options();
    tiny.create = true;
    tiny.key_map_memory = Bytes(5000);  // pages are written, dropped and read again
    {
        const auto store = Store::open(tiny).value();
        for (int i = 0; i < 200; ++i)
            ASSERT_TRUE(store->put({{"key " + std::to_string(i), "."}}).receipt.has_value());
    }
    tiny.create = false;
    const auto store = Store::open(tiny).value();
    const auto proof = store->prove_key("key 150").value();
    EXPECT_EQ(verify_key(proof.head, "key 150", proof.proof).value(), 150U);
    ASSERT_TRUE(store->put({{"key 200", "."}}).receipt.has_value());
}

TEST_F(StoreTest, OneProcessHasItOpen) {
    const auto store = make();
    const Error error = refusal(options());
    EXPECT_EQ(error.code(), ErrorCode::kConflict);
}

TEST_F(StoreTest, AnEmptyFolderIsNoLedger) {
    const Error error = refusal(options());
    EXPECT_EQ(error.code(), ErrorCode::kFailedPrecondition);
    EXPECT_THAT(error.message(), HasSubstr("no ledger"));
}

TEST_F(StoreTest, AFolderWithSomethingElseInItIsLeftAlone) {
    ASSERT_TRUE(make_folders(folder_.path() / "ledger").ok());
    ASSERT_TRUE(replace_file(folder_.path() / "ledger" / "letter", "dear").ok());
    StoreOptions creating = options();
    creating.create = true;
    EXPECT_THAT(refusal(creating).message(), HasSubstr("'letter'"));
}

TEST_F(StoreTest, AnotherOriginIsRefused) {
    make();
    StoreOptions other = options();
    other.origin = "another.test";
    EXPECT_THAT(refusal(other).message(), HasSubstr("'ledger.test', not 'another.test'"));
}

TEST_F(StoreTest, ADatabaseBehindItsHeadIsRefusedWithWhatIsMissing) {
    namespace fs = std::filesystem;
    const fs::path ledger = folder_.path() / "ledger";
    make()->put({{"a", "1"}});
    fs::copy(ledger / "database", folder_.path() / "old", fs::copy_options::recursive);
    {
        const auto store = open_again();
        store->put({{"b", "1"}});
        store->put({{"c", "1"}});
    }
    fs::remove_all(ledger / "database");
    fs::rename(folder_.path() / "old", ledger / "database");
    const Error error = refusal(options());
    EXPECT_EQ(error.code(), ErrorCode::kDataLoss);
    EXPECT_THAT(error.message(), HasSubstr("blocks 2 to 3 are missing"));
}

TEST_F(StoreTest, ADatabaseOfAnotherHistoryIsRefused) {
    namespace fs = std::filesystem;
    const fs::path ledger = folder_.path() / "ledger";
    make()->put({{"a", "1"}});
    fs::rename(ledger, folder_.path() / "first");
    make()->put({{"a", "2"}});
    fs::remove(ledger / "head");
    fs::copy(folder_.path() / "first" / "head", ledger / "head");
    EXPECT_THAT(refusal(options()).message(), HasSubstr("block 1 is not the one"));
}

TEST_F(StoreTest, AMissingHeadFileIsRefused) {
    make()->put({{"a", "1"}});
    std::filesystem::remove(folder_.path() / "ledger" / "head");
    EXPECT_EQ(refusal(options()).code(), ErrorCode::kDataLoss);
}

TEST_F(StoreTest, AMakingThatWasCutOffIsMadeAgain) {
    namespace fs = std::filesystem;
    make();
    fs::rename(folder_.path() / "ledger" / "database", folder_.path() / "ledger/database.making");
    EXPECT_THAT(refusal(options()).message(), HasSubstr("interrupted"));
    EXPECT_EQ(make()->head(), genesis_block());
}

}  // namespace
}  // namespace hone::blockdb
