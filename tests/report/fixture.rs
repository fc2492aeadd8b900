//! Fabricated results of a cluster, for looking at reports. Not simulated: shapes and sizes only.

use rolesim::metrics::rows::*;
#[path = "fixture_plans.rs"]
mod plans;
pub use plans::{candidates, differences, plans, run_info};

/// A small generator of its own (splitmix64), so that fixtures never change.
pub struct Noise(u64);

impl Noise {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Between 0 and 1.
    pub fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// `mean`, up to `spread` (a share) more or less.
    pub fn around(&mut self, mean: f64, spread: f64) -> f64 {
        mean * (1.0 + spread * (2.0 * self.unit() - 1.0))
    }
}

pub const ROLES: [&str; 5] = ["fts-indexing", "bayes-training", "calendar-alerts", "imip-processing", "purge.accounts"];
const HOUR: f64 = 3_600.0;

/// What a fabricated layout does.
#[derive(Clone, Copy)]
pub struct Shape {
    pub name: &'static str,
    /// Nodes of one shard send this many copies.
    pub copies: f64,
    /// Whether the last half of the nodes receives no mail and finds work late.
    pub late: bool,
    /// Whether one node does nearly everything.
    pub uneven: bool,
}

pub const EVEN: Shape = Shape { name: "one node a shard", copies: 1.0, late: false, uneven: false };
pub const DOCS: Shape = Shape { name: "docs example", copies: 2.0, late: true, uneven: true };
pub const HOSTILE: Shape = Shape { name: "<script>alert(1)</script> & \"x\"", copies: 3.0, late: false, uneven: false };

/// Tables of `layouts` on `nodes` nodes with `replications` replications, findings included.
pub fn tables(nodes: u64, layouts: &[Shape], replications: u32) -> Tables {
    let mut tables = Tables::default();
    for (i, shape) in layouts.iter().enumerate() {
        let mut noise = Noise::new(i as u64 + 1);
        for replication in 0..replications {
            roles(&mut tables, *shape, replication, &mut noise);
            work(&mut tables, *shape, nodes, replication, &mut noise);
            push(&mut tables, *shape, nodes, replication, &mut noise);
            timeline(&mut tables, *shape, nodes, replication, &mut noise);
        }
        latency(&mut tables, *shape, replications);
        objectives(&mut tables, *shape, replications);
    }
    tables.findings = rolesim::report::findings::from_results(&tables, &context());
    tables
}

pub fn context() -> rolesim::report::FindingContext {
    let server = rolesim::report::findings::ServerFacts {
        version: "0.14".to_owned(),
        refresh_s: 300.0,
        ..rolesim::report::findings::ServerFacts::default()
    };
    rolesim::report::FindingContext {
        duration_s: 24.0 * HOUR,
        servers: [EVEN, DOCS, HOSTILE].map(|shape| (shape.name.to_owned(), server.clone())).into(),
        ..rolesim::report::FindingContext::default()
    }
}

fn roles(tables: &mut Tables, shape: Shape, replication: u32, noise: &mut Noise) {
    for (i, role) in ROLES.into_iter().enumerate() {
        let created = noise.around(1_200_000.0 / 6f64.powi(i as i32), 0.01) as u64;
        let slow = if shape.late && i == 0 { 100.0 } else { 1.0 };
        let duplicates = if shape.late { (created as f64 * noise.around(0.031, 0.1)) as u64 } else { 0 };
        let waiting = if shape.late && i == 0 { noise.around(840.0, 0.1) as u64 } else { 0 };
        let p50 = noise.around(0.045, 0.05) * slow;
        tables.roles.push(RoleRow {
            layout: shape.name.to_owned(),
            replication,
            role: role.to_owned(),
            created,
            completed: created - waiting,
            executions: created - waiting + duplicates,
            duplicate_executions: duplicates,
            failed: 0,
            waiting_at_end: waiting,
            latency_mean_s: Some(p50 * 2.0),
            latency_p50_s: Some(p50),
            latency_p90_s: Some(p50 * 8.0),
            latency_p99_s: Some(p50 * 40.0),
            latency_p999_s: Some(p50 * 60.0),
            latency_max_s: Some(p50 * 66.0),
            wait_mean_s: Some(if shape.late && i == 0 { noise.around(148.0, 0.02) } else { p50 }),
            service_mean_s: Some(noise.around(0.03, 0.02)),
            failed_executions: 0,
            interrupted_executions: 3,
        });
    }
}

/// The share of node `index` (from 0) of `nodes` in a role's work.
fn share(shape: Shape, role: usize, index: u64, nodes: u64) -> f64 {
    let n = nodes as f64;
    match (shape.uneven, nodes) {
        (_, 1) => 1.0,
        (true, _) if role < 2 => {
            if index == nodes / 2 {
                0.97
            } else if index < nodes / 3 {
                0.0
            } else {
                0.03 / (n - 1.0 - (nodes / 3) as f64)
            }
        }
        _ => (1.0 + 0.3 * ((index % 7) as f64 / 6.0 - 0.5)) / n,
    }
}

