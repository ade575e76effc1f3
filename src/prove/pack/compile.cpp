#include "prove/pack/compile.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "prove/pack/expression_parser.hpp"

namespace hone::prove {

namespace {

constexpr std::size_t kMostParameters = 65535;  // of a statement, PostgreSQL's own limit
constexpr std::int64_t kMostRounds = 1000000;
constexpr std::string_view kRowsPlace = "{rows}";

Result<std::size_t> chosen(std::string_view kind, const std::string& wanted,
                           const std::vector<Choice>& choices) {
    if (wanted.empty()) return std::size_t{0};
    std::vector<std::string> names;
    for (const Choice& choice : choices) names.push_back(choice.name);
    const auto found = std::find(names.begin(), names.end(), wanted);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
    return Error{ErrorCode::kInvalidArgument, fmt::format("choosing the {}", kind),
                 fmt::format("the pack has no '{}'", wanted),
                 fmt::format("choose one of {}", join(names, ", "))};
}

class Compiler {
  public:
    Compiler(const Pack::Description& description, const PackOptions& options)
        : description_(description) {
        compiled_.options = options;
        vocabulary_.seed = options.seed;
    }

    Result<CompiledPack> run() {
        HONE_TRY(choose());
        HONE_TRY(work_out_constants());
        for (const auto& [head, body] : description_.definitions)
            HONE_TRY(vocabulary_.define(head, body.text).with_context("reading " + body.place));
        for (const SchemaFile& file : description_.schema) {
            HONE_TRY_ASSIGN(const bool wanted, holds(file.only));
            if (wanted) compiled_.schema.push_back(file);
        }
        for (const RowSetText& rows : description_.rows) HONE_TRY(add_rows(rows));
        for (const OperationText& operation : description_.operations)
            HONE_TRY(add_operation(operation));
        return std::move(compiled_);
    }

  private:
    Status choose() {
        PackOptions& options = compiled_.options;
        HONE_TRY_ASSIGN(const std::size_t volume,
                        chosen("volume", options.volume, description_.volumes));
        options.volume = description_.volumes[volume].name;
        choices_.push_back(&description_.volumes[volume]);
        for (const auto& [name, value] : options.variants)
            if (std::none_of(description_.info.variants.begin(), description_.info.variants.end(),
                             [&](const PackVariant& variant) { return variant.name == name; }))
                return Error{ErrorCode::kInvalidArgument, "choosing the variants",
                             fmt::format("the pack has no variant '{}'", name)};
        for (std::size_t i = 0; i < description_.variants.size(); ++i) {
            const std::string& name = description_.info.variants[i].name;
            HONE_TRY_ASSIGN(const std::size_t value,
                            chosen(name, options.variants[name], description_.variants[i]));
            options.variants[name] = description_.variants[i][value].name;
            choices_.push_back(&description_.variants[i][value]);
        }
        HONE_TRY_ASSIGN(const std::size_t preset,
                        chosen("preset", options.preset, description_.presets));
        options.preset = description_.presets[preset].name;
        compiled_.closed_loop = description_.info.presets[preset].closed_loop;
        compiled_.clients = description_.presets[preset].clients;
        preset_ = &description_.presets[preset];
        choices_.push_back(preset_);
        return {};
    }

    // The last choice that names a constant has it.
    SourceText constant_text(const std::string& name, SourceText text) const {
        for (const Choice* choice : choices_)
            for (const auto& [key, value] : choice->constants)
                if (key == name) text = value;
        return text;
    }

    Status work_out_constants() {
        for (const auto& [name, text] : description_.constants) {
            const SourceText source = constant_text(name, text);
            HONE_TRY_ASSIGN(vocabulary_.constants[name], constant(source));
        }
        for (const Choice* choice : choices_)
            for (const auto& [name, text] : choice->constants)
                if (!vocabulary_.constants.contains(name))
                    return Error{ErrorCode::kInvalidArgument, "reading " + text.place,
                                 fmt::format("the pack has no constant '{}'", name)};
        return {};
    }

    Result<std::int64_t> constant(const SourceText& source) const {
        return parse_constant(source.text, vocabulary_).with_context("reading " + source.place);
    }
    Result<Expression> expression(const SourceText& source, const std::string& name) const {
        return parse_expression(source.text, vocabulary_, {name})
            .with_context("reading " + source.place);
    }

    Result<bool> holds(const Only& only) const {
        bool all = true;
        for (const auto& [name, value] : only) {
            const auto found = compiled_.options.variants.find(name);
            if (found == compiled_.options.variants.end())
                return Error{ErrorCode::kInvalidArgument, "reading an 'only'",
                             fmt::format("the pack has no variant '{}'", name)};
            all = all && found->second == value;
        }
        return all;
    }

