// prove/load/run_options.hpp - what can be wrong with a run before it begins.
//
// Errors   invalid_argument, with the option's name.
#pragma once

#include "prove/load/generator.hpp"

namespace hone::prove {

Status validate(const GeneratorOptions& options);
Status validate(const RunOptions& options, std::size_t operations);

}  // namespace hone::prove
