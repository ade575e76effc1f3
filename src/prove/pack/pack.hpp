// prove/pack/pack.hpp - a workload as data: what a service keeps in its database, and what it does
// to it all day.
//
// Shape    open_pack reads a pack (one that is built in, by its name, or a folder), Pack::run chooses
//          its preset, volume and variants, and what comes back is a Workload for the load generator
//          that can also make the database it runs on. Everything is a pure function of the seed and
//          a number: two databases with equal options hold equal rows, and a transaction's keys are
//          computed, not looked up.
// Errors   open_pack: not_found (no such pack; the message lists those there are), invalid_argument
//          with file, line and column. run: invalid_argument, naming what there is to choose from.
//          create, attach, verify: as postgres::Connection; cancelled on Ctrl-C; create also
//          failed_precondition where the pack's tables are there already.
// Outcome  of create: applied where the schema was made and a later step failed: throw the database
//          away.
// Threads  create, attach and verify by one thread; draw by many after one of the first two.
// Source   docs/reference/packs.md
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "base/units.hpp"
#include "engines/postgres/connection.hpp"
#include "prove/load/workload.hpp"

namespace hone::prove {

struct PackPreset {
    std::string name;  // "busy"
    std::string summary;
    bool closed_loop = false;  // as fast as the server takes it: use weights() and clients()
};

struct PackVolume {
    std::string name;  // "laptop", "1m"
    std::string summary;
    Bytes about;  // on disk with its indexes, default variants
};

struct PackVariantValue {
    std::string name;
    std::string summary;
};

struct PackVariant {
    std::string name;  // "schema"
    std::string summary;
    std::vector<PackVariantValue> values;  // the first one holds where none is chosen
};

// What the service needs of its database: a percentile of an operation's latency.
struct PackTarget {
    std::string operation;
    double quantile = 0;  // 0.99
    double seconds_at_most = 0;
};

struct PackInfo {
    std::string name;
    std::string summary;
    std::string content_hash;  // of all its files: two results compare only where it is equal
    std::vector<PackPreset> presets;  // the first one is the default, as with volumes
    std::vector<PackVolume> volumes;
    std::vector<PackVariant> variants;
    std::vector<PackTarget> targets;
    std::vector<std::string> does_not_claim;  // sentences
};

struct PackOptions {
    std::string preset;  // "": the pack's first
    std::string volume;
    std::map<std::string, std::string> variants;
    std::uint64_t seed = 1;
};

struct PackTableCheck {
    std::string table;
    std::uint64_t rows = 0;
    std::uint64_t rows_wanted = 0;
    bool same_content = false;  // checksum in the database against the generator's own
};

// A pack with its choices made.
class PackRun : public Workload {
  public:
    // Makes the schema in the connection's database, loads it by COPY, builds indexes, VACUUM
    // ANALYZE. Attaches, too.
    virtual Status create(postgres::Connection& connection, Progress& progress,
                          Deadline deadline) = 0;
    // For a database that create made before, or a copy of one: asks for the types' Oids, which
    // statements() and draw() need.
    virtual Status attach(postgres::Connection& connection, Deadline deadline) = 0;
    // Reads every table; only as create left it does it pass.
    virtual Result<std::vector<PackTableCheck>> verify(postgres::Connection& connection,
                                                       Progress& progress, Deadline deadline) = 0;

    // Valid after create or attach; by operation, in the order of operations().
    virtual std::vector<double> rates() const = 0;    // arrivals per second, open loop
    virtual std::vector<double> weights() const = 0;  // of the mix, closed loop
    virtual int clients() const = 0;                  // closed loop: logical clients
    virtual bool closed_loop() const = 0;

    virtual const PackInfo& info() const = 0;
    // With every choice filled in.
    virtual const PackOptions& options() const = 0;
    // By their names; what prune, bloat and sizes are told of.
    virtual std::vector<std::string> tables() const = 0;
};

class Pack {
  public:
    const PackInfo& info() const;
    Result<std::unique_ptr<PackRun>> run(const PackOptions& options) const;

    struct Description;
    explicit Pack(std::shared_ptr<const Description> description);

  private:
    std::shared_ptr<const Description> description_;
};

// Those that are built in.
std::vector<std::string> pack_names();
// A built-in pack's name, or a folder that has a pack.toml.
Result<Pack> open_pack(const std::string& name_or_folder);

}  // namespace hone::prove
