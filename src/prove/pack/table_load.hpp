// prove/pack/table_load.hpp - the rows of a table as they are loaded and checked, in pieces.
//
// Shape    one or more row sets go into a table, one after another; a column that a set does not
//          name is NULL. Each piece is a run of rows in COPY's binary format.
// Cost     about 1 us for a row of ten short columns; memory of one piece.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "prove/pack/compile.hpp"

namespace hone::prove {

class TableLoad {
  public:
    explicit TableLoad(std::string table) : table_(std::move(table)) {}
    // Requires an attached set, which must outlive it.
    void add(const RowSet& rows);

    const std::string& table() const { return table_; }
    const std::vector<Column>& columns() const { return columns_; }
    std::uint64_t rows() const;
    // "(a, b)", quoted.
    std::string column_list() const;
    // Row by row in loading order: each column's field, without COPY's column count.
    class Reader {
      public:
        explicit Reader(const TableLoad& load) : load_(load) {}
        // Appends the next row; false after the last one.
        bool next(Encoder& out);

      private:
        const TableLoad& load_;
        std::size_t set_ = 0;
        std::int64_t row_ = 0;
    };

  private:
    struct Part {
        const RowSet* rows;
        std::vector<int> positions;  // by column of the table: where in the set; -1: NULL
    };
    std::string table_;
    std::vector<Column> columns_;
    std::vector<Part> parts_;
};

// The tables of the sets that load something, in the order of the first one of each.
std::vector<TableLoad> table_loads(const std::vector<RowSet>& sets);

}  // namespace hone::prove
