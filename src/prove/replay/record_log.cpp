#include "prove/replay/record_log.hpp"

#include <fmt/format.h>

#include "base/clock.hpp"
#include "base/units.hpp"
#include "prove/replay/log_file.hpp"
#include "prove/replay/log_sessions.hpp"

namespace hone::prove {

namespace {

constexpr std::uint64_t kRecordsPerUpdate = 10000;

void tell(Progress& progress, const LogFile& file) {
    const double whole = static_cast<double>(std::max<std::uint64_t>(1, file.bytes()));
    progress.update(
        static_cast<double>(file.bytes_read()) / whole,
        fmt::format("{} of {}",
                    format_for_people(Bytes{static_cast<std::int64_t>(file.bytes_read())}),
                    format_for_people(Bytes{static_cast<std::int64_t>(file.bytes())})));
}

// False when the recording is full.
Result<bool> read_one(const std::filesystem::path& path, LogSessions& sessions,
                      std::uint64_t& damaged, Progress& progress) {
    progress.step("reading " + path.string());
    HONE_TRY_ASSIGN(LogFile file, LogFile::open(path));
    bool room = true;
    for (std::uint64_t count = 1; room; ++count) {
        HONE_TRY_ASSIGN(const auto record, file.next());
        if (!record) break;
        room = sessions.take(*record);
        if (count % kRecordsPerUpdate == 0) tell(progress, file);
    }
    damaged += file.damaged();
    return room;
}

Error nothing_found(const Recording& recording, std::uint64_t damaged) {
    std::string wrong = "there is no statement in it that can be replayed";
    if (damaged > 0) wrong += fmt::format(", and {} records could not be read", damaged);
    for (const auto& [why, count] : recording.left_out)
        wrong += fmt::format("; {}: {}", why, count);
    return {ErrorCode::kInvalidArgument, "recording from the log", std::move(wrong),
            "the server needs log_destination = 'csvlog' or 'jsonlog', log_min_duration_statement "
            "= 0 (or log_statement = 'all') and lc_messages = 'C'"};
}

}  // namespace

Result<Recording> record_from_log(const RecordLogOptions& options, Progress& progress) {
    LogSessions sessions;
    std::uint64_t damaged = 0;
    for (const auto& path : options.files) {
        HONE_TRY_ASSIGN(const bool room, read_one(path, sessions, damaged, progress));
        if (!room) break;
    }
    Recording recording = sessions.finish(options.database);
    recording.recorded_at = utc_now_text();
    if (recording.transactions.empty()) return nothing_found(recording, damaged);
    if (damaged > 0) recording.left_out["record of the log that cannot be read"] = damaged;
    if (!(recording.seconds > 0))
        return Error{ErrorCode::kInvalidArgument, "recording from the log",
                     "everything in it happened in the same millisecond", "name a longer log"};
    return recording;
}

}  // namespace hone::prove
