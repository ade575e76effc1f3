#include "engines/postgres/config_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/file.hpp"
#include "base/text.hpp"
#include "engines/postgres/config_lexer.hpp"
#include "model/setting.hpp"

namespace hone::postgres {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDeepestInclude = 10;
constexpr std::size_t kMostFiles = 1000;
// After this many the server gives up on a file, too.
constexpr std::size_t kMostSyntaxErrors = 100;
// A file may include others again and again; what no server has is refused.
constexpr std::size_t kMostEntries = 100'000;

constexpr std::array<std::string_view, 3> kIncludes{"include", "include_dir", "include_if_exists"};

bool is_include(std::string_view name) {
    return std::find(kIncludes.begin(), kIncludes.end(), name) != kIncludes.end();
}

bool is_value(TokenKind kind) {
    return kind == TokenKind::kName || kind == TokenKind::kQuoted || kind == TokenKind::kUnquoted ||
           kind == TokenKind::kNumber;
}

bool ends_line(const Token& token) {
    return token.kind == TokenKind::kEndOfLine || token.kind == TokenKind::kEnd;
}

// Where the first token is wrong, `token` is the one that the error is about.
std::optional<ConfigEntry> read_entry(ConfigLexer& lexer, Token& token, const fs::path& file) {
    const Token name = token;
    if (name.kind != TokenKind::kName && name.kind != TokenKind::kQualifiedName)
        return std::nullopt;
    token = lexer.next();
    if (token.kind == TokenKind::kEquals) token = lexer.next();
    if (!is_value(token.kind)) return std::nullopt;
    const Token value = token;
    token = lexer.next();
    if (!ends_line(token)) return std::nullopt;
    return ConfigEntry{
        .name = to_lower(name.text),
        .value = value.kind == TokenKind::kQuoted ? unescaped(value.text) : std::string(value.text),
        .file = file,
        .line = name.line};
}

std::string syntax_error(const Token& token) {
    if (ends_line(token)) return "syntax error near the end of the line";
    return fmt::format("syntax error near '{}'", printable(token.text, 60));
}

// Follows the includes of one main file in the order in which the server does.
class TreeReader {
  public:
    explicit TreeReader(ConfigTree& tree) : tree_(tree) {}

    void add_text(std::string_view text, const fs::path& file) {
        tree_.files.push_back(file);
        open_files_.push_back(file);
        ConfigText parsed = parse_config_text(text, file);
        std::move(parsed.problems.begin(), parsed.problems.end(),
                  std::back_inserter(tree_.problems));
        for (ConfigEntry& entry : parsed.entries) {
            if (is_include(entry.name))
                follow(entry);
            else if (tree_.entries.size() < kMostEntries)
                tree_.entries.push_back(std::move(entry));
            else
                return report(entry, "more settings than a server can have: reading stops here");
        }
        open_files_.pop_back();
    }

  private:
    void report(const ConfigEntry& at, std::string message) {
        tree_.problems.push_back({at.file, at.line, std::move(message)});
    }

    void follow(const ConfigEntry& include) {
        if (trim(include.value).empty()) return report(include, include.name + " names nothing");
        const fs::path target =
            (include.file.parent_path() / fs::path(include.value)).lexically_normal();
        if (include.name == "include_dir")
            follow_folder(include, target);
        else
            follow_file(include, target, include.name == "include");
    }

    void follow_folder(const ConfigEntry& include, const fs::path& folder) {
        tree_.include_folders.push_back(folder);
        const std::size_t first = tree_.entries.size();
        add_folder(include, folder);
        tree_.include_places.push_back({folder, first, tree_.entries.size()});
    }

    void add_folder(const ConfigEntry& include, const fs::path& folder) {
        const auto names = list_folder(folder);
        if (!names.ok()) return report(include, names.error().message());
        for (const std::string& name : *names) {
            std::error_code ignored;
            const bool wanted = name.ends_with(".conf") && !name.starts_with('.') &&
                                !fs::is_directory(folder / name, ignored);
            if (wanted) follow_file(include, folder / name, true);
        }
    }

    void follow_file(const ConfigEntry& include, const fs::path& file, bool must_exist) {
        if (open_files_.size() > kDeepestInclude)
            return report(include, fmt::format("'{}' would be nested deeper than {} levels",
                                               file.string(), kDeepestInclude));
        if (std::find(open_files_.begin(), open_files_.end(), file) != open_files_.end())
            return report(include, fmt::format("'{}' includes itself", file.string()));
        if (tree_.files.size() >= kMostFiles)
            return report(include, fmt::format("more than {} files are included", kMostFiles));
        const auto text = read_file(file);
        if (text.ok()) return add_text(*text, file);
        if (must_exist || text.error().code() != ErrorCode::kNotFound)
            report(include, text.error().message());
    }

    ConfigTree& tree_;
    std::vector<fs::path> open_files_;
};

}  // namespace

const ConfigEntry* ConfigTree::winner(std::string_view name) const {
    const std::string lower = to_lower(name);
    const auto last = std::find_if(entries.rbegin(), entries.rend(),
                                   [&](const ConfigEntry& entry) { return entry.name == lower; });
    return last == entries.rend() ? nullptr : &*last;
}

ConfigText parse_config_text(std::string_view text, const fs::path& file) {
    ConfigText parsed;
    ConfigLexer lexer(text);
    for (Token token = lexer.next(); token.kind != TokenKind::kEnd;) {
        if (token.kind == TokenKind::kEndOfLine) {
            token = lexer.next();
            continue;
        }
        if (auto entry = read_entry(lexer, token, file)) {
            parsed.entries.push_back(std::move(*entry));
            continue;
        }
        parsed.problems.push_back({file, token.line, syntax_error(token)});
        if (parsed.problems.size() >= kMostSyntaxErrors) {
            parsed.problems.push_back({file, token.line, "too many errors: reading stops here"});
            break;
        }
        while (!ends_line(token)) token = lexer.next();
    }
    return parsed;
}

Result<ConfigTree> read_config_tree(const fs::path& main_file, const fs::path& auto_config_file) {
    ConfigTree tree;
    HONE_TRY_ASSIGN(const std::string text, read_file(main_file));
    TreeReader(tree).add_text(text, main_file);
    if (auto_config_file.empty()) return tree;
    const auto automatic = read_file(auto_config_file);
    if (automatic.ok())
        TreeReader(tree).add_text(*automatic, auto_config_file);
    else if (automatic.error().code() != ErrorCode::kNotFound)
        tree.problems.push_back({auto_config_file, 0, automatic.error().message()});
    return tree;
}

std::string config_line(std::string_view name, std::string_view display_value) {
    return fmt::format("{} = {}", name, quoted_for_config(display_value));
}

}  // namespace hone::postgres
