// base/result.hpp - a value or an Error; ignoring it does not compile.
//
// Shape    Result<T> wraps std::expected<T, Error>; Status is Result<void>. HONE_TRY(expression)
//          returns the Error of a Status; HONE_TRY_ASSIGN(declaration, expression) also takes the
//          value.
#pragma once

#include <expected>
#include <utility>

#include "base/assert.hpp"
#include "base/error.hpp"

namespace hone {

template <class T>
class [[nodiscard]] Result {
  public:
    Result(T value) : expected_(std::move(value)) {}
    Result(Error error) : expected_(std::unexpected(std::move(error))) {}

    bool ok() const { return expected_.has_value(); }
    explicit operator bool() const { return ok(); }

    // Requires ok().
    T& value() & { return HONE_ASSERT(ok()), *expected_; }
    const T& value() const& { return HONE_ASSERT(ok()), *expected_; }
    T&& value() && { return HONE_ASSERT(ok()), std::move(*expected_); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }
    T value_or(T other) const& { return ok() ? *expected_ : std::move(other); }

    // Requires !ok().
    const Error& error() const& { return HONE_ASSERT(!ok()), expected_.error(); }
    Error&& error() && { return HONE_ASSERT(!ok()), std::move(expected_).error(); }

    // Adds what the caller was doing to an Error; leaves a value alone.
    Result&& with_context(std::string doing) && {
        if (!ok()) std::move(expected_.error()).with_context(std::move(doing));
        return std::move(*this);
    }

  private:
    std::expected<T, Error> expected_;
};

template <>
class [[nodiscard]] Result<void> {
  public:
    Result() = default;
    Result(Error error) : expected_(std::unexpected(std::move(error))) {}

    bool ok() const { return expected_.has_value(); }
    explicit operator bool() const { return ok(); }
    const Error& error() const& { return HONE_ASSERT(!ok()), expected_.error(); }
    Error&& error() && { return HONE_ASSERT(!ok()), std::move(expected_).error(); }

    Result&& with_context(std::string doing) && {
        if (!ok()) std::move(expected_.error()).with_context(std::move(doing));
        return std::move(*this);
    }

  private:
    std::expected<void, Error> expected_;
};

using Status = Result<void>;

}  // namespace hone

#define HONE_CONCATENATE_(a, b) a##b
#define HONE_CONCATENATE(a, b) HONE_CONCATENATE_(a, b)

#define HONE_TRY(...)                                            \
    do {                                                         \
        if (auto hone_status = (__VA_ARGS__); !hone_status.ok()) \
            return std::move(hone_status).error();               \
    } while (false)

#define HONE_TRY_ASSIGN_(temporary, declaration, ...)         \
    auto temporary = (__VA_ARGS__);                           \
    if (!temporary.ok()) return std::move(temporary).error(); \
    declaration = std::move(temporary).value()
#define HONE_TRY_ASSIGN(declaration, ...) \
    HONE_TRY_ASSIGN_(HONE_CONCATENATE(hone_result_, __LINE__), declaration, __VA_ARGS__)
