#include <gtest/gtest.h>

#include "support/private_cluster.hpp"

namespace hone::test {
namespace {

TEST(PrivateCluster, AnswersAndComesBackAfterAStop) {
    PrivateCluster cluster;
    EXPECT_EQ(cluster.sql("SELECT 6 * 7"), "42");
    cluster.stop();
    EXPECT_FALSE(cluster.running());
    cluster.start();
    EXPECT_EQ(cluster.sql("SELECT 6 * 7"), "42");
}

TEST(PrivateCluster, MayKeepItsConfigurationApartAsDebianDoes) {
    PrivateCluster cluster({.separate_config = true});
    EXPECT_EQ(cluster.sql("SHOW config_file"), cluster.config_file().string());
    EXPECT_EQ(cluster.sql("SHOW data_directory"), cluster.data_directory().string());
}

}  // namespace
}  // namespace hone::test
