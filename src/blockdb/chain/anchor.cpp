#include <fmt/format.h>

#include <charconv>

#include "base/text.hpp"
#include "blockdb/chain/signed_head.hpp"

namespace hone::blockdb {

namespace {

constexpr std::string_view kWord = "blockdb-head-v1";
constexpr std::string_view kAdvice = "check that the line is whole and unaltered";

// Takes "name=value" after "name=value" off a line.
class AnchorFields {
  public:
    explicit AnchorFields(std::string_view line) : rest_(line) {}

    Result<std::string_view> text(std::string_view name) {
        const std::string_view piece = rest_.substr(0, rest_.find(' '));
        rest_.remove_prefix(std::min(piece.size() + 1, rest_.size()));
        if (piece.size() > name.size() && piece.starts_with(name) && piece[name.size()] == '=') {
            return piece.substr(name.size() + 1);
        }
        return wrong(name);
    }

    Result<std::uint64_t> number(std::string_view name) {
        HONE_TRY_ASSIGN(const std::string_view digits, text(name));
        std::uint64_t value = 0;
        const char* const end = digits.data() + digits.size();
        const auto [stop, error] = std::from_chars(digits.data(), end, value);
        if (error != std::errc() || stop != end) return wrong(name);
        return value;
    }

    Result<std::string> bytes(std::string_view name, std::size_t size) {
        HONE_TRY_ASSIGN(const std::string_view digits, text(name));
        auto bytes = from_hex(digits);
        if (!bytes || bytes->size() != size) return wrong(name);
        return std::move(*bytes);
    }

    Status hash(std::string_view name, Hash& hash) {
        HONE_TRY_ASSIGN(const std::string digits, bytes(name, kHashSize));
        hash = Hash::from(digits);
        return {};
    }

  private:
    static Error wrong(std::string_view name) {
        return Error(ErrorCode::kDataLoss, "reading an anchor",
                     fmt::format("'{}=' is missing, out of order, or malformed", name),
                     std::string(kAdvice));
    }
    std::string_view rest_;
};

Status read_block(AnchorFields& fields, Block& block) {
    HONE_TRY_ASSIGN(block.height, fields.number("height"));
    HONE_TRY_ASSIGN(block.first_sequence, fields.number("first"));
    HONE_TRY_ASSIGN(block.tree_size, fields.number("size"));
    HONE_TRY_ASSIGN(block.time_microseconds, fields.number("time"));
    HONE_TRY(fields.hash("previous", block.previous_hash));
    HONE_TRY(fields.hash("log", block.log_root));
    HONE_TRY(fields.hash("keys", block.key_map_root));
    return check_block(block).with_context("reading an anchor");
}

}  // namespace

std::string format_anchor(const SignedHead& head) {
    const Block& block = head.block;
    return fmt::format(
        "{} origin={} height={} first={} size={} time={} previous={} log={} keys={} signer={} "
        "signature={}",
        kWord, head.origin, block.height, block.first_sequence, block.tree_size,
        block.time_microseconds, to_hex(block.previous_hash.view()), to_hex(block.log_root.view()),
        to_hex(block.key_map_root.view()), to_hex(head.signer.view()),
        to_hex(head.signature.view()));
}

Result<SignedHead> parse_anchor(std::string_view line) {
    const auto refused = [](std::string_view wrong) {
        return Error(ErrorCode::kDataLoss, "reading an anchor", std::string(wrong),
                     std::string(kAdvice));
    };
    const std::string start = fmt::format("{} ", kWord);
    if (!line.starts_with(start)) return refused("it does not begin with 'blockdb-head-v1 '");
    AnchorFields fields(line.substr(start.size()));
    SignedHead head;
    HONE_TRY_ASSIGN(head.origin, fields.text("origin"));
    HONE_TRY(check_origin(head.origin).with_context("reading an anchor"));
    HONE_TRY(read_block(fields, head.block));
    HONE_TRY_ASSIGN(const std::string signer, fields.bytes("signer", kPublicKeySize));
    head.signer = PublicKey::from(signer);
    HONE_TRY_ASSIGN(const std::string signature, fields.bytes("signature", kSignatureSize));
    head.signature = Signature::from(signature);
    // Leading zeros, doubled spaces, anything after the last field.
    if (format_anchor(head) != line) return refused("it is not written in its one form");
    return head;
}

Status check_anchor(const SignedHead& anchor, const Block& block) {
    if (block_hash(anchor.block) == block_hash(block)) return {};
    const std::string tried = fmt::format("comparing block {} with the anchor at height {}",
                                          block.height, anchor.block.height);
    if (block.height != anchor.block.height) {
        return Error(ErrorCode::kInvalidArgument, tried, "the heights differ");
    }
    return Error(ErrorCode::kDataLoss, tried, "they are not the same block",
                 "history was rewritten after it was anchored: keep both as evidence");
}

}  // namespace hone::blockdb
