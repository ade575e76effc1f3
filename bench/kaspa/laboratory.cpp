#include "bench/kaspa/laboratory.hpp"

#include "base/text.hpp"

namespace hone::bench {

Result<std::unique_ptr<prove::PackRun>> kaspa(const Laboratory& laboratory,
                                              const std::string& preset, const std::string& schema,
                                              const std::string& mapping) {
    HONE_TRY_ASSIGN(const prove::Pack pack, prove::open_pack("kaspa"));
    return pack.run({.preset = preset,
                     .volume = laboratory.volume,
                     .variants = {{"schema", schema}, {"mapping", mapping}},
                     .seed = laboratory.seed});
}

Result<std::vector<postgres::ScratchServer>> make_servers(const Laboratory& laboratory,
                                                          const std::vector<Settings>& settings,
                                                          prove::PackRun& run, Progress& progress,
                                                          Deadline deadline) {
    prove::ScratchServersOptions options;
    options.bin_directory = laboratory.bin_directory;
    options.owner = laboratory.owner;
    options.parent_folder = laboratory.scratch_folder;
    std::vector<prove::ServerSide> sides;
    for (const Settings& side : settings) sides.push_back({"a server of the bench", side});
    const auto fill = [&](postgres::ScratchServer& server, Deadline until) -> Status {
        HONE_TRY_ASSIGN(auto connection, server.connect(until));
        return run.create(connection, progress, until);
    };
    return prove::make_servers(options, sides, fill, progress, deadline);
}

Result<std::vector<RelationSize>> sizes_of(postgres::Connection& connection, Deadline deadline) {
    // An exact count: statistics may lag behind.
    HONE_TRY_ASSIGN(const auto tables,
                    connection.query(
                        "SELECT c.relname AS name, pg_table_size(c.oid) AS heap,"
                        " pg_indexes_size(c.oid) AS indexes, pg_stat_get_dead_tuples(c.oid) AS dead"
                        " FROM pg_class c WHERE c.relkind = 'r'"
                        " AND c.relnamespace = 'public'::regnamespace ORDER BY 1",
                        deadline));
    std::vector<RelationSize> sizes;
    for (std::size_t row = 0; row < tables.size(); ++row) {
        const auto number = [&](std::string_view column) {
            return parse_number(tables.text(row, column)).value_or(0);
        };
        RelationSize size{tables.text(row, "name"), 0, number("heap"), number("indexes"),
                          number("dead")};
        HONE_TRY_ASSIGN(size.rows, number_from(connection,
                                               "SELECT count(*) AS number FROM " +
                                                   postgres::quoted_identifier(size.table),
                                               deadline));
        if (size.rows > 0) sizes.push_back(std::move(size));
    }
    return sizes;
}

Result<double> wal_position(postgres::Connection& connection, Deadline deadline) {
    return number_from(connection, "SELECT pg_current_wal_insert_lsn() - '0/0' AS number",
                       deadline);
}

Result<double> number_from(postgres::Connection& connection, const std::string& sql,
                           Deadline deadline) {
    HONE_TRY_ASSIGN(const auto rows, connection.query(sql, deadline));
    return parse_number(rows.text(0, "number")).value_or(0);
}

}  // namespace hone::bench
