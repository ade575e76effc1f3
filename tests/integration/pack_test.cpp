// Packs on a real server: what they load is what they say, and every operation runs.
#include "prove/pack/pack.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <map>

#include "support/private_cluster.hpp"

namespace hone::prove {
namespace {

using testing::HasSubstr;

Deadline soon() {
    return Deadline::after(Seconds{120});
}

test::PrivateCluster& cluster() {
    static test::PrivateCluster made;
    return made;
}

postgres::Connection open(const std::string& database) {
    return postgres::Connection::open(cluster().conninfo("postgres", database), soon(),
                                      cluster().owner())
        .value();
}

// An empty database of its own.
postgres::Connection fresh(const std::string& database) {
    cluster().sql("CREATE DATABASE " + database);
    return open(database);
}

PackOptions tiny(const std::string& schema, const std::string& mapping,
                 const std::string& preset = "busy") {
    return {.preset = preset,
            .volume = "tiny",
            .variants = {{"schema", schema}, {"mapping", mapping}},
            .seed = 7};
}

std::unique_ptr<PackRun> kaspa(const PackOptions& options) {
    return open_pack("kaspa").value().run(options).value();
}

// Sends drawn transactions as the load generator does, one after another.
class Sender {
  public:
    Sender(const std::string& database, const Workload& workload)
        : connection_(PQconnectdb(cluster().conninfo("postgres", database).c_str())),
          workload_(workload) {
        for (const StatementText& statement : workload.statements()) {
            PGresult* result = PQprepare(connection_, statement.name.c_str(), statement.sql.c_str(),
                                         static_cast<int>(statement.parameter_types.size()),
                                         statement.parameter_types.data());
            EXPECT_EQ(PQresultStatus(result), PGRES_COMMAND_OK) << PQresultErrorMessage(result);
            PQclear(result);
        }
    }
    ~Sender() { PQfinish(connection_); }
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;

