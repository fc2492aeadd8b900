//! Nodes that do not reach a service, messages that get lost, a load balancer that notices late.

use crate::harness::{assert_mean, assert_seconds, of, record, records, scenario, with_messages};
use rolesim::layout::Role::FtsIndexing;
use rolesim::metrics::record::Record;
use rolesim::time::{SimDuration, SimTime};
use rolesim::workload::{RecordedMessage, Recording};
use std::sync::Arc;

const SUBSCRIBED: (&str, &str) = ("push_subscriptions_per_account = 0", "push_subscriptions_per_account = 1");

fn copies(record: &Record) -> u64 {
    record.push.iter().map(|shard| shard.copies).sum()
}

fn push_everywhere(fault: &str) -> String {
    format!("[layouts.a.cluster.roles]\npush-notifications = [\"1,2,3,4\"]\n[[fault]]\n{fault}\n")
}

/// Each delivery is lost with probability p = 1/2. A change on a node outside of a shard of three is missed with p³ =
/// 0.125 and sent 3(1 − p) = 1.5 times on average; on one of the three 1 + 2(1 − p) = 2 times, and never missed. 99.9 %
/// intervals over 60 replications of 100 changes. Switched off (p = 0): 3 copies of each.
#[test]
fn the_coordinator_loses_messages_independently() {
    let layout = "[layouts.a.cluster.roles]\npush-notifications = [\"1,2,3\"]\n";
    let run = |origin: u64, loss: &str| {
        let delay = format!("delay = \"0s\"\nloss_probability = {loss}");
        let changes = [SUBSCRIBED, ("delay = \"0s\"", delay.as_str())];
        let messages: Vec<(f64, u32, u64)> = (0..100).map(|i| (10.0 + 5.0 * f64::from(i), i % 8, origin)).collect();
        let records = records(&with_messages(scenario(&changes, layout), &messages), 60);
        let share = |value: fn(&Record) -> u64| records.iter().map(|r| value(r) as f64 / 100.0).collect::<Vec<f64>>();
        (share(|record| record.push[0].missed), share(copies))
    };
    let (missed, sent) = run(4, "0.5");
    assert_mean(&missed, 0.125);
    assert_mean(&sent, 1.5);
    let (missed, sent) = run(1, "0.5");
    assert!(missed.iter().all(|share| *share == 0.0));
    assert_mean(&sent, 2.0);
    assert!(run(4, "0").1.iter().all(|mean| *mean == 3.0));
}

/// Four nodes in one push shard, node 2 is cut off from the coordinator from 100 to 200 s. A change on node 1 at 150 s
/// comes three times, one on node 2 at 160 s once, one at 250 s four times.
#[test]
fn cut_off_from_the_coordinator() {
    let messages = [(150.0, 0, 1), (160.0, 1, 2), (250.0, 2, 1)];
    let run =
        |fault: &str| copies(&record(&with_messages(scenario(&[SUBSCRIBED], &push_everywhere(fault)), &messages)));
    assert_eq!(run("cut_off = { node = 2, from = \"coordinator\", at = \"100s\", for = \"100s\" }"), 3 + 1 + 4);
    assert_eq!(run("cut_off = { nodes = \"2,3\", from = \"coordinator\", at = \"100s\", for = \"100s\" }"), 2 + 1 + 4);
    // Overlapping cuts end with the last one.
    let two = "cut_off = { node = 2, from = \"coordinator\", at = \"100s\", for = \"70s\" }\n\
               [[fault]]\ncut_off = { node = 2, from = \"all\", at = \"165s\", for = \"135s\" }";
    assert_eq!(run(two), 3 + 1 + 3);
    assert_eq!(run("coordinator_outage = { at = \"300s\", for = \"100s\" }"), 12);
}

