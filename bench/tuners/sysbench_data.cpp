// sysbench's OLTP loads, on data that fits into the memory and not into a quarter of it.
#include <fmt/format.h>

#include <algorithm>

#include "base/process.hpp"
#include "base/text.hpp"
#include "bench/tuners/bench_load.hpp"

namespace hone::bench {

namespace {

// Beyond its own --time, for the last transaction of each thread.
constexpr Seconds kRunPatience{60};
constexpr std::uint64_t kLargestSeed = 0x7fffffff;

Result<std::string> run_sysbench(const Sizes& sizes, const BenchServer& server,
                                 std::vector<std::string> words, Deadline deadline) {
    ProcessOptions process;
    process.arguments = {"sysbench",
                         "--db-driver=pgsql",
                         "--pgsql-host=" + server.server().socket_directory().string(),
                         fmt::format("--pgsql-port={}", server.server().port()),
                         "--pgsql-user=postgres",
                         "--pgsql-db=postgres",
                         fmt::format("--tables={}", kSysbenchTables),
                         fmt::format("--table-size={}", sizes.sysbench_rows)};
    process.arguments.insert(process.arguments.end(), words.begin(), words.end());
    process.run_as = server.server().owner();
    process.environment = {{"LC_ALL", "C"}};
    process.unset_environment = {"PGOPTIONS", "PGSERVICE", "PGHOST", "PGPORT"};
    HONE_TRY_ASSIGN(ProcessResult result, run(process, deadline));
    if (result.succeeded()) return std::move(result.standard_output);
    return Error{ErrorCode::kFailedPrecondition, "running sysbench",
                 printable(trim(result.standard_output + result.standard_error), 400)};
}

// The first number after `label`.
std::optional<double> number_after(std::string_view output, std::string_view label) {
    const std::size_t at = output.find(label);
    if (at == output.npos) return std::nullopt;
    std::string_view rest = output.substr(at + label.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(" ("), rest.size()));
    return parse_number(rest.substr(0, rest.find_first_of(" \n()")));
}

class SysbenchLoad final : public BenchLoad {
  public:
    SysbenchLoad(std::string_view script, std::string_view name, std::string_view meaning,
                 LoadKind kind, const Sizes& sizes)
        : script_(script), name_(name), meaning_(meaning), kind_(kind), sizes_(sizes) {}
    std::string_view name() const override { return name_; }
    std::string_view meaning() const override { return meaning_; }
    std::string_view operation() const override { return "transaction"; }
    LoadKind kind() const override { return kind_; }
    bool writes() const override { return kind_ == LoadKind::kOltp; }
    Result<prove::Slice> run(BenchServer& server, double seconds, std::uint64_t seed,
                             Deadline deadline) override {
        const int whole = std::max(1, static_cast<int>(seconds));
        const Seconds patience = kRunPatience + Seconds{static_cast<double>(whole)};
        HONE_TRY_ASSIGN(const std::string output,
                        run_sysbench(sizes_, server,
                                     {fmt::format("--threads={}", sizes_.clients),
                                      fmt::format("--time={}", whole),
                                      fmt::format("--rand-seed={}", seed % kLargestSeed + 1),
                                      std::string(script_), "run"},
                                     deadline.earlier_of(Deadline::after(patience))));
        return slice_from_sysbench(output);
    }

  private:
    std::string_view script_;
    std::string_view name_;
    std::string_view meaning_;
    LoadKind kind_;
    Sizes sizes_;
};

class SysbenchData final : public DataSet {
  public:
    explicit SysbenchData(const Sizes& sizes) : sizes_(sizes) {}
    std::string_view name() const override { return "sysbench"; }
    Status fill(BenchServer& server, Deadline deadline) override {
        HONE_TRY(run_sysbench(
                     sizes_, server,
                     {fmt::format("--threads={}", sizes_.threads), "oltp_read_write", "prepare"},
                     deadline)
                     .with_context("filling sysbench's tables"));
        return {};
    }
    std::vector<std::unique_ptr<BenchLoad>> loads() const override {
        std::vector<std::unique_ptr<BenchLoad>> loads;
        loads.push_back(std::make_unique<SysbenchLoad>(
            "oltp_read_only", "sysbench read-only",
            "14 selects to a transaction, data half of the memory", LoadKind::kReadMostly, sizes_));
        loads.push_back(std::make_unique<SysbenchLoad>(
            "oltp_read_write", "sysbench read-write",
            "14 selects and 4 writes to a transaction, data half of the memory", LoadKind::kOltp,
            sizes_));
        return loads;
    }

  private:
    Sizes sizes_;
};

}  // namespace

Result<prove::Slice> slice_from_sysbench(std::string_view output) {
    const auto transactions = number_after(output, "transactions:");
    const std::size_t line = output.find("transactions:");
    const auto rate =
        line == output.npos
            ? std::nullopt
            : number_after(output.substr(line), fmt::format("{:.0f} ", transactions.value_or(0)));
    if (!transactions || !rate || !(*transactions > 0) || !(*rate > 0))
        return Error{ErrorCode::kFailedPrecondition, "reading what sysbench measured",
                     "there is no rate in it: " + printable(output, 300)};
    return prove::Slice{.operations = *transactions, .rate = *rate};
}

std::unique_ptr<DataSet> make_sysbench_data(const DataSetOptions& options) {
    return std::make_unique<SysbenchData>(options.sizes);
}

}  // namespace hone::bench
