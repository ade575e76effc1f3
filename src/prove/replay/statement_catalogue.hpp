// prove/replay/statement_catalogue.hpp - the different statements of a recording, each kept once.
//
// Shape    constants become parameters where that changes neither types nor meaning (compared with,
//          stored, LIMIT), so that "id = 1" and "id = 2" are one statement. What was found out
//          about a text is remembered by its skeleton, so that the grammar runs once per kind of
//          statement and not once per line of a log.
// Threads  one.
// Limits   kMostStatements; kMostSkeletons and kLargestMemory of what is remembered (then it is
//          forgotten, and found out again).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/units.hpp"
#include "prove/replay/recording.hpp"
#include "prove/replay/sql_statement.hpp"
#include "prove/replay/sql_tokens.hpp"

namespace hone::prove {

inline constexpr std::size_t kMostSkeletons = 20000;
inline constexpr Bytes kLargestMemory = Bytes::mega(64);

// What one statement of a text is to the recording.
struct SeenStatement {
    StatementKind kind = StatementKind::kUnreadable;
    std::optional<std::uint32_t> statement;  // none: there is no room for another one
    int parameters = 0;                      // that its text had
    std::vector<RecordedValue> constants;    // that became parameters, in order
};

class StatementCatalogue {
  public:
    std::vector<SeenStatement> see(const std::string& text);
    const std::vector<RecordedStatement>& statements() const { return statements_; }
    std::vector<RecordedStatement> take() { return std::move(statements_); }
    std::size_t bytes() const { return statement_bytes_; }

  private:
    struct LiftedConstant {
        std::size_t token = 0;  // among those that are no comments
        bool is_signed = false;
    };
    struct Known {
        StatementKind kind = StatementKind::kUnreadable;
        std::optional<std::uint32_t> statement;
        int parameters = 0;
        std::vector<LiftedConstant> lifted;
    };
    SeenStatement see_one(const SqlStatement& statement, const std::vector<SqlToken>& tokens,
                          const std::string& skeleton);
    Known learn(const SqlStatement& statement, const std::vector<SqlToken>& tokens);
    std::optional<std::uint32_t> keep(const std::string& sql, std::vector<std::uint32_t> types);
    static std::vector<LiftedConstant> liftable(const SqlStatement& statement,
                                                const std::vector<SqlToken>& tokens);
    static SeenStatement recalled(const Known& known, const std::string& text,
                                  const std::vector<SqlToken>& tokens);
    void remember(const std::string& skeleton, const Known& known);

    std::vector<RecordedStatement> statements_;
    std::size_t statement_bytes_ = 0;
    std::unordered_map<std::string, std::uint32_t> by_text_;
    std::unordered_map<std::string, Known> by_skeleton_;
    std::size_t remembered_bytes_ = 0;
};

}  // namespace hone::prove
