#include "prove/autotune/proposer.hpp"

#include <dlib/global_optimization/global_function_search.h>

#include <fmt/format.h>

#include <cmath>
#include <exception>
#include <optional>

#include "base/assert.hpp"

namespace hone::prove {

namespace {

using Vector = dlib::matrix<double, 0, 1>;

dlib::function_spec spec_of(const SearchSpace& space) {
    const auto size = static_cast<long>(space.dimensions.size());
    Vector low(size);
    Vector high(size);
    for (long i = 0; i < size; ++i) {
        low(i) = 0;
        high(i) =
            static_cast<double>(space.dimensions[static_cast<std::size_t>(i)].levels.size() - 1);
    }
    return {low, high, std::vector<bool>(space.dimensions.size(), true)};
}

Vector vector_of(const Point& point) {
    Vector vector(static_cast<long>(point.size()));
    for (std::size_t i = 0; i < point.size(); ++i) vector(static_cast<long>(i)) = point[i];
    return vector;
}

std::vector<dlib::function_evaluation> evaluations_of(const std::vector<ScoredPoint>& known) {
    std::vector<dlib::function_evaluation> evaluations;
    evaluations.reserve(known.size());
    for (const ScoredPoint& scored : known)
        evaluations.emplace_back(vector_of(scored.point), scored.score);
    return evaluations;
}

class DlibProposer : public Proposer {
  public:
    DlibProposer(const SearchSpace& space, const std::vector<ScoredPoint>& known,
                 std::uint64_t seed)
        : search_({spec_of(space)}, {evaluations_of(known)}) {
        // dlib takes a seed as large as time_t.
        search_.set_seed(static_cast<time_t>(seed >> 1U));
    }

    Result<Point> next() override {
        try {
            request_.emplace(search_.get_next_x());
        } catch (const std::exception& error) {
            return Error{ErrorCode::kInternal, "choosing what to try next",
                         fmt::format("dlib says: {}", error.what())};
        }
        Point point;
        for (long i = 0; i < request_->x().size(); ++i)
            point.push_back(static_cast<int>(std::lround(request_->x()(i))));
        return point;
    }

    void tell(double score) override {
        HONE_ASSERT(request_.has_value());
        request_->set(score);
        request_.reset();
    }

  private:
    dlib::global_function_search search_;
    std::optional<dlib::function_evaluation_request> request_;
};

}  // namespace

std::unique_ptr<Proposer> make_proposer(const SearchSpace& space,
                                        const std::vector<ScoredPoint>& known, std::uint64_t seed) {
    HONE_ASSERT(!space.dimensions.empty());
    return std::make_unique<DlibProposer>(space, known, seed);
}

}  // namespace hone::prove
