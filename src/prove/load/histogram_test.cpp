#include "prove/load/histogram.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace hone::prove {
namespace {

TEST(LatencyHistogram, KeepsThreeSignificantDigitsOverItsWholeRange) {
    for (const double seconds : {3e-9, 2.047e-6, 2.049e-6, 1.2345e-4, 0.98765, 12.3456, 3599.0}) {
        LatencyHistogram histogram;
        histogram.record(seconds, 100);
        histogram.record(3600);  // so that the maximum does not help
        const double median = histogram.quantile_seconds(0.5).value();
        EXPECT_GE(median, seconds * (1 - 1e-9)) << seconds;
        EXPECT_LE(median, seconds * 1.001) << seconds;
    }
}

TEST(LatencyHistogram, TakesTheNearestRank) {
    LatencyHistogram histogram;
    for (int i = 1; i <= 1000; ++i) histogram.record(i * 1e-9);
    EXPECT_DOUBLE_EQ(histogram.quantile_seconds(0.99).value(), 990e-9);
    EXPECT_DOUBLE_EQ(histogram.quantile_seconds(0.5).value(), 500e-9);
    EXPECT_DOUBLE_EQ(histogram.quantile_seconds(0.01).value(), 10e-9);
}

TEST(LatencyHistogram, RefusesAPercentileWithTooFewSamplesBeyond) {
    LatencyHistogram histogram;
    histogram.record(0.001, 999);
    EXPECT_FALSE(histogram.quantile_seconds(0.99).has_value());
    histogram.record(0.001);
    EXPECT_TRUE(histogram.quantile_seconds(0.99).has_value());
    EXPECT_FALSE(histogram.quantile_seconds(0.999).has_value());
    EXPECT_FALSE(LatencyHistogram().quantile_seconds(0.5).has_value());
}

TEST(LatencyHistogram, KeepsExactExtremesAndMean) {
    LatencyHistogram histogram;
    histogram.record(0.123456789);
    histogram.record(7200);
    histogram.record(0.000000001);
    EXPECT_DOUBLE_EQ(histogram.min_seconds(), 1e-9);
    EXPECT_DOUBLE_EQ(histogram.max_seconds(), 7200);
    EXPECT_NEAR(histogram.mean_seconds(), 2400.041152263, 1e-6);
}

TEST(LatencyHistogram, CountsWhatIsLongerThanAnHourAsAnHour) {
    LatencyHistogram histogram;
    histogram.record(7200, 20);
    EXPECT_NEAR(histogram.quantile_seconds(0.5).value(), 3600, 3.6);
    EXPECT_EQ(histogram.count_at_most(3700), 20U);
    EXPECT_EQ(histogram.count_at_most(3500), 0U);
}

TEST(LatencyHistogram, TakesNonsenseForZero) {
    LatencyHistogram histogram;
    histogram.record(-1);
    histogram.record(0);
    EXPECT_EQ(histogram.count(), 2U);
    EXPECT_EQ(histogram.max_seconds(), 0);
    EXPECT_EQ(histogram.count_at_most(0), 2U);
}

TEST(LatencyHistogram, TwoAddUpToWhatOneWouldHaveCounted) {
    Random random(7);
    LatencyHistogram whole;
    LatencyHistogram even;
    LatencyHistogram odd;
    for (int i = 0; i < 20000; ++i) {
        const double seconds = random.unit() * (i % 2 == 0 ? 0.002 : 3.0);
        whole.record(seconds);
        (i % 2 == 0 ? even : odd).record(seconds);
    }
    even.merge(odd);
    even.merge(LatencyHistogram());
    EXPECT_EQ(even.count(), 20000U);
    EXPECT_EQ(even.max_seconds(), whole.max_seconds());
    EXPECT_EQ(even.min_seconds(), whole.min_seconds());
    EXPECT_NEAR(even.mean_seconds(), whole.mean_seconds(), 1e-9);
    for (const double quantile : {0.01, 0.5, 0.9, 0.99, 0.999})
        EXPECT_EQ(even.quantile_seconds(quantile), whole.quantile_seconds(quantile));
}

TEST(LatencyHistogram, ForgetsOnClear) {
    LatencyHistogram histogram;
    histogram.record(5, 100);
    histogram.clear();
    EXPECT_EQ(histogram.count(), 0U);
    histogram.record(0.001, 100);
    EXPECT_NEAR(histogram.quantile_seconds(0.9).value(), 0.001, 1e-6);
    EXPECT_DOUBLE_EQ(histogram.min_seconds(), 0.001);
}

TEST(LatencyHistogram, ComesBackFromItsDocument) {
    Random random(11);
    LatencyHistogram histogram;
    for (int i = 0; i < 5000; ++i) histogram.record(random.unit() * random.unit());
    const json::value document = to_json(histogram);
    const auto copy = histogram_from_json(JsonReader(document, "latency"));
    ASSERT_TRUE(copy.ok()) << copy.error().message();
    EXPECT_EQ(to_json_line(to_json(*copy)), to_json_line(document));
    EXPECT_EQ(copy->quantile_seconds(0.99), histogram.quantile_seconds(0.99));
}

TEST(LatencyHistogram, DocumentSaysNullWhereAPercentileIsRefused) {
    LatencyHistogram histogram;
    histogram.record(0.25, 20);
    const json::object document = to_json(histogram);
    EXPECT_DOUBLE_EQ(document.at("p50_seconds").as_double(), 0.25);
    EXPECT_TRUE(document.at("p99_seconds").is_null());
}

TEST(LatencyHistogram, RefusesADamagedDocument) {
    for (const char* text :
         {R"({"min_seconds":0,"max_seconds":1,"mean_seconds":1})",
          R"({"min_seconds":0,"max_seconds":1,"mean_seconds":1,"buckets":[[1]]})",
          R"({"min_seconds":0,"max_seconds":1,"mean_seconds":1,
                                 "buckets":[[0.1,0.2,-1]]})",
          R"({"max_seconds":1,"mean_seconds":1,"buckets":[]})"}) {
        const json::value document = parse_json(text, "test").value();
        EXPECT_FALSE(histogram_from_json(JsonReader(document, "latency")).ok()) << text;
    }
}

}  // namespace
}  // namespace hone::prove
