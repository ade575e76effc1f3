#include "target.hpp"

namespace hone::app {

Result<postgres::Server> server_of(const Context& context, const std::filesystem::path& otherwise,
                                   Deadline deadline) {
    if (!context.target.empty())
        return postgres::locate_by_conninfo(context.target, context.bin_directory, deadline);
    const auto& folder = context.data_directory.empty() ? otherwise : context.data_directory;
    if (folder.empty())
        return Error{ErrorCode::kInvalidArgument, "finding the server", "none was named",
                     "add --data-dir DIR, or --target CONNINFO"};
    return postgres::locate_by_data_directory(folder, context.bin_directory);
}

}  // namespace hone::app
