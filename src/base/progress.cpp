#include "base/progress.hpp"

namespace hone {

namespace {

class SilentProgress final : public Progress {
  public:
    void step(std::string_view) override {}
    void update(double, std::string_view) override {}
};

}  // namespace

Progress& silent_progress() {
    static SilentProgress progress;
    return progress;
}

}  // namespace hone
