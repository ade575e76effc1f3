#include "prove/load/workload.hpp"

#include <limits>
#include <type_traits>

namespace hone::prove {

namespace {

constexpr int kTextFormat = 0;
constexpr int kBinaryFormat = 1;
constexpr std::size_t kNull = std::numeric_limits<std::size_t>::max();

template <typename Integer>
std::string_view network_order(Integer value, char* bytes) {
    for (std::size_t i = 0; i < sizeof(Integer); ++i)
        bytes[i] = static_cast<char>(static_cast<std::make_unsigned_t<Integer>>(value) >>
                                     (8 * (sizeof(Integer) - 1 - i)));
    return {bytes, sizeof(Integer)};
}

}  // namespace

void StatementCall::reset(std::size_t statement) {
    statement_ = statement;
    bytes_.clear();
    offsets_.clear();
    lengths_.clear();
    formats_.clear();
}

void StatementCall::append(std::string_view value, int format) {
    offsets_.push_back(bytes_.size());
    lengths_.push_back(static_cast<int>(value.size()));
    formats_.push_back(format);
    bytes_.append(value);
    bytes_.push_back('\0');
}

void StatementCall::bind_null() {
    offsets_.push_back(kNull);
    lengths_.push_back(0);
    formats_.push_back(kTextFormat);
}

void StatementCall::bind_text(std::string_view value) {
    append(value, kTextFormat);
}

void StatementCall::bind_binary(std::string_view value) {
    append(value, kBinaryFormat);
}

void StatementCall::bind_int2(std::int16_t value) {
    char bytes[sizeof value];
    append(network_order(value, bytes), kBinaryFormat);
}

void StatementCall::bind_int4(std::int32_t value) {
    char bytes[sizeof value];
    append(network_order(value, bytes), kBinaryFormat);
}

void StatementCall::bind_int8(std::int64_t value) {
    char bytes[sizeof value];
    append(network_order(value, bytes), kBinaryFormat);
}

const char* const* StatementCall::values() const {
    values_.clear();
    for (const std::size_t offset : offsets_)
        values_.push_back(offset == kNull ? nullptr : bytes_.data() + offset);
    return values_.data();
}

void Transaction::clear() {
    used_ = 0;
    atomic = false;
    rounds_at_most = 1;
}

StatementCall& Transaction::add(std::size_t statement) {
    if (used_ == calls_.size()) calls_.emplace_back();
    StatementCall& call = calls_[used_++];
    call.reset(statement);
    return call;
}

}  // namespace hone::prove
