// prove/report.hpp - an experiment told to a person: on a page, and on a terminal.
//
// Shape    pure. The page is one self-contained file: no script, nothing loaded from anywhere (its
//          own Content-Security-Policy forbids it), light and dark, fit to print. Whatever stands
//          in a plan or a server's message is escaped.
#pragma once

#include <string>

#include "model/plan.hpp"
#include "model/verdict.hpp"

namespace hone::prove {

// `command`: what repeats the experiment, as a person types it.
std::string report_html(const Plan& plan, const Evidence& evidence, const std::string& command);

// A table with a line for each workload, then the sentences and the caveats. `color`: with ANSI
// escapes.
std::string report_text(const Evidence& evidence, bool color);

// "Of 3 workloads, 1 is faster and 2 show no difference."
std::string summary_sentence(const Evidence& evidence);

}  // namespace hone::prove
