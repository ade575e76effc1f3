// tests/support/statements.hpp - workloads made of a few statements, for tests.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "prove/load/workload.hpp"

namespace hone::test {

// Operation i runs statement i with the transaction's number as its only parameter ($1 is a
// bigint), unless a test draws its own.
class Statements : public prove::Workload {
  public:
    using Draw = std::function<void(std::size_t operation, std::uint64_t number,
                                    prove::Transaction& transaction)>;

    explicit Statements(const std::vector<std::string>& sql, Draw draw = {})
        : draw_(std::move(draw)) {
        constexpr std::uint32_t kInt8Oid = 20;
        for (const std::string& text : sql) {
            const std::string name = "s" + std::to_string(texts_.size());
            texts_.push_back({.name = name, .sql = text, .parameter_types = {kInt8Oid}});
            operations_.push_back({.name = name});
        }
    }
    std::span<const prove::StatementText> statements() const override { return texts_; }
    std::span<const prove::OperationInfo> operations() const override { return operations_; }
    void draw(std::size_t operation, std::uint64_t number,
              prove::Transaction& transaction) const override {
        if (draw_) return draw_(operation, number, transaction);
        transaction.add(operation).bind_int8(static_cast<std::int64_t>(number));
    }

  private:
    std::vector<prove::StatementText> texts_;
    std::vector<prove::OperationInfo> operations_;
    Draw draw_;
};

}  // namespace hone::test
