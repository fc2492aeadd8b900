//! Which nodes a plan takes to be alike, and what it says of nodes that it does not have.

use crate::common::{rolesim, scenario, stderr, stdout, write};
use crate::queue::queue;
use rolesim::experiment::planning::{candidates, kinds};
use rolesim::layout::LayoutRules;
use rolesim::scenario::Scenario;

/// Six nodes in pairs, each with a push shard of its own; nodes 1 and 2 do what is not divided, node 1 trains.
fn kinds_of(scenario: &Scenario) -> Vec<u16> {
    let all = candidates(6, LayoutRules::Shards, true);
    let pairs = all.into_iter().find(|known| known.name() == "6-nodes-3x2-push1").expect("pairs");
    let own = pairs.scenario(scenario).expect("a scenario");
    kinds(&own.setup(&own.layouts[0]))
}

fn text(accounts: u32) -> String {
    queue(8.0).replace("documented", "0.14").replace("accounts = 100", &format!("accounts = {accounts}"))
}

/// Six push shards of n accounts: account i is in shard i mod 6, the shard of node 1 + i mod 6 (index i mod 6).
/// * 18 accounts: three each, so that nodes 3 to 6 are alike.
/// * 21 accounts: the shards of nodes 1 to 3 have four. Node 3 (index 2) has one more than node 4, its partner in the pair,
///   and both are unlike the pair of nodes 5 and 6, which have three each.
/// * 60,004 accounts: one more of 10,000 is no difference.
#[test]
fn nodes_are_alike_that_do_the_same_for_as_many_accounts() {
    for (accounts, expected) in [(18, vec![0, 1, 2]), (21, vec![0, 1, 2, 3, 4]), (60_004, vec![0, 1, 2])] {
        assert_eq!(kinds_of(&scenario(&text(accounts))), expected, "{accounts}");
    }
}

/// A second group of one account, number 60,004: its mail may be half of all, and it is in the shard of node 5 (60,004
/// mod 6 = 4). Node 5 is one of its kind, and so is node 6, with which it shares indexing.
#[test]
fn one_busy_account_makes_its_node_unlike_the_others() {
    let groups = "[[population]]\nname = \"many\"\naccounts = 60004\n[[population]]\nname = \"one\"\naccounts = 1\n";
    let text = text(60_005).replace("accounts = 60005\n", "");
    assert_eq!(kinds_of(&scenario(&format!("{text}{groups}"))), [0, 1, 2, 4, 5]);
}

/// Accounts with a home at the load balancer, and restarts in turn: no two nodes are alike.
#[test]
fn nodes_with_a_place_of_their_own_are_unlike() {
    let all = [0, 1, 2, 3, 4, 5];
    let homes = text(60_000).replace("cores = 2\n", "cores = 2\nload_balancer = \"by_account\"\n");
    assert_eq!(kinds_of(&scenario(&homes)), all);
    let restarts = "[[fault]]\nrolling_restart = { at = \"1m\", nodes = \"all\", down = \"20s\", pause = \"60s\" }\n";
    assert_eq!(kinds_of(&scenario(&format!("{}{restarts}", text(60_000)))), all);
    let crashes = "[[fault]]\nrandom_crashes = { nodes = \"all\", between = \"10h\", repair = \"1h\" }\n";
    assert_eq!(kinds_of(&scenario(&format!("{}{crashes}", text(60_000)))), [0, 1, 2]);
}

/// The table of a node that is as the others says nothing new; those of others are named with their places.
#[test]
fn tables_of_single_nodes_are_said_to_be_ignored() {
    let folder = tempfile::tempdir().expect("a folder");
    let tables = "[node.1]\ncores = 2\n[node.2]\ncores = 1\n[node.3]\nmail_share = 0\n";
    let text = queue(60.0)
        .replace("1h", "2m")
        .replace("ids = \"1\"\ncores = 2\n", &format!("ids = \"1-3\"\ncores = 2\n{tables}"));
    write(folder.path(), "queue.toml", &text);
    let found = rolesim(folder.path(), &["plan", "queue.toml", "--max-nodes", "3", "--json"]).code(0);
    let json: serde_json::Value = serde_json::from_str(&stdout(&found)).expect("JSON");
    let notes: Vec<&str> = json["notes"].as_array().expect("notes").iter().filter_map(|note| note.as_str()).collect();
    let line = |table: &str| text.lines().position(|line| line == table).expect("a table") + 1;
    for (id, is_named) in [(1, false), (2, true), (3, true)] {
        let beginning = format!("queue.toml:{}:7: [node.{id}] has cores", line(&format!("[node.{id}]")));
        assert_eq!(notes.iter().any(|note| note.starts_with(&beginning)), is_named, "{beginning} {notes:?}");
    }
}

/// In 0.14, with any one node down, either notifications are missed or each comes more than once: both are said.
#[test]
fn what_stands_against_what_is_said_where_no_cluster_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let objectives = "[objectives]\n\"push-notifications.copies.mean\" = \"= 1\"\n\"push-notifications.missed.fraction\" = \"< 0.1%\"\n";
    let text = queue(60.0)
        .replace("documented", "0.14")
        .replace("push_subscriptions_per_account = 0", "push_subscriptions_per_account = 1")
        .replace("[objectives]\n", objectives);
    write(folder.path(), "queue.toml", &text);
    let none = rolesim(folder.path(), &["plan", "queue.toml", "--max-nodes", "5", "--survive", "1"]).code(3);
    let text = stdout(&none).split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "missed push-notifications.missed.fraction < 0.1% (a push shard without a live node while node 1 is down)",
        "1 missed push-notifications.copies.mean = 1 (the 5 nodes of a push shard each send a copy)",
        "allow more of one of the two, or more nodes",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// Progress is told on standard error; it and the number of threads change nothing of what is found.
#[test]
fn progress_is_told_in_lines() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "queue.toml", &queue(12.0).replace("1h", "10m"));
    let plain = rolesim(folder.path(), &["plan", "queue.toml", "--max-nodes", "3"]).code(0);
    assert_eq!(stderr(&plain), "");
    let told =
        rolesim(folder.path(), &["plan", "queue.toml", "--max-nodes", "3", "--progress", "--threads", "1"]).code(0);
    assert_eq!(stdout(&told), stdout(&plain));
    assert!(stderr(&told).contains("3 nodes: screening, 0 of "), "{}", stderr(&told));
    assert!(stderr(&told).contains("3 nodes: certifying, 0 of 10 simulations"), "{}", stderr(&told));
}
