#include "terminal_progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <string>

#include "base/clock.hpp"

namespace hone::app {

namespace {

constexpr double kRedrawSeconds = 0.1;  // at most ten times a second
constexpr double kPlainLineSeconds = 5;

std::size_t terminal_width() {
    winsize size{};
    if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20) return size.ws_col;
    return 80;
}

class RedrawnProgress final : public Progress {
  public:
    ~RedrawnProgress() override { finish_line(); }
    void step(std::string_view what) override {
        finish_line();
        what_ = what;
        draw(fmt::format("  {} ...", what_));
    }
    void update(double fraction, std::string_view detail) override {
        if (monotonic_seconds() - drawn_at_ < kRedrawSeconds && fraction < 1) return;
        constexpr int kCells = 20;
        const int filled = static_cast<int>(std::lround(fraction * kCells));
        draw(fmt::format("  {} [{:#<{}}{:.<{}}] {:3.0f} % {}", what_, "", filled, "",
                         kCells - filled, fraction * 100, detail));
    }

  private:
    void draw(std::string line) {
        const std::size_t width = terminal_width() - 1;
        if (line.size() > width) line.resize(width);
        fmt::print(stderr, "\r\033[K{}", line);
        drawn_at_ = monotonic_seconds();
    }
    void finish_line() {
        if (!what_.empty()) fmt::print(stderr, "\r\033[K  {}\n", what_);
        what_.clear();
    }
    std::string what_;
    double drawn_at_ = 0;
};

class PlainProgress final : public Progress {
  public:
    void step(std::string_view what) override {
        what_ = what;
        print(what);
    }
    void update(double fraction, std::string_view detail) override {
        if (monotonic_seconds() - printed_at_ >= kPlainLineSeconds)
            print(fmt::format("{}: {:.0f} % {}", what_, fraction * 100, detail));
    }

  private:
    void print(std::string_view line) {
        fmt::print(stderr, "  {}\n", line);
        printed_at_ = monotonic_seconds();
    }
    std::string what_;
    double printed_at_ = 0;
};

}  // namespace

std::unique_ptr<Progress> make_terminal_progress() {
    const char* terminal = std::getenv("TERM");
    const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
    if (::isatty(STDERR_FILENO) == 1 && !dumb) return std::make_unique<RedrawnProgress>();
    return std::make_unique<PlainProgress>();
}

}  // namespace hone::app
