#include <fmt/format.h>

#include <cmath>

#include "tune/situation.hpp"

namespace hone::tune {

namespace {

// Below this many rows the mix of an afternoon's tests would decide.
constexpr double kFewestRowsToInfer = 100000;
constexpr double kMostlyWritten = 0.5;
constexpr double kMostlyRead = 0.05;
constexpr double kBatchRows = 20;    // rows written by one transaction of a bulk load
constexpr double kScanRows = 10000;  // rows read by one transaction of a report

constexpr WorkloadTraits kIngest{.nodes = 1,
                                 .max_wal_size = Bytes::giga(16),
                                 .checkpoint_minutes = 15,
                                 .writes_heavily = true,
                                 .has_long_queries = false,
                                 .vacuum_scale_factor = 0.05,
                                 .analyze_scale_factor = 0.02};
constexpr WorkloadTraits kOltp{.nodes = 1,
                               .max_wal_size = Bytes::giga(8),
                               .checkpoint_minutes = 15,
                               .writes_heavily = true,
                               .has_long_queries = false,
                               .vacuum_scale_factor = 0.05,
                               .analyze_scale_factor = 0.02};
constexpr WorkloadTraits kReadMostly{.nodes = 2,
                                     .max_wal_size = Bytes::giga(2),
                                     .checkpoint_minutes = 15,
                                     .writes_heavily = false,
                                     .has_long_queries = false,
                                     .vacuum_scale_factor = 0.1,
                                     .analyze_scale_factor = 0.05};
constexpr WorkloadTraits kAnalytics{.nodes = 3,
                                    .max_wal_size = Bytes::giga(8),
                                    .checkpoint_minutes = 30,
                                    .writes_heavily = false,
                                    .has_long_queries = true,
                                    .vacuum_scale_factor = 0.1,
                                    .analyze_scale_factor = 0.02};
constexpr WorkloadTraits kMixed{.nodes = 2,
                                .max_wal_size = Bytes::giga(4),
                                .checkpoint_minutes = 15,
                                .writes_heavily = false,
                                .has_long_queries = false,
                                .vacuum_scale_factor = 0.1,
                                .analyze_scale_factor = 0.05};

double count(const std::optional<std::int64_t>& counter) {
    return static_cast<double>(counter.value_or(0));
}

// One significant digit: what the counters show moves with every look at them.
std::string about(double number) {
    if (number < 1) return number < 0.5 ? "0" : "1";
    const double step = std::pow(10, std::floor(std::log10(number)));
    return fmt::format("{:.0f}", std::round(number / step) * step);
}

WorkloadChoice infer(const ServerStatistics& statistics) {
    const double written = count(statistics.rows_inserted) + count(statistics.rows_updated) +
                           count(statistics.rows_deleted);
    const double read = count(statistics.rows_fetched);
    if (written + read < kFewestRowsToInfer)
        return {Workload::kMixed,
                fmt::format("Assumed: the server has counted fewer than {:.0f} rows, too few to "
                            "infer from; say --workload if you know.",
                            kFewestRowsToInfer)};
    const double transactions = std::max(1.0, count(statistics.transactions));
    const double share = written / (written + read);
    const std::string seen = fmt::format(
        "Inferred: about {} % of the rows touched were written; a transaction writes "
        "about {} and reads about {}.",
        about(100 * share), about(written / transactions), about(read / transactions));
    if (share >= kMostlyWritten && written / transactions >= kBatchRows)
        return {Workload::kIngest, seen};
    if (share < kMostlyRead)
        return {read / transactions >= kScanRows ? Workload::kAnalytics : Workload::kReadMostly,
                seen};
    return {read / transactions >= kScanRows ? Workload::kMixed : Workload::kOltp, seen};
}

}  // namespace

std::string_view to_string(Workload workload) {
    switch (workload) {
        case Workload::kIngest:
            return "ingest";
        case Workload::kOltp:
            return "oltp";
        case Workload::kReadMostly:
            return "read-mostly";
        case Workload::kAnalytics:
            return "analytics";
        case Workload::kMixed:
            return "mixed";
    }
    return "mixed";
}

std::optional<Workload> workload_named(std::string_view name) {
    for (const auto workload : {Workload::kIngest, Workload::kOltp, Workload::kReadMostly,
                                Workload::kAnalytics, Workload::kMixed})
        if (to_string(workload) == name) return workload;
    return std::nullopt;
}

const WorkloadTraits& traits_of(Workload workload) {
    switch (workload) {
        case Workload::kIngest:
            return kIngest;
        case Workload::kOltp:
            return kOltp;
        case Workload::kReadMostly:
            return kReadMostly;
        case Workload::kAnalytics:
            return kAnalytics;
        case Workload::kMixed:
            return kMixed;
    }
    return kMixed;
}

WorkloadChoice choose_workload(const TuneInput& input) {
    if (input.workload) return {*input.workload, "Stated."};
    if (input.customization.workload)
        return {*input.customization.workload, "Stated in the custom profile."};
    if (!input.statistics.rows_fetched)
        return {Workload::kMixed, "Assumed: there are no statistics to infer it from."};
    return infer(input.statistics);
}

}  // namespace hone::tune
