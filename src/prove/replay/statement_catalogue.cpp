#include "prove/replay/statement_catalogue.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace hone::prove {

namespace {

// Oids of pg_type: what the server takes a constant of this kind for.
constexpr std::uint32_t kInfer = 0;
constexpr std::uint32_t kInt4 = 23;
constexpr std::uint32_t kInt8 = 20;
constexpr std::uint32_t kNumeric = 1700;

std::uint32_t type_of(TokenKind kind) {
    switch (kind) {
        case TokenKind::kInteger:
            return kInt4;
        case TokenKind::kBigInteger:
            return kInt8;
        case TokenKind::kNumeric:
            return kNumeric;
        default:
            return kInfer;
    }
}

std::vector<SqlToken> without_comments(std::vector<SqlToken> tokens) {
    std::erase_if(tokens, [](const SqlToken& token) { return token.kind == TokenKind::kComment; });
    return tokens;
}

void drop_end(std::string& sql) {
    while (sql.ends_with(';') || sql.ends_with(' ')) sql.pop_back();
}

}  // namespace

std::vector<SeenStatement> StatementCatalogue::see(const std::string& text) {
    const auto scanned = scan_sql(text);
    if (!scanned) return {SeenStatement{}};
    const auto tokens = without_comments(*scanned);
    const std::string skeleton = skeleton_of(text, *scanned);
    if (const auto known = by_skeleton_.find(skeleton); known != by_skeleton_.end())
        return {recalled(known->second, text, tokens)};
    const auto statements = read_sql(text);
    if (statements.size() == 1) return {see_one(statements.front(), tokens, skeleton)};
    std::vector<SeenStatement> seen;
    for (const SqlStatement& statement : statements) {
        const auto piece = scan_sql(statement.text);
        if (!piece) continue;
        seen.push_back(
            see_one(statement, without_comments(*piece), skeleton_of(statement.text, *piece)));
    }
    return seen;
}

SeenStatement StatementCatalogue::see_one(const SqlStatement& statement,
                                          const std::vector<SqlToken>& tokens,
                                          const std::string& skeleton) {
    const Known known = learn(statement, tokens);
    remember(skeleton, known);
    return recalled(known, statement.text, tokens);
}

// Text that has parameters already is left as its author wrote it.
std::vector<StatementCatalogue::LiftedConstant> StatementCatalogue::liftable(
    const SqlStatement& statement, const std::vector<SqlToken>& tokens) {
    std::vector<LiftedConstant> lifted;
    if (statement.parameters > 0) return lifted;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const bool is_slot = std::ranges::any_of(statement.slots, [&](const ValueSlot& slot) {
            return slot.constant_at && *slot.constant_at == tokens[i].begin;
        });
        if (!is_slot) continue;
        if (tokens[i].is_constant()) {
            lifted.push_back({i, false});
        } else if (tokens[i].in(statement.text) == "-" && i + 1 < tokens.size() &&
                   tokens[i + 1].is_constant() && tokens[i + 1].kind != TokenKind::kString) {
            lifted.push_back({i + 1, true});
        }
    }
    return lifted;
}

StatementCatalogue::Known StatementCatalogue::learn(const SqlStatement& statement,
                                                    const std::vector<SqlToken>& tokens) {
    Known known{statement.kind, std::nullopt, statement.parameters, {}};
    if (statement.kind != StatementKind::kRead && statement.kind != StatementKind::kWrite)
        return known;
    known.lifted = liftable(statement, tokens);
    std::string sql;
    std::vector<std::uint32_t> types;
    std::size_t last_end = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const auto found = std::ranges::find_if(known.lifted, [&](const LiftedConstant& constant) {
            return constant.token == i || (constant.is_signed && constant.token == i + 1);
        });
        const bool is_sign = found != known.lifted.end() && found->token == i + 1;
        if (!sql.empty() && tokens[i].begin != last_end && !sql.ends_with(' ')) sql += ' ';
        last_end = tokens[i].end;
        if (is_sign) continue;
        if (found == known.lifted.end()) {
            sql += tokens[i].in(statement.text);
        } else {
            types.push_back(type_of(tokens[i].kind));
            sql += "$" + std::to_string(types.size());
        }
    }
    drop_end(sql);
    known.statement = keep(sql, std::move(types));
    return known;
}

std::optional<std::uint32_t> StatementCatalogue::keep(const std::string& sql,
                                                      std::vector<std::uint32_t> types) {
    std::string key = sql;
    for (const std::uint32_t type : types) key += "\n" + std::to_string(type);
    if (const auto found = by_text_.find(key); found != by_text_.end()) return found->second;
    if (statements_.size() >= kMostStatements) return std::nullopt;
    RecordedStatement statement;
    statement.sql = sql;
    statement.parameter_types = std::move(types);
    statements_.push_back(std::move(statement));
    statement_bytes_ += sql.size();
    const auto number = static_cast<std::uint32_t>(statements_.size() - 1);
    by_text_.emplace(std::move(key), number);
    return number;
}

SeenStatement StatementCatalogue::recalled(const Known& known, const std::string& text,
                                           const std::vector<SqlToken>& tokens) {
    SeenStatement seen{known.kind, known.statement, known.parameters, {}};
    for (const LiftedConstant& constant : known.lifted) {
        const SqlToken& token = tokens[constant.token];
        const std::string_view word = token.in(text);
        if (token.kind == TokenKind::kString)
            seen.constants.emplace_back(unquoted(word));
        else
            seen.constants.emplace_back((constant.is_signed ? "-" : "") + std::string(word));
    }
    return seen;
}

void StatementCatalogue::remember(const std::string& skeleton, const Known& known) {
    const bool full =
        by_skeleton_.size() >= kMostSkeletons ||
        remembered_bytes_ + skeleton.size() > static_cast<std::size_t>(kLargestMemory.count());
    if (full) {
        by_skeleton_.clear();
        remembered_bytes_ = 0;
    }
    remembered_bytes_ += skeleton.size();
    by_skeleton_.emplace(skeleton, known);
}

}  // namespace hone::prove
