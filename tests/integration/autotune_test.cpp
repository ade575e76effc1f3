// hone autotune on real scratch servers: what is measured really has the values, a candidate that
// does not boot is refused, and a search that is killed goes on where its journal ends.
#include "prove/autotune/autotune.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "base/file.hpp"
#include "engines/postgres/check_boot.hpp"
#include "engines/postgres/state.hpp"
#include "prove/autotune/scratch_arena.hpp"
#include "prove/scratch_subject.hpp"
#include "support/test_cache.hpp"
#include "tune/tune.hpp"

namespace hone::prove {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPrograms = "/usr/lib/postgresql/15/bin";
constexpr Seconds kPatience{120};

// A few queries by one client: what it finds is of no interest here.
class SmallSubject final : public ScratchSubject {
  public:
    SmallSubject(const postgres::ScratchServer& server, std::string name,
                 postgres::Connection usage, postgres::Connection client)
        : ScratchSubject(std::move(name), server, std::move(usage), ClientsBetweenSlices::kStay),
          client_(std::move(client)) {}

    Result<Slice> run_slice(double seconds, std::uint64_t, Deadline deadline) override {
        const double begun = monotonic_seconds();
        double done = 0;
        do {
            HONE_TRY(client_.query("SELECT sum(n) FROM small", deadline));
            ++done;
        } while (monotonic_seconds() - begun < seconds);
        return Slice{.operations = done, .rate = done / (monotonic_seconds() - begun)};
    }
    Result<std::string> shown(const std::string& setting) {
        HONE_TRY_ASSIGN(const auto rows,
                        client_.query("SHOW " + setting, Deadline::after(kPatience)));
        return rows.text(0, setting);
    }

  private:
    postgres::Connection client_;
};

class SmallLoad final : public TrialLoad {
  public:
    std::string description() const override { return "a few queries"; }
    bool writes() const override { return true; }
    Status fill(postgres::ScratchServer& server, Progress&, Deadline deadline) override {
        HONE_TRY_ASSIGN(auto connection, server.connect(deadline));
        HONE_TRY(connection.query("CREATE TABLE small AS SELECT generate_series(1, 1000) AS n",
                                  deadline));
        return {};
    }
    Result<std::unique_ptr<Subject>> subject(std::string name,
                                             const postgres::ScratchServer& server,
                                             Deadline deadline) override {
        HONE_TRY_ASSIGN(auto usage, server.connect(deadline));
        HONE_TRY_ASSIGN(auto client, server.connect(deadline));
        return std::unique_ptr<Subject>(std::make_unique<SmallSubject>(
            server, std::move(name), std::move(usage), std::move(client)));
    }
};

Plan small_plan() {
    tune::TuneInput input;
    input.machine = {.memory_limit = Bytes::giga(2),
                     .memory_source = "stated",
                     .cores = 2,
                     .cores_source = "stated",
                     .storage = StorageClass::kSsd,
                     .storage_source = "stated"};
    input.catalogue = tune::builtin_catalogue(15);
    input.workload = tune::Workload::kOltp;
    return tune::make_plan(input).value();
}

struct Place {
    TemporaryFolder state = TemporaryFolder::create("/tmp", "hone-autotune-test-").value();
    TemporaryFolder scratch = TemporaryFolder::create("/tmp", "hone-at-").value();
    Place() { fs::permissions(scratch.path(), fs::perms(0711)); }

