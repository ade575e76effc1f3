#include "base/identity.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace hone {

namespace {

Identity identity_of(uid_t user, gid_t group) {
    Identity identity{.user = user, .group = group, .name = {}, .home = "/"};
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, 16384> buffer{};
    if (getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) {
        identity.name = found->pw_name;
        identity.home = found->pw_dir;
    }
    return identity;
}

}  // namespace

Identity current_identity() {
    return identity_of(geteuid(), getegid());
}

Result<Identity> identity_named(const std::string& name) {
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, 16384> buffer{};
    if (getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 ||
        found == nullptr)
        return Error{ErrorCode::kNotFound, "looking up the user '" + name + "'",
                     "there is no such user"};
    return Identity{.user = found->pw_uid,
                    .group = found->pw_gid,
                    .name = found->pw_name,
                    .home = found->pw_dir};
}

Result<Identity> owner_of(const std::filesystem::path& path) {
    struct stat facts{};
    if (::stat(path.c_str(), &facts) != 0)
        return error_from_errno(errno, "finding the owner of '" + path.string() + "'");
    return identity_of(facts.st_uid, facts.st_gid);
}

Status become(const Identity& identity) {
    if (geteuid() == identity.user) return {};
    const std::string tried = "becoming the user '" + identity.name + "'";
    if (initgroups(identity.name.c_str(), identity.group) != 0)
        return error_from_errno(errno, tried);
    if (setgid(identity.group) != 0) return error_from_errno(errno, tried);
    if (setuid(identity.user) != 0) return error_from_errno(errno, tried);
    return {};
}

ScopedEffectiveUser::ScopedEffectiveUser(const Identity& identity) {
    if (geteuid() != 0 || identity.user == 0) return;
    if (setegid(identity.group) != 0) return;
    if (seteuid(identity.user) != 0) {
        HONE_ASSERT(setegid(getgid()) == 0);
        return;
    }
    switched_ = true;
}

ScopedEffectiveUser::~ScopedEffectiveUser() {
    if (!switched_) return;
    HONE_ASSERT(seteuid(0) == 0);
    HONE_ASSERT(setegid(getgid()) == 0);
}

}  // namespace hone
