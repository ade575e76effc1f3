// Values against the machine. A boot cannot judge these: memory is touched long after the start,
// and disks fill later still.
#include <fmt/format.h>

#include <array>

#include "engines/postgres/check_rules_input.hpp"

namespace hone::postgres {

namespace {

// What a connected backend takes before its first query, measured on 15 at 1.5 to 3 MB.
constexpr Bytes kIdleBackend = Bytes::mega(2);
// Beside the buffers: their headers in proportion, and locks, WAL buffers and statistics. Measured
// on 14, 15 and 18 with 100 connections, from 256 MB to 200 GB of buffers.
constexpr int kBuffersPerHeader = 50;
constexpr Bytes kOtherSharedMemory = Bytes::mega(40);
// Measured on 14, 15 and 18: the server asks for 48 descriptors of its own beside those open
// already.
constexpr std::int64_t kFewestOpenFiles = 64;

Bytes shared_memory(const RuleInput& input) {
    const Bytes buffers = input.size("shared_buffers").value_or(Bytes{});
    return buffers + buffers / kBuffersPerHeader + kOtherSharedMemory;
}

void check_budget(const RuleInput& input, Findings& findings) {
    const auto& budget = input.plan().budget;
    if (budget.terms.empty() || budget.closes()) return;
    findings.push_back({"memory.budget", Severity::kCritical, "",
                        fmt::format("at worst the plan takes {}, and {} is there ({})",
                                    format_for_people(budget.worst_case()),
                                    format_for_people(budget.limit), budget.limit_source),
                        "make the plan again for this machine, with fewer connections if need be"});
}

// A limit that was stated may be that of a machine to come; one that was read has shrunk.
void check_present_memory(const RuleInput& input, Findings& findings) {
    const auto& memory = input.limits().memory;
    const Bytes worst = input.plan().budget.worst_case();
    if (!memory || worst <= *memory) return;
    const bool stated = input.plan().machine.memory_source.starts_with("stated");
    findings.push_back(
        {"memory.limit_now", stated ? Severity::kWarning : Severity::kCritical, "",
         fmt::format("at worst the plan takes {}, and the server's machine has {} now",
                     format_for_people(worst), format_for_people(*memory)),
         "make the plan again: hone plan reads the limit that binds now"});
}

void check_shared_memory(const RuleInput& input, Findings& findings) {
    const Bytes memory = input.plan().machine.memory_limit;
    if (memory.count() == 0 || shared_memory(input) <= memory) return;
    findings.push_back({"memory.shared_buffers", Severity::kCritical, "shared_buffers",
                        fmt::format("shared_buffers = {} does not fit into the {} that the machine "
                                    "has ({})",
                                    input.shown("shared_buffers"), format_for_people(memory),
                                    input.plan().machine.memory_source),
                        "lower shared_buffers: a quarter of the memory is a good start"});
}

void check_idle_connections(const RuleInput& input, Findings& findings) {
    const Bytes memory = input.plan().machine.memory_limit;
    const Bytes shared = shared_memory(input);
    const auto connections = input.integer("max_connections");
    if (memory.count() == 0 || shared > memory || !connections) return;
    const Bytes idle = shared + kIdleBackend * *connections;
    if (idle <= memory) return;
    findings.push_back(
        {"memory.idle_connections", Severity::kWarning, "max_connections",
         fmt::format("{} connections take {} with shared_buffers before their first "
                     "query, and the machine has {}",
                     *connections, format_for_people(idle), format_for_people(memory)),
         "lower max_connections, and put a connection pool in front"});
}

void check_free_disk(const RuleInput& input, Findings& findings) {
    const auto most = input.size("max_wal_size");
    const auto& free = input.limits().free_disk;
    if (!most || !free || *most <= *free) return;
    // What the plan does not touch is not the plan's to be refused for.
    const bool ours = input.plan_sets("max_wal_size");
    findings.push_back({"machine.free_disk", ours ? Severity::kCritical : Severity::kWarning,
                        "max_wal_size",
                        fmt::format("max_wal_size = {}, and {} is free where WAL is written: a "
                                    "full disk stops the server",
                                    input.shown("max_wal_size"), format_for_people(*free)),
                        "free some space, or lower max_wal_size"});
}

void check_open_files(const RuleInput& input, Findings& findings) {
    const auto& limit = input.limits().open_files;
    if (!limit || *limit >= kFewestOpenFiles) return;
    findings.push_back({"machine.open_files", Severity::kCritical, "max_files_per_process",
                        fmt::format("a process may open {} files, and a server needs {}", *limit,
                                    kFewestOpenFiles),
                        "raise the limit (ulimit -n, LimitNOFILE= of the systemd unit)"});
}

void check_huge_pages(const RuleInput& input, Findings& findings) {
    const auto& limits = input.limits();
    if (input.value("huge_pages") != "on" || !limits.huge_pages || !limits.huge_page_size ||
        limits.huge_page_size->count() == 0)
        return;
    const std::int64_t page = limits.huge_page_size->count();
    const std::int64_t needed = (shared_memory(input).count() + page - 1) / page;
    if (needed <= *limits.huge_pages) return;
    findings.push_back(
        {"machine.huge_pages", Severity::kCritical, "huge_pages",
         fmt::format("huge_pages = on needs about {} pages of {}, and {} are "
                     "reserved: the server refuses to start",
                     needed, format_for_people(*limits.huge_page_size), *limits.huge_pages),
         fmt::format("set huge_pages = try, or reserve them: sysctl "
                     "vm.nr_hugepages={}",
                     needed)});
}

void check_commit_limit(const RuleInput& input, Findings& findings) {
    const auto& limit = input.limits().commit_limit;
    if (!limit || shared_memory(input) <= *limit) return;
    findings.push_back({"machine.commit_limit", Severity::kCritical, "shared_buffers",
                        fmt::format("shared_buffers = {}, and the kernel promises {} at most "
                                    "(vm.overcommit_memory is 2): the server refuses to start",
                                    input.shown("shared_buffers"), format_for_people(*limit)),
                        "lower shared_buffers, or raise vm.overcommit_ratio"});
}

}  // namespace

void check_machine_rules(const RuleInput& input, Findings& findings) {
    static constexpr std::array<Rule, 8> kRules{
        check_budget,    check_present_memory, check_shared_memory, check_idle_connections,
        check_free_disk, check_open_files,     check_huge_pages,    check_commit_limit};
    for (const auto rule : kRules) rule(input, findings);
}

}  // namespace hone::postgres
