#include "prove/replay/sql_statement.hpp"

#include <pg_query.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>

#include "base/json.hpp"
#include "base/text.hpp"
#include "prove/replay/recording.hpp"

namespace hone::prove {

namespace {

// A chain of n operators is about 2 n deep; the parser's own stack bound comes first.
constexpr std::size_t kDeepestTree = 1000;

const json::value* field(const json::value& node, std::string_view key) {
    const auto* object = node.if_object();
    return object == nullptr ? nullptr : object->if_contains(json::string_view(key));
}

std::string text_field(const json::value& node, std::string_view key) {
    const json::value* found = field(node, key);
    return found != nullptr && found->is_string() ? std::string(found->get_string()) : "";
}

std::int64_t integer_field(const json::value& node, std::string_view key, std::int64_t otherwise) {
    const json::value* found = field(node, key);
    return found != nullptr && found->is_int64() ? found->get_int64() : otherwise;
}

// The names of a list of String nodes: ["pg_catalog", "nextval"].
std::vector<std::string> names_in(const json::value* list) {
    std::vector<std::string> names;
    if (list == nullptr || !list->is_array()) return names;
    for (const json::value& item : list->get_array())
        if (const json::value* name = field(item, "String"))
            names.push_back(text_field(*name, "sval"));
    return names;
}

// Walks one statement's tree and gathers what is said of it.
class TreeWalk {
  public:
    explicit TreeWalk(SqlStatement& statement) : statement_(statement) {}

    void visit(const json::value& node) {
        if (const auto* list = node.if_array()) {
            for (const json::value& item : *list) visit(item);
        } else if (const auto* object = node.if_object()) {
            for (const auto& [key, value] : *object) enter(key, value);
        }
    }
    bool changes() const { return changes_; }

