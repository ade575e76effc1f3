// blockdb/store/recovery.hpp - from a folder to a ledger that may go on, or to the reason why not.
//
// Errors   failed_precondition: no ledger there, a folder with something else in it, another format
//          or origin; data_loss: the database is behind its head file, or does not fit together.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "blockdb/chain/commit.hpp"
#include "blockdb/store/engine.hpp"
#include "blockdb/store/head_file.hpp"
#include "blockdb/store/key_map_pages.hpp"
#include "blockdb/store/store.hpp"

namespace hone::blockdb {

struct OpenedLedger {
    std::unique_ptr<Engine> engine;
    std::unique_ptr<KeyMapPages> key_map;
    HeadFile head_file;
    LedgerState state;
    std::string origin;
    bool head_file_was_damaged = false;  // one slot of two, when it was opened
};

Result<OpenedLedger> open_ledger(const StoreOptions& options);

// A copy that open_ledger() takes for a ledger. `folder` must not exist.
Status copy_ledger(const Engine& engine, const std::filesystem::path& folder);

Result<Block> newest_block(const RowReader& rows);
Result<Block> read_block(const RowReader& rows, std::uint64_t height);

}  // namespace hone::blockdb
