#include <fmt/format.h>

#include <algorithm>

#include "commands.hpp"
#include "config_options.hpp"
#include "context.hpp"

namespace hone::app {

namespace {

void print_table(Context& context, const std::vector<EffectiveOption>& options, bool with_origin) {
    std::size_t key_width = 0;
    std::size_t value_width = 0;
    for (const EffectiveOption& option : options) {
        key_width = std::max(key_width, option.key.size());
        value_width = std::max(value_width, option.value.size());
    }
    std::string text;
    for (const EffectiveOption& option : options) {
        const std::string value = option.value.empty() ? "-" : option.value;
        text += with_origin ? fmt::format("{:<{}}  {:<{}}  {}\n", option.key, key_width, value,
                                          value_width, option.origin)
                            : fmt::format("{:<{}}  {}\n", option.key, key_width, value);
    }
    context.print(text);
}

}  // namespace

int run_config_show(Context& context, const std::vector<EffectiveOption>& options,
                    bool with_origin) {
    if (!context.machine_readable()) {
        print_table(context, options, with_origin);
        return kOk;
    }
    json::array list;
    for (const EffectiveOption& option : options)
        list.push_back(
            json::object{{"key", option.key}, {"value", option.value}, {"origin", option.origin}});
    context.print_json(json::object{{"schema_version", 1}, {"options", std::move(list)}});
    return kOk;
}

}  // namespace hone::app
