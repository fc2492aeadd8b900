//! A push shard beyond the last (server facts, section 1.3).

use super::facts::Facts;
use super::registry::Rule;
use super::{Finding, Severity};
use crate::layout::{LayoutRules, Role};

pub(super) const RULE: Rule = Rule {
    id: "push-shard-out-of-range",
    severity: Severity::Error,
    versions: "0.16",
    finds: "a node whose `STALWART_PUSH_SHARD` is beyond `pushShardsTotal`, or cannot be read",
    why: "A node serves an account when its id modulo `pushShardsTotal` is the node's shard. Beyond the last shard that is \
          never so; a value that cannot be read is taken for the first shard.",
    mend: "set `STALWART_PUSH_SHARD` from 1 to `pushShardsTotal`",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    if facts.rules != LayoutRules::Objects {
        return Vec::new();
    }
    let total = facts.layout.push_shards_total;
    let mut findings = Vec::new();
    for node in &facts.nodes {
        let Some(written) = node.settings.push_shard.as_deref() else { continue };
        let id = node.settings.id;
        let finding = match written.parse::<u32>() {
            // Switched off on purpose, together with the role's own setting.
            Ok(shard) if shard > total && facts.layout.push_disabled_at_start(&node.settings) => continue,
            Ok(shard) if shard > total => {
                RULE.error(format!("node {id} has push shard {shard} of {total} and sends no notification"))
            }
            Ok(0) => {
                RULE.warning(format!("node {id} has push shard 0; shards count from 1, and it is taken for the first"))
            }
            Ok(_) => continue,
            Err(_) => RULE.error(format!(
                "node {id} has push shard `{written}`, which cannot be read and is taken for the first"
            )),
        };
        findings.push(finding.about(Role::PushNotifications));
    }
    findings
}
