#include "prove/autotune/search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "prove/autotune/proposer.hpp"
#include "prove/compare/judgement.hpp"

namespace hone::prove {

namespace {

constexpr int kMostRepetitions = 30;  // proposals in a row that were evaluated before
constexpr double kEvaluationsPerDimension = 3;
constexpr int kFewestDimensions = 2;
// What is not measured gets the score of half the plan's speed: the search turns away from it.
constexpr double kRefusedScore = -0.693147;
// An undecided candidate is worth a check from here: 1 % better.
constexpr double kWorthChecking = 0.00995;
constexpr double kScorePrecision = 1e6;  // journals hold numbers of few digits
constexpr double kLongestCheck = 3;      // times what was kept for it, where time is left
// Before a wait gives up; a busy machine may take many times what is expected.
constexpr double kPatience = 3;
constexpr double kShortestPatience = 600;

class Search {
  public:
    Search(const SearchOptions& options, const MemoryGuard& guard, Judge& judge,
           const SearchPast& past, Recorder& recorder, Progress& progress)
        : options_(options),
          guard_(guard),
          judge_(judge),
          past_(past),
          recorder_(recorder),
          progress_(progress),
          begun_(options.now_seconds()),
          plan_(plan_point(options.space)),
          incumbent_(plan_) {
        known_.push_back({plan_, 0});
    }

    Result<SearchResult> run() {
        HONE_TRY(one_by_one());
        HONE_TRY(wherever_the_proposer_looks());
        HONE_TRY(check_the_best());
        result_.spent_seconds = spent();
        return result_;
    }

  private:
    double spent() const { return options_.spent_seconds + options_.now_seconds() - begun_; }
    bool replays() const { return result_.evaluations.size() < past_.evaluations.size(); }

    // A search that was checked before does not go on after its replay.
    bool has_time() {
        if (replays()) return true;
        if (past_.check) result_.ended_because = "it had been checked";
        if (!result_.ended_because.empty()) return false;
        if (spent() + longest_evaluation() + options_.check_seconds > options_.budget_seconds)
            result_.ended_because = "the time was used up";
        if (std::ssize(result_.evaluations) >= kMostEvaluations)
            result_.ended_because = fmt::format("{} evaluations are enough", kMostEvaluations);
        return result_.ended_because.empty();
    }
    static Deadline deadline_for(double seconds) {
        return Deadline::after(Seconds{std::max(seconds * kPatience, kShortestPatience)});
    }
    double longest_evaluation() const { return std::max(options_.evaluation_seconds, longest_); }

    const double* known_score(const Point& point) const {
        const auto found = std::ranges::find(known_, point, &ScoredPoint::point);
        return found == known_.end() ? nullptr : &found->score;
    }

    Status one_by_one() {
        for (std::size_t i = 0; i < plan_.size() && has_time(); ++i) {
            Point point = incumbent_;
            const int last = static_cast<int>(options_.space.dimensions[i].levels.size()) - 1;
            const int below = point[i];
            const int above = last - point[i];
            point[i] += above >= below ? (above + 1) / 2 : -(below + 1) / 2;
            if (known_score(point) == nullptr) HONE_TRY(evaluate(point));
        }
        return {};
    }

    Status wherever_the_proposer_looks() {
        const auto proposer = make_proposer(options_.space, known_, options_.seed);
        int repetitions = 0;
        while (has_time()) {
            HONE_TRY_ASSIGN(const Point point, proposer->next());
            if (const double* score = known_score(point)) {
                proposer->tell(*score);
                if (++repetitions < kMostRepetitions) continue;
                result_.ended_because = "the search came back to what it had tried";
                return {};
            }
            repetitions = 0;
            HONE_TRY(evaluate(point));
            proposer->tell(result_.evaluations.back().score);
        }
        return {};
    }

    Status evaluate(const Point& proposed) {
        if (replays()) {
            const Evaluation& earlier = past_.evaluations[result_.evaluations.size()];
            if (earlier.proposed != proposed)
                return Error{ErrorCode::kFailedPrecondition, "going on with the search",
                             fmt::format("evaluation {} was of other values than this version of "
                                         "hone would propose",
                                         earlier.number),
                             "begin a new search"};
            take(earlier);
            return {};
        }
        const double begun = options_.now_seconds();
        HONE_TRY_ASSIGN(Evaluation evaluation, measured(proposed));
        longest_ = std::max(longest_, options_.now_seconds() - begun);
        evaluation.spent_seconds = spent();
        HONE_TRY(recorder_.evaluated(evaluation));
        take(evaluation);
        return {};
    }

    Result<Evaluation> measured(const Point& proposed) {
        Evaluation evaluation;
        evaluation.number = static_cast<int>(result_.evaluations.size()) + 1;
        evaluation.proposed = proposed;
        const FittingPoint fitting = fit_into_memory(options_.space, guard_, proposed);
        evaluation.point = fitting.point.value_or(proposed);
        if (!fitting.point)
            evaluation.screening = {Standing::kRefused,
                                    {},
                                    fmt::format("at worst {}, which is more than the memory limit",
                                                format_for_people(fitting.worst_case))};
        else if (!same_as_before(evaluation))
            HONE_TRY(measure(evaluation));
        if (fitting.point) evaluation.screening.note += note_of(fitting);
        evaluation.score = score_of(evaluation.screening);
        return evaluation;
    }

    static std::string note_of(const FittingPoint& fitting) {
        return fitting.changed.empty() ? "" : "lowered to fit into memory: " + fitting.changed;
    }

