// prove/caveats.hpp - what a reader of an experiment's figures has to bear in mind.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "prove/experiment.hpp"

namespace hone::prove {

bool is_in_memory(const std::filesystem::path& folder);

// Of the machine and the place where the scratch servers are.
std::vector<std::string> machine_caveats(const Plan& plan, const ProveOptions& options,
                                         const std::filesystem::path& scratch_folder);
std::string caveat_of_cached_data(Bytes data);
std::string caveat_of_cold_caches();

}  // namespace hone::prove
