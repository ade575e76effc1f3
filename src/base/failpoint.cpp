#include "base/failpoint.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "base/text.hpp"

namespace hone {

namespace {

void log_visit(std::string_view name) {
    const char* path = std::getenv("HONE_FAILPOINT_LOG");
    if (path == nullptr) return;
    const int file = ::open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0) return;
    const std::string line = std::string(name) + "\n";
    [[maybe_unused]] const auto written = ::write(file, line.data(), line.size());
    ::close(file);
}

int perform(std::string_view action) {
    if (action == "kill") ::kill(::getpid(), SIGKILL);
    if (action == "stop") ::kill(::getpid(), SIGSTOP);
    if (action == "ENOSPC") return ENOSPC;
    if (action == "EROFS") return EROFS;
    if (action == "EACCES") return EACCES;
    if (action == "EIO") return EIO;
    return 0;
}

}  // namespace

int visit_failpoint(const char* name) {
    static std::map<std::string, std::int64_t, std::less<>> visits;
    log_visit(name);
    const char* script = std::getenv("HONE_FAILPOINT");
    if (script == nullptr) return 0;
    const std::int64_t visit = ++visits[name];
    for (const std::string_view entry : split(script, ';')) {
        const std::size_t equals = entry.find('=');
        if (equals == std::string_view::npos) continue;
        std::string_view place = entry.substr(0, equals);
        std::int64_t wanted_visit = 0;  // 0: every visit
        if (const std::size_t at = place.find('@'); at != std::string_view::npos) {
            wanted_visit = parse_integer(place.substr(at + 1)).value_or(0);
            place = place.substr(0, at);
        }
        if (place == name && (wanted_visit == 0 || wanted_visit == visit))
            return perform(entry.substr(equals + 1));
    }
    return 0;
}

}  // namespace hone
