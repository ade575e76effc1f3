#include "base/error.hpp"

#include <gtest/gtest.h>

#include <cerrno>

#include "base/result.hpp"

namespace hone {
namespace {

Status fails() {
    return Error{ErrorCode::kNotFound, "reading '/x'", "it is not there", "check the path"};
}

Status passes_on() {
    HONE_TRY(fails().with_context("applying the plan"));
    return {};
}

Result<int> takes_value(Result<int> given) {
    HONE_TRY_ASSIGN(const int value, std::move(given));
    return value + 1;
}

TEST(Error, MessageSaysWhatWasTriedWhatWentWrongAndWhatToDo) {
    EXPECT_EQ(passes_on().error().message(),
              "applying the plan: reading '/x': it is not there: check the path");
}

TEST(Error, IsNotAppliedUnlessSaid) {
    EXPECT_EQ(fails().error().outcome(), Outcome::kNotApplied);
    Error error(ErrorCode::kUnavailable, "a", "b");
    EXPECT_EQ(std::move(error).with_outcome(Outcome::kUnknown).outcome(), Outcome::kUnknown);
}

TEST(Error, ErrnoBecomesACodeWithAdvice) {
    EXPECT_EQ(error_from_errno(EROFS, "writing").code(), ErrorCode::kPermissionDenied);
    EXPECT_EQ(error_from_errno(ENOSPC, "writing").code(), ErrorCode::kExhausted);
    EXPECT_EQ(
        error_from_errno(ENOSPC, "writing '/x'").message(),
        "writing '/x': No space left on device: the file system is full: free space and try again");
}

TEST(Result, TryPassesTheValueOrTheErrorOn) {
    EXPECT_EQ(takes_value(41).value(), 42);
    EXPECT_EQ(takes_value(Error{ErrorCode::kInternal, "a", "b"}).error().code(),
              ErrorCode::kInternal);
}

TEST(ResultDeathTest, ReadingTheValueOfAnErrorStopsTheProcess) {
    Result<int> result = Error{ErrorCode::kInternal, "a", "b"};
    EXPECT_DEATH(static_cast<void>(result.value()), "broken invariant: ok");
}

}  // namespace
}  // namespace hone
