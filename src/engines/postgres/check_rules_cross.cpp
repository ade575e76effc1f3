// Values against each other. Critical is what PostgreSQL refuses to start with; a warning is what
// it starts with and then does not do as the setting says.
#include <fmt/format.h>

#include <array>

#include "engines/postgres/check_rules_input.hpp"

namespace hone::postgres {

namespace {

// PostgreSQL numbers its processes in 18 bits (MAX_BACKENDS).
constexpr std::int64_t kMostProcesses = 262143;
constexpr Bytes kUsualWalSegment = Bytes::mega(16);

void check_reserved_connections(const RuleInput& input, Findings& findings) {
    const auto connections = input.integer("max_connections");
    const auto superuser = input.integer("superuser_reserved_connections");
    const std::int64_t other = input.integer("reserved_connections").value_or(0);
    if (!connections || !superuser || *superuser + other < *connections) return;
    findings.push_back(
        {"cross.reserved_connections", Severity::kCritical, "superuser_reserved_connections",
         fmt::format("{} connections are reserved, and max_connections is {}: none is left for "
                     "clients, and the server refuses to start",
                     *superuser + other, *connections),
         "raise max_connections, or lower superuser_reserved_connections and "
         "reserved_connections"});
}

void check_wal_level(const RuleInput& input, Findings& findings) {
    if (input.value("wal_level") != "minimal") return;
    const auto refuse = [&](std::string_view use, std::string_view setting,
                            std::string_view instead) {
        findings.push_back({"cross.wal_level", Severity::kCritical, "wal_level",
                            fmt::format("wal_level = minimal does not allow {}, and {} = {}: the "
                                        "server refuses to start",
                                        use, setting, input.shown(setting)),
                            fmt::format("set wal_level = replica, or {}", instead)});
    };
    if (input.integer("max_wal_senders").value_or(0) > 0)
        refuse("replication", "max_wal_senders", "max_wal_senders = 0");
    if (input.value("archive_mode").value_or("off") != "off")
        refuse("archiving", "archive_mode", "archive_mode = off");
    if (input.value("summarize_wal").value_or("off") == "on")
        refuse("WAL summaries", "summarize_wal", "summarize_wal = off");
}

void check_wal_segments(const RuleInput& input, Findings& findings) {
    const Bytes segment = input.size("wal_segment_size").value_or(kUsualWalSegment);
    const Bytes least = segment * 2;
    for (const auto* name : {"min_wal_size", "max_wal_size"}) {
        const auto size = input.size(name);
        if (!size || *size >= least) continue;
        findings.push_back({"cross.wal_segments", Severity::kCritical, name,
                            fmt::format("{} = {} is below two WAL segments of {}: the server "
                                        "refuses to start",
                                        name, input.shown(name), format_for_people(segment)),
                            fmt::format("raise it to {} at least", format_for_postgres(least))});
    }
}

void check_wal_size_order(const RuleInput& input, Findings& findings) {
    const auto least = input.size("min_wal_size");
    const auto most = input.size("max_wal_size");
    if (!least || !most || *least <= *most) return;
    findings.push_back({"cross.wal_size_order", Severity::kWarning, "min_wal_size",
                        fmt::format("min_wal_size = {} is above max_wal_size = {}: checkpoints "
                                    "will keep more WAL than max_wal_size says",
                                    input.shown("min_wal_size"), input.shown("max_wal_size")),
                        "lower min_wal_size, or raise max_wal_size"});
}

struct Share {
    const char* part;
    const char* whole;
};

// A share above its whole is cut by the server without a word.
void check_worker_shares(const RuleInput& input, Findings& findings) {
    static constexpr std::array<Share, 5> kShares{
        {{"max_parallel_workers", "max_worker_processes"},
         {"max_parallel_workers_per_gather", "max_parallel_workers"},
         {"max_parallel_maintenance_workers", "max_parallel_workers"},
         {"max_logical_replication_workers", "max_worker_processes"},
         {"autovacuum_max_workers", "autovacuum_worker_slots"}}};
    for (const auto& [part, whole] : kShares) {
        const auto wanted = input.integer(part);
        const auto most = input.integer(whole);
        if (!wanted || !most || *wanted <= *most) continue;
        findings.push_back({"cross.worker_shares", Severity::kWarning, part,
                            fmt::format("{} = {} is above {} = {}: only {} can run", part, *wanted,
                                        whole, *most, *most),
                            fmt::format("raise {}, or lower {}", whole, part)});
    }
}

void check_process_count(const RuleInput& input, Findings& findings) {
    std::int64_t processes = 0;
    for (const auto* name : {"max_connections", "max_worker_processes", "max_wal_senders"})
        processes += input.integer(name).value_or(0);
    processes += input.integer("autovacuum_worker_slots")
                     .value_or(input.integer("autovacuum_max_workers").value_or(0));
    // The autovacuum launcher is one more.
    if (processes + 1 < kMostProcesses) return;
    findings.push_back({"cross.process_count", Severity::kCritical, "max_connections",
                        fmt::format("max_connections, max_worker_processes, max_wal_senders and "
                                    "the autovacuum workers make {} processes: PostgreSQL can "
                                    "count {}",
                                    processes, kMostProcesses),
                        "lower max_connections, and put a connection pool in front"});
}

}  // namespace

void check_cross_rules(const RuleInput& input, Findings& findings) {
    static constexpr std::array<Rule, 6> kRules{check_reserved_connections, check_wal_level,
                                                check_wal_segments,         check_wal_size_order,
                                                check_worker_shares,        check_process_count};
    for (const auto rule : kRules) rule(input, findings);
}

}  // namespace hone::postgres
