//! A name in `taskTypes` that is no type of task (server facts, section 1.3).

use super::facts::Facts;
use super::registry::Rule;
use super::{Finding, Severity};
use crate::layout::{TaskType, closest};

pub(super) const RULE: Rule = Rule {
    id: "unknown-task-type",
    severity: Severity::Error,
    versions: "0.16",
    finds: "a name in `taskTypes` that is no type of task",
    why: "The name enables or disables nothing.",
    mend: "write the name as the server has it",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    let roles = facts.objects().into_iter().flat_map(|objects| &objects.roles);
    let entries = roles.flat_map(|role| role.entries.iter().map(move |entry| (role, entry)));
    entries
        .filter(|(_, entry)| entry.task.is_none())
        .map(|(role, entry)| {
            let names = TaskType::ALL.map(TaskType::name);
            let near = closest(&entry.written, names);
            let help = near
                .map_or_else(|| format!("types are {}", names.join(", ")), |near| format!("did you mean `{near}`?"));
            let line = near.and_then(|near| facts.line_with(&entry.span, &format!("\"{near}\"")));
            let message = format!("role `{}`: unknown task type `{}`", role.name, entry.written);
            RULE.error(message).at(Some(entry.span.clone())).help(help).mended(line)
        })
        .collect()
}
