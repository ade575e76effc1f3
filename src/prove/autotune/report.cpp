#include "prove/autotune/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "prove/compare/judgement.hpp"

namespace hone::prove {

namespace {

constexpr int kSchemaVersion = 1;

std::string with_interval(const Comparison& effect) {
    return fmt::format("{} (95 % interval: {})", ratio_for_people(effect.ratio),
                       interval_for_people(effect.interval));
}

int count_of(const SearchResult& result, Standing standing) {
    return static_cast<int>(std::ranges::count(
        result.evaluations, standing, [](const auto& each) { return each.screening.standing; }));
}

double score_of_candidate(const SearchResult& result) {
    double score = 0;
    for (const Evaluation& evaluation : result.evaluations)
        if (result.candidate && evaluation.point == *result.candidate) score = evaluation.score;
    return score;
}

std::string evaluations_told(const SearchResult& result) {
    return fmt::format(
        "{} sets of values in {:.1f} minutes: {} took the lead, {} given up, {} undecided, {} "
        "refused. It ended because {}.",
        result.evaluations.size(), result.spent_seconds / 60, count_of(result, Standing::kBetter),
        count_of(result, Standing::kNotBetter), count_of(result, Standing::kUndecided),
        count_of(result, Standing::kRefused), result.ended_because);
}

std::string redeployment_told(const SearchResult& result) {
    return fmt::format(
        "In the search it looked {}. On fresh servers with fresh data it was {}; "
        "two servers with equal settings in the same minutes: {}.",
        ratio_for_people(std::exp(score_of_candidate(result))), with_interval(result.check->effect),
        interval_for_people(result.check->control.interval));
}

std::string why_the_plan_stays(const Comparison& effect) {
    if (effect.verdict != Verdict::kCannotTell)
        return "What was found in the search did not hold: the plan stays.";
    return fmt::format(
        "Whether it is better cannot be told: this check could have found a change "
        "of {:.0f} % or more. The plan stays; a longer --budget or a quieter hour "
        "sees more.",
        std::ceil(effect.smallest_effect * 100));
}

json::object named(const std::vector<FoundSetting>& settings, std::string FoundSetting::* value) {
    json::object object;
    for (const FoundSetting& setting : settings) object[setting.setting] = setting.*value;
    return object;
}

json::array evaluations_of(const AutotuneReport& report) {
    json::array evaluations;
    for (const Evaluation& evaluation : report.result.evaluations) {
        json::object each = to_json(evaluation);
        json::object values;
        for (const auto& [name, value] : values_at(report.space, evaluation.point))
            values[name] = value;
        each["settings"] = std::move(values);
        each.erase("proposed");
        each.erase("point");
        evaluations.push_back(std::move(each));
    }
    return evaluations;
}

json::array left_alone_of(const SearchSpace& space) {
    json::array array;
    for (const LeftAlone& each : space.left_alone)
        array.push_back(json::object{{"setting", each.setting}, {"why", each.why}});
    return array;
}

}  // namespace

std::string headline(const AutotuneReport& report) {
    if (!report.result.better()) return "Nothing better than the plan found.";
    return fmt::format("Better than the plan: {} on fresh servers.",
                       with_interval(report.result.check->effect));
}

std::vector<std::string> explanations(const AutotuneReport& report) {
    std::vector<std::string> sentences;
    if (report.result.check)
        sentences.push_back(redeployment_told(report.result));
    else
        sentences.emplace_back("No set of values looked good enough to be checked.");
    if (report.result.check && !report.result.better())
        sentences.emplace_back(why_the_plan_stays(report.result.check->effect));
    sentences.push_back(evaluations_told(report.result));
    if (report.result.better())
        sentences.emplace_back(
            "The values were found together: what each of them contributes is not known.");
    return sentences;
}

std::vector<FoundSetting> found_settings(const AutotuneReport& report) {
    const SettingValues planned = values_at(report.space, plan_point(report.space));
    const SettingValues found =
        values_at(report.space, report.result.candidate.value_or(plan_point(report.space)));
    std::vector<FoundSetting> settings;
    for (std::size_t i = 0; i < planned.size(); ++i)
        settings.push_back({planned[i].first, planned[i].second, found[i].second});
    return settings;
}

json::object to_json(const AutotuneReport& report) {
    const auto settings = found_settings(report);
    json::object document{{"schema_version", kSchemaVersion}, {"kind", "hone autotune"}};
    document["id"] = report.id;
    document["better"] = report.result.better();
    document["summary"] = headline(report);
    document["load"] = report.job.load;
    document["plan_id"] = report.plan.id();
    document["server_build"] = report.job.server_build;
    document["seed"] = report.job.seed;
    document["budget_seconds"] = report.job.budget_seconds;
    document["spent_seconds"] = report.result.spent_seconds;
    document["planned"] = named(settings, &FoundSetting::planned);
    document["checked"] = report.result.candidate
                              ? json::value(named(settings, &FoundSetting::found))
                              : json::value(nullptr);
    document["check"] =
        report.result.check ? json::value(to_json(*report.result.check)) : json::value(nullptr);
    document["plan_file"] =
        report.found ? json::value(report.found_file.string()) : json::value(nullptr);
    document["evaluations"] = evaluations_of(report);
    document["left_alone"] = left_alone_of(report.space);
    document["caveats"] = json::array(report.caveats.begin(), report.caveats.end());
    return document;
}

}  // namespace hone::prove
