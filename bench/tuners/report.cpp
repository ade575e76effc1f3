#include "bench/tuners/report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.hpp"
#include "base/text.hpp"
#include "bench/tuners/standing.hpp"

namespace hone::bench {

namespace {

constexpr std::string_view kBegin = "<!-- hone_tuners_bench: begin -->";
constexpr std::string_view kEnd = "<!-- hone_tuners_bench: end -->";

// A table whose columns are as wide as their widest cell; the first is flush left.
class Table {
  public:
    explicit Table(std::vector<std::string> header) : rows_{std::move(header)} {}
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

    std::string text() const {
        std::vector<std::size_t> widths(rows_.front().size(), 0);
        for (const auto& row : rows_)
            for (std::size_t at = 0; at < row.size(); ++at)
                widths[at] = std::max(widths[at], row[at].size());
        std::string out;
        for (const auto& row : rows_) {
            for (std::size_t at = 0; at < row.size(); ++at)
                out += at == 0 ? fmt::format("  {:<{}}", row[at], widths[at])
                               : fmt::format("  {:>{}}", row[at], widths[at]);
            out += "\n";
        }
        return out;
    }
    std::string markdown() const {
        std::string out;
        for (std::size_t at = 0; at < rows_.size(); ++at) {
            out += "| " + join(rows_[at], " | ") + " |\n";
            if (at > 0) continue;
            out += "|---";
            for (std::size_t column = 1; column < rows_[at].size(); ++column) out += "|--:";
            out += "|\n";
        }
        return out;
    }

