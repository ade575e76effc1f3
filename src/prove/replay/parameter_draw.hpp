// prove/replay/parameter_draw.hpp - a parameter's value from a column's statistics.
//
// Shape    as the planner understands them: NULL with its fraction, the common values with their
//          frequencies, and equally full ranges for the rest. Between two whole numbers every
//          number is as likely, so that a replay touches more rows than the hundred bounds; of
//          other types the bounds themselves are drawn.
// Source   PostgreSQL manual 54.27, pg_stats.
#pragma once

#include "base/random.hpp"
#include "prove/replay/recording.hpp"

namespace hone::prove {

RecordedValue draw_value(const ParameterSource& source, Random& random);

}  // namespace hone::prove