  private:
    void enter(std::string_view key, const json::value& value) {
        static constexpr std::array kChanging = std::to_array<std::string_view>(
            {"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "LockingClause", "intoClause"});
        if (std::ranges::find(kChanging, key) != kChanging.end()) changes_ = true;
        if (key == "RangeVar" || key == "relation") table(value);
        if (key == "FuncCall") function(value);
        if (key == "A_Expr") expression(value);
        if (key == "InsertStmt") inserted(value);
        if (key == "targetList") assigned(value);
        if (key == "limitCount" || key == "limitOffset") slot(value, SlotUse::kLimit, {});
        if (key == "ParamRef")
            statement_.parameters = std::max(statement_.parameters,
                                             static_cast<int>(integer_field(value, "number", 0)));
        visit(value);
    }

    struct Column {
        std::string qualifier;
        std::string name;
        bool in_array = false;
    };

    void table(const json::value& node) {
        TableMention mention{text_field(node, "schemaname"), text_field(node, "relname"), {}};
        if (const json::value* alias = field(node, "alias"))
            mention.alias = text_field(*alias, "aliasname");
        if (!mention.name.empty()) statement_.tables.push_back(std::move(mention));
    }

    void function(const json::value& node) {
        const auto names = names_in(field(node, "funcname"));
        if (!names.empty()) statement_.functions.push_back(to_lower(names.back()));
    }

    static std::optional<Column> column_of(const json::value* node) {
        const json::value* reference = node == nullptr ? nullptr : field(*node, "ColumnRef");
        if (reference == nullptr) return std::nullopt;
        auto names = names_in(field(*reference, "fields"));
        if (names.empty()) return std::nullopt;
        Column column{{}, std::move(names.back())};
        if (names.size() >= 2) column.qualifier = std::move(names[names.size() - 2]);
        return column;
    }

    // a = 1, 1 < a, a IN (1, 2), a BETWEEN 1 AND 2, a = ANY ('{1,2}'), a LIKE 'x%'.
    void expression(const json::value& node) {
        const auto operators = names_in(field(node, "name"));
        static constexpr std::array kComparisons =
            std::to_array<std::string_view>({"=", "<>", "!=", "<", "<=", ">", ">=", "~~", "~~*",
                                             "!~~", "!~~*", "BETWEEN", "NOT BETWEEN"});
        if (operators.empty() ||
            std::ranges::find(kComparisons, operators.back()) == kComparisons.end())
            return;
        const json::value* left = field(node, "lexpr");
        const json::value* right = field(node, "rexpr");
        if (left == nullptr || right == nullptr) return;
        const std::string kind = text_field(node, "kind");
        const bool is_range = kind == "AEXPR_BETWEEN" || kind == "AEXPR_NOT_BETWEEN";
        const SlotUse use = is_range ? SlotUse::kRange : SlotUse::kCompared;
        compare(*right, left, use, kind == "AEXPR_OP_ANY");
        compare(*left, right, use, false);
    }

    void compare(const json::value& side, const json::value* other, SlotUse use, bool in_array) {
        Column column = column_of(other).value_or(Column{});
        column.in_array = in_array;
        if (const json::value* list = field(side, "List")) {
            if (const json::value* items = field(*list, "items"); items && items->is_array())
                for (const json::value& item : items->get_array()) slot(item, use, column);
        } else {
            slot(side, use, column);
        }
    }

    // INSERT INTO t (a, b) VALUES (1, 2), (3, 4)
    void inserted(const json::value& node) {
        std::vector<std::string> columns;
        if (const json::value* list = field(node, "cols"); list != nullptr && list->is_array())
            for (const json::value& item : list->get_array())
                if (const json::value* target = field(item, "ResTarget"))
                    columns.push_back(text_field(*target, "name"));
        const json::value* select = field(node, "selectStmt");
        if (select != nullptr) select = field(*select, "SelectStmt");
        const json::value* rows = select == nullptr ? nullptr : field(*select, "valuesLists");
        if (rows == nullptr || !rows->is_array()) return;
        for (const json::value& row : rows->get_array())
            if (const json::value* list = field(row, "List")) inserted_row(*list, columns);
    }

    void inserted_row(const json::value& list, const std::vector<std::string>& columns) {
        const json::value* items = field(list, "items");
        if (items == nullptr || !items->is_array()) return;
        const auto& values = items->get_array();
        for (std::size_t i = 0; i < values.size(); ++i)
            slot(values[i], SlotUse::kStored, {{}, i < columns.size() ? columns[i] : ""});
    }

    // UPDATE ... SET a = 1, b = b + 1. The lists of SELECT and RETURNING have no names.
    void assigned(const json::value& list) {
        if (!list.is_array()) return;
        for (const json::value& item : list.get_array()) {
            const json::value* target = field(item, "ResTarget");
            if (target == nullptr || !changes_) continue;
            const json::value* value = field(*target, "val");
            if (value == nullptr) continue;
            const Column column{{}, text_field(*target, "name")};
            slot(*value, SlotUse::kStored, column);
            if (const json::value* sum = field(*value, "A_Expr"))
                if (const json::value* right = field(*sum, "rexpr"))
                    slot(*right, SlotUse::kStored, column);
        }
    }

    void slot(const json::value& node, SlotUse use, const Column& column) {
        ValueSlot found{use, column.qualifier, column.name, column.in_array, std::nullopt, 0};
        if (const json::value* constant = field(node, "A_Const")) {
            const std::int64_t at = integer_field(*constant, "location", 0);
            found.constant_at = static_cast<std::size_t>(std::max<std::int64_t>(0, at));
        } else if (const json::value* parameter = field(without_cast(node), "ParamRef")) {
            found.parameter = static_cast<int>(integer_field(*parameter, "number", 0));
        } else {
            return;
        }
        statement_.slots.push_back(std::move(found));
    }

    static const json::value& without_cast(const json::value& node) {
        const json::value* cast = field(node, "TypeCast");
        const json::value* inner = cast == nullptr ? nullptr : field(*cast, "arg");
        return inner == nullptr ? node : *inner;
    }

    SqlStatement& statement_;
    bool changes_ = false;
};

StatementKind transaction_kind(const json::value& node) {
    const std::string kind = text_field(node, "kind");
    if (kind == "TRANS_STMT_BEGIN" || kind == "TRANS_STMT_START") return StatementKind::kBegin;
    if (kind == "TRANS_STMT_COMMIT") return StatementKind::kCommit;
    if (kind == "TRANS_STMT_ROLLBACK") return StatementKind::kRollback;
    if (kind == "TRANS_STMT_SAVEPOINT" || kind == "TRANS_STMT_RELEASE" ||
        kind == "TRANS_STMT_ROLLBACK_TO")
        return StatementKind::kSavepoint;
    return StatementKind::kUtility;
}

std::string verb_of(std::string_view node) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kVerbs{
        {{"SelectStmt", "SELECT"},
         {"InsertStmt", "INSERT"},
         {"UpdateStmt", "UPDATE"},
         {"DeleteStmt", "DELETE"},
         {"MergeStmt", "MERGE"}}};
    for (const auto& [name, verb] : kVerbs)
        if (name == node) return std::string(verb);
    return {};
}

StatementKind kind_by_effects(const SqlStatement& statement, bool changes) {
    bool writes = changes;
    for (const std::string& function : statement.functions) {
        const FunctionEffect effect = known_effect(function);
        if (effect == FunctionEffect::kOutside) return StatementKind::kForbidden;
        writes = writes || effect == FunctionEffect::kWrites;
    }
    return writes ? StatementKind::kWrite : StatementKind::kRead;
}

SqlStatement statement_from(const json::value& tree, std::string text) {
    SqlStatement statement;
    statement.text = std::move(text);
    const auto* object = tree.if_object();
    if (object == nullptr || object->size() != 1) return statement;
    const auto& [key, node] = *object->begin();
    statement.verb = verb_of(key);
    if (statement.verb.empty()) {
        statement.kind =
            key == "TransactionStmt" ? transaction_kind(node) : StatementKind::kUtility;
        return statement;
    }
    TreeWalk walk(statement);
    walk.visit(tree);
    statement.kind = kind_by_effects(statement, walk.changes());
    return statement;
}

// Owned text of the tree; none where the grammar refuses.
std::optional<json::value> parse_tree(const std::string& text) {
    if (text.size() > kLongestStatement || text.find('\0') != std::string::npos)
        return std::nullopt;
    const PgQueryParseResult parsed = pg_query_parse(text.c_str());
    std::optional<json::value> tree;
    if (parsed.error == nullptr) {
        json::parse_options options;
        options.max_depth = kDeepestTree;
        options.allow_invalid_utf8 = true;
        boost::system::error_code error;
        json::value value = json::parse(parsed.parse_tree, error, {}, options);
        if (!error) tree = std::move(value);
    }
    pg_query_free_parse_result(parsed);
    return tree;
}

std::string text_of(const json::value& raw, const std::string& text) {
    const auto begin = static_cast<std::size_t>(integer_field(raw, "stmt_location", 0));
    const auto length = static_cast<std::size_t>(integer_field(raw, "stmt_len", 0));
    if (begin >= text.size()) return {};
    return text.substr(begin, length == 0 ? std::string::npos : length);
}

}  // namespace

std::vector<SqlStatement> read_sql(const std::string& text) {
    const auto tree = parse_tree(text);
    const json::value* list = tree ? field(*tree, "stmts") : nullptr;
    if (tree && list == nullptr) return {};
    std::vector<SqlStatement> statements;
    if (list == nullptr || !list->is_array()) {
        statements.emplace_back().text = text;
        return statements;
    }
    const auto& raw = list->get_array();
    for (const json::value& item : raw) {
        const json::value* node = field(item, "stmt");
        if (node == nullptr) continue;
        // Offsets count from the beginning of the whole text, so the pieces of several are read
        // again by themselves.
        statements.push_back(raw.size() == 1 ? statement_from(*node, text)
                                             : read_statement(text_of(item, text)));
    }
    return statements;
}

SqlStatement read_statement(const std::string& text) {
    const auto tree = parse_tree(text);
    const json::value* list = tree ? field(*tree, "stmts") : nullptr;
    if (list != nullptr && list->is_array() && list->get_array().size() == 1)
        if (const json::value* node = field(list->get_array().front(), "stmt"))
            return statement_from(*node, text);
    SqlStatement unreadable;
    unreadable.text = text;
    return unreadable;
}

std::string SqlStatement::short_name() const {
    if (!tables.empty()) return verb + " " + tables.front().name;
    if (!functions.empty()) return verb + " " + functions.front() + "()";
    return verb;
}

}  // namespace hone::prove
