//! What is never done has no time that an objective could be met by.

use crate::common::{rolesim, scenario, stdout, write};
use rolesim::cluster::simulate;
use rolesim::experiment::{undone, values};
use rolesim::metrics::catalog::find;

/// The only node that indexes is up for 10 h and down for 10 h in turn: in half of the replications it is down all the time and
/// nothing is indexed, in others everything is, at once.
const CRASHES: &str = r#"
duration = "10m"
warmup = "20m"
drain = "5m"
replications = 10
[server]
version = "0.14"
[layouts.a.cluster.roles]
fts-indexing = ["1"]
[layouts.b.cluster.roles]
fts-indexing = ["2"]
[nodes]
ids = "1-2"
[workload]
accounts = 200
[[fault]]
random_crashes = { nodes = "1", between = { exponential = { mean = "10h" } }, repair = { constant = "10h" } }
[objectives]
"fts-indexing.wait.mean" = "< 290s"
"#;

/// A task that is never done waits longer than any limit, whatever the other replications say. Node 2 never crashes.
#[test]
fn service_that_is_dead_in_some_replications_misses_its_objective() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "crashes.toml", CRASHES);
    let run = rolesim(folder.path(), &["run", "crashes.toml", "--out", "run"]).code(3);
    let shown = stdout(&run).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("tasks were not done when the drain of 300s ended"), "{shown}");
    let text = std::fs::read_to_string(folder.path().join("run/objectives.csv")).expect("objectives.csv");
    let mut rows = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = rows.next().expect("a head");
    let place = |name: &str| head.iter().position(|known| *known == name).expect("a column");
    let number = |row: &[&str], name: &str| row[place(name)].parse::<u32>().expect("a number");
    let rows: Vec<_> = rows.collect();
    let [a, b] = rows.as_slice() else { panic!("{text}") };
    assert_eq!((a[place("verdict")], b[place("verdict")]), ("missed", "met"));
    assert!((1..10).contains(&number(a, "undone")), "{text}");
    assert_eq!(number(a, "n") + number(a, "undone"), 10);
    assert_eq!((number(b, "n"), number(b, "undone")), (10, 0));

    let compared = rolesim(folder.path(), &["compare", "crashes.toml", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&stdout(&compared)).expect("JSON");
    let verdicts: Vec<_> = (0..2).map(|row| json["objectives"][row]["verdict"].clone()).collect();
    assert_eq!(verdicts, ["missed", "met"]);
}

/// Node 7 does not exist, so that every other task (or third one) is never indexed.
const DROPPED: &str = r#"
duration = "20m"
drain = "10m"
replications = 10
[server]
version = "0.14"
[layouts.drops.cluster.roles]
fts-indexing = ["1", "2", "7"]
[layouts.does-all.cluster.roles]
fts-indexing = ["1", "2"]
[nodes]
ids = "1-2"
[workload]
accounts = 400
[objectives]
"fts-indexing.latency.p99" = "< 10m"
"#;

/// A third of the tasks is never done, so that two thirds have a latency: the median of all is that of the rank
/// (1/2) / (2/3) = 3/4 of what was done, and nine in ten have no limit at all, nor have mean and maximum.
#[test]
fn quantile_is_that_of_all_tasks() {
    let scenario = scenario(DROPPED);
    let setup = scenario.setup(&scenario.layouts[0]);
    let record = simulate(&setup, 0);
    let role = &record.roles[rolesim::layout::Role::FtsIndexing.index()];
    let done = role.completed as f64 / role.created as f64;
    assert!((done - 2.0 / 3.0).abs() < 0.06 && role.failed == 0, "{done}");
    let quantity = |name: &str| find(&format!("fts-indexing.{name}")).expect("a metric").quantity;
    let median = values(&setup, &record, quantity("latency.p50")).expect("half is done");
    let expected = role.latency.quantile_s(0.5 / done).expect("a quantile");
    assert!((median / expected - 1.0).abs() < 0.05, "{median} {expected}");
    assert!(median > role.latency.quantile_s(0.5).expect("a quantile"));
    assert_eq!(undone(&record, quantity("latency.p50")), None);
    for name in ["latency.p90", "latency.mean", "latency.max", "wait.mean"] {
        assert_eq!(values(&setup, &record, quantity(name)), None, "{name}");
        let left = undone(&record, quantity(name)).expect("something is left");
        assert_eq!((left.left, left.owed), (role.created - role.completed, role.created), "{name}");
    }
    assert!(values(&setup, &record, quantity("service.mean")).is_some());
}

/// What is partly never done misses its objective, is worse than what is done late, and is a regression.
#[test]
fn what_is_partly_never_done_is_never_better() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "drops.toml", DROPPED);
    let run = rolesim(folder.path(), &["run", "drops.toml", "--out", "run"]).code(3);
    let shown = stdout(&run).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("no limit to it in 10 of 10 replications: "), "{shown}");
    let compared = rolesim(folder.path(), &["compare", "drops.toml"]).code(0);
    let shown = stdout(&compared).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("does-all is better: drops never does all of it"), "{shown}");
    assert!(shown.contains("best: does-all (") && shown.contains("Only does-all meets all objectives."), "{shown}");

    write(folder.path(), "drops.toml", &DROPPED.replace("\"2\", \"7\"", "\"2\""));
    rolesim(folder.path(), &["gate", "drops.toml", "--baseline", "base", "--update"]).code(0);
    write(folder.path(), "drops.toml", DROPPED);
    rolesim(folder.path(), &["gate", "drops.toml", "--baseline", "base"]).code(3);
}
