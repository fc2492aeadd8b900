//! The key of a role that the server's version does not have (server facts, sections 1.1 and 1.2).

use super::facts::Facts;
use super::registry::Rule;
use super::{Finding, Severity};
use crate::layout::{LayoutRules, Role, ServerVersion};

pub(super) const RULE: Rule = Rule {
    id: "key-of-another-version",
    severity: Severity::Warning,
    versions: "0.13 to 0.15",
    finds: "the key of a role that this server version does not look at",
    why: "The server ignores keys that it does not know. `bayes-training` exists in 0.14 only, `spam-training` and \
          `merge-threads` from 0.15 on, and 0.13 has lists for purge, certificates and metrics only.",
    mend: "remove the key, or check with the `--version` that reads it",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(lists) = facts.layout.lists().filter(|_| facts.rules != LayoutRules::Objects) else {
        return Vec::new();
    };
    let foreign = lists.iter().filter(|list| !facts.version.has_key(list.role));
    foreign
        .map(|list| {
            let message = format!(
                "version {} does not look at `{}`{}",
                facts.version,
                list.role,
                instead(facts.version, list.role)
            );
            RULE.warning(message).about(list.role).at(Some(list.key_span.clone()))
        })
        .collect()
}

fn instead(version: ServerVersion, role: Role) -> &'static str {
    match (version, role) {
        (ServerVersion::V0_15, Role::BayesTraining) => ": there `spam-training` says who trains",
        (ServerVersion::V0_14, Role::SpamTraining) => ": there `bayes-training` says who trains",
        (
            ServerVersion::V0_13,
            Role::FtsIndexing | Role::PushNotifications | Role::ImipProcessing | Role::CalendarAlerts,
        ) => ": every node does it",
        _ => "",
    }
}
