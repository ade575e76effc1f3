// blockdb/chain/log_proof.hpp - checking that a record is in the log, and that the log only grew.
//
// Shape    the pure RFC checks: they know roots, not where a root comes from. A path does not bind
//          the size of the tree: several sizes can give it the same shape. A size is only as good
//          as the signed head that states it beside the root, so prefer the checks of
//          blockdb/chain/proof.hpp, which take both from a block.
// Errors   data_loss: the proof does not lead to the root; invalid_argument: the index or the sizes
//          cannot be.
// Cost     two hashes for each element of the path.
// Source   RFC 9162 sections 2.1.3.2 and 2.1.4.2.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.hpp"
#include "blockdb/chain/log_tree.hpp"

namespace hone::blockdb {

Status verify_inclusion_path(const Hash& leaf_hash, std::uint64_t index, std::uint64_t tree_size,
                             std::span<const Hash> path, const Hash& root);

Status verify_consistency_path(std::uint64_t old_size, const Hash& old_root, std::uint64_t new_size,
                               const Hash& new_root, std::span<const Hash> path);

}  // namespace hone::blockdb
