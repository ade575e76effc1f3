// A known mix of statements on a real server, recorded from its logs and from pg_stat_statements,
// and replayed on a copy of its data.
#include "prove/replay/replay.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.hpp"
#include "engines/postgres/server.hpp"
#include "prove/load/generator.hpp"
#include "prove/replay/record_log.hpp"
#include "prove/replay/record_statements.hpp"
#include "prove/replay/target_copy.hpp"
#include "prove/replay/workload_file.hpp"
#include "support/private_cluster.hpp"
#include "support/program.hpp"

namespace hone::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr Seconds kPatience{100};
constexpr int kReads = 40;
constexpr int kPayments = 10;
constexpr int kLocks = 3;

class RecordedServer : public ::testing::Test {
  protected:
    RecordedServer()
        : cluster_(
              {.config_lines = {"logging_collector = on", "log_directory = '../log'",
                                "log_filename = 'server.log'", "log_destination = 'csvlog,jsonlog'",
                                "shared_preload_libraries = 'pg_stat_statements'"}}) {
        cluster_.sql("CREATE DATABASE shop");
        cluster_.sql("CREATE ROLE web SUPERUSER LOGIN");
        sql("CREATE EXTENSION pg_stat_statements");
        sql("CREATE TABLE items (id int PRIMARY KEY, n int NOT NULL)");
        sql("INSERT INTO items SELECT i, 0 FROM generate_series(1, 1000) i");
        sql("ANALYZE items");
        // Only what comes after that is logged.
        sql("ALTER DATABASE shop SET log_min_duration_statement = 0");
    }

    std::string sql(const std::string& statement) { return cluster_.sql(statement, "shop"); }
    std::filesystem::path log(const std::string& ending) const {
        return cluster_.folder() / "log" / ("server." + ending);
    }

    // One session, whose every statement is known.
    void use_the_shop() {
        PGconn* session = PQconnectdb(cluster_.conninfo("web", "shop").c_str());
        ASSERT_EQ(PQstatus(session), CONNECTION_OK) << PQerrorMessage(session);
        const auto send = [&](const std::string& text, const std::vector<const char*>& values) {
            PGresult* result = PQexecParams(session, text.c_str(), static_cast<int>(values.size()),
                                            nullptr, values.data(), nullptr, nullptr, 0);
            EXPECT_LE(PQresultStatus(result), PGRES_TUPLES_OK) << PQresultErrorMessage(result);
            PQclear(result);
        };
        for (int i = 1; i <= kReads; ++i)
            PQclear(
                PQexec(session, ("SELECT n FROM items WHERE id = " + std::to_string(i)).c_str()));
        for (int i = 1; i <= kPayments; ++i) {
            send("BEGIN", {});
            send("SELECT n FROM items WHERE id = $1", {"7"});
            send("UPDATE items SET n = n + 1 WHERE id = $1", {"7"});
            send("COMMIT", {});
        }
        for (int i = 1; i <= kLocks; ++i)
            PQclear(PQexec(session, "SELECT n FROM items WHERE id = 5 FOR UPDATE"));
        PQclear(PQexec(session, "ALTER ROLE web PASSWORD 'geheim'"));
        PQclear(PQexec(session, "SELECT n AS the_end FROM items WHERE id = 1000"));
        PQfinish(session);
    }

