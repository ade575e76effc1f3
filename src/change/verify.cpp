#include "change/verify.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "engines/postgres/control.hpp"
#include "engines/postgres/effective.hpp"

namespace hone::change {

namespace {

Error found_wanting(std::string tried, const std::vector<std::string>& findings) {
    return Error{ErrorCode::kRolledBack, std::move(tried), "\n  " + join(findings, "\n  ")};
}

// "cannot be changed without a restart" is in pg_file_settings as an error like any other.
bool waits_for_restart(const Catalogue& catalogue, const std::string& name) {
    const SettingDefinition* definition = find_setting(catalogue, name);
    return definition != nullptr && definition->context == SettingContext::kRestart;
}

}  // namespace

Status require_readable_files(const Preparation& preparation, Deadline deadline) {
    HONE_TRY_ASSIGN(postgres::Connection connection,
                    postgres::connect(preparation.server, deadline));
    const auto rows = connection.query(
        "SELECT sourcefile, sourceline, coalesce(name, '') AS name, error FROM pg_file_settings "
        "WHERE error IS NOT NULL ORDER BY seqno",
        deadline);
    if (!rows.ok() && rows.error().code() == ErrorCode::kPermissionDenied) return {};
    if (!rows.ok()) return rows.error();
    std::vector<std::string> findings;
    for (std::size_t row = 0; row < rows->size(); ++row)
        if (!waits_for_restart(preparation.state.catalogue, rows->text(row, "name")))
            findings.push_back(fmt::format("{} line {}: {}: {}", rows->text(row, "sourcefile"),
                                           rows->text(row, "sourceline"), rows->text(row, "name"),
                                           rows->text(row, "error")));
    if (findings.empty()) return {};
    return found_wanting("letting the server read the files", findings);
}

Status require_effective(const Preparation& preparation, Deadline deadline) {
    const postgres::Server& server = preparation.server;
    HONE_TRY(postgres::wait_until_ready(server, deadline));
    HONE_TRY_ASSIGN(postgres::Connection connection, postgres::connect(server, deadline));
    HONE_TRY_ASSIGN(const auto state, postgres::read_state(connection, server, deadline));
    postgres::ConfigTree tree;
    if (!server.config_file.empty()) {
        HONE_TRY_ASSIGN(tree,
                        postgres::read_config_tree(server.config_file, server.auto_config_file));
    }
    std::vector<std::string> findings;
    for (const auto& obstacle :
         postgres::find_obstacles(preparation.plan, state, tree, preparation.hone_file))
        findings.push_back(describe(obstacle));
    if (findings.empty()) return {};
    return found_wanting("verifying the values", findings);
}

Status require_written(const Preparation& preparation) {
    HONE_TRY_ASSIGN(const auto tree,
                    postgres::read_config_tree(preparation.server.config_file,
                                               preparation.server.auto_config_file));
    std::vector<std::string> findings;
    for (const ChangedSetting& change : preparation.changes) {
        const postgres::ConfigEntry* entry = tree.winner(change.setting);
        const SettingDefinition* definition =
            find_setting(preparation.state.catalogue, change.setting);
        const std::string written = entry == nullptr ? "" : entry->value;
        const auto canonical = definition == nullptr ? Result<std::string>(written)
                                                     : canonical_value(*definition, written);
        if (!canonical.ok() || *canonical != change.after)
            findings.push_back(fmt::format("{} is '{}' in the files, not '{}'", change.setting,
                                           written, change.to));
    }
    if (findings.empty()) return {};
    return found_wanting("reading the files back", findings);
}

}  // namespace hone::change
