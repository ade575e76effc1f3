// host/services.hpp - the database programs on this machine: installations, clusters running and
// stopped, Redis, PgBouncer.
//
// Shape    a cluster that Debian's tools know and that runs is one entry; entries are sorted by
//          data folder.
// Cost     one short read per process: detection stays below 100 ms with thousands of them.
// Limits   65536 processes; a process that ends while it is read is skipped. Source
//          pg_lsclusters(1) reads the same files; postmaster.pid's lines as in PostgreSQL's
//          pidfile.h; cgroups(7).
#pragma once

#include "host/tree.hpp"
#include "model/host.hpp"

namespace hone::host {

// Fills postgres_installations, postgres and services.
void read_services(const Tree& tree, Host& host);

}  // namespace hone::host
