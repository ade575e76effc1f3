// apps/hone/bench_support.hpp - what bench run and bench compare share: where the servers are made,
// what they are loaded with, and what they are set to.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "commands.hpp"
#include "engines/postgres/server.hpp"
#include "prove/bench/configuration.hpp"
#include "prove/bench/servers.hpp"
#include "prove/bench/source.hpp"

namespace hone::app {

struct Context;

struct BenchGround {
    std::optional<postgres::Server> server;  // that --target or --data-dir names; only read
    prove::BenchPlace place;
    prove::ConfigurationBase base;
};

// invalid_argument: neither a pack nor a file, or both.
Status check_work(const BenchWorkArguments& work);

// Measures the storage for up to two seconds.
Result<BenchGround> bench_ground(Context& context, Deadline deadline);

// Errors as the sources say. A recording's data is copied from the server now.
Result<std::unique_ptr<prove::BenchSource>> bench_source(Context& context,
                                                         const BenchWorkArguments& work,
                                                         const BenchGround& ground,
                                                         std::uint64_t seed, int servers,
                                                         Deadline deadline);

// "--pack kaspa --preset busy ...", as a person types it, without what is the default.
std::string work_as_options(const BenchWorkArguments& work, const prove::BenchKey& key,
                            std::uint64_t seed);

}  // namespace hone::app
