// base/text.hpp - small readers of text that come from files nobody controls.
//
// Errors   none are returned: an optional without a value means "not that".
// Cost     linear in the input; no allocation unless a string is returned.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hone {

std::string_view trim(std::string_view text);
// "a,,b" split at ',' gives "a", "", "b"; "" gives one empty piece.
std::vector<std::string_view> split(std::string_view text, char separator);
// Runs of spaces and tabs separate; no empty pieces.
std::vector<std::string_view> split_words(std::string_view text);
// Lines without their end; a trailing newline does not make an empty last line.
std::vector<std::string_view> split_lines(std::string_view text);
std::string join(const std::vector<std::string>& pieces, std::string_view separator);
std::string to_lower(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);

// The whole text is one decimal number in range; nothing else around it.
std::optional<std::int64_t> parse_integer(std::string_view text);
std::optional<double> parse_number(std::string_view text);

// The candidate with the smallest edit distance, if that is at most 3 and less than half its
// length: for "did you mean".
std::optional<std::string> closest(std::string_view word,
                                   const std::vector<std::string>& candidates);

// Only printable ASCII and valid UTF-8 survive; control characters and broken bytes become '?'; cut
// at `limit` bytes or just before, between characters, with "...".
std::string printable(std::string_view text, std::size_t limit = 200);

}  // namespace hone
