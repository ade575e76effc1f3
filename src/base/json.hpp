// base/json.hpp - reading JSON that a person may have edited, and writing it the same way every
// time.
//
// Errors   data_loss: not JSON, cut off, or nested deeper than 64; invalid_argument: a field is
//          missing or of another type. The message names the field's path ("changes[3].setting").
// Limits   documents up to 16 MiB (kLargestTextFile).
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace hone {

namespace json = boost::json;

// `what` is the document's name in an Error, such as the plan's file name.
Result<json::value> parse_json(std::string_view text, std::string_view what);
// One line, keys in the order they were put in: equal values give equal bytes.
std::string to_json_line(const json::value& value);
// For people and files: two spaces of indentation, a newline at the end.
std::string to_json_text(const json::value& value);

// Reads the fields of one object, with a path for its errors.
class JsonReader {
  public:
    JsonReader(const json::value& value, std::string path)
        : value_(&value), path_(std::move(path)) {}

    Result<std::string> text(std::string_view key) const;
    Result<std::int64_t> integer(std::string_view key) const;
    Result<double> number(std::string_view key) const;
    Result<bool> boolean(std::string_view key) const;
    Result<JsonReader> object(std::string_view key) const;
    // One reader for each element.
    Result<std::vector<JsonReader>> array(std::string_view key) const;
    // Each element must be text.
    Result<std::vector<std::string>> texts(std::string_view key) const;
    // Absent or null: no value. Present and of another type: an Error.
    Result<std::optional<std::string>> optional_text(std::string_view key) const;
    Result<std::optional<std::int64_t>> optional_integer(std::string_view key) const;
    Result<std::optional<double>> optional_number(std::string_view key) const;
    bool has(std::string_view key) const;
    const json::value& value() const { return *value_; }
    const std::string& path() const { return path_; }

  private:
    Result<const json::value*> field(std::string_view key) const;
    Error wrong_type(std::string_view key, std::string_view wanted) const;
    const json::value* value_;
    std::string path_;
};

}  // namespace hone
