#include "autotune_load.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "context.hpp"
#include "prove/bench/pack_source.hpp"
#include "prove/bench/recording_source.hpp"

namespace hone::app {

namespace {

constexpr double kAsRecorded = 1;  // the rate does not matter: the load runs at full speed
// That live at once, and the data folder they are copied from.
constexpr int kCopies = 4;

Result<std::map<std::string, std::string>> variants_of(const std::vector<std::string>& texts) {
    std::map<std::string, std::string> variants;
    for (const std::string& text : texts) {
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos || equals == 0)
            return Error{ErrorCode::kInvalidArgument,
                         fmt::format("reading --variant {}", printable(text, 64)),
                         "it is not NAME=VALUE", "write it as in schema=10"};
        variants[text.substr(0, equals)] = text.substr(equals + 1);
    }
    return variants;
}

Result<std::unique_ptr<prove::TrialLoad>> pack_load(const prove::AutotuneJob& job, double cores) {
    HONE_TRY_ASSIGN(auto source, prove::open_pack_source(job.source.name,
                                                         {.preset = job.source.preset,
                                                          .volume = job.source.volume,
                                                          .variants = job.source.variants,
                                                          .seed = job.seed},
                                                         kAsRecorded));
    // Every pack ingests; one that only read would be searched for its writes in vain, no more.
    return prove::source_trial(std::move(source), true, cores);
}

Result<std::unique_ptr<prove::TrialLoad>> recording_load(
    Context& context, const prove::AutotuneJob& job, double cores,
    const std::optional<postgres::Server>& server, Deadline deadline) {
    if (!server)
        return Error{ErrorCode::kInvalidArgument, fmt::format("replaying '{}'", job.source.name),
                     "it needs the data that it was recorded on",
                     "name the server with --target or --data-dir: it is copied, and only read"};
    context.progress().step("copying the server's data");
    HONE_TRY_ASSIGN(auto copy, prove::TargetCopy::make(
                                   *server, {.parent_folder = "/var/tmp", .copies = kCopies},
                                   context.progress(), deadline));
    HONE_TRY_ASSIGN(auto source,
                    prove::open_recording_source(
                        job.source.name, {.with_writes = job.source.with_writes, .seed = job.seed},
                        kAsRecorded, std::move(copy)));
    return prove::source_trial(std::move(source), job.source.with_writes, cores);
}

}  // namespace

Result<prove::TrialSource> trial_source(const AutotuneArguments& arguments) {
    const int named = static_cast<int>(!arguments.load.empty()) +
                      static_cast<int>(!arguments.pack.empty()) +
                      static_cast<int>(!arguments.workload.empty());
    if (named != 1)
        return Error{ErrorCode::kInvalidArgument, "choosing the load to search under",
                     named == 0 ? "none is named" : "more than one is named",
                     "pass one of --load NAME, --pack NAME and --workload FILE"};
    prove::TrialSource source;
    source.preset = arguments.preset;
    source.volume = arguments.volume;
    source.scale = arguments.scale;
    source.with_writes = arguments.with_writes;
    HONE_TRY_ASSIGN(source.variants, variants_of(arguments.variants));
    if (!arguments.load.empty()) {
        source.kind = "pgbench";
        source.name = arguments.load;
    } else if (!arguments.pack.empty()) {
        source.kind = "pack";
        source.name = arguments.pack;
    } else {
        source.kind = "workload";
        source.name = std::filesystem::absolute(arguments.workload).string();
    }
    return source;
}

Result<std::unique_ptr<prove::TrialLoad>> trial_load(Context& context,
                                                     const prove::AutotuneJob& job, double cores,
                                                     const std::optional<postgres::Server>& server,
                                                     Deadline deadline) {
    if (job.source.kind == "pack") return pack_load(job, cores);
    if (job.source.kind == "workload") return recording_load(context, job, cores, server, deadline);
    return prove::pgbench_trial({.load = job.source.name,
                                 .scale = job.source.scale,
                                 .cores = cores,
                                 .bin_directory = job.bin_directory});
}

}  // namespace hone::app
