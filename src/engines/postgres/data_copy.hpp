// engines/postgres/data_copy.hpp - copies the data folder of a stopped cluster.
//
// Errors   unsupported: it has tablespaces, whose links would lead the copy back to the original's
//          files; otherwise what the operating system says.
// Cost     a clone where the file system can (Btrfs, XFS), else a copy that leaves out zeros: a
//          fresh cluster takes 0.05 to 0.25 s.
// Limits   no symbolic link is followed, except that pg_wal may be one: the copy gets a folder.
#pragma once

#include <filesystem>

#include "base/clock.hpp"
#include "base/identity.hpp"
#include "base/result.hpp"

namespace hone::postgres {

// Makes `to`, mode 0700. Everything in it belongs to `owner` where hone is root. What belongs to
// the original's life is left out: postmaster.pid and .opts, the signal files of a standby and
// postgresql.auto.conf.
Status copy_data_folder(const std::filesystem::path& from, const std::filesystem::path& to,
                        const Identity& owner, Deadline deadline);

}  // namespace hone::postgres
