#include "change/hone_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace hone::change {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNameInIncludeFolder = "90-hone.conf";
constexpr std::string_view kNameBesideMainFile = "hone.conf";
constexpr std::string_view kIncludeComment = "# Settings made by hone; keep this line last.";

constexpr std::string_view kHeader =
    "# Written by hone: do not edit, the next hone apply replaces this file.\n"
    "# What was changed and why: hone history. To take it back: hone rollback.\n";

bool is_include(const postgres::ConfigEntry& entry) {
    return entry.name == "include" || entry.name == "include_if_exists";
}

bool leads_to(const postgres::ConfigEntry& entry, const fs::path& main_file,
              const fs::path& hone_file) {
    return is_include(entry) && (main_file.parent_path() / entry.value).lexically_normal() ==
                                    hone_file.lexically_normal();
}

// Without the lines that were hone's; true where hone's include is the last setting already.
struct StrippedText {
    std::string text;
    bool include_is_last = false;
};

StrippedText without_include_line(std::string_view text, const fs::path& main_file,
                                  const fs::path& hone_file) {
    const auto parsed = postgres::parse_config_text(text, main_file);
    StrippedText stripped;
    stripped.include_is_last =
        !parsed.entries.empty() && leads_to(parsed.entries.back(), main_file, hone_file);
    int number = 0;
    for (const std::string_view line : split_lines(text)) {
        ++number;
        const bool ours =
            trim(line) == kIncludeComment ||
            std::any_of(parsed.entries.begin(), parsed.entries.end(), [&](const auto& entry) {
                return entry.line == number && leads_to(entry, main_file, hone_file);
            });
        if (!ours) stripped.text.append(line).append("\n");
    }
    return stripped;
}

}  // namespace

Placement place_hone_file(const fs::path& main_file, std::string_view main_text,
                          const postgres::ConfigTree& tree, PlaceChoice choice) {
    const fs::path beside = main_file.parent_path() / kNameBesideMainFile;
    const auto parsed = postgres::parse_config_text(main_text, main_file);
    const bool beside_in_use =
        std::any_of(parsed.entries.begin(), parsed.entries.end(),
                    [&](const auto& entry) { return leads_to(entry, main_file, beside); });
    if (choice == PlaceChoice::kUsual && !beside_in_use)
        for (auto folder = tree.include_folders.rbegin(); folder != tree.include_folders.rend();
             ++folder)
            if (std::error_code ignored; fs::is_directory(*folder, ignored))
                return {.file = *folder / kNameInIncludeFolder};
    return {.file = beside, .needs_include_line = true};
}

std::string merged_hone_file(std::string_view existing, const Plan& plan) {
    std::map<std::string, std::string> values;
    std::map<std::string, std::string> reasons;
    for (const auto& entry : postgres::parse_config_text(existing, kNameBesideMainFile).entries)
        values[entry.name] = entry.value;
    for (const Change& change : plan.changes) {
        values[change.setting] = change.to;
        reasons[change.setting] = change.reason;
    }
    std::string text(kHeader);
    for (const auto& [name, value] : values) {
        const auto reason = reasons.find(name);
        text += "\n";
        if (reason != reasons.end() && !reason->second.empty())
            text += fmt::format("# {}\n", printable(reason->second, 400));
        text += postgres::config_line(name, value) + "\n";
    }
    return text;
}

std::string with_include_line(std::string_view main_text, const fs::path& main_file,
                              const fs::path& hone_file) {
    StrippedText stripped = without_include_line(main_text, main_file, hone_file);
    if (stripped.include_is_last) return std::string(main_text);
    stripped.text += fmt::format("\n{}\ninclude_if_exists = '{}'\n", kIncludeComment,
                                 hone_file.lexically_relative(main_file.parent_path()).string());
    return stripped.text;
}

}  // namespace hone::change
