#include "model/host.hpp"

namespace hone {

std::string_view to_string(Confidence confidence) {
    switch (confidence) {
        case Confidence::kMeasured:
            return "measured";
        case Confidence::kRead:
            return "read";
        case Confidence::kInferred:
            return "inferred";
        case Confidence::kStated:
            return "stated";
        case Confidence::kUnknown:
            return "unknown";
    }
    return "unknown";
}

std::string_view to_string(StorageClass storage) {
    switch (storage) {
        case StorageClass::kNvme:
            return "nvme";
        case StorageClass::kSsd:
            return "ssd";
        case StorageClass::kHdd:
            return "hdd";
        case StorageClass::kUnknown:
            return "unknown";
    }
    return "unknown";
}

std::optional<StorageClass> storage_class_named(std::string_view name) {
    for (const auto storage :
         {StorageClass::kNvme, StorageClass::kSsd, StorageClass::kHdd, StorageClass::kUnknown})
        if (to_string(storage) == name) return storage;
    return std::nullopt;
}

std::string_view to_string(ManagedBy managed_by) {
    switch (managed_by) {
        case ManagedBy::kDebian:
            return "debian";
        case ManagedBy::kPlain:
            return "plain";
        case ManagedBy::kSystemd:
            return "systemd";
        case ManagedBy::kContainer:
            return "container";
        case ManagedBy::kPatroni:
            return "patroni";
    }
    return "plain";
}

}  // namespace hone
