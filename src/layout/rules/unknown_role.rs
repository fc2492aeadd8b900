//! A key under `cluster.roles` that no server knows.

use super::facts::Facts;
use super::registry::Rule;
use super::{Finding, Severity};
use crate::layout::{LayoutRules, toml_reader};

pub(super) const RULE: Rule = Rule {
    id: "unknown-role",
    severity: Severity::Error,
    versions: "0.13 to 0.15",
    finds: "a key under `cluster.roles` that no server version knows",
    why: "The server looks up the keys that it knows and ignores all others without a word, so a misspelt role is the \
          same as none: every node does it.",
    mend: "write the key as the documentation has it",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(lists) = facts.layout.lists().filter(|_| facts.rules != LayoutRules::Objects) else {
        return Vec::new();
    };
    let unknown = lists.unknown_keys().iter();
    unknown
        .map(|unknown| {
            let message = format!("unknown role `{}`: the server ignores it", unknown.key);
            let help = toml_reader::unknown_role_help(&unknown.key);
            RULE.error(message).at(Some(unknown.span.clone())).help(help)
        })
        .collect()
}