    AutotuneOptions options() const {
        return {.state_directory = state.path(),
                .cache_folder = test::test_cache(),
                .scratch_folder = scratch.path(),
                .memory_limit = Bytes::giga(4)};
    }
};

AutotuneJob small_job() {
    AutotuneJob job;
    job.source.kind = "test";
    job.seed = 5;
    job.budget_seconds = 18;
    job.slice_seconds = 0.02;
    job.bin_directory = kPrograms;
    job.settings = {{"work_mem", "3MB"}, {"max_connections", "20"}};
    return job;
}

ArenaOptions arena_options(const Place& place) {
    return {.bin_directory = kPrograms,
            .parent_folder = place.scratch.path(),
            .cache_folder = test::test_cache(),
            .memory_limit = Bytes::giga(4),
            .plan = small_plan(),
            .catalogue = postgres::catalogue_of_binary(kPrograms, test::test_cache(),
                                                       Deadline::after(kPatience))
                             .value(),
            .settings = entries_of({{"deadlock_timeout", "3s"}}),
            .largest_buffers = Bytes::mega(512)};
}

std::string shown(Contest& contest, std::size_t subject, const std::string& setting) {
    return dynamic_cast<SmallSubject&>(*contest.subjects()[subject]).shown(setting).value();
}

TEST(ScratchArena, GivesEachServerItsOwnValuesOnTopOfThePlanAndTheTarget) {
    const Place place;
    SmallLoad load;
    const auto deadline = Deadline::after(kPatience);
    auto arena = ScratchArena::make(arena_options(place), load, silent_progress(), deadline);
    ASSERT_TRUE(arena.ok()) << arena.error().message();
    const auto opened = arena->open({{"work_mem", "5MB"}},
                                    {{"work_mem", "7MB"}, {"shared_buffers", "32MB"}}, deadline);
    ASSERT_TRUE(opened.ok()) << opened.error().message();
    ASSERT_NE(opened->contest, nullptr) << opened->refused_because;
    EXPECT_EQ(shown(*opened->contest, 0, "work_mem"), "5MB");
    EXPECT_EQ(shown(*opened->contest, 1, "work_mem"), "5MB");
    EXPECT_EQ(shown(*opened->contest, 2, "work_mem"), "7MB");
    EXPECT_EQ(shown(*opened->contest, 2, "shared_buffers"), "32MB");
    EXPECT_EQ(shown(*opened->contest, 0, "deadlock_timeout"), "3s");
    EXPECT_EQ(shown(*opened->contest, 2, "random_page_cost"), "1.1");  // the plan's
}

TEST(ScratchArena, RefusesACandidateThatDoesNotBootAndGoesOn) {
    const Place place;
    SmallLoad load;
    const auto deadline = Deadline::after(kPatience);
    auto arena = ScratchArena::make(arena_options(place), load, silent_progress(), deadline);
    ASSERT_TRUE(arena.ok()) << arena.error().message();
    const auto refused = arena->open({}, {{"shared_buffers", "7TB"}}, deadline);
    ASSERT_TRUE(refused.ok()) << refused.error().message();
    EXPECT_EQ(refused->contest, nullptr);
    EXPECT_NE(refused->refused_because, "");
    const auto opened = arena->open({}, {{"work_mem", "7MB"}}, deadline);
    ASSERT_TRUE(opened.ok()) << opened.error().message();
    EXPECT_NE(opened->contest, nullptr);
}

std::string begun_search(const Place& place) {
    const SmallLoad load;
    auto begun = begin_autotune(small_job(), small_plan(), load, place.options(),
                                Deadline::after(kPatience));
    EXPECT_TRUE(begun.ok()) << begun.error().message();
    // Time enough for the first evaluation on however slow a machine: it is killed after that.
    EXPECT_TRUE(begun->extend(600).ok());
    return begun->id();
}

// A process of its own, which the failpoint kills (SIGKILL).
void run_until_killed(const Place& place, const std::string& id, const char* failpoint) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::setenv("HONE_FAILPOINT", failpoint, 1);
        auto record = AutotuneRecord::open(place.state.path(), id);
        SmallLoad load;
        if (record.ok())
            static_cast<void>(run_autotune(*record, load, place.options(), silent_progress()).ok());
        ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it ended before it was killed";
    ASSERT_EQ(WTERMSIG(status), SIGKILL);
}

TEST(Autotune, GoesOnWhereItsJournalEndsAfterAKill) {
    const Place place;
    const std::string id = begun_search(place);
    // Lost between measuring and recording: as if never made.
    run_until_killed(place, id, "autotune.before_record=kill");
    EXPECT_FALSE(fs::is_empty(place.scratch.path()));
    run_until_killed(place, id, "autotune.after_record=kill");

    auto record = AutotuneRecord::open(place.state.path(), id);
    ASSERT_TRUE(record.ok()) << record.error().message();
    ASSERT_EQ(record->past().evaluations.size(), 1U);
    const Evaluation first = record->past().evaluations[0];
    ASSERT_TRUE(record->extend(record->spent_seconds() + 20).ok());
    SmallLoad load;
    const auto report = run_autotune(*record, load, place.options(), silent_progress());
    ASSERT_TRUE(report.ok()) << report.error().message();
    ASSERT_GE(report->result.evaluations.size(), 1U);
    EXPECT_EQ(report->result.evaluations[0].proposed, first.proposed);
    EXPECT_EQ(report->result.evaluations[0].score, first.score);
    EXPECT_EQ(report->found.has_value(), report->result.better());
    EXPECT_TRUE(fs::is_empty(place.scratch.path()));  // the killed runs' servers, too
}

}  // namespace
}  // namespace hone::prove
