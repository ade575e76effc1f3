// model/host.hpp - what a machine is: every fact with where it was read and how sure it is.
//
// Shape    a value; fields without a value were absent or unreadable, and their source says which.
// Units    Bytes; seconds; cores may be fractional (a quota of 1.5).
// Source   docs/reference/detect.md names the file behind each field.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/units.hpp"

namespace hone {

enum class Confidence {
    kMeasured,  // timed just now
    kRead,      // the kernel or the program says so
    kInferred,  // follows from something read
    kStated,    // a person said so on the command line
    kUnknown,
};
std::string_view to_string(Confidence confidence);

template <class T>
struct Fact {
    std::optional<T> value;
    std::string source;  // "/proc/meminfo MemTotal", "absent: /sys/fs/cgroup/memory.max"
    Confidence confidence = Confidence::kUnknown;

    bool known() const { return value.has_value(); }
    bool operator==(const Fact&) const = default;
};

template <class T>
Fact<T> read_fact(T value, std::string source) {
    return {std::move(value), std::move(source), Confidence::kRead};
}
template <class T>
Fact<T> unknown_fact(std::string why) {
    return {std::nullopt, std::move(why), Confidence::kUnknown};
}

struct MemoryFacts {
    Fact<Bytes> total;      // MemTotal
    Fact<Bytes> available;  // MemAvailable
    Fact<Bytes> limit;  // what binds: the smallest of total and every cgroup limit; source names it
    Fact<Bytes> swap_total;
    Fact<Bytes> zram_total;
    Fact<std::string> overcommit_mode;  // "0", "1", "2"
    Fact<Bytes> commit_limit;
    Fact<Bytes> huge_page_size;
    Fact<std::int64_t> huge_pages_total;
    Fact<std::int64_t> huge_pages_free;
    Fact<std::string> transparent_huge_pages;  // always, madvise, never
};

struct ProcessorFacts {
    Fact<std::int64_t> online;
    Fact<double> quota_cores;  // CPU bandwidth limit, the smallest up the hierarchy
    Fact<std::int64_t> cpuset_cores;
    Fact<double> limit_cores;  // what binds: the smallest of the above; source names it
    Fact<std::string> model;
    Fact<std::string> architecture;
    Fact<std::int64_t> numa_nodes;
};

// What a device is by its measured latency, not by what it says of itself.
enum class StorageClass { kNvme, kSsd, kHdd, kUnknown };
std::string_view to_string(StorageClass storage);
// "nvme", "ssd", "hdd", "unknown".
std::optional<StorageClass> storage_class_named(std::string_view name);

struct StorageFacts {
    std::string device;  // "vda", "nvme0n1"; "" where the folder's file system has no block device
    Fact<std::string> transport;  // nvme, virtio, sata, sas, usb, mmc, loop, dm, md, xen, none
    Fact<bool> rotational;        // as the kernel says it
    Fact<StorageClass> storage_class;
    Fact<double> fdatasync_seconds;    // median of an 8 kB append and fdatasync
    Fact<double> random_read_seconds;  // median of an 8 kB read with O_DIRECT
    Fact<Bytes> size;
    Fact<std::string> scheduler;
    // Of the folder that was asked about, where the device holds it.
    std::string folder;
    Fact<std::string> file_system;
    Fact<std::string> mount_point;
    Fact<std::string> mount_options;
    Fact<Bytes> free_space;
};

struct ZfsPool {
    std::string name;
    std::string state;
};

struct ZfsFacts {
    Fact<bool> available;
    std::vector<ZfsPool> pools;
};

// How a cluster is run, which decides who restarts it and where its settings may be written.
enum class ManagedBy { kDebian, kPlain, kSystemd, kContainer, kPatroni };
std::string_view to_string(ManagedBy managed_by);

struct PostgresFacts {
    std::string version;  // "15.20"; "15" where only PG_VERSION could be read
    std::string data_directory;
    std::optional<int> port;
    ManagedBy managed_by = ManagedBy::kPlain;
    std::string cluster;        // "15/main" of a Debian cluster, else ""
    std::string bin_directory;  // "" where unknown
    std::string config_file;    // "" where unknown
    std::optional<int> pid;     // of the running postmaster
    std::string owner;
    std::string source;
};

struct PostgresInstallation {
    std::string version;
    std::string bin_directory;
};

struct ServiceFacts {
    std::string name;  // redis, pgbouncer
    std::optional<int> pid;
    std::string program;
    std::string source;
};

struct CgroupFacts {
    Fact<std::string> version;  // "v1", "v2", "hybrid", "none"
    Fact<std::string> path;     // of this process, in the memory hierarchy
};

struct Host {
    MemoryFacts memory;
    ProcessorFacts cpu;
    CgroupFacts cgroup;
    Fact<std::string> kernel;  // "6.1.0-18-amd64"
    Fact<std::string> operating_system;
    Fact<std::string> container;       // docker, podman, kubernetes, lxc, wsl, systemd-nspawn, none
    Fact<std::string> virtualization;  // kvm, vmware, xen, microsoft, ..., none
    Fact<std::int64_t> open_files_limit;
    Fact<std::int64_t> processes_limit;
    Fact<Bytes> locked_memory_limit;
    std::vector<StorageFacts> storage;
    ZfsFacts zfs;
    std::vector<PostgresInstallation> postgres_installations;
    std::vector<PostgresFacts> postgres;
    std::vector<ServiceFacts> services;
};

// The document of `hone detect -o json`, without schema_version.
json::object to_json(const Host& host);

}  // namespace hone
