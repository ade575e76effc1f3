#include "completion.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <vector>

#include "base/text.hpp"

namespace hone::app {

namespace {

struct Word {
    std::string text;         // "plan" or "--memory"
    std::string description;  // one line
};

struct Command {
    std::vector<std::string> path;  // {"bench", "run"}; empty for hone itself
    std::vector<Word> commands;
    std::vector<Word> options;
};

void add_command(CLI::App& app, const std::vector<std::string>& path, std::vector<Command>& into) {
    Command command{.path = path, .commands = {}, .options = {}};
    for (const CLI::Option* option : app.get_options())
        if (!option->get_lnames().empty())
            command.options.push_back(
                {"--" + option->get_lnames().front(), option->get_description()});
    const auto below = app.get_subcommands([](CLI::App*) { return true; });
    for (const CLI::App* one : below)
        command.commands.push_back({one->get_name(), one->get_description()});
    into.push_back(std::move(command));
    for (CLI::App* one : below) {
        std::vector<std::string> deeper = path;
        deeper.push_back(one->get_name());
        add_command(*one, deeper, into);
    }
}

// The global options may stand after every command.
std::string words_for(const Command& command, const Command& top) {
    std::vector<std::string> words;
    for (const auto* list : {&command.commands, &command.options})
        for (const Word& word : *list) words.push_back(word.text);
    if (!command.path.empty())
        for (const Word& word : top.options)
            if (word.text != "--help" && word.text != "--version") words.push_back(word.text);
    return join(words, " ");
}

std::string bash_script(const std::vector<Command>& commands) {
    std::vector<std::string> paths;
    std::string cases;
    for (const Command& command : commands) {
        const std::string path = join(command.path, " ");
        if (!path.empty()) paths.push_back("\"" + path + "\"");
        cases += fmt::format("    \"{}\") words=\"{}\" ;;\n", path,
                             words_for(command, commands.front()));
    }
    return fmt::format(
        "_hone() {{\n"
        "  local path= words= next at\n"
        "  for ((at = 1; at < COMP_CWORD; at++)); do\n"
        "    next=\"${{path:+$path }}${{COMP_WORDS[at]}}\"\n"
        "    case \"$next\" in {}) path=$next ;; esac\n"
        "  done\n"
        "  case \"$path\" in\n{}  esac\n"
        "  COMPREPLY=($(compgen -W \"$words\" -- \"${{COMP_WORDS[COMP_CWORD]}}\"))\n"
        "}}\n"
        "complete -o default -F _hone hone\n",
        join(paths, " | "), cases);
}

std::string fish_quoted(std::string_view text) {
    std::string quoted = "'";
    for (const char letter : text) {
        if (letter == '\'' || letter == '\\') quoted += '\\';
        quoted += letter;
    }
    return quoted + "'";
}

// Where the command's own words may stand: behind each word of its path, before a deeper command.
std::string fish_condition(const Command& command) {
    std::string condition;
    for (const std::string& name : command.path)
        condition += fmt::format("{}__fish_seen_subcommand_from {}",
                                 condition.empty() ? "" : "; and ", name);
    if (condition.empty()) return "__fish_use_subcommand";
    std::vector<std::string> deeper;
    for (const Word& word : command.commands) deeper.push_back(word.text);
    if (!deeper.empty()) condition += "; and not __fish_seen_subcommand_from " + join(deeper, " ");
    return condition;
}

std::string fish_script(const std::vector<Command>& commands) {
    std::string script;
    for (const Command& command : commands) {
        const std::string condition = fish_quoted(fish_condition(command));
        for (const Word& word : command.commands)
            script += fmt::format("complete -c hone -f -n {} -a {} -d {}\n", condition, word.text,
                                  fish_quoted(word.description));
        for (const Word& word : command.options) {
            const std::string place = command.path.empty() ? "" : " -n " + condition;
            script += fmt::format("complete -c hone{} -l {} -d {}\n", place, word.text.substr(2),
                                  fish_quoted(word.description));
        }
    }
    return script;
}

}  // namespace

Result<std::string> completion_script(CLI::App& app, std::string_view shell) {
    std::vector<Command> commands;
    add_command(app, {}, commands);
    if (shell == "bash") return bash_script(commands);
    if (shell == "zsh")
        return "autoload -U +X compinit bashcompinit && compinit && bashcompinit\n" +
               bash_script(commands);
    if (shell == "fish") return fish_script(commands);
    return Error{ErrorCode::kInvalidArgument, "making a completion script",
                 fmt::format("'{}' is no shell that hone knows", printable(shell, 40)),
                 "name bash, zsh or fish"};
}

}  // namespace hone::app
