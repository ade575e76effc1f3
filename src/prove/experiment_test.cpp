#include "prove/experiment.hpp"

#include <gtest/gtest.h>

namespace hone::prove {
namespace {

TEST(Experiment, ClientsFollowTheCores) {
    EXPECT_EQ(clients_for(0.5), 2);
    EXPECT_EQ(clients_for(2), 4);
    EXPECT_EQ(clients_for(2.5), 5);
    EXPECT_EQ(clients_for(128), 32);
}

TEST(Experiment, UnknownLoadIsRefusedBeforeAnythingStarts) {
    ProveOptions options;
    options.loads = {"read-only", "tpcc"};
    const auto evidence = prove(Plan{}, options, silent_progress(), Deadline::after(Seconds{5}));
    ASSERT_FALSE(evidence.ok());
    EXPECT_EQ(evidence.error().message(),
              "choosing the load 'tpcc': there is no such load: use read-only, read-write or "
              "bulk-upsert");
}

TEST(Experiment, TooLittleTimeIsRefusedBeforeAnythingStarts) {
    ProveOptions options;
    options.seconds = 10;
    const auto evidence = prove(Plan{}, options, silent_progress(), Deadline::after(Seconds{5}));
    ASSERT_FALSE(evidence.ok());
    EXPECT_EQ(evidence.error().code(), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace hone::prove