    // Lowered to a point that was measured before.
    bool same_as_before(Evaluation& evaluation) const {
        const auto earlier =
            std::ranges::find(result_.evaluations, evaluation.point, &Evaluation::point);
        if (evaluation.point == evaluation.proposed) return false;
        if (evaluation.point == incumbent_) {
            evaluation.screening.standing = Standing::kNotBetter;
            return true;
        }
        if (earlier == result_.evaluations.end()) return false;
        evaluation.screening = earlier->screening;
        evaluation.screening.note.clear();
        if (evaluation.screening.standing == Standing::kBetter)
            evaluation.screening.standing = Standing::kNotBetter;  // it had its turn
        return true;
    }

    Status measure(Evaluation& evaluation) {
        progress_.step(step_text(evaluation));
        const auto patience = deadline_for(longest_evaluation());
        HONE_TRY_ASSIGN(evaluation.screening,
                        judge_.screen(values_at(options_.space, incumbent_),
                                      values_at(options_.space, evaluation.point),
                                      options_.seed + static_cast<std::uint64_t>(evaluation.number),
                                      progress_, patience));
        return {};
    }

    std::string step_text(const Evaluation& evaluation) const {
        const double left = std::max(0.0, options_.budget_seconds - spent());
        return fmt::format("evaluation {}: {} | best so far: {} | {:.0f}:{:02.0f} left",
                           evaluation.number, describe(options_.space, evaluation.point),
                           incumbent_ == plan_ ? "the plan" : best_text(), std::floor(left / 60),
                           std::fmod(std::floor(left), 60));
    }
    std::string best_text() const {
        return fmt::format("{} ({})", describe(options_.space, incumbent_),
                           ratio_for_people(std::exp(incumbent_score_)));
    }

    double score_of(const Screening& screening) const {
        if (screening.standing == Standing::kRefused) return kRefusedScore;
        const double score = incumbent_score_ + std::log(screening.effect.ratio);
        return std::round(score * kScorePrecision) / kScorePrecision;
    }

    void take(const Evaluation& evaluation) {
        result_.evaluations.push_back(evaluation);
        known_.push_back({evaluation.proposed, evaluation.score});
        if (evaluation.point != evaluation.proposed && known_score(evaluation.point) == nullptr)
            known_.push_back({evaluation.point, evaluation.score});
        if (evaluation.screening.standing != Standing::kBetter) return;
        incumbent_ = evaluation.point;
        incumbent_score_ = evaluation.score;
    }

    // The incumbent; where nothing took the plan's place, what looked best of the undecided.
    std::optional<Point> candidate() const {
        if (incumbent_ != plan_) return incumbent_;
        const Evaluation* best = nullptr;
        for (const Evaluation& evaluation : result_.evaluations) {
            if (evaluation.screening.standing != Standing::kUndecided) continue;
            if (evaluation.score < kWorthChecking) continue;
            if (best == nullptr || evaluation.score > best->score) best = &evaluation;
        }
        return best == nullptr ? std::nullopt : std::optional(best->point);
    }

    Status check_the_best() {
        result_.candidate = candidate();
        result_.check = past_.check;
        if (past_.check || !result_.candidate) return {};
        HONE_TRY(recorder_.checking(*result_.candidate));
        progress_.step(fmt::format("checking on fresh servers: {}",
                                   describe(options_.space, *result_.candidate)));
        const double seconds = std::clamp(options_.budget_seconds - spent(), options_.check_seconds,
                                          options_.check_seconds * kLongestCheck);
        HONE_TRY_ASSIGN(result_.check,
                        judge_.check(values_at(options_.space, plan_),
                                     values_at(options_.space, *result_.candidate), seconds,
                                     ~options_.seed, progress_, deadline_for(seconds)));
        return recorder_.checked(*result_.check, spent());
    }

    const SearchOptions& options_;
    const MemoryGuard& guard_;
    Judge& judge_;
    const SearchPast& past_;
    Recorder& recorder_;
    Progress& progress_;
    double begun_;
    double longest_ = 0;
    Point plan_;
    Point incumbent_;
    double incumbent_score_ = 0;
    std::vector<ScoredPoint> known_;  // the plan's and every evaluated point
    SearchResult result_;
};

constexpr std::array kStandings{
    std::pair{Standing::kBetter, std::string_view("better")},
    std::pair{Standing::kNotBetter, std::string_view("not better")},
    std::pair{Standing::kUndecided, std::string_view("undecided")},
    std::pair{Standing::kRefused, std::string_view("refused")},
};

}  // namespace

std::string_view to_string(Standing standing) {
    return std::ranges::find(kStandings, standing, &decltype(kStandings)::value_type::first)
        ->second;
}

Standing standing_named(std::string_view name) {
    const auto found =
        std::ranges::find(kStandings, name, &decltype(kStandings)::value_type::second);
    return found == kStandings.end() ? Standing::kUndecided : found->first;
}

int dimensions_for(double evaluations) {
    return std::max(kFewestDimensions, static_cast<int>(evaluations / kEvaluationsPerDimension));
}

Result<SearchResult> search(const SearchOptions& options, const MemoryGuard& guard, Judge& judge,
                            const SearchPast& past, Recorder& recorder, Progress& progress) {
    if (options.space.dimensions.empty())
        return Error{ErrorCode::kFailedPrecondition, "searching for better settings",
                     "there is no setting to search", "see why with -o json"};
    return Search(options, guard, judge, past, recorder, progress).run();
}

}  // namespace hone::prove
