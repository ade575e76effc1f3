// Reports on a star: one fact table, three dimensions, seven queries with joins, sorts, aggregates and
// windows. One pass over all of them is one unit of work.
#include <fmt/format.h>

#include <array>

#include "bench/tuners/bench_load.hpp"

namespace hone::bench {

namespace {

constexpr int kCustomersPerSale = 8;  // one customer for so many sales
constexpr double kUsualPassSeconds = 3;

// Multiplications by odd constants modulo the sizes: spread out, and the same everywhere.
constexpr std::array<std::string_view, 4> kTables{
    "CREATE TABLE store AS SELECT i AS id, 'region ' || i % 12 AS region, 'city ' || i % 90 AS "
    "city "
    "FROM generate_series(1, 500) i",
    "CREATE TABLE product AS SELECT i AS id, 'category ' || i % 40 AS category, 'brand ' || i % "
    "700 "
    "AS brand, (i * 7919 % 90000 + 1000) / 100.0 AS list_price FROM generate_series(1, 20000) i",
    "CREATE TABLE customer AS SELECT i AS id, 'segment ' || i % 6 AS segment, 'name of customer ' "
    "|| "
    "i AS name, date '2015-01-01' + i % 3000 AS since FROM generate_series(1, {customers}) i",
    "CREATE TABLE sale AS SELECT i AS id, date '2023-01-01' + (i::bigint * 48271 % 1096)::int AS "
    "day, "
    "(i::bigint * 69621 % 500)::int + 1 AS store_id, (i::bigint * 40692 % 20000)::int + 1 AS "
    "product_id, (i::bigint * 16807 % {customers})::int + 1 AS customer_id, (i % 5) + 1 AS "
    "quantity, "
    "(i::bigint * 39373 % 100000) / 100.0 AS amount FROM generate_series(1, {sales}) i"};

constexpr std::array<std::string_view, 6> kIndexes{"ALTER TABLE store ADD PRIMARY KEY (id)",
                                                   "ALTER TABLE product ADD PRIMARY KEY (id)",
                                                   "ALTER TABLE customer ADD PRIMARY KEY (id)",
                                                   "ALTER TABLE sale ADD PRIMARY KEY (id)",
                                                   "CREATE INDEX ON sale (day)",
                                                   "CREATE INDEX ON sale (customer_id)"};

constexpr std::array<std::string_view, 7> kQueries{
    // Turnover by month and region: a join, an aggregate.
    "SELECT date_trunc('month', s.day) AS month, st.region, sum(s.amount * s.quantity), count(*) "
    "FROM sale s JOIN store st ON st.id = s.store_id GROUP BY 1, 2 ORDER BY 1, 2",
    // The best customers: an aggregate with very many groups.
    "SELECT c.name, c.segment, t.turnover FROM (SELECT customer_id, sum(amount) AS turnover FROM "
    "sale "
    "GROUP BY customer_id ORDER BY turnover DESC LIMIT 100) t JOIN customer c ON c.id = "
    "t.customer_id",
    // Brands by segment: two hash joins with large inner sides.
    "SELECT p.brand, c.segment, sum(s.quantity) FROM sale s JOIN product p ON p.id = s.product_id "
    "JOIN "
    "customer c ON c.id = s.customer_id WHERE c.since < date '2020-01-01' GROUP BY 1, 2 ORDER BY 3 "
    "DESC "
    "LIMIT 50",
    // Each store's three best days: a window over a sorted aggregate.
    "SELECT * FROM (SELECT store_id, day, sum(amount) AS turnover, rank() OVER (PARTITION BY "
    "store_id "
    "ORDER BY sum(amount) DESC) AS place FROM sale GROUP BY store_id, day) ranked WHERE place <= 3",
    // Time between two sales to a customer: a sort of a quarter of the facts.
    "SELECT avg(gap) FROM (SELECT day - lag(day) OVER (PARTITION BY customer_id ORDER BY day) AS "
    "gap "
    "FROM sale WHERE day >= date '2025-04-01') gaps",
    // Distinct buyers of each category: sorts of whole groups.
    "SELECT p.category, count(DISTINCT s.customer_id) FROM sale s JOIN product p ON p.id = "
    "s.product_id "
    "WHERE s.day >= date '2025-07-01' GROUP BY p.category",
    // One week in detail: a bitmap scan over an index.
    "SELECT s.day, p.category, avg(s.amount), max(s.quantity) FROM sale s JOIN product p ON p.id = "
    "s.product_id WHERE s.day BETWEEN date '2024-05-06' AND date '2024-05-12' GROUP BY 1, 2"};

std::string with_sizes(std::string_view sql, const Sizes& sizes) {
    std::string text(sql);
    const auto replace = [&](std::string_view name, int value) {
        for (std::size_t at = text.find(name); at != text.npos; at = text.find(name))
            text.replace(at, name.size(), fmt::format("{}", value));
    };
    replace("{sales}", sizes.sales);
    replace("{customers}", std::max(1, sizes.sales / kCustomersPerSale));
    return text;
}

class StarLoad final : public BenchLoad {
  public:
    std::string_view name() const override { return "analytic queries"; }
    std::string_view meaning() const override {
        return "a pass over seven reports: joins, sorts, aggregates, windows";
    }
    std::string_view operation() const override { return "pass"; }
    LoadKind kind() const override { return LoadKind::kAnalytics; }
    bool writes() const override { return false; }
    double shortest_slice_seconds() const override { return kUsualPassSeconds; }
    // Whole passes: half a pass would be other queries on one server than on the next.
    Result<prove::Slice> run(BenchServer& server, double, std::uint64_t,
                             Deadline deadline) override {
        const double begun = monotonic_seconds();
        for (const std::string_view query : kQueries)
            HONE_TRY(server.query(std::string(query), deadline));
        return prove::Slice{.operations = 1, .rate = 1 / (monotonic_seconds() - begun)};
    }
};

class StarData final : public DataSet {
  public:
    explicit StarData(const Sizes& sizes) : sizes_(sizes) {}
    std::string_view name() const override { return "star"; }
    Status fill(BenchServer& server, Deadline deadline) override {
        for (const std::string_view table : kTables)
            HONE_TRY(server.query(with_sizes(table, sizes_), deadline));
        for (const std::string_view index : kIndexes)
            HONE_TRY(server.query(std::string(index), deadline));
        return {};
    }
    std::vector<std::unique_ptr<BenchLoad>> loads() const override {
        std::vector<std::unique_ptr<BenchLoad>> loads;
        loads.push_back(std::make_unique<StarLoad>());
        return loads;
    }

  private:
    Sizes sizes_;
};

}  // namespace

std::unique_ptr<DataSet> make_star_data(const DataSetOptions& options) {
    return std::make_unique<StarData>(options.sizes);
}

}  // namespace hone::bench
