//! Push that a role disables and that happens all the same (server facts, section 1.3).

use super::facts::Facts;
use super::registry::Rule;
use super::{Finding, Severity};
use crate::layout::{LayoutRules, Role};

pub(super) const RULE: Rule = Rule {
    id: "push-despite-role",
    severity: Severity::Warning,
    versions: "0.16",
    finds: "a node whose role disables `pushNotifications` and whose push shard matches accounts all the same",
    why: "The type is looked at only when subscriptions are loaded at start. A subscription that is created or renewed later \
          is served by the node if the shard matches. Measured on 0.16.18: with push disabled on two of four nodes every \
          notification still came four times.",
    mend: "give the node a `STALWART_PUSH_SHARD` beyond `pushShardsTotal`, which matches no account",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    if facts.objects().is_none() {
        return Vec::new();
    }
    let role = Role::PushNotifications;
    let sends = |settings| facts.layout.assignment(role, settings, LayoutRules::Objects).is_enabled();
    let mut findings = Vec::new();
    for node in &facts.nodes {
        if !facts.layout.push_disabled_at_start(&node.settings) || !sends(&node.settings) {
            continue;
        }
        let name = node.settings.role.as_deref().unwrap_or_default();
        let message = format!(
            "role `{name}` disables `pushNotifications`, but node {} still sends for subscriptions that are created or \
             renewed after its start",
            node.settings.id
        );
        let span = facts.objects().and_then(|objects| objects.find(name)).map(|role| role.tasks_span.clone());
        findings.push(RULE.warning(message).about(role).at(span));
    }
    findings
}
