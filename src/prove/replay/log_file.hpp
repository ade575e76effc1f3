// prove/replay/log_file.hpp - cuts a log file of any size into records, one at a time.
//
// Shape    the format is seen from the first character: { is a jsonlog. A record of a csvlog may
//          span lines. Where one was torn (the server was killed while it wrote), the next line
//          that begins like a record begins a new one.
// Errors   open, next: as the operating system says; next: cancelled (Ctrl-C).
// Limits   memory: one record of at most kLongestRecord, and a chunk; longer ones are skipped and
//          counted as damaged.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/descriptor.hpp"
#include "base/result.hpp"
#include "base/units.hpp"
#include "prove/replay/log_record.hpp"

namespace hone::prove {

inline constexpr Bytes kLongestRecord = Bytes::mega(4);

class LogFile {
  public:
    static Result<LogFile> open(const std::filesystem::path& path);

    // None at the end of the file. What cannot be read as a record is skipped.
    Result<std::optional<LogRecord>> next();

    std::uint64_t bytes() const { return size_; }
    std::uint64_t bytes_read() const { return consumed_; }
    std::uint64_t damaged() const { return damaged_; }

  private:
    LogFile(std::filesystem::path path, std::unique_ptr<Descriptor> file, std::uint64_t size)
        : path_(std::move(path)), file_(std::move(file)), size_(size) {}
    Result<bool> fill();
    Result<std::optional<std::string_view>> next_text();
    std::optional<std::size_t> end_of_record();
    std::optional<std::size_t> end_of_csv_record();
    void skip_overlong();
    void consume(std::size_t bytes);

    std::filesystem::path path_;
    std::unique_ptr<Descriptor> file_;
    std::uint64_t size_ = 0;
    std::uint64_t consumed_ = 0;
    std::uint64_t damaged_ = 0;
    std::string buffer_;      // from begin_ on: not yet given out
    std::size_t begin_ = 0;   // of the record that is being looked for
    std::size_t looked_ = 0;  // up to here it was looked at
    bool quoted_ = false;     // looked_ is within quotes
    bool at_end_ = false;     // of the file
    bool skipping_ = false;   // the rest of a record that is too long
    std::optional<bool> is_json_;
};

}  // namespace hone::prove
