#include "prove/load/arrivals.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/assert.hpp"
#include "base/random.hpp"

namespace hone::prove {

namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

// The arrivals of one operation.
class Stream {
  public:
    Stream(double rate, Pacing pacing, std::uint64_t seed, std::uint64_t first_number)
        : rate_(rate), pacing_(pacing), random_(seed), number_(first_number) {
        if (rate_ <= 0) return;
        // Streams of one rate must not all come at the same moments.
        phase_ = random_.unit();
        at_ = pacing_ == Pacing::kConstant ? phase_ / rate_ : gap();
    }

    double at() const { return at_; }
    std::uint64_t number() const { return number_; }

    void advance() {
        ++number_;
        ++arrived_;
        // A sum of gaps would drift away from the constant rate.
        at_ = pacing_ == Pacing::kConstant ? (static_cast<double>(arrived_) + phase_) / rate_
                                           : at_ + gap();
    }

  private:
    double gap() { return -std::log1p(-random_.unit()) / rate_; }

    double rate_;
    Pacing pacing_;
    Random random_;
    std::uint64_t number_;
    std::uint64_t arrived_ = 0;
    double phase_ = 0;
    double at_ = kNever;
};

class MergedArrivals : public Arrivals {
  public:
    explicit MergedArrivals(const ArrivalOptions& options) : seconds_(options.seconds) {
        HONE_ASSERT(options.first_numbers.empty() ||
                    options.first_numbers.size() == options.rates.size());
        // Each stream has a seed of its own: what one operation's rate is does not move another's
        // arrivals.
        Random seeds(options.seed);
        for (std::size_t i = 0; i < options.rates.size(); ++i) {
            HONE_ASSERT(options.rates[i] >= 0);
            const std::uint64_t first =
                options.first_numbers.empty() ? 0 : options.first_numbers[i];
            streams_.emplace_back(options.rates[i], options.pacing, seeds.next(), first);
        }
    }

    std::optional<Arrival> next() override {
        // Operations are few: a scan beats a heap.
        const auto first =
            std::min_element(streams_.begin(), streams_.end(),
                             [](const Stream& a, const Stream& b) { return a.at() < b.at(); });
        if (first == streams_.end() || first->at() >= seconds_) return std::nullopt;
        const Arrival arrival{first->at(), static_cast<std::uint32_t>(first - streams_.begin()),
                              first->number()};
        first->advance();
        return arrival;
    }

  private:
    double seconds_;
    std::vector<Stream> streams_;
};

class RecordedArrivals : public Arrivals {
  public:
    explicit RecordedArrivals(std::vector<Arrival> arrivals) : arrivals_(std::move(arrivals)) {
        HONE_ASSERT(std::is_sorted(
            arrivals_.begin(), arrivals_.end(),
            [](const Arrival& a, const Arrival& b) { return a.at_seconds < b.at_seconds; }));
    }

    std::optional<Arrival> next() override {
        if (position_ == arrivals_.size()) return std::nullopt;
        return arrivals_[position_++];
    }

  private:
    std::vector<Arrival> arrivals_;
    std::size_t position_ = 0;
};

}  // namespace

std::unique_ptr<Arrivals> make_arrivals(const ArrivalOptions& options) {
    return std::make_unique<MergedArrivals>(options);
}

std::unique_ptr<Arrivals> recorded_arrivals(std::vector<Arrival> arrivals) {
    return std::make_unique<RecordedArrivals>(std::move(arrivals));
}

}  // namespace hone::prove
