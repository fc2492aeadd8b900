//! `taskTypes` in a form that the server does not read (server facts, section 1.3).

use super::facts::Facts;
use super::registry::Rule;
use super::{Finding, Severity};
use crate::layout::{ClusterRole, TaskSet, TaskType};

pub(super) const RULE: Rule = Rule {
    id: "task-types-not-read",
    severity: Severity::Error,
    versions: "0.16",
    finds: "`taskTypes` as a list, or with a value that is not `true`",
    why: "The set is an object whose values are `true`. Older documentation shows a list, which the server does not read: \
          the set is then empty.",
    mend: "write {\"searchIndexing\": true}",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    let roles = facts.objects().into_iter().flat_map(|objects| &objects.roles);
    roles.flat_map(|role| list(facts, role).into_iter().chain(values(role))).collect()
}

fn list(facts: &Facts<'_>, role: &ClusterRole) -> Option<Finding> {
    let span = role.list_span.clone()?;
    let effect = match role.set {
        TaskSet::EnableSome => "the role enables nothing",
        TaskSet::DisableSome => "the role disables nothing",
        TaskSet::EnableAll | TaskSet::DisableAll => "it has no effect here",
    };
    let message = format!("role `{}`: the server does not read a list of task types: {effect}", role.name);
    let written = facts.layout.source.text.get(span.clone()).unwrap_or_default();
    let values: Vec<serde_json::Value> = serde_json::from_str(written).unwrap_or_default();
    let known = |name: &&str| TaskType::ALL.iter().any(|task| task.name() == *name);
    let names: Vec<&str> = values.iter().filter_map(serde_json::Value::as_str).collect();
    let (named, wrong): (Vec<&str>, Vec<&str>) = names.iter().copied().partition(known);
    let set: Vec<String> = named.iter().map(|name| format!("\"{name}\": true")).collect();
    // Without one of the names, or with none at all, the set would still not be what was meant.
    let line = (set.len() == values.len() && !set.is_empty())
        .then(|| facts.line_with(&span, &format!("{{{}}}", set.join(", "))))
        .flatten();
    let finding = RULE.error(message).at(Some(span)).mended(line);
    let Some(first) = wrong.first() else { return Some(finding) };
    let types = TaskType::ALL.map(TaskType::name).join(", ");
    Some(finding.help(format!("{}, with types of task that exist: `{first}` is none; types are {types}", RULE.mend)))
}

fn values(role: &ClusterRole) -> Vec<Finding> {
    let off = role.entries.iter().filter(|entry| !entry.value);
    off.map(|entry| {
        let message = format!("role `{}`: `{}` is `false` and so not in the set", role.name, entry.written);
        RULE.warning(message).at(Some(entry.span.clone())).help("remove the name, or set it to `true`")
    })
    .collect()
}
