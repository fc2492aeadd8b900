//! Clean-up that several nodes start at the same minute (server facts, section 4).

use super::facts::Facts;
use super::registry::Rule;
use super::{Finding, Severity, words};
use crate::layout::{LayoutRules, Role};

pub(super) const RULE: Rule = Rule {
    id: "purge-at-the-same-time",
    severity: Severity::Warning,
    versions: "0.13 to 0.15",
    finds: "several nodes that purge the same accounts, or the stores, at the same minute",
    why: "At 00:00 each node of a shard of `purge.accounts` walks all of the shard's accounts; the lock of an account \
          only makes them do it one after the other. At 03:00, 04:00 and 05:00 the nodes of `purge.stores` compete for one \
          lock, and those that find it taken skip the day.",
    mend: "one node a shard for `purge.accounts`, one node for `purge.stores`",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    if facts.is_documented() || facts.rules == LayoutRules::Objects {
        return Vec::new();
    }
    let mut findings = accounts(facts);
    findings.extend(stores(facts));
    findings
}

fn accounts(facts: &Facts<'_>) -> Vec<Finding> {
    let role = Role::PurgeAccounts;
    let shards = facts.shard_count(role);
    let alone: Vec<Vec<u64>> = facts.enabled(role).into_iter().map(|id| vec![id]).collect();
    let several = facts.shards(role).iter().filter(|(_, nodes)| nodes.len() > 1);
    several
        .map(|(shard, nodes)| {
            let ids: Vec<u64> = nodes.iter().map(|node| node.settings.id).collect();
            let whose =
                if shards > 1 { format!("{} of the", words::percent_of_one_in(shards)) } else { "all".to_owned() };
            let message = format!(
                "{} start at 00:00 and each purge {whose} accounts: every account is purged {} a day",
                words::nodes(&ids),
                words::times(ids.len())
            );
            let span = facts.shard_span(role, *shard).filter(|_| shards > 1).or_else(|| facts.list_span(role));
            let finding = RULE.warning(message).about(role).in_shard(*shard).at(span);
            finding.help("one node a shard").mended(facts.line_with_shards(role, &alone))
        })
        .collect()
}

fn stores(facts: &Facts<'_>) -> Option<Finding> {
    let role = Role::PurgeStores;
    let ids = facts.enabled(role);
    let first = *ids.first().filter(|_| ids.len() > 1)?;
    let others = match ids.len() - 1 {
        1 => "the other skips".to_owned(),
        number => format!("the other {number} skip"),
    };
    let message = format!(
        "{} start the purge of the stores at the same minute (03:00, 04:00, 05:00): one gets the lock, {others} the day",
        words::nodes(&ids)
    );
    let finding = RULE.note(message).about(role).at(facts.list_span(role));
    Some(finding.help("one node is enough").mended(facts.line_with_shards(role, &[vec![first]])))
}
