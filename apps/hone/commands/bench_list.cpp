#include <fmt/format.h>

#include "commands.hpp"
#include "context.hpp"
#include "prove/bench/report.hpp"
#include "prove/bench/store.hpp"

namespace hone::app {

namespace {

json::object document_of(const prove::StoredResult& stored) {
    json::object document{{"id", stored.id}};
    if (!stored.result) {
        document["problem"] = stored.problem;
        return document;
    }
    const prove::BenchResult& result = *stored.result;
    document["measured_at"] = result.measured_at;
    document["bench"] = result.key.for_people();
    document["configuration"] = result.configuration;
    document["offered_per_second"] = result.load.offered;
    document["achieved_per_second"] = result.load.achieved;
    document["p99_seconds"] =
        result.load.latency.p99_seconds ? json::value(*result.load.latency.p99_seconds) : nullptr;
    json::object targets;
    for (const prove::TargetFigures& target : result.targets)
        targets[target.target] = to_string(target.verdict);
    document["targets"] = std::move(targets);
    return document;
}

}  // namespace

int run_bench_list(Context& context) {
    const auto results = prove::BenchStore(context.state_directory).list();
    if (!results.ok()) return context.fail(results.error());
    if (context.machine_readable()) {
        json::array list;
        for (const auto& stored : *results) list.push_back(document_of(stored));
        context.print_json(json::object{{"schema_version", 1}, {"results", std::move(list)}});
    } else if (results->empty()) {
        context.print("Nothing was measured yet: see hone bench run --help.");
    } else {
        context.print(prove::list_text(*results));
    }
    return kOk;
}

}  // namespace hone::app
