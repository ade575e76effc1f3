#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <deque>

#include "raw_client.hpp"

namespace hone::bench {

namespace {

namespace asio = boost::asio;

class Loop {
  public:
    Loop(RawClient& client, double seconds)
        : client_(client),
          end_(std::chrono::steady_clock::now() +
               std::chrono::duration_cast<std::chrono::nanoseconds>(Seconds{seconds})) {}

    Status run() {
        for (std::size_t i = 0; i < client_.connections(); ++i) {
            sockets_.emplace_back(context_, client_.socket(i));
            HONE_TRY(client_.send(i));
            wait(i);
        }
        context_.run();
        // The sockets are libpq's.
        for (auto& socket : sockets_) socket.release();
        return failure_;
    }

  private:
    void wait(std::size_t connection) {
        sockets_[connection].async_wait(asio::posix::stream_descriptor::wait_read,
                                        [this, connection](const boost::system::error_code& error) {
                                            if (!error) serve(connection);
                                        });
    }

    void serve(std::size_t connection) {
        const auto answered = client_.read(connection);
        if (!answered.ok()) {
            failure_ = answered.error();
            return context_.stop();
        }
        if (*answered) {
            if (std::chrono::steady_clock::now() >= end_) return;
            if (Status sent = client_.send(connection); !sent.ok()) {
                failure_ = sent;
                return context_.stop();
            }
        }
        wait(connection);
    }

    RawClient& client_;
    std::chrono::steady_clock::time_point end_;
    asio::io_context context_{1};
    std::deque<asio::posix::stream_descriptor> sockets_;
    Status failure_;
};

}  // namespace

Result<Cost> run_on_asio(RawClient& client, double seconds) {
    const double cpu_before = thread_cpu_seconds();
    const std::uint64_t answered_before = client.answered();
    HONE_TRY(Loop(client, seconds).run());
    return Cost{static_cast<double>(client.answered() - answered_before),
                thread_cpu_seconds() - cpu_before};
}

}  // namespace hone::bench
