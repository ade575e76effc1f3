// prove/svg.hpp - what pictures on a report's page are drawn with.
//
// Shape    each returns a piece of SVG; style names are those of report.css; texts are escaped. Pure.
// Units    the picture's own: kPictureWidth from left to right.
#pragma once

#include <string>
#include <string_view>

namespace hone::prove {

inline constexpr double kPictureWidth = 880;

// A value's place on a horizontal or vertical line of the picture.
class Axis {
  public:
    Axis(double first, double last, double from, double to)
        : first_(first), scale_((to - from) / (last - first)), from_(from) {}
    double operator()(double value) const { return from_ + (value - first_) * scale_; }

  private:
    double first_;
    double scale_;
    double from_;
};

std::string line(std::string_view style, double x1, double y1, double x2, double y2);
std::string label(std::string_view style, double x, double y, std::string_view text);
std::string dot(std::string_view style, double x, double y, double radius);
// The whole <svg>, with a title and a description for those who cannot see it.
std::string picture(double height, std::string_view title, std::string_view description,
                    std::string_view content);

// The smallest of 1, 2, 2.5, 5 times a power of ten that is not below `value`. Requires value > 0.
double round_number_above(double value);

}  // namespace hone::prove
