#include "prove/autotune/scratch_arena.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engines/postgres/check_boot.hpp"
#include "prove/scratch_servers.hpp"
#include "prove/shared_buffers.hpp"

namespace hone::prove {

namespace {

constexpr int kServers = 3;
constexpr std::string_view kCandidateBoots = "booting the candidate";

class ScratchContest final : public Contest {
  public:
    static Result<std::unique_ptr<Contest>> make(std::vector<postgres::ScratchServer> servers,
                                                 TrialLoad& load, Deadline deadline) {
        static constexpr std::array kNames{"incumbent", "control", "candidate"};
        auto contest = std::make_unique<ScratchContest>();
        contest->servers_ = std::move(servers);
        for (std::size_t i = 0; i < contest->servers_.size(); ++i) {
            static_cast<void>(prewarm(contest->servers_[i], deadline));
            HONE_TRY_ASSIGN(auto subject,
                            load.subject(kNames.at(i), contest->servers_[i], deadline));
            contest->pointers_.push_back(subject.get());
            contest->subjects_.push_back(std::move(subject));
        }
        return std::unique_ptr<Contest>(std::move(contest));
    }
    std::span<Subject* const> subjects() override { return pointers_; }

  private:
    std::vector<postgres::ScratchServer> servers_;
    std::vector<std::unique_ptr<Subject>> subjects_;  // end before their servers
    std::vector<Subject*> pointers_;
};

void append(std::vector<postgres::ConfigEntry>& settings, const SettingValues& values) {
    for (const auto& [name, value] : values)
        settings.push_back({.name = name, .value = value, .file = {}, .line = 0});
}

// The plan's changes with other values: what the boot check's rules judge.
Plan plan_with(const Plan& plan, const SettingValues& values) {
    Plan changed = plan;
    for (const auto& [name, value] : values) {
        const auto found = std::ranges::find(changed.changes, name, &Change::setting);
        Change& change = found != changed.changes.end() ? *found : changed.changes.emplace_back();
        change.setting = name;
        change.to = value;
    }
    return changed;
}

bool is_of_the_candidate(const Error& error) {
    return error.code() == ErrorCode::kFailedPrecondition &&
           std::ranges::find(error.context(), kCandidateBoots) != error.context().end();
}

}  // namespace

ScratchArena::ScratchArena(ArenaOptions options, Identity owner, TrialLoad& load)
    : options_(std::move(options)), owner_(std::move(owner)), load_(&load) {}

Result<ScratchArena> ScratchArena::make(ArenaOptions options, TrialLoad& load, Progress& progress,
                                        Deadline deadline) {
    HONE_TRY_ASSIGN(Identity owner, postgres::scratch_owner());
    ScratchArena arena(std::move(options), std::move(owner), load);
    HONE_TRY(arena.make_data(progress, deadline));
    return arena;
}

Status ScratchArena::make_data(Progress& progress, Deadline deadline) {
    const std::array sides{ServerSide{"the plan", settings_with({})}};
    HONE_TRY_ASSIGN(auto servers, make_servers(
                                      {.bin_directory = options_.bin_directory,
                                       .owner = owner_,
                                       .parent_folder = options_.parent_folder,
                                       .cache_folder = options_.cache_folder,
                                       .template_data = load_->template_data()},
                                      sides,
                                      [&](postgres::ScratchServer& server, Deadline wait) {
                                          return load_->fill(server, progress, wait);
                                      },
                                      progress, deadline));
    HONE_TRY_ASSIGN(const Bytes data, data_size(servers.front(), deadline));
    HONE_TRY(servers.front().stop(deadline));
    data_ = std::move(servers.front());
    // A cache is only ever as full as the data: room that stays empty needs no memory.
    const Bytes wanted = std::min(options_.largest_buffers, data * 2) * kServers;
    buffers_factor_ = shared_buffers_factor(wanted, options_.memory_limit);
    if (buffers_factor_ < 1)
        caveats_.push_back(fmt::format(
            "Three servers do not fit into {} at full size: shared_buffers were measured at "
            "{:.0f} % of what the settings say.",
            format_for_people(options_.memory_limit), buffers_factor_ * 100));
    if (data < options_.largest_buffers)
        caveats_.push_back(
            fmt::format("The data ({}) fits into the larger caches of the search as "
                        "a whole; the real data may not.",
                        format_for_people(data)));
    for (const std::string& caveat : load_->caveats()) caveats_.push_back(caveat);
    return {};
}

std::vector<postgres::ConfigEntry> ScratchArena::settings_with(const SettingValues& values) const {
    std::vector<postgres::ConfigEntry> settings = options_.settings;
    for (const Change& change : options_.plan.changes)
        append(settings, {{change.setting, change.to}});
    append(settings, values);
    if (buffers_factor_ < 1) scale_shared_buffers(settings, buffers_factor_);
    for (const auto& entry : load_->forced_settings()) settings.push_back(entry);
    return settings;
}

Result<std::optional<std::string>> ScratchArena::refused_by_rules(
    const SettingValues& values) const {
    using Refusal = std::optional<std::string>;
    const Plan plan = plan_with(options_.plan, values);
    const auto merged = postgres::merged_values(options_.catalogue, options_.settings, plan);
    const auto findings =
        postgres::check_rules(plan, options_.catalogue, merged,
                              postgres::available_libraries(options_.bin_directory), {});
    for (const postgres::Finding& finding : findings)
        if (finding.severity == Severity::kCritical) return Refusal{finding.message};
    return Refusal{};
}

Result<Opened> ScratchArena::open(const SettingValues& baseline, const SettingValues& candidate,
                                  Deadline deadline) {
    HONE_TRY_ASSIGN(auto refusal, refused_by_rules(candidate));
    if (refusal) return Opened{nullptr, *std::move(refusal)};
    const std::vector<ServerSide> sides{{"the incumbent", settings_with(baseline)},
                                        {"the incumbent a second time", settings_with(baseline)},
                                        {"the candidate", settings_with(candidate)}};
    auto servers = make_servers(
        {.bin_directory = options_.bin_directory,
         .owner = owner_,
         .parent_folder = options_.parent_folder,
         .cache_folder = options_.cache_folder,
         .template_data = data_->data_directory()},
        sides, [](postgres::ScratchServer&, Deadline) { return Status{}; }, silent_progress(),
        deadline);
    if (!servers.ok()) {
        if (is_of_the_candidate(servers.error())) return Opened{nullptr, servers.error().message()};
        return servers.error();
    }
    HONE_TRY_ASSIGN(auto contest,
                    ScratchContest::make(std::move(servers).value(), *load_, deadline));
    return Opened{std::move(contest), {}};
}

}  // namespace hone::prove
