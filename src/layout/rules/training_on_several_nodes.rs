//! Training of the spam classifier by several nodes (server facts, sections 1.1 and 2.2).

use super::facts::Facts;
use super::registry::Rule;
use super::{Finding, Severity, words};
use crate::layout::{Role, ServerVersion};

pub(super) const RULE: Rule = Rule {
    id: "training-on-several-nodes",
    severity: Severity::Warning,
    versions: "0.15",
    finds: "several nodes that each train the spam classifier",
    why: "In 0.15 training is a job that every enabled node runs every 12 h over everything; shards do not divide it.",
    mend: "name one node",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    let role = Role::SpamTraining;
    let ids = facts.enabled(role);
    let Some(first) = ids.first().filter(|_| facts.version == ServerVersion::V0_15 && ids.len() > 1) else {
        return Vec::new();
    };
    let message = format!(
        "{} each train the same classifier: it is trained {} every 12 h",
        words::nodes(&ids),
        words::times(ids.len())
    );
    let line = facts.line_with_shards(role, &[vec![*first]]);
    vec![RULE.warning(message).about(role).at(facts.list_span(role)).mended(line)]
}
