#include "bench/compare/power.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <numbers>

#include "base/random.hpp"
#include "prove/compare/comparison.hpp"

namespace hone::bench {

namespace {

constexpr std::array kNoises{0.02, 0.05, 0.10, 0.15, 0.20, 0.30};
constexpr std::array kRounds{6, 13, 20, 40, 66, 100, 200};
constexpr double kSlowdown = 1 / 1.1;

double normal(Random& random) {
    return std::sqrt(-2 * std::log(1 - random.unit())) *
           std::cos(2 * std::numbers::pi * random.unit());
}

prove::Measured trial(double noise, int rounds, double effect, Random& random) {
    prove::Measured measured;
    measured.rounds = rounds;
    measured.options.seed = random.next();
    for (const double speed : {1.0, 1.0, effect}) {
        prove::SubjectSeries series;
        for (int round = 0; round < rounds; ++round) {
            const double rate = 1000 * speed * std::exp(noise * normal(random));
            series.slices.push_back({.operations = rate, .rate = rate});
        }
        measured.subjects.push_back(std::move(series));
    }
    return measured;
}

struct Shares {
    double slower = 0;
    double any = 0;
};

Shares shares(double noise, int rounds, double effect, int trials, Random& random) {
    int slower = 0;
    int faster = 0;
    for (int i = 0; i < trials; ++i) {
        const Verdict verdict =
            prove::judge_candidate(trial(noise, rounds, effect, random), 2).effect.verdict;
        slower += verdict == Verdict::kSlower;
        faster += verdict == Verdict::kFaster;
    }
    return {static_cast<double>(slower) / trials, static_cast<double>(slower + faster) / trials};
}

}  // namespace

std::string power_table(int trials, std::uint64_t seed) {
    Random random(seed);
    std::string text = "| noise of a slice |";
    std::string rule = "|---|";
    for (const int rounds : kRounds) {
        text += fmt::format(" {} rounds |", rounds);
        rule += "---|";
    }
    text += "\n" + rule + "\n";
    for (const double noise : kNoises) {
        text += fmt::format("| {:.0f} % |", noise * 100);
        for (const int rounds : kRounds) {
            const Shares slowed = shares(noise, rounds, kSlowdown, trials, random);
            const Shares equal = shares(noise, rounds, 1, trials, random);
            text += fmt::format(" {:.0f} % ({:.1f} %) |", slowed.slower * 100, equal.any * 100);
        }
        text += "\n";
    }
    return text;
}

}  // namespace hone::bench
