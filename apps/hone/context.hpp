// apps/hone/context.hpp - what every command shares: the global options, where output goes, exit
// codes.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"

namespace hone::app {

// Documented in docs/reference/exit-codes.md, and tested.
enum ExitCode : int {
    kOk = 0,
    kUnexpected = 1,
    kUsage = 2,
    kInvalidInput = 3,
    kCannotConnect = 4,
    kPermission = 5,
    kConflict = 6,  // locked, stale or conflicting
    kRolledBack = 7,
    kRollbackFailed = 8,
    kRegression = 9,
    kDifferences = 10,
    kPartial = 11,
    kDeadline = 124,
    kInterrupted = 130,
};
int exit_code_for(const Error& error);

enum class OutputFormat { kTable, kJson, kYaml };

struct Context {
    OutputFormat output = OutputFormat::kTable;
    bool quiet = false;
    bool yes = false;
    bool no_input = false;
    bool dry_run = false;
    std::string color = "auto";
    double timeout_seconds = 0;  // 0: each command's own
    std::string target;          // libpq connection string; "" for none
    std::filesystem::path data_directory;
    std::filesystem::path bin_directory;
    std::filesystem::path
        state_directory;  // set by main from --state-dir, HONE_STATE_DIR, /var/lib/hone or XDG

    // A progress that suits stderr: one line redrawn on a terminal, plain lines elsewhere, nothing
    // with --quiet.
    Progress& progress();
    Deadline deadline(double default_seconds) const;
    std::filesystem::path cache_directory() const { return state_directory / "cache"; }

    // A document is wanted, not a table.
    bool machine_readable() const { return output != OutputFormat::kTable; }

    // Data, to stdout.
    void print(std::string_view text) const;
    // As JSON, or as YAML with -o yaml.
    void print_json(const json::value& document) const;
    // Talk, to stderr; nothing with --quiet.
    void say(std::string_view text);
    // Asks on the terminal; --yes answers yes; cancelled where the answer is no, or where nobody
    // can be asked.
    Status confirm(std::string_view question);
    // Prints the error (as a document with -o json or yaml) on stderr and returns its exit code.
    int fail(const Error& error);

    // ANSI colour where stdout is a terminal, NO_COLOR is unset and --color does not say never.
    bool use_color() const;

  private:
    std::unique_ptr<Progress> progress_;
};

}  // namespace hone::app
