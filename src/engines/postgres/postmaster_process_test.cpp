#include "engines/postgres/postmaster_process.hpp"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hone::postgres {
namespace {

TEST(PostmasterProcess, AnotherProgramWithItsNumberIsNotIt) {
    EXPECT_FALSE(is_postmaster_of(::getpid(), "/"));
    EXPECT_FALSE(is_postmaster_of(0x7ffffff0, "/"));
}

TEST(PostmasterProcess, OneThatEndedAndWasNotCollectedDoesNotRun) {
    const pid_t ended = ::fork();
    if (ended == 0) {
        ::prctl(PR_SET_NAME, "postgres");
        ::_exit(0);
    }
    siginfo_t info{};
    ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(ended), &info, WEXITED | WNOWAIT), 0);
    EXPECT_FALSE(is_postmaster_of(ended, "/"));
    ::waitpid(ended, nullptr, 0);
}

TEST(PostmasterProcess, NobodyWorksInAFolderThatDoesNotExist) {
    EXPECT_EQ(find_postmaster_of("/nonexistent/data"), std::nullopt);
}

TEST(ServiceUnit, IsTheLastFolderOfTheControlGroup) {
    EXPECT_EQ(service_unit_in("0::/system.slice/postgresql.service\n"), "postgresql.service");
    EXPECT_EQ(
        service_unit_in("0::/system.slice/system-postgresql.slice/postgresql@15-main.service\n"),
        "postgresql@15-main.service");
    EXPECT_EQ(service_unit_in("0::/user.slice/user-0.slice/session-1.scope\n"), "");
    EXPECT_EQ(service_unit_in(""), "");
}

TEST(ContainerCgroup, EnginesAreKnownByTheirNames) {
    EXPECT_TRUE(is_container_cgroup("0::/system.slice/docker-0123.scope\n"));
    EXPECT_TRUE(is_container_cgroup("12:memory:/kubepods/burstable/pod1/abc\n"));
    EXPECT_FALSE(is_container_cgroup("0::/system.slice/postgresql.service\n"));
}

}  // namespace
}  // namespace hone::postgres
