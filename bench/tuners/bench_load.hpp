// bench/tuners/bench_load.hpp - what the servers are made to do, and the data that they do it on.
//
// Shape    a data set is made once in one server, whose folder is copied for all; each has the loads
//          that run on it, the one that only reads first. A load runs for about so long and says how
//          much it got done.
// Errors   not_found: a program is missing (pgbench, sysbench); failed_precondition: what the program
//          or the server said. No figure comes from a load that failed.
// Threads  one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "bench/tuners/bench_server.hpp"
#include "bench/tuners/tuner.hpp"
#include "prove/compare/subject.hpp"

namespace hone::bench {

// Follows from the memory limit, so that what is to fit fits, and what is not to does not.
struct Sizes {
    int pgbench_scale = 100;     // 15 MB each, one and a half times the memory in all
    int sysbench_rows = 500000;  // in each of kSysbenchTables, half of the memory in all
    int bulk_batches = 20;       // of kBulkBatchRows, kept in the table
    int sales = 1000000;         // rows of the star's fact table
    int clients = 8;
    int threads = 2;
};
Sizes sizes_for(Bytes memory, double scale);

inline constexpr int kSysbenchTables = 4;
inline constexpr int kBulkBatchRows = 30000;

class BenchLoad {
  public:
    virtual ~BenchLoad() = default;
    virtual std::string_view name() const = 0;       // "pgbench-tpcb"
    virtual std::string_view meaning() const = 0;    // for people
    virtual std::string_view operation() const = 0;  // "transaction": what the rate counts
    virtual LoadKind kind() const = 0;
    virtual bool writes() const = 0;
    // The least that a slice should take: above a second where a unit of work is longer.
    virtual double shortest_slice_seconds() const { return 1; }
    // Whether its clients stay connected between slices.
    virtual prove::ClientsBetweenSlices clients() const {
        return prove::ClientsBetweenSlices::kLeave;
    }
    // Once for each server, before the first slice.
    virtual Status prepare(BenchServer& server, Deadline deadline);
    virtual Result<prove::Slice> run(BenchServer& server, double seconds, std::uint64_t seed,
                                     Deadline deadline) = 0;
};

class DataSet {
  public:
    virtual ~DataSet() = default;
    virtual std::string_view name() const = 0;
    // In a server that was started with few settings for loading.
    virtual Status fill(BenchServer& server, Deadline deadline) = 0;
    virtual std::vector<std::unique_ptr<BenchLoad>> loads() const = 0;
};

// `bin_directory` has the server's programs; `folder` is readable by the scratch owner.
struct DataSetOptions {
    std::filesystem::path bin_directory;
    std::filesystem::path folder;
    Sizes sizes;
};
std::unique_ptr<DataSet> make_pgbench_data(const DataSetOptions& options);
std::unique_ptr<DataSet> make_sysbench_data(const DataSetOptions& options);
std::unique_ptr<DataSet> make_bulk_data(const DataSetOptions& options);
std::unique_ptr<DataSet> make_star_data(const DataSetOptions& options);
std::unique_ptr<DataSet> make_kaspa_data();  // the pack's first volume, whatever the memory
std::vector<std::unique_ptr<DataSet>> all_data_sets(const DataSetOptions& options);

// Brings tables and indexes into the server's memory, as much of them as fits.
Status prewarm(BenchServer& server, Deadline deadline);

// Of what sysbench printed.
Result<prove::Slice> slice_from_sysbench(std::string_view output);

}  // namespace hone::bench
