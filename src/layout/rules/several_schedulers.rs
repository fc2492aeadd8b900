//! Several nodes that write timed tasks (server facts, section 1.3).

use super::facts::Facts;
use super::registry::Rule;
use super::{Finding, Severity, words};
use crate::layout::TaskType;

pub(super) const RULE: Rule = Rule {
    id: "several-schedulers",
    severity: Severity::Warning,
    versions: "0.16",
    finds: "`taskScheduler` on several nodes",
    why: "The scheduler writes the timed tasks, such as one purge task per account a day, to the queue. Each node that has it \
          is one more that does so at the same time.",
    mend: "enable `taskScheduler` in the role of one node",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(objects) = facts.objects() else {
        return Vec::new();
    };
    let ids = facts.enabled_for_task(TaskType::TaskScheduler);
    if ids.len() < 2 {
        return Vec::new();
    }
    let message = format!("{} are all schedulers: each of them writes the timed tasks", words::nodes(&ids));
    let span =
        objects.roles.iter().find(|role| role.enables(TaskType::TaskScheduler)).map(|role| role.tasks_span.clone());
    vec![RULE.warning(message).at(span)]
}