/// What is under way when a cut begins is lost to the node, and so is what is published in the cut and would arrive
/// after it: of changes at 99.9 and 199.9 s, with a delay of 0.2 s, node 2 hears neither. That of 200.1 s it hears.
#[test]
fn a_cut_loses_what_is_under_way() {
    let fault = push_everywhere("cut_off = { node = 2, from = \"coordinator\", at = \"100s\", for = \"100s\" }");
    let changes = [SUBSCRIBED, ("delay = \"0s\"", "delay = \"200ms\"")];
    let run = |at_s: f64| copies(&record(&with_messages(scenario(&changes, &fault), &[(at_s, 0, 1)])));
    assert_eq!([99.7, 99.9, 199.9, 200.1].map(run), [4, 3, 3, 4]);
}

/// Nodes 1 and 2 are one shard. A message on node 1 at 150 s; node 1 is cut off from the lock store from 100 to 400 s, so
/// its try fails; node 2 finds the task at its refresh of 300 s: 151 s. With the lock store out for all: node 2 fails at
/// 300 s too; node 1 has seen the task until 451 s and runs it at 750 s: 601 s. Switched off: 1 s.
#[test]
fn cut_off_from_the_lock_store() {
    let run = |fault: &str| {
        let more = format!("[layouts.a.cluster.roles]\nfts-indexing = [\"1,2\"]\n[[fault]]\n{fault}\n");
        of(&record(&with_messages(scenario(&[], &more), &[(150.0, 0, 1)])), FtsIndexing).latency.mean_s()
    };
    assert_seconds(run("cut_off = { node = 1, from = \"lock_store\", at = \"100s\", for = \"300s\" }"), 151.0);
    assert_seconds(run("lock_store_outage = { at = \"100s\", for = \"300s\" }"), 601.0);
    assert_seconds(run("cut_off = { node = 2, from = \"lock_store\", at = \"100s\", for = \"300s\" }"), 1.0);
}

/// A node that is cut off from the lock store cannot purge: the walk over accounts gets no lock. Its share, the even
/// accounts (4 of 8), is not purged at midnight, 1 h into the run.
#[test]
fn a_purge_needs_the_lock_store() {
    let changes = [("duration = \"1h\"", "duration = \"2h\"\nstart = 2026-03-02T23:00:00Z")];
    let run = |node: u32| {
        let more = format!(
            "[layouts.a.cluster.roles]\npurge.accounts = [\"1\",\"2\"]\n\
             [[fault]]\ncut_off = {{ node = {node}, from = \"lock_store\", at = \"30m\", for = \"1h\" }}\n"
        );
        let record = record(&with_messages(scenario(&changes, &more), &[]));
        of(&record, rolesim::layout::Role::PurgeAccounts).completed
    };
    assert_eq!((run(1), run(3)), (4, 8));
}

/// Node 1 is cut off from the database from 100 to 130 s. Its scan of 1 s that began at 99.5 s is answered at 130 s;
/// with the run of 1 s 31.5 s. Its message of 110 s is not delivered before 130 s: 2 s from then, as the message of
/// node 2, which is not cut off. There is one connection, which the node that is cut off does not keep.
#[test]
fn cut_off_from_the_database() {
    let changes = [("scan_base = \"0s\"", "scan_base = \"1s\"")];
    let run = |message: (f64, u32, u64)| {
        let more = "[layouts.a.cluster.roles]\nfts-indexing = [\"1,2\"]\n[database]\nconnections = 1\n\
                    [[fault]]\ncut_off = { node = 1, from = \"database\", at = \"100s\", for = \"30s\" }\n";
        record(&with_messages(scenario(&changes, more), &[message]))
    };
    let latency = |message| of(&run(message), FtsIndexing).latency.mean_s();
    assert_seconds(latency((99.5, 0, 1)), 31.5);
    assert_seconds(latency((110.0, 0, 1)), 2.0);
    assert_seconds(latency((110.0, 0, 2)), 2.0);
}

