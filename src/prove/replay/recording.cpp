#include "prove/replay/recording.hpp"

namespace hone::prove {

std::string_view to_string(RecordedFrom from) {
    return from == RecordedFrom::kLog ? "log" : "statements";
}

std::string_view to_string(Knowledge knowledge) {
    switch (knowledge) {
        case Knowledge::kRecorded:
            return "recorded";
        case Knowledge::kStatistics:
            return "statistics";
        case Knowledge::kRows:
            return "rows";
        case Knowledge::kUnknown:
            return "unknown";
    }
    return "unknown";
}

}  // namespace hone::prove
