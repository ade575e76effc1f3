// prove/pack/pack_run.hpp - the run behind PackRun.
#pragma once

#include <memory>

#include "prove/pack/compile.hpp"
#include "prove/pack/pack.hpp"

namespace hone::prove {

std::unique_ptr<PackRun> make_run(std::shared_ptr<const Pack::Description> description,
                                  CompiledPack compiled);

}  // namespace hone::prove
