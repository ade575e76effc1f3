#include "engines/postgres/check_boot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.hpp"
#include "engines/postgres/boot_failure.hpp"
#include "model/setting.hpp"

namespace hone::postgres {

namespace {

// A scratch server stands beside the real one; half of the memory leaves room for both, because
// only what is touched is taken, and a start touches a twentieth.
constexpr int kLargestShare = 2;
constexpr int kScaledShare = 8;

// What the server allocates when it starts.
constexpr std::array<std::string_view, 3> kAllocatedAtStart{"min_dynamic_shared_memory",
                                                            "shared_buffers", "wal_buffers"};
// -1 or 0: the server computes the value at its start, and shows what it computed.
constexpr std::array<std::string_view, 5> kComputedAtStart{
    "commit_timestamp_buffers", "io_max_concurrency", "subtransaction_buffers",
    "transaction_buffers", "wal_buffers"};

template <class Names>
bool is_one_of(const Names& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool numbers_agree(std::string_view wanted, std::string_view shown) {
    const auto a = parse_number(wanted);
    const auto b = parse_number(shown);
    if (!a || !b) return wanted == shown;
    return std::abs(*a - *b) <= 1e-6 * std::max(1.0, std::abs(*a));
}

const Adjustment* find_adjustment(const std::vector<Adjustment>& adjustments,
                                  std::string_view setting) {
    const auto found = std::find_if(adjustments.begin(), adjustments.end(),
                                    [&](const Adjustment& a) { return a.setting == setting; });
    return found == adjustments.end() ? nullptr : &*found;
}

std::vector<ConfigEntry> boot_settings(const std::vector<ConfigEntry>& settings, const Plan& plan,
                                       const std::vector<Adjustment>& adjustments) {
    std::vector<ConfigEntry> all = settings;
    for (const auto& change : plan.changes) all.push_back({change.setting, change.to, {}, 0});
    for (const auto& adjustment : adjustments)
        all.push_back({adjustment.setting, adjustment.value, {}, 0});
    return all;
}

Finding boot_failed(const std::string& server_log) {
    const BootFailure failure = diagnose_boot_failure(server_log);
    std::string message = failure.message;
    if (!failure.server_line.empty())
        message += fmt::format(" (the server said: {})", printable(failure.server_line, 500));
    return {failure.rule, Severity::kCritical, failure.setting, message, failure.advice};
}

Finding not_readable(const Change& change) {
    return {"boot.value_unreadable", Severity::kCritical, change.setting,
            fmt::format("the server started, and knows no setting named {}", change.setting),
            "its extension must be in shared_preload_libraries"};
}

Finding value_differs(const Change& change, std::string_view wanted, std::string_view shown) {
    return {"boot.value_differs", Severity::kCritical, change.setting,
            fmt::format("the plan says {} = {}, and the server made {} of it", change.setting,
                        wanted, shown),
            "make the plan again for this build of PostgreSQL"};
}

// Names are bound as one array, so the number of changes does not matter.
std::string array_literal(const std::vector<Change>& changes) {
    std::string text = "{";
    for (const auto& change : changes) {
        if (text.size() > 1) text += ',';
        text += '"';
        for (const char c : change.setting) {
            if (c == '"' || c == '\\') text += '\\';
            text += c;
        }
        text += '"';
    }
    return text + "}";
}

// pg_settings shows a value in the setting's unit, current_setting as a person writes it: an
// extension's setting is not in the catalogue, so its text is compared as it was written.
constexpr const char* kReadBack =
    "SELECT wanted.name, coalesce(s.setting, '') AS setting, "
    "current_setting(wanted.name, true) AS shown "
    "FROM unnest($1::text[]) AS wanted(name) LEFT JOIN pg_settings s "
    "ON lower(s.name) = lower(wanted.name)";

std::optional<Finding> compare(const Change& change, const std::string& wanted,
                               const Catalogue& catalogue, const Rows& rows, std::size_t row) {
    if (!rows.cell(row, "shown")) return not_readable(change);
    const std::string shown = rows.text(row, "shown");
    const auto* definition = find_setting(catalogue, change.setting);
    if (definition == nullptr) {
        if (shown == wanted) return std::nullopt;
        return value_differs(change, wanted, shown);
    }
    const auto canonical = canonical_value(*definition, wanted);
    if (canonical.ok() && reads_back_as(*definition, *canonical, rows.text(row, "setting")))
        return std::nullopt;
    return value_differs(change, wanted, shown);
}

Status read_back(Connection& connection, const Plan& plan, const Catalogue& catalogue,
                 const std::vector<Adjustment>& adjustments, Deadline deadline,
                 BootReport& report) {
    HONE_TRY_ASSIGN(const Rows rows,
                    connection.query(kReadBack, {array_literal(plan.changes)}, deadline));
    for (std::size_t row = 0; row < rows.size(); ++row) {
        const std::string name = rows.text(row, "name");
        const auto change = std::find_if(plan.changes.begin(), plan.changes.end(),
                                         [&](const Change& c) { return c.setting == name; });
        if (change == plan.changes.end() || is_pinned(name)) continue;
        const auto* adjustment = find_adjustment(adjustments, name);
        const std::string& wanted = adjustment != nullptr ? adjustment->value : change->to;
        ++report.values_read;
        if (auto finding = compare(*change, wanted, catalogue, rows, row))
            report.findings.push_back(std::move(*finding));
    }
    return {};
}

// A connection that the new configuration itself refuses (a session_preload_libraries that is not
// there) is the plan's fault; it comes out of the server's log like a failed boot.
bool is_the_plans_fault(const Error& error) {
    return error.code() != ErrorCode::kDeadlineExceeded && error.code() != ErrorCode::kExhausted;
}

// Nothing about the plan: another attempt, on a machine in order, may well boot.
bool is_this_machines_fault(const std::string& rule) {
    static constexpr std::array<std::string_view, 4> kRules{
        "boot.disk_full", "boot.incomplete_programs", "boot.permission", "boot.port"};
    return is_one_of(kRules, rule);
}

Status judge_failure(const ScratchServer& server, const Error& error, BootReport& report) {
    if (!is_the_plans_fault(error)) return error;
    Finding finding = boot_failed(server.log_of_last_start());
    if (is_this_machines_fault(finding.rule)) return error;
    report.findings.push_back(std::move(finding));
    return {};
}

void put_value(const Catalogue& catalogue, const std::string& name, const std::string& text,
               MergedValues& values) {
    const auto* definition = find_setting(catalogue, name);
    if (definition == nullptr) {
        values[name] = text;
        return;
    }
    const auto value = canonical_value(*definition, text);
    if (value.ok()) values[name] = *value;
}

}  // namespace

MergedValues merged_values(const Catalogue& catalogue, const std::vector<ConfigEntry>& settings,
                           const Plan& plan) {
    MergedValues values;
    for (const auto& [name, definition] : catalogue) values[name] = definition.boot_value;
    for (const auto& entry : settings) put_value(catalogue, entry.name, entry.value, values);
    for (const auto& change : plan.changes) put_value(catalogue, change.setting, change.to, values);
    return values;
}

bool reads_back_as(const SettingDefinition& definition, std::string_view wanted_canonical,
                   std::string_view server_value) {
    if (is_one_of(kComputedAtStart, definition.name) &&
        (wanted_canonical == "-1" || wanted_canonical == "0"))
        return true;
    switch (definition.type) {
        case SettingType::kInteger:
        case SettingType::kReal:
            return numbers_agree(wanted_canonical, server_value);
        case SettingType::kEnum:
            // 15 and later show the method that "on" stands for.
            if (definition.name == "wal_compression" && wanted_canonical == "on")
                return server_value == "on" || server_value == "pglz";
            return wanted_canonical == server_value;
        case SettingType::kBool:
        case SettingType::kText:
            return wanted_canonical == server_value;
    }
    return false;
}

std::vector<Adjustment> adjustments_for_boot(const Catalogue& catalogue, const MergedValues& merged,
                                             Bytes machine_memory) {
    std::vector<Adjustment> adjustments;
    for (const auto name : kAllocatedAtStart) {
        const auto* definition = find_setting(catalogue, name);
        const auto value = merged.find(name);
        if (definition == nullptr || value == merged.end() || machine_memory.count() == 0) continue;
        const auto size = value_as_bytes(*definition, value->second);
        if (!size || *size <= machine_memory / kLargestShare) continue;
        const Bytes scaled = round_down_to(machine_memory / kScaledShare, Bytes::mega(1));
        adjustments.push_back({std::string(name), format_for_postgres(scaled), true});
    }
    const auto huge_pages = merged.find("huge_pages");
    if (huge_pages != merged.end() && huge_pages->second == "on")
        adjustments.push_back({"huge_pages", "try", false});
    return adjustments;
}

Result<BootReport> boot_plan(ScratchServer& server, const std::vector<ConfigEntry>& settings,
                             const Plan& plan, const Catalogue& catalogue,
                             const std::vector<Adjustment>& adjustments, Deadline deadline) {
    HONE_TRY(server.configure(boot_settings(settings, plan, adjustments)));
    BootReport report;
    const double begun = monotonic_seconds();
    const Status started = server.start(deadline);
    report.boot_seconds = monotonic_seconds() - begun;
    if (!started.ok()) {
        HONE_TRY(judge_failure(server, started.error(), report));
        return report;
    }
    auto connection = server.connect(deadline);
    if (!connection.ok()) {
        HONE_TRY(judge_failure(server, connection.error(), report));
    } else {
        report.booted = true;
        HONE_TRY(read_back(*connection, plan, catalogue, adjustments, deadline, report));
        report.values_agree = report.findings.empty();
    }
    HONE_TRY(server.stop(deadline));
    return report;
}

}  // namespace hone::postgres
