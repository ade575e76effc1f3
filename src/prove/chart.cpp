#include "prove/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "prove/compare/judgement.hpp"
#include "prove/html.hpp"
#include "prove/svg.hpp"

namespace hone::prove {

namespace {

bool was_run(const WorkloadEvidence& workload) {
    return workload.effect.verdict != Verdict::kNotRun;
}

// --- ratios ---

constexpr double kRowHeight = 58;
constexpr double kLabelWidth = 130;
constexpr double kTopMargin = 30;

// The furthest that any interval reaches, at least the band and a little more, in log ratio.
double widest_reach(const Evidence& evidence) {
    double reach = std::log(1.12);
    for (const WorkloadEvidence& workload : evidence.workloads) {
        if (!was_run(workload)) continue;
        for (const Comparison* comparison : {&workload.effect, &workload.control})
            for (const double end : {comparison->interval.low, comparison->interval.high})
                reach = std::max(reach, std::abs(std::log(end)));
    }
    return reach * 1.06;
}

// Ratios worth a tick within the reach, mirrored around 1.
std::vector<double> ratio_ticks(double reach) {
    static constexpr double kFine[] = {1.05, 1.1, 1.2};
    static constexpr double kMiddle[] = {1.1, 1.25, 1.5, 2};
    static constexpr double kCoarse[] = {1.5, 2, 3, 5, 10, 30, 100, 1000};
    std::vector<double> ticks{1};
    const auto add = [&](double tick) {
        if (std::log(tick) > reach) return;
        ticks.push_back(tick);
        ticks.push_back(1 / tick);
    };
    if (reach < std::log(1.3))
        std::ranges::for_each(kFine, add);
    else if (reach < std::log(2.6))
        std::ranges::for_each(kMiddle, add);
    else
        std::ranges::for_each(kCoarse, add);
    return ticks;
}

std::string tick_label(double ratio) {
    if (ratio >= 1.995) return fmt::format("×{:.3g}", ratio);
    return fmt::format("{:+.0f} %", (ratio - 1) * 100);
}

std::string ratio_frame(const Axis& x, double reach, double bottom) {
    const Interval band = equivalence_band();
    const double left = x(std::log(band.low));
    std::string frame =
        fmt::format(R"(<rect class="band" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>)",
                    left, kTopMargin, x(std::log(band.high)) - left, bottom - kTopMargin);
    for (const double tick : ratio_ticks(reach)) {
        const double at = x(std::log(tick));
        frame += line(tick == 1 ? "axis" : "grid", at, kTopMargin, at, bottom);
        frame += label("tick middle", at, bottom + 16, tick == 1 ? "equal" : tick_label(tick));
    }
    frame += label("hint", x(-reach), 16, "← slower with the plan");
    frame += label("hint end", x(reach), 16, "faster with the plan →");
    return frame;
}

std::string ratio_row(const WorkloadEvidence& workload, const Axis& x, double y) {
    std::string row = label("row", 0, y + 5, workload.workload);
    if (!was_run(workload)) return row + label("hint", kLabelWidth, y + 5, "not run");
    const auto bar = [&](std::string_view style, const Comparison& comparison, double at,
                         double radius) {
        return line(fmt::format("interval {}", style), x(std::log(comparison.interval.low)), at,
                    x(std::log(comparison.interval.high)), at) +
               dot(fmt::format("point {}", style), x(std::log(comparison.ratio)), at, radius);
    };
    row += bar(verdict_class(workload.effect.verdict), workload.effect, y - 4, 6.5);
    row += bar("control", workload.control, y + 13, 3.5);
    return row;
}

std::string ratio_description(const Evidence& evidence) {
    std::string description;
    for (const WorkloadEvidence& workload : evidence.workloads)
        description +=
            workload.workload + ": " + (was_run(workload) ? workload.sentence : "not run.") + " ";
    return description;
}

// --- rates ---

constexpr double kRatesHeight = 210;
constexpr double kRatesLeft = 62;
constexpr double kRatesBottom = 178;

struct Series {
    std::string_view style;
    std::string_view name;
    const std::vector<double>* rates;
};

double geometric_mean(const std::vector<double>& rates) {
    double sum = 0;
    for (const double rate : rates) sum += std::log(rate);
    return std::exp(sum / static_cast<double>(rates.size()));
}

std::string series_marks(const Series& series, const Axis& x, const Axis& y) {
    std::string path;
    std::string dots;
    for (std::size_t i = 0; i < series.rates->size(); ++i) {
        const double at_x = x(static_cast<double>(i + 1));
        const double at_y = y((*series.rates)[i]);
        path += fmt::format("{}{:.1f} {:.1f}", i == 0 ? "M" : " L", at_x, at_y);
        dots += dot(fmt::format("mark {}", series.style), at_x, at_y, 3.2);
    }
    return fmt::format(R"(<path class="trace {}" d="{}"/>)", series.style, path) + dots;
}

std::string rates_grid(double top_rate, const Axis& y) {
    std::string grid;
    constexpr int kSteps = 4;
    for (int step = 0; step <= kSteps; ++step) {
        const double rate = top_rate * step / kSteps;
        grid += line(step == 0 ? "axis" : "grid", kRatesLeft, y(rate), kPictureWidth, y(rate));
        grid +=
            label("tick end", kRatesLeft - 8, y(rate) + 4, step == 0 ? "0" : rate_for_people(rate));
    }
    return grid;
}

// --- budget ---

constexpr double kBudgetHeight = 64;
constexpr int kBudgetShades = 8;

}  // namespace

std::string_view verdict_class(Verdict verdict) {
    switch (verdict) {
        case Verdict::kFaster:
            return "verdict-faster";
        case Verdict::kSlower:
            return "verdict-slower";
        case Verdict::kNoDifference:
            return "verdict-same";
        case Verdict::kCannotTell:
            return "verdict-unknown";
        case Verdict::kNotRun:
            return "verdict-not-run";
    }
    return "verdict-unknown";
}

std::string ratio_chart(const Evidence& evidence) {
    const double reach = widest_reach(evidence);
    const Axis x(-reach, reach, kLabelWidth, kPictureWidth - 24);
    const double bottom = kTopMargin + kRowHeight * static_cast<double>(evidence.workloads.size());
    std::string content = ratio_frame(x, reach, bottom);
    double y = kTopMargin + kRowHeight / 2;
    for (const WorkloadEvidence& workload : evidence.workloads) {
        content += ratio_row(workload, x, y);
        y += kRowHeight;
    }
    return picture(bottom + 24, "Speed with the plan, relative to the current settings",
                   ratio_description(evidence), content);
}

std::string rates_chart(const WorkloadEvidence& workload) {
    const Series all[] = {{"current", "current settings", &workload.current_rates},
                          {"control", "current settings, second server", &workload.control_rates},
                          {"planned", "planned settings", &workload.planned_rates}};
    double highest = 0;
    for (const Series& series : all)
        for (const double rate : *series.rates) highest = std::max(highest, rate);
    const double top_rate = round_number_above(highest);
    const Axis y(0, top_rate, kRatesBottom, 10);
    const auto rounds = static_cast<double>(workload.current_rates.size());
    const Axis x(0.5, rounds + 0.5, kRatesLeft, kPictureWidth);
    std::string content = rates_grid(top_rate, y);
    std::string description;
    for (const Series& series : all) {
        content += series_marks(series, x, y);
        description += fmt::format("{}: {} transactions per second on the geometric mean. ",
                                   series.name, rate_for_people(geometric_mean(*series.rates)));
    }
    content += label("hint end", kPictureWidth, kRatesBottom + 20,
                     fmt::format("{:.0f} rounds, in the order of time →", rounds));
    return picture(kRatesHeight,
                   fmt::format("Transactions per second of {}, slice by slice", workload.workload),
                   description, content);
}

std::string budget_chart(const MemoryBudget& budget) {
    const double whole =
        static_cast<double>(std::max({budget.limit, budget.worst_case(), Bytes{1}}).count());
    const Axis x(0, whole, 0, kPictureWidth);
    std::string content =
        fmt::format(R"(<rect class="room" x="0" y="8" width="{:.1f}" height="34" rx="3"/>)",
                    x(static_cast<double>(budget.limit.count())));
    std::string description;
    double from = 0;
    int shade = 0;
    for (const BudgetTerm& term : budget.terms) {
        const double to = from + static_cast<double>(term.size.count());
        content += fmt::format(
            R"(<rect class="shade-{}" x="{:.1f}" y="8" width="{:.1f}" height="34"><title>{}</title></rect>)",
            shade++ % kBudgetShades, x(from), std::max(0.0, x(to) - x(from) - 1),
            escaped(term.name + ": " + format_for_people(term.size)));
        description += term.name + " " + format_for_people(term.size) + ", ";
        from = to;
    }
    const double limit_at = x(static_cast<double>(budget.limit.count()));
    content += line("limit", limit_at - 1, 2, limit_at - 1, 48);
    content += label("tick end", limit_at - 2, 61, "limit " + format_for_people(budget.limit));
    return picture(kBudgetHeight, "Worst case of the memory against the limit",
                   description + "limit " + format_for_people(budget.limit), content);
}

}  // namespace hone::prove
