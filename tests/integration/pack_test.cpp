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
    for (std::size_t operation = 0; operation < run->operations().size(); ++operation)
        for (const std::uint64_t number : {0, 1, 2, 3})
            EXPECT_GT(sender.send(operation, number), 0)
                << run->operations()[operation].name << " " << number;
}

INSTANTIATE_TEST_SUITE_P(Pack, EveryVariant,
                         testing::Values(Variant{"23", "scripts"}, Variant{"23", "addresses"},
                                         Variant{"10", "scripts"}, Variant{"10", "addresses"}),
                         [](const auto& tried) {
                             return "Schema" + tried.param.schema + tried.param.mapping;
                         });

}  // namespace
}  // namespace hone::prove
