#include "prove/pack/pack.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.hpp"

namespace hone::prove {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Pack, EveryChoiceOfEveryBuiltInPackCanBeMade) {
    for (const std::string& name : pack_names()) {
        const auto pack = open_pack(name);
        ASSERT_TRUE(pack.ok()) << pack.error().message();
        for (const PackPreset& preset : pack->info().presets)
            for (const PackVolume& volume : pack->info().volumes)
                for (const PackVariant& variant : pack->info().variants)
                    for (const PackVariantValue& value : variant.values) {
                        const auto run = pack->run({.preset = preset.name,
                                                    .volume = volume.name,
                                                    .variants = {{variant.name, value.name}}});
                        ASSERT_TRUE(run.ok()) << preset.name << ": " << run.error().message();
                        EXPECT_EQ((*run)->closed_loop(), preset.closed_loop);
                        EXPECT_EQ((*run)->rates().size(), (*run)->operations().size());
                    }
    }
}

}  // namespace
}  // namespace hone::prove
