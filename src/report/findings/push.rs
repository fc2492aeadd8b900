//! Notifications that come several times or never.

use super::{SHARDS_MAX, Severity, View, count, counted, graded, mean, share, shown};
use crate::metrics::rows::{FindingRow, PushRow, ShardRow};
use crate::report::aggregate::Estimate;
use crate::report::format::{self, Unit};
use std::collections::BTreeMap;

const ROLE: &str = "push-notifications";
/// Copies beyond one that rounding does not explain.
const DUPLICATES_MIN: f64 = 0.001;
/// Losses above this share are an error.
const MISSED_ERROR: f64 = 0.01;

/// `push-duplicates` and `push-missed`.
pub fn find(view: &View<'_>, out: &mut Vec<FindingRow>) {
    duplicates(view, out);
    missed(view, out);
}

fn duplicates(view: &View<'_>, out: &mut Vec<FindingRow>) {
    let shards: Vec<(&str, Estimate)> = single_shards(view)
        .into_iter()
        .filter_map(|(shard, rows)| Some((shard, share(rows, |r| r.copies, |r| r.delivered)?)))
        .filter(|(_, copies)| copies.low() > 1.0 + DUPLICATES_MIN)
        .collect();
    let total = single_shards(view).len();
    if shards.len() <= SHARDS_MAX {
        for (shard, copies) in shards {
            out.push(duplicate(view, shard, &copies));
        }
        return;
    }
    let Some(copies) = view.push.get("all").and_then(|rows| share(rows, |r| r.copies, |r| r.delivered)) else { return };
    let mut row = duplicate(view, "all", &copies);
    row.message = format!("{} ({} of {total} shards)", row.message, shards.len());
    out.push(row);
}

fn duplicate(view: &View<'_>, shard: &str, copies: &Estimate) -> FindingRow {
    let rows = view.push.get(shard).map_or(&[][..], Vec::as_slice);
    let accounts = count(rows, |row| row.accounts_with_duplicates);
    let of = if shard == "all" { String::new() } else { format!(" of shard {shard}") };
    let message = format!(
        "each push notification{of} comes {} times; {} duplicates",
        format::estimate(copies, Unit::Plain),
        counted(&accounts, "account gets", "accounts get")
    );
    let help = if view.server.has_named_roles() {
        "every live node whose shard matches sends a copy: set pushShardsTotal to the number of nodes that push, and give each its own STALWART_PUSH_SHARD"
    } else if !view.server.has_shards() {
        "0.13 knows no shards of push: every live node sends a copy; from 0.14 on one node an item sends one, as in push-notifications = [\"1\", \"2\"]"
    } else {
        "every live node of a shard sends a copy: put each node that pushes in an item of its own, as in push-notifications = [\"1\", \"2\"]"
    };
    view.row("push-duplicates", Severity::Error, (ROLE, shard), message, help.to_owned())
}

fn missed(view: &View<'_>, out: &mut Vec<FindingRow>) {
    let Some(rows) = view.push.get("all") else { return };
    // What is still under way at the end may come yet, and only the role knows it.
    let waiting = waiting(view);
    let open = |row: &PushRow| waiting.get(&row.replication).copied().unwrap_or(0);
    let never = |row: &PushRow| row.missed.saturating_sub(open(row));
    let still_open = count(rows, open);
    let Some(missed) = share(rows, never, |r| r.notifications).filter(|m| m.mean > 0.0) else {
        if still_open.mean > 0.0 {
            let what = counted(&still_open, "push notification has", "push notifications have");
            let message = format!("{what} not come by the end, and may come yet");
            let help = "lengthen `drain` to see what becomes of them".to_owned();
            out.push(view.row("push-missed", Severity::Warning, (ROLE, "all"), message, help));
        }
        return;
    };
    let mut message = format!(
        "{} of push notifications never come ({}); {} some",
        format::estimate(&missed, Unit::Percent),
        shown(&count(rows, never)),
        counted(&count(rows, |r| r.accounts_with_missed), "account loses", "accounts lose")
    );
    if let Some(shard) = mostly(view) {
        message.push_str(&format!(", most of them in shard {shard}"));
    }
    if still_open.mean > 0.0 {
        message.push_str(&format!("; {} more have not come by the end", shown(&still_open)));
    }
    if let Some((shard, down)) = longest_uncovered(view) {
        message.push_str(&format!("; shard {shard} has no live node for {}", format::estimate(&down, Unit::Seconds)));
    }
    let severity = graded(&missed, MISSED_ERROR);
    let help = "what is published while a shard has no live node, or while the coordinator is away, is lost and not sent \
                later: keep restarts short and one at a time; a second node in the shard covers them, at the price of duplicates";
    out.push(view.row("push-missed", severity, (ROLE, "all"), message, help.to_owned()));
}

/// The shard that is longest without a live node, and how long.
fn longest_uncovered(view: &View<'_>) -> Option<(u32, Estimate)> {
    let shards = view.shards.iter().filter(|((role, _), _)| *role == ROLE);
    let times =
        shards.filter_map(|((_, shard), rows)| Some((*shard, mean(rows, |row: &ShardRow| Some(row.uncovered_s))?)));
    times.filter(|(_, time)| time.mean > 0.0).max_by(|a, b| a.1.mean.total_cmp(&b.1.mean).then(b.0.cmp(&a.0)))
}

/// The notifications of each replication that are still open at the end.
fn waiting(view: &View<'_>) -> BTreeMap<u32, u64> {
    view.roles.get(ROLE).into_iter().flatten().map(|row| (row.replication, row.waiting_at_end)).collect()
}

/// The shard with more than half of the losses, where there are several. All that is open at the end may be this shard's.
fn mostly<'a>(view: &View<'a>) -> Option<&'a str> {
    let shards = single_shards(view);
    let open: u128 = waiting(view).values().map(|open| u128::from(*open)).sum();
    let missed = |rows: &[&PushRow]| rows.iter().map(|row| u128::from(row.missed)).sum::<u128>();
    let total: u128 = shards.iter().map(|(_, rows)| missed(rows)).sum::<u128>().saturating_sub(open);
    let several = shards.len() > 1;
    let has_most = |rows: &[&PushRow]| missed(rows).saturating_sub(open) * 2 > total;
    shards.into_iter().find(|(_, rows)| several && has_most(rows)).map(|(shard, _)| shard)
}

/// The shards by themselves, in the order of their numbers; the whole if there are none.
fn single_shards<'v, 'a>(view: &'v View<'a>) -> Vec<(&'a str, &'v [&'a PushRow])> {
    let mut shards: Vec<(&str, &[&PushRow])> =
        view.push.iter().filter(|(shard, _)| **shard != "all").map(|(shard, rows)| (*shard, rows.as_slice())).collect();
    shards.sort_by_key(|(shard, _)| shard.parse::<u64>().unwrap_or(u64::MAX));
    if shards.is_empty() {
        shards.extend(view.push.get_key_value("all").map(|(shard, rows)| (*shard, rows.as_slice())));
    }
    shards
}
