//! What a report says about how its numbers came about.

use super::LayoutResult;
use crate::layout::{Assignment, Layout, Role};
use crate::report::findings::{ServerFacts, WorkerFacts};
use crate::report::format::list as and;
use crate::report::{LayoutPlan, NodeMark, PlanRow, RunInfo};
use crate::scenario::Scenario;
use crate::server::{DispatchRule, FullChannel, LockTaken, PushRule, Rules};

/// How the run was made.
pub fn run_info(scenario: &Scenario, command: &str) -> RunInfo {
    RunInfo {
        title: scenario.title.clone(),
        scenario_file: scenario.source.name.clone(),
        command: command.to_string(),
        seed: scenario.seed,
        replications: scenario.replications,
        server_version: versions(scenario),
        rolesim_version: env!("CARGO_PKG_VERSION").to_string(),
        duration_s: scenario.duration.as_secs_f64(),
        warmup_s: scenario.warmup.as_secs_f64(),
        steady_state: scenario.steady_state,
        start: scenario.start.clone(),
        layouts: scenario.layouts.iter().map(|layout| layout.name.clone()).collect(),
        assumptions: assumptions(scenario),
        warnings: Vec::new(),
    }
}

/// The versions of the server in the order of the layouts, each once.
fn versions(scenario: &Scenario) -> String {
    let mut shown: Vec<String> = Vec::new();
    for server in &scenario.servers {
        let version = server.version.to_string();
        if !shown.contains(&version) {
            shown.push(version);
        }
    }
    shown.join(", ")
}

fn assumptions(scenario: &Scenario) -> Vec<String> {
    let costs = &scenario.costs;
    let mut list = vec![match &scenario.workload.replay {
        Some(recording) => format!(
            "{} accounts get the {} messages of a recording, the same in every replication",
            scenario.workload.accounts,
            recording.len()
        ),
        None => format!(
            "{} accounts get {} messages a day on average over accounts and the week: accounts, days and hours differ; a \
             message goes to {} accounts on average",
            scenario.workload.accounts,
            scenario.workload.deliveries_per_day() / f64::from(scenario.workload.accounts),
            scenario.workload.mean_recipients()
        ),
    }];
    let index = &costs.tasks[Role::FtsIndexing.index()];
    list.push(format!(
        "indexing a message takes {:.1} ms on a core and {:.1} ms in the database on average",
        index.cpu.mean() * 1e3,
        index.database.mean() * 1e3
    ));
    let scans = |rules: &Rules| matches!(rules.dispatch, DispatchRule::OwnScans);
    if let Some(under) = under(scenario, scans) {
        list.push(format!(
            "a node that nothing wakes looks for tasks every {}; tasks written on other nodes do not wake it{under}",
            refresh_intervals(scenario)
        ));
    }
    if let Some(under) = under(scenario, |rules| !scans(rules)) {
        list.push(format!("each task is done once by a live node of its shard, as the documentation promises{under}"));
    }
    let copies = |rules: &Rules| matches!(rules.push, PushRule::EveryLiveNode);
    if let Some(under) = under(scenario, copies) {
        list.push(format!("every live node of a push shard sends every notification{under}"));
    }
    if let Some(under) = under(scenario, |rules| !copies(rules)) {
        list.push(format!("one live node of a push shard sends each notification{under}"));
    }
    list.push("all layouts meet the same messages, service demands and failures (common random numbers)".into());
    list.push("service times are those of the scenario or defaults of rolesim; the server publishes none".into());
    list
}

/// Under which layouts something is so, if it is not under all of them; `None` if it is under none.
fn under(scenario: &Scenario, is_so: impl Fn(&Rules) -> bool) -> Option<String> {
    let names = scenario.layouts.iter().filter(|layout| is_so(&scenario.server(layout).rules));
    let names: Vec<String> = names.map(|layout| layout.name.clone()).collect();
    match names.len() {
        0 => None,
        all if all == scenario.layouts.len() => Some(String::new()),
        _ => Some(format!(" (under {})", and(&names))),
    }
}

/// The refresh interval, by layout if they have versions of their own that differ in it.
fn refresh_intervals(scenario: &Scenario) -> String {
    let of = |layout: &Layout| scenario.server(layout).rules.refresh_interval;
    let usual = scenario.rules.refresh_interval;
    let others: Vec<String> = scenario
        .layouts
        .iter()
        .filter(|layout| matches!(scenario.server(layout).rules.dispatch, DispatchRule::OwnScans))
        .filter(|layout| of(layout) != usual)
        .map(|layout| format!("{} under {}", of(layout), layout.name))
        .collect();
    if others.is_empty() { usual.to_string() } else { format!("{usual} ({})", others.join(", ")) }
}

/// What findings must know of the server under a layout.
pub fn server_facts(scenario: &Scenario, layout: &Layout) -> ServerFacts {
    let server = scenario.server(layout);
    let rules = &server.rules;
    let (round_trip_s, delete_s) = (scenario.costs.lock_round_trip.as_secs_f64(), scenario.costs.delete.as_secs_f64());
    let worker = |role: Role| WorkerFacts {
        overhead_s: match (rules.dispatch, rules.lock_taken) {
            (DispatchRule::Once, _) => 0.0,
            // A full batch is deleted at once; each of its locks is a round trip.
            (_, LockTaken::ByWorker) => 2.0 * round_trip_s + delete_s / rules.batch[role.index()] as f64,
            (_, LockTaken::AtDispatch) => round_trip_s + delete_s / rules.batch[role.index()] as f64,
        },
        channel: rules.channel_capacity[role.index()] as u64,
    };
    ServerFacts {
        version: server.version.to_string(),
        refresh_s: rules.refresh_interval.as_secs_f64(),
        blocks_when_full: rules.full_channel == FullChannel::Wait && rules.dispatch == DispatchRule::OwnScans,
        workers: rules.queue_roles.iter().map(|role| (role.to_string(), worker(*role))).collect(),
    }
}

/// The layout as a grid of nodes and roles.
pub fn plan(layout: &Layout, result: &LayoutResult) -> LayoutPlan {
    let mut nodes: Vec<u64> = result.setup.nodes.iter().map(|node| node.id).collect();
    let known = nodes.len();
    nodes.extend(layout.named_nodes().into_iter().filter(|id| result.setup.nodes.iter().all(|node| node.id != *id)));
    let cells: Vec<PlanRow> = result
        .setup
        .rules
        .roles()
        .into_iter()
        .map(|role| {
            let assignments = &result.setup.coverage(role).assignments;
            let mut cells: Vec<String> = assignments
                .iter()
                .map(|assignment| match assignment {
                    Assignment::Enabled => "all".to_string(),
                    Assignment::Sharded { shard, shards } => format!("{}/{shards}", shard + 1),
                    Assignment::Disabled => String::new(),
                })
                .collect();
            cells.resize(nodes.len(), String::new());
            PlanRow { role: role.to_string(), cells }
        })
        .collect();
    let marks = (0..nodes.len())
        .map(|node| {
            if node >= known {
                NodeMark::Dead
            } else if cells.iter().all(|row| row.cells[node].is_empty()) {
                NodeMark::Idle
            } else {
                NodeMark::None
            }
        })
        .collect();
    LayoutPlan { layout: layout.name.clone(), nodes, cells, marks }
}
