// base/loopback.hpp - a place on 127.0.0.1 for a private server.
#pragma once

#include "base/result.hpp"

namespace hone {

// A TCP port that nobody listens on at this moment; somebody else may take it before it is used.
Result<int> free_loopback_port();

}  // namespace hone
