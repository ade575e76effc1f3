// Scratch servers on real binaries: private, quick, and gone with whoever started them.
#include "engines/postgres/scratch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <thread>

#include "base/text.hpp"
#include "engines/postgres/data_copy.hpp"
#include "engines/postgres/skeleton.hpp"
#include "engines/postgres/state.hpp"
#include "model/setting.hpp"
#include "support/test_cache.hpp"

namespace hone::postgres {
namespace {

using testing::HasSubstr;

constexpr const char* kBinaries = "/usr/lib/postgresql/15/bin";

Deadline soon() {
    return Deadline::after(Seconds{60});
}

class Scratch : public testing::Test {
  protected:
    Scratch()
        : folder_(TemporaryFolder::create("/tmp", "hone-scratch-test-").value()),
          owner_(scratch_owner().value()) {}

    ScratchOptions options(std::vector<ConfigEntry> settings = {}) const {
        ScratchOptions options;
        options.bin_directory = kBinaries;
        options.owner = owner_;
        options.cache_folder = test::test_cache();
        options.settings = std::move(settings);
        return options;
    }

    static ConfigEntry entry(std::string name, std::string value) {
        return {std::move(name), std::move(value), {}, 0};
    }

    TemporaryFolder folder_;
    Identity owner_;
};

TEST_F(Scratch, BootsWithItsSettingsAndLeavesNothing) {
    int pid = 0;
    std::filesystem::path data;
    {
        auto server = ScratchServer::prepare(
                          options({entry("work_mem", "4MB"), entry("work_mem", "7MB")}), soon())
                          .value();
        ASSERT_TRUE(server.start(soon()).ok());
        pid = server.postmaster_pid();
        data = server.data_directory();
        auto connection = server.connect(soon()).value();
        const auto rows = connection
                              .query(
                                  "SELECT current_setting('work_mem') AS work_mem, "
                                  "current_setting('listen_addresses') AS listens",
                                  soon())
                              .value();
        EXPECT_EQ(rows.text(0, "work_mem"), "7MB");
        EXPECT_EQ(rows.text(0, "listens"), "");
        struct stat facts{};
        ASSERT_EQ(::stat(data.c_str(), &facts), 0);
        EXPECT_EQ(facts.st_uid, owner_.user);
    }
    EXPECT_NE(::kill(pid, 0), 0);
    EXPECT_FALSE(file_exists(data.parent_path()));
}

TEST_F(Scratch, TakesOtherSettingsBetweenTwoStarts) {
    auto server = ScratchServer::prepare(options(), soon()).value();
    for (const char* value : {"8MB", "9MB"}) {
        ASSERT_TRUE(server.configure({entry("work_mem", value)}).ok());
        ASSERT_TRUE(server.start(soon()).ok());
        auto connection = server.connect(soon()).value();
        EXPECT_EQ(connection.query("SHOW work_mem", soon()).value().text(0, "work_mem"), value);
        ASSERT_TRUE(server.stop(soon()).ok());
        EXPECT_EQ(server.postmaster_pid(), 0);
    }
}

TEST_F(Scratch, SaysWhyItDidNotStartAndStartsOnceThatIsMended) {
    auto server = ScratchServer::prepare(options({entry("no_such_setting", "1")}), soon()).value();
    const Status started = server.start(soon());
    ASSERT_FALSE(started.ok());
    EXPECT_EQ(started.error().code(), ErrorCode::kFailedPrecondition);
    EXPECT_THAT(started.error().message(),
                HasSubstr("this build of PostgreSQL has no setting named no_such_setting"));
    ASSERT_TRUE(server.configure({}).ok());
    EXPECT_TRUE(server.start(soon()).ok());
}

TEST_F(Scratch, KeepsTheEnvironmentOut) {
    ::setenv("PGOPTIONS", "-c work_mem=99MB", 1);
    ::setenv("PGPORT", "1", 1);
    auto server = ScratchServer::prepare(options({entry("work_mem", "5MB")}), soon()).value();
    ASSERT_TRUE(server.start(soon()).ok());
    auto connection = server.connect(soon());
    ::unsetenv("PGOPTIONS");
    ::unsetenv("PGPORT");
    ASSERT_TRUE(connection.ok());
    EXPECT_EQ(connection->query("SHOW work_mem", soon()).value().text(0, "work_mem"), "5MB");
}

TEST_F(Scratch, AsksForAPasswordOnLoopback) {
    auto with_loopback = options();
    with_loopback.listen_on_loopback = true;
    auto server = ScratchServer::prepare(with_loopback, soon()).value();
    ASSERT_TRUE(server.start(soon()).ok());
    const auto connection = Connection::open(
        "host=127.0.0.1 user=postgres dbname=postgres port=" + std::to_string(server.port()),
        soon());
    ASSERT_FALSE(connection.ok());
    EXPECT_EQ(connection.error().code(), ErrorCode::kPermissionDenied);
    auto on_socket = server.connect(soon()).value();
    ASSERT_TRUE(on_socket.query("ALTER ROLE postgres PASSWORD 'test'", soon()).ok());
    EXPECT_TRUE(
        Connection::open("host=127.0.0.1 user=postgres password=test dbname=postgres port=" +
                             std::to_string(server.port()),
                         soon())
            .ok());
}

// Reads the pid that the doomed process prints, kills it, and waits for the server to follow.
TEST_F(Scratch, DiesWithAHoneThatIsKilled) {
    static_cast<void>(skeleton_of(kBinaries, owner_, test::test_cache(), "/tmp", soon()));
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const auto place = options();
    const pid_t doomed = ::fork();
    if (doomed == 0) {
        auto server = ScratchServer::prepare(place, soon());
        int pid = 0;
        if (server.ok() && server->start(soon()).ok()) pid = server->postmaster_pid();
        std::string data = server.ok() ? server->data_directory().string() : "";
        [[maybe_unused]] auto wrote = ::write(ends[1], &pid, sizeof(pid));
        wrote = ::write(ends[1], data.data(), data.size());
        ::close(ends[1]);
        ::pause();
    }
    ::close(ends[1]);
    int pid = 0;
    ASSERT_EQ(::read(ends[0], &pid, sizeof(pid)), static_cast<ssize_t>(sizeof(pid)));
    std::string data(4096, '\0');
    data.resize(
        static_cast<std::size_t>(std::max<ssize_t>(0, ::read(ends[0], data.data(), data.size()))));
    ::close(ends[0]);
    ASSERT_GT(pid, 0);
    ::kill(doomed, SIGKILL);
    ::waitpid(doomed, nullptr, 0);
    const Deadline patience = Deadline::after(Seconds{60});
    const auto gone = [&] {
        const auto status = read_file("/proc/" + std::to_string(pid) + "/status");
        return !status.ok() || status->find("State:\tZ") != std::string::npos;
    };
    while (!gone() && !patience.expired())
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_TRUE(gone());
    std::filesystem::remove_all(std::filesystem::path(data).parent_path());
}

TEST_F(Scratch, MakesOneSkeletonWhenManyAskAtOnce) {
    std::vector<std::jthread> threads;
    std::array<std::filesystem::path, 3> made;
    for (auto& place : made)
        threads.emplace_back([&] {
            auto skeleton =
                skeleton_of(kBinaries, owner_, folder_.path() / "cache", "/tmp", soon());
            if (skeleton.ok()) place = *skeleton;
        });
    threads.clear();
    EXPECT_FALSE(made[0].empty());
    EXPECT_EQ(made[0], made[1]);
    EXPECT_EQ(made[0], made[2]);
    EXPECT_EQ(list_folder(folder_.path() / "cache" / "skeletons").value().size(), 1U);
}

TEST_F(Scratch, SaysWhichFolderHasNoPostgres) {
    auto elsewhere = options();
    elsewhere.bin_directory = "/usr/bin";
    const auto server = ScratchServer::prepare(elsewhere, soon());
    ASSERT_FALSE(server.ok());
    EXPECT_EQ(server.error().message(),
              "looking for the program '/usr/bin/postgres': No such file or directory: name the "
              "folder of PostgreSQL's programs with --bin-dir");
}

TEST_F(Scratch, RefusesAFolderTooDeepForASocket) {
    const auto deep = folder_.path() / std::string(100, 'x');
    ASSERT_TRUE(make_folders(deep).ok());
    ::chmod(folder_.path().c_str(), 0755);
    auto far = options();
    static_cast<void>(skeleton_of(kBinaries, owner_, far.cache_folder, "/tmp", soon()));
    far.parent_folder = deep;
    const auto server = ScratchServer::prepare(far, soon());
    ASSERT_FALSE(server.ok());
    EXPECT_THAT(server.error().message(), HasSubstr("the path is too long for a socket"));
    EXPECT_TRUE(list_folder(deep).value().empty());
}

TEST_F(Scratch, CopiesADataFolderWithoutItsTies) {
    auto original = ScratchServer::prepare(options(), soon()).value();
    ASSERT_TRUE(original.start(soon()).ok());
    {
        auto connection = original.connect(soon()).value();
        ASSERT_TRUE(connection.query("CREATE TABLE kept (n int)", soon()).ok());
        ASSERT_TRUE(connection.query("ALTER SYSTEM SET work_mem = '77MB'", soon()).ok());
    }
    ASSERT_TRUE(original.stop(soon()).ok());
    auto from_it = options();
    from_it.template_data = original.data_directory();
    auto copy = ScratchServer::prepare(from_it, soon()).value();
    ASSERT_TRUE(copy.start(soon()).ok());
    auto connection = copy.connect(soon()).value();
    EXPECT_EQ(connection.query("SHOW work_mem", soon()).value().text(0, "work_mem"), "4MB");
    EXPECT_TRUE(connection.query("SELECT * FROM kept", soon()).ok());
}

TEST_F(Scratch, RefusesToCopyTablespaces) {
    ASSERT_TRUE(make_folders(folder_.path() / "data" / "pg_tblspc" / "16400").ok());
    const Status copied =
        copy_data_folder(folder_.path() / "data", folder_.path() / "copy", owner_, soon());
    ASSERT_FALSE(copied.ok());
    EXPECT_EQ(copied.error().code(), ErrorCode::kUnsupported);
}

TEST_F(Scratch, ReadsTheCatalogueOfABuildAndRemembersIt) {
    const auto cache = folder_.path() / "cache";
    const auto first = catalogue_of_binary(kBinaries, cache, soon());
    ASSERT_TRUE(first.ok());
    const auto* compression = find_setting(*first, "wal_compression");
    ASSERT_NE(compression, nullptr);
    EXPECT_EQ(compression->type, SettingType::kEnum);
    EXPECT_THAT(compression->enum_values, testing::Contains("lz4"));
    const auto* buffers = find_setting(*first, "shared_buffers");
    ASSERT_NE(buffers, nullptr);
    EXPECT_EQ(buffers->unit, "8kB");
    EXPECT_EQ(buffers->boot_value, "16384");
    EXPECT_EQ(buffers->minimum, 16);
    std::filesystem::remove_all(cache / "skeletons");
    const auto again = catalogue_of_binary(kBinaries, cache, soon());
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(again->size(), first->size());
    // No skeleton was made for it: it came from the cache.
    EXPECT_FALSE(file_exists(cache / "skeletons"));
}

TEST_F(Scratch, MakesADamagedCatalogueAgain) {
    const auto cache = folder_.path() / "cache";
    const auto first = catalogue_of_binary(kBinaries, cache, soon()).value();
    const auto name = list_folder(cache / "catalogues").value().at(0);
    ASSERT_TRUE(replace_file(cache / "catalogues" / name, "{\"schema_version\": 1, \"set").ok());
    EXPECT_EQ(catalogue_of_binary(kBinaries, cache, soon()).value().size(), first.size());
}

}  // namespace
}  // namespace hone::postgres
