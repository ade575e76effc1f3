#include "engines/postgres/effective.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engines/postgres/claims.hpp"

namespace hone::postgres {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

ConfigEntry entry(const std::string& file, int line, const std::string& value) {
    return {.name = "work_mem", .value = value, .file = file, .line = line};
}

TEST(FileClaims, EmptyFolderHasItsPlaceInTheOrderOfReading) {
    ConfigTree files;
    files.entries = {entry("/etc/main.conf", 1, "1MB"), entry("/etc/main.conf", 9, "2MB")};
    files.include_places = {{"/etc/conf.d", 1, 1}};
    const auto claims = file_claims("work_mem", files, "/etc/conf.d/90-hone.conf");
    ASSERT_THAT(claims, SizeIs(1));
    EXPECT_EQ(claims[0].where, "/etc/main.conf line 9");
    EXPECT_EQ(claims[0].fix, "delete line 9 of /etc/main.conf, then SELECT pg_reload_conf();");
}

TEST(FileClaims, FileAtTheEndOfTheMainFileHasOnlyAlterSystemAgainstIt) {
    ConfigTree files;
    files.entries = {entry("/etc/main.conf", 1, "1MB"),
                     entry("/data/postgresql.auto.conf", 3, "2MB")};
    const auto claims = file_claims("work_mem", files, "/data/hone.conf");
    ASSERT_THAT(claims, SizeIs(1));
    EXPECT_EQ(claims[0].cause, Override::kAlterSystem);
}

TEST(FileClaims, NothingIsReadAfterAlterSystem) {
    ConfigTree files;
    files.entries = {entry("/etc/main.conf", 1, "1MB"),
                     entry("/data/postgresql.auto.conf", 3, "2MB")};
    EXPECT_THAT(file_claims("work_mem", files, "/data/postgresql.auto.conf"), IsEmpty());
}

TEST(FileClaims, EveryLineThatHasToGoIsNamed) {
    ConfigTree files;
    files.entries = {entry("/etc/conf.d/90-hone.conf", 1, "1MB"),
                     entry("/etc/conf.d/99-a.conf", 4, "2MB"),
                     entry("/etc/conf.d/99-a.conf", 7, "3MB"), entry("/etc/main.conf", 50, "4MB")};
    const auto claims = file_claims("work_mem", files, "/etc/conf.d/90-hone.conf");
    ASSERT_THAT(claims, SizeIs(1));
    EXPECT_EQ(claims[0].value, "4MB");
    EXPECT_EQ(claims[0].fix,
              "delete lines 4, 7 of /etc/conf.d/99-a.conf and line 50 of /etc/main.conf, then "
              "SELECT pg_reload_conf();");
}

TEST(RoleClaim, NamesAreQuotedWhereTheyMustBe) {
    const Claim claim = claim_of(
        RoleSetting{.database = "my shop", .role = "user", .setting = "work_mem", .value = "1MB"});
    EXPECT_EQ(claim.where, R"(ALTER ROLE "user" IN DATABASE "my shop" SET)");
    EXPECT_EQ(claim.fix, R"(ALTER ROLE "user" IN DATABASE "my shop" RESET work_mem;)");
    EXPECT_EQ(typed_identifier("app_1"), "app_1");
    EXPECT_EQ(typed_identifier("1app"), R"("1app")");
    EXPECT_EQ(typed_identifier("App"), R"("App")");
}

TEST(CommandLineClaim, DebianClusterKeepsItsOptionsInAFile) {
    EXPECT_EQ(command_line_claim("work_mem", "4MB", "/etc/postgresql/15/main/postgresql.conf").fix,
              "remove '-c work_mem=4MB' from the start options in "
              "/etc/postgresql/15/main/pg_ctl.conf, then stop the server and start it");
}

TEST(PredictObstacles, RoleThatSeesLittleDoesNotMakeSettingsUnknown) {
    Plan plan;
    plan.changes.push_back({.setting = "work_mem", .from = {}, .to = "16MB"});
    ServerState state;
    state.catalogue["work_mem"] = {.name = "work_mem", .type = SettingType::kInteger, .unit = "kB"};
    ConfigTree files;
    files.entries = {{.name = "data_directory", .value = "/data", .file = "/m.conf", .line = 1}};
    EXPECT_THAT(predict_obstacles(plan, state, files, "/hone.conf", "app", "shop"), IsEmpty());
}

TEST(Describe, IsOneSentenceAndAFix) {
    EXPECT_EQ(describe({.setting = "work_mem",
                        .wanted = "16MB",
                        .effective = "4MB",
                        .cause = Override::kAlterRole,
                        .where = "ALTER ROLE app SET",
                        .fix = "ALTER ROLE app RESET work_mem;"}),
              "work_mem: the plan wants 16MB, but 4MB holds, set by ALTER ROLE app SET. Fix: ALTER "
              "ROLE app RESET work_mem;");
}

}  // namespace
}  // namespace hone::postgres
