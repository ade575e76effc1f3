// prove/autotune/proposer.hpp - where to look next, given what was seen.
//
// Shape    a search for the maximum of a noisy black box over a grid: an upper bound over the whole
//          of it and a quadratic model around the best point, in turns. Equal seeds and equal
//          scores give equal proposals, which is how a search is resumed.
// Cost     milliseconds, growing with the square of what was told.
// Source   dlib's global_function_search: Malherbe, Vayatis, "Global optimization of Lipschitz
//          functions" (ICML 2017); Powell, "The NEWUOA software" (2006).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.hpp"
#include "prove/autotune/search_space.hpp"

namespace hone::prove {

struct ScoredPoint {
    Point point;
    double score = 0;
};

class Proposer {
  public:
    virtual ~Proposer() = default;
    // Errors: internal, in dlib's words.
    virtual Result<Point> next() = 0;
    // The score of the point that next() gave last; the larger the better.
    virtual void tell(double score) = 0;
};

// `known`: what was seen before, and is not proposed from the sequence. Requires a space with a
// dimension.
std::unique_ptr<Proposer> make_proposer(const SearchSpace& space,
                                        const std::vector<ScoredPoint>& known, std::uint64_t seed);

}  // namespace hone::prove
