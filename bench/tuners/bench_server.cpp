#include "bench/tuners/bench_server.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "base/descriptor.hpp"

namespace hone::bench {

namespace {

namespace fs = std::filesystem;

// Written out first: pages that are still to be written cannot be forgotten.
void forget_pages_of(const fs::path& folder) {
    std::error_code ignored;
    for (fs::recursive_directory_iterator entry(folder, ignored), end; entry != end;
         entry.increment(ignored)) {
        if (ignored || !entry->is_regular_file(ignored)) continue;
        const Descriptor file(::open(entry->path().c_str(), O_RDONLY | O_CLOEXEC));
        if (!file.valid()) continue;
        ::fdatasync(file.number());
        ::posix_fadvise(file.number(), 0, 0, POSIX_FADV_DONTNEED);
    }
}

}  // namespace

Result<BenchServer> BenchServer::make(const ServerPlace& place, Deadline deadline) {
    postgres::ScratchOptions options;
    options.bin_directory = place.bin_directory;
    HONE_TRY_ASSIGN(options.owner, postgres::scratch_owner());
    options.parent_folder = place.parent_folder;
    options.cache_folder = place.cache_folder;
    options.template_data = place.template_data;
    HONE_TRY_ASSIGN(auto server, postgres::ScratchServer::prepare(options, deadline));
    if (!place.template_data.empty()) forget_pages_of(server.data_directory());
    return BenchServer(std::move(server));
}

BenchServer::~BenchServer() {
    static_cast<void>(freeze(false).ok());
}

// Whatever comes of it, this process must not stay in the group.
Status BenchServer::start_in_group(Deadline deadline) {
    const Status entered = group_->enter();
    Status started = entered.ok() ? server_.start(deadline) : entered;
    HONE_TRY(group_->leave());
    return started;
}

Status BenchServer::start(const std::string& name, const Settings& settings,
                          const std::optional<ResourceLimits>& limits, Deadline deadline) {
    HONE_TRY(server_.configure(settings));
    if (limits) {
        HONE_TRY_ASSIGN(group_, ResourceGroup::make(name, *limits));
    }
    HONE_TRY(group_ ? start_in_group(deadline) : server_.start(deadline));
    HONE_TRY_ASSIGN(connection_, server_.connect(deadline));
    return {};
}

Status BenchServer::stop(Deadline deadline) {
    HONE_TRY(freeze(false));
    connection_.reset();
    HONE_TRY(server_.stop(deadline));
    group_.reset();
    return {};
}

Status BenchServer::query(const std::string& sql, Deadline deadline) {
    HONE_TRY(connection_->query(sql, deadline));
    return {};
}

Result<Awake> Awake::make(BenchServer& server) {
    HONE_TRY(server.freeze(false));
    return Awake(server);
}

// A server that cannot be frozen again goes on: the measurement is noisier for it, and nothing worse.
Awake::~Awake() {
    if (server_ != nullptr) static_cast<void>(server_->freeze(true).ok());
}

}  // namespace hone::bench
