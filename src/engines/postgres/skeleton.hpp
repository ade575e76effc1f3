// engines/postgres/skeleton.hpp - the empty cluster of one PostgreSQL build, made once and copied
// for every scratch server.
//
// Shape    cache_folder/skeletons/PLACE-BUILD: PLACE is the hash of the binary's path, BUILD that
//          of its size, its modification time and the machine's start: an upgraded binary gets a
//          new skeleton, and one that a power cut may have torn is never used, although nothing is
//          flushed to disk. It belongs to whoever runs hone: the scratch owner reads copies only,
//          so the cache may be in a folder that only root can enter.
// Errors   not_found: no initdb or postgres in the folder; failed_precondition: what initdb said.
// Cost     about 1 s and 24 MB of disk for the first of a binary; then nothing.
// Threads  any number, in any number of processes: a skeleton is published by rename, whole.
#pragma once

#include <filesystem>

#include "base/clock.hpp"
#include "base/identity.hpp"
#include "base/result.hpp"

namespace hone::postgres {

// The folder to copy. `owner` runs initdb, in a temporary folder under `parent_folder`.
Result<std::filesystem::path> skeleton_of(const std::filesystem::path& bin_directory,
                                          const Identity& owner,
                                          const std::filesystem::path& cache_folder,
                                          const std::filesystem::path& parent_folder,
                                          Deadline deadline);

// Where skeletons are kept when nobody says: /var/cache/hone for root, else ~/.cache/hone.
std::filesystem::path default_cache_folder();

// `data_directory` is new, in a folder in which `owner` may make it. Nothing is flushed to disk.
Status run_initdb(const std::filesystem::path& bin_directory, const Identity& owner,
                  const std::filesystem::path& data_directory, Deadline deadline);

}  // namespace hone::postgres
