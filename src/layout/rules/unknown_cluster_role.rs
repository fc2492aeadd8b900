//! A node whose role does not exist (server facts, section 1.3).

use super::facts::Facts;
use super::registry::Rule;
use super::{Finding, Severity};
use crate::layout::closest;

pub(super) const RULE: Rule = Rule {
    id: "unknown-cluster-role",
    severity: Severity::Error,
    versions: "0.16",
    finds: "a node whose `STALWART_ROLE` names no role: it does not start",
    why: "The server refuses to start with a role that does not exist, so the cluster has a node fewer.",
    mend: "set `STALWART_ROLE` to the name of a role",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for node in facts.all_nodes {
        let Some(problem) = facts.layout.start_problem(&node.settings, facts.rules) else {
            continue;
        };
        let names: Vec<&str> =
            facts.objects().into_iter().flat_map(|objects| &objects.roles).map(|role| role.name.as_str()).collect();
        let near = closest(node.settings.role.as_deref().unwrap_or_default(), names.iter().copied());
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None if names.is_empty() => "the layout has no roles: unset `STALWART_ROLE`".to_owned(),
            None => format!("roles are {}", names.join(", ")),
        };
        findings.push(RULE.error(problem).help(help));
    }
    findings
}
