#include "config_options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <functional>

#include "base/text.hpp"

namespace hone::app {

namespace {

constexpr std::array<std::string_view, 5> kNotConfigurable{"help", "version", "config", "yes",
                                                           "allow-restart"};

using Visit = std::function<void(const std::string& key, CLI::Option& option)>;

std::string key_of(const std::string& long_name) {
    std::string key = long_name;
    for (char& letter : key)
        if (letter == '-') letter = '_';
    return key;
}

bool is_flag(const CLI::Option& option) {
    return option.get_items_expected_max() == 0;
}

void visit_options(CLI::App& app, const std::string& prefix, const Visit& visit) {
    for (CLI::Option* option : app.get_options()) {
        const auto& names = option->get_lnames();
        if (names.empty() || prefix.starts_with("config.") ||
            std::find(kNotConfigurable.begin(), kNotConfigurable.end(), names.front()) !=
                kNotConfigurable.end())
            continue;
        visit(prefix + key_of(names.front()), *option);
    }
    for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; }))
        visit_options(*command, prefix + command->get_name() + ".", visit);
}

std::string shown(const std::vector<std::string>& values) {
    const std::string text = join(values, ", ");
    const bool secret =
        to_lower(text).find("password") != std::string::npos ||
        (text.find("://") != std::string::npos && text.find('@') != std::string::npos);
    return secret ? "(not shown: it may hold a password)" : text;
}

// "plan " of "plan.workload".
std::string command_of(const std::string& key) {
    std::string command = key.substr(0, key.rfind('.') + 1);
    for (char& letter : command)
        if (letter == '.') letter = ' ';
    return command;
}

// The library takes several values as one text in brackets.
std::string default_text(const CLI::Option& option, const std::vector<std::string>& values) {
    const bool many = option.get_items_expected_max() > 1;
    return many ? "[" + join(values, ",") + "]" : join(values, ",");
}

}  // namespace

std::vector<KnownOption> configurable_options(CLI::App& app) {
    std::vector<KnownOption> options;
    visit_options(app, "", [&](const std::string& key, CLI::Option& option) {
        options.push_back({.key = key,
                           .is_flag = is_flag(option),
                           .takes_many = option.get_items_expected_max() > 1});
    });
    return options;
}

Status apply_configuration(CLI::App& app, const Configuration& configuration) {
    Status status;
    visit_options(app, "", [&](const std::string& key, CLI::Option& option) {
        const auto found = configuration.find(key);
        if (found == configuration.end() || !status.ok()) return;
        try {
            option.run_callback_for_default();
            option.default_val(default_text(option, found->second.values));
        } catch (const CLI::Error&) {
            // The library's own words list its internals.
            status = Error{ErrorCode::kInvalidArgument, "reading " + found->second.origin,
                           fmt::format("{} does not take '{}'", key,
                                       printable(shown(found->second.values), 80)),
                           fmt::format("hone {}--help says what it takes", command_of(key))};
        }
    });
    return status;
}

std::vector<EffectiveOption> effective_options(CLI::App& app, const Configuration& configuration) {
    std::vector<EffectiveOption> effective;
    visit_options(app, "", [&](const std::string& key, CLI::Option& option) {
        const auto found = configuration.find(key);
        if (option.count() > 0)
            effective.push_back({key, is_flag(option) ? "true" : shown(option.results()), "flag"});
        else if (found != configuration.end())
            effective.push_back({key, shown(found->second.values), found->second.origin});
        else
            effective.push_back({key, "", "default"});
    });
    return effective;
}

}  // namespace hone::app
