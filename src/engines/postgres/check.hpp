// engines/postgres/check.hpp - would this plan boot, on the target's own binaries, merged with the
// target's real files?
//
// Errors   check_plan returns a report; an Error only where the check itself could not be made.
// Cost     under 2 s beside the first initdb of a binary.
// Threads  one thread.
// Source   facts: the static rules are those of the manual's 20.* and of what 15.20 refuses; each
//          names its source in the report.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "engines/postgres/server.hpp"
#include "engines/postgres/state.hpp"
#include "model/host.hpp"
#include "model/plan.hpp"

namespace hone::postgres {

struct Finding {
    std::string rule;  // "cross.reserved_connections"
    Severity severity = Severity::kCritical;
    std::string setting;  // "" where several
    std::string message;
    std::string advice;
};

struct CheckReport {
    // False, with critical findings: it would not, or the rules refused it and no boot was made.
    bool booted = false;
    bool values_agree = false;  // every value read back equals the plan's
    bool memory_scaled =
        false;  // shared_buffers was lowered for the boot: this machine is smaller than the plan's
    std::vector<std::string> adjusted;  // settings that had another value for the boot
    std::vector<Finding> findings;      // critical ones mean: do not apply
    // Kinds of rules that had nothing to judge by: "machine" for a plan made elsewhere, "libraries"
    // where these programs' are not to be found.
    std::vector<std::string> not_judged;
    int values_read = 0;
    double boot_seconds = 0;
    bool passed() const;
};

// What the machine that the server runs on can give; absent: unknown, and its rules say nothing.
struct MachineLimits {
    std::optional<Bytes> memory;     // what binds now: it may have shrunk since the plan was made
    std::optional<Bytes> free_disk;  // where WAL is written
    std::optional<std::int64_t> open_files;
    std::optional<std::int64_t> huge_pages;  // reserved, whoever uses them now
    std::optional<Bytes> huge_page_size;
    std::optional<Bytes> commit_limit;  // only where vm.overcommit_memory is 2
    bool operator==(const MachineLimits&) const = default;
};

struct CheckOptions {
    std::filesystem::path bin_directory;  // whose binaries
    std::optional<Server> server;  // whose files the plan is merged with; none: the plan alone
    std::filesystem::path cache_folder;
    Bytes machine_memory;               // of this machine, for what a scratch boot may take
    std::int64_t open_files_limit = 0;  // 0: unknown
    MachineLimits limits;               // of the target's machine; empty for a plan made elsewhere
};

// The effective value (canonical) of every setting with the plan on top.
using MergedValues = std::map<std::string, std::string, std::less<>>;

// The static rules alone: values against the catalogue, values against each other, the memory
// budget, free disk, ulimits.
std::vector<Finding> check_rules(const Plan& plan, const Catalogue& catalogue,
                                 const MergedValues& merged,
                                 const std::vector<std::string>& available_libraries,
                                 const MachineLimits& limits = {});

Result<CheckReport> check_plan(const Plan& plan, const CheckOptions& options, Progress& progress,
                               Deadline deadline);

json::object to_json(const CheckReport& report);

}  // namespace hone::postgres
