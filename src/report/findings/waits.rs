//! Why tasks of the queue wait: a worker that cannot keep up, a dispatcher that a full channel holds up, an outage, or
//! nothing that wakes the node. Only what can explain the wait is blamed.

use super::workers::{Saturated, blocked, saturated};
use super::{Severity, View, has, mean, share};
use crate::metrics::rows::{FindingRow, RoleRow};
use crate::report::aggregate::Estimate;
use crate::report::format::{self, Unit};
use std::collections::BTreeMap;

/// A mean wait of this part of the refresh interval is not chance: half of it is what a node waits that
/// nothing wakes.
const LATE_RATIO: f64 = 0.25;
/// The busiest hour of a day has about twice its mean; so much more can wait in an outage than the mean says.
const PEAK: f64 = 2.0;
/// Where so many of the runs repeat what was done, not repeating it is the remedy.
const REPEATED: f64 = 0.2;
/// Roles whose tasks come from the queue.
pub const QUEUED: [&str; 5] = ["fts-indexing", "bayes-training", "imip-processing", "calendar-alerts", "merge-threads"];

/// A role's wait, and its workers if they cannot keep up.
struct Late<'v, 'a> {
    role: &'a str,
    rows: &'v [&'a RoleRow],
    wait: Option<Estimate>,
    saturated: Option<Saturated>,
}

/// `saturated-worker` and `late-pickup`.
pub fn find(view: &View<'_>, out: &mut Vec<FindingRow>) {
    let queued = view.roles.iter().filter(|(role, _)| QUEUED.contains(role));
    let served = queued.filter(|(_, rows)| rows.iter().any(|row| row.completed > 0));
    let all: Vec<Late<'_, '_>> = served.map(|(role, rows)| look(view, role, rows)).collect();
    let jams: BTreeMap<&str, Vec<u64>> =
        all.iter().filter(|late| late.saturated.is_some()).map(|late| (late.role, blocked(view, late.role))).collect();
    for late in &all {
        match &late.saturated {
            Some(workers) => out.push(saturated_worker(view, late, workers)),
            None => out.extend(late_pickup(view, late, &jams, out)),
        }
    }
}

fn look<'v, 'a>(view: &View<'_>, role: &'a str, rows: &'v [&'a RoleRow]) -> Late<'v, 'a> {
    let wait = mean(rows, |row| row.wait_mean_s);
    let is_late = wait.is_some_and(|wait| wait.mean > view.server.refresh_s.max(1.0) && !is_outages(view, role, &wait));
    Late { role, rows, wait, saturated: saturated(view, role, is_late) }
}

/// Whether times without a live node can be half or more of a wait.
pub fn is_outages(view: &View<'_>, role: &str, wait: &Estimate) -> bool {
    wait.mean <= 2.0 * PEAK * outage_wait_s(view, role)
}

/// The mean wait that times without a live node can cause: of a span D without one for U a share of U / D of the tasks
/// waits, U / 2 on average.
fn outage_wait_s(view: &View<'_>, role: &str) -> f64 {
    let span_s = view.context.duration_s;
    let shards = view.shards.iter().filter(|((name, _), _)| *name == role);
    let each = shards.filter_map(|(_, rows)| mean(rows, |row| Some(row.uncovered_s.powi(2) / 2.0)));
    if span_s > 0.0 { each.map(|half_square| half_square.mean / span_s).fold(0.0, f64::max) } else { 0.0 }
}

fn saturated_worker(view: &View<'_>, late: &Late<'_, '_>, workers: &Saturated) -> FindingRow {
    let (node, busy) = workers.busiest;
    let role = late.role;
    let share_shown = format::estimate(&busy, Unit::Percent);
    let mut message = match workers.nodes.as_slice() {
        [_] => format!("the only worker of {role} on node {node} is busy {share_shown} of the time"),
        nodes => format!(
            "the workers of {role} on {}, one a node, are busy nearly alike, on node {node} {share_shown} of the time",
            format::nodes(nodes)
        ),
    };
    if !workers.always {
        message.push_str(" and cannot keep up in the busy hours");
    }
    if let Some(wait) = late.wait {
        message.push_str(&format!(": tasks wait {} on average", format::estimate(&wait, Unit::Seconds)));
    }
    if let Some(queue) = workers.queue.filter(|queue| queue.mean >= 1.0) {
        message.push_str(&format!(", {} of them in its channel", format::estimate(&queue, Unit::Plain)));
    }
    let repeated = share(late.rows, |row| row.duplicate_executions, |row| row.executions);
    let repeats = repeated.filter(|share| share.mean > 0.0);
    if let Some(share) = repeats {
        message.push_str(&format!(
            "; {} of the runs repeat what was done already",
            format::estimate(&share, Unit::Percent)
        ));
    }
    let is_long = late.wait.is_some_and(|wait| wait.low() > view.server.refresh_s.max(1.0));
    let severity = if is_long { Severity::Error } else { Severity::Warning };
    let is_repeated = repeats.is_some_and(|share| share.mean >= REPEATED);
    let help = format!(
        "a worker runs one task after the other, however many cores are idle: {}",
        remedy(view, role, is_repeated)
    );
    view.row("saturated-worker", severity, (role, ""), message, help)
}

