//! Push notifications (server facts, section 3), by hand.

use crate::harness::{assert_seconds, record, scenario, with_messages};
use rolesim::layout::Role::PushNotifications;
use rolesim::metrics::record::Record;

const SUBSCRIBED: (&str, &str) = ("push_subscriptions_per_account = 0", "push_subscriptions_per_account = 1");

fn sum(record: &Record, field: fn(&rolesim::metrics::record::PushRecord) -> u64) -> u64 {
    record.push.iter().map(field).sum()
}

/// k live nodes in a shard send k copies, whichever node the message came to; one node a shard sends one.
#[test]
fn every_live_node_of_a_shard_sends_a_copy() {
    let messages: Vec<(f64, u32, u64)> =
        (0..200).map(|i| (10.0 + 5.0 * f64::from(i), i % 8, 1 + u64::from(i % 4))).collect();
    let copies = |shards: &str| {
        let layout = format!("[layouts.a.cluster.roles]\npush-notifications = {shards}\n");
        let record = record(&with_messages(scenario(&[SUBSCRIBED], &layout), &messages));
        assert_eq!(sum(&record, |shard| shard.notifications), 200);
        assert_eq!(sum(&record, |shard| shard.missed), 0);
        sum(&record, |shard| shard.copies) as f64 / 200.0
    };
    assert_eq!(copies(r#"["1","2","3","4"]"#), 1.0);
    assert_eq!(copies(r#"["1,2","3,4"]"#), 2.0);
    assert_eq!(copies(r#"["1,2,3"]"#), 3.0);
    assert_eq!(copies(r#"["1,2,3,4"]"#), 4.0);
    // An absent key and an empty list: every node does everything.
    assert_eq!(copies("[]"), 4.0);
}

/// Accounts go to shard id modulo shards: of ids 100 to 107 the even ones to the first.
#[test]
fn the_same_account_is_always_in_the_same_shard() {
    let changes = [SUBSCRIBED, ("accounts = 8", "accounts = 8\nfirst_account_id = 101")];
    let layout = "[layouts.a.cluster.roles]\npush-notifications = [\"1\",\"2\"]\n";
    // Account 0 has id 101, so it belongs to the second shard, on node 2.
    let record = record(&with_messages(scenario(&changes, layout), &[(10.0, 0, 1), (20.0, 0, 3), (30.0, 2, 2)]));
    assert_eq!(record.push[0].notifications, 0);
    assert_eq!(record.push[1].notifications, 3);
    assert_eq!(record.nodes.iter().map(|node| node.push_requests).collect::<Vec<_>>(), vec![0, 3, 0, 0]);
}

/// Changes at 100, 100.2, 100.4 and 105 s, answers after 0.1 s. The first goes out at once. The next two
/// come within a second of it and are put off; the tick a second after the first of them, at 101.2 s,
/// sends both in one request. The last goes out at once: 3 requests, 4 deliveries, the longest 1.1 s.
/// Switched off (no throttle): 4 requests.
#[test]
fn changes_within_the_throttle_are_merged() {
    let layout = "[layouts.a.cluster.roles]\npush-notifications = [\"1\"]\n";
    let messages = [(100.0, 0, 1), (100.2, 0, 1), (100.4, 0, 1), (105.0, 0, 1)];
    let throttled = record(&with_messages(scenario(&[SUBSCRIBED], layout), &messages));
    assert_eq!(sum(&throttled, |shard| shard.requests), 3);
    assert_eq!(sum(&throttled, |shard| shard.copies), 4);
    assert_seconds(throttled.push[0].latency.max_s(), 1.1);
    let free = [SUBSCRIBED, ("acme_providers = 0", "acme_providers = 0\npush_throttle = \"0s\"")];
    let free = record(&with_messages(scenario(&free, layout), &messages));
    assert_eq!(sum(&free, |shard| shard.requests), 4);
}

/// One request in flight: without a throttle, with answers after 3 s, changes at 100, 101 and 102 s make
/// two requests, the second (two changes) at the first tick after 103 s.
#[test]
fn one_request_is_in_flight() {
    let changes = [
        SUBSCRIBED,
        ("acme_providers = 0", "acme_providers = 0\npush_throttle = \"0s\""),
        ("endpoint = \"100ms\"", "endpoint = \"3s\""),
    ];
    let layout = "[layouts.a.cluster.roles]\npush-notifications = [\"1\"]\n";
    let record = record(&with_messages(scenario(&changes, layout), &[(100.0, 0, 1), (101.0, 0, 1), (102.0, 0, 1)]));
    assert_eq!(sum(&record, |shard| shard.requests), 2);
    // Put off at 101 s, looked at at 102 and 103 s, sent at 103 s, answered at 106 s.
    assert_seconds(record.push[0].latency.max_s(), 5.0);
}

/// An endpoint that answers after 20 s: the request fails at 10 s. Tries at 100, 170 and 240 s (60 s
/// after each failure), then the notification is dropped: 3 requests, 3 failures, missed.
#[test]
fn a_notification_is_dropped_after_three_attempts() {
    let changes = [SUBSCRIBED, ("endpoint = \"100ms\"", "endpoint = \"20s\"")];
    let layout = "[layouts.a.cluster.roles]\npush-notifications = [\"1\"]\n";
    let dropped = record(&with_messages(scenario(&changes, layout), &[(100.0, 0, 1)]));
    assert_eq!(sum(&dropped, |shard| shard.requests), 3);
    assert_eq!(sum(&dropped, |shard| shard.request_failures), 3);
    assert_eq!(sum(&dropped, |shard| shard.missed), 1);
    // Switched off: a timeout longer than the answer.
    let patient = [changes[0], changes[1], ("acme_providers = 0", "acme_providers = 0\npush_timeout = \"30s\"")];
    let patient = record(&with_messages(scenario(&patient, layout), &[(100.0, 0, 1)]));
    assert_eq!((sum(&patient, |shard| shard.requests), sum(&patient, |shard| shard.missed)), (1, 0));
}

/// Two shards; node 2 is down from 100 to 200 s. Account 1 (second shard) changes at 50, 150 and 250 s:
/// the change of 150 s is lost for good. Account 0 (first shard) misses nothing. `documented` keeps it
/// until node 2 is back at 200 s: 50 s + 0.1 s.
#[test]
fn what_happens_while_a_node_is_down_is_lost() {
    let more = "[layouts.a.cluster.roles]\npush-notifications = [\"1\",\"2\"]\n\
                [[fault]]\ncrash = { node = 2, at = \"100s\", for = \"100s\" }\n";
    let messages = [(50.0, 1, 1), (150.0, 1, 1), (250.0, 1, 1), (150.0, 0, 3)];
    let real = record(&with_messages(scenario(&[SUBSCRIBED], more), &messages));
    assert_eq!(real.push[0].missed, 0);
    assert_eq!((real.push[1].delivered, real.push[1].missed), (2, 1));
    let documented = [SUBSCRIBED, ("version = \"0.14\"", "version = \"documented\"")];
    let documented = record(&with_messages(scenario(&documented, more), &messages));
    assert_eq!((documented.push[1].delivered, documented.push[1].missed), (3, 0));
    assert_seconds(documented.push[1].latency.max_s(), 50.1);
}

/// All requests are refused. Nodes try at once, after 60.1 s and after 120.2 s, and give up at the tick after that. Of
/// messages at 100 s and 3,590 s of 3,600 s the first is given up; the second waits for its second try when the
/// simulation ends, as `drain` is 0 s. By the end neither has come. `documented`, with the only node down: both wait for it.
#[test]
fn what_is_open_at_the_end_waits() {
    let ends = ("duration = \"1h\"", "duration = \"1h\"\ndrain = \"0s\"");
    let refused = ("endpoint = \"100ms\"", "endpoint = \"100ms\"\nfailure_probability = 1.0");
    let layout = "[layouts.a.cluster.roles]\npush-notifications = [\"1\"]\n";
    let messages = [(100.0, 0, 2), (3_590.0, 1, 2)];
    let counts = |record: &Record| {
        let role = &record.roles[PushNotifications.index()];
        (role.created, role.completed, role.failed, sum(record, |shard| shard.missed))
    };
    let real = record(&with_messages(scenario(&[SUBSCRIBED, ends, refused], layout), &messages));
    assert_eq!(counts(&real), (2, 0, 1, 2));
    assert_eq!(real.accounts_with_missed.count_by_shard(0, 1), [1]);
    let documented = [SUBSCRIBED, ends, ("version = \"0.14\"", "version = \"documented\"")];
    let down = format!("{layout}[[fault]]\ncrash = {{ node = 1, at = \"50s\", for = \"2h\" }}\n");
    let documented = record(&with_messages(scenario(&documented, &down), &messages));
    assert_eq!(counts(&documented), (2, 0, 0, 2));
}

/// `documented`: one live node of the shard sends, so a shard of four makes one copy.
#[test]
fn documented_sends_one_copy() {
    let changes = [SUBSCRIBED, ("version = \"0.14\"", "version = \"documented\"")];
    let layout = "[layouts.a.cluster.roles]\npush-notifications = [\"1,2,3,4\"]\n";
    let messages: Vec<(f64, u32, u64)> = (0..40).map(|i| (10.0 + 5.0 * f64::from(i), i % 8, 1)).collect();
    let record = record(&with_messages(scenario(&changes, layout), &messages));
    assert_eq!((sum(&record, |shard| shard.copies), sum(&record, |shard| shard.missed)), (40, 0));
}

/// `documented`: the node on which the change happened knows of it at once. With coordinator messages that take 2 s, a
/// shard of node 1 alone sends after 0.1 s (the endpoint's answer) what happens on node 1, after 2.1 s what happens on
/// node 2.
#[test]
fn documented_needs_no_coordinator_at_the_origin() {
    let changes =
        [SUBSCRIBED, ("version = \"0.14\"", "version = \"documented\""), ("delay = \"0s\"", "delay = \"2s\"")];
    let layout = "[layouts.a.cluster.roles]\npush-notifications = [\"1\"]\n";
    for (node, latency_s) in [(1, 0.1), (2, 2.1)] {
        let record = record(&with_messages(scenario(&changes, layout), &[(100.0, 0, node)]));
        assert_seconds(record.push[0].latency.max_s(), latency_s);
    }
}

/// Without the coordinator only the node on which the change happened knows of it: with all four nodes in
/// one shard, 1 copy instead of 4; with a shard of node 2 alone, a change on node 1 is missed.
#[test]
fn without_the_coordinator_only_the_origin_sends() {
    let outage = "[[fault]]\ncoordinator_outage = { at = \"100s\", for = \"100s\" }\n";
    let run = |shards: &str| {
        let more = format!("[layouts.a.cluster.roles]\npush-notifications = {shards}\n{outage}");
        record(&with_messages(scenario(&[SUBSCRIBED], &more), &[(150.0, 0, 1), (250.0, 0, 1)]))
    };
    assert_eq!(sum(&run(r#"["1,2,3,4"]"#), |shard| shard.copies), 1 + 4);
    let alone = run(r#"["2"]"#);
    assert_eq!((sum(&alone, |shard| shard.delivered), sum(&alone, |shard| shard.missed)), (1, 1));
}