    void wait_for_the_log(const std::string& ending) {
        const Deadline deadline = Deadline::after(kPatience);
        while (!deadline.expired() &&
               read_file(log(ending)).value_or("").find("the_end") == std::string::npos)
            ::usleep(10'000);
    }

    Result<prove::TargetCopy> copy() {
        const auto server = postgres::locate_by_data_directory(cluster_.data_directory(), {});
        EXPECT_TRUE(server.ok()) << server.error().message();
        return prove::TargetCopy::make(*server, {.parent_folder = scratch_->path(), .copies = 1},
                                       silent_progress(), Deadline::after(kPatience));
    }
    Result<postgres::ScratchServer> boot(const prove::TargetCopy& copy) {
        postgres::ScratchOptions options;
        options.bin_directory = copy.bin_directory();
        options.owner = *postgres::scratch_owner();
        options.parent_folder = scratch_->path();
        options.template_data = copy.data_directory();
        options.settings = copy.settings();
        auto server = postgres::ScratchServer::prepare(options, Deadline::after(kPatience));
        EXPECT_TRUE(server.ok() && server->start(Deadline::after(kPatience)).ok());
        return server;
    }
    static std::string ask(const postgres::ScratchServer& server, const std::string& question) {
        auto connection = postgres::Connection::open(server.conninfo() + " dbname=shop",
                                                     Deadline::after(kPatience));
        EXPECT_TRUE(connection.ok()) << connection.error().message();
        const auto rows = connection->query(question, Deadline::after(kPatience));
        EXPECT_TRUE(rows.ok()) << rows.error().message();
        return rows->text(0, "answer");
    }
    // Once through the recording, ten times as fast.
    static prove::LoadReport replay(prove::ReplayRun& run, const postgres::ScratchServer& server) {
        const Deadline deadline = Deadline::after(kPatience);
        prove::GeneratorOptions options;
        options.conninfo = run.conninfo(server.conninfo());
        options.connections = 2;
        {
            auto connection = postgres::Connection::open(options.conninfo, deadline);
            EXPECT_TRUE(connection.ok()) << connection.error().message();
            const auto fitted = prove::fit(run, *connection, deadline);
            EXPECT_TRUE(fitted.ok()) << fitted.error().message();
        }
        auto generator = prove::LoadGenerator::open(options, *run.workload, deadline);
        EXPECT_TRUE(generator.ok()) << generator.error().message();
        prove::RunOptions load;
        load.seconds = run.seconds / 10 + 1;
        load.open_loop = run.open_loop({.speed = 10, .seconds = 0});
        auto report = generator->run(load, silent_progress(), deadline);
        EXPECT_TRUE(report.ok()) << report.error().message();
        return std::move(report).value();
    }

    PrivateCluster cluster_;
    Result<TemporaryFolder> scratch_ = [] {
        auto folder = TemporaryFolder::create("/tmp", "hone-replay-");
        std::filesystem::permissions(folder->path(), std::filesystem::perms::others_exec,
                                     std::filesystem::perm_options::add);
        return folder;
    }();
};

std::uint64_t completed(const prove::LoadReport& report, const std::string& name) {
    for (const auto& operation : report.operations)
        if (operation.name == name) return operation.completed;
    return 0;
}

std::uint64_t troubles(const prove::LoadReport& report) {
    std::uint64_t count = 0;
    for (const auto& operation : report.operations)
        count += operation.failed + operation.timed_out + operation.dropped;
    return count;
}

TEST_F(RecordedServer, IsReplayedOnACopyAndNeverTouched) {
    use_the_shop();
    for (const char* ending : {"csv", "json"}) {
        wait_for_the_log(ending);
        const auto recording =
            prove::record_from_log({.files = {log(ending)}, .database = "shop"}, silent_progress());
        ASSERT_TRUE(recording.ok()) << recording.error().message();
        EXPECT_EQ(recording->user, "web");
        EXPECT_EQ(recording->transactions.size(), kReads + kPayments + kLocks + 1U) << ending;
        EXPECT_EQ(recording->left_out.at("utility statement"), 1U);
        const auto file = cluster_.folder() / (std::string(ending) + ".workload");
        ASSERT_TRUE(prove::write_workload_file(file, *recording).ok());
        EXPECT_THAT(*read_file(file), Not(HasSubstr("geheim")));
    }
    sql("CREATE EXTENSION postgres_fdw");
    sql("CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw");
    const auto copied = copy();
    ASSERT_TRUE(copied.ok()) << copied.error().message();
    const auto server = boot(*copied);
    EXPECT_EQ(ask(*server, "SELECT count(*) AS answer FROM pg_foreign_server"), "0");
    EXPECT_EQ(ask(*server, "SELECT n AS answer FROM items WHERE id = 7"), "10");

    auto reading = prove::open_workload_file(cluster_.folder() / "csv.workload");
    ASSERT_TRUE(reading.ok()) << reading.error().message();
    const auto only_reads = replay(*reading, *server);
    EXPECT_EQ(troubles(only_reads), 0U);
    EXPECT_EQ(completed(only_reads, "SELECT items"), 0U + kReads);
    EXPECT_EQ(reading->left_out.at("writes"), kPayments + kLocks + 0U);
    EXPECT_EQ(ask(*server, "SELECT n AS answer FROM items WHERE id = 7"), "10");

    auto writing = prove::open_workload_file(cluster_.folder() / "json.workload",
                                             {.with_writes = true, .seed = 0});
    ASSERT_TRUE(writing.ok()) << writing.error().message();
    const auto all = replay(*writing, *server);
    EXPECT_EQ(troubles(all), 0U);
    EXPECT_EQ(completed(all, "SELECT items +1"), 0U + kPayments);
    EXPECT_EQ(ask(*server, "SELECT n AS answer FROM items WHERE id = 7"), "20");
    EXPECT_EQ(sql("SELECT n FROM items WHERE id = 7"), "10");
}

TEST_F(RecordedServer, IsCopiedWhileItIsStopped) {
    sql("UPDATE items SET n = 3 WHERE id = 1");
    cluster_.stop();
    const auto copied = copy();
    ASSERT_TRUE(copied.ok()) << copied.error().message();
    EXPECT_EQ(ask(*boot(*copied), "SELECT n AS answer FROM items WHERE id = 1"), "3");
    EXPECT_EQ(ask(*boot(*copied), "SELECT current_setting('archive_mode') AS answer"), "off");
    EXPECT_FALSE(cluster_.running());
}

// Does what a user would do while the recorder watches.
class UserAtWork : public Progress {
  public:
    explicit UserAtWork(PrivateCluster& cluster) : cluster_(cluster) {}
    void step(std::string_view) override {}
    void update(double, std::string_view) override {
        if (done_) return;
        done_ = true;
        for (int i = 0; i < 25; ++i)
            cluster_.sql("SELECT n FROM items WHERE id = " + std::to_string(i + 1), "shop");
        cluster_.sql("SELECT count(*) FROM items WHERE id BETWEEN 1 AND 5", "shop");
        cluster_.sql("VACUUM items", "shop");
    }