    Status add_rows(const RowSetText& text) {
        HONE_TRY_ASSIGN(const bool wanted, holds(text.only));
        if (!wanted) return {};
        RowSet rows{
            .name = text.name, .table = text.table, .columns = {}, .values = {}, .types = {}};
        HONE_TRY_ASSIGN(rows.count, constant(text.count));
        for (const auto& [name, source] : text.columns) {
            HONE_TRY_ASSIGN(Expression value, expression(source, "n"));
            rows.columns.push_back(name);
            rows.values.push_back(std::move(value));
        }
        compiled_.rows.push_back(std::move(rows));
        return {};
    }

    Status add_operation(const OperationText& text) {
        HONE_TRY_ASSIGN(const bool wanted, holds(text.only));
        if (!wanted) return {};
        Operation operation{.atomic = text.atomic, .rounds_at_most = 1, .calls = {}};
        HONE_TRY_ASSIGN(const std::int64_t rounds, constant(text.rounds_at_most));
        operation.rounds_at_most =
            static_cast<int>(std::clamp<std::int64_t>(rounds, 1, kMostRounds));
        HONE_TRY_ASSIGN(const std::int64_t units, constant(text.units));
        for (const CallText& call : text.calls) {
            HONE_TRY_ASSIGN(const bool called, holds(call.only));
            if (called) HONE_TRY(add_call(text.name, call, operation));
        }
        const auto rate = preset_->rates.find(text.name);
        compiled_.rates.push_back(rate == preset_->rates.end() ? 0 : rate->second);
        compiled_.infos.push_back({text.name, text.writes, static_cast<double>(units)});
        compiled_.operations.push_back(std::move(operation));
        return {};
    }

    Status add_call(const std::string& operation_name, const CallText& text, Operation& operation) {
        Call call;
        call.statement = compiled_.statements.size();
        std::string sql = text.sql.text;
        if (!text.rows.empty()) HONE_TRY(expand_rows(text, call, sql));
        for (const SourceText& parameter : text.parameters) {
            HONE_TRY_ASSIGN(Expression value, expression(parameter, "k"));
            call.parameters.push_back(std::move(value));
        }
        compiled_.statements.push_back(
            {fmt::format("{}_{}", operation_name, operation.calls.size() + 1), std::move(sql), {}});
        operation.calls.push_back(std::move(call));
        return {};
    }

    Status expand_rows(const CallText& text, Call& call, std::string& sql) {
        const auto rows = std::find_if(compiled_.rows.begin(), compiled_.rows.end(),
                                       [&](const RowSet& set) { return set.name == text.rows; });
        const std::string tried = "reading " + text.sql.place;
        if (rows == compiled_.rows.end())
            return Error{ErrorCode::kInvalidArgument, tried,
                         fmt::format("there are no rows '{}' in this variant", text.rows)};
        call.rows = static_cast<std::size_t>(rows - compiled_.rows.begin());
        HONE_TRY_ASSIGN(call.row_count, constant(text.row_count));
        HONE_TRY_ASSIGN(call.first_row, expression(text.first_row, "k"));
        const std::size_t width = rows->columns.size();
        if (call.row_count <= 0 ||
            static_cast<std::size_t>(call.row_count) > kMostParameters / width)
            return Error{ErrorCode::kInvalidArgument, tried,
                         fmt::format("{} rows of {} columns are not between 1 and {} parameters",
                                     call.row_count, width, kMostParameters)};
        sql.replace(sql.find(kRowsPlace), kRowsPlace.size(),
                    tuples(static_cast<std::size_t>(call.row_count), width));
        return {};
    }

    // "($1,$2),($3,$4)"
    static std::string tuples(std::size_t rows, std::size_t width) {
        std::string text;
        for (std::size_t at = 0; at < rows * width; ++at)
            fmt::format_to(std::back_inserter(text), "{}${}{}",
                           at % width != 0 ? ","
                           : at > 0        ? ",("
                                           : "(",
                           at + 1, at % width + 1 == width ? ")" : "");
        return text;
    }

    const Pack::Description& description_;
    Vocabulary vocabulary_;
    std::vector<const Choice*> choices_;
    const Choice* preset_ = nullptr;
    CompiledPack compiled_;
};

}  // namespace

Result<CompiledPack> compile_pack(const Pack::Description& description,
                                  const PackOptions& options) {
    return Compiler(description, options).run();
}

}  // namespace hone::prove
