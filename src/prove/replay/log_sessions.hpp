// prove/replay/log_sessions.hpp - puts the messages of a log together again: which statements made
// one transaction.
//
// Shape    by session: from BEGIN to COMMIT; without them, statements of one virtual transaction id
//          belong together, and every other one stands alone. What failed or was rolled back after
//          it had written is left out.
// Threads  one.
// Limits   kMostSessions that are open at once: beyond, the one that was quiet longest is closed.
//          kMostCallsOfTransaction: what is longer is cut there. The bounds of recording.hpp.
#pragma once

#include <list>
#include <string>
#include <unordered_map>
#include <vector>

#include "prove/replay/log_record.hpp"
#include "prove/replay/recording.hpp"
#include "prove/replay/statement_catalogue.hpp"

namespace hone::prove {

inline constexpr std::size_t kMostSessions = 10000;
// Different pairs of database and user.
inline constexpr std::size_t kMostOrigins = 1000;

class LogSessions {
  public:
    // False when a bound was reached: the recording ends here.
    bool take(const LogRecord& record);

    // Everything of one database ("" for the one with the most transactions), sorted by time.
    // Transactions of others are counted as left out.
    Recording finish(const std::string& database);

  private:
    struct Session {
        std::string id;
        std::uint32_t origin = 0;
        bool in_block = false;  // after BEGIN
        bool aborted = false;   // the block failed: what follows has no effect
        bool writes = false;
        std::string virtual_transaction;
        std::string last_sql;
        RecordedTransaction transaction;
    };
    using Sessions = std::list<Session>;  // the last used first
    struct Kept {
        RecordedTransaction transaction;
        std::uint32_t origin = 0;
    };

    Session& session_of(const LogRecord& record);
    std::uint32_t origin_of(const LogRecord& record);
    void take_statement(Session& session, const LogEvent& event, const LogRecord& record);
    void take_one(Session& session, const SeenStatement& seen, const LogEvent& event);
    void add_call(Session& session, const SeenStatement& seen, const LogEvent& event);
    void fail(Session& session, const LogRecord& record);
    void begin(Session& session, double at_seconds);
    void end(Session& session);
    void roll_back(Session& session);
    void leave_out(const std::string& why, std::uint64_t calls = 1);
    std::string busiest_database() const;
    void note_time(double at_seconds);
    void select(Recording& recording);

    StatementCatalogue catalogue_;
    Sessions sessions_;
    std::unordered_map<std::string, Sessions::iterator> by_id_;
    std::vector<std::pair<std::string, std::string>> origins_;  // database, user
    std::vector<Kept> kept_;
    std::uint64_t sessions_seen_ = 0;
    std::size_t parameter_bytes_ = 0;
    bool timed_ = false;
    double first_seconds_ = 0;
    double last_seconds_ = 0;
    bool cut_off_ = false;
    LeftOut left_out_;
};

// Keeps only the statements that a transaction needs, renumbered, and counts their calls.
void drop_unused_statements(Recording& recording);

}  // namespace hone::prove
