// kill -9 under load, again and again on one ledger: what was acknowledged is there, what was not is
// there whole or not at all, and the chain verifies.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <set>

#include "base/file.hpp"
#include "base/random.hpp"
#include "blockdb/store/store.hpp"

namespace hone::blockdb {
namespace {

constexpr int kThreads = 8;
constexpr int kMostAcknowledgedPerRun = 400;

class Writer {
  public:
    Writer(const std::filesystem::path& folder, int run, const std::string& failpoint) {
        int ends[2];
        EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
        pid_ = ::fork();
        if (pid_ == 0) {
            ::dup2(ends[1], STDOUT_FILENO);
            if (!failpoint.empty()) ::setenv("HONE_FAILPOINT", failpoint.c_str(), 1);
            ::execl(HONE_LEDGER_WRITER, HONE_LEDGER_WRITER, folder.c_str(),
                    std::to_string(run).c_str(), std::to_string(kThreads).c_str(), nullptr);
            ::_exit(127);
        }
        ::close(ends[1]);
        output_ = ::fdopen(ends[0], "r");
    }
    ~Writer() {
        kill();
        std::fclose(output_);
    }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    // False: it has ended.
    bool read_line(std::string& line) {
        char buffer[256];
        if (std::fgets(buffer, sizeof buffer, output_) == nullptr) return false;
        line = buffer;
        if (line.empty() || line.back() != '\n') return false;
        line.pop_back();
        return true;
    }
    void kill() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = 0;
    }

  private:
    pid_t pid_ = 0;
    FILE* output_ = nullptr;
};

class LedgerCrash : public testing::Test {
  protected:
    LedgerCrash() {
        options_.folder = folder_.path() / "ledger";
        options_.origin = "crash.test";
        options_.create = true;
        EXPECT_TRUE(Store::open(options_).ok());
        options_.create = false;
    }

    // One life of the writer; kills it after so many acknowledgements, if it does not die before.
    void live(int run, int acknowledgements, const std::string& failpoint) {
        Writer writer(options_.folder, run, failpoint);
        std::string line;
        if (!writer.read_line(line)) return;
        ASSERT_EQ(line, "ready");
        for (int i = 0; i < acknowledgements && writer.read_line(line); ++i)
            acknowledged_.insert(line);
        writer.kill();
        // What it had said before it died counts, too.
        while (writer.read_line(line)) acknowledged_.insert(line);
    }

    void check() {
        auto opened = Store::open(options_);
        ASSERT_TRUE(opened.ok()) << opened.error().message();
        const Store& store = **opened;
        for (const std::string& key : acknowledged_) {
            const auto record = store.get(key);
            ASSERT_TRUE(record.ok()) << key << ": " << record.error().message();
            ASSERT_EQ(record->content->value, "value of " + key);
        }
        const auto page = store.scan({.prefix = "", .after = "", .limit = 10000, .height = {}});
        ASSERT_TRUE(page.ok());
        for (const StoredRecord& record : page->records) {
            if (record.leaf.key.ends_with('+')) continue;
            ASSERT_TRUE(store.get(record.leaf.key + "+").ok()) << record.leaf.key;
        }
        const auto report = store.verify({}, silent_progress(), Deadline::after(Seconds(300)));
        ASSERT_TRUE(report.ok()) << report.error().message();
        for (const Finding& finding : report->findings)
            ADD_FAILURE() << finding.where << ": " << finding.what;
    }

    TemporaryFolder folder_ = TemporaryFolder::create("/tmp", "hone-ledger-crash-").value();
    StoreOptions options_;
    std::set<std::string> acknowledged_;
};

TEST_F(LedgerCrash, NoAcknowledgedRecordIsLostWhenKilledAtRandom) {
    const int kills = std::getenv("HONE_FULL") != nullptr ? 2000 : 60;
    const std::uint64_t seed = Random::fresh_seed();
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    Random random(seed);
    for (int run = 0; run < kills && !HasFatalFailure(); ++run) {
        live(run, static_cast<int>(random.below(kMostAcknowledgedPerRun)), "");
        if (run % 20 == 19) check();
    }
    check();
    std::printf("%d kills, %zu acknowledged\n", kills, acknowledged_.size());
}

TEST_F(LedgerCrash, NoAcknowledgedRecordIsLostWhenKilledBetweenTheSteps) {
    int run = 0;
    for (const char* place :
         {"committer.before_write", "engine.before_write", "engine.after_write",
          "committer.after_write", "head_file.before_write", "head_file.after_write"})
        for (const char* visit : {"@1", "@7"}) {
            live(run++, 1000000, std::string(place) + visit + "=kill");
            check();
            if (HasFatalFailure()) FAIL() << place << visit;
        }
    std::printf("%d kills, %zu acknowledged\n", run, acknowledged_.size());
}

}  // namespace
}  // namespace hone::blockdb
