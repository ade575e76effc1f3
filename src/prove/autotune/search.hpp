// prove/autotune/search.hpp - the search itself: from the plan's point to the best that was found,
// and whether that is better.
//
// Shape    the plan is the first incumbent. First each setting by itself takes a step to its longer
//          side, then the proposer chooses. A candidate is measured against the incumbent and takes
//          its place where it is better. What looks best in the end is measured once more against
//          the plan, on fresh servers and with another seed, and that alone decides: the best of
//          many looks better than it is.
//          Every evaluation is handed to the Recorder before the next begins. A search that is given
//          the evaluations of an earlier run makes the same proposals, takes those evaluations for
//          answers, and goes on where it ended.
// Errors   as the judge and the recorder say; failed_precondition: recorded evaluations do not
//          belong to this space and seed.
// Limits   kMostEvaluations.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "prove/autotune/judge.hpp"
#include "prove/autotune/memory_guard.hpp"

namespace hone::prove {

inline constexpr int kMostEvaluations = 2000;

struct Evaluation {
    int number = 0;  // from 1
    Point proposed;
    Point point;  // as evaluated: `proposed`, lowered where it did not fit into memory
    Screening screening;
    double score = 0;          // log ratio to the plan, by way of the incumbents
    double spent_seconds = 0;  // of the budget, by its end
};

struct Recorder {
    virtual ~Recorder() = default;
    // On the disk when it returns.
    virtual Status evaluated(const Evaluation& evaluation) = 0;
    virtual Status checking(const Point& found) = 0;
    virtual Status checked(const Check& check, double spent_seconds) = 0;
};

struct SearchOptions {
    SearchSpace space;
    std::uint64_t seed = 0;
    double budget_seconds = 0;            // from the beginning of everything, the check included
    double evaluation_seconds = 0;        // what one takes, until it is known better
    double check_seconds = 0;             // kept for the check, its preparation included
    double spent_seconds = 0;             // of the budget, by earlier runs and by preparing
    std::function<double()> now_seconds;  // a clock that never goes back
};

// What an earlier run recorded.
struct SearchPast {
    std::vector<Evaluation> evaluations;
    std::optional<Check> check;
};

struct SearchResult {
    std::vector<Evaluation> evaluations;
    std::optional<Point> candidate;  // what was checked; none: nothing looked better
    std::optional<Check> check;
    double spent_seconds = 0;
    std::string ended_because;  // "the time was used up"

    // It held on fresh servers.
    bool better() const { return check && check->effect.verdict == Verdict::kFaster; }
};

Result<SearchResult> search(const SearchOptions& options, const MemoryGuard& guard, Judge& judge,
                            const SearchPast& past, Recorder& recorder, Progress& progress);

// How many settings are worth searching with so many evaluations.
int dimensions_for(double evaluations);

}  // namespace hone::prove
