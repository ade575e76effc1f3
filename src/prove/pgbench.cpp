#include "prove/pgbench.hpp"

#include <fmt/format.h>

#include <optional>

#include "base/file.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "engines/postgres/server.hpp"

namespace hone::prove {

namespace {

namespace fs = std::filesystem;

constexpr Seconds kVersionPatience{10};
// Beyond its own -T, for the last transaction of each client.
constexpr Seconds kSlicePatience{60};

// The text after `label` up to the end of its line.
std::optional<std::string_view> after_label(std::string_view output, std::string_view label) {
    for (const std::string_view line : split_lines(output))
        if (line.starts_with(label)) return trim(line.substr(label.size()));
    return std::nullopt;
}

std::optional<double> leading_number(std::string_view text) {
    return parse_number(text.substr(0, text.find_first_of(" /(")));
}

std::optional<int> version_of(const fs::path& program) {
    const auto result =
        run({.arguments = {program.string(), "--version"}}, Deadline::after(kVersionPatience));
    constexpr std::string_view kBefore = "pgbench (PostgreSQL) ";
    if (!result.ok() || !result->standard_output.starts_with(kBefore)) return std::nullopt;
    const auto major = postgres::major_version_of(
        trim(std::string_view(result->standard_output).substr(kBefore.size())));
    return major.ok() ? std::optional(*major) : std::nullopt;
}

std::vector<fs::path> candidates(const fs::path& bin_directory) {
    std::vector<fs::path> programs;
    if (!bin_directory.empty()) programs.push_back(bin_directory / "pgbench");
    if (const auto in_path = find_program("pgbench")) programs.push_back(*in_path);
    const auto installed = postgres::installed_bin_directories();
    for (auto folder = installed.rbegin(); folder != installed.rend(); ++folder)
        programs.push_back(*folder / "pgbench");
    return programs;
}

// What it printed.
Result<std::string> run_pgbench(std::vector<std::string> arguments, const SliceOptions& options,
                                Deadline deadline) {
    arguments.push_back(options.conninfo);
    ProcessOptions process;
    process.arguments = std::move(arguments);
    process.run_as = options.owner;
    process.environment = {{"LC_ALL", "C"}};
    process.unset_environment = {"PGOPTIONS", "PGSERVICE", "PGAPPNAME"};
    HONE_TRY_ASSIGN(ProcessResult result, run(process, deadline));
    if (result.succeeded()) return std::move(result.standard_output);
    return Error{ErrorCode::kFailedPrecondition, "running pgbench",
                 printable(trim(result.standard_error), 400)};
}

}  // namespace

Result<Pgbench> find_pgbench(const fs::path& bin_directory) {
    for (const fs::path& program : candidates(bin_directory)) {
        if (!file_exists(program)) continue;
        const auto version = version_of(program);
        if (version && *version >= kOldestPgbench) return Pgbench{program, *version};
    }
    return Error{
        ErrorCode::kNotFound, "looking for pgbench",
        fmt::format("there is none of version {} or newer", kOldestPgbench),
        "install PostgreSQL's own package (Debian: postgresql-15) or add its folder to PATH"};
}

Result<SliceResult> slice_from_output(std::string_view output) {
    const std::string tried = "reading what pgbench measured";
    const auto count = after_label(output, "number of transactions actually processed:");
    const auto rate = after_label(output, "tps =");
    if (!count || !rate)
        return Error{ErrorCode::kFailedPrecondition, tried,
                     "there is no rate in it: " + printable(output, 300)};
    const auto transactions = leading_number(*count);
    const auto per_second = leading_number(*rate);
    if (!transactions || !per_second || !(*transactions > 0) || !(*per_second > 0))
        return Error{ErrorCode::kFailedPrecondition, tried, "no transaction was finished",
                     "the load is too heavy for this machine: pass a smaller --scale"};
    return SliceResult{*transactions, *per_second};
}

Status fill(const Pgbench& pgbench, const SliceOptions& options, Deadline deadline) {
    HONE_TRY(run_pgbench({pgbench.program.string(), "--initialize", "--quiet",
                          fmt::format("--scale={}", options.scale)},
                         options, deadline)
                 .with_context("filling pgbench's tables"));
    return {};
}

Result<SliceResult> run_slice(const Pgbench& pgbench, const Load& load, const SliceOptions& options,
                              Deadline deadline) {
    std::vector<std::string> arguments{pgbench.program.string(),
                                       "--no-vacuum",
                                       "--protocol=prepared",
                                       fmt::format("--client={}", options.clients),
                                       fmt::format("--jobs={}", options.threads),
                                       fmt::format("--time={}", options.seconds),
                                       fmt::format("--random-seed={}", options.seed)};
    if (!load.builtin.empty())
        arguments.push_back(fmt::format("--builtin={}", load.builtin));
    else
        for (const std::string& argument : {fmt::format("--file={}", options.script_file.string()),
                                            fmt::format("--define=scale={}", options.scale),
                                            fmt::format("--define=batch={}", kUpsertBatchRows)})
            arguments.push_back(argument);
    const Seconds patience = kSlicePatience + Seconds{static_cast<double>(options.seconds)};
    HONE_TRY_ASSIGN(
        const std::string output,
        run_pgbench(std::move(arguments), options, deadline.earlier_of(Deadline::after(patience))));
    return slice_from_output(output);
}

}  // namespace hone::prove
