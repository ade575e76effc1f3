#include "host/probe.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include "base/random.hpp"
#include "base/units.hpp"

namespace hone::host {

namespace {

constexpr std::size_t kBlock = 8192;  // PostgreSQL's page
constexpr std::size_t kChunk = 1 << 20;
constexpr Bytes kFileSize =
    Bytes::mega(64);  // past most devices' own read-ahead; written within the budget by a slow disk
constexpr std::size_t kMostSamples = 1000;
constexpr std::size_t kFewestSamples = 5;
constexpr double kWritingShare = 0.4;  // of the budget, for making the file
constexpr double kFlushShare = 0.6;    // of what remains

// A server whose data folder fills up stops: the probe stays away long before.
constexpr Bytes kLeastFreeSpace = Bytes::mega(512);

// A spinning disk needs a seek and half a turn, 4 ms and more; no flash does. NVMe answers a read
// in about 0.1 ms, SATA flash and network block devices in 0.15 ms to 2 ms.
constexpr double kNvmeReadSeconds = 0.00015;
constexpr double kSsdReadSeconds = 0.002;
// Without O_DIRECT: a flush on flash without a protected cache takes 0.5 ms to 5 ms, on a spinning
// disk a turn, 8 ms.
constexpr double kNvmeFlushSeconds = 0.0002;
constexpr double kSsdFlushSeconds = 0.006;

struct FreeDeleter {
    void operator()(void* memory) const { std::free(memory); }
};
using AlignedBuffer = std::unique_ptr<char, FreeDeleter>;

AlignedBuffer aligned_buffer(std::size_t size) {
    AlignedBuffer buffer(static_cast<char*>(std::aligned_alloc(4096, size)));
    HONE_ASSERT(buffer != nullptr);
    // Not zeros: a file system that compresses would write nothing.
    Random random(42);
    for (std::size_t at = 0; at < size; ++at) buffer.get()[at] = static_cast<char>(random.next());
    return buffer;
}

class ProbeFile {
  public:
    static Result<ProbeFile> create(const std::filesystem::path& folder) {
        const std::string tried = "measuring the storage of '" + folder.string() + "'";
        int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        if (file < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
            std::string name = (folder / ".hone-probe-XXXXXX").string();
            file = ::mkostemp(name.data(), O_CLOEXEC);
            if (file >= 0) ::unlink(name.c_str());
        }
        if (file < 0) return error_from_errno(errno, tried);
        return ProbeFile(file);
    }
    ProbeFile(ProbeFile&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
    ProbeFile& operator=(ProbeFile&&) = delete;
    ~ProbeFile() {
        if (file_ >= 0) ::close(file_);
    }
    int number() const { return file_; }

  private:
    explicit ProbeFile(int file) : file_(file) {}
    int file_;
};

Status refuse_full(const ProbeFile& file, const std::filesystem::path& folder) {
    const std::string tried = "measuring the storage of '" + folder.string() + "'";
    struct statvfs facts{};
    if (::fstatvfs(file.number(), &facts) != 0) return error_from_errno(errno, tried);
    // In doubles, because some file systems report more than fits into 63 bits.
    const double free = static_cast<double>(facts.f_bavail) * static_cast<double>(facts.f_frsize);
    if (free >= static_cast<double>(kLeastFreeSpace.count())) return {};
    return Error{ErrorCode::kExhausted, tried,
                 "less than " + format_for_people(kLeastFreeSpace) + " is free there",
                 "make room, or state the storage with --storage"};
}

double median(std::vector<double>& samples) {
    const auto middle = samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2);
    std::nth_element(samples.begin(), middle, samples.end());
    return *middle;
}

// Writes until the file is full or the time is up; returns the bytes written.
Result<Bytes> fill(int file, Deadline deadline) {
    const AlignedBuffer chunk = aligned_buffer(kChunk);
    Bytes written;
    while (written < kFileSize && !deadline.expired()) {
        const ssize_t got = ::write(file, chunk.get(), kChunk);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return error_from_errno(errno, "writing the probe's file");
        written += Bytes{got};
    }
    if (::fdatasync(file) != 0) return error_from_errno(errno, "flushing the probe's file");
    return written;
}

Result<std::vector<double>> time_flushes(int file, Deadline deadline) {
    const AlignedBuffer block = aligned_buffer(kBlock);
    std::vector<double> samples;
    while (samples.size() < kMostSamples &&
           (samples.size() < kFewestSamples || !deadline.expired())) {
        const double begin = monotonic_seconds();
        if (::write(file, block.get(), kBlock) < 0 || ::fdatasync(file) != 0)
            return error_from_errno(errno, "flushing the probe's file");
        samples.push_back(monotonic_seconds() - begin);
    }
    return samples;
}

// Empty where O_DIRECT is not to be had.
std::vector<double> time_reads(int file, Bytes size, Deadline deadline) {
    std::vector<double> samples;
    const auto blocks = static_cast<std::uint64_t>(size.count()) / kBlock;
    if (blocks == 0 || ::fcntl(file, F_SETFL, O_DIRECT) != 0) return samples;
    const AlignedBuffer block = aligned_buffer(kBlock);
    Random random(Random::fresh_seed());
    while (samples.size() < kMostSamples &&
           (samples.size() < kFewestSamples || !deadline.expired())) {
        const auto offset = static_cast<off_t>(random.below(blocks) * kBlock);
        const double begin = monotonic_seconds();
        if (::pread(file, block.get(), kBlock, offset) != static_cast<ssize_t>(kBlock)) return {};
        samples.push_back(monotonic_seconds() - begin);
    }
    return samples;
}

}  // namespace

Result<ProbeResult> probe_storage(const std::filesystem::path& folder, Seconds budget) {
    const Deadline end = Deadline::after(budget);
    HONE_TRY_ASSIGN(const ProbeFile file, ProbeFile::create(folder));
    HONE_TRY(refuse_full(file, folder));
    HONE_TRY_ASSIGN(const Bytes size, fill(file.number(), Deadline::after(budget * kWritingShare)));
    HONE_TRY_ASSIGN(auto flushes,
                    time_flushes(file.number(), Deadline::after(end.remaining() * kFlushShare)));
    auto reads = time_reads(file.number(), size, end);
    ProbeResult result{.fdatasync_seconds = median(flushes), .random_read_seconds = std::nullopt};
    if (!reads.empty()) result.random_read_seconds = median(reads);
    return result;
}

StorageClass classify(const ProbeResult& result) {
    const bool has_read = result.random_read_seconds.has_value();
    const double seconds = result.random_read_seconds.value_or(result.fdatasync_seconds);
    if (seconds <= (has_read ? kNvmeReadSeconds : kNvmeFlushSeconds)) return StorageClass::kNvme;
    if (seconds <= (has_read ? kSsdReadSeconds : kSsdFlushSeconds)) return StorageClass::kSsd;
    return StorageClass::kHdd;
}

}  // namespace hone::host
