#include "machine_shapes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/random.hpp"

namespace hone::matrix {

namespace {

constexpr std::array<std::int64_t, 24> kMemoryMegabytes{
    512,   640,   768,   1024,  1536,  2048,   3072,   4096,   6144,   8192,   12288,  16384,
    24576, 32768, 49152, 65536, 98304, 131072, 196608, 262144, 393216, 524288, 786432, 1048576};
constexpr std::array<double, 16> kCores{0.5, 1,  1.5, 2,  3,  4,  6,  8,
                                        12,  16, 24,  32, 48, 64, 96, 128};
constexpr std::array<StorageClass, 4> kStorage{StorageClass::kNvme, StorageClass::kSsd,
                                               StorageClass::kHdd, StorageClass::kUnknown};
constexpr std::array<tune::Workload, 5> kWorkloads{
    tune::Workload::kIngest, tune::Workload::kOltp, tune::Workload::kReadMostly,
    tune::Workload::kAnalytics, tune::Workload::kMixed};
constexpr std::array<int, 10> kConnections{1, 5, 20, 50, 100, 200, 500, 1000, 2000, 5000};
// A backend takes some megabytes even when idle: more than this in that much memory is no machine
// that anybody has, and hone refuses to plan for it.
constexpr std::int64_t kMegabytesPerConnection = 16;

template <class Values>
auto one_of(Random& random, const Values& values) {
    return values[random.below(values.size())];
}

// Memory as cgroups and virtual machines have it: rarely a power of two.
Bytes odd_memory(Random& random) {
    const Bytes round = Bytes::mega(one_of(random, kMemoryMegabytes));
    if (random.below(3) != 0) return round;
    return round - Bytes{static_cast<std::int64_t>(
                       random.below(static_cast<std::uint64_t>(round.count() / 8)))};
}

MachineShape drawn(Random& random) {
    MachineShape shape;
    shape.memory = odd_memory(random);
    shape.cores = one_of(random, kCores);
    shape.storage = one_of(random, kStorage);
    shape.workload = one_of(random, kWorkloads);
    const int connections = one_of(random, kConnections);
    if (random.below(4) != 0 && connections <= shape.memory.whole_mega() / kMegabytesPerConnection)
        shape.connections = connections;
    if (random.below(2) == 0)
        shape.free_disk = Bytes::giga(static_cast<std::int64_t>(1 + random.below(2000)));
    if (random.below(4) == 0) shape.tenant = shape.memory / 3;
    if (random.below(4) == 0)
        shape.huge_pages_free = static_cast<std::int64_t>(random.below(100000));
    shape.overcommit_is_strict = random.below(8) == 0;
    return shape;
}

// Every workload on the smallest and the largest machine, where formulas meet their limits.
std::vector<MachineShape> corners() {
    std::vector<MachineShape> shapes;
    for (const auto workload : kWorkloads) {
        shapes.push_back({.memory = Bytes::mega(512),
                          .cores = 0.5,
                          .storage = StorageClass::kHdd,
                          .workload = workload,
                          .connections = {},
                          .free_disk = Bytes::giga(1),
                          .tenant = {},
                          .huge_pages_free = 0,
                          .overcommit_is_strict = true});
        shapes.push_back({.memory = Bytes::giga(1024),
                          .cores = 128,
                          .storage = StorageClass::kNvme,
                          .workload = workload,
                          .connections = 5000,
                          .free_disk = {},
                          .tenant = {},
                          .huge_pages_free = 1000000,
                          .overcommit_is_strict = false});
    }
    return shapes;
}

}  // namespace

std::vector<MachineShape> machine_shapes(int count, std::uint64_t seed) {
    Random random(seed);
    std::vector<MachineShape> shapes = corners();
    while (shapes.size() < static_cast<std::size_t>(count)) shapes.push_back(drawn(random));
    shapes.resize(static_cast<std::size_t>(count));
    return shapes;
}

std::string describe(const MachineShape& shape) {
    std::string text =
        fmt::format("{}, {} cores, {}, {}", format_for_people(shape.memory), shape.cores,
                    to_string(shape.storage), to_string(shape.workload));
    if (shape.connections) text += fmt::format(", {} connections", *shape.connections);
    if (shape.free_disk) text += ", " + format_for_people(*shape.free_disk) + " of free disk";
    if (shape.tenant) text += ", a tenant of " + format_for_people(*shape.tenant);
    if (shape.huge_pages_free) text += fmt::format(", {} huge pages", *shape.huge_pages_free);
    if (shape.overcommit_is_strict) text += ", strict overcommit";
    return text;
}

tune::TuneInput tune_input(const MachineShape& shape, int version, const Catalogue& catalogue,
                           const std::vector<std::string>& libraries) {
    tune::TuneInput input;
    input.server_version = version;
    input.machine = {.memory_limit = shape.memory,
                     .memory_source = "shape",
                     .cores = shape.cores,
                     .cores_source = "shape",
                     .storage = shape.storage,
                     .storage_source = "shape"};
    input.free_disk = shape.free_disk;
    input.huge_page_size = Bytes::mega(2);
    input.huge_pages_free = shape.huge_pages_free;
    input.overcommit_is_strict = shape.overcommit_is_strict;
    input.catalogue = catalogue;
    input.available_libraries = libraries;
    input.workload = shape.workload;
    input.connections = shape.connections;
    if (shape.tenant) input.tenants.push_back({"tenant", *shape.tenant});
    return input;
}

}  // namespace hone::matrix
