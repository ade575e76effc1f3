#include "prove/scratch_subject.hpp"

#include "prove/scratch_servers.hpp"

namespace hone::prove {

Result<std::optional<Usage>> ScratchSubject::usage(Deadline deadline) {
    HONE_TRY_ASSIGN(const Usage usage,
                    read_usage(server_->postmaster_pid(), connection_, deadline, clients_));
    return std::optional(usage);
}

Status ScratchSubject::settle(Deadline deadline) {
    HONE_TRY(
        connection_.query("CHECKPOINT", deadline.earlier_of(Deadline::after(kStatementPatience))));
    return {};
}

}  // namespace hone::prove
