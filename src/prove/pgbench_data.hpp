// prove/pgbench_data.hpp - the data that pgbench's loads work on: its own four tables, and the one
// of bulk-upsert.
#pragma once

#include "prove/pgbench.hpp"
#include "prove/scratch_servers.hpp"

namespace hone::prove {

// About 16 MB for each unit of scale; analysed, and checkpointed.
Filling pgbench_filling(Pgbench pgbench, int scale);

}  // namespace hone::prove