fn work(tables: &mut Tables, shape: Shape, nodes: u64, replication: u32, noise: &mut Noise) {
    let span = 24.0 * HOUR * 8.0;
    for index in 0..nodes {
        let node = index + 1;
        let row = |role: &str, executions: u64, busy_s: f64| NodeRow {
            layout: shape.name.to_owned(),
            replication,
            node,
            role: role.to_owned(),
            executions,
            busy_s,
            share_ratio: None,
            queue_mean: None,
            queue_max: None,
            utilization_ratio: None,
            down_s: None,
            messages_received: None,
            push_requests: None,
            database_s: busy_s / 6.0,
        };
        let mail = !(shape.late && index >= nodes.div_ceil(2));
        let ingest = if mail { noise.around(span * 0.05, 0.1) } else { 0.0 };
        let mut total = ingest;
        let mut rows = vec![NodeRow { share_ratio: Some(1.0 / nodes as f64), ..row("ingest", 500, ingest) }];
        for (i, role) in ROLES.into_iter().enumerate() {
            let part = share(shape, i, index, nodes);
            let busy = noise.around(span * 0.12 * nodes.min(4) as f64 / 2f64.powi(i as i32) * part, 0.05);
            total += busy;
            let runs = (busy / 0.03) as u64;
            rows.push(NodeRow {
                share_ratio: Some(part),
                queue_mean: Some(noise.around(2.0 * part, 0.2)),
                queue_max: Some(40),
                ..row(role, runs, busy)
            });
        }
        rows.push(NodeRow {
            utilization_ratio: Some(total / span),
            down_s: Some(if index == 1 { 1_800.0 } else { 0.0 }),
            messages_received: Some(if mail { 200_000 } else { 0 }),
            push_requests: Some(90_000),
            ..row("all", 0, total)
        });
        rows.sort_by(|a, b| a.role.cmp(&b.role));
        tables.nodes.extend(rows);
    }
    for (i, role) in ROLES.into_iter().enumerate() {
        let shares: Vec<f64> = (0..nodes).map(|index| share(shape, i, index, nodes)).collect();
        tables.balance.push(BalanceRow {
            layout: shape.name.to_owned(),
            replication,
            role: role.to_owned(),
            max_over_mean_ratio: Some(shares.iter().copied().fold(0.0, f64::max) * nodes as f64),
            cv_ratio: Some(0.1),
            jain_index: rolesim::report::aggregate::jain(&shares),
            gini_index: Some(0.2),
        });
    }
}

fn push(tables: &mut Tables, shape: Shape, nodes: u64, replication: u32, noise: &mut Noise) {
    let shards = if shape.copies > 1.0 { nodes.div_ceil(2).min(40) } else { nodes.min(40) };
    let mut whole: Option<PushRow> = None;
    for shard in 0..shards {
        let notifications = noise.around(5_000_000.0 / shards as f64, 0.01) as u64;
        let missed = if shard == 1 { noise.around(notifications as f64 * 0.004, 0.2) as u64 } else { 0 };
        let delivered = notifications - missed;
        let copies =
            (delivered as f64 * noise.around(shape.copies, if shape.copies > 1.0 { 0.004 } else { 0.0 })) as u64;
        let row = PushRow {
            layout: shape.name.to_owned(),
            replication,
            shard: shard.to_string(),
            notifications,
            delivered,
            copies,
            duplicates: copies.saturating_sub(delivered),
            missed,
            requests: copies * 9 / 10,
            request_failures: copies / 1_000,
            latency_p50_s: Some(0.2),
            latency_p99_s: Some(2.0),
            accounts_with_duplicates: if shape.copies > 1.0 { 50_000 / shards } else { 0 },
            accounts_with_missed: missed / 20,
        };
        let sum = whole.get_or_insert_with(|| PushRow {
            shard: "all".to_owned(),
            notifications: 0,
            delivered: 0,
            copies: 0,
            duplicates: 0,
            missed: 0,
            requests: 0,
            request_failures: 0,
            accounts_with_duplicates: 0,
            accounts_with_missed: 0,
            ..row.clone()
        });
        sum.notifications += row.notifications;
        sum.delivered += row.delivered;
        sum.copies += row.copies;
        sum.duplicates += row.duplicates;
        sum.missed += row.missed;
        sum.requests += row.requests;
        sum.accounts_with_duplicates += row.accounts_with_duplicates;
        sum.accounts_with_missed += row.accounts_with_missed;
        tables.push.push(row);
        tables.shards.push(ShardRow {
            layout: shape.name.to_owned(),
            replication,
            role: "push-notifications".to_owned(),
            shard: shard as u32,
            nodes: shape.copies as u32,
            accounts: Some(50_000 / shards),
            created: notifications,
            completed: delivered,
            latency_p99_s: Some(2.0),
            uncovered_s: if shard == 1 { noise.around(1_780.0, 0.02) } else { 0.0 },
        });
    }
    tables.push.extend(whole);
}

