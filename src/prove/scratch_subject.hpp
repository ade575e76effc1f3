// prove/scratch_subject.hpp - a scratch server under load, as a side of a comparison.
//
// Shape    one kind for each load: pgbench, which connects anew for each slice, and the load
//          generator, whose connections stay open and whose transactions are numbered on from slice
//          to slice. Whoever has another load (sysbench, a set of queries) derives from
//          ScratchSubject and writes run_slice alone.
// Errors   as the load and prove/compare/usage.hpp say.
// Threads  the one that started the server.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engines/postgres/connection.hpp"
#include "engines/postgres/scratch.hpp"
#include "prove/compare/subject.hpp"
#include "prove/load/generator.hpp"
#include "prove/pgbench.hpp"

namespace hone::prove {

// What is the same for every load: usage by hone's own connection, and a checkpoint to settle.
class ScratchSubject : public Subject {
  public:
    // The server runs, outlives the subject and stays where it is in memory.
    ScratchSubject(std::string name, const postgres::ScratchServer& server,
                   postgres::Connection connection, ClientsBetweenSlices clients)
        : name_(std::move(name)),
          server_(&server),
          connection_(std::move(connection)),
          clients_(clients) {}

    const std::string& name() const override { return name_; }
    Result<std::optional<Usage>> usage(Deadline deadline) override;
    Status settle(Deadline deadline) override;

  protected:
    const postgres::ScratchServer& server() const { return *server_; }
    postgres::Connection& connection() { return connection_; }

  private:
    std::string name_;
    const postgres::ScratchServer* server_;
    postgres::Connection connection_;
    ClientsBetweenSlices clients_;
};

struct PgbenchLoad {
    Pgbench pgbench;
    Load load;
    int clients = 1;
    int threads = 1;
    int scale = 1;
};

// Slices of whole seconds, at least one.
Result<std::unique_ptr<ScratchSubject>> pgbench_subject(std::string name,
                                                        const postgres::ScratchServer& server,
                                                        PgbenchLoad load, Deadline deadline);

struct GeneratorLoad {
    const Workload* workload = nullptr;  // outlives the subject
    GeneratorOptions generator;          // conninfo: "" for the server's own database
    std::optional<OpenLoop> open_loop;
    std::optional<ClosedLoop> closed_loop;  // exactly one of the two
    double timeout_seconds = 30;
    std::vector<std::uint64_t> first_numbers;  // by operation; empty: from 0
};

class GeneratorSubject final : public ScratchSubject {
  public:
    static Result<std::unique_ptr<GeneratorSubject>> open(std::string name,
                                                          const postgres::ScratchServer& server,
                                                          GeneratorLoad load, Deadline deadline);
    ~GeneratorSubject() override;

    // Operations of a slice: what was completed. Arrivals that failed or were dropped are none.
    Result<Slice> run_slice(double seconds, std::uint64_t seed, Deadline deadline) override;
    // Of the last slice.
    const LoadReport& report() const;

  private:
    struct State;
    GeneratorSubject(std::string name, const postgres::ScratchServer& server,
                     postgres::Connection connection, std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace hone::prove