/// What waits for a connection when the cut begins waits with the node: node 2 keeps the one connection from 95 to 105 s
/// (a scan of 10 s), node 1 asks at 99 s, node 3 at 101 s. Node 3 scans from 105 to 115 s and then runs what it has read,
/// three tasks at most, until 118 s: all are done within 19 s. In a queue behind node 1 it would scan until 125 s, and the
/// last of the tasks of 99 and 101 s would be done at 127 s or later.
#[test]
fn others_pass_a_request_that_is_cut_off() {
    let changes = [("scan_base = \"0s\"", "scan_base = \"10s\"")];
    let shards = "[layouts.a.cluster.roles]\nfts-indexing = [\"1,2,3\"]\n[database]\nconnections = 1\n\
                  [[fault]]\ncut_off = { node = 1, from = \"database\", at = \"100s\", for = \"30s\" }\n";
    let record = record(&with_messages(scenario(&changes, shards), &[(95.0, 0, 2), (99.0, 1, 1), (101.0, 2, 3)]));
    let latency = &of(&record, FtsIndexing).latency;
    assert_eq!(latency.count(), 3);
    assert!(latency.max_s() < Some(19.1), "{:?}", latency.max_s());
}

/// Cut off from everything: what happens on the node is delivered and published when the cut is over, what others publish
/// meanwhile it misses. Changes on node 1 (cut off from 100 to 130 s) at 110 s, and on node 2 at 120 s: 4 + 3 copies.
#[test]
fn cut_off_from_everything() {
    let fault = push_everywhere("cut_off = { node = 1, from = \"all\", at = \"100s\", for = \"30s\" }");
    let record = record(&with_messages(scenario(&[SUBSCRIBED], &fault), &[(110.0, 0, 1), (120.0, 1, 2)]));
    assert_eq!(copies(&record), 4 + 3);
    assert_seconds(of(&record, FtsIndexing).latency.max_s(), 1.0);
}

/// A node that dies while its database requests are held back loses them, but no message: the sender comes again.
/// Node 1 is cut off from 100 to 140 s and dead from 120 to 130 s. Its message of 110 s is sent again at 420 s (300 s
/// after the crash); that of 135 s, after the restart, waits for the end of the cut only.
#[test]
fn a_crash_in_a_cut_loses_no_message() {
    let more = "[layouts.a.cluster.roles]\nfts-indexing = [\"1\"]\n\
                [[fault]]\ncut_off = { node = 1, from = \"database\", at = \"100s\", for = \"40s\" }\n\
                [[fault]]\ncrash = { node = 1, at = \"120s\", for = \"10s\" }\n";
    let record = record(&with_messages(scenario(&[], more), &[(110.0, 0, 1), (135.0, 1, 1)]));
    assert_eq!((record.messages, record.messages_delivered, record.messages_deferred), (2, 2, 1));
    assert_seconds(of(&record, FtsIndexing).latency.max_s(), 1.0);
}

/// All at once on node 1: half the speed from 100 to 400 s, dead from 150 to 160 s, cut off from the database from 155 to
/// 170 s, and half the speed again from 165 to 300 s. A message of 166 s is delivered at 170 s and its run of 1 s takes
/// 4 s; one of 350 s takes 2 s, one of 450 s takes 1 s. A restart changes neither speed nor cut.
#[test]
fn overlapping_faults_of_a_node_add_up() {
    let more = "[layouts.a.cluster.roles]\nfts-indexing = [\"1\"]\n\
                [[fault]]\nslow_node = { node = 1, at = \"100s\", for = \"300s\", factor = 0.5 }\n\
                [[fault]]\ncrash = { node = 1, at = \"150s\", for = \"10s\" }\n\
                [[fault]]\ncut_off = { node = 1, from = \"database\", at = \"155s\", for = \"15s\" }\n\
                [[fault]]\nslow_node = { node = 1, at = \"165s\", for = \"135s\", factor = 0.5 }\n";
    let latency = |at_s: f64| {
        let record = record(&with_messages(scenario(&[], more), &[(at_s, 0, 1)]));
        of(&record, FtsIndexing).latency.mean_s()
    };
    assert_seconds(latency(166.0), 4.0);
    assert_seconds(latency(350.0), 2.0);
    assert_seconds(latency(450.0), 1.0);
}

