#include "prove/bench/configuration.hpp"

#include <fmt/format.h>

#include "base/file.hpp"
#include "base/text.hpp"
#include "engines/postgres/scratch.hpp"
#include "model/plan.hpp"
#include "prove/shared_buffers.hpp"

namespace hone::prove {

namespace {

namespace fs = std::filesystem;

bool is_plan(std::string_view text) {
    return trim(text).starts_with('{');
}

Result<Configuration> configuration_from_plan(std::string_view text, const fs::path& file,
                                              const ConfigurationBase& base) {
    HONE_TRY_ASSIGN(const Plan plan, plan_from_text(text, file.string()));
    if (plan.server_version != base.server_version)
        return Error{ErrorCode::kInvalidArgument,
                     fmt::format("taking the settings of the plan '{}'", file.string()),
                     fmt::format("it is for PostgreSQL {}, and the programs are PostgreSQL {}",
                                 plan.server_version, base.server_version),
                     "pass --bin-dir with programs of the plan's version"};
    Configuration configuration{
        .name = "plan " + plan.id(),
        .settings = base.current.value_or(std::vector<postgres::ConfigEntry>{})};
    for (const Change& change : plan.changes)
        configuration.settings.push_back(
            {.name = change.setting, .value = change.to, .file = file, .line = 0});
    return configuration;
}

Result<Configuration> configuration_from_conf(const fs::path& file) {
    HONE_TRY_ASSIGN(const auto tree, postgres::read_config_tree(file, {}));
    if (!tree.problems.empty()) {
        const postgres::ConfigProblem& problem = tree.problems.front();
        return Error{ErrorCode::kInvalidArgument,
                     fmt::format("reading '{}', line {}", problem.file.string(), problem.line),
                     problem.message, "give a plan's file or a postgresql.conf"};
    }
    return Configuration{.name = file.filename().string(),
                         .settings = postgres::detached_settings(tree)};
}

}  // namespace

Result<Configuration> read_configuration(const std::string& word, const ConfigurationBase& base) {
    if (word == "default") return Configuration{.name = word, .settings = {}};
    if (word == "current") {
        if (base.current) return Configuration{.name = word, .settings = *base.current};
        return Error{ErrorCode::kFailedPrecondition, "taking the current settings",
                     "no server was named whose settings they would be",
                     "name it with --target or --data-dir"};
    }
    const fs::path file = fs::absolute(word);
    HONE_TRY_ASSIGN(const std::string text, read_file(file));
    return is_plan(text) ? configuration_from_plan(text, file, base)
                         : configuration_from_conf(file);
}

std::optional<std::string> fit_into_memory(std::span<Configuration* const> configurations,
                                           Bytes memory_limit) {
    Bytes wanted;
    for (const Configuration* configuration : configurations)
        wanted += shared_buffers_of(configuration->settings);
    const double factor = shared_buffers_factor(wanted, memory_limit);
    if (factor == 1) return std::nullopt;
    for (Configuration* configuration : configurations)
        scale_shared_buffers(configuration->settings, factor);
    return fmt::format(
        "{} not fit into {} at full size ({}): shared_buffers were measured at {:.0f} % of what "
        "the settings say.",
        configurations.size() == 1 ? "The server does"
                                   : fmt::format("{} servers do", configurations.size()),
        format_for_people(memory_limit), format_for_people(wanted), factor * 100);
}

}  // namespace hone::prove
