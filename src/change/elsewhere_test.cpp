#include "change/elsewhere.hpp"

#include <gtest/gtest.h>

namespace hone::change {
namespace {

Plan two_changes() {
    Plan plan;
    Change first;
    first.setting = "log_line_prefix";
    first.to = "it's %m";
    Change second;
    second.setting = "shared_buffers";
    second.to = "1GB";
    second.context = SettingContext::kRestart;
    plan.changes = {first, second};
    return plan;
}

TEST(Elsewhere, PatroniGetsAPatchAndTheRestart) {
    EXPECT_EQ(instructions_for(ManagedBy::kPatroni, two_changes()),
              "# Patroni owns these settings. Save this as patch.yml, then:\n"
              "#   patronictl edit-config --apply patch.yml --force\n"
              "# Some need a restart, standbys first:  patronictl restart CLUSTER --pending\n"
              "postgresql:\n"
              "  parameters:\n"
              "    log_line_prefix: 'it''s %m'\n"
              "    shared_buffers: '1GB'\n");
}

TEST(Elsewhere, AContainerGetsArguments) {
    EXPECT_EQ(instructions_for(ManagedBy::kContainer, two_changes()),
              "# The server runs in a container: add these to its command, then make it anew.\n"
              "postgres \\\n"
              "  -c 'log_line_prefix=it'\\''s %m' \\\n"
              "  -c 'shared_buffers=1GB'\n");
}

TEST(Elsewhere, APlainServerNeedsNone) {
    EXPECT_FALSE(instructions_for(ManagedBy::kPlain, two_changes()).has_value());
    EXPECT_FALSE(instructions_for(ManagedBy::kDebian, two_changes()).has_value());
}

}  // namespace
}  // namespace hone::change
