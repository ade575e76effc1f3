// engines/postgres/check_rules_input.hpp - what a static rule reads, and where it says what it
// found.
//
// Threads  pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engines/postgres/check.hpp"
#include "model/plan.hpp"
#include "model/setting.hpp"

namespace hone::postgres {

class RuleInput {
  public:
    RuleInput(const Plan& plan, const Catalogue& catalogue, const MergedValues& merged,
              const std::vector<std::string>& libraries, const MachineLimits& limits)
        : plan_(plan),
          catalogue_(catalogue),
          merged_(merged),
          libraries_(libraries),
          limits_(limits) {}

    const Plan& plan() const { return plan_; }
    const Catalogue& catalogue() const { return catalogue_; }
    const std::vector<std::string>& libraries() const { return libraries_; }
    const MachineLimits& limits() const { return limits_; }

    // The merged value, else the catalogue's; none where this version has no such setting.
    std::optional<std::string> value(std::string_view name) const;
    std::optional<std::int64_t> integer(std::string_view name) const;
    std::optional<Bytes> size(std::string_view name) const;
    // As it stands in postgresql.conf, for sentences.
    std::string shown(std::string_view name) const;
    bool plan_sets(std::string_view name) const;

  private:
    const Plan& plan_;
    const Catalogue& catalogue_;
    const MergedValues& merged_;
    const std::vector<std::string>& libraries_;
    const MachineLimits& limits_;
};

using Findings = std::vector<Finding>;
using Rule = void (*)(const RuleInput& input, Findings& findings);

// Values against each other.
void check_cross_rules(const RuleInput& input, Findings& findings);
// Values against the machine: memory, disk, limits.
void check_machine_rules(const RuleInput& input, Findings& findings);

}  // namespace hone::postgres
