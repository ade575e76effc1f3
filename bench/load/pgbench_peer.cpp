#include "pgbench_peer.hpp"

#include "base/process.hpp"
#include "base/text.hpp"

namespace hone::bench {

namespace {

Error failed(const ProcessResult& result) {
    return {ErrorCode::kFailedPrecondition, "running pgbench", printable(result.standard_error)};
}

// "number of transactions actually processed: 12345"
Result<double> transactions_in(std::string_view output) {
    for (const std::string_view line : split_lines(output)) {
        constexpr std::string_view kCount = "number of transactions actually processed: ";
        if (!line.starts_with(kCount)) continue;
        if (const auto count = parse_number(line.substr(kCount.size())); count && *count > 0)
            return *count;
    }
    return Error{ErrorCode::kFailedPrecondition, "reading pgbench's output", "no transactions"};
}

}  // namespace

Status PgbenchPeer::fill(int scale, Deadline deadline) const {
    HONE_TRY_ASSIGN(const ProcessResult result,
                    hone::run({.arguments = {program.string(), "-i", "-q", "-s",
                                             std::to_string(scale), server->conninfo()},
                               .run_as = server->owner()},
                              deadline));
    if (!result.succeeded()) return failed(result);
    return {};
}

Result<Cost> PgbenchPeer::run(const std::filesystem::path& script, int scale, int connections,
                              int seconds, Deadline deadline) const {
    HONE_TRY_ASSIGN(
        const ProcessResult result,
        hone::run({.arguments = {program.string(), "-n", "-M", "prepared", "-f", script.string(),
                                 "-s", std::to_string(scale), "-c", std::to_string(connections),
                                 "-j", "1", "-T", std::to_string(seconds), server->conninfo()},
                   .run_as = server->owner()},
                  deadline));
    if (!result.succeeded()) return failed(result);
    HONE_TRY_ASSIGN(const double transactions, transactions_in(result.standard_output));
    return Cost{transactions, result.user_cpu_seconds + result.system_cpu_seconds};
}

}  // namespace hone::bench