  private:
    std::vector<std::vector<std::string>> rows_;
};

std::string cell(const std::optional<Comparison>& comparison) {
    if (!comparison) return "not run";
    return fmt::format("{:.2f} [{:.2f}, {:.2f}]", comparison->ratio, comparison->interval.low,
                       comparison->interval.high);
}

std::string marked_cell(const std::optional<Comparison>& comparison) {
    if (!comparison) return "not run";
    std::string_view mark = "=";
    switch (standing_of(*comparison)) {
        case Standing::kAhead:
            mark = "+";
            break;
        case Standing::kLevel:
            break;
        case Standing::kBehind:
            mark = "(-)";
            break;
        case Standing::kSurelyBehind:
            mark = "-";
            break;
    }
    return fmt::format("{} {}", cell(comparison), mark);
}

Table against_default_table(const Outcome& outcome) {
    const auto tools = tools_of(outcome);
    std::vector<std::string> header{"rate / default's", "control"};
    for (const std::string& tool : tools)
        if (tool != kDefault) header.push_back(tool);
    Table table(header);
    for (const LoadOutcome& load : outcome.loads) {
        std::vector<std::string> row{load.name, cell(control_of(load))};
        for (const std::string& tool : tools)
            if (tool != kDefault) row.push_back(cell(against_default(load, tool)));
        table.add(std::move(row));
    }
    return table;
}

Table hone_table(const Outcome& outcome) {
    std::vector<std::string> header{"hone's rate / the other's"};
    for (const std::string& tool : tools_of(outcome))
        if (tool != kHone) header.push_back(tool);
    Table table(header);
    for (const LoadOutcome& load : outcome.loads) {
        std::vector<std::string> row{load.name};
        for (const std::string& tool : tools_of(outcome))
            if (tool != kHone) row.push_back(marked_cell(hone_against(load, tool)));
        table.add(std::move(row));
    }
    return table;
}

double mean_rate(const prove::SubjectSeries& series) {
    double operations = 0;
    double seconds = 0;
    for (const prove::Slice& slice : series.slices) {
        operations += slice.operations;
        seconds += slice.operations / slice.rate;
    }
    return seconds > 0 ? operations / seconds : 0;
}

std::string plural_of(std::string_view operation) {
    return fmt::format("{}{}", operation, operation.ends_with('s') ? "es" : "s");
}

Table loads_table(const Outcome& outcome) {
    Table table({"load", "data", "default's rate", "rounds", "slice", "what it does"});
    for (const LoadOutcome& load : outcome.loads) {
        if (!load.measured) {
            table.add({load.name, format_for_people(load.data), "not run", "", "", load.meaning});
            continue;
        }
        table.add({load.name, format_for_people(load.data),
                   fmt::format("{:.4g} {}/s", mean_rate(load.measured->subjects.front()),
                               plural_of(load.operation)),
                   fmt::format("{}", load.measured->rounds),
                   fmt::format("{:g} s", load.measured->options.slice_seconds), load.meaning});
    }
    return table;
}

// Server CPU per operation is what a busy neighbour disturbs least: it confirms a rate, or doubts it.
Table cpu_table(const Outcome& outcome) {
    std::vector<std::string> header{"CPU per operation / default's"};
    for (const std::string& tool : tools_of(outcome))
        if (tool != kDefault) header.push_back(tool);
    Table table(header);
    for (const LoadOutcome& load : outcome.loads) {
        std::vector<std::string> row{load.name};
        for (const std::string& tool : tools_of(outcome))
            if (tool != kDefault) row.push_back(cell(cpu_against_default(load, tool)));
        table.add(std::move(row));
    }
    return table;
}

Table boots_table(const std::vector<BootRow>& boots) {
    Table table({"build", "tool", "booted", "the server's words"});
    for (const BootRow& row : boots)
        table.add({row.build, row.tool, fmt::format("{} of {}", row.booted, row.tried),
                   row.wrong.empty() ? "-" : printable(row.wrong, 160)});
    return table;
}

std::string conditions(const Outcome& outcome) {
    const PlanMachine& machine = outcome.machine.facts;
    return fmt::format(
        "PostgreSQL {}, {:g} cores, {} storage; {} for each server{}; {} clients, every tool told "
        "{} "
        "connections; measured {}, seed {}",
        outcome.server_build, machine.cores, to_string(machine.storage),
        format_for_people(machine.memory_limit),
        outcome.memory_limited ? " (limited by a control group)" : " (not limited)",
        outcome.sizes.clients, outcome.options.connections, outcome.measured_at,
        outcome.options.seed);
}

std::vector<std::string> remarks(const Outcome& outcome) {
    std::vector<std::string> lines;
    for (const LoadOutcome& load : outcome.loads) {
        if (!load.not_run_because.empty())
            lines.push_back(fmt::format("{} was not run: {}.", load.name, load.not_run_because));
        for (const Contestant& contestant : load.contestants)
            if (!contestant.does_not_boot.empty())
                lines.push_back(fmt::format("{}: {} does not boot: {}", load.name, contestant.name,
                                            contestant.does_not_boot));
    }
    lines.insert(lines.end(), outcome.caveats.begin(), outcome.caveats.end());
    return lines;
}

json::object settings_json(const Settings& settings) {
    json::object object;
    for (const auto& setting : settings) object[setting.name] = setting.value;
    return object;
}

json::object contestant_json(const LoadOutcome& load, const Contestant& contestant) {
    json::object object{{"name", contestant.name},
                        {"settings", settings_json(contestant.settings)}};
    if (!contestant.does_not_boot.empty()) object["does_not_boot"] = contestant.does_not_boot;
    if (const auto effect = against_default(load, contestant.name))
        object["against_default"] = to_json(*effect);
    const auto subject = subject_of(load, contestant.name);
    if (!subject) return object;
    json::array rates;
    for (const prove::Slice& slice : load.measured->subjects[*subject].slices)
        rates.push_back(slice.rate);
    object["rates"] = std::move(rates);
    if (*subject < 2) return object;
    json::array companions;
    for (const Comparison& companion : prove::judge_candidate(*load.measured, *subject).companions)
        companions.push_back(to_json(companion));
    object["companions"] = std::move(companions);
    return object;
}

json::object load_json(const LoadOutcome& load) {
    json::object object{
        {"name", load.name}, {"operation", load.operation}, {"data_bytes", load.data.count()}};
    if (!load.not_run_because.empty()) object["not_run_because"] = load.not_run_because;
    if (const auto control = control_of(load)) object["control"] = to_json(*control);
    json::array contestants;
    json::object against;
    for (const Contestant& contestant : load.contestants) {
        contestants.push_back(contestant_json(load, contestant));
        if (contestant.name == kHone || contestant.name == kControl) continue;
        if (const auto comparison = hone_against(load, contestant.name))
            against[contestant.name] = to_json(*comparison);
    }
    object["contestants"] = std::move(contestants);
    object["hone_against"] = std::move(against);
    return object;
}

constexpr std::string_view kLegend =
    "95 % intervals. +: hone ahead, the whole interval above 1; =: level; (-): more than 2 % "
    "behind, "
    "perhaps by chance; -: more than 2 % behind, the whole interval below 1.";

}  // namespace

std::string report_text(const Outcome& outcome, const std::vector<BootRow>& boots) {
    if (outcome.loads.empty()) return boots_table(boots).text();
    std::string text = conditions(outcome) + "\n\n";
    text += loads_table(outcome).text() + "\n";
    text += against_default_table(outcome).text() + "\n";
    text += cpu_table(outcome).text() + "\n";
    text += hone_table(outcome).text() + "\n  " + std::string(kLegend) + "\n\n";
    for (const Score& score : scores_of(outcome))
        text += fmt::format("  {}{}\n", sentence_of(score), score.goal_met() ? " Goal met." : "");
    if (!boots.empty()) text += "\n" + boots_table(boots).text();
    for (const std::string& remark : remarks(outcome)) text += "\n  " + remark;
    return text + "\n";
}

std::string report_markdown(const Outcome& outcome, const std::vector<BootRow>& boots,
                            const std::string& command) {
    std::string text = fmt::format("{}.\n\nMade again by: `{}`\n\n", conditions(outcome), command);
    text +=
        loads_table(outcome).markdown() + "\n" + against_default_table(outcome).markdown() + "\n";
    text += cpu_table(outcome).markdown() + "\n";
    text += hone_table(outcome).markdown() + "\n" + std::string(kLegend) + "\n\n";
    for (const Score& score : scores_of(outcome)) text += "- " + sentence_of(score) + "\n";
    if (!boots.empty())
        text +=
            "\nWhose settings boot, for four kinds of load:\n\n" + boots_table(boots).markdown();
    text += "\n";
    for (const std::string& remark : remarks(outcome)) text += "- " + remark + "\n";
    text += "\nThe formulas:\n\n";
    for (const Tuner& tuner : other_tuners())
        text += fmt::format("- {}: {}\n", tuner.name, tuner.source);
    return text;
}

json::object report_json(const Outcome& outcome, const std::vector<BootRow>& boots) {
    json::array loads;
    for (const LoadOutcome& load : outcome.loads) loads.push_back(load_json(load));
    json::array boot_rows;
    for (const BootRow& row : boots)
        boot_rows.push_back(json::object{{"build", row.build},
                                         {"tool", row.tool},
                                         {"tried", row.tried},
                                         {"booted", row.booted},
                                         {"wrong", row.wrong}});
    return {{"schema_version", 1},
            {"kind", "hone tuners bench"},
            {"server_build", outcome.server_build},
            {"measured_at", outcome.measured_at},
            {"seed", outcome.options.seed},
            {"cores", outcome.machine.facts.cores},
            {"memory_limit_bytes", outcome.machine.facts.memory_limit.count()},
            {"memory_limited", outcome.memory_limited},
            {"connections", outcome.options.connections},
            {"loads", std::move(loads)},
            {"boots", std::move(boot_rows)}};
}

std::string with_section(std::string_view file, std::string_view section) {
    const std::string block = fmt::format("{}\n{}{}\n", kBegin, section, kEnd);
    const std::size_t begin = file.find(kBegin);
    const std::size_t end = file.find(kEnd);
    if (begin == file.npos || end == file.npos || end < begin) {
        const std::string_view gap = file.empty() ? "" : file.ends_with("\n\n") ? "" : "\n";
        return fmt::format("{}{}{}", file, gap, block);
    }
    std::string_view rest = file.substr(end + kEnd.size());
    if (rest.starts_with('\n')) rest.remove_prefix(1);
    return fmt::format("{}{}{}", file.substr(0, begin), block, rest);
}

Status write_section(const std::filesystem::path& file, std::string_view section) {
    std::string before;
    if (file_exists(file)) {
        HONE_TRY_ASSIGN(before, read_file(file));
    }
    return replace_file(file, with_section(before, section));
}

}  // namespace hone::bench
