// engines/postgres/postmaster_process.hpp - the running postmaster as /proc shows it, and who looks
// after it.
//
// Errors   none are returned: what cannot be read counts as not so.
// Threads  free functions.
// Source   proc(5), cgroups(7), systemd's sd_booted(3).
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "model/host.hpp"

namespace hone::postgres {

// A PostgreSQL process that works in this data folder: no other process, and no number that was
// given out again.
bool is_postmaster_of(int pid, const std::filesystem::path& data_directory);
// Looks through all processes, for a server whose own pid is that of another pid namespace.
std::optional<int> find_postmaster_of(const std::filesystem::path& data_directory);

// A session of that postmaster, both seen from here.
bool is_backend_of(int pid, int postmaster);

struct Manager {
    ManagedBy managed_by = ManagedBy::kPlain;
    std::string service_unit;  // of kSystemd
};
// Without Debian's clusters, which the configuration shows. `pid`: of the running postmaster, none
// where it is stopped.
Manager find_manager(const std::filesystem::path& data_directory, std::optional<int> pid);
// "postgresql.service" of the text of /proc/PID/cgroup; "" where the last folder is no service.
std::string service_unit_in(std::string_view cgroup_file);
// True where the control group is one that container engines make.
bool is_container_cgroup(std::string_view cgroup_file);

}  // namespace hone::postgres
