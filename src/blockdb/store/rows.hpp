// blockdb/store/rows.hpp - how the ledger lies in the database: which row holds what.
//
// Shape    records  sequence -> leaf, salt, value
//          blocks   height -> block
//          tree     'l' level index -> hash of a full subtree of the log
//                   'm' depth prefix -> a page of the key map
//          indexes  'k' key -> sequence
//          meta     names -> small values
// Errors   data_loss: a row that these functions never write.
// Source   docs/internals/ledger-store.md
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "blockdb/chain/leaf.hpp"
#include "blockdb/chain/log_tree.hpp"
#include "blockdb/store/engine.hpp"

namespace hone::blockdb {

// What is stored of a record beside its leaf; gone after an erasure.
struct StoredValue {
    Salt salt{};
    std::string value;
    bool operator==(const StoredValue&) const = default;
};

struct StoredRecord {
    Leaf leaf;
    std::optional<StoredValue> content;  // none: erased
    bool operator==(const StoredRecord&) const = default;
};

std::string encode_record(const StoredRecord& record);
Result<StoredRecord> decode_record(std::string_view bytes);

std::string log_node_key(NodeAddress address);
std::string key_index_key(std::string_view key);
inline constexpr char kKeyIndexMark = 'k';

// Of the family meta.
inline constexpr std::string_view kMetaFormat = "format";  // kStoreFormat
inline constexpr std::string_view kMetaOrigin = "origin";
inline constexpr std::string_view kMetaKeyMapHeight = "key-map-height";
inline constexpr std::string_view kStoreFormat = "1";

// A stored number: eight bytes, big-endian.
Result<std::uint64_t> decode_number(std::string_view bytes, std::string_view what);

// Rows that must be there.
Result<std::string> require_row(const RowReader& rows, Family family, std::string_view key,
                                std::string_view what);
Result<StoredRecord> read_record(const RowReader& rows, std::uint64_t sequence);

// The log's stored nodes.
class StoredNodes : public NodeReader {
  public:
    explicit StoredNodes(const RowReader& rows) : rows_(rows) {}
    Result<Hash> read(NodeAddress address) override;

  private:
    const RowReader& rows_;
};

}  // namespace hone::blockdb