  private:
    PrivateCluster& cluster_;
    bool done_ = false;
};

TEST_F(RecordedServer, IsRecordedFromItsStatistics) {
    const Deadline deadline = Deadline::after(kPatience);
    auto connection = postgres::Connection::open(cluster_.conninfo("postgres", "shop"), deadline);
    ASSERT_TRUE(connection.ok()) << connection.error().message();
    UserAtWork user(cluster_);
    auto recording = prove::record_from_statements(*connection, 0.5, user, deadline);
    ASSERT_TRUE(recording.ok()) << recording.error().message();
    ASSERT_EQ(recording->statements.size(), 2U);
    EXPECT_EQ(recording->statements[0].sql, "SELECT n FROM items WHERE id = $1");
    EXPECT_EQ(recording->statements[0].calls, 25U);
    ASSERT_EQ(recording->statements[0].parameters.size(), 1U);
    EXPECT_EQ(recording->statements[0].parameters[0].column, "public.items.id");
    EXPECT_EQ(recording->statements[0].parameters[0].knowledge, prove::Knowledge::kStatistics);
    EXPECT_EQ(recording->statements[1].parameters[0].knowledge, prove::Knowledge::kUnknown);
    EXPECT_EQ(recording->left_out.at("utility statement"), 1U);

    auto run =
        prove::make_replay(std::make_shared<const prove::Recording>(std::move(*recording)), {});
    ASSERT_TRUE(run.ok()) << run.error().message();
    ASSERT_TRUE(prove::fit(*run, *connection, deadline).ok());
    prove::Transaction transaction;
    for (std::uint64_t number = 0; number < 100; ++number) {
        transaction.clear();
        run->workload->draw(0, number, transaction);
        const int id = std::stoi(transaction.calls()[0].values()[0]);
        EXPECT_TRUE(id >= 1 && id <= 1000) << id;
    }
}

TEST_F(RecordedServer, IsShownByTheProgram) {
    use_the_shop();
    wait_for_the_log("json");
    const auto file = (cluster_.folder() / "shop.workload").string();
    const auto recorded = run_hone_on(
        cluster_, {"workload", "record", "--from", "log", log("json").string(), "--out", file});
    EXPECT_EQ(recorded.exit_code, 0) << recorded.standard_error;
    EXPECT_THAT(recorded.standard_output, HasSubstr("UPDATE items SET n = n + 1 WHERE id = $1"));
    struct stat facts{};
    ASSERT_EQ(::stat(file.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777U, 0600U);
    const auto shown = run_hone_on(cluster_, {"workload", "show", file, "-o", "json"});
    EXPECT_EQ(shown.exit_code, 0);
    EXPECT_THAT(shown.standard_output, HasSubstr("\"calls_per_second\""));
    const auto nothing = run_hone_on(cluster_, {"workload", "record", "--from", "log",
                                                cluster_.config_file().string(), "--out", file});
    EXPECT_EQ(nothing.exit_code, 3);
    EXPECT_THAT(nothing.standard_error, HasSubstr("log_min_duration_statement"));
}

}  // namespace
}  // namespace hone::test
