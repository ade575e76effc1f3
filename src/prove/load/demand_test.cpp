#include "prove/load/demand.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "prove/load/run_options.hpp"

namespace hone::prove {
namespace {

const TallyOptions kTally{.operations = 1, .seconds = 10, .timeout_seconds = 1};

std::unique_ptr<Demand> scheduled(std::vector<double> times, std::size_t longest_queue = 100) {
    auto arrivals = std::make_shared<std::vector<Arrival>>();
    for (const double at : times)
        arrivals->push_back({.at_seconds = at, .number = arrivals->size()});
    RunOptions options;
    options.timeout_seconds = 1;
    options.open_loop = OpenLoop{.longest_queue = longest_queue, .recorded = arrivals};
    return make_demand(options, 1);
}

std::unique_ptr<Demand> clients(int count, double think_seconds) {
    RunOptions options;
    options.timeout_seconds = 1;
    options.closed_loop =
        ClosedLoop{.weights = {1}, .clients = count, .think_seconds = think_seconds};
    return make_demand(options, 1);
}

TEST(ScheduledDemand, GivesWhatIsDueInOrder) {
    Tally tally(kTally);
    const auto demand = scheduled({0.1, 0.2, 0.3});
    EXPECT_FALSE(demand->take(0.05, tally).has_value());
    EXPECT_DOUBLE_EQ(demand->next_at(), 0.1);
    EXPECT_DOUBLE_EQ(demand->take(0.25, tally)->at_seconds, 0.1);
    EXPECT_EQ(demand->take(0.25, tally)->number, 1U);
    EXPECT_FALSE(demand->take(0.25, tally).has_value());
    EXPECT_FALSE(demand->over(0.25));
    EXPECT_TRUE(demand->take(0.3, tally).has_value());
    EXPECT_TRUE(demand->over(0.3));
    EXPECT_EQ(demand->facts().next_numbers, std::vector<std::uint64_t>{3});
}

TEST(ScheduledDemand, HowLateAnybodyLooksChangesNothing) {
    // At 0.9 the queue of two is full; at 1.2 the first two have given up.
    Tally tally(kTally);
    const auto demand = scheduled({0.1, 0.15, 0.9, 1.2}, 2);
    const auto task = demand->take(1.25, tally);
    ASSERT_TRUE(task.has_value());
    EXPECT_DOUBLE_EQ(task->at_seconds, 1.2);
    LoadReport report;
    tally.report(0, 0, std::vector<OperationInfo>{{.name = "x"}}, report);
    EXPECT_EQ(report.operations[0].dropped, 1U);
    EXPECT_EQ(report.operations[0].timed_out, 2U);
}

TEST(ClientsDemand, AClientComesBackWhenItHasItsAnswerAndHasThought) {
    Tally tally(kTally);
    const auto demand = clients(2, 0.5);
    const auto first = demand->take(0, tally);
    const auto second = demand->take(0, tally);
    ASSERT_TRUE(first && second);
    EXPECT_NE(first->client, second->client);
    EXPECT_FALSE(demand->take(0.4, tally).has_value());
    EXPECT_TRUE(std::isinf(demand->next_at()));
    demand->answered(*second, 0.25);
    EXPECT_DOUBLE_EQ(demand->next_at(), 0.75);
    EXPECT_FALSE(demand->take(0.7, tally).has_value());
    const auto third = demand->take(0.8, tally);
    ASSERT_TRUE(third.has_value());
    EXPECT_EQ(third->client, second->client);
    EXPECT_DOUBLE_EQ(third->at_seconds, 0.75);
    EXPECT_EQ(third->number, 2U);
}

TEST(ClientsDemand, EndsWithTheTime) {
    Tally tally(kTally);
    const auto demand = clients(1, 0);
    EXPECT_FALSE(demand->over(9.9));
    EXPECT_TRUE(demand->over(10));
    EXPECT_FALSE(demand->take(10, tally).has_value());
}

TEST(RunOptionsTest, NonsenseIsRefusedWithItsReason) {
    const auto refusal = [](RunOptions options) {
        const Status status = validate(options, 2);
        return status.ok() ? std::string() : status.error().wrong();
    };
    const OpenLoop open_loop{.rates = {1, 2}};
    EXPECT_EQ(refusal({.open_loop = open_loop}), "");
    EXPECT_EQ(refusal({}), "a run is either open loop or closed loop");
    EXPECT_EQ(refusal({.seconds = 0, .open_loop = open_loop}), "seconds must be above 0");
    EXPECT_EQ(refusal({.open_loop = OpenLoop{.rates = {1}}}), "1 rates for 2 operations");
    EXPECT_EQ(refusal({.open_loop = OpenLoop{.rates = {1, -1}}}), "rates must be 0 or more");
    EXPECT_EQ(refusal({.closed_loop = ClosedLoop{.weights = {0, 0}}}), "all weights are 0");
    EXPECT_EQ(refusal({.closed_loop = ClosedLoop{.weights = {1, 1}, .clients = 0}}),
              "clients must be 1 or more");
    EXPECT_EQ(refusal({.open_loop = open_loop, .first_numbers = {1}}),
              "1 first numbers for 2 operations");
    EXPECT_FALSE(validate(GeneratorOptions{.connections = 0}).ok());
}

}  // namespace
}  // namespace hone::prove
