// tests/support/program.hpp - runs the real hone program, as a person would.
#pragma once

#include <string>
#include <vector>

#include "base/process.hpp"
#include "support/private_cluster.hpp"

namespace hone::test {

// Runs hone with the arguments; aborts the test where it does not end within two minutes.
ProcessResult run_hone(const std::vector<std::string>& arguments,
                       const std::vector<std::pair<std::string, std::string>>& environment = {},
                       std::optional<Identity> run_as = std::nullopt);

// With --data-dir and --state-dir of the cluster, as the cluster's owner.
ProcessResult run_hone_on(const PrivateCluster& cluster, std::vector<std::string> arguments,
                          const std::vector<std::pair<std::string, std::string>>& environment = {});

}  // namespace hone::test
