#include "prove/bench/servers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "prove/scratch_servers.hpp"

namespace hone::prove {

namespace {

constexpr double kConnectionsPerCore = 4;
constexpr int kFewestConnections = 8;
constexpr int kMostConnections = 32;

std::vector<ServerSide> sides_of(const BenchSource& source,
                                 std::span<const Configuration> configurations) {
    std::vector<ServerSide> sides;
    for (const Configuration& configuration : configurations) {
        ServerSide side{.what = fmt::format("the configuration '{}'", configuration.name),
                        .settings = configuration.settings};
        for (postgres::ConfigEntry& entry : source.forced_settings())
            side.settings.push_back(std::move(entry));
        sides.push_back(std::move(side));
    }
    return sides;
}

}  // namespace

Result<std::vector<postgres::ScratchServer>> make_bench_servers(
    BenchSource& source, const BenchPlace& place, std::span<const Configuration> configurations,
    Progress& progress, Deadline deadline) {
    const ScratchServersOptions options{.bin_directory = place.bin_directory,
                                        .owner = place.owner,
                                        .parent_folder = place.parent_folder,
                                        .cache_folder = place.cache_folder,
                                        .template_data = source.template_data()};
    const auto fill = [&](postgres::ScratchServer& server, Deadline until) {
        return source.fill(server, progress, until);
    };
    HONE_TRY_ASSIGN(auto servers, make_servers(options, sides_of(source, configurations), fill,
                                               progress, deadline));
    for (const postgres::ScratchServer& server : servers)
        static_cast<void>(prewarm(server, deadline));
    return servers;
}

Result<std::map<std::string, std::string>> changed_settings(const postgres::ScratchServer& server,
                                                            Deadline deadline) {
    HONE_TRY_ASSIGN(auto connection, server.connect(deadline));
    HONE_TRY_ASSIGN(const auto rows,
                    connection.query("SELECT name, current_setting(name) AS value FROM pg_settings "
                                     "WHERE source = 'configuration file' "
                                     "AND setting IS DISTINCT FROM boot_val ORDER BY name",
                                     deadline));
    std::map<std::string, std::string> settings;
    for (std::size_t row = 0; row < rows.size(); ++row)
        settings[rows.text(row, "name")] = rows.text(row, "value");
    return settings;
}

Result<int> connections_for(std::optional<int> wanted, double cores,
                            std::span<const postgres::ScratchServer> servers, Deadline deadline) {
    int connections =
        wanted.value_or(std::clamp(static_cast<int>(std::lround(cores * kConnectionsPerCore)),
                                   kFewestConnections, kMostConnections));
    for (const postgres::ScratchServer& server : servers) {
        HONE_TRY_ASSIGN(const int room, client_room(server, deadline));
        if (wanted && *wanted > room)
            return Error{ErrorCode::kInvalidArgument,
                         fmt::format("opening {} connections", *wanted),
                         fmt::format("the server has room for {}", room),
                         "ask for fewer with --connections, or raise max_connections"};
        connections = std::min(connections, room);
    }
    return connections;
}

}  // namespace hone::prove
