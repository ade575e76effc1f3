#include "prove/svg.hpp"

#include <fmt/format.h>

#include <cmath>

#include "prove/html.hpp"

namespace hone::prove {

std::string line(std::string_view style, double x1, double y1, double x2, double y2) {
    return fmt::format(R"(<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>)",
                       style, x1, y1, x2, y2);
}

std::string label(std::string_view style, double x, double y, std::string_view text) {
    return fmt::format(R"(<text class="{}" x="{:.1f}" y="{:.1f}">{}</text>)", style, x, y,
                       escaped(text));
}

std::string dot(std::string_view style, double x, double y, double radius) {
    return fmt::format(R"(<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="{:.1f}"/>)", style, x, y,
                       radius);
}

std::string picture(double height, std::string_view title, std::string_view description,
                    std::string_view content) {
    return fmt::format(
        R"(<svg role="img" viewBox="0 0 {:.0f} {:.0f}" xmlns="http://www.w3.org/2000/svg">)"
        "<title>{}</title><desc>{}</desc>{}</svg>\n",
        kPictureWidth, height, escaped(title), escaped(description), content);
}

double round_number_above(double value) {
    const double power = std::pow(10, std::floor(std::log10(value)));
    for (const double step : {1.0, 2.0, 2.5, 5.0})
        if (step * power >= value) return step * power;
    return 10 * power;
}

}  // namespace hone::prove