/// The load balancer notices after 30 s. Node 1 is down from 100 to 200 s: a message of 110 s goes to the dead node and
/// comes again at 410 s; that of 140 s goes to another; that of 210 s too, since the restart is noticed at 230 s; that of
/// 240 s to node 1. An outage from 500 to 520 s is never noticed: a message of 510 s comes again at 810 s, one of 525 s
/// goes to node 1 at once. Switched off: nothing is deferred, and node 1 gets those of 210, 240 and 525 s.
#[test]
fn the_load_balancer_notices_late() {
    let crashes = "[[fault]]\ncrash = { node = 1, at = \"100s\", for = \"100s\" }\n\
                   [[fault]]\ncrash = { node = 1, at = \"500s\", for = \"20s\" }\n";
    let times = [110.0, 140.0, 210.0, 240.0, 510.0, 525.0];
    let messages: Vec<(f64, u32, u64)> = times.iter().map(|&at_s| (at_s, 0, 1)).collect();
    let run = |changes: &[(&str, &str)]| {
        let more = format!("[layouts.a.cluster.roles]\n{crashes}");
        let record = record(&with_messages(scenario(changes, &more), &messages));
        assert_eq!(record.messages_delivered, 6);
        (record.messages_deferred, record.nodes[0].messages_received)
    };
    assert_eq!(run(&[("ids = \"1-4\"", "ids = \"1-4\"\nnotice_delay = \"30s\"")]), (2, 4));
    assert_eq!(run(&[]), (0, 3));
}

/// In rotation over two nodes half of the messages go to the dead one until it is noticed: of 60 messages, one a second
/// from the crash on, 30; they come again 300 s later and go to the other node.
#[test]
fn rotation_sends_to_a_dead_node_until_it_notices() {
    let more = "[layouts.a.cluster.roles]\n[[fault]]\ncrash = { node = 2, at = \"600s\", for = \"2h\" }\n";
    let run = |delay: &str| {
        let ids = format!("ids = \"1-2\"\nnotice_delay = \"{delay}\"");
        let mut scenario = scenario(&[("ids = \"1-4\"", ids.as_str())], more);
        let at = |i: u64| SimTime::ZERO + SimDuration::from_secs(600 + i) + SimDuration::from_millis(500);
        let recorded = (0..60).map(|i| RecordedMessage { at: at(i), ..RecordedMessage::default() }).collect();
        scenario.workload.replay = Some(Arc::new(Recording::new(recorded)));
        let record = record(&scenario);
        (record.messages_deferred, record.nodes[0].messages_received)
    };
    assert_eq!(run("60s"), (30, 60));
    assert_eq!(run("0s"), (0, 60));
}

/// An upgrade that stops every node: all four are down for 50 s, and a message of 120 s comes again at 420 s. Restarted one
/// after the other without a pause they leave a shard of two with a live node at any time.
#[test]
fn an_upgrade_stops_all_nodes_or_one_after_the_other() {
    let run = |fault: &str| {
        let more = format!("[layouts.a.cluster.roles]\nfts-indexing = [\"1,2\"]\n[[fault]]\n{fault}\n");
        record(&with_messages(scenario(&[], &more), &[(120.0, 0, 1)]))
    };
    let all = run("crash = { nodes = \"all\", at = \"100s\", for = \"50s\" }");
    assert!(all.nodes.iter().all(|node| node.down_ns == 50_000_000_000));
    assert_eq!((all.messages_deferred, all.shards[FtsIndexing.index()][0].uncovered_ns), (1, 50_000_000_000));
    let rolling = run("rolling_restart = { at = \"100s\", nodes = \"1-4\", down = \"50s\", pause = \"0s\" }");
    assert!(rolling.nodes.iter().all(|node| node.down_ns == 50_000_000_000));
    assert_eq!((rolling.messages_deferred, rolling.shards[FtsIndexing.index()][0].uncovered_ns), (0, 0));
}
