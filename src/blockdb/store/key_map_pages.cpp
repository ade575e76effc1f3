#include "blockdb/store/key_map_pages.hpp"

#include <fmt/format.h>

#include "blockdb/chain/bytes.hpp"

namespace hone::blockdb {

namespace {

// What a page costs in memory, roughly: a handful of nodes with their places.
constexpr std::int64_t kPageBytes = 1200;
constexpr char kPageMark = 'm';

std::size_t page_depth_of(const KeyMapAddress& address) {
    return address.depth / kLevelsPerPage * kLevelsPerPage;
}

bool bit_at(const Hash& path, std::size_t depth) {
    return (path.bytes.at(depth / 8) >> (7 - depth % 8) & 1) != 0;
}

// 'm', the depth of the page, and the bits that lead to it, padded with zeros.
std::string page_key(const KeyMapAddress& address) {
    const std::size_t depth = page_depth_of(address);
    std::string key{kPageMark, static_cast<char>(depth >> 8), static_cast<char>(depth & 0xff)};
    key += address.prefix.view().substr(0, depth / 8);
    if (depth % 8 != 0) key += static_cast<char>(address.prefix.bytes.at(depth / 8) & 0xf0);
    return key;
}
static_assert(kLevelsPerPage == 4, "page_key keeps half bytes");

// Level by level, as in a heap: 0 for the top, 1 and 2 for its children, ...
std::uint8_t place_of(const KeyMapAddress& address) {
    std::uint8_t place = 0;
    for (std::size_t depth = page_depth_of(address); depth < address.depth; ++depth)
        place = static_cast<std::uint8_t>(place * 2 + (bit_at(address.prefix, depth) ? 2 : 1));
    return place;
}

Error bad_page(std::string wrong) {
    return Error(ErrorCode::kDataLoss, "reading a page of the key map", std::move(wrong),
                 "the database was altered: restore a backup");
}

}  // namespace

std::string KeyMapPages::encode_page(const Page& page) {
    ByteWriter writer;
    for (const auto& [place, node] : page) {
        const std::string bytes = encode_key_map_node(node);
        writer.u8(place).u8(static_cast<std::uint8_t>(bytes.size())).raw(bytes);
    }
    return writer.take();
}

Result<KeyMapPages::Page> KeyMapPages::decode_page(std::string_view bytes) {
    Page page;
    while (!bytes.empty()) {
        if (bytes.size() < 2) return bad_page("it is cut off");
        const auto place = static_cast<std::uint8_t>(bytes[0]);
        const auto size = static_cast<std::uint8_t>(bytes[1]);
        if (bytes.size() < 2U + size) return bad_page("it is cut off");
        HONE_TRY_ASSIGN(const KeyMapNode node, decode_key_map_node(bytes.substr(2, size)));
        if (!page.empty() && place <= page.rbegin()->first)
            return bad_page("its nodes are out of order");
        page.emplace_hint(page.end(), place, node);
        bytes.remove_prefix(2U + size);
    }
    return page;
}

Result<KeyMapPages::Page*> KeyMapPages::page(const std::string& key) {
    if (const auto found = changed_.find(key); found != changed_.end()) return &found->second;
    if (const auto found = young_.find(key); found != young_.end()) return &found->second;
    Page page;
    if (const auto found = old_.find(key); found != old_.end()) {
        page = std::move(found->second);
        old_.erase(found);
    } else {
        HONE_TRY_ASSIGN(const auto row, rows_.get(Family::kTree, key));
        if (row) {
            HONE_TRY_ASSIGN(page, decode_page(*row));
        }
    }
    if (Bytes(static_cast<std::int64_t>(young_.size()) * kPageBytes * 2) > budget_) {
        old_ = std::move(young_);
        young_.clear();
    }
    return &(young_[key] = std::move(page));
}

Result<KeyMapNode> KeyMapPages::read(const KeyMapAddress& address) {
    HONE_TRY_ASSIGN(const Page* const found, page(page_key(address)));
    const auto node = found->find(place_of(address));
    if (node != found->end()) return node->second;
    return Error(ErrorCode::kDataLoss,
                 fmt::format("reading the key map at depth {}", address.depth),
                 "a node is not there", "the database was altered: restore a backup");
}

Status KeyMapPages::apply(const std::vector<KeyMapWrite>& writes) {
    for (const KeyMapWrite& write : writes) {
        const std::string key = page_key(write.address);
        if (!changed_.contains(key)) {
            HONE_TRY_ASSIGN(Page* const clean, page(key));
            changed_.emplace(key, std::move(*clean));
            young_.erase(key);
        }
        changed_[key].insert_or_assign(place_of(write.address), write.node);
    }
    return {};
}

bool KeyMapPages::wants_write() const {
    return Bytes(static_cast<std::int64_t>(changed_.size()) * kPageBytes) > budget_;
}

void KeyMapPages::write_into(Batch& batch) {
    for (auto& [key, page] : changed_) {
        batch.put(Family::kTree, key, encode_page(page));
        young_.insert_or_assign(key, std::move(page));
    }
    changed_.clear();
}

}  // namespace hone::blockdb
