//! A node with queue roles that receives no mail, so that nothing wakes it (server facts, sections
//! 2.1 and 2.3).

use super::facts::{Facts, Shards};
use super::registry::Rule;
use super::{Finding, Severity, words};
use crate::layout::Role;

pub(super) const RULE: Rule = Rule {
    id: "node-without-mail",
    severity: Severity::Warning,
    versions: "0.14 to 0.16",
    finds: "a node with a queue role that receives no mail: it finds work only at the periodic refresh",
    why: "A dispatcher wakes when its own node writes a task. What another node writes it sees at the refresh, every \
          300 s up to 0.15 and every 60 s in 0.16, so that its work waits half of that in the mean.",
    mend: "let the load balancer send the node some mail, or give the role to nodes that receive mail",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(refresh_s) = facts.version.refresh_s() else {
        return Vec::new();
    };
    if facts.nodes.iter().all(|node| node.mail_share <= 0.0) {
        return Vec::new();
    }
    // Roles whose tasks are written when mail arrives; in 0.16 a role stands for its type of task.
    let by_mail = |role: &Role| match role {
        Role::FtsIndexing | Role::ImipProcessing => true,
        Role::BayesTraining | Role::MergeThreads => facts.objects().is_none(),
        _ => false,
    };
    facts.roles().filter(by_mail).flat_map(|role| of_role(facts, role, facts.shards(role), refresh_s)).collect()
}

fn of_role(facts: &Facts<'_>, role: Role, served: &Shards<'_>, refresh_s: u32) -> Vec<Finding> {
    let shards = facts.shard_count(role);
    let mut findings = Vec::new();
    for (shard, nodes) in served {
        let without = nodes.iter().filter(|node| node.mail_share <= 0.0);
        let without: Vec<u64> = without.map(|node| node.settings.id).collect();
        if without.is_empty() {
            continue;
        }
        let what = words::shard(role, *shard, shards);
        let names = words::nodes(&without);
        let finding = if without.len() == nodes.len() {
            let mean_s = refresh_s / 2;
            RULE.warning(format!(
                "no node of {what} receives mail ({names}): work is found every {refresh_s} s, a wait of {mean_s} s in the mean"
            ))
        } else {
            let (receives, takes) = if without.len() == 1 { ("receives", "takes") } else { ("receive", "take") };
            RULE.note(format!("{names} in {what} {receives} no mail and so {takes} part only every {refresh_s} s"))
        };
        let span = facts.shard_span(role, *shard).or_else(|| facts.list_span(role));
        findings.push(finding.about(role).in_shard(*shard).at(span));
    }
    findings
}
