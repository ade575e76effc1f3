// engines/postgres/claims.hpp - who else sets a setting, and how to make them stop.
//
// Shape    a claim is one source's value for one setting, whatever the value is; claims come
//          strongest first.
// Threads  pure functions.
// Source   PostgreSQL manual 20.1; guc.h, GucSource; process_settings() in postinit.c.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engines/postgres/config_file.hpp"
#include "engines/postgres/effective.hpp"
#include "engines/postgres/state.hpp"

namespace hone::postgres {

struct Claim {
    Override cause = Override::kUnknown;
    std::string value;  // as written
    std::string where;
    std::string fix;
};

Claim claim_of(const RoleSetting& setting);
// PGOPTIONS and the like, of hone's own session.
Claim client_claim(std::string_view setting, std::string_view value);
// `main_config_file` tells a Debian cluster, whose start options have a file.
Claim command_line_claim(std::string_view setting, std::string_view display,
                         const std::filesystem::path& main_config_file);
// Configuration files that are read after `hone_file`, where it is or would be; at most one claim,
// that of the last entry, whose fix names every line that has to go.
std::vector<Claim> file_claims(std::string_view setting, const ConfigTree& files,
                               const std::filesystem::path& hone_file);

// As a person would type it: bare where that is safe, else in double quotes.
std::string typed_identifier(std::string_view name);

}  // namespace hone::postgres
