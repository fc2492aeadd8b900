//! A key under `cluster.roles` that no server knows.

use super::facts::Facts;
use super::registry::Rule;
use super::{Finding, Severity};
use crate::layout::{LayoutRules, Role, UnknownKey, toml_reader};

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
    unknown.map(|key| of_key(facts, lists.unknown_keys(), key)).collect()
}

fn of_key(facts: &Facts<'_>, all: &[UnknownKey], unknown: &UnknownKey) -> Finding {
    let near = toml_reader::meant_role(&unknown.key).filter(|role| facts.version.has_key(*role));
    let consequence = match near {
        Some(role) if facts.list(role).is_some() => format!("what holds is `{role}`, which is given too"),
        _ => "every node does the work that it was to limit".to_owned(),
    };
    let message = format!("unknown role `{}`: the server ignores it, so that {consequence}", unknown.key);
    let help = toml_reader::unknown_role_help(&unknown.key);
    let meant_by = |role| all.iter().filter(|key| toml_reader::meant_role(&key.key) == Some(role)).count();
    let is_free = |role: &Role| facts.list(*role).is_none() && meant_by(*role) == 1;
    let line = near.filter(is_free).and_then(|role| {
        // What stands in front of the wrong part of the key has to be right.
        let written = facts.layout.source.text.get(unknown.span.clone())?;
        let before = unknown.key.strip_suffix(written.trim_matches(['"', '\'']))?;
        facts.line_with(&unknown.span, role.key().strip_prefix(before)?)
    });
    RULE.error(message).at(Some(unknown.span.clone())).help(help).mended(line)
}
