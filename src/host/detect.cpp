#include "host/detect.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "host/cgroup.hpp"
#include "host/memory.hpp"
#include "host/probe.hpp"
#include "host/processor.hpp"
#include "host/services.hpp"
#include "host/storage.hpp"
#include "host/system.hpp"
#include "host/tree.hpp"
#include "host/zfs.hpp"

namespace hone::host {

namespace {

namespace fs = std::filesystem;

constexpr Seconds kProbeBudget{1.8};

fs::path folder_of_interest(const Tree& tree, const DetectOptions& options, const Host& host) {
    if (!options.folder.empty()) return options.folder;
    if (!host.postgres.empty()) return host.postgres.front().data_directory;
    return tree.exists("/var/lib") || !tree.is_this_machine() ? "/var/lib" : "/";
}

// The folder itself, or the nearest one above it on the same device that we may write to; else
// /var/tmp and /tmp.
std::optional<fs::path> writable_folder(const Tree& tree, const StorageFacts& storage) {
    const auto on_same_device = [&](const fs::path& folder) {
        const auto other = read_storage(tree, folder);
        return !other.empty() && other.front().device == storage.device &&
               other.front().mount_point == storage.mount_point;
    };
    for (fs::path folder = storage.folder; !folder.empty(); folder = folder.parent_path()) {
        if (::access(folder.c_str(), W_OK) == 0 && on_same_device(folder)) return folder;
        if (folder == folder.root_path()) break;
    }
    for (const char* folder : {"/var/tmp", "/tmp"})
        if (::access(folder, W_OK) == 0 && on_same_device(folder)) return folder;
    return std::nullopt;
}

void measure(const Tree& tree, StorageFacts& storage) {
    const auto folder = writable_folder(tree, storage);
    if (!folder) {
        const std::string why = "no folder on that file system may be written to";
        storage.fdatasync_seconds = unknown_fact<double>(why);
        storage.random_read_seconds = unknown_fact<double>(why);
        return;
    }
    const auto result = probe_storage(*folder, kProbeBudget);
    if (!result.ok()) {
        storage.fdatasync_seconds = unknown_fact<double>(result.error().wrong());
        storage.random_read_seconds = unknown_fact<double>(result.error().wrong());
        return;
    }
    const std::string source = "probe in " + folder->string();
    storage.fdatasync_seconds = {result->fdatasync_seconds, source, Confidence::kMeasured};
    storage.random_read_seconds =
        result->random_read_seconds
            ? Fact<double>{result->random_read_seconds, source, Confidence::kMeasured}
            : unknown_fact<double>("the file system has no O_DIRECT");
    storage.storage_class = {classify(*result), source, Confidence::kMeasured};
}

// On bare metal a SATA or SAS disk tells the truth about its platters; a virtual one need not.
void infer_classes(Host& host) {
    if (host.virtualization.value != "none") return;
    for (StorageFacts& storage : host.storage) {
        const bool honest = storage.transport.value == "sata" || storage.transport.value == "sas";
        if (!honest || storage.storage_class.value || !storage.rotational.value) continue;
        storage.storage_class = {
            *storage.rotational.value ? StorageClass::kHdd : StorageClass::kSsd,
            storage.rotational.source, Confidence::kInferred};
    }
}

}  // namespace

Host detect(const DetectOptions& options, Progress& progress) {
    const Tree tree(options.root);
    Host host;
    const CgroupLimits limits = read_cgroup_limits(tree);
    host.cgroup = limits.facts;
    host.memory = read_memory(tree, limits);
    host.cpu = read_processor(tree, limits);
    read_system(tree, host);
    host.zfs = read_zfs(tree);
    read_services(tree, host);
    host.storage = read_storage(tree, folder_of_interest(tree, options, host));
    infer_classes(host);
    const bool has_folder = !host.storage.empty() && !host.storage.front().folder.empty();
    if (options.probe && tree.is_this_machine() && has_folder) {
        progress.step("measuring the storage of " + host.storage.front().folder);
        measure(tree, host.storage.front());
    }
    return host;
}

}  // namespace hone::host
