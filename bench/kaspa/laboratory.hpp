// bench/kaspa/laboratory.hpp - scratch servers with the Kaspa pack in them, and their sizes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "engines/postgres/scratch.hpp"
#include "prove/pack/pack.hpp"
#include "prove/scratch_servers.hpp"

namespace hone::bench {

struct Laboratory {
    std::filesystem::path bin_directory;
    std::filesystem::path scratch_folder = "/tmp";
    Identity owner;
    std::string volume = "laptop";
    double seconds = 60;  // of ingest, for both configurations together
    std::uint64_t seed = 1;
};

using Settings = std::vector<postgres::ConfigEntry>;

Result<std::unique_ptr<prove::PackRun>> kaspa(const Laboratory& laboratory,
                                              const std::string& preset, const std::string& schema,
                                              const std::string& mapping);

// Running servers with equal data, each with settings of its own.
Result<std::vector<postgres::ScratchServer>> make_servers(const Laboratory& laboratory,
                                                          const std::vector<Settings>& settings,
                                                          prove::PackRun& run, Progress& progress,
                                                          Deadline deadline);

struct RelationSize {
    std::string table;
    double rows = 0;
    double heap_bytes = 0;  // with TOAST and the maps
    double index_bytes = 0;
    double dead_rows = 0;
};
// Without tables that hold nothing.
Result<std::vector<RelationSize>> sizes_of(postgres::Connection& connection, Deadline deadline);

// Bytes of WAL inserted so far.
Result<double> wal_position(postgres::Connection& connection, Deadline deadline);

// The value of the first row, in the column "number".
Result<double> number_from(postgres::Connection& connection, const std::string& sql,
                           Deadline deadline);

}  // namespace hone::bench
