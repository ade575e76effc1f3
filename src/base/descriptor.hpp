// base/descriptor.hpp - a file descriptor that is closed when its owner goes.
#pragma once

#include <unistd.h>

namespace hone {

class Descriptor {
  public:
    // Negative: none, as open(2) says it.
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int number() const { return number_; }
    bool valid() const { return number_ >= 0; }

  private:
    int number_;
};

}  // namespace hone
