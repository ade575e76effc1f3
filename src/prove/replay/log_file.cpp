#include "prove/replay/log_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/interrupt.hpp"

namespace hone::prove {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kChunkBytes = 1024 * 1024;
// "2024-05-01 12:00:00.123 " and a time zone's name, then a comma.
constexpr std::size_t kTimeBytes = 23;
constexpr std::size_t kLongestTimeField = 64;

enum class Head { kYes, kNo, kTooShort };

// Whether a csvlog record begins here: a time, and a user's name in quotes or none.
Head record_head(std::string_view text) {
    if (text.size() < kLongestTimeField + 2) {
        if (text.find('\n') == std::string_view::npos) return Head::kTooShort;
    }
    const std::size_t comma = text.substr(0, kLongestTimeField).find(',');
    if (comma == std::string_view::npos || comma < kTimeBytes || comma + 1 >= text.size())
        return Head::kNo;
    const bool is_head = text[19] == '.' && log_time(text.substr(0, comma)).has_value() &&
                         (text[comma + 1] == '"' || text[comma + 1] == ',');
    return is_head ? Head::kYes : Head::kNo;
}

}  // namespace

Result<LogFile> LogFile::open(const fs::path& path) {
    auto file = std::make_unique<Descriptor>(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat facts{};
    if (!file->valid() || ::fstat(file->number(), &facts) != 0)
        return error_from_errno(errno, "reading the log '" + path.string() + "'");
    if (!S_ISREG(facts.st_mode))
        return Error{ErrorCode::kInvalidArgument, "reading the log '" + path.string() + "'",
                     "it is not a regular file", "name the log files one by one"};
    return LogFile(path, std::move(file), static_cast<std::uint64_t>(facts.st_size));
}

// False at the end of the file.
Result<bool> LogFile::fill() {
    if (interrupt_came())
        return Error{ErrorCode::kCancelled, "reading the log '" + path_.string() + "'",
                     "it was interrupted", "nothing was written"};
    buffer_.erase(0, begin_);
    looked_ -= begin_;
    begin_ = 0;
    const std::size_t filled = buffer_.size();
    buffer_.resize(filled + kChunkBytes);
    ssize_t got = 0;
    do {
        got = ::read(file_->number(), buffer_.data() + filled, kChunkBytes);
    } while (got < 0 && errno == EINTR);
    const int problem = errno;
    buffer_.resize(filled + static_cast<std::size_t>(std::max<ssize_t>(0, got)));
    if (got < 0) return error_from_errno(problem, "reading the log '" + path_.string() + "'");
    return got > 0;
}

void LogFile::consume(std::size_t bytes) {
    begin_ += bytes;
    consumed_ += bytes;
    looked_ = begin_;
    quoted_ = false;
}

std::optional<std::size_t> LogFile::end_of_csv_record() {
    for (; looked_ < buffer_.size(); ++looked_) {
        if (buffer_[looked_] == '"') quoted_ = !quoted_;
        if (buffer_[looked_] != '\n') continue;
        if (!quoted_) return looked_;
        const Head head = record_head(std::string_view(buffer_).substr(looked_ + 1));
        if (head == Head::kYes) return looked_;
        if (head == Head::kTooShort && !at_end_) return std::nullopt;
    }
    return std::nullopt;
}

std::optional<std::size_t> LogFile::end_of_record() {
    if (!*is_json_) return end_of_csv_record();
    const std::size_t end = buffer_.find('\n', looked_);
    looked_ = buffer_.size();
    return end == std::string::npos ? std::nullopt : std::optional(end);
}

// What was read of it is forgotten; the rest goes when its end is found.
void LogFile::skip_overlong() {
    if (!skipping_) ++damaged_;
    skipping_ = true;
    const bool quoted = quoted_;
    consume(buffer_.size() - begin_);
    quoted_ = quoted;
}

Result<std::optional<std::string_view>> LogFile::next_text() {
    using Text = std::optional<std::string_view>;
    for (;;) {
        if (is_json_ || begin_ < buffer_.size()) {
            if (!is_json_)
                is_json_ = buffer_.find_first_not_of(" \t\r\n") != std::string::npos &&
                           buffer_[buffer_.find_first_not_of(" \t\r\n")] == '{';
            if (const auto end = end_of_record()) {
                const std::string_view text =
                    std::string_view(buffer_).substr(begin_, *end - begin_);
                consume(*end + 1 - begin_);
                if (!skipping_) return Text{text};
                skipping_ = false;
                continue;
            }
        }
        if (at_end_) {
            const std::string_view rest = std::string_view(buffer_).substr(begin_);
            consume(rest.size());
            return rest.empty() || skipping_ ? Text{} : Text{rest};
        }
        if (buffer_.size() - begin_ > static_cast<std::size_t>(kLongestRecord.count()))
            skip_overlong();
        HONE_TRY_ASSIGN(const bool more, fill());
        at_end_ = !more;
    }
}

Result<std::optional<LogRecord>> LogFile::next() {
    for (;;) {
        HONE_TRY_ASSIGN(const auto text, next_text());
        if (!text) return std::optional<LogRecord>{};
        if (text->empty()) continue;
        auto record = *is_json_ ? record_from_json(*text) : record_from_csv(*text);
        if (record) return record;
        ++damaged_;
    }
}

}  // namespace hone::prove
