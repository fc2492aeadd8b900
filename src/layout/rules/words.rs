//! Phrases that messages share.

use crate::layout::Role;

/// How many names are written out.
const NAMES_MAX: usize = 8;

/// `node 1`, `nodes 1 and 2`, `nodes 1, 2 and 3`; many are cut short.
pub(super) fn nodes(ids: &[u64]) -> String {
    let names: Vec<String> = ids.iter().map(u64::to_string).collect();
    match names.as_slice() {
        [] => "no node".to_owned(),
        [one] => format!("node {one}"),
        _ => format!("nodes {}", and(&names)),
    }
}

/// `a, b and c`; many are cut short.
pub(super) fn and(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] if names.len() <= NAMES_MAX => format!("{} and {last}", first.join(", ")),
        _ => format!("{} and {} more", names[..NAMES_MAX - 1].join(", "), names.len() - (NAMES_MAX - 1)),
    }
}

/// `once`, `twice`, `3 times`
pub(super) fn times(number: usize) -> String {
    match number {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        _ => format!("{number} times"),
    }
}

/// One part of `parts`, as `50 %`.
pub(super) fn percent_of_one_in(parts: u32) -> String {
    percent_of(1, parts)
}

/// Some of `parts`, as `50 %`.
pub(super) fn percent_of(some: u32, parts: u32) -> String {
    let percent = 100.0 * f64::from(some) / f64::from(parts.max(1));
    let digits = if percent.fract() < 0.05 { 0 } else { 1 };
    format!("{percent:.digits$} %")
}

/// `shard 1 of 2 of \`fts-indexing\``, or the role alone if it is not divided.
pub(super) fn shard(role: Role, shard: u32, shards: u32) -> String {
    if shards <= 1 { format!("`{role}`") } else { format!("shard {} of {shards} of `{role}`", shard + 1) }
}

/// What the role works on, for `50 % of its ...`.
pub(super) const fn items(role: Role) -> &'static str {
    match role {
        Role::PushNotifications | Role::PurgeAccounts => "accounts",
        Role::AcmeRenew => "certificates",
        Role::FtsIndexing | Role::BayesTraining | Role::MergeThreads => "messages",
        Role::ImipProcessing => "invitations",
        Role::CalendarAlerts => "alerts",
        Role::PurgeStores | Role::MetricsCalculate | Role::MetricsPush | Role::SpamTraining => "runs",
    }
}

/// What becomes of the work of one of `shards` shards when no node serves it.
pub(super) fn undone(role: Role, shards: u32) -> String {
    undone_shards(role, 1, shards)
}

/// What becomes of the work of some of `shards` shards when no node serves them.
pub(super) fn undone_shards(role: Role, some: u32, shards: u32) -> String {
    let share = if shards > some { format!("{} of the ", percent_of(some, shards)) } else { String::new() };
    let verb = match role {
        Role::PushNotifications => "get no push notifications",
        Role::PurgeAccounts => "are never purged",
        Role::AcmeRenew => "are not renewed",
        Role::FtsIndexing => "are not indexed",
        Role::BayesTraining => "are not learned from",
        Role::ImipProcessing => "are not processed",
        Role::CalendarAlerts => "are not sent",
        Role::MergeThreads => "are not merged into threads",
        Role::PurgeStores => return "the stores are never purged".to_owned(),
        Role::MetricsCalculate => return "metrics are not calculated".to_owned(),
        Role::MetricsPush => return "metrics are not pushed".to_owned(),
        Role::SpamTraining => return "the spam classifier is not trained".to_owned(),
    };
    format!("{share}{} {verb}", items(role))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_listed_as_one_speaks() {
        assert_eq!(nodes(&[1]), "node 1");
        assert_eq!(nodes(&[1, 2]), "nodes 1 and 2");
        assert_eq!(nodes(&[1, 2, 3]), "nodes 1, 2 and 3");
        assert_eq!(nodes(&(1..=20).collect::<Vec<_>>()), "nodes 1, 2, 3, 4, 5, 6, 7 and 13 more");
    }

    #[test]
    fn shares_are_rounded() {
        assert_eq!(percent_of_one_in(2), "50 %");
        assert_eq!(percent_of_one_in(3), "33.3 %");
        assert_eq!(percent_of_one_in(1000), "0.1 %");
    }
}
