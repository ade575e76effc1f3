// blockdb/store/verify.hpp - recomputes everything that the ledger claims, from its values upward,
// and says where it does not hold.
//
// Shape    works on the ledger as it is when it begins, while puts go on. Values against their
//          commitments, leaves against the log's nodes, roots and hashes against the blocks, the
//          chain of blocks, the key index and the key map against the records, and every file
//          against the checksum noted when it was written. One bad record does not hide the next.
// Errors   those of the engine where nothing can be read at all; cancelled; deadline_exceeded. What
//          does not hold is no Error: it is a finding.
// Threads  any; each call works by itself.
// Limits   kMostFindings are kept, all are counted. That the ledger is the one that its readers
//          know, only an anchor can tell (blockdb/chain/signed_head.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "base/units.hpp"
#include "blockdb/chain/block.hpp"

namespace hone::blockdb {

class Engine;

inline constexpr std::size_t kMostFindings = 1000;

struct Finding {
    std::string where;  // "record 17", "block 4", "the key map at depth 3"
    std::string what;   // "the value is not the one that was put"
};

struct VerifyReport {
    Block head;  // that it was verified up to
    std::uint64_t blocks = 0;
    std::uint64_t records = 0;
    std::uint64_t erased = 0;  // records whose value is gone, and whose proofs hold
    Bytes values;
    double seconds = 0;
    std::vector<Finding> findings;
    std::uint64_t findings_in_all = 0;
    bool sound() const { return findings_in_all == 0; }
};

struct VerifyOptions {
    bool files = true;    // reread every file
    bool key_map = true;  // costs most: a read at random for each key
    // Bytes of values per second at most, so that a running ledger hardly notices; 0: as fast as it
    // goes.
    Bytes rate_limit;
};

// `head_file_damaged`: as it was found at the start (HeadFile::has_damaged_slot).
Result<VerifyReport> verify_ledger(const Engine& engine, bool head_file_damaged,
                                   const VerifyOptions& options, Progress& progress,
                                   Deadline deadline);

}  // namespace hone::blockdb
