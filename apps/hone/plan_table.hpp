// apps/hone/plan_table.hpp - a plan as a person reads it on a terminal.
#pragma once

#include <string>
#include <vector>

#include "model/plan.hpp"

namespace hone::app {

// Everything: target, machine, changes with their reasons, the memory budget, notices.
std::string plan_as_table(const Plan& plan, bool color);
// "now -> planned" lines alone, with their reasons.
std::string changes_as_table(const std::vector<Change>& changes, bool color);
std::string budget_as_table(const MemoryBudget& budget, bool color);
std::string notices_as_text(const std::vector<Notice>& notices, bool color);

// Words put on lines of at most `width` bytes, each line after the first indented.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width = 100);

}  // namespace hone::app
