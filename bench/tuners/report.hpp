// bench/tuners/report.hpp - an experiment told on a terminal, in Markdown and in JSON.
//
// Shape    pure, but for write_section.
#pragma once

#include <filesystem>
#include <string>

#include "base/json.hpp"
#include "bench/tuners/boots.hpp"
#include "bench/tuners/experiment.hpp"

namespace hone::bench {

std::string report_text(const Outcome& outcome, const std::vector<BootRow>& boots);
// `command`: what makes it again.
std::string report_markdown(const Outcome& outcome, const std::vector<BootRow>& boots,
                            const std::string& command);
json::object report_json(const Outcome& outcome, const std::vector<BootRow>& boots);

// Replaces what stands between the section's two markers in `file`, or adds the section with its
// markers at the end.
std::string with_section(std::string_view file, std::string_view section);
Status write_section(const std::filesystem::path& file, std::string_view section);

}  // namespace hone::bench
