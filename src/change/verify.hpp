// change/verify.hpp - does the server see what was written, and does every value hold?
//
// Errors   rolled_back: what the caller must now do, because the answer is no; each obstacle is in
//          the message with its place and its fix. Others: the question could not be asked.
#pragma once

#include "change/preparation.hpp"

namespace hone::change {

// pg_file_settings before the reload: a file with a mistake would make the server ignore them all.
// Where the role may not look, the reload and the verification have to find out.
Status require_readable_files(const Preparation& preparation, Deadline deadline);
// In a new session, every value is the plan's.
Status require_effective(const Preparation& preparation, Deadline deadline);
// Of a stopped server: the files say it.
Status require_written(const Preparation& preparation);

}  // namespace hone::change
