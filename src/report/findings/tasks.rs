//! Tasks that wait, are never done, or are done twice.

use super::{Severity, View, count, mean, share, shown};
use crate::metrics::rows::{FindingRow, RoleRow};
use crate::report::format::{self, Unit};
use std::collections::BTreeMap;

/// A mean wait of this part of the refresh interval is not chance: half of it is what a node waits that
/// nothing wakes.
const LATE_RATIO: f64 = 0.25;
/// Shares of repeated runs from which they matter.
const DUPLICATE_NOTE: f64 = 0.001;
const DUPLICATE_WARNING: f64 = 0.05;
/// A backlog above this share of the tasks is an error.
const BACKLOG_ERROR: f64 = 0.01;
/// Roles whose repetition a user sees.
const SEEN_BY_USERS: [&str; 2] = ["calendar-alerts", "imip-processing"];
/// Roles whose tasks come from the queue, where a node may wait for its refresh.
const QUEUED: [&str; 5] = ["fts-indexing", "bayes-training", "imip-processing", "calendar-alerts", "merge-threads"];

/// `never-served`, `late-pickup`, `duplicate-work` and `backlog`.
pub fn find(view: &View<'_>, out: &mut Vec<FindingRow>) {
    for (role, rows) in &view.roles {
        if rows.iter().all(|row| row.created == 0) {
            continue;
        }
        if rows.iter().all(|row| row.completed == 0) {
            out.push(never_served(view, role, rows));
            continue;
        }
        out.extend(late_pickup(view, role, rows));
        out.extend(duplicate_work(view, role, rows));
        out.extend(backlog(view, role, rows));
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
        let (name, which) = match shards.as_slice() {
            [one] => (one.to_string(), format!("shard {one}")),
            several => ("all".to_owned(), format!("{} shards", several.len())),
        };
        let message = format!("none of the {} tasks of {which} of {role} is done", format::number(tasks.round()));
        let help = "no live node serves the shard: name one in its item, or take the item out".to_owned();
        out.push(view.row("never-served", Severity::Error, (role, &name), message, help));
    }
}

fn never_served(view: &View<'_>, role: &str, rows: &[&RoleRow]) -> FindingRow {
    let created = shown(&count(rows, |row| row.created));
    let message = format!("none of the {created} {role} tasks is done");
    let help = "no live node serves the role: give it to one".to_owned();
    view.row("never-served", Severity::Error, (role, ""), message, help)
}

fn late_pickup(view: &View<'_>, role: &str, rows: &[&RoleRow]) -> Option<FindingRow> {
    let refresh = view.context.refresh_s;
    let wait = mean(rows, |row| row.wait_mean_s).filter(|wait| refresh > 0.0 && wait.mean >= LATE_RATIO * refresh)?;
    if !QUEUED.contains(&role) {
        return None;
    }
    let waits = format::estimate(&wait, Unit::Seconds);
    let every = format::duration(refresh);
    let without_mail: Vec<u64> = view.enabled(role).into_iter().filter(|node| receives_no_mail(view, *node)).collect();
    let (message, help) = if without_mail.is_empty() {
        (
            format!("{role} tasks wait {waits} on average before a node takes them"),
            format!(
                "more than chance: the nodes cannot keep up, or hear of tasks only every {every}; add a node to {role} or see what overloaded-node says"
            ),
        )
    } else {
        let do_work = if without_mail.len() == 1 { "serves it but receives" } else { "serve it but receive" };
        (
            format!(
                "{role} tasks wait {waits} on average: {} {do_work} no mail, and so {} only every {every}",
                format::nodes(&without_mail),
                if without_mail.len() == 1 { "looks" } else { "look" },
            ),
            format!(
                "let these nodes receive mail, or give {role} to nodes that do: only a delivery on the node itself wakes it"
            ),
        )
    };
    Some(view.row("late-pickup", Severity::Warning, (role, ""), message, help))
}

fn receives_no_mail(view: &View<'_>, node: u64) -> bool {
    view.nodes.get(&node).is_some_and(|rows| rows.iter().all(|row| row.messages_received == Some(0)))
}

fn duplicate_work(view: &View<'_>, role: &str, rows: &[&RoleRow]) -> Option<FindingRow> {
    let repeated = share(rows, |row| row.duplicate_executions, |row| row.executions)?;
    let seen = SEEN_BY_USERS.contains(&role);
    if repeated.mean == 0.0 || (!seen && repeated.mean < DUPLICATE_NOTE) {
        return None;
    }
    let times = shown(&count(rows, |row| row.duplicate_executions));
    let share = format::estimate(&repeated, Unit::Percent);
    let effect = if seen { "users get them twice" } else { "the work is wasted" };
    let severity = match repeated.mean {
        _ if seen => Severity::Error,
        mean if mean >= DUPLICATE_WARNING => Severity::Warning,
        _ => Severity::Note,
    };
    let message = format!("{share} of the runs of {role} repeat what was done already ({times} runs): {effect}");
    let help = if view.context.has_named_roles() {
        "give the role to one node, or to fewer"
    } else {
        "nodes of one shard run the same tasks: give the role one node a shard, as in [\"1\", \"2\"] for [\"1,2\"]"
    };
    Some(view.row("duplicate-work", severity, (role, ""), message, help.to_owned()))
}

fn backlog(view: &View<'_>, role: &str, rows: &[&RoleRow]) -> Option<FindingRow> {
    let waiting = count(rows, |row| row.waiting_at_end);
    let share = share(rows, |row| row.waiting_at_end, |row| row.created)?;
    // Of push `push-missed` tells; a timed job that was cut short waits for its next time, and nothing piles up.
    if waiting.mean == 0.0 || !(QUEUED.contains(&role) || role == "purge.accounts") {
        return None;
    }
    let message = format!(
        "{} {role} tasks still wait at the end, {} of all",
        format::estimate(&waiting, Unit::Plain),
        format::estimate(&share, Unit::Percent)
    );
    let help = "work comes faster than it is done, or a shard has no live node: add a node to the role, and see what \
                overloaded-node and uncovered-shard say";
    let severity = if share.mean >= BACKLOG_ERROR { Severity::Error } else { Severity::Warning };
    Some(view.row("backlog", severity, (role, ""), message, help.to_owned()))
}
