// The document of `hone detect -o json`: plain values where a program looks for them, and beside
// them, under "facts", where each was read and how sure it is.
#include "base/text.hpp"
#include "model/host.hpp"

namespace hone {

namespace {

// A path and what surrounds it; longer texts are somebody's rubbish.
constexpr std::size_t kLongestText = 8192;

// Names and paths come from files nobody controls, and the document must stay UTF-8.
json::value text_json(std::string_view text) {
    return json::value(printable(text, kLongestText));
}

json::value plain(const Bytes& value) {
    return value.count();
}
json::value plain(const std::string& value) {
    return text_json(value);
}
json::value plain(std::int64_t value) {
    return value;
}
json::value plain(double value) {
    return value;
}
json::value plain(bool value) {
    return value;
}
json::value plain(StorageClass value) {
    return json::value(to_string(value));
}

// One part of the document, and the provenance of its values.
class Part {
  public:
    template <class T>
    void add(const char* name, const Fact<T>& fact) {
        values_[name] = fact.value ? plain(*fact.value) : json::value(nullptr);
        facts_[name] = json::object{{"source", text_json(fact.source)},
                                    {"confidence", to_string(fact.confidence)}};
    }
    void add(const char* name, json::value value) { values_[name] = std::move(value); }
    json::object finish() {
        values_["facts"] = std::move(facts_);
        return std::move(values_);
    }

  private:
    json::object values_;
    json::object facts_;
};

json::object memory_json(const MemoryFacts& memory) {
    Part part;
    part.add("total_bytes", memory.total);
    part.add("available_bytes", memory.available);
    part.add("limit_bytes", memory.limit);
    part.add("source", text_json(memory.limit.source));
    part.add("swap_total_bytes", memory.swap_total);
    part.add("zram_total_bytes", memory.zram_total);
    part.add("overcommit_mode", memory.overcommit_mode);
    part.add("commit_limit_bytes", memory.commit_limit);
    part.add("huge_page_size_bytes", memory.huge_page_size);
    part.add("huge_pages_total", memory.huge_pages_total);
    part.add("huge_pages_free", memory.huge_pages_free);
    part.add("transparent_huge_pages", memory.transparent_huge_pages);
    return part.finish();
}

json::object processor_json(const ProcessorFacts& cpu) {
    Part part;
    part.add("online", cpu.online);
    part.add("limit_cores", cpu.limit_cores);
    part.add("source", text_json(cpu.limit_cores.source));
    part.add("quota_cores", cpu.quota_cores);
    part.add("cpuset_cores", cpu.cpuset_cores);
    part.add("model", cpu.model);
    part.add("architecture", cpu.architecture);
    part.add("numa_nodes", cpu.numa_nodes);
    return part.finish();
}

json::object storage_json(const StorageFacts& storage) {
    Part part;
    part.add("device", text_json(storage.device));
    part.add("transport", storage.transport);
    part.add("rotational", storage.rotational);
    part.add("class", storage.storage_class);
    if (!storage.storage_class.value)
        part.add("class", json::value(to_string(StorageClass::kUnknown)));
    part.add("confidence", json::value(to_string(storage.storage_class.confidence)));
    part.add("fdatasync_seconds", storage.fdatasync_seconds);
    part.add("random_read_seconds", storage.random_read_seconds);
    part.add("size_bytes", storage.size);
    part.add("scheduler", storage.scheduler);
    if (storage.folder.empty()) return part.finish();
    part.add("folder", text_json(storage.folder));
    part.add("file_system", storage.file_system);
    part.add("mount_point", storage.mount_point);
    part.add("mount_options", storage.mount_options);
    part.add("free_space_bytes", storage.free_space);
    return part.finish();
}

json::object zfs_json(const ZfsFacts& zfs) {
    Part part;
    part.add("available", zfs.available);
    json::array pools;
    for (const ZfsPool& pool : zfs.pools)
        pools.push_back(json::object{{"name", pool.name}, {"state", pool.state}});
    part.add("pools", std::move(pools));
    return part.finish();
}

template <class T>
json::value or_null(const std::optional<T>& value) {
    return value ? json::value(*value) : json::value(nullptr);
}

json::object postgres_json(const PostgresFacts& postgres) {
    return {{"version", text_json(postgres.version)},
            {"data_directory", text_json(postgres.data_directory)},
            {"port", or_null(postgres.port)},
            {"managed_by", to_string(postgres.managed_by)},
            {"cluster", text_json(postgres.cluster)},
            {"bin_directory", text_json(postgres.bin_directory)},
            {"config_file", text_json(postgres.config_file)},
            {"pid", or_null(postgres.pid)},
            {"owner", postgres.owner},
            {"source", text_json(postgres.source)}};
}

json::object service_json(const ServiceFacts& service) {
    return {{"name", service.name},
            {"pid", or_null(service.pid)},
            {"program", text_json(service.program)},
            {"source", text_json(service.source)}};
}

template <class T, class ToJson>
json::array list_json(const std::vector<T>& items, const ToJson& to_json_of_item) {
    json::array list;
    for (const T& item : items) list.push_back(to_json_of_item(item));
    return list;
}

}  // namespace

json::object to_json(const Host& host) {
    Part part;
    part.add("memory", memory_json(host.memory));
    part.add("cpu", processor_json(host.cpu));
    Part cgroup;
    cgroup.add("version", host.cgroup.version);
    cgroup.add("path", host.cgroup.path);
    part.add("cgroup", cgroup.finish());
    part.add("kernel", host.kernel);
    part.add("operating_system", host.operating_system);
    part.add("container", host.container);
    part.add("virtualization", host.virtualization);
    part.add("open_files_limit", host.open_files_limit);
    part.add("processes_limit", host.processes_limit);
    part.add("locked_memory_limit_bytes", host.locked_memory_limit);
    part.add("storage", list_json(host.storage, storage_json));
    part.add("zfs", zfs_json(host.zfs));
    part.add("postgres", list_json(host.postgres, postgres_json));
    part.add("postgres_installations",
             list_json(host.postgres_installations, [](const PostgresInstallation& installation) {
                 return json::object{{"version", text_json(installation.version)},
                                     {"bin_directory", text_json(installation.bin_directory)}};
             }));
    part.add("services", list_json(host.services, service_json));
    return part.finish();
}

}  // namespace hone
