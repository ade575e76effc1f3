#include "blockdb/store/rows.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "blockdb/chain/bytes.hpp"

namespace hone::blockdb {

namespace {

constexpr std::string_view kRecordMark{"BDS\x01", 4};
constexpr std::uint8_t kErased = 0;
constexpr std::uint8_t kPresent = 1;

}  // namespace

std::string encode_record(const StoredRecord& record) {
    const std::string leaf = encode_leaf(record.leaf);
    const std::size_t content = record.content ? kSaltSize + record.content->value.size() : 0;
    ByteWriter writer(kRecordMark.size() + 3 + leaf.size() + content);
    writer.raw(kRecordMark);
    writer.u16(static_cast<std::uint16_t>(leaf.size()));
    writer.raw(leaf);
    writer.u8(record.content ? kPresent : kErased);
    if (record.content) {
        writer.raw({reinterpret_cast<const char*>(record.content->salt.data()), kSaltSize});
        writer.raw(record.content->value);
    }
    return writer.take();
}

Result<StoredRecord> decode_record(std::string_view bytes) {
    ByteReader reader(bytes, "a stored record");
    HONE_TRY(reader.mark(kRecordMark));
    HONE_TRY_ASSIGN(const std::uint16_t leaf_size, reader.u16("the leaf's length"));
    HONE_TRY_ASSIGN(const std::string_view leaf, reader.raw(leaf_size, "the leaf"));
    StoredRecord record;
    HONE_TRY_ASSIGN(record.leaf, decode_leaf(leaf));
    HONE_TRY_ASSIGN(const std::uint8_t presence, reader.u8("whether the value is there"));
    if (presence == kErased) {
        HONE_TRY(reader.finish());
        return record;
    }
    if (presence != kPresent) return reader.wrong("it is neither there nor erased");
    StoredValue content;
    HONE_TRY_ASSIGN(const std::string_view salt, reader.raw(kSaltSize, "the salt"));
    std::ranges::copy(salt, content.salt.begin());
    content.value = bytes.substr(kRecordMark.size() + 3 + leaf_size + kSaltSize);
    record.content = std::move(content);
    return record;
}

std::string log_node_key(NodeAddress address) {
    std::string key{'l', static_cast<char>(address.level)};
    return key += number_key(address.index);
}

std::string key_index_key(std::string_view key) {
    return std::string(1, kKeyIndexMark).append(key);
}

Result<std::uint64_t> decode_number(std::string_view bytes, std::string_view what) {
    if (bytes.size() == sizeof(std::uint64_t)) return number_of_key(bytes);
    return Error(ErrorCode::kDataLoss, fmt::format("reading {}", what),
                 fmt::format("it has {} bytes, not {}", bytes.size(), sizeof(std::uint64_t)),
                 "the database was altered: restore a backup");
}

Result<std::string> require_row(const RowReader& rows, Family family, std::string_view key,
                                std::string_view what) {
    HONE_TRY_ASSIGN(auto row, rows.get(family, key));
    if (row) return std::move(*row);
    return Error(ErrorCode::kDataLoss, fmt::format("reading {}", what), "it is not there",
                 "blockdb-cli verify says what else is missing; restore a backup");
}

Result<StoredRecord> read_record(const RowReader& rows, std::uint64_t sequence) {
    const std::string what = fmt::format("record {}", sequence);
    HONE_TRY_ASSIGN(const std::string row,
                    require_row(rows, Family::kRecords, number_key(sequence), what));
    auto record = decode_record(row);
    if (!record.ok()) return std::move(record).with_context("reading " + what);
    if (record->leaf.sequence != sequence)
        return Error(ErrorCode::kDataLoss, "reading " + what,
                     fmt::format("the row holds record {}", record->leaf.sequence),
                     "the database was altered: restore a backup");
    return record;
}

Result<Hash> StoredNodes::read(NodeAddress address) {
    const std::string what =
        fmt::format("the log's node {} of level {}", address.index, address.level);
    HONE_TRY_ASSIGN(const std::string row,
                    require_row(rows_, Family::kTree, log_node_key(address), what));
    if (row.size() == kHashSize) return Hash::from(row);
    return Error(ErrorCode::kDataLoss, "reading " + what,
                 fmt::format("it has {} bytes, not {}", row.size(), kHashSize),
                 "the database was altered: restore a backup");
}

}  // namespace hone::blockdb
