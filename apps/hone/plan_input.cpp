#include "plan_input.hpp"

#include <fmt/format.h>

#include "base/file.hpp"
#include "context.hpp"

namespace hone::app {

Result<Plan> read_plan(const std::filesystem::path& file) {
    HONE_TRY_ASSIGN(const std::string text, read_file(file));
    return plan_from_text(text, file.string());
}

Result<std::optional<postgres::Server>> server_named(const Context& context, Deadline deadline) {
    using Found = std::optional<postgres::Server>;
    if (!context.target.empty()) {
        HONE_TRY_ASSIGN(auto server, postgres::locate_by_conninfo(context.target,
                                                                  context.bin_directory, deadline));
        return Found{std::move(server)};
    }
    if (context.data_directory.empty()) return Found{};
    HONE_TRY_ASSIGN(auto server, postgres::locate_by_data_directory(context.data_directory,
                                                                    context.bin_directory));
    return Found{std::move(server)};
}

Result<std::optional<postgres::Server>> server_for(const Context& context, const Plan& plan,
                                                   Deadline deadline) {
    HONE_TRY_ASSIGN(auto named, server_named(context, deadline));
    if (named || plan.target.data_directory.empty()) return named;
    HONE_TRY_ASSIGN(auto server, postgres::locate_by_data_directory(plan.target.data_directory,
                                                                    context.bin_directory));
    return std::optional(std::move(server));
}

Result<std::optional<postgres::Server>> server_here_for(const Context& context, const Plan& plan,
                                                        Deadline deadline) {
    const bool is_named = !context.target.empty() || !context.data_directory.empty();
    if (!is_named && !file_exists(plan.target.data_directory))
        return std::optional<postgres::Server>{};
    return server_for(context, plan, deadline);
}

Result<std::filesystem::path> programs_for(const Context& context, const Plan& plan,
                                           const std::optional<postgres::Server>& server) {
    if (!context.bin_directory.empty()) return context.bin_directory;
    if (server && !server->bin_directory.empty()) return server->bin_directory;
    for (const auto& folder : postgres::installed_bin_directories()) {
        const auto build = postgres::version_of_binary(folder);
        if (!build.ok()) continue;
        const auto version = postgres::major_version_of(*build);
        if (version.ok() && *version == plan.server_version) return folder;
    }
    return Error{ErrorCode::kNotFound,
                 fmt::format("looking for the programs of PostgreSQL {}", plan.server_version),
                 "there are none on this machine", "pass their folder with --bin-dir"};
}

}  // namespace hone::app
