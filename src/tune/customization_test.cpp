#include <gtest/gtest.h>

#include "tune/test_machines.hpp"

namespace hone::tune {
namespace {

using testing::machine;
using testing::planned;

constexpr const char* kFull = R"(
workload = "ingest"
connections = 80
memory_share = 0.5
leave_alone = ["jit"]

[settings]
shared_buffers = "3GB"
random_page_cost = 1.5
track_io_timing = false

[tenants]
kaspad = "2GB"
)";

std::string message_of(std::string_view text) {
    const auto read = customization_from_toml(text, "my.toml");
    return read.ok() ? "" : read.error().message();
}

TEST(Customization, ReadsEveryKey) {
    const Customization custom = customization_from_toml(kFull, "my.toml").value();
    EXPECT_EQ(custom.workload, Workload::kIngest);
    EXPECT_EQ(custom.connections, 80);
    EXPECT_EQ(custom.memory_share, 0.5);
    EXPECT_EQ(custom.leave_alone, std::vector<std::string>{"jit"});
    EXPECT_EQ(
        custom.settings,
        (std::vector<std::pair<std::string, std::string>>{
            {"shared_buffers", "3GB"}, {"random_page_cost", "1.5"}, {"track_io_timing", "off"}}));
    ASSERT_EQ(custom.tenants.size(), 1U);
    EXPECT_EQ(custom.tenants[0].name, "kaspad");
    EXPECT_EQ(custom.tenants[0].memory, Bytes::giga(2));
}

TEST(Customization, FixedSettingsHoldAndTheRestIsFittedAroundThem) {
    TuneInput input = machine(Bytes::giga(16), 4, StorageClass::kSsd);
    input.profile = Profile::kCustom;
    input.customization = customization_from_toml(kFull, "my.toml").value();
    const Plan plan = make_plan(input).value();
    EXPECT_EQ(plan.profile, "custom");
    EXPECT_EQ(plan.workload, "ingest");
    EXPECT_EQ(planned(plan, "shared_buffers"), "3GB");
    EXPECT_EQ(planned(plan, "random_page_cost"), "1.5");
    EXPECT_EQ(planned(plan, "jit"), "unchanged");
    EXPECT_EQ(planned(plan, "track_io_timing"), "unchanged");
    EXPECT_EQ(testing::find_change(plan, "shared_buffers")->rule, "custom.setting");
    EXPECT_TRUE(plan.budget.closes());
}

TEST(Customization, MemoryShareLeavesTheRestToTheMachine) {
    TuneInput input = machine(Bytes::giga(16), 4, StorageClass::kSsd);
    input.customization.memory_share = 0.5;
    EXPECT_EQ(make_plan(input)->budget.terms.back().size, Bytes::giga(8));
}

TEST(Customization, ErrorsNameLineAndColumn) {
    EXPECT_EQ(
        message_of("\nconnections = -5\n"),
        "reading 'connections' at my.toml line 2 column 1: it is not a whole number from 1 to "
        "200000: write it as in connections = 200");
    EXPECT_NE(message_of("a = \n").find("line 1 column 5"), std::string::npos)
        << message_of("a = \n");
    EXPECT_NE(message_of("[tenants]\nkaspad = 8\n").find("line 2"), std::string::npos);
}

TEST(Customization, UnknownKeysGetASuggestion) {
    EXPECT_EQ(message_of("conections = 5\n"),
              "reading 'conections' at my.toml line 1 column 1: unknown key: did you mean "
              "connections?");
}

TEST(Customization, UnknownSettingsGetASuggestion) {
    TuneInput input = machine(Bytes::giga(8), 4, StorageClass::kSsd);
    input.customization.settings = {{"shared_bufers", "1GB"}};
    EXPECT_EQ(make_plan(input).error().advice(), "did you mean shared_buffers?");
}

TEST(Customization, ValuesOutOfRangeAreRefused) {
    TuneInput input = machine(Bytes::giga(8), 4, StorageClass::kSsd);
    input.customization.settings = {{"work_mem", "1kB"}};
    EXPECT_EQ(make_plan(input).error().code(), ErrorCode::kInvalidArgument);
}

TEST(Customization, DurabilityIsRefused) {
    for (const char* setting : {"fsync", "full_page_writes", "synchronous_commit", "autovacuum"}) {
        TuneInput input = machine(Bytes::giga(8), 4, StorageClass::kSsd);
        input.customization.settings = {{setting, "off"}};
        EXPECT_FALSE(make_plan(input).ok()) << setting;
    }
}

}  // namespace
}  // namespace hone::tune
