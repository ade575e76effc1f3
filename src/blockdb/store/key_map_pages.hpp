// blockdb/store/key_map_pages.hpp - the key map's nodes: in pages, in memory first, on the disk
// when it suits.
//
// A new key changes about log2(n) nodes on its way. Written through they would be most of what a
// block writes. They follow from the records, so they need not be durable with their block: changed
// pages stay in memory and go to the database together, with the height that they stand for; a start
// inserts the keys of the blocks after that height again.
//
// Shape    a page holds kLevelsPerPage levels below one address.
// Errors   data_loss: a stored page that cannot be; those of the engine.
// Threads  one at a time.
// Limits   clean pages are dropped above the budget; changed ones are kept until they are written,
//          and wants_write() says when that is due.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "base/units.hpp"
#include "blockdb/chain/key_map.hpp"
#include "blockdb/store/engine.hpp"

namespace hone::blockdb {

inline constexpr std::size_t kLevelsPerPage = 4;

class KeyMapPages : public KeyMapReader {
  public:
    KeyMapPages(const RowReader& rows, Bytes budget) : rows_(rows), budget_(budget) {}

    Result<KeyMapNode> read(const KeyMapAddress& address) override;
    // Into memory. Requires that the pages' other nodes can be read.
    Status apply(const std::vector<KeyMapWrite>& writes);
    bool wants_write() const;
    bool changed() const { return !changed_.empty(); }
    // Adds every changed page to the batch and counts it as clean: the batch must be written, or
    // this object thrown away.
    void write_into(Batch& batch);

  private:
    // By place in the page.
    using Page = std::map<std::uint8_t, KeyMapNode>;
    using Pages = std::unordered_map<std::string, Page>;

    Result<Page*> page(const std::string& key);
    static Result<Page> decode_page(std::string_view bytes);
    static std::string encode_page(const Page& page);

    const RowReader& rows_;
    Bytes budget_;
    Pages changed_;
    // Two generations: what was not asked for while one filled up goes with it.
    Pages young_;
    Pages old_;
};

}  // namespace hone::blockdb
