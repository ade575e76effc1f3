#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "tune/rules.hpp"

namespace hone::tune {

namespace {

constexpr const char* kPreload = "shared_preload_libraries";
constexpr const char* kStatements = "pg_stat_statements";

std::vector<std::string> preloaded(const std::string& value) {
    std::vector<std::string> libraries;
    for (const std::string_view piece : split(value, ',')) {
        std::string_view library = trim(piece);
        if (library.size() >= 2 && library.front() == '"' && library.back() == '"')
            library = library.substr(1, library.size() - 2);
        if (!library.empty()) libraries.emplace_back(library);
    }
    return libraries;
}

void plan_statements(const Situation& situation, Draft& draft) {
    if (!situation.has_library(kStatements) || is_preloaded(draft, kStatements)) return;
    const std::string present = draft.effective(kPreload);
    const std::string merged = trim(present).empty() ? kStatements : present + "," + kStatements;
    draft.propose(
        {"monitoring.shared_preload_libraries",
         kPreload,
         merged,
         trim(present).empty()
             ? "pg_stat_statements counts every statement's time: no tuning without it."
             : fmt::format("pg_stat_statements is added to {}: no tuning without it.", present),
         {{"libraries now", present}, {"available", kStatements}}});
    draft.notice(Severity::kNote, "monitoring.shared_preload_libraries",
                 "pg_stat_statements also needs its extension, once, in the database that you look "
                 "from.",
                 "CREATE EXTENSION IF NOT EXISTS pg_stat_statements;");
}

}  // namespace

bool is_preloaded(const Draft& draft, std::string_view library) {
    const std::vector<std::string> libraries = preloaded(draft.effective(kPreload));
    return std::any_of(libraries.begin(), libraries.end(), [&](const std::string& name) {
        // Also "$libdir/pg_stat_statements".
        return name == library || name.ends_with("/" + std::string(library));
    });
}

void plan_monitoring(const Situation& situation, Draft& draft) {
    plan_statements(situation, draft);
    draft.propose({"monitoring.track_io_timing",
                   "track_io_timing",
                   "on",
                   "Without it nobody can tell reading from computing in a slow query.",
                   {}});
}

}  // namespace hone::tune
