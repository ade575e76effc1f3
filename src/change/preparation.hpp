// change/preparation.hpp - everything that an apply looks at before it writes: whose server it is,
// whether the plan still fits, what would stand in its way, and which bytes would go where.
//
// Errors   conflict: another hone works on the server. failed_precondition: an open journal, a plan
//          for another server or an older state, files with mistakes, values that something
//          stronger overrides; all of them are named. unsupported: Patroni, a container.
//          permission_denied: with the GRANTs or the folder.
// Shape    writes nothing. Holds the server's lock as long as it lives.
// Threads  one thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "change/backup.hpp"
#include "change/intent.hpp"
#include "change/lock.hpp"
#include "engines/postgres/check.hpp"
#include "engines/postgres/config_file.hpp"
#include "engines/postgres/server.hpp"
#include "engines/postgres/state.hpp"
#include "model/plan.hpp"

namespace hone::change {

struct ApplyOptions {
    std::optional<Method> method;  // none: files where they are in reach, else ALTER SYSTEM
    std::filesystem::path state_directory;
    std::filesystem::path cache_folder;
    Bytes machine_memory;
    postgres::MachineLimits limits;
};

struct FileEdit {
    std::filesystem::path path;
    std::string content;
    FileAttributes attributes;
    std::string sha256_before;  // of what `content` was made from; "" where there was no file
};

struct Preparation {
    Plan plan;
    ApplyOptions options;
    postgres::Server server;
    TargetLock lock;
    bool running = false;
    postgres::ServerState state;
    postgres::ConfigTree tree;  // empty where the files are out of reach
    Method method = Method::kFile;
    std::filesystem::path hone_file;  // or postgresql.auto.conf
    std::vector<FileEdit> edits;      // in the order of writing
    std::vector<ChangedSetting> changes;
    std::string conninfo;            // how the server was reached, without secrets
    std::vector<std::string> notes;  // what a person should know before saying yes

    // What a running server must be restarted for.
    std::vector<std::string> restart_settings() const;
};

Result<Preparation> prepare(Plan plan, const postgres::Server& server, ApplyOptions options,
                            Progress& progress, Deadline deadline);

// Boots the plan in a scratch instance. invalid_argument: it does not boot, with every finding.
Status require_bootable(const Preparation& preparation, Progress& progress, Deadline deadline);

}  // namespace hone::change
