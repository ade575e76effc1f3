#include "prove/bench/fields.hpp"

namespace hone::prove {

Result<json::value> parse_document(std::string_view kind, std::string_view text,
                                   std::string_view what) {
    auto document = parse_json(text, what);
    if (!document.ok())
        return Error{ErrorCode::kDataLoss, fmt::format("reading '{}'", what),
                     document.error().wrong(), "the file was cut off or edited: remove it"};
    std::string found_kind;
    int version = 0;
    FieldReader reader(*document, "");
    reader("kind", found_kind);
    reader("schema_version", version);
    HONE_TRY(reader.status());
    if (found_kind != kind)
        return Error{ErrorCode::kDataLoss, fmt::format("reading '{}'", what),
                     fmt::format("it is no {}", kind)};
    if (version != kBenchSchemaVersion)
        return Error{ErrorCode::kUnsupported, fmt::format("reading '{}'", what),
                     fmt::format("it has schema_version {}, and this hone knows {}", version,
                                 kBenchSchemaVersion),
                     "read it with the hone that wrote it"};
    return std::move(document).value();
}

}  // namespace hone::prove
