//! What goes with fabricated tables: layouts, how the run was made, differences and candidates.

use super::{ROLES, Shape};
use rolesim::report::charts::cost::Candidate;
use rolesim::report::charts::differences::Difference;
use rolesim::report::{LayoutPlan, NodeMark, PlanRow, RunInfo};

/// The plans of the same layouts.
pub fn plans(nodes: u64, layouts: &[Shape]) -> Vec<LayoutPlan> {
    let ids: Vec<u64> = (1..=nodes).collect();
    let shards = nodes.div_ceil(2);
    layouts
        .iter()
        .map(|shape| LayoutPlan {
            layout: shape.name.to_owned(),
            nodes: ids.clone(),
            cells: ROLES
                .into_iter()
                .chain(["push-notifications"])
                .enumerate()
                .map(|(i, role)| PlanRow {
                    role: role.to_owned(),
                    cells: ids
                        .iter()
                        .map(|id| match i {
                            0 if *id == nodes => String::new(),
                            0 => "all".to_owned(),
                            _ if *id == nodes && nodes > 1 => String::new(),
                            _ => format!("{}/{shards}", (id - 1) % shards + 1),
                        })
                        .collect(),
                })
                .collect(),
            marks: ids
                .iter()
                .map(|id| match *id {
                    id if id == nodes && nodes > 1 => NodeMark::Idle,
                    id if id == nodes - 1 && nodes > 4 => NodeMark::Dead,
                    _ => NodeMark::None,
                })
                .collect(),
        })
        .collect()
}

pub fn run_info(layouts: &[Shape], replications: u32) -> RunInfo {
    RunInfo {
        steady_state: false,
        title: "The documentation's example".to_owned(),
        scenario_file: "scenarios/docs-example.toml".to_owned(),
        command: "rolesim run scenarios/docs-example.toml --seed 1".to_owned(),
        seed: 1,
        replications,
        server_version: "0.14".to_owned(),
        rolesim_version: "0.1.0".to_owned(),
        duration_s: 86_400.0,
        warmup_s: 3_600.0,
        start: "2026-03-02T00:00:00Z".to_owned(),
        layouts: layouts.iter().map(|shape| shape.name.to_owned()).collect(),
        assumptions: vec![
            "120 messages per account and day, 50,000 accounts".to_owned(),
            "indexing takes 30 ms of processor time on average".to_owned(),
        ],
        warnings: vec!["service times are defaults, not measured on your machines".to_owned()],
    }
}

/// Differences of every kind: larger than chance, not larger, without an interval.
pub fn differences() -> Vec<Difference> {
    let make = |label: &str, difference: f64, half: Option<f64>, unit: &str| Difference {
        label: label.to_owned(),
        difference,
        low: half.map(|half| difference - half),
        high: half.map(|half| difference + half),
        unit: unit.to_owned(),
    };
    vec![
        make("fts-indexing.latency.p99: one node a shard − docs example", -178.0, Some(9.0), "s"),
        make("bayes-training.latency.p99", 0.4, Some(0.9), "s"),
        make("push-notifications.copies.mean", -1.0, Some(0.002), ""),
        make("push-notifications.missed.fraction", 0.0021, Some(0.0008), "ratio"),
        make("nodes.utilization.max", -0.48, None, "ratio"),
    ]
}

/// Candidates of a plan on 3 to 12 nodes.
pub fn candidates() -> Vec<Candidate> {
    (3..=12)
        .flat_map(|nodes: u32| [(nodes, 1.0), (nodes, 2.0)])
        .map(|(nodes, shards)| {
            let value = 900.0 / f64::from(nodes).powi(2) / shards;
            Candidate {
                label: format!("{nodes} nodes, {shards} shards"),
                cost: f64::from(nodes),
                value,
                low: Some(value * 0.9),
                high: Some(value * 1.15),
                meets: value * 1.15 < 10.0,
            }
        })
        .collect()
}
