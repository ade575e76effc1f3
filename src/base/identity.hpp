// base/identity.hpp - acting as the user who owns a server, where hone was started by root.
//
// Threads  ScopedEffectiveUser changes the whole process: use it while no other thread runs.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.hpp"

namespace hone {

struct Identity {
    uid_t user = 0;
    gid_t group = 0;
    std::string name;  // empty where the user has no entry in the password file
    std::string home;
    bool operator==(const Identity&) const = default;
};

Identity current_identity();
// not_found: no such user.
Result<Identity> identity_named(const std::string& name);
// Who owns the file or folder; not_found and permission_denied as stat(2) says.
Result<Identity> owner_of(const std::filesystem::path& path);

// Gives up root for good: groups, group, user. Requires that the process runs as root or is
// `identity` already.
Status become(const Identity& identity);

// Runs as `identity` until the scope ends, so that a server's peer authentication and the file
// system see that user. Does nothing when the process is not root.
class ScopedEffectiveUser {
  public:
    explicit ScopedEffectiveUser(const Identity& identity);
    ~ScopedEffectiveUser();
    ScopedEffectiveUser(const ScopedEffectiveUser&) = delete;
    ScopedEffectiveUser& operator=(const ScopedEffectiveUser&) = delete;

  private:
    bool switched_ = false;
};

}  // namespace hone
