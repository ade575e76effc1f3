#include "engines/postgres/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/file.hpp"
#include "base/text.hpp"
#include "engines/postgres/check_boot.hpp"
#include "engines/postgres/config_file.hpp"
#include "engines/postgres/scratch.hpp"

namespace hone::postgres {

namespace {

namespace fs = std::filesystem;

// The target's configuration with the plan on top.
struct Merge {
    std::vector<ConfigEntry> settings;  // the target's alone, as a scratch server may have them
    MergedValues values;                // canonical, with the plan's
    std::vector<Finding> findings;
};

std::string place_of(const fs::path& file, int line) {
    return fmt::format("{} line {}", file.string(), line);
}

void report_problems(const ConfigTree& tree, std::vector<Finding>& findings) {
    for (const auto& problem : tree.problems)
        findings.push_back(
            {"files.problem", Severity::kCritical, "",
             fmt::format("{}: {}", place_of(problem.file, problem.line), problem.message),
             "correct the line: the server would not start with it"});
}

void report_duplicates(const ConfigTree& tree, std::vector<Finding>& findings) {
    std::map<std::pair<std::string, fs::path>, const ConfigEntry*> seen;
    for (const auto& entry : tree.entries) {
        const auto [earlier, is_new] = seen.try_emplace({entry.name, entry.file}, &entry);
        if (is_new) continue;
        findings.push_back(
            {"files.duplicate_setting", Severity::kNote, entry.name,
             fmt::format("{} is set again at {}, after line {}: the last one holds", entry.name,
                         place_of(entry.file, entry.line), earlier->second->line),
             "keep one of them"});
        earlier->second = &entry;
    }
}

// The command line is stronger than every file: the plan would boot and not hold.
void report_command_line(const std::vector<ConfigEntry>& started_with, const Plan& plan,
                         std::vector<Finding>& findings) {
    for (const auto& entry : started_with)
        for (const auto& change : plan.changes)
            if (change.setting == entry.name && change.to != entry.value)
                findings.push_back(
                    {"files.command_line", Severity::kWarning, entry.name,
                     fmt::format("the server was started with {} = {} on its command line, which "
                                 "is stronger than any file",
                                 entry.name, entry.value),
                     "take it off the command line before the plan is applied"});
}

// A standby may not have less of these than its primary (manual, 26.4.3).
void report_standby(const Plan& plan, const Server& server, std::vector<Finding>& findings) {
    static constexpr std::array<std::string_view, 5> kSettings{
        "max_connections", "max_locks_per_transaction", "max_prepared_transactions",
        "max_wal_senders", "max_worker_processes"};
    if (!file_exists(server.data_directory / "standby.signal")) return;
    for (const auto& change : plan.changes) {
        if (std::find(kSettings.begin(), kSettings.end(), change.setting) == kSettings.end())
            continue;
        const auto from = parse_integer(change.from);
        const auto to = parse_integer(change.to);
        if (!from || !to || *to >= *from) continue;
        findings.push_back({"files.standby", Severity::kCritical, change.setting,
                            fmt::format("this server is a standby, and the plan lowers {} from {} "
                                        "to {}: a standby below its primary stops",
                                        change.setting, *from, *to),
                            "lower it on the primary first"});
    }
}

Status merge_files(const Server& server, const Plan& plan, Merge& merge) {
    if (server.config_file.empty()) {
        merge.findings.push_back({"files.out_of_reach", Severity::kWarning, "",
                                  "the server's configuration files are not on this machine: the "
                                  "plan is checked without them",
                                  "run hone check on the server's own machine"});
        return {};
    }
    HONE_TRY_ASSIGN(const ConfigTree tree,
                    read_config_tree(server.config_file, server.auto_config_file));
    const auto started_with = detached_start_settings(server.start_options);
    merge.settings = detached_settings(tree);
    merge.settings.insert(merge.settings.end(), started_with.begin(), started_with.end());
    report_problems(tree, merge.findings);
    report_duplicates(tree, merge.findings);
    report_command_line(started_with, plan, merge.findings);
    report_standby(plan, server, merge.findings);
    return {};
}

Result<Merge> merge_configuration(const Plan& plan, const CheckOptions& options,
                                  const Catalogue& catalogue) {
    Merge merge;
    if (options.server) HONE_TRY(merge_files(*options.server, plan, merge));
    merge.values = merged_values(catalogue, merge.settings, plan);
    return merge;
}

// The build that the catalogue was read from has the last word, whatever the folder is called.
Status require_version(const Plan& plan, const Catalogue& catalogue, const fs::path& bin) {
    const auto* definition = find_setting(catalogue, "server_version_num");
    const auto number =
        definition == nullptr ? std::nullopt : parse_integer(definition->boot_value);
    if (!number || *number / 10000 == plan.server_version) return {};
    return Error{ErrorCode::kInvalidArgument, "checking the plan with '" + bin.string() + "'",
                 fmt::format("the plan is for PostgreSQL {}, and these programs are {}",
                             plan.server_version, *number / 10000),
                 "name the right folder with --bin-dir, or make the plan for this version"};
}

bool has_critical(const std::vector<Finding>& findings) {
    return std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
        return finding.severity == Severity::kCritical;
    });
}

