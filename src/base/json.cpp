#include "base/json.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace hone {

namespace {

constexpr std::size_t kDeepestNesting = 64;

void append_text(std::string& out, const json::value& value, std::size_t indent);

template <class Container, class AppendItem>
void append_items(std::string& out, const Container& items, std::size_t indent, char open,
                  char close, const AppendItem& append_item) {
    out += open;
    bool first = true;
    for (const auto& item : items) {
        out += first ? "\n" : ",\n";
        first = false;
        out.append(indent + 2, ' ');
        append_item(item);
    }
    if (!first) {
        out += '\n';
        out.append(indent, ' ');
    }
    out += close;
}

void append_text(std::string& out, const json::value& value, std::size_t indent) {
    if (value.is_object()) {
        append_items(out, value.get_object(), indent, '{', '}',
                     [&](const json::key_value_pair& item) {
                         out += json::serialize(json::string_view(item.key())) + ": ";
                         append_text(out, item.value(), indent + 2);
                     });
    } else if (value.is_array()) {
        append_items(out, value.get_array(), indent, '[', ']',
                     [&](const json::value& item) { append_text(out, item, indent + 2); });
    } else {
        out += to_json_line(value);
    }
}

// The shortest text that reads back as the same number: 0.9, not 9E-1.
std::string number_text(double number) {
    std::string text = fmt::format("{}", number);
    if (text.find_first_of(".en") == std::string::npos) text += ".0";
    return text;
}

void append_line(std::string& out, const json::value& value) {
    const auto append_list = [&](const auto& items, char open, char close,
                                 const auto& append_item) {
        out += open;
        bool first = true;
        for (const auto& item : items) {
            if (!first) out += ',';
            first = false;
            append_item(item);
        }
        out += close;
    };
    if (value.is_object()) {
        append_list(value.get_object(), '{', '}', [&](const json::key_value_pair& item) {
            out += json::serialize(json::string_view(item.key())) + ':';
            append_line(out, item.value());
        });
    } else if (value.is_array()) {
        append_list(value.get_array(), '[', ']',
                    [&](const json::value& item) { append_line(out, item); });
    } else if (value.is_double()) {
        out += number_text(value.get_double());
    } else {
        out += json::serialize(value);
    }
}

}  // namespace

Result<json::value> parse_json(std::string_view text, std::string_view what) {
    json::parse_options options;
    options.max_depth = kDeepestNesting;
    boost::system::error_code error;
    json::value value =
        json::parse(json::string_view(text.data(), text.size()), error, {}, options);
    if (error)
        return Error{ErrorCode::kDataLoss, fmt::format("reading '{}' as JSON", what),
                     error.message(), "the file is damaged or cut off: make it again"};
    return value;
}

std::string to_json_line(const json::value& value) {
    std::string out;
    append_line(out, value);
    return out;
}

std::string to_json_text(const json::value& value) {
    std::string out;
    append_text(out, value, 0);
    out += '\n';
    return out;
}

Error JsonReader::wrong_type(std::string_view key, std::string_view wanted) const {
    return {ErrorCode::kInvalidArgument, fmt::format("reading '{}.{}'", path_, key),
            fmt::format("it is not {}", wanted),
            "the file was edited or is of another version: make it again"};
}

Result<const json::value*> JsonReader::field(std::string_view key) const {
    const json::object* object = value_->if_object();
    const json::value* found = object != nullptr
                                   ? object->if_contains(json::string_view(key.data(), key.size()))
                                   : nullptr;
    if (found != nullptr) return found;
    return Error{ErrorCode::kInvalidArgument, fmt::format("reading '{}.{}'", path_, key),
                 "it is missing", "the file was edited or is of another version: make it again"};
}

bool JsonReader::has(std::string_view key) const {
    const json::object* object = value_->if_object();
    if (object == nullptr) return false;
    const json::value* found = object->if_contains(json::string_view(key.data(), key.size()));
    return found != nullptr && !found->is_null();
}

Result<std::string> JsonReader::text(std::string_view key) const {
    HONE_TRY_ASSIGN(const json::value* found, field(key));
    if (!found->is_string()) return wrong_type(key, "text");
    return std::string(found->get_string());
}

Result<std::int64_t> JsonReader::integer(std::string_view key) const {
    HONE_TRY_ASSIGN(const json::value* found, field(key));
    if (!found->is_int64()) return wrong_type(key, "a whole number");
    return found->get_int64();
}

Result<double> JsonReader::number(std::string_view key) const {
    HONE_TRY_ASSIGN(const json::value* found, field(key));
    if (found->is_int64()) return static_cast<double>(found->get_int64());
    if (!found->is_double()) return wrong_type(key, "a number");
    return found->get_double();
}

Result<bool> JsonReader::boolean(std::string_view key) const {
    HONE_TRY_ASSIGN(const json::value* found, field(key));
    if (!found->is_bool()) return wrong_type(key, "true or false");
    return found->get_bool();
}

Result<JsonReader> JsonReader::object(std::string_view key) const {
    HONE_TRY_ASSIGN(const json::value* found, field(key));
    if (!found->is_object()) return wrong_type(key, "an object");
    return JsonReader{*found, fmt::format("{}.{}", path_, key)};
}

Result<std::vector<JsonReader>> JsonReader::array(std::string_view key) const {
    HONE_TRY_ASSIGN(const json::value* found, field(key));
    if (!found->is_array()) return wrong_type(key, "a list");
    std::vector<JsonReader> readers;
    for (const json::value& element : found->get_array())
        readers.emplace_back(element, fmt::format("{}.{}[{}]", path_, key, readers.size()));
    return readers;
}

Result<std::vector<std::string>> JsonReader::texts(std::string_view key) const {
    HONE_TRY_ASSIGN(const std::vector<JsonReader> readers, array(key));
    std::vector<std::string> texts;
    for (const JsonReader& reader : readers) {
        if (!reader.value().is_string()) return wrong_type(key, "a list of texts");
        texts.emplace_back(reader.value().get_string());
    }
    return texts;
}

Result<std::optional<std::string>> JsonReader::optional_text(std::string_view key) const {
    if (!has(key)) return std::optional<std::string>{};
    HONE_TRY_ASSIGN(std::string found, text(key));
    return std::optional<std::string>{std::move(found)};
}

Result<std::optional<std::int64_t>> JsonReader::optional_integer(std::string_view key) const {
    if (!has(key)) return std::optional<std::int64_t>{};
    HONE_TRY_ASSIGN(const std::int64_t found, integer(key));
    return std::optional<std::int64_t>{found};
}

Result<std::optional<double>> JsonReader::optional_number(std::string_view key) const {
    if (!has(key)) return std::optional<double>{};
    HONE_TRY_ASSIGN(const double found, number(key));
    return std::optional<double>{found};
}

}  // namespace hone
