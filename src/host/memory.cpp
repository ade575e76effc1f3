#include "host/memory.hpp"

#include <fmt/format.h>

#include <limits>

namespace hone::host {

namespace {

// "MemTotal:       24684092 kB", "HugePages_Total:       0"
std::optional<std::int64_t> meminfo_number(std::string_view content, std::string_view name) {
    for (const std::string_view line : split_lines(content)) {
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || trim(line.substr(0, colon)) != name) continue;
        const auto words = split_words(line.substr(colon + 1));
        return words.empty() ? std::nullopt : parse_integer(words[0]);
    }
    return std::nullopt;
}

class Meminfo {
  public:
    explicit Meminfo(const Tree& tree) : content_(tree.read("/proc/meminfo")) {}

    Fact<std::int64_t> number(std::string_view name) const {
        if (!content_) return unknown_fact<std::int64_t>("absent: /proc/meminfo");
        const auto found = meminfo_number(*content_, name);
        const std::string source = fmt::format("/proc/meminfo {}", name);
        if (content_->find(fmt::format("{}:", name)) == std::string::npos)
            return unknown_fact<std::int64_t>("absent: " + source);
        if (!found || *found < 0) return unknown_fact<std::int64_t>("not a number: " + source);
        return read_fact(*found, source);
    }
    Fact<Bytes> size(std::string_view name) const {
        const Fact<std::int64_t> kilobytes = number(name);
        if (!kilobytes.value) return unknown_fact<Bytes>(kilobytes.source);
        // No machine has an exabyte: a number like that is a broken file.
        if (*kilobytes.value > (std::int64_t{1} << 50))
            return unknown_fact<Bytes>("absurd: " + kilobytes.source);
        return read_fact(Bytes::kilo(*kilobytes.value), kilobytes.source);
    }

  private:
    std::optional<std::string> content_;
};

// "always [madvise] never"
Fact<std::string> transparent_huge_pages(const Tree& tree) {
    const std::string file = "/sys/kernel/mm/transparent_hugepage/enabled";
    const auto text = tree.line(file);
    const std::size_t open = text ? text->find('[') : std::string::npos;
    const std::size_t close = text ? text->find(']') : std::string::npos;
    if (open == std::string::npos || close == std::string::npos || close < open)
        return unknown_fact<std::string>("absent: " + file);
    return read_fact(printable(text->substr(open + 1, close - open - 1)), file);
}

Fact<Bytes> zram_total(const Tree& tree) {
    Bytes sum;
    bool found = false;
    for (const std::string& device : tree.list("/sys/block")) {
        if (!device.starts_with("zram")) continue;
        const auto size = tree.integer(fmt::format("/sys/block/{}/disksize", device));
        if (!size || *size < 0) continue;
        sum += Bytes{*size};
        found = true;
    }
    return found ? read_fact(sum, "/sys/block/zram*/disksize")
                 : unknown_fact<Bytes>("no zram device");
}

Fact<std::string> text_fact(const Tree& tree, const std::string& file) {
    const auto text = tree.line(file);
    return text ? read_fact(printable(*text), file) : unknown_fact<std::string>("absent: " + file);
}

// A limit above what the machine has does not bind.
Fact<Bytes> binding_limit(const Fact<Bytes>& total, const Fact<Bytes>& cgroup) {
    if (cgroup.value && (!total.value || *cgroup.value < *total.value)) return cgroup;
    return total;
}

}  // namespace

MemoryFacts read_memory(const Tree& tree, const CgroupLimits& limits) {
    const Meminfo meminfo(tree);
    MemoryFacts facts;
    facts.total = meminfo.size("MemTotal");
    if (facts.total.value && facts.total.value->count() == 0)
        facts.total = unknown_fact<Bytes>("zero: /proc/meminfo MemTotal");
    facts.available = meminfo.size("MemAvailable");
    facts.limit = binding_limit(facts.total, limits.memory);
    facts.swap_total = meminfo.size("SwapTotal");
    facts.zram_total = zram_total(tree);
    facts.overcommit_mode = text_fact(tree, "/proc/sys/vm/overcommit_memory");
    facts.commit_limit = meminfo.size("CommitLimit");
    facts.huge_page_size = meminfo.size("Hugepagesize");
    facts.huge_pages_total = meminfo.number("HugePages_Total");
    facts.huge_pages_free = meminfo.number("HugePages_Free");
    facts.transparent_huge_pages = transparent_huge_pages(tree);
    return facts;
}

}  // namespace hone::host
