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
};

Result<OpenedLedger> open_ledger(const StoreOptions& options);

Result<Block> read_block(const Engine& engine, std::uint64_t height);

}  // namespace hone::blockdb
