#include "prove/pack/pack.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.hpp"

namespace hone::prove {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

constexpr const char* kSmallest = R"(
name = "shop"
summary = "A shop"
[constants]
orders = 10
[[schema]]
file = "schema.sql"
[[rows]]
name = "orders"
table = "orders"
count = "orders"
columns = { id = "n" }
[[operation]]
name = "read"
[[operation.call]]
sql = "SELECT * FROM orders WHERE id = $1"
parameters = ["k % orders"]
[[volume]]
name = "small"
summary = "ten orders"
about = "1MB"
[[preset]]
name = "calm"
summary = "one a second"
rates = { read = 1 }
)";

PackOptions choice(const std::string& preset,
                   const std::map<std::string, std::string>& variants = {}) {
    PackOptions options;
    options.preset = preset;
    options.variants = variants;
    return options;
}

class PackFolder : public testing::Test {
  protected:
    PackFolder() : folder_(TemporaryFolder::create("/tmp", "hone-pack-test-").value()) {
        write("schema.sql", "CREATE TABLE orders (id int);");
    }
    void write(const std::string& name, const std::string& content) {
        ASSERT_TRUE(replace_file(folder_.path() / name, content).ok());
    }
    // The smallest pack with one piece of it replaced.
    Result<Pack> with(const std::string& piece, const std::string& by) {
        std::string text = kSmallest;
        const std::size_t at = text.find(piece);
        EXPECT_NE(at, std::string::npos);
        text.replace(at, piece.size(), by);
        write("pack.toml", text);
        return open_pack(folder_.path().string());
    }
    std::string refusal(const std::string& piece, const std::string& by) {
        const auto pack = with(piece, by);
        if (!pack) return pack.error().message();
        const auto run = pack->run({});
        EXPECT_FALSE(run.ok());
        return run.ok() ? "" : run.error().message();
    }
    TemporaryFolder folder_;
};

TEST(Pack, EveryChoiceOfTheBuiltInOnesCanBeMade) {
    for (const std::string& name : pack_names()) {
        const auto pack = open_pack(name);
        ASSERT_TRUE(pack.ok()) << pack.error().message();
        for (const PackPreset& preset : pack->info().presets)
            for (const PackVariant& variant : pack->info().variants)
                for (const PackVariantValue& value : variant.values) {
                    const auto run = pack->run(choice(preset.name, {{variant.name, value.name}}));
                    ASSERT_TRUE(run.ok()) << preset.name << ": " << run.error().message();
                    EXPECT_EQ((*run)->closed_loop(), preset.closed_loop);
                    EXPECT_EQ((*run)->rates().size(), (*run)->operations().size());
                    EXPECT_EQ((*run)->options().volume, pack->info().volumes.front().name);
                }
    }
}

TEST(Pack, TargetsNameOperationsThatThereAre) {
    const Pack pack = open_pack("kaspa").value();
    const auto run = pack.run({}).value();
    for (const PackTarget& target : pack.info().targets) {
        EXPECT_THAT(run->operations(),
                    Contains(testing::Field(&OperationInfo::name, target.operation)));
        EXPECT_LT(target.quantile, 1);
    }
}

TEST(Pack, UnknownNamesAreRefusedWithWhatThereIs) {
    EXPECT_THAT(open_pack("kapsa").error().message(), HasSubstr("built in: kaspa"));
    const Pack pack = open_pack("kaspa").value();
    EXPECT_THAT(pack.run(choice("hectic")).error().message(),
                AllOf(HasSubstr("'hectic'"), HasSubstr("busy, light, burst, saturated, catch-up")));
    EXPECT_THAT(pack.run(choice("", {{"schema", "11"}})).error().message(),
                HasSubstr("choose one of 23, 10"));
    EXPECT_THAT(pack.run(choice("", {{"shema", "23"}})).error().message(), HasSubstr("'shema'"));
}

TEST_F(PackFolder, IsReadFromItsFiles) {
    const auto pack = with("orders = 10", "orders = 20");
    ASSERT_TRUE(pack.ok()) << pack.error().message();
    EXPECT_EQ(pack->info().name, "shop");
    const auto run = pack->run({}).value();
    EXPECT_EQ(run->operations()[0].name, "read");
    EXPECT_EQ(run->rates(), std::vector<double>{1});
    EXPECT_EQ(run->tables(), std::vector<std::string>{"orders"});
}

TEST_F(PackFolder, AnotherFileIsAnotherHash) {
    const std::string before = with("ten orders", "10 orders")->info().content_hash;
    write("schema.sql", "CREATE TABLE orders (id bigint);");
    EXPECT_NE(with("ten orders", "10 orders")->info().content_hash, before);
}

TEST_F(PackFolder, MistakesAreSaidWithTheirPlace) {
    EXPECT_THAT(refusal("count = \"orders\"", "cuont = \"orders\""),
                AllOf(HasSubstr("pack.toml line 11"), HasSubstr("did you mean 'count'?")));
    EXPECT_THAT(refusal("id = \"n\"", "id = \"m\""), HasSubstr("there is no name 'm'"));
    EXPECT_THAT(refusal("rates = { read = 1 }", "rates = { raed = 1 }"),
                HasSubstr("there is no operation 'raed'"));
    EXPECT_THAT(refusal("parameters = [\"k % orders\"]", "rows = \"orders\""),
                HasSubstr("either {rows} with 'rows', or 'parameters'"));
    EXPECT_THAT(refusal("file = \"schema.sql\"", "file = \"../schema.sql\""),
                HasSubstr("its own folder"));
    EXPECT_THAT(refusal("file = \"schema.sql\"", "file = \"other.sql\""),
                HasSubstr("No such file"));
    EXPECT_THAT(refusal("orders = 10", "orders = "), HasSubstr("line 5"));
}

TEST_F(PackFolder, MoreParametersThanPostgresTakesAreRefused) {
    EXPECT_THAT(
        refusal("sql = \"SELECT * FROM orders WHERE id = $1\"\nparameters = [\"k % orders\"]",
                "sql = \"INSERT INTO orders VALUES {rows}\"\nrows = \"orders\"\n"
                "row_count = 70000"),
        HasSubstr("65535 parameters"));
}

}  // namespace
}  // namespace hone::prove
