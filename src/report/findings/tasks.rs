//! Tasks that wait, are never done, or are done twice.

use super::waits::QUEUED;
use super::{Severity, View, count, counted, graded, has, share, shown};
use crate::metrics::rows::{FindingRow, RoleRow};
use crate::report::format::{self, Unit};
use std::collections::BTreeMap;

/// Shares of repeated runs from which they matter.
const DUPLICATE_NOTE: f64 = 0.001;
const DUPLICATE_WARNING: f64 = 0.05;
/// A backlog above this share of the tasks is an error.
const BACKLOG_ERROR: f64 = 0.01;
/// Roles whose repetition a user sees.
const SEEN_BY_USERS: [&str; 2] = ["calendar-alerts", "imip-processing"];

/// `never-served`, `duplicate-work` and `backlog`.
pub fn find(view: &View<'_>, out: &mut Vec<FindingRow>) {
    for (role, rows) in &view.roles {
        if rows.iter().all(|row| row.created == 0) {
            continue;
        }
        if rows.iter().all(|row| row.completed == 0) {
            out.push(never_served(view, role, rows));
            continue;
        }
        out.extend(duplicate_work(view, role, rows));
        let backlog = backlog(view, role, rows, out);
        out.extend(backlog);
    }
    never_served_shards(view, out);
}

/// Shards of which nothing is done, one finding a role.
fn never_served_shards(view: &View<'_>, out: &mut Vec<FindingRow>) {
    let mut by_role: BTreeMap<&str, (Vec<u32>, f64)> = BTreeMap::new();
    for ((role, shard), rows) in &view.shards {
        let created = count(rows, |row| row.created);
        let role_is_served = view.roles.get(role).is_some_and(|rows| rows.iter().any(|row| row.completed > 0));
        if created.mean > 0.0 && role_is_served && rows.iter().all(|row| row.completed == 0) {
            let (shards, tasks) = by_role.entry(role).or_default();
            shards.push(*shard);
            *tasks += created.mean;
        }
    }
    for (role, (shards, tasks)) in by_role {
        let tasks = tasks.round();
        let (name, which) = match shards.as_slice() {
            [one] => (one.to_string(), format!("shard {one}")),
            several => ("all".to_owned(), format!("{} shards", several.len())),
        };
        let message = match tasks {
            1.0 => format!("the task of {which} of {role} is not done"),
            _ => format!("none of the {} tasks of {which} of {role} is done", format::number(tasks)),
        };
        let help = "no live node serves the shard: name one in its item, or take the item out".to_owned();
        out.push(view.row("never-served", Severity::Error, (role, &name), message, help));
    }
}

fn never_served(view: &View<'_>, role: &str, rows: &[&RoleRow]) -> FindingRow {
    let created = shown(&count(rows, |row| row.created));
    let message = match created.as_str() {
        "1" => format!("the only {role} task is not done"),
        _ => format!("none of the {created} {role} tasks is done"),
    };
    let help = "no live node serves the role: give it to one".to_owned();
    view.row("never-served", Severity::Error, (role, ""), message, help)
}

fn duplicate_work(view: &View<'_>, role: &str, rows: &[&RoleRow]) -> Option<FindingRow> {
    let repeated = share(rows, |row| row.duplicate_executions, |row| row.executions)?;
    let seen = SEEN_BY_USERS.contains(&role);
    // Of push `push-duplicates` tells.
    if role == "push-notifications" || repeated.mean == 0.0 || (!seen && repeated.mean < DUPLICATE_NOTE) {
        return None;
    }
    let times = counted(&count(rows, |row| row.duplicate_executions), "run", "runs");
    let share = format::estimate(&repeated, Unit::Percent);
    let effect = if seen { "users get them twice" } else { "the work is wasted" };
    let severity = match graded(&repeated, 0.0) {
        Severity::Error if !seen && repeated.low() < DUPLICATE_WARNING => Severity::Note,
        Severity::Error if !seen => Severity::Warning,
        severity => severity,
    };
    let message = format!("{share} of the runs of {role} repeat what was done already ({times}): {effect}");
    let help = match role {
        _ if view.server.has_named_roles() => "give the role to one node, or to fewer",
        // 0.13 has a list of nodes for this one, without shards.
        "purge.accounts" if !view.server.has_shards() => "give the role to one node",
        _ if !view.server.has_shards() => {
            "0.13 knows no shards, so that every node runs the same tasks; from 0.14 on give the role one node a shard"
        }
        _ => {
            "nodes of one shard run the same tasks: give the role one node a shard, as in [\"1\", \"2\"] for [\"1,2\"]"
        }
    };
    Some(view.row("duplicate-work", severity, (role, ""), message, help.to_owned()))
}

fn backlog(view: &View<'_>, role: &str, rows: &[&RoleRow], found: &[FindingRow]) -> Option<FindingRow> {
    // Of shards that nobody serves `never-served` tells.
    let unserved = view.unserved(role);
    let never = |replication: u32| -> u64 {
        let shards = unserved.iter().filter_map(|shard| view.shards.get(&(role, *shard))).flatten();
        shards.filter(|row| row.replication == replication).map(|row| row.created).sum()
    };
    let late = |row: &RoleRow| row.waiting_at_end.saturating_sub(never(row.replication));
    let waiting = count(rows, late);
    let share = share(rows, late, |row| row.created)?;
    // Of push `push-missed` tells; a timed job that was cut short waits for its next time, and nothing piles up.
    if waiting.mean == 0.0 || !(QUEUED.contains(&role) || role == "purge.accounts") {
        return None;
    }
    let message = format!(
        "{} at the end, {} of all",
        counted(&waiting, &format!("{role} task still waits"), &format!("{role} tasks still wait")),
        format::estimate(&share, Unit::Percent)
    );
    let named: Vec<&str> = ["overloaded-node", "uncovered-shard"].into_iter().filter(|rule| has(found, rule)).collect();
    let mut help = "work comes faster than it is done, or an outage has kept it: add a node to the role".to_owned();
    if !named.is_empty() {
        help.push_str(&format!(", and see what {} says", format::list(&named)));
    }
    Some(view.row("backlog", graded(&share, BACKLOG_ERROR), (role, ""), message, help))
}
