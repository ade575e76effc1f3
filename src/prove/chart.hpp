// prove/chart.hpp - pictures of an experiment as inline SVG.
//
// Shape    each returns one <svg> with a title and a description for those who cannot see it;
//          colours come from the page's style sheet (report.css), so that they follow light and
//          dark. Pure.
#pragma once

#include <string>

#include "model/plan.hpp"
#include "model/verdict.hpp"

namespace hone::prove {

// All workloads on one axis of ratios: the effect's interval, and the control's under it.
std::string ratio_chart(const Evidence& evidence);
// Slice by slice, what each server did. Requires a workload that was run.
std::string rates_chart(const WorkloadEvidence& workload);
// The worst case of the memory, term by term, against the limit.
std::string budget_chart(const MemoryBudget& budget);

// "verdict-faster", ...: the style sheet's name for a verdict.
std::string_view verdict_class(Verdict verdict);

}  // namespace hone::prove
