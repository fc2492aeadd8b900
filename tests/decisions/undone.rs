//! What is never done has no time that an objective could be met by.

use crate::common::{rolesim, stdout, write};

/// The only node that indexes crashes at random and stays down for hours: in some replications it does so before the
/// measured span and nothing is indexed, in others everything is, at once.
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
random_crashes = { nodes = "1", between = { exponential = { mean = "30m" } }, repair = { constant = "10h" } }
[objectives]
"fts-indexing.wait.mean" = "< 290s"
"#;

/// A task that is never done waits longer than any limit, whatever the other replications say. Node 2 never crashes.
#[test]
fn service_that_is_dead_in_some_replications_misses_its_objective() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "crashes.toml", CRASHES);
    let run = rolesim(folder.path(), &["run", "crashes.toml", "--out", "run"]).code(3);
    assert!(stdout(&run).contains("of 10 replications: nothing was done there"), "{}", stdout(&run));
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
