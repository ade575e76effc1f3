// base/failpoint.hpp - named places where a test makes the process die or a call fail.
//
// Shape    HONE_FAILPOINT("apply.before_rename") does nothing unless the build has HONE_FAILPOINTS
//          and the environment names it:
//          HONE_FAILPOINT="apply.before_rename=kill;file.write=ENOSPC". Actions: kill (SIGKILL to
//          itself), stop (SIGSTOP to itself), ENOSPC, EROFS, EACCES, EIO; "name@3=kill" acts on the
//          third visit only. HONE_FAILPOINT_ERROR("name") yields the errno to fail with, or 0.
//          HONE_FAILPOINT_LOG=FILE appends the name of each place visited, so that a test can list
//          them all.
// Cost     none in release: both macros vanish.
#pragma once

namespace hone {

// The errno that the call at this place must fail with; 0: go on. Does not return where the action
// kills.
int visit_failpoint(const char* name);

}  // namespace hone

#ifdef HONE_FAILPOINTS
#define HONE_FAILPOINT(name) static_cast<void>(::hone::visit_failpoint(name))
#define HONE_FAILPOINT_ERROR(name) ::hone::visit_failpoint(name)
#else
#define HONE_FAILPOINT(name) static_cast<void>(0)
#define HONE_FAILPOINT_ERROR(name) 0
#endif
