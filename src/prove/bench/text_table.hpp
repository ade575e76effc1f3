// prove/bench/text_table.hpp - rows of texts as aligned columns on a terminal.
#pragma once

#include <string>
#include <vector>

namespace hone::prove {

class TextTable {
  public:
    // `alignment`: '<' or '>' for each column.
    TextTable(std::string alignment, std::vector<std::string> header)
        : alignment_(std::move(alignment)), rows_{std::move(header)} {}
    // As many cells as the header has.
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    // Each line indented by two and ended by a newline.
    std::string text() const;

  private:
    std::string alignment_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace hone::prove
