#include "base/clock.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>

namespace hone {

namespace {

std::string utc_now(const char* format) {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 32> text{};
    const std::size_t length = std::strftime(text.data(), text.size(), format, &parts);
    return {text.data(), length};
}

}  // namespace

Deadline Deadline::after(Seconds patience) {
    Deadline deadline;
    deadline.at_ = std::chrono::steady_clock::now() +
                   std::chrono::duration_cast<std::chrono::steady_clock::duration>(patience);
    return deadline;
}

bool Deadline::expired() const {
    return std::chrono::steady_clock::now() >= at_;
}

Seconds Deadline::remaining() const {
    return std::max(Seconds{0}, Seconds{at_ - std::chrono::steady_clock::now()});
}

int Deadline::remaining_milliseconds() const {
    constexpr double kOneHourMilliseconds = 3600.0 * 1000;
    return static_cast<int>(std::min(std::ceil(remaining().count() * 1000), kOneHourMilliseconds));
}

Deadline Deadline::earlier_of(Deadline other) const {
    return at_ < other.at_ ? *this : other;
}

std::string utc_now_text() {
    return utc_now("%Y-%m-%dT%H:%M:%SZ");
}

std::string utc_now_compact() {
    return utc_now("%Y%m%dT%H%M%SZ");
}

double monotonic_seconds() {
    return Seconds{std::chrono::steady_clock::now().time_since_epoch()}.count();
}

}  // namespace hone
