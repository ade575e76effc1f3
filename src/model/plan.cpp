#include "model/plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.hpp"

namespace hone {

namespace {

json::object document_without_checksum(const Plan& plan) {
    json::object document;
    document["schema_version"] = kPlanSchemaVersion;
    document["kind"] = "hone plan";
    document["server_version"] = plan.server_version;
    document["server_build"] = plan.server_build;
    document["target"] = json::object{{"system_identifier", plan.target.system_identifier},
                                      {"data_directory", plan.target.data_directory},
                                      {"state_hash", plan.target.state_hash}};
    document["machine"] = json::object{{"memory_limit_bytes", plan.machine.memory_limit.count()},
                                       {"memory_source", plan.machine.memory_source},
                                       {"cores", plan.machine.cores},
                                       {"cores_source", plan.machine.cores_source},
                                       {"storage", to_string(plan.machine.storage)},
                                       {"storage_source", plan.machine.storage_source}};
    document["profile"] = plan.profile;
    document["profile_reason"] = plan.profile_reason;
    document["workload"] = plan.workload;
    document["workload_reason"] = plan.workload_reason;
    json::array changes;
    for (const Change& change : plan.changes) changes.push_back(to_json(change));
    document["changes"] = std::move(changes);
    document["budget"] = to_json(plan.budget);
    json::array notices;
    for (const Notice& notice : plan.notices) notices.push_back(to_json(notice));
    document["notices"] = std::move(notices);
    return document;
}

std::string checksum_of(const json::object& document) {
    return sha256_hex(to_json_line(document));
}

std::optional<Severity> severity_named(std::string_view name) {
    for (const auto severity : {Severity::kNote, Severity::kWarning, Severity::kCritical})
        if (to_string(severity) == name) return severity;
    return std::nullopt;
}

Result<Change> change_from_json(const JsonReader& reader) {
    Change change;
    HONE_TRY_ASSIGN(change.setting, reader.text("setting"));
    HONE_TRY_ASSIGN(change.from, reader.text("from"));
    HONE_TRY_ASSIGN(change.to, reader.text("to"));
    HONE_TRY_ASSIGN(const std::string context, reader.text("takes_effect"));
    change.context = setting_context_named(context);
    HONE_TRY_ASSIGN(change.rule, reader.text("rule"));
    HONE_TRY_ASSIGN(change.reason, reader.text("reason"));
    HONE_TRY_ASSIGN(const auto inputs, reader.array("inputs"));
    for (const JsonReader& input : inputs) {
        HONE_TRY_ASSIGN(std::string name, input.text("name"));
        HONE_TRY_ASSIGN(std::string value, input.text("value"));
        change.inputs.emplace_back(std::move(name), std::move(value));
    }
    HONE_TRY_ASSIGN(change.source, reader.text("source"));
    HONE_TRY_ASSIGN(change.risk, reader.text("risk"));
    return change;
}

Result<MemoryBudget> budget_from_json(const JsonReader& reader) {
    MemoryBudget budget;
    HONE_TRY_ASSIGN(const std::int64_t limit, reader.integer("limit_bytes"));
    budget.limit = Bytes{limit};
    HONE_TRY_ASSIGN(budget.limit_source, reader.text("limit_source"));
    HONE_TRY_ASSIGN(const auto terms, reader.array("terms"));
    for (const JsonReader& term : terms) {
        HONE_TRY_ASSIGN(std::string name, term.text("name"));
        HONE_TRY_ASSIGN(const std::int64_t size, term.integer("bytes"));
        HONE_TRY_ASSIGN(std::string explanation, term.text("explanation"));
        budget.terms.push_back({std::move(name), Bytes{size}, std::move(explanation)});
    }
    return budget;
}

Result<Notice> notice_from_json(const JsonReader& reader) {
    Notice notice;
    HONE_TRY_ASSIGN(const std::string severity, reader.text("severity"));
    notice.severity = severity_named(severity).value_or(Severity::kWarning);
    HONE_TRY_ASSIGN(notice.rule, reader.text("rule"));
    HONE_TRY_ASSIGN(notice.message, reader.text("message"));
    HONE_TRY_ASSIGN(notice.advice, reader.text("advice"));
    return notice;
}

Status read_machine(const JsonReader& reader, PlanMachine& machine) {
    HONE_TRY_ASSIGN(const std::int64_t limit, reader.integer("memory_limit_bytes"));
    machine.memory_limit = Bytes{limit};
    HONE_TRY_ASSIGN(machine.memory_source, reader.text("memory_source"));
    HONE_TRY_ASSIGN(machine.cores, reader.number("cores"));
    HONE_TRY_ASSIGN(machine.cores_source, reader.text("cores_source"));
    HONE_TRY_ASSIGN(const std::string storage, reader.text("storage"));
    machine.storage = storage_class_named(storage).value_or(StorageClass::kUnknown);
    HONE_TRY_ASSIGN(machine.storage_source, reader.text("storage_source"));
    return {};
}

Status read_target(const JsonReader& reader, PlanTarget& target) {
    HONE_TRY_ASSIGN(target.system_identifier, reader.text("system_identifier"));
    HONE_TRY_ASSIGN(target.data_directory, reader.text("data_directory"));
    HONE_TRY_ASSIGN(target.state_hash, reader.text("state_hash"));
    return {};
}

Result<Plan> plan_from_document(const JsonReader& reader) {
    Plan plan;
    HONE_TRY_ASSIGN(const std::int64_t version, reader.integer("server_version"));
    plan.server_version = static_cast<int>(version);
    HONE_TRY_ASSIGN(plan.server_build, reader.text("server_build"));
    HONE_TRY_ASSIGN(const JsonReader target, reader.object("target"));
    HONE_TRY(read_target(target, plan.target));
    HONE_TRY_ASSIGN(const JsonReader machine, reader.object("machine"));
    HONE_TRY(read_machine(machine, plan.machine));
    HONE_TRY_ASSIGN(plan.profile, reader.text("profile"));
    HONE_TRY_ASSIGN(plan.profile_reason, reader.text("profile_reason"));
    HONE_TRY_ASSIGN(plan.workload, reader.text("workload"));
    HONE_TRY_ASSIGN(plan.workload_reason, reader.text("workload_reason"));
    HONE_TRY_ASSIGN(const auto changes, reader.array("changes"));
    for (const JsonReader& change_reader : changes) {
        HONE_TRY_ASSIGN(Change change, change_from_json(change_reader));
        plan.changes.push_back(std::move(change));
    }
    HONE_TRY_ASSIGN(const JsonReader budget, reader.object("budget"));
    HONE_TRY_ASSIGN(plan.budget, budget_from_json(budget));
    HONE_TRY_ASSIGN(const auto notices, reader.array("notices"));
    for (const JsonReader& notice_reader : notices) {
        HONE_TRY_ASSIGN(Notice notice, notice_from_json(notice_reader));
        plan.notices.push_back(std::move(notice));
    }
    return plan;
}

}  // namespace

Bytes MemoryBudget::worst_case() const {
    Bytes sum;
    for (const BudgetTerm& term : terms) sum += term.size;
    return sum;
}

std::string_view to_string(Severity severity) {
    switch (severity) {
        case Severity::kNote:
            return "note";
        case Severity::kWarning:
            return "warning";
        case Severity::kCritical:
            return "critical";
    }
    return "note";
}

bool Plan::needs_restart() const {
    return std::any_of(changes.begin(), changes.end(),
                       [](const Change& change) { return change.needs_restart(); });
}

std::string Plan::id() const {
    return checksum_of(document_without_checksum(*this)).substr(0, 12);
}

std::string plan_to_text(const Plan& plan) {
    json::object document = document_without_checksum(plan);
    document["checksum"] = checksum_of(document);
    return to_json_text(document);
}

Result<Plan> plan_from_text(std::string_view text, std::string_view what) {
    const std::string tried = fmt::format("reading the plan '{}'", what);
    HONE_TRY_ASSIGN(json::value document, parse_json(text, what));
    const JsonReader reader(document, "plan");
    const auto kind = reader.text("kind");
    if (!kind.ok() || *kind != "hone plan")
        return Error{ErrorCode::kInvalidArgument, tried, "it is not a plan",
                     "make one with hone plan --out FILE"};
    HONE_TRY_ASSIGN(const std::int64_t schema, reader.integer("schema_version"));
    if (schema != kPlanSchemaVersion)
        return Error{
            ErrorCode::kUnsupported, tried,
            fmt::format("its schema_version is {}, this hone reads {}", schema, kPlanSchemaVersion),
            "make it again with this hone"};
    HONE_TRY_ASSIGN(const std::string checksum, reader.text("checksum"));
    json::object& object = document.get_object();
    object.erase("checksum");
    if (checksum_of(object) != checksum)
        return Error{ErrorCode::kDataLoss, tried,
                     "its checksum does not match: it was edited or damaged",
                     "make it again with hone plan; to change a value, use --profile custom or "
                     "hone plan's flags"};
    return plan_from_document(reader);
}

json::object to_json(const Change& change) {
    json::array inputs;
    for (const auto& [name, value] : change.inputs)
        inputs.push_back(json::object{{"name", name}, {"value", value}});
    return {{"setting", change.setting},
            {"from", change.from},
            {"to", change.to},
            {"takes_effect", to_string(change.context)},
            {"rule", change.rule},
            {"reason", change.reason},
            {"inputs", std::move(inputs)},
            {"source", change.source},
            {"risk", change.risk}};
}

json::object to_json(const MemoryBudget& budget) {
    json::array terms;
    for (const BudgetTerm& term : budget.terms)
        terms.push_back(json::object{
            {"name", term.name}, {"bytes", term.size.count()}, {"explanation", term.explanation}});
    return {{"limit_bytes", budget.limit.count()},
            {"limit_source", budget.limit_source},
            {"worst_case_bytes", budget.worst_case().count()},
            {"terms", std::move(terms)}};
}

json::object to_json(const Notice& notice) {
    return {{"severity", to_string(notice.severity)},
            {"rule", notice.rule},
            {"message", notice.message},
            {"advice", notice.advice}};
}

}  // namespace hone