/// What gives a role more workers, or its workers less to do.
fn remedy(view: &View<'_>, role: &str, is_repeated: bool) -> String {
    let cells = view.cells(role);
    let shards: std::collections::BTreeSet<&str> = cells.iter().map(|(_, cell)| *cell).collect();
    let is_shared = cells.len() > shards.len();
    let why = if is_repeated { "nodes of one shard run the same tasks, so " } else { "" };
    if view.server.has_named_roles() {
        return "enable it in the roles of more nodes, and let these receive mail".to_owned();
    }
    if view.server.version.starts_with("0.13") {
        return "0.13 knows no shards, so that every node runs the same tasks; from 0.14 on give each node a shard of its own"
            .to_owned();
    }
    if is_shared || (is_repeated && cells.is_empty()) {
        return format!("{why}give each node a shard of its own{}", as_in(role, &cells));
    }
    "add nodes, each with a shard of its own".to_owned()
}

/// The list to write, if it is short.
fn as_in(role: &str, cells: &[(u64, &str)]) -> String {
    const SHOWN: usize = 12;
    if cells.is_empty() || cells.len() > SHOWN {
        return String::new();
    }
    let items: Vec<String> = cells.iter().map(|(node, _)| format!("\"{node}\"")).collect();
    format!(": {role} = [{}]", items.join(", "))
}

fn late_pickup(
    view: &View<'_>,
    late: &Late<'_, '_>,
    jams: &BTreeMap<&str, Vec<u64>>,
    found: &[FindingRow],
) -> Option<FindingRow> {
    let refresh_s = view.server.refresh_s;
    let wait = late.wait.filter(|wait| refresh_s > 0.0 && wait.mean >= LATE_RATIO * refresh_s)?;
    // Of what outages explain `uncovered-shard` tells, of tasks that are never done `never-served`.
    if is_outages(view, late.role, &wait) {
        return None;
    }
    let role = late.role;
    let waits = format!("{role} tasks wait {} on average", format::estimate(&wait, Unit::Seconds));
    let every = format::duration(refresh_s);
    let enabled = view.enabled(role);
    let jam = jams.iter().find_map(|(other, nodes)| {
        let held: Vec<u64> = enabled.iter().copied().filter(|node| nodes.contains(node)).collect();
        (!held.is_empty()).then_some((other, held))
    });
    let without_mail: Vec<u64> = enabled.iter().copied().filter(|node| receives_no_mail(view, *node)).collect();
    let (message, help) = match (jam, without_mail.as_slice()) {
        (Some((other, held)), _) => (
            format!(
                "{waits}: the full channel of {other} holds up {} for all roles",
                whose(&held, "the dispatcher of", "the dispatchers of")
            ),
            format!(
                "see what saturated-worker says of {other}: when its workers keep up, these tasks are found at once"
            ),
        ),
        (None, []) if wait.mean <= refresh_s => (
            format!(
                "{waits} before a node takes them: without a task of its own to write, a node looks only every {every}"
            ),
            format!("give {role} to nodes that receive more mail: what is written on the node itself wakes it"),
        ),
        (None, nodes) if wait.mean <= refresh_s => {
            let (serves, looks) =
                if nodes.len() == 1 { ("serves it but receives", "looks") } else { ("serve it but receive", "look") };
            (
                format!("{waits}: {} {serves} no mail, and so {looks} only every {every}", format::nodes(nodes)),
                format!(
                    "let these nodes receive mail, or give {role} to nodes that do: only a delivery on the node itself wakes it"
                ),
            )
        }
        _ => (
            format!(
                "{waits}, longer than the {every} after which every node looks, and no worker is busy all the time"
            ),
            elsewhere(found),
        ),
    };
    Some(view.row("late-pickup", Severity::Warning, (role, ""), message, help))
}

fn whose(nodes: &[u64], one: &str, several: &str) -> String {
    format!("{} {}", if nodes.len() == 1 { one } else { several }, format::nodes(nodes))
}

/// Where to look for what holds tasks up.
fn elsewhere(found: &[FindingRow]) -> String {
    let named: Vec<&str> = ["overloaded-node", "database-saturated", "uncovered-shard"]
        .into_iter()
        .filter(|rule| has(found, rule))
        .collect();
    if named.is_empty() {
        "look at outages of lock store and database, and at the locks of nodes that died: `rolesim explain` tells the story of a \
         message"
            .to_owned()
    } else {
        format!("see what {} says", format::list(&named))
    }
}

fn receives_no_mail(view: &View<'_>, node: u64) -> bool {
    view.nodes.get(&node).is_some_and(|rows| rows.iter().all(|row| row.messages_received == Some(0)))
}
