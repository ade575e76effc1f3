// bench/load/load.hpp - one statement over pgbench's tables, as hone and as pgbench run it.
#pragma once

#include <cstdint>
#include <string>

#include "base/random.hpp"
#include "prove/load/workload.hpp"

namespace hone::bench {

inline constexpr std::uint64_t kRowsPerScale = 100000;

struct Load {
    std::string name;
    std::string sql;     // $1 is the account's number
    std::string script;  // the same for pgbench
};

// A random account for each transaction.
class OneStatement : public prove::Workload {
  public:
    OneStatement(const Load& load, int scale)
        : statements_{{.name = "account", .sql = load.sql}},
          operations_{{.name = load.name}},
          rows_(kRowsPerScale * static_cast<std::uint64_t>(scale)) {}
    std::span<const prove::StatementText> statements() const override { return statements_; }
    std::span<const prove::OperationInfo> operations() const override { return operations_; }
    void draw(std::size_t, std::uint64_t number, prove::Transaction& transaction) const override {
        Random random(number);
        transaction.add(0).bind_int4(static_cast<std::int32_t>(1 + random.below(rows_)));
    }

  private:
    std::vector<prove::StatementText> statements_;
    std::vector<prove::OperationInfo> operations_;
    std::uint64_t rows_;
};

}  // namespace hone::bench
