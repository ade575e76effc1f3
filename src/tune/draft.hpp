// tune/draft.hpp - a plan while it is being made: what holds now, what is proposed, what may not be
// touched.
//
// Shape    effective() answers with the proposal where there is one, else with what holds now, so
//          that a later rule stands on an earlier one. A proposal within 5 % of the present value
//          is no change.
// Limits   borrows its TuneInput: the input must outlive it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tune/tune.hpp"

namespace hone::tune {

// A change smaller than this share of the present value is not worth making.
inline constexpr double kNegligibleShare = 0.05;

struct Proposal {
    std::string rule;  // "memory.shared_buffers": its texts are in rules.toml
    std::string setting;
    std::string value;   // as in postgresql.conf: "4GB"
    std::string reason;  // one sentence with the numbers in it
    std::vector<std::pair<std::string, std::string>> inputs;
};

class Draft {
  public:
    explicit Draft(const TuneInput& input);

    // Takes what a person fixed. Errors: invalid_argument: an unknown setting, a value that it
    // cannot have, a setting that trades durability.
    Status fix(const Customization& customization);

    bool has(std::string_view setting) const;
    // In the catalogue, not fixed by a person, and not in need of a restart that is not wanted.
    bool may_set(std::string_view setting) const;
    // Canonical; "" for a setting that this version does not have.
    std::string current(std::string_view setting) const;
    std::string effective(std::string_view setting) const;
    double number(std::string_view setting, double fallback = 0) const;
    double current_number(std::string_view setting, double fallback = 0) const;
    Bytes bytes(std::string_view setting, Bytes fallback = Bytes{}) const;
    // The present size where it is so close to the wanted one that it stays, or where it must
    // stay.
    Bytes settled(std::string_view setting, Bytes wanted) const;

    // Cut to the range of the catalogue. Ignored: a setting that may_set() refuses, a value that
    // the build cannot take.
    void propose(Proposal proposal);
    // Also where the present value is within 5 %.
    void propose_exactly(Proposal proposal);
    void notice(Severity severity, std::string rule, std::string message, std::string advice = {});

    // Sorted by name.
    std::vector<Change> changes() const;
    const std::vector<Notice>& notices() const { return notices_; }

  private:
    void put(Proposal proposal, const std::string& canonical);
    std::string clamped(const SettingDefinition& definition, const std::string& value) const;
    const TuneInput& input_;
    std::map<std::string, Proposal, std::less<>> proposals_;      // only real changes
    std::map<std::string, std::string, std::less<>> canonicals_;  // of proposals_
    std::set<std::string, std::less<>> locked_;
    std::vector<Notice> notices_;
};

}  // namespace hone::tune
