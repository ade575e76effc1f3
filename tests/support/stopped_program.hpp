// tests/support/stopped_program.hpp - a hone that stops itself at a failpoint, so that something can
// happen just then.
#pragma once

#include <functional>

#include "support/private_cluster.hpp"
#include "support/program.hpp"

namespace hone::test {

// `run`: starts a hone that takes the cluster's lock and has "NAME=stop" among its failpoints.
// `meanwhile` is done while it stands still; then it goes on to its end.
ProcessResult run_with_pause(const PrivateCluster& cluster,
                             const std::function<ProcessResult()>& run,
                             const std::function<void()>& meanwhile);

}  // namespace hone::test