    // Rows that the calls touched or returned, added up.
    std::int64_t send(const std::string& operation, std::uint64_t number) {
        const auto infos = workload_.operations();
        for (std::size_t i = 0; i < infos.size(); ++i)
            if (infos[i].name == operation) return send(i, number);
        ADD_FAILURE() << "no operation " << operation;
        return 0;
    }
    std::int64_t send(std::size_t operation, std::uint64_t number) {
        Transaction transaction;
        workload_.draw(operation, number, transaction);
        std::int64_t rows = 0;
        for (const StatementCall& call : transaction.calls()) {
            PGresult* result =
                PQexecPrepared(connection_, workload_.statements()[call.statement()].name.c_str(),
                               static_cast<int>(call.parameters()), call.values(), call.lengths(),
                               call.formats(), 0);
            const ExecStatusType status = PQresultStatus(result);
            EXPECT_TRUE(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
                << workload_.operations()[operation].name << ": " << PQresultErrorMessage(result);
            rows += std::atoll(PQcmdTuples(result));
            PQclear(result);
        }
        return rows;
    }

  private:
    PGconn* connection_;
    const Workload& workload_;
};

struct Variant {
    std::string schema;
    std::string mapping;
};

class EveryVariant : public testing::TestWithParam<Variant> {};

TEST_P(EveryVariant, LoadsWhatItVerifiesAndRunsEveryOperation) {
    const std::string database = "kaspa_" + GetParam().schema + "_" + GetParam().mapping;
    postgres::Connection connection = fresh(database);
    const auto run = kaspa(tiny(GetParam().schema, GetParam().mapping));
    const Status created = run->create(connection, silent_progress(), soon());
    ASSERT_TRUE(created.ok()) << created.error().message();
    const auto checks = run->verify(connection, silent_progress(), soon());
    ASSERT_TRUE(checks.ok()) << checks.error().message();
    for (const PackTableCheck& check : *checks) {
        EXPECT_EQ(check.rows, check.rows_wanted) << check.table;
        EXPECT_TRUE(check.same_content) << check.table;
    }
    Sender sender(database, *run);
    // Readers first: they should find what pruning takes away.
    for (const bool writes : {false, true}) {
        for (std::size_t i = 0; i < run->operations().size(); ++i) {
            if (run->operations()[i].writes != writes) continue;
            // From 3 on: the block path begins three batches behind the virtual chain.
            for (const std::uint64_t number : {std::uint64_t{3}, std::uint64_t{4}})
                EXPECT_GT(sender.send(i, number), 0) << run->operations()[i].name << " " << number;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Pack, EveryVariant,
                         testing::Values(Variant{"23", "scripts"}, Variant{"23", "addresses"},
                                         Variant{"10", "scripts"}, Variant{"10", "addresses"}),
                         [](const auto& tried) {
                             return "Schema" + tried.param.schema + "_" + tried.param.mapping;
                         });

// One database for the tests that only look, or that put back what they change.
class Loaded : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        cluster().sql("CREATE DATABASE loaded");
        postgres::Connection connection = open("loaded");
        const Status created =
            kaspa(tiny("23", "scripts"))->create(connection, silent_progress(), soon());
        ASSERT_TRUE(created.ok()) << created.error().message();
    }
    Loaded() : connection_(open("loaded")) {}
    static std::string sql(const std::string& statement) {
        return cluster().sql(statement, "loaded");
    }
    static bool verified(PackRun& run, const std::string& table) {
        postgres::Connection connection = open("loaded");
        const auto checks = run.verify(connection, silent_progress(), soon()).value();
        for (const PackTableCheck& check : checks)
            if (check.table == table) return check.same_content && check.rows == check.rows_wanted;
        return false;
    }
    postgres::Connection connection_;
};

TEST_F(Loaded, PresetsShareTheData) {
    const Pack pack = open_pack("kaspa").value();
    for (const PackPreset& preset : pack.info().presets) {
        const auto run = kaspa(tiny("23", "scripts", preset.name));
        EXPECT_TRUE(verified(*run, "transactions")) << preset.name;
    }
}

TEST_F(Loaded, OneChangedByteIsFound) {
    const auto run = kaspa(tiny("23", "scripts"));
    sql("UPDATE transactions SET payload = set_byte(payload, 99, get_byte(payload, 99) # 1)"
        " WHERE transaction_id = (SELECT min(transaction_id::text)::bytea FROM transactions"
        " WHERE payload IS NOT NULL)");
    EXPECT_FALSE(verified(*run, "transactions"));
    EXPECT_TRUE(verified(*run, "block_parent"));
    sql("UPDATE transactions SET payload = set_byte(payload, 99, get_byte(payload, 99) # 1)"
        " WHERE transaction_id = (SELECT min(transaction_id::text)::bytea FROM transactions"
        " WHERE payload IS NOT NULL)");
    EXPECT_TRUE(verified(*run, "transactions"));
}

TEST_F(Loaded, AnotherSeedIsAnotherDatabase) {
    PackOptions options = tiny("23", "scripts");
    options.seed = 8;
    EXPECT_FALSE(verified(*kaspa(options), "transactions"));
}

TEST_F(Loaded, TheArraysAreThoseOfTheIndexer) {
    EXPECT_EQ(sql("SELECT count(*) FROM transactions WHERE cardinality(outputs) = 2"
                  " AND cardinality(inputs) IN (1, 2)"),
              "1800");
    EXPECT_EQ(sql("SELECT string_agg(DISTINCT octet_length(o.script_public_key)::text, ',')"
                  " FROM transactions, unnest(outputs) o"),
              "34");
    EXPECT_EQ(sql("SELECT string_agg(DISTINCT octet_length(i.signature_script)::text, ',')"
                  " FROM transactions, unnest(inputs) i"),
              "66");
    EXPECT_EQ(sql("SELECT count(*) FROM blocks b, unnest(b.transaction_ids) AS id"
                  " WHERE NOT EXISTS (SELECT FROM transactions WHERE transaction_id = id)"),
              "0");
}

TEST_F(Loaded, ASecondCreateIsRefused) {
    const Status again =
        kaspa(tiny("23", "scripts"))->create(connection_, silent_progress(), soon());
    ASSERT_FALSE(again.ok());
    EXPECT_EQ(again.error().code(), ErrorCode::kFailedPrecondition);
    EXPECT_THAT(again.error().message(), HasSubstr("schema-23.sql"));
}

TEST_F(Loaded, TheVirtualChainFindsWhatTheBlockPathWrote) {
    const auto run = kaspa(tiny("23", "scripts", "catch-up"));
    ASSERT_TRUE(run->attach(connection_, soon()).ok());
    Sender sender("loaded", *run);
    const std::string before = sql("SELECT count(*) FROM transactions");
    EXPECT_EQ(sender.send("ingest-transactions", 0), 250);
    EXPECT_EQ(sender.send("ingest-transactions", 0), 0);
    EXPECT_EQ(sender.send("accept-transactions", 40), 250);
    EXPECT_EQ(std::stoi(sql("SELECT count(*) FROM transactions")), std::stoi(before) + 250);
    sql("DELETE FROM transactions t WHERE NOT EXISTS"
        " (SELECT FROM blocks b WHERE b.hash = t.block_hash)");
}

}  // namespace
}  // namespace hone::prove
