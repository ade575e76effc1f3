#include "fault_bench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/text.hpp"

namespace hone::test {

namespace fs = std::filesystem;

namespace {

// The errno is ignored there: any action skips the scratch boot, which has its own tests.
constexpr const char* kSkipBootCheck = "apply.skip_boot_check=EIO";

bool is_step(const std::string& name) {
    return name.starts_with("apply.") || name.starts_with("undo.") || name.starts_with("recover.");
}

}  // namespace

std::string Visit::action(const std::string& what) const {
    return fmt::format("{}@{}={}", name, number, what);
}

std::string Visit::text() const {
    return fmt::format("{}@{}", name, number);
}

std::vector<Visit> visits_to_try(const std::string& log, bool steps_only) {
    std::vector<Visit> all;
    std::map<std::string, int> counts;
    for (const auto line : split_lines(log)) {
        const std::string name(line);
        if (name != "apply.skip_boot_check") all.push_back({name, ++counts[name]});
    }
    if (full_run()) return all;
    std::erase_if(all, [&](const Visit& visit) {
        return !is_step(visit.name) &&
               (steps_only || (visit.number != 1 && visit.number != counts[visit.name]));
    });
    return all;
}

FaultBench::FaultBench(FaultScenario scenario)
    : scenario_(std::move(scenario)),
      cluster_(ClusterOptions{.separate_config = scenario_.separate_config}),
      plan_(write_plan(cluster_, made_plan(cluster_, scenario_.settings))),
      log_((cluster_.folder() / "visits.log").string()) {
    old_files_ = cluster_.config_fingerprint();
    old_values_ = values();
    const auto applied = apply();
    EXPECT_EQ(applied.exit_code, 0) << applied.standard_error;
    new_files_ = cluster_.config_fingerprint();
    new_values_ = values();
    EXPECT_NE(old_files_, new_files_);
    EXPECT_NE(old_values_, new_values_);
    go_to_old();
}

ProcessResult FaultBench::hone(std::vector<std::string> arguments, const std::string& failpoint) {
    std::string script = kSkipBootCheck;
    if (!failpoint.empty()) script += ";" + failpoint;
    std::vector<std::pair<std::string, std::string>> environment{{"HONE_FAILPOINT", script}};
    if (logging_) {
        fs::remove(log_);
        environment.emplace_back("HONE_FAILPOINT_LOG", log_);
    }
    return run_hone_on(cluster_, std::move(arguments), environment);
}

ProcessResult FaultBench::apply(const std::string& failpoint) {
    std::vector<std::string> arguments{"apply", plan_, "--yes", "--allow-restart"};
    arguments.insert(arguments.end(), scenario_.apply_options.begin(),
                     scenario_.apply_options.end());
    return hone(std::move(arguments), failpoint);
}

ProcessResult FaultBench::rollback(const std::string& failpoint) {
    return hone({"rollback", "--yes", "--allow-restart"}, failpoint);
}

ProcessResult FaultBench::recover(const std::string& failpoint) {
    return hone({"recover", "--yes", "--allow-restart"}, failpoint);
}

void FaultBench::log_visits(bool on) {
    logging_ = on;
}

std::vector<Visit> FaultBench::visits() const {
    return visits_to_try(read_file(log_).value_or(""), scenario_.steps_only);
}

std::map<std::string, std::string> FaultBench::values() {
    std::map<std::string, std::string> values;
    for (const auto& [name, wanted] : scenario_.settings)
        values[name] = cluster_.sql("SELECT setting FROM pg_settings WHERE name = '" + name + "'");
    return values;
}

std::vector<std::string> FaultBench::leftovers() const {
    std::vector<std::string> found;
    for (const auto& folder :
         {cluster_.data_directory(), cluster_.config_folder(), cluster_.config_folder() / "conf.d"})
        for (const std::string& name : list_folder(folder).value_or(std::vector<std::string>{}))
            if (name.starts_with(".hone-")) found.push_back((folder / name).string());
    return found;
}

std::string FaultBench::expect_old_or_new() {
    EXPECT_TRUE(cluster_.running()) << "the server is down";
    if (!cluster_.running()) cluster_.start();
    EXPECT_EQ(leftovers(), std::vector<std::string>{});
    const auto files = cluster_.config_fingerprint();
    const auto values_now = values();
    if (files == old_files_) {
        EXPECT_EQ(values_now, old_values_) << "old files, other values";
        return "old";
    }
    EXPECT_EQ(files, new_files_) << "neither old nor new";
    EXPECT_EQ(values_now, new_values_) << "new files, other values";
    return files == new_files_ ? "new" : "TORN";
}

void FaultBench::expect_nothing_to_recover() {
    const auto again = recover();
    EXPECT_EQ(again.exit_code, 0) << again.standard_error;
    EXPECT_NE(again.standard_output.find("Nothing to do"), std::string::npos)
        << again.standard_output;
}

void FaultBench::go_to_old() {
    if (cluster_.config_fingerprint() == old_files_) return;
    const auto rolled_back = rollback();
    EXPECT_EQ(rolled_back.exit_code, 0) << rolled_back.standard_error;
    EXPECT_EQ(expect_old_or_new(), "old");
}

void FaultBench::go_to_new() {
    if (cluster_.config_fingerprint() == new_files_) return;
    const auto applied = apply();
    EXPECT_EQ(applied.exit_code, 0) << applied.standard_error;
    EXPECT_EQ(expect_old_or_new(), "new");
}

void FaultBench::report(const Visit& visit, const std::string& action, const std::string& outcome) {
    fmt::print("{:<22}  {:<28}  {:<7}  {}\n", scenario_.name, visit.text(), action, outcome);
    std::fflush(stdout);
}

}  // namespace hone::test
