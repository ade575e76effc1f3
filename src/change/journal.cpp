#include "change/journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/clock.hpp"
#include "base/failpoint.hpp"
#include "base/file.hpp"
#include "base/hash.hpp"

namespace hone::change {

namespace {

constexpr std::size_t kChecksumDigits = 16;

std::string chained_checksum(std::string_view previous, const json::object& record) {
    return sha256_hex(std::string(previous) + to_json_line(record)).substr(0, kChecksumDigits);
}

Result<JournalRecord> record_from_line(std::string_view line, std::string_view previous_checksum,
                                       std::string& checksum) {
    HONE_TRY_ASSIGN(json::value document, parse_json(line, "journal"));
    const JsonReader reader(document, "record");
    HONE_TRY_ASSIGN(checksum, reader.text("checksum"));
    JournalRecord record;
    HONE_TRY_ASSIGN(record.sequence, reader.integer("sequence"));
    HONE_TRY_ASSIGN(record.time, reader.text("time"));
    HONE_TRY_ASSIGN(record.event, reader.text("event"));
    HONE_TRY_ASSIGN(const JsonReader detail, reader.object("detail"));
    record.detail = detail.value().get_object();
    document.get_object().erase("checksum");
    if (chained_checksum(previous_checksum, document.get_object()) != checksum)
        return Error{ErrorCode::kDataLoss, "reading the journal", "a checksum does not match"};
    return record;
}

Error damaged(const std::filesystem::path& path, std::int64_t line) {
    return Error{ErrorCode::kDataLoss, fmt::format("reading the journal '{}'", path.string()),
                 fmt::format("line {} is damaged, and lines follow it", line),
                 fmt::format("compare the configuration files with the backup in '{}'",
                             (path.parent_path() / "backup").string())};
}

}  // namespace

Result<JournalContent> read_journal(const std::filesystem::path& path) {
    HONE_TRY_ASSIGN(const std::string text, read_file(path));
    JournalContent content;
    std::size_t start = 0;
    while (start < text.size()) {
        const std::size_t end = text.find('\n', start);
        const bool complete = end != std::string::npos;
        const auto line = std::string_view(text).substr(start, complete ? end - start : end);
        const auto number = static_cast<std::int64_t>(content.records.size()) + 1;
        std::string checksum;
        auto record = record_from_line(line, content.last_checksum, checksum);
        if (!complete || !record.ok() || record->sequence != number) {
            if (complete && end + 1 < text.size()) return damaged(path, number);
            content.torn_tail = true;
            return content;
        }
        content.records.push_back(std::move(record).value());
        content.last_checksum = checksum;
        start = end + 1;
        content.valid_bytes = static_cast<std::int64_t>(start);
    }
    return content;
}

const JournalRecord* last_record(const std::vector<JournalRecord>& records,
                                 std::string_view event) {
    for (auto record = records.rbegin(); record != records.rend(); ++record)
        if (record->event == event) return &*record;
    return nullptr;
}

Result<Journal> Journal::create(const std::filesystem::path& path) {
    const std::string tried = fmt::format("making the journal '{}'", path.string());
    if (const int failure = HONE_FAILPOINT_ERROR("journal.create"))
        return error_from_errno(failure, tried);
    const int descriptor =
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
    if (descriptor < 0) return error_from_errno(errno, tried);
    Journal journal(descriptor, path, {});
    HONE_TRY(fsync_folder(path.parent_path()));
    return journal;
}

Result<Journal> Journal::open(const std::filesystem::path& path) {
    const std::string tried = fmt::format("opening the journal '{}'", path.string());
    HONE_TRY_ASSIGN(JournalContent content, read_journal(path));
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    if (descriptor < 0) return error_from_errno(errno, tried);
    const bool torn = content.torn_tail;
    const auto valid_bytes = static_cast<off_t>(content.valid_bytes);
    Journal journal(descriptor, path, std::move(content));
    if (torn && ::ftruncate(descriptor, valid_bytes) != 0) return error_from_errno(errno, tried);
    return journal;
}

Journal::Journal(Journal&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      path_(std::move(other.path_)),
      content_(std::move(other.content_)) {}

Journal& Journal::operator=(Journal&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(path_, other.path_);
    std::swap(content_, other.content_);
    return *this;
}

Journal::~Journal() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Status Journal::write_line(std::string_view line) {
    const std::string tried = fmt::format("writing the journal '{}'", path_.string());
    if (const int failure = HONE_FAILPOINT_ERROR("journal.write"))
        return error_from_errno(failure, tried);
    while (!line.empty()) {
        const ssize_t written = ::write(descriptor_, line.data(), line.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return error_from_errno(errno, tried);
        line.remove_prefix(static_cast<std::size_t>(written));
    }
    HONE_FAILPOINT("journal.before_fsync");
    if (const int failure = HONE_FAILPOINT_ERROR("journal.fsync"))
        return error_from_errno(failure, tried);
    if (::fsync(descriptor_) != 0) return error_from_errno(errno, tried);
    return {};
}

Status Journal::append(std::string_view event, json::object detail) {
    HONE_FAILPOINT("journal.before_append");
    JournalRecord record{.sequence = static_cast<std::int64_t>(content_.records.size()) + 1,
                         .time = utc_now_text(),
                         .event = std::string(event),
                         .detail = std::move(detail)};
    json::object document{{"sequence", record.sequence},
                          {"time", record.time},
                          {"event", record.event},
                          {"detail", record.detail}};
    const std::string checksum = chained_checksum(content_.last_checksum, document);
    document["checksum"] = checksum;
    const std::string line = to_json_line(document) + "\n";
    auto written = write_line(line);
    if (!written.ok()) {
        // Half a line must not stand in front of the next record.
        [[maybe_unused]] const int cut =
            ::ftruncate(descriptor_, static_cast<off_t>(content_.valid_bytes));
        return written;
    }
    content_.records.push_back(std::move(record));
    content_.last_checksum = checksum;
    content_.valid_bytes += static_cast<std::int64_t>(line.size());
    HONE_FAILPOINT("journal.after_append");
    return {};
}

}  // namespace hone::change
