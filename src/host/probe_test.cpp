#include "host/probe.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.hpp"
#include "host/detect.hpp"

namespace hone::host {

namespace {

namespace fs = std::filesystem;

StorageClass class_of(double flush, std::optional<double> read) {
    return classify({.fdatasync_seconds = flush, .random_read_seconds = read});
}

TEST(StorageProbe, ClassFollowsTheReadWhereThereIsOne) {
    EXPECT_EQ(class_of(0.010, 0.00009), StorageClass::kNvme);
    EXPECT_EQ(class_of(0.0001, 0.0004), StorageClass::kSsd);
    EXPECT_EQ(class_of(0.0001, 0.0080), StorageClass::kHdd);
}

TEST(StorageProbe, ClassFollowsTheFlushWithoutDirectReads) {
    EXPECT_EQ(class_of(0.0001, std::nullopt), StorageClass::kNvme);
    EXPECT_EQ(class_of(0.0020, std::nullopt), StorageClass::kSsd);
    EXPECT_EQ(class_of(0.0120, std::nullopt), StorageClass::kHdd);
}

TEST(StorageProbe, MeasuresAndLeavesNoFile) {
    const auto folder = TemporaryFolder::create("/tmp", "hone-probe-test-").value();
    const auto result = probe_storage(folder.path(), Seconds{0.4});
    if (!result.ok() && result.error().code() == ErrorCode::kExhausted)
        GTEST_SKIP() << result.error().wrong();
    ASSERT_TRUE(result.ok()) << result.error().wrong();
    EXPECT_GT(result->fdatasync_seconds, 0);
    EXPECT_NE(classify(*result), StorageClass::kUnknown);
    EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(StorageProbe, MemoryIsMeasuredToo) {
    if (!fs::is_directory("/dev/shm")) GTEST_SKIP() << "there is no /dev/shm";
    const auto folder = TemporaryFolder::create("/dev/shm", "hone-probe-test-").value();
    const auto result = probe_storage(folder.path(), Seconds{0.2});
    if (!result.ok() && result.error().code() == ErrorCode::kExhausted)
        GTEST_SKIP() << result.error().wrong();
    ASSERT_TRUE(result.ok()) << result.error().wrong();
    EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(StorageProbe, FolderThatIsNotThereIsAnError) {
    const auto result = probe_storage("/tmp/hone-no-such-folder", Seconds{0.2});
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code(), ErrorCode::kNotFound);
}

TEST(StorageProbe, KernelFolderThatTakesNoFilesIsAnError) {
    EXPECT_FALSE(probe_storage("/proc/self", Seconds{0.2}).ok());
}

TEST(ThisMachine, IsReadWithoutAProbe) {
    const Host host = detect({.probe = false}, silent_progress());
    ASSERT_TRUE(host.memory.total.value);
    ASSERT_TRUE(host.memory.limit.value);
    EXPECT_LE(host.memory.limit.value->count(), host.memory.total.value->count());
    ASSERT_TRUE(host.cpu.limit_cores.value);
    EXPECT_GT(*host.cpu.limit_cores.value, 0);
    EXPECT_TRUE(host.kernel.value);
    for (const StorageFacts& storage : host.storage)
        EXPECT_FALSE(storage.fdatasync_seconds.value) << storage.device;
}

}  // namespace

}  // namespace hone::host
