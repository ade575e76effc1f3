#include "prove/compare/rounds.hpp"

#include <algorithm>
#include <numeric>

namespace hone::prove {

namespace {

constexpr int kLooksShare = 4;  // a quarter of the rounds so far between two looks

}  // namespace

std::vector<std::size_t> drawn_order(std::size_t subjects, Random& random) {
    std::vector<std::size_t> order(subjects);
    std::iota(order.begin(), order.end(), 0U);
    for (std::size_t left = subjects; left > 1; --left)
        std::swap(order[left - 1], order[random.below(left)]);
    return order;
}

bool is_a_look(int rounds, int fewest_rounds) {
    int look = fewest_rounds;
    while (look < rounds) look += std::max(1, look / kLooksShare);
    return look == rounds;
}

}  // namespace hone::prove
