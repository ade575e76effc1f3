// prove/load/zipf.hpp - ranks of which a few are popular: rank k comes with a probability
// proportional to 1 / (k + 1)^exponent.
//
// Shape    rejection-inversion: no table and no set-up over the ranks, so that a billion of them
//          cost as little as ten. Popular ranks are neighbours: spread them (a hash, a permutation)
//          where popular keys should not share pages.
// Threads  const: one sampler serves all threads, each with its own Random.
// Cost     about 60 ns; 1.1 draws of the random source on average.
// Source   Hoermann, Derflinger, "Rejection-inversion to generate variates from monotone discrete
//          distributions" (ACM TOMACS 6(3), 1996)
#pragma once

#include <cstdint>

#include "base/random.hpp"

namespace hone::prove {

class Zipf {
  public:
    // Requires ranks > 0 and exponent > 0; 1 is the classical one.
    Zipf(std::uint64_t ranks, double exponent);
    // In [0, ranks); 0 is the most popular.
    std::uint64_t operator()(Random& random) const;

  private:
    double density(double x) const;
    double area(double x) const;
    double inverse_area(double y) const;
    std::uint64_t ranks_;
    double exponent_;
    double area_from_ = 0;
    double area_to_ = 0;
    double always_accepted_ = 0;
};

}  // namespace hone::prove
