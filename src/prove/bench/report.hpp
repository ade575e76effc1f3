// prove/bench/report.hpp - a bench told to a person: on a terminal, and on a page.
//
// Shape    pure; pages as prove/html.hpp makes them. `color`: with ANSI escapes.
#pragma once

#include <string>
#include <vector>

#include "prove/bench/contest.hpp"
#include "prove/bench/regression.hpp"
#include "prove/bench/result.hpp"
#include "prove/bench/store.hpp"

namespace hone::prove {

std::string result_text(const BenchResult& result, bool color);
std::string result_page(const BenchResult& result);

std::string contest_text(const ContestReport& report, bool color);

// id, when, bench, configuration, achieved, p99, targets: one line each.
std::string list_text(const std::vector<StoredResult>& results);
// Two results side by side, and what may be concluded from that.
std::string side_by_side_text(const BenchResult& a, const BenchResult& b);
json::object side_by_side_document(const BenchResult& a, const BenchResult& b);

// "3 MET, 1 NOT RUN"; "-" where there are no targets.
std::string targets_summary(const BenchResult& result);

}  // namespace hone::prove
