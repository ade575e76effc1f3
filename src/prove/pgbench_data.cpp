#include "prove/pgbench_data.hpp"

namespace hone::prove {

Filling pgbench_filling(Pgbench pgbench, int scale) {
    return [pgbench = std::move(pgbench), scale](postgres::ScratchServer& server,
                                                 Deadline deadline) -> Status {
        SliceOptions options;
        options.conninfo = server.conninfo();
        options.owner = server.owner();
        options.scale = scale;
        HONE_TRY(fill(pgbench, options, deadline));
        return run_statements(server,
                              {upsert_table_sql(), upsert_fill_sql(scale), upsert_index_sql(),
                               "VACUUM (ANALYZE)", "CHECKPOINT"},
                              deadline);
    };
}

}  // namespace hone::prove
