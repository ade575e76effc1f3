// bench/kaspa/sizes.hpp - how many bytes a transaction takes, by schema and by mapping.
#pragma once

#include <string>

#include "bench/kaspa/laboratory.hpp"

namespace hone::bench {

struct VariantSize {
    std::string schema;
    std::string mapping;
    double transactions = 0;  // of users
    double load_seconds = 0;
    std::vector<RelationSize> tables;
};

Result<std::vector<VariantSize>> measure_sizes(const Laboratory& laboratory, Progress& progress,
                                               Deadline deadline);
std::string sizes_text(const std::vector<VariantSize>& sizes);

}  // namespace hone::bench
