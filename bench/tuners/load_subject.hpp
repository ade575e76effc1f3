// bench/tuners/load_subject.hpp - a tool's server under a load, as a side of a comparison: it stands
// still but while it is measured, so that what one server leaves to do is no other one's noise.
#pragma once

#include <string>

#include "bench/tuners/bench_load.hpp"
#include "prove/compare/subject.hpp"

namespace hone::bench {

class LoadSubject final : public prove::Subject {
  public:
    // Both outlive the subject.
    LoadSubject(std::string name, BenchServer& server, BenchLoad& load)
        : name_(std::move(name)), server_(&server), load_(&load) {}
    const std::string& name() const override { return name_; }
    Result<prove::Slice> run_slice(double seconds, std::uint64_t seed, Deadline deadline) override;
    Result<std::optional<prove::Usage>> usage(Deadline deadline) override;
    Status settle(Deadline deadline) override;

  private:
    std::string name_;
    BenchServer* server_;
    BenchLoad* load_;
};

}  // namespace hone::bench
