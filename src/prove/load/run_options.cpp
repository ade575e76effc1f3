#include "prove/load/run_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hone::prove {

namespace {

Error refusal(std::string wrong) {
    return {ErrorCode::kInvalidArgument, "preparing the load", std::move(wrong)};
}

bool positive(double value) {
    return std::isfinite(value) && value > 0;
}

Status validate_shares(std::span<const double> shares, std::size_t operations,
                       std::string_view name) {
    if (shares.size() != operations)
        return refusal(fmt::format("{} {} for {} operations", shares.size(), name, operations));
    const bool sound = std::all_of(shares.begin(), shares.end(),
                                   [](double share) { return std::isfinite(share) && share >= 0; });
    if (!sound) return refusal(fmt::format("{} must be 0 or more", name));
    if (!positive(std::accumulate(shares.begin(), shares.end(), 0.0)))
        return refusal(fmt::format("all {} are 0", name));
    return {};
}

Status validate_recorded(std::span<const Arrival> arrivals, std::size_t operations) {
    const bool known = std::all_of(arrivals.begin(), arrivals.end(), [=](const Arrival& arrival) {
        return arrival.operation < operations && arrival.at_seconds >= 0;
    });
    if (!known) return refusal("an arrival is of an operation that the workload does not have");
    const bool sorted = std::is_sorted(
        arrivals.begin(), arrivals.end(),
        [](const Arrival& a, const Arrival& b) { return a.at_seconds < b.at_seconds; });
    if (!sorted) return refusal("the arrivals are not in the order of time");
    return {};
}

}  // namespace

Status validate(const GeneratorOptions& options) {
    if (options.connections < 1) return refusal("connections must be 1 or more");
    if (options.threads < 1) return refusal("threads must be 1 or more");
    if (options.pipeline_depth < 1) return refusal("pipeline_depth must be 1 or more");
    return {};
}

Status validate(const RunOptions& options, std::size_t operations) {
    if (!positive(options.seconds)) return refusal("seconds must be above 0");
    if (!positive(options.timeout_seconds)) return refusal("timeout_seconds must be above 0");
    if (!options.first_numbers.empty() && options.first_numbers.size() != operations)
        return refusal(fmt::format("{} first numbers for {} operations",
                                   options.first_numbers.size(), operations));
    if (options.open_loop.has_value() == options.closed_loop.has_value())
        return refusal("a run is either open loop or closed loop");
    if (options.closed_loop) {
        if (options.closed_loop->clients < 1) return refusal("clients must be 1 or more");
        if (!(options.closed_loop->think_seconds >= 0))
            return refusal("think_seconds must be 0 or more");
        return validate_shares(options.closed_loop->weights, operations, "weights");
    }
    if (options.open_loop->longest_queue < 1) return refusal("longest_queue must be 1 or more");
    if (options.open_loop->recorded)
        return validate_recorded(*options.open_loop->recorded, operations);
    return validate_shares(options.open_loop->rates, operations, "rates");
}

}  // namespace hone::prove
