#include <fmt/format.h>

#include "base/random.hpp"
#include "bench_support.hpp"
#include "commands.hpp"
#include "context.hpp"
#include "prove/bench/contest.hpp"
#include "prove/bench/report.hpp"
#include "prove/bench/store.hpp"

namespace hone::app {

namespace {

constexpr double kPreparationSeconds = 3600;
constexpr double kSlack = 2;
constexpr int kServers = 3;

int exit_code_of(Verdict verdict) {
    return verdict == Verdict::kSlower ? kRegression : kOk;
}

Result<int> compare_configurations(Context& context, const BenchCompareArguments& arguments) {
    const Deadline deadline = context.deadline(arguments.seconds * kSlack + kPreparationSeconds);
    HONE_TRY(check_work(arguments.work));
    HONE_TRY_ASSIGN(const BenchGround ground, bench_ground(context, deadline));
    HONE_TRY_ASSIGN(const auto a, prove::read_configuration(arguments.a, ground.base));
    HONE_TRY_ASSIGN(const auto b, prove::read_configuration(arguments.b, ground.base));
    const std::uint64_t seed = arguments.work.seed.value_or(Random::fresh_seed());
    HONE_TRY_ASSIGN(const auto source,
                    bench_source(context, arguments.work, ground, seed, kServers, deadline));
    const prove::ContestOptions options{
        .seconds = arguments.seconds, .connections = arguments.work.connections, .seed = seed};
    HONE_TRY_ASSIGN(const auto report, prove::run_contest(*source, ground.place, a, b, options,
                                                          context.progress(), deadline));
    if (context.machine_readable()) {
        context.print_json(to_json(report));
    } else {
        context.say("");
        context.print(prove::contest_text(report, context.use_color()));
    }
    return exit_code_of(report.evidence.effect.verdict);
}

Result<int> compare_results(Context& context, const BenchCompareArguments& arguments) {
    const prove::BenchStore store(context.state_directory);
    HONE_TRY_ASSIGN(const auto a, store.find(arguments.a));
    HONE_TRY_ASSIGN(const auto b, store.find(arguments.b));
    if (context.machine_readable())
        context.print_json(prove::side_by_side_document(a, b));
    else
        context.print(prove::side_by_side_text(a, b));
    return kOk;
}

}  // namespace

int run_bench_compare(Context& context, const BenchCompareArguments& arguments) {
    const bool of_results = arguments.work.pack.empty() && arguments.work.workload_file.empty();
    const auto exit_code = of_results ? compare_results(context, arguments)
                                      : compare_configurations(context, arguments);
    return exit_code.ok() ? *exit_code : context.fail(exit_code.error());
}

}  // namespace hone::app
