// prove/bench/source.hpp - where a bench's load and data come from: a pack, or a recording.
//
// Shape    an interface; fill() makes the data in the first server, whose stopped folder is copied
//          for the others, and only then is the workload complete.
// Errors   as prove/pack and prove/replay say.
// Threads  one, but for the workload's draw().
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "engines/postgres/config_file.hpp"
#include "engines/postgres/scratch.hpp"
#include "prove/bench/result.hpp"
#include "prove/load/generator.hpp"
#include "prove/load/workload.hpp"

namespace hone::prove {

// What the service needs of its database.
struct BenchTarget {
    std::string operation;
    double quantile = 0;
    double seconds_at_most = 0;
};

// Exactly one of the two.
struct LoadShape {
    std::optional<OpenLoop> open_loop;
    std::optional<ClosedLoop> closed_loop;
};

class BenchSource {
  public:
    virtual ~BenchSource() = default;

    virtual const BenchKey& key() const = 0;
    // A stopped cluster to start from; "" for an empty one.
    virtual std::filesystem::path template_data() const { return {}; }
    // Put last, whatever the settings say.
    virtual std::vector<postgres::ConfigEntry> forced_settings() const { return {}; }
    virtual Status fill(postgres::ScratchServer& server, Progress& progress, Deadline deadline) = 0;

    // Valid after fill().
    virtual const Workload& workload() const = 0;
    virtual std::string conninfo(const postgres::ScratchServer& server) const = 0;
    virtual LoadShape shape(double seconds) const = 0;
    // The same mix as fast as the server takes it, for comparisons of rates.
    virtual ClosedLoop full_speed(int clients) const = 0;
    virtual std::vector<BenchTarget> targets() const { return {}; }
    virtual std::vector<std::string> caveats() const { return {}; }
};

// Any of its operations.
bool has_writes(const Workload& workload);

}  // namespace hone::prove
