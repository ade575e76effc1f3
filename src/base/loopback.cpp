#include "base/loopback.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/descriptor.hpp"

namespace hone {

Result<int> free_loopback_port() {
    const std::string tried = "looking for a free port on 127.0.0.1";
    const Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!listener.valid()) return error_from_errno(errno, tried);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    if (::bind(listener.number(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::getsockname(listener.number(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
        return error_from_errno(errno, tried);
    return static_cast<int>(ntohs(address.sin_port));
}

}  // namespace hone
