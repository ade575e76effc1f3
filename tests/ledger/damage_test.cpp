// A small ledger, damaged one byte at a time: refused at the start, or found by verify.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "base/file.hpp"
#include "blockdb/store/store.hpp"

namespace hone::blockdb {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kStrideInShortMode = 127;

// What RocksDB keeps for people and for its own comfort: nothing that was put is in it.
bool carries_nothing(const std::string& name) {
    return name == "LOCK" || name == "IDENTITY" || name.starts_with("LOG") ||
           name.starts_with("OPTIONS-");
}

class LedgerDamage : public testing::Test {
  protected:
    LedgerDamage() {
        options_.folder = folder_.path() / "ledger";
        options_.origin = "damage.test";
        options_.create = true;
        options_.memtable_size = Bytes::kilo(64);
        options_.block_cache_size = Bytes::kilo(64);
        {
            const auto store = Store::open(options_).value();
            for (int i = 0; i < 12; ++i) put(*store, i);
        }
        options_.create = false;
        {
            // Half in tables, half in the log.
            const auto store = Store::open(options_).value();
            EXPECT_TRUE(store->flush().ok());
            for (int i = 12; i < 20; ++i) put(*store, i);
        }
        fs::copy(options_.folder, whole_, fs::copy_options::recursive);
    }
    static void put(Store& store, int number) {
        const std::string key = "key " + std::to_string(number);
        EXPECT_TRUE(store.put({{key, std::string(20, 'v')}}).receipt.has_value());
    }
    void restore() {
        fs::remove_all(options_.folder);
        fs::copy(whole_, options_.folder, fs::copy_options::recursive);
    }
    std::vector<fs::path> files() const {
        std::vector<fs::path> files{"head"};
        for (const auto& entry : fs::directory_iterator(whole_ / "database"))
            if (!carries_nothing(entry.path().filename()))
                files.push_back(fs::path("database") / entry.path().filename());
        return files;
    }
    // Refused, or found.
    bool noticed() const {
        const auto store = Store::open(options_);
        if (!store.ok()) return true;
        const auto report = (*store)->verify({}, silent_progress(), Deadline::after(Seconds(60)));
        return !report.ok() || !report->sound();
    }
    bool has_everything() const {
        const auto store = Store::open(options_).value();
        for (int i = 0; i < 20; ++i)
            if (!store->get("key " + std::to_string(i)).ok()) return false;
        return store->head().tree_size == 20;
    }
    void flip(const fs::path& file, std::uintmax_t offset) const {
        std::fstream stream(options_.folder / file,
                            std::ios::in | std::ios::out | std::ios::binary);
        stream.seekg(static_cast<std::streamoff>(offset));
        const char byte = static_cast<char>(stream.get() ^ 0x10);
        stream.seekp(static_cast<std::streamoff>(offset));
        stream.put(byte);
    }

    TemporaryFolder folder_ = TemporaryFolder::create("/tmp", "hone-ledger-damage-").value();
    fs::path whole_ = folder_.path() / "whole";
    StoreOptions options_;
};

TEST_F(LedgerDamage, AWholeLedgerIsSound) {
    EXPECT_FALSE(noticed());
}

TEST_F(LedgerDamage, EveryFlippedByteIsNoticed) {
    const std::size_t stride = std::getenv("HONE_FULL") != nullptr ? 1 : kStrideInShortMode;
    std::size_t flips = 0;
    for (const fs::path& file : files()) {
        const std::uintmax_t size = fs::file_size(whole_ / file);
        // Another byte of each stride in each file, so that short runs do not see the same places.
        for (std::uintmax_t offset = flips % stride; offset < size; offset += stride) {
            restore();
            flip(file, offset);
            EXPECT_TRUE(noticed()) << "byte " << offset << " of " << size << " in " << file;
            ++flips;
        }
    }
    std::printf("%zu bytes flipped, one at a time\n", flips);
}

TEST_F(LedgerDamage, EveryMissingOrEmptyFileIsNoticed) {
    for (const fs::path& file : files()) {
        if (fs::file_size(whole_ / file) == 0) continue;
        restore();
        fs::resize_file(options_.folder / file, 0);
        EXPECT_TRUE(noticed()) << file << " emptied";
        restore();
        fs::remove(options_.folder / file);
        EXPECT_TRUE(noticed()) << file << " removed";
    }
}

// The last row of a log may be one that follows from the others: then nothing is lost with it.
TEST_F(LedgerDamage, AShortenedFileIsNoticedOrCostsNothing) {
    for (const fs::path& file : files()) {
        const std::uintmax_t size = fs::file_size(whole_ / file);
        for (const std::uintmax_t left : {size / 2, size - 1}) {
            if (size < 2) continue;
            restore();
            fs::resize_file(options_.folder / file, left);
            EXPECT_TRUE(noticed() || has_everything())
                << file << " cut from " << size << " to " << left;
        }
    }
}

TEST_F(LedgerDamage, ABackupIsALedgerOfItsOwn) {
    const fs::path copy = folder_.path() / "copy";
    Block head;
    {
        const auto store = Store::open(options_).value();
        ASSERT_TRUE(store->back_up(copy).ok());
        head = store->head();
    }
    options_.folder = copy;
    const auto store = Store::open(options_);
    ASSERT_TRUE(store.ok()) << store.error().message();
    EXPECT_EQ((*store)->head(), head);
    const auto report = (*store)->verify({}, silent_progress(), Deadline::after(Seconds(60)));
    EXPECT_TRUE(report->sound());
    EXPECT_EQ(report->records, 20U);
}

}  // namespace
}  // namespace hone::blockdb
