#include "prove/autotune/job.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "prove/bench/fields.hpp"
#include "prove/bench/result_fields.hpp"
#include "prove/compare/statistics.hpp"

namespace hone::prove {

namespace {

constexpr double kServers = 3;
constexpr double kEvaluationsAimedAt = 30;  // of a long budget: longer ones see more
constexpr double kFewestRounds = 8;
constexpr double kLongestScreening = 900;
constexpr double kCheckShare = 0.2;
constexpr double kLongestCheck = 900;
constexpr double kPreparationShare = 0.1;  // of the budget, for making the data
// Beside the slices of an evaluation: copies, three boots, warming up, reading counters.
constexpr double kOverhead = 1.3;
constexpr double kBootSeconds = 6;

double with_overhead(double slices) {
    return slices * kOverhead + kBootSeconds;
}

void cut_numbers(json::value& value) {
    if (value.is_double()) value = journal_number(value.get_double());
    if (value.is_array())
        for (json::value& item : value.get_array()) cut_numbers(item);
    if (value.is_object())
        for (auto& item : value.get_object()) cut_numbers(item.value());
}

template <class T>
json::object written(const T& value) {
    FieldWriter writer;
    visit_fields(writer, value);
    json::value document(writer.take());
    cut_numbers(document);
    return document.get_object();
}

template <class T>
Result<T> read(const json::value& value, std::string_view what) {
    FieldReader reader(value, std::string(what));
    T result;
    visit_fields(reader, result);
    HONE_TRY(reader.status());
    return result;
}

// A pair as {"name": ..., "value": ...}.
struct NamedValue {
    std::string name;
    std::string value;
};

template <class Visitor, FieldsOf<NamedValue> T>
void visit_fields(Visitor& visit, T& named) {
    visit("name", named.name);
    visit("value", named.value);
}

template <class Visitor, class Pairs>
void visit_pairs(Visitor& visit, std::string_view name, Pairs& pairs) {
    std::vector<NamedValue> values;
    for (const auto& [setting, value] : pairs) values.push_back({setting, value});
    visit(name, values);
    if constexpr (!std::is_const_v<Pairs>) {
        pairs.clear();
        for (const NamedValue& value : values) pairs.emplace_back(value.name, value.value);
    }
}

}  // namespace

template <class Visitor, FieldsOf<Dimension> T>
void visit_fields(Visitor& visit, T& dimension) {
    visit("setting", dimension.setting);
    visit("levels", dimension.levels);
    visit("plan_level", dimension.plan_level);
}

template <class Visitor, FieldsOf<TrialSource> T>
void visit_fields(Visitor& visit, T& source) {
    visit("kind", source.kind);
    visit("name", source.name);
    visit("preset", source.preset);
    visit("volume", source.volume);
    visit("variants", source.variants);
    visit("scale", source.scale);
    visit("copy_of", source.copy_of);
    visit("with_writes", source.with_writes);
}

template <class Visitor, FieldsOf<AutotuneJob> T>
void visit_fields(Visitor& visit, T& job) {
    visit("source", job.source);
    visit("load", job.load);
    visit("seed", job.seed);
    visit("budget_seconds", job.budget_seconds);
    visit("slice_seconds", job.slice_seconds);
    visit("screening_seconds", job.screening_seconds);
    visit("evaluation_seconds", job.evaluation_seconds);
    visit("check_seconds", job.check_seconds);
    visit("reload_only", job.reload_only);
    visit("bin_directory", job.bin_directory);
    visit("server_build", job.server_build);
    visit_pairs(visit, "settings", job.settings);
    visit("space", job.space);
}

template <class Visitor, FieldsOf<Screening> T>
void visit_fields(Visitor& visit, T& screening) {
    visit_named(visit, "standing", screening.standing, standing_named);
    visit("effect", screening.effect);
    visit("note", screening.note);
}

template <class Visitor, FieldsOf<Evaluation> T>
void visit_fields(Visitor& visit, T& evaluation) {
    visit("number", evaluation.number);
    visit("proposed", evaluation.proposed);
    visit("point", evaluation.point);
    visit("screening", evaluation.screening);
    visit("score", evaluation.score);
    visit("spent_seconds", evaluation.spent_seconds);
}

template <class Visitor, FieldsOf<Check> T>
void visit_fields(Visitor& visit, T& check) {
    visit("effect", check.effect);
    visit("control", check.control);
    visit("companions", check.companions);
    visit("sentence", check.sentence);
    visit("seconds", check.seconds);
}

void share_out_budget(AutotuneJob& job) {
    const double round = kServers * job.slice_seconds;
    job.screening_seconds = std::clamp(job.budget_seconds / kEvaluationsAimedAt,
                                       kFewestRounds * round, kLongestScreening);
    job.evaluation_seconds = with_overhead(job.screening_seconds);
    job.check_seconds = std::clamp(job.budget_seconds * kCheckShare,
                                   with_overhead(kFewestRounds * round), kLongestCheck);
}

double expected_evaluations(const AutotuneJob& job) {
    const double left = job.budget_seconds * (1 - kPreparationShare) - job.check_seconds;
    return std::max(0.0, left / job.evaluation_seconds);
}

double shortest_budget_seconds(double slice_seconds) {
    return 2 * with_overhead(kFewestRounds * kServers * slice_seconds) / (1 - kPreparationShare);
}

std::vector<postgres::ConfigEntry> entries_of(const SettingValues& values) {
    std::vector<postgres::ConfigEntry> entries;
    for (const auto& [name, value] : values)
        entries.push_back({.name = name, .value = value, .file = {}, .line = 0});
    return entries;
}

double journal_number(double number) {
    return parse_number(fmt::format("{:.{}g}", number, kJournalDigits)).value_or(0);
}

json::object to_json(const AutotuneJob& job) {
    return written(job);
}
Result<AutotuneJob> job_from_json(const json::value& value) {
    return read<AutotuneJob>(value, "job");
}
json::object to_json(const Evaluation& evaluation) {
    return written(evaluation);
}
Result<Evaluation> evaluation_from_json(const json::value& value) {
    return read<Evaluation>(value, "evaluation");
}
json::object to_json(const Check& check) {
    return written(check);
}
Result<Check> check_from_json(const json::value& value) {
    return read<Check>(value, "check");
}

}  // namespace hone::prove
