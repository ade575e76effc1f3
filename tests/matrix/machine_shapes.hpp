// matrix/machine_shapes.hpp - machines that plans are made for: every size, and odd ones between.
//
// Shape    the first ones are corners (smallest, largest, fractional cores, thousands of
//          connections), the rest is drawn from a seed: equal seeds give equal machines.
// Threads  pure.
#pragma once

#include <string>
#include <vector>

#include "tune/tune.hpp"

namespace hone::matrix {

struct MachineShape {
    Bytes memory;
    double cores = 1;
    StorageClass storage = StorageClass::kUnknown;
    tune::Workload workload = tune::Workload::kMixed;
    std::optional<int> connections;
    std::optional<Bytes> free_disk;
    std::optional<Bytes> tenant;
    std::optional<std::int64_t> huge_pages_free;
    bool overcommit_is_strict = false;
};

std::vector<MachineShape> machine_shapes(int count, std::uint64_t seed);
std::string describe(const MachineShape& shape);
// Offline: the server's values are the catalogue's defaults.
tune::TuneInput tune_input(const MachineShape& shape, int version, const Catalogue& catalogue,
                           const std::vector<std::string>& libraries);

}  // namespace hone::matrix
