#include "bench/tuners/load_subject.hpp"

namespace hone::bench {

Result<prove::Slice> LoadSubject::run_slice(double seconds, std::uint64_t seed, Deadline deadline) {
    HONE_TRY_ASSIGN(const Awake awake, Awake::make(*server_));
    return load_->run(*server_, seconds, seed, deadline);
}

Result<std::optional<prove::Usage>> LoadSubject::usage(Deadline deadline) {
    HONE_TRY_ASSIGN(const Awake awake, Awake::make(*server_));
    HONE_TRY_ASSIGN(const prove::Usage usage,
                    prove::read_usage(server_->server().postmaster_pid(), server_->connection(),
                                      deadline, load_->clients()));
    return std::optional(usage);
}

Status LoadSubject::settle(Deadline deadline) {
    HONE_TRY_ASSIGN(const Awake awake, Awake::make(*server_));
    return server_->query("CHECKPOINT", deadline);
}

}  // namespace hone::bench
