#include "prove/load/generator.hpp"

namespace hone::prove {

namespace {

json::object to_json(const OperationReport& operation) {
    json::object failures;
    for (const auto& [sqlstate, count] : operation.failures) failures[sqlstate] = count;
    return {{"name", operation.name},
            {"arrived", operation.arrived},
            {"completed", operation.completed},
            {"failed", operation.failed},
            {"timed_out", operation.timed_out},
            {"dropped", operation.dropped},
            {"late", operation.late},
            {"units", operation.units},
            {"failures", std::move(failures)},
            {"first_failure", operation.first_failure},
            {"latency", to_json(operation.latency)},
            {"service", to_json(operation.service)}};
}

}  // namespace

json::object to_json(const LoadReport& report) {
    json::array operations;
    for (const OperationReport& operation : report.operations)
        operations.push_back(to_json(operation));
    return {{"schema_version", 1},
            {"mode", report.open_loop ? "open_loop" : "closed_loop"},
            {"seconds", report.seconds},
            {"warm_up_seconds", report.warm_up_seconds},
            {"steady", report.steady},
            {"offered_per_second", report.offered},
            {"achieved_per_second", report.achieved},
            {"achieved_by_second",
             json::array(report.achieved_by_second.begin(), report.achieved_by_second.end())},
            {"longest_queue", report.longest_queue},
            {"clients", report.clients},
            {"clients_by_little", report.clients_by_little},
            {"generator_cpu_seconds", report.generator_cpu_seconds},
            {"latency", to_json(report.latency)},
            {"schedule_error", to_json(report.schedule_error)},
            {"operations", std::move(operations)}};
}

}  // namespace hone::prove
