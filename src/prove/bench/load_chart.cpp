#include "prove/bench/load_chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "prove/bench/figures.hpp"
#include "prove/html.hpp"
#include "prove/svg.hpp"

namespace hone::prove {

namespace {

constexpr std::size_t kMostCurves = 8;  // as many colours as report.css has
constexpr double kLeft = 66;
constexpr double kRight = kPictureWidth - 8;
constexpr double kTop = 12;
constexpr double kLatencyBottom = 268;
constexpr double kThroughputBottom = 168;
constexpr double kBelow = 34;  // for the ticks

// The tail is what matters, so every further nine gets as much room as the one before.
double nines(double quantile) {
    return -std::log10(1 - quantile);
}

struct Decades {
    int first = 0;
    int last = 0;
};

Decades decades_of(const std::vector<const OperationFigures*>& operations) {
    double shortest = 1;
    double longest = 1e-6;
    for (const OperationFigures* operation : operations)
        for (const LatencyPoint& point : operation->latency.points) {
            shortest = std::min(shortest, point.seconds);
            longest = std::max(longest, point.seconds);
        }
    Decades decades{static_cast<int>(std::floor(std::log10(shortest))),
                    static_cast<int>(std::ceil(std::log10(longest)))};
    decades.last = std::max(decades.last, decades.first + 1);
    return decades;
}

double furthest_nines(const std::vector<const OperationFigures*>& operations) {
    double furthest = nines(0.9);
    for (const OperationFigures* operation : operations)
        for (const LatencyPoint& point : operation->latency.points)
            furthest = std::max(furthest, nines(point.quantile));
    return furthest;
}

std::string latency_grid(const Axis& x, const Axis& y, const Decades& decades, double furthest) {
    std::string grid;
    for (int decade = decades.first; decade <= decades.last; ++decade) {
        grid += line("grid", kLeft, y(decade), kRight, y(decade));
        grid +=
            label("tick end", kLeft - 8, y(decade) + 4, duration_for_people(std::pow(10, decade)));
    }
    static constexpr std::array<std::pair<double, std::string_view>, 6> kTicks{
        {{0.5, "p50"},
         {0.9, "p90"},
         {0.99, "p99"},
         {0.999, "p99.9"},
         {0.9999, "p99.99"},
         {0.99999, "p99.999"}}};
    for (const auto& [quantile, name] : kTicks) {
        if (nines(quantile) > furthest + 1e-9) continue;
        const double at = x(nines(quantile));
        grid += line("grid", at, kTop, at, kLatencyBottom);
        grid += label("tick middle", at, kLatencyBottom + 18, name);
    }
    return grid;
}

std::string curve(const OperationFigures& operation, std::size_t shade, const Axis& x,
                  const Axis& y) {
    std::string path;
    for (const LatencyPoint& point : operation.latency.points)
        path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : " L", x(nines(point.quantile)),
                            y(std::log10(point.seconds)));
    const std::string marks = [&] {
        std::string dots;
        for (const LatencyPoint& point : operation.latency.points)
            dots += dot(fmt::format("shade-{}", shade), x(nines(point.quantile)),
                        y(std::log10(point.seconds)), 2.4);
        return dots;
    }();
    return fmt::format(R"(<path class="curve stroke-{}" d="{}"><title>{}</title></path>)", shade,
                       path, escaped(operation.name)) +
           marks;
}

std::string latency_description(const std::vector<const OperationFigures*>& operations) {
    std::string text;
    for (const OperationFigures* operation : operations)
        text += fmt::format("{}: p50 {}, p99 {}. ", operation->name,
                            percentile_for_people(operation->latency.p50_seconds),
                            percentile_for_people(operation->latency.p99_seconds));
    return text;
}

std::string throughput_grid(double top, const Axis& y) {
    constexpr int kSteps = 4;
    std::string grid;
    for (int step = 0; step <= kSteps; ++step) {
        const double rate = top * step / kSteps;
        grid += line(step == 0 ? "axis" : "grid", kLeft, y(rate), kRight, y(rate));
        grid += label("tick end", kLeft - 8, y(rate) + 4, step == 0 ? "0" : rate_for_people(rate));
    }
    return grid;
}

}  // namespace

std::vector<const OperationFigures*> pictured_operations(const LoadFigures& load) {
    std::vector<const OperationFigures*> operations;
    for (const OperationFigures& operation : load.operations)
        if (!operation.latency.points.empty()) operations.push_back(&operation);
    std::ranges::stable_sort(operations, std::greater{},
                             [](const auto* operation) { return operation->completed; });
    if (operations.size() > kMostCurves) operations.resize(kMostCurves);
    return operations;
}

std::string latency_chart(const LoadFigures& load) {
    const auto operations = pictured_operations(load);
    const Decades decades = decades_of(operations);
    const double furthest = furthest_nines(operations);
    const Axis x(0, furthest, kLeft, kRight);
    const Axis y(decades.first, decades.last, kLatencyBottom, kTop);
    std::string content = latency_grid(x, y, decades, furthest);
    for (std::size_t at = 0; at < operations.size(); ++at)
        content += curve(*operations[at], at, x, y);
    return picture(kLatencyBottom + kBelow, "Latency by percentile, from the intended start",
                   latency_description(operations), content);
}

std::string throughput_chart(const LoadFigures& load) {
    const auto& rates = load.achieved_by_second;
    const double highest = std::max(load.offered, std::ranges::max(rates));
    const double top = round_number_above(std::max(highest, 1.0));
    const Axis x(0, static_cast<double>(rates.size()), kLeft, kRight);
    const Axis y(0, top, kThroughputBottom, kTop);
    std::string content = throughput_grid(top, y);
    if (load.open_loop) content += line("offered", kLeft, y(load.offered), kRight, y(load.offered));
    std::string path;
    for (std::size_t second = 0; second < rates.size(); ++second)
        path += fmt::format("{}{:.1f} {:.1f}", second == 0 ? "M" : " L",
                            x(static_cast<double>(second) + 0.5), y(rates[second]));
    content += fmt::format(R"(<path class="curve stroke-0" d="{}"/>)", path);
    content += label("hint end", kRight, kThroughputBottom + 20,
                     fmt::format("{} seconds →", rates.size()));
    return picture(
        kThroughputBottom + kBelow, "Operations completed, second by second",
        fmt::format("{} per second were achieved on average.", rate_for_people(load.achieved)),
        content);
}

}  // namespace hone::prove
