// boot_matrix - makes a plan for each machine and boots it on each build of PostgreSQL.
//
// hone_boot_matrix [--shapes N] [--seed N] [--threads N] [--cache DIR] BIN_DIR...
//
// One copied data folder per build and thread serves all its plans, restarted with each one's
// settings. Memory is scaled down where this machine is smaller than the plan's; everything else is
// booted and read back as planned. Exit 0: every plan passed.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <thread>

#include "base/file.hpp"
#include "base/text.hpp"
#include "engines/postgres/check_boot.hpp"
#include "engines/postgres/scratch.hpp"
#include "engines/postgres/server.hpp"
#include "engines/postgres/state.hpp"
#include "machine_shapes.hpp"
#include "tune/tune.hpp"

namespace hone::matrix {

namespace {

constexpr std::size_t kFailuresShown = 10;
constexpr Seconds kBootPatience{60};

struct Arguments {
    int shapes = 500;
    std::uint64_t seed = 20261120;
    int threads = 2;
    std::filesystem::path cache;
    std::vector<std::filesystem::path> bin_directories;
};

struct Build {
    std::filesystem::path bin_directory;
    std::string version_text;
    int version = 0;
    Catalogue catalogue;
    std::vector<std::string> libraries;
};

struct Tally {
    int booted = 0;
    int failed = 0;
    std::vector<double> boot_seconds;
    std::vector<std::string> failures;
};

std::optional<Arguments> parse(const std::vector<std::string>& words) {
    Arguments arguments;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (!words[i].starts_with("--")) {
            arguments.bin_directories.emplace_back(words[i]);
            continue;
        }
        if (i + 1 == words.size()) return std::nullopt;
        const std::string& option = words[i];
        const std::string& value = words[++i];
        const auto number = parse_integer(value);
        if (option == "--cache") {
            arguments.cache = value;
        } else if (option == "--shapes" && number.value_or(0) > 0) {
            arguments.shapes = static_cast<int>(*number);
        } else if (option == "--seed" && number.value_or(-1) >= 0) {
            arguments.seed = static_cast<std::uint64_t>(*number);
        } else if (option == "--threads" && number.value_or(0) > 0) {
            arguments.threads = static_cast<int>(*number);
        } else {
            return std::nullopt;
        }
    }
    if (arguments.bin_directories.empty()) return std::nullopt;
    return arguments;
}

Bytes physical_memory() {
    return Bytes{::sysconf(_SC_PHYS_PAGES) * ::sysconf(_SC_PAGESIZE)};
}

Result<Build> read_build(const std::filesystem::path& bin_directory,
                         const std::filesystem::path& cache) {
    Build build;
    build.bin_directory = bin_directory;
    HONE_TRY_ASSIGN(build.version_text, postgres::version_of_binary(bin_directory));
    HONE_TRY_ASSIGN(build.version, postgres::major_version_of(build.version_text));
    HONE_TRY_ASSIGN(build.catalogue, postgres::catalogue_of_binary(bin_directory, cache,
                                                                   Deadline::after(kBootPatience)));
    build.libraries = postgres::available_libraries(bin_directory);
    return build;
}

// "" where the plan boots and reads back; else what is wrong with it.
std::string try_plan(const Plan& plan, const Build& build, postgres::ScratchServer& server,
                     Tally& tally) {
    const auto merged = postgres::merged_values(build.catalogue, {}, plan);
    for (const auto& finding :
         postgres::check_rules(plan, build.catalogue, merged, build.libraries))
        if (finding.severity == Severity::kCritical) return finding.rule + ": " + finding.message;
    const auto adjustments =
        postgres::adjustments_for_boot(build.catalogue, merged, physical_memory());
    const auto report = postgres::boot_plan(server, {}, plan, build.catalogue, adjustments,
                                            Deadline::after(kBootPatience));
    if (!report.ok()) return report.error().message();
    if (!report->findings.empty())
        return report->findings[0].rule + ": " + report->findings[0].message;
    tally.boot_seconds.push_back(report->boot_seconds);
    return {};
}

void try_shape(const MachineShape& shape, const Build& build, postgres::ScratchServer& server,
               Tally& tally) {
    const auto plan =
        tune::make_plan(tune_input(shape, build.version, build.catalogue, build.libraries));
    const std::string wrong =
        plan.ok() ? try_plan(*plan, build, server, tally) : plan.error().message();
    if (wrong.empty()) {
        ++tally.booted;
        return;
    }
    ++tally.failed;
    if (tally.failures.size() < kFailuresShown)
        tally.failures.push_back(describe(shape) + "\n      " + wrong);
}

Result<Tally> try_share(const std::vector<MachineShape>& shapes, int first, int step,
                        const Build& build, const std::filesystem::path& cache) {
    HONE_TRY_ASSIGN(const Identity owner, postgres::scratch_owner());
    postgres::ScratchOptions options;
    options.bin_directory = build.bin_directory;
    options.owner = owner;
    options.cache_folder = cache;
    HONE_TRY_ASSIGN(postgres::ScratchServer server,
                    postgres::ScratchServer::prepare(options, Deadline::after(kBootPatience)));
    Tally tally;
    for (auto i = static_cast<std::size_t>(first); i < shapes.size();
         i += static_cast<std::size_t>(step))
        try_shape(shapes[i], build, server, tally);
    return tally;
}

void add(const Tally& share, Tally& total) {
    total.booted += share.booted;
    total.failed += share.failed;
    total.boot_seconds.insert(total.boot_seconds.end(), share.boot_seconds.begin(),
                              share.boot_seconds.end());
    for (const auto& failure : share.failures)
        if (total.failures.size() < kFailuresShown) total.failures.push_back(failure);
}

Tally try_build(const std::vector<MachineShape>& shapes, const Build& build,
                const Arguments& arguments) {
    Tally total;
    std::mutex mutex;
    std::vector<std::jthread> threads;
    threads.reserve(static_cast<std::size_t>(arguments.threads));
    for (int first = 0; first < arguments.threads; ++first)
        threads.emplace_back([&, first] {
            const auto share = try_share(shapes, first, arguments.threads, build, arguments.cache);
            const std::scoped_lock lock(mutex);
            if (share.ok()) {
                add(*share, total);
            } else {
                total.failures.push_back(share.error().message());
                ++total.failed;
            }
        });
    threads.clear();  // joins
    return total;
}

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

Tally run_build(const std::vector<MachineShape>& shapes, const std::filesystem::path& bin_directory,
                const Arguments& arguments) {
    const double begun = monotonic_seconds();
    const auto build = read_build(bin_directory, arguments.cache);
    if (!build.ok()) {
        fmt::print("{}: {}\n", bin_directory.string(), build.error().message());
        Tally none;
        none.failed = static_cast<int>(shapes.size());
        return none;
    }
    const Tally tally = try_build(shapes, *build, arguments);
    fmt::print("{:<38}{:>8}{:>8}{:>8}{:>15.3f}{:>11.0f}\n", build->version_text, shapes.size(),
               tally.booted, tally.failed, median(tally.boot_seconds), monotonic_seconds() - begun);
    for (const auto& failure : tally.failures) fmt::print("    {}\n", failure);
    std::fflush(stdout);
    return tally;
}

int run(Arguments arguments) {
    const auto folder = TemporaryFolder::create("/tmp", "hone-matrix-");
    if (!folder.ok()) {
        fmt::print(stderr, "{}\n", folder.error().message());
        return 1;
    }
    if (arguments.cache.empty()) arguments.cache = folder->path();
    const auto shapes = machine_shapes(arguments.shapes, arguments.seed);
    fmt::print("{} machines, seed {}\n\n", shapes.size(), arguments.seed);
    fmt::print("{:<38}{:>8}{:>8}{:>8}{:>15}{:>11}\n", "PostgreSQL", "plans", "booted", "failed",
               "median boot, s", "all, s");
    Tally all;
    for (const auto& bin_directory : arguments.bin_directories)
        add(run_build(shapes, bin_directory, arguments), all);
    fmt::print("\n{} passed, {} failed\n", all.booted, all.failed);
    return all.failed == 0 && all.booted > 0 ? 0 : 1;
}

}  // namespace

}  // namespace hone::matrix

int main(int argc, char** argv) {
    const auto arguments = hone::matrix::parse({argv + 1, argv + argc});
    if (!arguments) {
        fmt::print(stderr,
                   "Usage: hone_boot_matrix [--shapes N] [--seed N] [--threads N] [--cache DIR] "
                   "BIN_DIR...\n");
        return 2;
    }
    return hone::matrix::run(*arguments);
}