fn timeline(tables: &mut Tables, shape: Shape, nodes: u64, replication: u32, noise: &mut Noise) {
    let bins = if nodes > 100 { 24 } else { 96 };
    let width = 24.0 * HOUR / f64::from(bins);
    for bin in 0..bins {
        let start_s = f64::from(bin) * width;
        let hour = start_s / HOUR;
        let day = (-((hour - 10.0) / 3.5).powi(2)).exp() + 0.7 * (-((hour - 15.0) / 3.0).powi(2)).exp() + 0.05;
        let mut add = |node: Option<u64>, series: &str, value: f64| {
            tables.timeline.push(TimelineRow {
                layout: shape.name.to_owned(),
                replication,
                start_s,
                node,
                series: series.to_owned(),
                value,
            });
        };
        let outage = (9.0..9.5).contains(&hour);
        let purge = (3.0..3.6).contains(&hour);
        for (i, role) in ROLES.into_iter().enumerate().take(4) {
            let base = if shape.late && i == 0 { 900.0 } else { 6.0 / (i + 1) as f64 };
            let value = noise.around(base * day * if outage { 3.0 } else { 1.0 }, 0.15);
            add(None, &format!("waiting:{role}"), value);
        }
        add(None, "nodes_up", (nodes - u64::from(outage && nodes > 1)) as f64);
        add(None, "push_duplicates", noise.around(50_000.0 * (shape.copies - 1.0) * day, 0.05));
        add(None, "push_missed", if outage { noise.around(9_000.0, 0.1) } else { 0.0 });
        let database = noise.around(0.3 * day + if purge { 0.9 } else { 0.02 }, 0.03).min(1.0);
        add(None, "database_utilization_ratio", if purge { database.max(0.97) } else { database });
        for index in 0..nodes {
            let busy = 0.12 + share(shape, 0, index, nodes) * 0.5 * nodes.min(6) as f64;
            let down = outage && index == 1;
            add(Some(index + 1), "utilization_ratio", if down { 0.0 } else { noise.around(busy * day, 0.1).min(1.0) });
        }
    }
}

fn latency(tables: &mut Tables, shape: Shape, replications: u32) {
    for (i, role) in ROLES.into_iter().enumerate() {
        for step in 0..=50 {
            let nines = f64::from(step) / 10.0;
            let quantile = 1.0 - 10f64.powf(-nines);
            let value_s = if shape.late && i == 0 {
                (300.0 * (quantile + 0.02)).min(301.0)
            } else {
                0.03 * (1.0 + nines).powf(2.2) * (1.0 + i as f64 * 0.2)
            };
            let spread = 0.02 + nines * 0.04;
            tables.latency.push(LatencyRow {
                layout: shape.name.to_owned(),
                role: role.to_owned(),
                quantile,
                value_s,
                ci_low_s: (replications > 1).then_some(value_s * (1.0 - spread)),
                ci_high_s: (replications > 1).then_some(value_s * (1.0 + spread)),
                pooled_s: Some(value_s),
            });
        }
    }
}

fn objectives(tables: &mut Tables, shape: Shape, replications: u32) {
    let several = replications > 1;
    let mut add = |objective: &str, value: f64, verdict: &str| {
        tables.objectives.push(ObjectiveRow {
            layout: shape.name.to_owned(),
            objective: objective.to_owned(),
            value: Some(value),
            ci_low: several.then_some(value * 0.98),
            ci_high: several.then_some(value * 1.02),
            verdict: verdict.to_owned(),
            worst: several.then_some(value * 1.04),
            worst_replication: several.then_some(1),
            limit: None,
            decided_low: None,
            decided_high: None,
            n: replications,
            undone: 0,
            replications,
            reason: String::new(),
        });
        let metric = objective.split(' ').next().unwrap().to_owned();
        tables.summary.push(SummaryRow {
            layout: shape.name.to_owned(),
            unit: match metric.split('.').nth(1) {
                Some("latency") => "s",
                Some("missed") => "ratio",
                _ => "",
            }
            .to_owned(),
            metric,
            n: replications,
            mean: value,
            ci_low: several.then_some(value * 0.98),
            ci_high: several.then_some(value * 1.02),
            min: value * 0.95,
            max: value * 1.05,
        });
    };
    let late = shape.late;
    add("fts-indexing.latency.p99 < 60s", if late { 180.0 } else { 1.8 }, if late { "missed" } else { "met" });
    add("push-notifications.copies.mean = 1", shape.copies, if shape.copies > 1.0 { "missed" } else { "met" });
    add("push-notifications.missed.fraction < 0.001", 0.0009, "undecided");
}
