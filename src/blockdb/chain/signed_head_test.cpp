#include "blockdb/chain/signed_head.hpp"

#include <gtest/gtest.h>

#include "blockdb/chain/key_rotation.hpp"
#include "blockdb/chain/test_ledger.hpp"

namespace hone::blockdb {
namespace {

constexpr std::string_view kOrigin = "ledger.example.org/test";

SigningKey key_number(std::uint8_t number) {
    std::array<std::uint8_t, kSeedSize> seed{};
    seed.fill(number);
    return SigningKey::from_seed(seed);
}

SignedHead sample_head() {
    return sign_head(std::string(kOrigin), make_ledger(5, 2).state.last, key_number(1));
}

TEST(SignedHead, IsTrustedOnlyForItsOriginAndItsKey) {
    const SignedHead head = sample_head();
    const PublicKey key = key_number(1).public_key();
    EXPECT_TRUE(verify_head(head, kOrigin, key).ok());
    EXPECT_EQ(verify_head(head, "ledger.example.org/tesu", key).error().code(),
              ErrorCode::kFailedPrecondition);
    EXPECT_EQ(verify_head(head, kOrigin, key_number(2).public_key()).error().code(),
              ErrorCode::kFailedPrecondition);
    SignedHead claimed = sample_head();
    claimed.signer = key_number(2).public_key();
    EXPECT_EQ(verify_head(claimed, kOrigin, claimed.signer).error().code(), ErrorCode::kDataLoss);
}

TEST(SignedHead, AFlippedBitIsRefused) {
    const std::string encoded = encode_signed_head(sample_head());
    const PublicKey key = key_number(1).public_key();
    ASSERT_TRUE(verify_head(*decode_signed_head(encoded), kOrigin, key).ok());
    for (std::size_t bit = 0; bit < encoded.size() * 8; ++bit) {
        const auto altered = decode_signed_head(flip_bit(encoded, bit));
        ASSERT_FALSE(altered.ok() && verify_head(*altered, kOrigin, key).ok()) << bit;
    }
}

// A path alone does not bind the size of the tree; with a signed head nothing is left to choose.
TEST(SignedHead, BindsTheSizeThatAPathLeavesOpen) {
    MemoryLedger ledger = make_ledger(6, 6);
    const InclusionProof proof{0, 6, *inclusion_path(ledger.log, 0, 6)};
    SignedHead head = sign_head(std::string(kOrigin), ledger.state.last, key_number(1));
    ASSERT_TRUE(verify_record(head.block, ledger.leaves[0], proof).ok());
    head.block.tree_size = 7;
    EXPECT_TRUE(verify_record(head.block, ledger.leaves[0], {0, 7, proof.path}).ok());
    EXPECT_FALSE(verify_head(head, kOrigin, key_number(1).public_key()).ok());
}

TEST(SignedHead, OriginsAreOneWord) {
    EXPECT_TRUE(check_origin(std::string(255, 'o')).ok());
    for (const std::string& origin :
         {std::string(), std::string(256, 'o'), std::string("two words"), std::string("line\n"),
          std::string("\xc3\xbc"), std::string(1, '\0')}) {
        EXPECT_FALSE(check_origin(origin).ok()) << origin.size();
    }
}

TEST(Anchor, ReadsBackAndRefusesEveryOtherForm) {
    const SignedHead head = sample_head();
    const std::string line = format_anchor(head);
    EXPECT_EQ(*parse_anchor(line), head);
    EXPECT_EQ(line.substr(0, 80),
              "blockdb-head-v1 origin=ledger.example.org/test height=3 first=4 size=5 time=1004");
    for (const std::string& wrong :
         {line + " ", line + "\n", " " + line, line + " more=1", std::string("blockdb-head-v1 "),
          std::string(), line.substr(0, line.size() - 1), line.substr(0, line.size() - 140)}) {
        EXPECT_FALSE(parse_anchor(wrong).ok()) << wrong;
    }
    std::string zero = line;
    zero.replace(zero.find("height=3"), 8, "height=03");
    EXPECT_EQ(parse_anchor(zero).error().wrong(), "it is not written in its one form");
    std::string upper = line;
    upper.replace(upper.find("log="), 4, "LOG=");
    EXPECT_EQ(parse_anchor(upper).error().message(),
              "reading an anchor: 'log=' is missing, out of order, or malformed: check that the "
              "line is whole and unaltered");
}

TEST(Anchor, TellsARewrittenLedgerFromTheAnchoredOne) {
    const MemoryLedger honest = make_ledger(6, 2);
    const MemoryLedger rewritten = make_ledger(6, 3);
    const SignedHead anchor = sign_head(std::string(kOrigin), honest.blocks[2], key_number(1));
    EXPECT_TRUE(check_anchor(anchor, honest.blocks[2]).ok());
    EXPECT_EQ(check_anchor(anchor, rewritten.blocks[2]).error().code(), ErrorCode::kDataLoss);
    EXPECT_EQ(check_anchor(anchor, honest.blocks[1]).error().code(), ErrorCode::kInvalidArgument);
}

TEST(SigningKey, TextsReadBackAndAlteredOnesAreRefused) {
    const SigningKey key = key_number(7);
    const std::string secret = key.secret_text();
    EXPECT_EQ(SigningKey::parse(secret)->public_key(), key.public_key());
    const std::string open = public_key_text(key.public_key());
    EXPECT_EQ(*parse_public_key(open), key.public_key());
    for (std::size_t i = 0; i < open.size(); ++i) {
        std::string altered = open;
        altered[i] = altered[i] == '0' ? '1' : '0';
        EXPECT_FALSE(parse_public_key(altered).ok()) << i;
        altered = secret;
        altered[i] = altered[i] == '0' ? '1' : '0';
        const auto parsed = SigningKey::parse(altered);
        ASSERT_FALSE(parsed.ok()) << i;
        EXPECT_EQ(parsed.error().message().find("07070707"), std::string::npos);
    }
    EXPECT_FALSE(SigningKey::parse(open).ok());
    EXPECT_FALSE(parse_public_key(open + "\n").ok());
}

TEST(SigningKey, ASignatureForOnePurposeIsWorthNothingForAnother) {
    const SigningKey key = key_number(7);
    const Signature signature = key.sign(SigningPurpose::kHead, "message");
    const PublicKey& open = key.public_key();
    EXPECT_TRUE(verify_signature(open, SigningPurpose::kHead, "message", signature).ok());
    EXPECT_FALSE(verify_signature(open, SigningPurpose::kKeyRotation, "message", signature).ok());
    EXPECT_FALSE(verify_signature(open, SigningPurpose::kHead, "messagf", signature).ok());
}

TEST(KeyRotation, IsFollowedInTheOrderOfTheLog) {
    const SigningKey first = key_number(1), second = key_number(2), third = key_number(3);
    KeyHistory history(std::string(kOrigin), first.public_key());
    const KeyRotation one = rotate_key(kOrigin, 1, first, second);
    const KeyRotation two = rotate_key(kOrigin, 2, second, third);
    EXPECT_EQ(history.add(two, 50).error().code(), ErrorCode::kFailedPrecondition);
    ASSERT_TRUE(history.add(one, 10).ok());
    EXPECT_EQ(history.add(one, 11).error().code(), ErrorCode::kFailedPrecondition);
    EXPECT_EQ(history.add(two, 10).error().code(), ErrorCode::kFailedPrecondition);
    ASSERT_TRUE(history.add(two, 50).ok());
    EXPECT_EQ(history.key_for(0), first.public_key());
    EXPECT_EQ(history.key_for(10), first.public_key());
    EXPECT_EQ(history.key_for(11), second.public_key());
    EXPECT_EQ(history.key_for(50), second.public_key());
    EXPECT_EQ(history.key_for(51), third.public_key());
    EXPECT_EQ(history.generation(), 2U);
}

TEST(KeyRotation, ThatDoesNotContinueTheHistoryIsRefused) {
    const SigningKey first = key_number(1), second = key_number(2), thief = key_number(9);
    KeyHistory history(std::string(kOrigin), first.public_key());
    EXPECT_EQ(history.add(rotate_key(kOrigin, 2, first, second), 10).error().wrong(),
              "it makes key 2, but key 1 is due");
    EXPECT_EQ(history.add(rotate_key(kOrigin, 1, thief, second), 10).error().code(),
              ErrorCode::kFailedPrecondition);
    KeyRotation forged = rotate_key(kOrigin, 1, thief, second);
    forged.old_key = first.public_key();
    EXPECT_EQ(history.add(forged, 10).error().code(), ErrorCode::kDataLoss);
    EXPECT_EQ(history.generation(), 0U);
    EXPECT_EQ(history.key_for(1000), first.public_key());
}

TEST(KeyRotation, NeedsBothKeysAndTheLedgersName) {
    const SigningKey first = key_number(1), second = key_number(2), thief = key_number(9);
    EXPECT_TRUE(verify_rotation(kOrigin, rotate_key(kOrigin, 1, first, second)).ok());
    EXPECT_FALSE(verify_rotation("other", rotate_key(kOrigin, 1, first, second)).ok());
    KeyRotation stolen = rotate_key(kOrigin, 1, thief, second);
    stolen.old_key = first.public_key();
    EXPECT_FALSE(verify_rotation(kOrigin, stolen).ok());
    KeyRotation not_held = rotate_key(kOrigin, 1, first, thief);
    not_held.new_key = second.public_key();
    EXPECT_FALSE(verify_rotation(kOrigin, not_held).ok());
}

}  // namespace
}  // namespace hone::blockdb
