//! A type of task that no node's role enables (server facts, section 1.3).

use super::facts::Facts;
use super::registry::Rule;
use super::{Finding, Severity};
use crate::layout::TaskType;

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
    let nobody = modelled.filter(|task| facts.enabled_for_task(*task).is_empty());
    let span = objects.roles.first().map(|role| role.tasks_span.clone());
    nobody
        .map(|task| {
            let role = crate::layout::Role::ALL.into_iter().find(|role| TaskType::of_role(*role) == Some(task));
            let finding = RULE.error(format!("no node does `{task}`")).at(span.clone());
            if let Some(role) = role { finding.about(role) } else { finding }
        })
        .collect()
}
