// prove/bench/result_fields.hpp - the fields of a result under the names that its document has.
#pragma once

#include <array>
#include <string>

#include "prove/bench/fields.hpp"
#include "prove/bench/result.hpp"

namespace hone::prove {

inline Verdict verdict_named(std::string_view name) {
    for (const Verdict verdict : {Verdict::kFaster, Verdict::kSlower, Verdict::kNoDifference,
                                  Verdict::kCannotTell, Verdict::kNotRun})
        if (to_string(verdict) == name) return verdict;
    return Verdict::kCannotTell;
}

// A value of few, under its name.
template <class Visitor, class Field, class Named>
void visit_named(Visitor& visit, std::string_view name, Field& field, const Named& named) {
    std::string text(to_string(field));
    visit(name, text);
    if constexpr (!std::is_const_v<Field>) field = named(text);
}

template <class Visitor, FieldsOf<BenchKey> T>
void visit_fields(Visitor& visit, T& key) {
    visit("name", key.name);
    visit("preset", key.preset);
    visit("volume", key.volume);
    visit("variants", key.variants);
    visit("content_hash", key.content_hash);
    visit("rate_factor", key.rate_factor);
}

template <class Visitor, FieldsOf<BenchMachine> T>
void visit_fields(Visitor& visit, T& machine) {
    visit("hone_version", machine.hone_version);
    visit("server_build", machine.server_build);
    visit("kernel", machine.kernel);
    visit("cores", machine.cores);
    visit("memory_limit_bytes", machine.memory_limit);
    visit("storage", machine.storage);
    visit("fdatasync_seconds", machine.fdatasync_seconds);
    visit("settings", machine.settings);
}

template <class Visitor, FieldsOf<LatencyPoint> T>
void visit_fields(Visitor& visit, T& point) {
    visit("quantile", point.quantile);
    visit("seconds", point.seconds);
}

template <class Visitor, FieldsOf<LatencyFigures> T>
void visit_fields(Visitor& visit, T& latency) {
    visit("samples", latency.samples);
    visit("p50_seconds", latency.p50_seconds);
    visit("p95_seconds", latency.p95_seconds);
    visit("p99_seconds", latency.p99_seconds);
    visit("p999_seconds", latency.p999_seconds);
    visit("mean_seconds", latency.mean_seconds);
    visit("max_seconds", latency.max_seconds);
    visit("points", latency.points);
}

template <class Visitor, FieldsOf<OperationFigures> T>
void visit_fields(Visitor& visit, T& operation) {
    visit("name", operation.name);
    visit("writes", operation.writes);
    visit("arrived", operation.arrived);
    visit("completed", operation.completed);
    visit("failed", operation.failed);
    visit("timed_out", operation.timed_out);
    visit("dropped", operation.dropped);
    visit("late", operation.late);
    visit("units_per_second", operation.units_per_second);
    visit("failures", operation.failures);
    visit("first_failure", operation.first_failure);
    visit("latency", operation.latency);
}

template <class Visitor, FieldsOf<LoadFigures> T>
void visit_fields(Visitor& visit, T& load) {
    visit("open_loop", load.open_loop);
    visit("seconds", load.seconds);
    visit("warm_up_seconds", load.warm_up_seconds);
    visit("steady", load.steady);
    visit("offered_per_second", load.offered);
    visit("achieved_per_second", load.achieved);
    visit("connections", load.connections);
    visit("operations", load.operations);
    visit("latency", load.latency);
    visit("schedule_error", load.schedule_error);
    visit("longest_queue", load.longest_queue);
    visit("generator_cores", load.generator_cores);
    visit("achieved_by_second", load.achieved_by_second);
    visit("clients", load.clients);
    visit("clients_by_little", load.clients_by_little);
}

template <class Visitor, FieldsOf<CostFigures> T>
void visit_fields(Visitor& visit, T& costs) {
    visit("cpu_seconds_per_operation", costs.cpu_seconds);
    visit("wal_bytes_per_operation", costs.wal_bytes);
    visit("buffers_per_operation", costs.buffers);
    visit("cache_hit_ratio", costs.cache_hit_ratio);
    visit("server_cores", costs.server_cores);
    visit("data_size_before_bytes", costs.data_size_before);
    visit("data_size_after_bytes", costs.data_size_after);
}

template <class Visitor, FieldsOf<TargetFigures> T>
void visit_fields(Visitor& visit, T& target) {
    visit("target", target.target);
    visit_named(visit, "verdict", target.verdict, target_verdict_named);
    visit("reason", target.reason);
}

template <class Visitor, FieldsOf<Comparison> T>
void visit_fields(Visitor& visit, T& comparison) {
    visit("metric", comparison.metric);
    visit("ratio", comparison.ratio);
    visit("interval_low", comparison.interval.low);
    visit("interval_high", comparison.interval.high);
    visit("smallest_effect", comparison.smallest_effect);
    visit("pairs", comparison.pairs);
    visit_named(visit, "verdict", comparison.verdict, verdict_named);
}

template <class Visitor, FieldsOf<ReferenceFigures> T>
void visit_fields(Visitor& visit, T& reference) {
    visit("effect", reference.effect);
    visit("control", reference.control);
    visit("log_ratios", reference.log_ratios);
    visit("slice_seconds", reference.slice_seconds);
}

template <class Visitor, FieldsOf<BenchResult> T>
void visit_fields(Visitor& visit, T& result) {
    visit("id", result.id);
    visit("measured_at", result.measured_at);
    visit("bench", result.key);
    visit("configuration", result.configuration);
    visit("seed", result.seed);
    visit("machine", result.machine);
    visit("load", result.load);
    visit("costs", result.costs);
    visit("targets", result.targets);
    visit("reference", result.reference);
    visit("caveats", result.caveats);
    visit("command", result.command);
}

}  // namespace hone::prove
