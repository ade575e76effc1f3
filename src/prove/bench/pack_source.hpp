// prove/bench/pack_source.hpp - a pack's preset as the load and data of a bench.
//
// Errors   as open_pack and Pack::run.
#pragma once

#include <memory>
#include <string>

#include "prove/bench/source.hpp"
#include "prove/pack/pack.hpp"

namespace hone::prove {

// `rate_factor` times the preset's rates.
Result<std::unique_ptr<BenchSource>> open_pack_source(const std::string& pack_name,
                                                      const PackOptions& options,
                                                      double rate_factor);

}  // namespace hone::prove
