// model/plan.hpp - what should change, why, and on which state of which server it was decided.
//
// Shape    changes are sorted by setting name, without duplicates. The document carries a checksum
//          over everything else in it.
// Units    `from` and `to` are display values ("4GB", "15min", "on"), as they stand in
//          postgresql.conf.
// Errors   plan_from_text: data_loss (not JSON, cut off, checksum differs: edited), unsupported
//          (another schema_version), invalid_argument (a field is missing or wrong).
// Threads  a value.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "model/host.hpp"
#include "model/setting.hpp"

namespace hone {

inline constexpr int kPlanSchemaVersion = 1;

struct Change {
    std::string setting;
    std::string from;  // "" where the plan was made without a server
    std::string to;
    SettingContext context = SettingContext::kReload;
    std::string rule;    // rule id: "memory.shared_buffers"
    std::string reason;  // one sentence
    std::vector<std::pair<std::string, std::string>>
        inputs;          // what it was computed from: {"memory limit", "16 GB"}
    std::string source;  // manual section, measurement, paper
    std::string risk;    // what can go wrong with it; "" where nothing is known
    bool needs_restart() const { return context == SettingContext::kRestart; }
};

// One line of the worst case.
struct BudgetTerm {
    std::string name;  // "work_mem"
    Bytes size;
    std::string explanation;  // "100 connections x 2 nodes x 16 MB x hash_mem_multiplier 2"
};

struct MemoryBudget {
    Bytes limit;
    std::string limit_source;
    std::vector<BudgetTerm> terms;
    Bytes worst_case() const;
    bool closes() const { return worst_case() <= limit; }
};

// The numbers that the plan was made from, whoever they came from.
struct PlanMachine {
    Bytes memory_limit;
    std::string memory_source;
    double cores = 1;
    std::string cores_source;
    StorageClass storage = StorageClass::kUnknown;
    std::string storage_source;
};

// Which server the plan is for. All empty: made offline, for another machine.
struct PlanTarget {
    std::string system_identifier;
    std::string data_directory;
    std::string state_hash;  // of the configuration files and settings that the plan stands on
};

enum class Severity { kNote, kWarning, kCritical };
std::string_view to_string(Severity severity);

// What the user should know beside the changes: fsync found off, a value overridden by ALTER ROLE,
// a limit hit.
struct Notice {
    Severity severity = Severity::kNote;
    std::string rule;
    std::string message;
    std::string advice;
};

struct Plan {
    int server_version = 0;    // major: 15
    std::string server_build;  // "15.20 (Debian 15.20-0+deb12u1)"; "" where made without one
    PlanTarget target;
    PlanMachine machine;
    std::string profile;  // low-memory, standard, high-performance, custom
    std::string profile_reason;
    std::string workload;  // ingest, oltp, read-mostly, analytics, mixed
    std::string workload_reason;
    std::vector<Change> changes;
    MemoryBudget budget;
    std::vector<Notice> notices;

    bool offline() const { return target.system_identifier.empty(); }
    bool needs_restart() const;
    // Twelve hexadecimal digits of the checksum: the plan's name in lists and folders.
    std::string id() const;
};

// Deterministic: equal plans give equal bytes.
std::string plan_to_text(const Plan& plan);
Result<Plan> plan_from_text(std::string_view text, std::string_view what);

json::object to_json(const Change& change);
json::object to_json(const MemoryBudget& budget);
json::object to_json(const Notice& notice);

}  // namespace hone
