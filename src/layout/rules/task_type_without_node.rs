//! A type of task that no node's role enables (server facts, section 1.3).

use super::facts::Facts;
use super::registry::Rule;
use super::{Finding, Severity, words};
use crate::layout::{Role, TaskType};

pub(super) const RULE: Rule = Rule {
    id: "task-type-without-node",
    severity: Severity::Error,
    versions: "0.16",
    finds: "a type of task that the roles of all nodes leave out",
    why: "A node does only what its role enables. Queued tasks of a type that nobody enables stay in the queue.",
    mend: "enable it in the role of at least one node",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(objects) = facts.objects() else {
        return Vec::new();
    };
    // Push is served by shard whatever the role says: `push-despite-role`.
    let modelled = TaskType::ALL.into_iter().filter(|task| *task != TaskType::PushNotifications);
    let nobody: Vec<TaskType> = modelled.filter(|task| facts.enabled_for_task(*task).is_empty()).collect();
    if nobody.is_empty() {
        return Vec::new();
    }
    let span = objects.roles.first().map(|role| role.tasks_span.clone());
    let names: Vec<String> = nobody.iter().map(|task| format!("`{task}`")).collect();
    let finding = RULE.error(format!("no node does {}", words::and(&names))).at(span);
    let role = match nobody.as_slice() {
        [task] => Role::ALL.into_iter().find(|role| TaskType::of_role(*role) == Some(*task)),
        _ => None,
    };
    vec![match role {
        Some(role) => finding.about(role),
        None => finding,
    }]
}
