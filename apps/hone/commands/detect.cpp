#include <fmt/format.h>

#include <limits>

#include "commands.hpp"
#include "context.hpp"
#include "host/detect.hpp"

namespace hone::app {

namespace {

constexpr int kNameWidth = 24;
constexpr int kValueWidth = 32;

// "name   value   (source)": the value stands out, the source explains it.
class FactTable {
  public:
    explicit FactTable(bool color) : color_(color) {}

    void heading(std::string_view title) {
        text_ += fmt::format("{}{}{}{}\n", text_.empty() ? "" : "\n", color_ ? "\033[1m" : "",
                             title, color_ ? "\033[0m" : "");
    }
    void row(std::string_view name, std::string_view value, std::string_view note) {
        text_ +=
            fmt::format("  {:<{}}{:<{}}", name, kNameWidth, value, note.empty() ? 0 : kValueWidth);
        if (!note.empty())
            text_ += fmt::format(" {}{}{}", color_ ? "\033[2m" : "", note, color_ ? "\033[0m" : "");
        text_ += '\n';
    }
    template <class T, class Show>
    void fact(std::string_view name, const Fact<T>& fact, const Show& show) {
        const std::string note = fact.confidence == Confidence::kInferred
                                     ? fmt::format("{} (inferred)", fact.source)
                                     : fact.source;
        row(name, fact.value ? show(*fact.value) : "unknown", note);
    }
    void fact(std::string_view name, const Fact<std::string>& given) {
        fact(name, given, [](const std::string& text) { return text; });
    }
    void fact(std::string_view name, const Fact<Bytes>& given) {
        fact(name, given, format_for_people);
    }
    void fact(std::string_view name, const Fact<std::int64_t>& given) {
        fact(name, given, [](std::int64_t number) {
            return number == std::numeric_limits<std::int64_t>::max() ? std::string("unlimited")
                                                                      : fmt::format("{}", number);
        });
    }
    void fact(std::string_view name, const Fact<double>& given) {
        fact(name, given, [](double number) { return fmt::format("{:.4g}", number); });
    }
    const std::string& text() const { return text_; }

  private:
    bool color_;
    std::string text_;
};

std::string duration_text(double seconds) {
    return seconds < 0.001 ? fmt::format("{:.0f} us", seconds * 1e6)
                           : fmt::format("{:.2f} ms", seconds * 1e3);
}

void show_memory(FactTable& table, const MemoryFacts& memory) {
    table.heading("Memory");
    table.fact("binding limit", memory.limit);
    table.fact("total", memory.total);
    table.fact("available now", memory.available);
    table.fact("swap", memory.swap_total);
    if (memory.zram_total.value && memory.zram_total.value->count() > 0)
        table.fact("zram", memory.zram_total);
    table.fact("overcommit mode", memory.overcommit_mode);
    if (memory.huge_pages_total.value && memory.huge_page_size.value)
        table.row("huge pages",
                  fmt::format("{} of {}", *memory.huge_pages_total.value,
                              format_for_people(*memory.huge_page_size.value)),
                  memory.huge_pages_total.source);
    table.fact("transparent huge pages", memory.transparent_huge_pages);
}

void show_processor(FactTable& table, const ProcessorFacts& cpu) {
    table.heading("Processor");
    table.fact("binding limit, cores", cpu.limit_cores);
    table.fact("online", cpu.online);
    if (cpu.quota_cores.value) table.fact("quota, cores", cpu.quota_cores);
    if (cpu.cpuset_cores.value) table.fact("cpuset", cpu.cpuset_cores);
    table.fact("model", cpu.model);
    table.fact("NUMA nodes", cpu.numa_nodes);
}

void show_system(FactTable& table, const Host& host) {
    table.heading("System");
    table.fact("operating system", host.operating_system);
    table.fact("kernel", host.kernel);
    table.fact("container", host.container);
    table.fact("virtualization", host.virtualization);
    table.fact("cgroup", host.cgroup.version);
    table.fact("open files", host.open_files_limit);
    table.fact("ZFS", host.zfs.available,
               [](bool available) { return available ? "available" : "not there"; });
    for (const ZfsPool& pool : host.zfs.pools) table.row("ZFS pool " + pool.name, pool.state, "");
}

void show_folder(FactTable& table, const StorageFacts& storage) {
    table.row("folder", storage.folder, "");
    table.fact("file system", storage.file_system);
    table.row("mounted at", storage.mount_point.value.value_or("unknown"),
              storage.mount_options.value.value_or(""));
    table.fact("free space", storage.free_space);
    table.fact("class", storage.storage_class,
               [](StorageClass storage_class) { return std::string(to_string(storage_class)); });
    table.fact("fdatasync of 8 kB", storage.fdatasync_seconds, duration_text);
    table.fact("random read of 8 kB", storage.random_read_seconds, duration_text);
}

void show_storage(FactTable& table, const StorageFacts& storage) {
    table.heading(storage.device.empty() ? "Storage without a device"
                                         : "Storage " + storage.device);
    table.fact("transport", storage.transport);
    table.fact("rotational, it says", storage.rotational,
               [](bool rotational) { return rotational ? "yes" : "no"; });
    if (storage.size.value) table.fact("size", storage.size);
    if (storage.scheduler.value) table.fact("scheduler", storage.scheduler);
    if (!storage.folder.empty()) show_folder(table, storage);
}

void show_services(FactTable& table, const Host& host) {
    table.heading("PostgreSQL");
    if (host.postgres.empty()) table.row("clusters", "none found", "");
    for (const PostgresFacts& postgres : host.postgres)
        table.row(
            postgres.cluster.empty() ? postgres.version : postgres.cluster,
            fmt::format("{}, {}{}", postgres.pid ? fmt::format("pid {}", *postgres.pid) : "down",
                        to_string(postgres.managed_by),
                        postgres.port ? fmt::format(", port {}", *postgres.port) : ""),
            postgres.data_directory);
    for (const PostgresInstallation& installation : host.postgres_installations)
        table.row("programs " + installation.version, installation.bin_directory, "");
    for (const ServiceFacts& service : host.services)
        table.row(service.name, service.pid ? fmt::format("pid {}", *service.pid) : "down",
                  service.program);
}

std::string detect_table(const Host& host, bool color) {
    FactTable table(color);
    show_memory(table, host.memory);
    show_processor(table, host.cpu);
    show_system(table, host);
    for (const StorageFacts& storage : host.storage) show_storage(table, storage);
    show_services(table, host);
    return table.text();
}

}  // namespace

int run_detect(Context& context, const DetectArguments& arguments) {
    if (!std::filesystem::is_directory(arguments.root))
        return context.fail({ErrorCode::kNotFound,
                             "reading the machine recorded in '" + arguments.root.string() + "'",
                             "there is no such folder", "name a folder that holds proc/ and sys/"});
    const Host host = host::detect(
        {.root = arguments.root, .folder = arguments.folder, .probe = !arguments.no_probe},
        context.progress());
    if (!context.machine_readable()) {
        context.print(detect_table(host, context.use_color()));
        return kOk;
    }
    json::object document{{"schema_version", 1}};
    for (auto& item : to_json(host)) document[item.key()] = item.value();
    context.print_json(document);
    return kOk;
}

}  // namespace hone::app
