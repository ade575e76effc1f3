// prove/compare/comparison.hpp - several subjects measured against each other in short slices.
//
// Shape    rounds: each measures every subject once, in an order drawn anew (why drawn, and not
//          alternated: prove/compare/rounds.hpp). The first subject is the baseline and the second
//          its twin, the control: equal settings, so that what differs between them is noise. Rounds
//          go on until every interval is as narrow as asked for, or the time is over.
// Errors   as the subjects say; cancelled; deadline_exceeded; failed_precondition: a slice in which
//          nothing was finished. invalid_argument: fewer than two subjects, or too little time for
//          kFewestPairs rounds. Nothing is judged from a measurement that failed.
// Cost     the seconds asked for at most, and the subjects' own way in and out of a slice.
// Source   docs/reference/compare.md
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "model/verdict.hpp"
#include "prove/compare/judgement.hpp"
#include "prove/compare/subject.hpp"

namespace hone::prove {

struct Measured;

// What of a slice is compared. Rates in closed loop; latencies where the load comes at a fixed rate
// (open loop), which every subject that keeps up answers equally often. Whichever it is, a ratio
// above 1 means faster.
enum class Judged { kRate, kMeanLatency, kP99Latency };

// A day: more than anybody means.
inline constexpr double kLongestComparisonSeconds = 86400;

struct CompareOptions {
    // Of slices, for all subjects together. kFewestPairs rounds are measured where slices turn out
    // longer than slice_seconds, whatever they take.
    double seconds_at_most = 120;
    double slice_seconds = 1;
    double warm_up_seconds = 2;  // of a discarded slice for each subject; 0: none
    // Before anybody looks at the widths. Of 12, nine looks leave the interval a coverage of 94 %; of
    // 8, of 93 %.
    int fewest_rounds = 12;
    Judged judged = Judged::kRate;
    std::string operation = "operation";  // what one is called: "transaction"
    // Stop when the half width of every candidate's interval is below this (0.02: 2 %); 0: use all
    // the time. Looks at the width alone, never at the ratio: a rule that stopped on a wanted result
    // would find one.
    double wanted_half_width = 0;
    // Asked wherever the widths are looked at; true ends the measuring. One that looks at ratios may
    // give up losers, but what it stops because it won is not to be called faster.
    std::function<bool(const Measured&)> give_up;
    int comparisons = 1;  // judged in the whole run, for the error rate (Bonferroni)
    bool writes = true;   // WAL per operation is worth telling
    std::uint64_t seed = 0;
};

struct SubjectSeries {
    std::string name;
    std::vector<Slice> slices;  // by round
    // At the beginning of each slice, and after the last one: so that what a server does for a
    // slice while it waits for the next (checkpoints, vacuum) is counted, too. Empty: not told.
    std::vector<Usage> usages;
};

struct Measured {
    std::vector<SubjectSeries> subjects;  // as they were given
    int rounds = 0;
    double seconds = 0;   // of slices; one that ran a little over counts as asked for
    bool narrow = false;  // ended because the intervals were narrow enough
    CompareOptions options;
};

// Subject 0 is the baseline and subject 1 its control. The caller has begun the progress's step.
Result<Measured> measure(std::span<Subject* const> subjects, const CompareOptions& options,
                         Progress& progress, Deadline deadline);

// Pure. `candidate` against the baseline, which is the geometric mean of baseline and control round
// by round. Companions: CPU seconds, WAL bytes, buffers and latencies, where they were read. Requires
// 2 <= candidate < subjects.
struct CandidateEvidence {
    std::string candidate;
    Comparison control;
    Comparison effect;
    std::vector<Comparison> companions;
    std::string sentence;
};
CandidateEvidence judge_candidate(const Measured& measured, std::size_t candidate);
// Pure. The effect with its standard error and strict interval, for rules of one's own.
Estimate effect_of(const Measured& measured, std::size_t candidate);
// Pure. Any subject against any other, round by round; no verdict of its own.
Comparison compare_subjects(const Measured& measured, std::size_t subject, std::size_t against);

}  // namespace hone::prove
