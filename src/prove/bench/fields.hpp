// prove/bench/fields.hpp - values to JSON and back, with each field named once.
//
// Shape    a type lists its fields in a function found by argument-dependent lookup,
//              template <class Visitor, FieldsOf<Thing> T> void visit_fields(Visitor&, T& thing);
//          FieldWriter visits a const Thing, FieldReader another. A name that is absent when read
//          leaves the field as it was made, so that older documents stay readable.
// Errors   of reading: data_loss (no JSON, another kind), unsupported (another schema_version),
//          invalid_argument with the field's path; the first one is kept.
#pragma once

#include <fmt/format.h>

#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/units.hpp"

namespace hone::prove {

template <class T, class Thing>
concept FieldsOf = std::same_as<std::remove_const_t<T>, Thing>;

class FieldWriter {
  public:
    template <class T>
    void operator()(std::string_view name, const T& field) {
        object_[name] = written(field);
    }
    json::object take() { return std::move(object_); }

  private:
    template <class T>
    static json::value written(const T& field) {
        if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string>) {
            return json::value(field);
        } else if constexpr (std::is_same_v<T, Bytes>) {
            return json::value(field.count());
        } else {
            FieldWriter inner;
            visit_fields(inner, field);
            return inner.take();
        }
    }
    template <class T>
    static json::value written(const std::optional<T>& field) {
        return field ? written(*field) : json::value(nullptr);
    }
    template <class T>
    static json::value written(const std::vector<T>& fields) {
        json::array array;
        for (const T& field : fields) array.push_back(written(field));
        return array;
    }
    template <class T>
    static json::value written(const std::map<std::string, T>& fields) {
        json::object object;
        for (const auto& [name, field] : fields) object[name] = written(field);
        return object;
    }
    json::object object_;
};

class FieldReader {
  public:
    FieldReader(const json::value& value, std::string path)
        : value_(&value), path_(std::move(path)) {
        if (!value.is_object()) fail(path_, "an object");
    }

    template <class T>
    void operator()(std::string_view name, T& field) {
        if (!status_.ok() || !value_->is_object()) return;
        if (const auto* found = value_->get_object().if_contains(name))
            read(*found, path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name),
                 field);
    }
    Status status() const { return status_; }

  private:
    void fail(const std::string& path, std::string_view wanted) {
        if (status_.ok())
            status_ = Error{ErrorCode::kInvalidArgument, fmt::format("reading '{}'", path),
                            fmt::format("it is not {}", wanted)};
    }
    template <class T>
    void read(const json::value& value, const std::string& path, T& field) {
        if constexpr (std::is_same_v<T, std::string>) {
            value.is_string() ? void(field = value.get_string().c_str()) : fail(path, "text");
        } else if constexpr (std::is_same_v<T, bool>) {
            value.is_bool() ? void(field = value.get_bool()) : fail(path, "true or false");
        } else if constexpr (std::is_arithmetic_v<T>) {
            boost::system::error_code error;
            const T number = value.to_number<T>(error);
            error ? fail(path, "a number that fits") : void(field = number);
        } else if constexpr (std::is_same_v<T, Bytes>) {
            std::int64_t count = 0;
            read(value, path, count);
            field = Bytes{count};
        } else {
            FieldReader inner(value, path);
            visit_fields(inner, field);
            if (!inner.status_.ok() && status_.ok()) status_ = inner.status_;
        }
    }
    template <class T>
    void read(const json::value& value, const std::string& path, std::optional<T>& field) {
        field.reset();
        if (!value.is_null()) read(value, path, field.emplace());
    }
    template <class T>
    void read(const json::value& value, const std::string& path, std::vector<T>& fields) {
        if (!value.is_array()) return fail(path, "a list");
        fields.clear();
        for (const json::value& item : value.get_array()) {
            const std::string item_path = fmt::format("{}[{}]", path, fields.size());
            read(item, item_path, fields.emplace_back());
        }
    }
    template <class T>
    void read(const json::value& value, const std::string& path, std::map<std::string, T>& fields) {
        if (!value.is_object()) return fail(path, "an object");
        fields.clear();
        for (const auto& item : value.get_object())
            read(item.value(), fmt::format("{}.{}", path, std::string_view(item.key())),
                 fields[std::string(item.key())]);
    }
    const json::value* value_;
    std::string path_;
    Status status_;
};

inline constexpr int kBenchSchemaVersion = 1;

// {"schema_version": 1, "kind": kind, ...}
template <class T>
json::object document_of(std::string_view kind, const T& value) {
    json::object document{{"schema_version", kBenchSchemaVersion}, {"kind", kind}};
    FieldWriter writer;
    visit_fields(writer, value);
    for (auto& field : writer.take()) document[field.key()] = std::move(field.value());
    return document;
}

// `what` is the document's name in an Error.
Result<json::value> parse_document(std::string_view kind, std::string_view text,
                                   std::string_view what);

template <class T>
Result<T> value_from_document(std::string_view kind, std::string_view text, std::string_view what) {
    HONE_TRY_ASSIGN(const json::value document, parse_document(kind, text, what));
    FieldReader reader(document, "");
    T value;
    visit_fields(reader, value);
    if (const Status status = reader.status(); !status.ok())
        return Error(status.error()).with_context(fmt::format("reading '{}'", what));
    return value;
}

}  // namespace hone::prove