void append(const std::vector<Finding>& more, std::vector<Finding>& findings) {
    findings.insert(findings.end(), more.begin(), more.end());
}

Status boot(const Plan& plan, const CheckOptions& options, const Catalogue& catalogue,
            const Merge& merge, Deadline deadline, CheckReport& report) {
    HONE_TRY_ASSIGN(const Identity owner, scratch_owner());
    ScratchOptions scratch;
    scratch.bin_directory = options.bin_directory;
    scratch.owner = owner;
    scratch.cache_folder = options.cache_folder;
    HONE_TRY_ASSIGN(ScratchServer server, ScratchServer::prepare(scratch, deadline));
    const auto adjustments = adjustments_for_boot(catalogue, merge.values, options.machine_memory);
    HONE_TRY_ASSIGN(const BootReport booted,
                    boot_plan(server, merge.settings, plan, catalogue, adjustments, deadline));
    report.booted = booted.booted;
    report.values_agree = booted.values_agree;
    report.values_read = booted.values_read;
    report.boot_seconds = booted.boot_seconds;
    for (const auto& adjustment : adjustments) {
        report.adjusted.push_back(adjustment.setting + " = " + adjustment.value);
        report.memory_scaled = report.memory_scaled || adjustment.is_size;
    }
    append(booted.findings, report.findings);
    return {};
}

}  // namespace

bool CheckReport::passed() const {
    return booted && values_agree && !has_critical(findings);
}

Result<CheckReport> check_plan(const Plan& plan, const CheckOptions& options, Progress& progress,
                               Deadline deadline) {
    progress.step("reading what this build of PostgreSQL can do");
    HONE_TRY_ASSIGN(const Catalogue catalogue,
                    catalogue_of_binary(options.bin_directory, options.cache_folder, deadline));
    HONE_TRY(require_version(plan, catalogue, options.bin_directory));
    progress.step("checking the values");
    HONE_TRY_ASSIGN(const Merge merge, merge_configuration(plan, options, catalogue));
    MachineLimits limits = options.limits;
    if (!limits.open_files && options.open_files_limit > 0)
        limits.open_files = options.open_files_limit;
    const auto libraries = available_libraries(options.bin_directory);
    CheckReport report;
    if (limits == MachineLimits{}) report.not_judged.emplace_back("machine");
    if (libraries.empty()) report.not_judged.emplace_back("libraries");
    report.findings = merge.findings;
    append(check_rules(plan, catalogue, merge.values, libraries, limits), report.findings);
    if (has_critical(report.findings)) return report;
    progress.step("booting the plan in a scratch instance");
    HONE_TRY(boot(plan, options, catalogue, merge, deadline, report));
    return report;
}

json::object to_json(const CheckReport& report) {
    json::array findings;
    for (const auto& finding : report.findings)
        findings.push_back(json::object{{"rule", finding.rule},
                                        {"severity", to_string(finding.severity)},
                                        {"setting", finding.setting},
                                        {"message", finding.message},
                                        {"advice", finding.advice}});
    json::object object;
    object["passed"] = report.passed();
    object["booted"] = report.booted;
    object["values_agree"] = report.values_agree;
    object["values_read"] = report.values_read;
    object["memory_scaled"] = report.memory_scaled;
    object["adjusted"] = json::array(report.adjusted.begin(), report.adjusted.end());
    object["not_judged"] = json::array(report.not_judged.begin(), report.not_judged.end());
    object["boot_seconds"] = report.boot_seconds;
    object["findings"] = std::move(findings);
    return object;
}

}  // namespace hone::postgres
