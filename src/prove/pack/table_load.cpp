#include "prove/pack/table_load.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace hone::prove {

namespace {

constexpr int kAbsent = -1;

const Expression& null_expression() {
    static const Expression kNull;
    return kNull;
}

}  // namespace

void TableLoad::add(const RowSet& rows) {
    for (std::size_t i = 0; i < rows.columns.size(); ++i)
        if (std::none_of(columns_.begin(), columns_.end(),
                         [&](const Column& known) { return known.name == rows.columns[i]; }))
            columns_.push_back({rows.columns[i], rows.types[i]});
    parts_.push_back({&rows, {}});
    for (Part& part : parts_) {
        part.positions.clear();
        for (const Column& column : columns_) {
            const auto& names = part.rows->columns;
            const auto found = std::find(names.begin(), names.end(), column.name);
            part.positions.push_back(
                found == names.end() ? kAbsent : static_cast<int>(found - names.begin()));
        }
    }
}

std::uint64_t TableLoad::rows() const {
    std::uint64_t sum = 0;
    for (const Part& part : parts_) sum += static_cast<std::uint64_t>(part.rows->count);
    return sum;
}

std::string TableLoad::column_list() const {
    std::vector<std::string> names;
    for (const Column& column : columns_) names.push_back(postgres::quoted_identifier(column.name));
    return "(" + join(names, ", ") + ")";
}

bool TableLoad::Reader::next(Encoder& out) {
    while (set_ < load_.parts_.size() && row_ >= load_.parts_[set_].rows->count) {
        ++set_;
        row_ = 0;
    }
    if (set_ == load_.parts_.size()) return false;
    const Part& part = load_.parts_[set_];
    const Frame frame{row_++};
    for (std::size_t i = 0; i < part.positions.size(); ++i) {
        const bool absent = part.positions[i] == kAbsent;
        const auto at = absent ? 0 : static_cast<std::size_t>(part.positions[i]);
        out.append(absent ? null_expression() : part.rows->values[at], *load_.columns_[i].type,
                   frame);
    }
    return true;
}

std::vector<TableLoad> table_loads(const std::vector<RowSet>& sets) {
    std::vector<TableLoad> loads;
    for (const RowSet& rows : sets) {
        if (rows.count <= 0) continue;
        auto found = std::find_if(loads.begin(), loads.end(), [&](const TableLoad& load) {
            return load.table() == rows.table;
        });
        if (found == loads.end()) found = loads.insert(loads.end(), TableLoad(rows.table));
        found->add(rows);
    }
    return loads;
}

}  // namespace hone::prove
