// tests/support/made_plan.hpp - plans with the settings that a test wants, for a private cluster as
// it is at this moment.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "engines/postgres/server.hpp"
#include "engines/postgres/state.hpp"
#include "model/plan.hpp"
#include "support/private_cluster.hpp"

namespace hone::test {

using Settings = std::vector<std::pair<std::string, std::string>>;

inline constexpr Seconds kPlanPatience{60};

// Running or stopped; contexts come from its catalogue.
inline postgres::ServerState state_of(const PrivateCluster& cluster,
                                      const postgres::Server& server) {
    const Deadline deadline = Deadline::after(kPlanPatience);
    if (!cluster.running())
        return postgres::read_state_from_files(server, cluster.folder() / "test-cache", deadline)
            .value();
    auto connection = postgres::connect(server, deadline);
    EXPECT_TRUE(connection.ok()) << connection.error().message();
    return postgres::read_state(*connection, server, deadline).value();
}

inline Plan made_plan(const PrivateCluster& cluster, const Settings& settings) {
    const auto server =
        postgres::locate_by_data_directory(cluster.data_directory(), cluster.bin_directory());
    EXPECT_TRUE(server.ok()) << server.error().message();
    const postgres::ServerState state = state_of(cluster, *server);
    Plan plan;
    plan.server_version = server->version;
    plan.server_build = server->version_text;
    plan.target.system_identifier = server->system_identifier;
    plan.target.data_directory = server->data_directory.string();
    plan.target.state_hash = postgres::state_hash(*server, state).value();
    plan.machine.memory_limit = Bytes::giga(4);
    plan.budget.limit = Bytes::giga(4);
    for (const auto& [name, value] : settings) {
        Change change;
        change.setting = name;
        change.to = value;
        change.rule = "test." + name;
        change.reason = "The test asks for it";
        if (const auto* definition = find_setting(state.catalogue, name)) {
            change.context = definition->context;
            change.from = display_value(*definition, state.settings.at(name).value);
        }
        plan.changes.push_back(std::move(change));
    }
    return plan;
}

// Written where the cluster's owner may read it.
inline std::string write_plan(const PrivateCluster& cluster, const Plan& plan,
                              const std::string& name = "plan.json") {
    const auto path = cluster.folder() / name;
    EXPECT_TRUE(replace_file(path, plan_to_text(plan), FileAttributes{.mode = 0644}).ok());
    return path.string();
}

}  // namespace hone::test
