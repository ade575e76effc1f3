#include "change/preparation.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/failpoint.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "change/alter_system.hpp"
#include "change/elsewhere.hpp"
#include "change/hone_file.hpp"
#include "change/store.hpp"
#include "engines/postgres/control.hpp"
#include "engines/postgres/effective.hpp"

namespace hone::change {

namespace {

namespace fs = std::filesystem;

Error refused(std::string wrong, std::string advice) {
    return Error{ErrorCode::kFailedPrecondition, "applying the plan", std::move(wrong),
                 std::move(advice)};
}

Status require_our_business(const Plan& plan, const postgres::Server& server) {
    if (plan.offline())
        return refused("it was made offline, for no server in particular",
                       "make it with hone plan --data-dir or --target");
    if (plan.target.system_identifier != server.system_identifier)
        return refused(fmt::format("it was made for another server (system identifier {}, this one "
                                   "has {})",
                                   plan.target.system_identifier, server.system_identifier),
                       "make a plan for this server with hone plan");
    if (instructions_for(server.managed_by, plan))
        return Error{
            ErrorCode::kUnsupported, "applying the plan",
            fmt::format("the server is run by {}, which would undo what hone writes",
                        server.managed_by == ManagedBy::kPatroni ? "Patroni" : "a container"),
            "hand over the text on stdout instead"};
    return {};
}

Status require_fresh(const Plan& plan, const postgres::Server& server,
                     const postgres::ServerState& state) {
    HONE_TRY_ASSIGN(const std::string now, postgres::state_hash(server, state));
    if (now == plan.target.state_hash) return {};
    return refused("the server's configuration was changed since the plan was made",
                   "make the plan again with hone plan and look at it again");
}

Status require_sound_files(const postgres::ConfigTree& tree) {
    if (tree.problems.empty()) return {};
    std::vector<std::string> texts;
    for (const auto& problem : tree.problems)
        texts.push_back(
            fmt::format("{} line {}: {}", problem.file.string(), problem.line, problem.message));
    return refused("the configuration files have mistakes already: " + join(texts, "; "),
                   "mend them: the server refuses the whole configuration as it is");
}

// access(2) asks for the real user, who is the one that the process runs as: hone is not setuid.
bool writable(const fs::path& path) {
    return ::access(path.c_str(), W_OK) == 0;
}

Status read_everything(Preparation& preparation, Deadline deadline) {
    const postgres::Server& server = preparation.server;
    if (preparation.running) {
        HONE_TRY_ASSIGN(postgres::Connection connection, postgres::connect(server, deadline));
        HONE_TRY_ASSIGN(preparation.state, postgres::read_state(connection, server, deadline));
        preparation.conninfo = connection_text(connection);
    } else {
        HONE_TRY_ASSIGN(preparation.state, postgres::read_state_from_files(
                                               server, preparation.options.cache_folder, deadline));
    }
    if (server.config_file.empty()) return {};
    HONE_TRY_ASSIGN(preparation.tree,
                    postgres::read_config_tree(server.config_file, server.auto_config_file));
    return {};
}

// Why hone's own file cannot be written; "" where it can.
std::string file_hindrance(const Preparation& preparation, const Placement& placement) {
    const postgres::Server& server = preparation.server;
    if (!server.files_in_reach()) return "the configuration files are out of reach";
    if (!writable(placement.file.parent_path()))
        return fmt::format("the folder '{}' is not writable for this user",
                           placement.file.parent_path().string());
    return "";
}

// As if hone's file were read last: its include line is moved to the end of the main file, wherever
// it is now.
postgres::ConfigTree with_file_at_end(postgres::ConfigTree tree, const fs::path& hone_file) {
    std::erase_if(tree.entries, [&](const auto& entry) { return entry.file == hone_file; });
    return tree;
}

std::vector<postgres::Obstacle> obstacles_of(const Preparation& preparation,
                                             const Placement& placement, Deadline deadline) {
    std::string user = "postgres";
    std::string database = "postgres";
    if (preparation.running) {
        auto connection = postgres::connect(preparation.server, deadline);
        if (connection.ok()) {
            user = connection->user();
            database = connection->database();
        }
    }
    const postgres::ConfigTree tree = placement.needs_include_line
                                          ? with_file_at_end(preparation.tree, placement.file)
                                          : preparation.tree;
    return postgres::predict_obstacles(preparation.plan, preparation.state, tree, placement.file,
                                       user, database);
}

bool only_later_lines_of(const std::vector<postgres::Obstacle>& obstacles,
                         const fs::path& main_file) {
    return !obstacles.empty() &&
           std::all_of(obstacles.begin(), obstacles.end(), [&](const auto& obstacle) {
               return (obstacle.cause == postgres::Override::kLaterFile ||
                       obstacle.cause == postgres::Override::kDuplicateKey) &&
                      obstacle.where.starts_with(main_file.string() + " ");
           });
}

Status refuse_obstacles(const std::vector<postgres::Obstacle>& obstacles) {
    if (obstacles.empty()) return {};
    std::vector<std::string> texts;
    for (const auto& obstacle : obstacles) texts.push_back("\n  " + describe(obstacle));
    return refused(
        fmt::format("{} of its values would not hold:{}", obstacles.size(), join(texts, "")),
        "\n  do what each line says, then make the plan again");
}

bool is_read_by_server(const Preparation& preparation, const fs::path& file) {
    const auto& files = preparation.tree.files;
    return std::any_of(files.begin(), files.end(), [&](const fs::path& read) {
        return read.lexically_normal() == file.lexically_normal();
    });
}

Status add_edits(Preparation& preparation, const Placement& placement, std::string_view main_text) {
    const fs::path& main_file = preparation.server.config_file;
    HONE_TRY_ASSIGN(const FileAttributes attributes, read_attributes(main_file));
    FileAttributes own = attributes;
    std::string existing;
    std::string before;
    if (file_exists(placement.file)) {
        HONE_TRY_ASSIGN(existing, read_file(placement.file));
        HONE_TRY_ASSIGN(own, read_attributes(placement.file));
        before = sha256_hex(existing);
    }
    // A file of hone's that nothing includes any more was switched off by somebody: its old values
    // stay off.
    if (!is_read_by_server(preparation, placement.file)) existing.clear();
    preparation.edits.push_back(
        {placement.file, merged_hone_file(existing, preparation.plan), own, before});
    if (!placement.needs_include_line) return {};
    std::string with_line = with_include_line(main_text, main_file, placement.file);
    if (with_line != main_text)
        preparation.edits.push_back(
            {main_file, std::move(with_line), attributes, sha256_hex(main_text)});
    return {};
}

Status choose_file(Preparation& preparation, Placement placement, std::string_view main_text,
                   Deadline deadline) {
    const fs::path& main_file = preparation.server.config_file;
    auto obstacles = obstacles_of(preparation, placement, deadline);
    if (!placement.needs_include_line && only_later_lines_of(obstacles, main_file)) {
        const Placement end =
            place_hone_file(main_file, main_text, preparation.tree, PlaceChoice::kEndOfFile);
        auto rest = obstacles_of(preparation, end, deadline);
        if (rest.empty()) {
            preparation.notes.push_back(
                fmt::format("{} has lines of its own after its include_dir, which would win ({}): "
                            "hone's file is included at the end of it instead",
                            main_file.string(), obstacles.front().where));
            placement = end;
        }
        obstacles = std::move(rest);
    }
    HONE_TRY(refuse_obstacles(obstacles));
    preparation.method = Method::kFile;
    preparation.hone_file = placement.file;
    return add_edits(preparation, placement, main_text);
}

Status choose_alter_system(Preparation& preparation, const std::string& because,
                           Deadline deadline) {
    if (!preparation.running)
        return refused("ALTER SYSTEM needs a running server, and this one is stopped" +
                           (because.empty() ? "" : "; " + because),
                       "start it, or run hone as the user who owns the files");
    HONE_TRY_ASSIGN(postgres::Connection connection,
                    postgres::connect(preparation.server, deadline));
    HONE_TRY(require_alter_system(connection, preparation.plan, deadline));
    preparation.method = Method::kAlterSystem;
    preparation.hone_file = preparation.server.auto_config_file;
    HONE_TRY(
        refuse_obstacles(obstacles_of(preparation, {.file = preparation.hone_file}, deadline)));
    HONE_TRY_ASSIGN(const auto altered, altered_values(connection, deadline));
    for (ChangedSetting& change : preparation.changes)
        if (const auto found = altered.find(to_lower(change.setting)); found != altered.end())
            change.altered_before = found->second;
    if (!because.empty())
        preparation.notes.push_back(because + ": the settings are made with ALTER SYSTEM");
    return {};
}

Status choose_method(Preparation& preparation, Deadline deadline) {
    const auto wanted = preparation.options.method;
    if (wanted == Method::kAlterSystem) return choose_alter_system(preparation, "", deadline);
    std::string main_text;
    Placement placement;
    if (!preparation.server.config_file.empty()) {
        HONE_TRY_ASSIGN(main_text, read_file(preparation.server.config_file));
        placement = place_hone_file(preparation.server.config_file, main_text, preparation.tree,
                                    PlaceChoice::kUsual);
    }
    const std::string hindrance = file_hindrance(preparation, placement);
    if (hindrance.empty()) return choose_file(preparation, placement, main_text, deadline);
    if (wanted == Method::kFile)
        return Error{ErrorCode::kPermissionDenied, "applying the plan", hindrance,
                     "run hone as the user who owns the files, or use --method alter-system"};
    return choose_alter_system(preparation, hindrance, deadline);
}

Status list_changes(Preparation& preparation) {
    for (const Change& change : preparation.plan.changes) {
        const SettingDefinition* definition =
            find_setting(preparation.state.catalogue, change.setting);
        ChangedSetting changed{.setting = change.setting,
                               .from = change.from,
                               .to = change.to,
                               .after = change.to,
                               .context = change.context,
                               .altered_before = std::nullopt};
        if (definition != nullptr) {
            HONE_TRY_ASSIGN(changed.after, canonical_value(*definition, change.to));
            changed.context = definition->context;
        }
        const auto state = preparation.state.settings.find(change.setting);
        if (state != preparation.state.settings.end()) {
            changed.before = state->second.value;
            // What a stopped server's files say is not what it will run with (wal_buffers = -1).
            changed.was_pending = !preparation.running || state->second.pending_restart;
        }
        preparation.changes.push_back(std::move(changed));
    }
    return {};
}

}  // namespace

std::vector<std::string> Preparation::restart_settings() const {
    std::vector<std::string> names;
    if (!running) return names;
    for (const ChangedSetting& change : changes)
        if (change.needs_restart() && change.before != change.after)
            names.push_back(change.setting);
    return names;
}

Result<Preparation> prepare(Plan plan, const postgres::Server& server, ApplyOptions options,
                            Progress& progress, Deadline deadline) {
    progress.step("looking at the server");
    HONE_TRY(require_our_business(plan, server));
    HONE_TRY_ASSIGN(TargetLock lock, TargetLock::acquire(server, deadline));
    HONE_FAILPOINT("apply.after_lock");
    HONE_TRY(refuse_open_journal(options.state_directory, server.data_directory,
                                 server.system_identifier));
    Preparation preparation{.plan = std::move(plan),
                            .options = std::move(options),
                            .server = server,
                            .lock = std::move(lock),
                            .running = server.data_directory.empty() || is_running(server)};
    HONE_TRY(read_everything(preparation, deadline));
    HONE_TRY(require_fresh(preparation.plan, server, preparation.state));
    HONE_TRY(require_sound_files(preparation.tree));
    HONE_TRY(list_changes(preparation));
    HONE_TRY(choose_method(preparation, deadline));
    HONE_FAILPOINT("apply.prepared");
    return preparation;
}

Status require_bootable(const Preparation& preparation, Progress& progress, Deadline deadline) {
    if (HONE_FAILPOINT_ERROR("apply.skip_boot_check") != 0) return {};
    const postgres::Server& server = preparation.server;
    if (server.bin_directory.empty())
        return Error{ErrorCode::kUnsupported, "booting the plan before it is applied",
                     fmt::format("no PostgreSQL {} programs are on this machine", server.version),
                     "install them, or name their folder with --bin-dir"};
    progress.step("booting the plan in a scratch instance");
    postgres::CheckOptions options{.bin_directory = server.bin_directory,
                                   .server = server,
                                   .cache_folder = preparation.options.cache_folder,
                                   .machine_memory = preparation.options.machine_memory,
                                   .limits = preparation.options.limits};
    if (server.config_file.empty()) options.server.reset();
    HONE_TRY_ASSIGN(const auto report,
                    postgres::check_plan(preparation.plan, options, progress, deadline));
    if (report.passed()) return {};
    std::string findings;
    for (const auto& finding : report.findings)
        if (finding.severity == Severity::kCritical)
            findings += fmt::format("\n  {}: {}", finding.message, finding.advice);
    return Error{ErrorCode::kInvalidArgument, "booting the plan before it is applied",
                 "it does not boot:" + findings, "\n  nothing was changed; hone check says more"};
}

}  // namespace hone::change
