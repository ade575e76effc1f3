// prove/autotune/trial_load.hpp - what the servers of a search hold and are made to do.
//
// Shape    an interface. The data is made once, and copied for every server; the load is as fast as
//          the server takes it (closed loop), because an open loop's rate is what was offered, on
//          every server that keeps up.
// Errors   as the load's own parts say.
// Threads  one.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "engines/postgres/config_file.hpp"
#include "engines/postgres/scratch.hpp"
#include "prove/bench/source.hpp"
#include "prove/compare/subject.hpp"
#include "prove/pgbench.hpp"

namespace hone::prove {

class TrialLoad {
  public:
    virtual ~TrialLoad() = default;
    virtual std::string description() const = 0;  // "pgbench read-write, scale 10"
    virtual bool writes() const = 0;
    virtual double slice_seconds() const { return 1; }
    // A stopped cluster to start from; "" for an empty one.
    virtual std::filesystem::path template_data() const { return {}; }
    // Put last, whatever the settings say.
    virtual std::vector<postgres::ConfigEntry> forced_settings() const { return {}; }
    virtual std::vector<std::string> caveats() const { return {}; }
    virtual Status fill(postgres::ScratchServer& server, Progress& progress, Deadline deadline) = 0;
    // After fill(). The server outlives the subject and stays where it is in memory.
    virtual Result<std::unique_ptr<Subject>> subject(std::string name,
                                                     const postgres::ScratchServer& server,
                                                     Deadline deadline) = 0;
};

struct PgbenchTrial {
    std::string load;  // a name of prove/pgbench_loads.hpp
    int scale = 10;
    double cores = 1;
    std::filesystem::path bin_directory;
};
// Errors: not_found: no pgbench; invalid_argument: no such load.
Result<std::unique_ptr<TrialLoad>> pgbench_trial(const PgbenchTrial& trial);

// A pack or a recording, at full speed.
std::unique_ptr<TrialLoad> source_trial(std::unique_ptr<BenchSource> source, bool writes,
                                        double cores);

}  // namespace hone::prove
