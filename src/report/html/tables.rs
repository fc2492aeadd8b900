//! The result files as tables for reading: one row a key, means over replications with half-widths.

use crate::metrics::rows::{BalanceRow, NodeRow, PushRow, RoleRow, ShardRow, Tables};
use crate::report::aggregate::Estimate;
use crate::report::charts::{Cell, DataTable};
use crate::report::format::{self, Unit};

/// More rows than this are left to the CSV files.
const ROWS_MAX: usize = 600;

/// The tables of a page.
pub fn all(tables: &Tables) -> Vec<DataTable> {
    let made = [roles(&tables.roles), nodes(&tables.nodes), shards(&tables.shards), push(&tables.push)];
    let more = [balance(&tables.balance), summary(tables)];
    made.into_iter().chain(more).filter(|table| !table.rows.is_empty()).collect()
}

/// A column: its name and how to make a cell of the rows of one key.
type Column<'c, T> = (&'c str, Box<dyn Fn(&[&T]) -> Cell + 'c>);

/// One row for each run of rows with the same key.
fn table<T, K: Ord>(name: (&str, &str), rows: &[T], key: impl Fn(&T) -> K, columns: &[Column<'_, T>]) -> DataTable {
    let (caption, file) = name;
    let mut groups: Vec<(K, Vec<&T>)> = Vec::new();
    let mut places: std::collections::BTreeMap<K, usize> = std::collections::BTreeMap::new();
    for row in rows {
        let place = *places.entry(key(row)).or_insert_with(|| {
            groups.push((key(row), Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push(row);
    }
    let total = groups.len();
    let shown = groups.iter().take(ROWS_MAX);
    let rows = shown.map(|(_, rows)| columns.iter().map(|(_, cell)| cell(rows)).collect()).collect();
    let note = if total > ROWS_MAX {
        format!(" (the first {ROWS_MAX} of {}; all are in {file})", format::count(total as u64))
    } else {
        String::new()
    };
    DataTable {
        caption: format!("{caption}{note}"),
        columns: columns.iter().map(|(name, _)| (*name).to_owned()).collect(),
        rows,
    }
}

fn words<'c, T>(name: &'c str, text: impl Fn(&T) -> String + 'c) -> Column<'c, T> {
    (name, Box::new(move |rows| Cell::words(rows.first().map_or_else(String::new, |row| text(row)))))
}

fn id<'c, T>(name: &'c str, value: impl Fn(&T) -> u64 + 'c) -> Column<'c, T> {
    let cell = move |rows: &[&T]| {
        rows.first().map_or_else(Cell::default, |row| Cell::number(value(row).to_string(), value(row) as f64))
    };
    (name, Box::new(cell))
}

fn mean<'c, T>(name: &'c str, unit: Unit, value: impl Fn(&T) -> Option<f64> + 'c) -> Column<'c, T> {
    let cell = move |rows: &[&T]| match Estimate::from_values(rows.iter().filter_map(|row| value(row))) {
        Some(e) => Cell::number(format::estimate(&e, unit), e.mean),
        None => Cell::words("–"),
    };
    (name, Box::new(cell))
}

fn count<'c, T>(name: &'c str, value: impl Fn(&T) -> u64 + 'c) -> Column<'c, T> {
    mean(name, Unit::Plain, move |row| Some(value(row) as f64))
}

fn roles(rows: &[RoleRow]) -> DataTable {
    let columns = [
        words("layout", |r: &RoleRow| r.layout.clone()),
        words("role", |r: &RoleRow| r.role.clone()),
        count("created", |r: &RoleRow| r.created),
        count("done", |r: &RoleRow| r.completed),
        count("runs", |r: &RoleRow| r.executions),
        count("runs of done tasks", |r: &RoleRow| r.duplicate_executions),
        count("failed for good", |r: &RoleRow| r.failed),
        count("waiting at end", |r: &RoleRow| r.waiting_at_end),
        mean("latency, mean", Unit::Seconds, |r: &RoleRow| r.latency_mean_s),
        mean("p50", Unit::Seconds, |r: &RoleRow| r.latency_p50_s),
        mean("p90", Unit::Seconds, |r: &RoleRow| r.latency_p90_s),
        mean("p99", Unit::Seconds, |r: &RoleRow| r.latency_p99_s),
        mean("p99.9", Unit::Seconds, |r: &RoleRow| r.latency_p999_s),
        mean("max", Unit::Seconds, |r: &RoleRow| r.latency_max_s),
        mean("wait, mean", Unit::Seconds, |r: &RoleRow| r.wait_mean_s),
        mean("service, mean", Unit::Seconds, |r: &RoleRow| r.service_mean_s),
    ];
    table(("Roles: tasks and their latency", "roles.csv"), rows, |r| (r.layout.clone(), r.role.clone()), &columns)
}

fn nodes(rows: &[NodeRow]) -> DataTable {
    let whole: Vec<NodeRow> = rows.iter().filter(|row| row.role == "all").cloned().collect();
    let columns = [
        words("layout", |r: &NodeRow| r.layout.clone()),
        id("node", |r: &NodeRow| r.node),
        mean("processors busy", Unit::Percent, |r: &NodeRow| r.utilization_ratio),
        mean("processor time", Unit::Seconds, |r: &NodeRow| Some(r.busy_s)),
        mean("database time", Unit::Seconds, |r: &NodeRow| Some(r.database_s)),
        mean("down", Unit::Seconds, |r: &NodeRow| r.down_s),
        mean("messages received", Unit::Plain, |r: &NodeRow| r.messages_received.map(|n| n as f64)),
        mean("push requests", Unit::Plain, |r: &NodeRow| r.push_requests.map(|n| n as f64)),
    ];
    table(("Nodes", "nodes.csv"), &whole, |r| (r.layout.clone(), r.node), &columns)
}

fn shards(rows: &[ShardRow]) -> DataTable {
    let columns = [
        words("layout", |r: &ShardRow| r.layout.clone()),
        words("role", |r: &ShardRow| r.role.clone()),
        id("shard", |r: &ShardRow| u64::from(r.shard)),
        id("nodes", |r: &ShardRow| u64::from(r.nodes)),
        mean("accounts", Unit::Plain, |r: &ShardRow| r.accounts.map(|n| n as f64)),
        count("created", |r: &ShardRow| r.created),
        count("done", |r: &ShardRow| r.completed),
        mean("latency p99", Unit::Seconds, |r: &ShardRow| r.latency_p99_s),
        mean("without a live node", Unit::Seconds, |r: &ShardRow| Some(r.uncovered_s)),
    ];
    table(("Shards", "shards.csv"), rows, |r| (r.layout.clone(), r.role.clone(), r.shard), &columns)
}

fn push(rows: &[PushRow]) -> DataTable {
    let ratio = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
    let columns = [
        words("layout", |r: &PushRow| r.layout.clone()),
        (
            "shard",
            Box::new(|rows: &[&PushRow]| {
                let shard = rows.first().map_or("", |row| row.shard.as_str());
                Cell { text: shard.to_owned(), value: Some(shard.parse().unwrap_or(-1.0)) }
            }) as Box<dyn Fn(&[&PushRow]) -> Cell>,
        ),
        count("notifications", |r: &PushRow| r.notifications),
        mean("copies of each", Unit::Plain, move |r: &PushRow| ratio(r.copies, r.delivered)),
        mean("missed", Unit::Percent, move |r: &PushRow| ratio(r.missed, r.notifications)),
        count("requests", |r: &PushRow| r.requests),
        count("failed requests", |r: &PushRow| r.request_failures),
        mean("latency p50", Unit::Seconds, |r: &PushRow| r.latency_p50_s),
        mean("latency p99", Unit::Seconds, |r: &PushRow| r.latency_p99_s),
        count("accounts with duplicates", |r: &PushRow| r.accounts_with_duplicates),
        count("accounts with losses", |r: &PushRow| r.accounts_with_missed),
    ];
    table(("Push notifications", "push.csv"), rows, |r| (r.layout.clone(), r.shard.clone()), &columns)
}

fn balance(rows: &[BalanceRow]) -> DataTable {
    let columns = [
        words("layout", |r: &BalanceRow| r.layout.clone()),
        words("role", |r: &BalanceRow| r.role.clone()),
        mean("largest over mean", Unit::Plain, |r: &BalanceRow| r.max_over_mean_ratio),
        mean("coefficient of variation", Unit::Plain, |r: &BalanceRow| r.cv_ratio),
        mean("Jain's index", Unit::Index, |r: &BalanceRow| r.jain_index),
        mean("Gini's index", Unit::Index, |r: &BalanceRow| r.gini_index),
    ];
    table(("Balance of the nodes", "balance.csv"), rows, |r| (r.layout.clone(), r.role.clone()), &columns)
}

fn summary(tables: &Tables) -> DataTable {
    let rows = tables.summary.iter().take(ROWS_MAX).map(|row| {
        let unit = Unit::from_name(&row.unit);
        let interval = match (row.ci_low, row.ci_high) {
            (Some(low), Some(high)) => format!("{} to {}", unit.show(low), unit.show(high)),
            _ => String::new(),
        };
        vec![
            Cell::words(row.layout.clone()),
            Cell::words(row.metric.clone()),
            Cell::number(row.n.to_string(), f64::from(row.n)),
            Cell::number(unit.show(row.mean), row.mean),
            Cell::words(interval),
            Cell::number(unit.show(row.min), row.min),
            Cell::number(unit.show(row.max), row.max),
        ]
    });
    DataTable {
        caption: "Metrics over the replications".to_owned(),
        columns: ["layout", "metric", "replications", "mean", "95 % interval", "least", "most"]
            .map(str::to_owned)
            .to_vec(),
        rows: rows.collect(),
    }
}
