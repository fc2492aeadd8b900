//! Planning for recorded messages.

use crate::common::{rolesim, stdout, write};
use crate::plan::options;
use rolesim::experiment::planning::{Candidate, Plan, Rates, candidates, kinds, loads, plan};
use rolesim::layout::LayoutRules;
use rolesim::scenario::Scenario;
use std::fmt::Write as _;
use std::path::Path;

/// A scenario that replays `trace.csv`. Were its messages not recorded, 100 accounts would get ten million a day.
fn replayed(version: &str, duration: &str, rest: &str) -> String {
    format!(
        r#"duration = "{duration}"
warmup = "10s"
drain = "10m"
[server]
version = "{version}"
[layouts.any.cluster.roles]
[nodes]
ids = "1-2"
cores = 2
[workload]
accounts = 100
messages_per_account_per_day = 100000
calendar_alerts_per_account_per_day = 0
invitations_per_message = 0
trainings_per_message = 0.5
replay = "trace.csv"
{rest}"#
    )
}

fn read(folder: &Path, scenario: &str, trace: &str) -> Scenario {
    write(folder, "trace.csv", trace);
    Scenario::read(&write(folder, "replayed.toml", scenario)).expect("a valid scenario")
}

fn planned(scenario: &Scenario, max_nodes: u32, survive: bool) -> Plan {
    plan(scenario, &options(max_nodes, survive), &|_| ()).expect("a plan")
}

const COSTS: &str = "[tasks.ingest]\ncpu = \"2s\"\ndatabase = \"1s\"\n[tasks.fts-indexing]\ncpu = \"10s\"\ndatabase = \"0s\"\n\
                     [tasks.bayes-training]\ncpu = \"5s\"\ndatabase = \"0s\"\n";

/// Three messages in the 100 s of the measured span, one of them to two accounts of which one is named twice: 4 deliveries.
/// What comes in the warm-up or in the drain does not count. Indexing: 4 · 10 s / 100 s. Training follows two of them
/// (as recorded, or of each with probability 0.5): 2 · 5 s / 100 s. Two cores: (3 · 2 s + 40 s + 10 s) / 200 s. The database:
/// 3 · 1 s / 100 s over its connections.
#[test]
fn loads_are_those_of_the_recorded_messages() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = replayed("documented", "100s", COSTS);
    let recorded = "time_s,account,message,tasks\n-5,1,a,bayes-training\n1,1,b,bayes-training\n2,1,c,\n2,2,c,bayes-training\n\
                    2,2,c,bayes-training\n99,1,d,\n105,1,e,bayes-training\n";
    let by_chance = "time_s,account,message\n-5,1,a\n1,1,b\n2,1,c\n2,2,c\n2,2,c\n99,1,d\n105,1,e\n";
    for trace in [recorded, by_chance] {
        let scenario = read(folder.path(), &text, trace);
        let one = candidates(1, LayoutRules::Shards, false).remove(0).scenario(&scenario).expect("a scenario");
        let setup = one.setup(&one.layouts[0]);
        let loads = loads(&setup, &Rates::of(&setup), None);
        let of = |name: &str| loads.iter().find(|known| known.name == name).expect("a resource").load;
        assert!((of("fts-indexing worker of node 1") - 0.4).abs() < 1e-12, "{loads:?}");
        assert!((of("bayes-training worker of node 1") - 0.1).abs() < 1e-12, "{loads:?}");
        assert!((of("processor of node 1") - 0.28).abs() < 1e-12, "{loads:?}");
        let connections = f64::from(setup.costs.connections);
        assert!((of("database connections") - 0.03 / connections).abs() < 1e-12, "{loads:?}");
    }
}

/// A message a second, indexed in 0.7 s, all of it recorded on node 2 of a cluster of two: one node does, 70 % busy.
/// In 1.4 s: two nodes do, each 70 % busy, if each gets its half of the mail. (A node of 0.14 that receives none looks for
/// work every 300 s, so that two would not do were all mail still given to one.)
#[test]
fn recorded_nodes_are_not_those_of_the_plan() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut trace = "time_s,account,node\n".to_string();
    for second in 0..600 {
        writeln!(trace, "{second}.5,{},2", second % 100).expect("a line");
    }
    let of = |service: &str| {
        let costs = "push_subscriptions_per_account = 0\n[tasks.fts-indexing]\ncpu = \"SERVICE\"\ndatabase = \"0s\"\n\
                     [objectives]\n\"fts-indexing.latency.p99\" = \"< 60s\"\n";
        replayed("0.14", "10m", &costs.replace("SERVICE", service))
            .replace("trainings_per_message = 0.5", "trainings_per_message = 0")
    };
    let one = planned(&read(folder.path(), &of("700ms"), &trace), 2, false);
    assert_eq!(one.winner.map(|winner| winner.nodes), Some(1));
    let two = planned(&read(folder.path(), &of("1400ms"), &trace), 2, false);
    assert_eq!(two.winner.as_ref().map(|winner| winner.nodes), Some(2), "{:?}", two.rows);

    let found = rolesim(folder.path(), &["plan", "replayed.toml", "--max-nodes", "2"]).code(0);
    let text = stdout(&found).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("The load balancer chooses who receives a recorded message"), "{text}");
    let page = std::fs::read_to_string(folder.path().join("results/replayed-plan/report.html")).expect("a page");
    let assumptions = page.split_once("What it rests on").expect("assumptions").1;
    assert!(assumptions.contains("The load balancer chooses who receives a recorded message"));
}

/// Of 100 recorded changes 90 are of accounts with odd ids, whose push shard is that of node 2 of two: 90 % are missed while
/// node 2 is down, 10 % while node 1 is. Every node is tried down.
#[test]
fn every_node_is_tried_down_where_accounts_are_recorded() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut trace = "time_s,account,tasks\n".to_string();
    for number in 0..100 {
        writeln!(trace, "{}.5,{},", 2 * number, 2 * (number % 5) + i32::from(number >= 10)).expect("a line");
    }
    let text = |limit: &str| {
        let objectives = "[objectives]\n\"push-notifications.copies.mean\" = \"= 1\"\n\
                          \"push-notifications.missed.fraction\" = \"< LIMIT\"\n";
        replayed("0.14", "5m", &objectives.replace("LIMIT", limit))
    };
    let refuted = planned(&read(folder.path(), &text("0.3"), &trace), 2, true);
    assert!(refuted.winner.is_none() && !refuted.has_undecided(), "{:?}", refuted.rows);

    let found = planned(&read(folder.path(), &text("0.95"), &trace), 2, true);
    let winner = found.winner.as_ref().map(Candidate::name).expect("a winner");
    let missed = |node: u32| {
        let own = found.objectives.iter().filter(|row| row.candidate == winner && row.node_down == Some(node));
        own.filter(|row| row.objective.contains("missed")).find_map(|row| row.value)
    };
    assert_eq!((missed(1), missed(2)), (Some(0.1), Some(0.9)));

    // Of 100 accounts that are drawn alike, nodes 3 and 4 of six would serve 17 each.
    let scenario = read(folder.path(), &text("0.3"), &trace);
    let all = candidates(6, LayoutRules::Shards, true);
    let apart = all.into_iter().find(|known| known.name() == "6-nodes-6x1-push1").expect("six shards");
    let own = apart.scenario(&scenario).expect("a scenario");
    assert_eq!(kinds(&own.setup(&own.layouts[0])), [0, 1, 2, 3, 4, 5]);
}
