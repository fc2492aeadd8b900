//! Message and failure traces of scenarios.

use super::support::{compressed, folder, record, scenario, write};
use rolesim::layout::Role;
use rolesim::time::{SimDuration, SimTime};
use rolesim::workload::{RecordedMessage, Recording};

const TRACE: &str = "time_s,account,node,size_bytes,kind\n0.5,100,1,270,ham\n10,107,,,\n\n1.25,103,4,12,spam\n";

/// Seconds after the start of the measured span, account index and node index of every message.
fn messages(recording: &Recording) -> Vec<(f64, u32, Option<u16>)> {
    (0..recording.len())
        .filter_map(|number| recording.get(number))
        .map(|message| (message.at.as_secs_f64() - 1.0, message.account, message.node))
        .collect()
}

/// The same three messages from every kind of file, sorted by time; one second of warm-up comes before them.
#[test]
fn traces_may_be_compressed() {
    for name in ["trace.csv", "trace.csv.gz", "trace.csv.xz", "trace.csv.zst"] {
        let folder = folder();
        write(&folder, name, compressed(name, TRACE));
        let scenario = scenario(folder.path(), &format!("replay = \"{name}\""), "").expect(name);
        let recording = scenario.workload.replay.expect("a recording");
        assert_eq!(messages(&recording), [(0.5, 0, Some(0)), (1.25, 3, Some(3)), (10.0, 7, None)], "{name}");
    }
}

/// Times of the calendar count from the scenario's start, with their zones and fractions; what lies before the
/// warm-up (09:00 less one second) or after the drain is left out.
#[test]
fn calendar_times_count_from_the_start() {
    let folder = folder();
    let rows = "2026-03-02T10:00:01.5+01:00,100\n2026-03-02T08:59:59.5Z,101\n2026-03-02T08:59:58Z,102\n\
                2026-03-02 09:30:00,103\n2026-03-02T13:00:00Z,104\n";
    write(&folder, "t.csv", format!("Time,Account\n{rows}"));
    let scenario = scenario(folder.path(), "replay = \"t.csv\"", "").expect("a scenario");
    let recording = scenario.workload.replay.expect("a recording");
    assert_eq!(messages(&recording), [(-0.5, 1, None), (1.5, 0, None), (1800.0, 3, None)]);
}

/// Every error names file, line and column, and a way out.
#[test]
fn wrong_traces_are_placed() {
    let cases = [
        ("time_s,acount\n1,100\n", "t.csv:1:8: unknown column `acount`", "did you mean `account`"),
        ("time_s,account,subject\n", "t.csv:1:16: unknown column `subject`", "remove or rename"),
        ("time_s\n1\n", "t.csv:1:1: there is no column `account`", "the columns are time_s"),
        ("account\n100\n", "t.csv:1:1: there is no column `time_s`", "`time` (RFC 3339)"),
        ("time_s,time,account\n", "t.csv:1:8: the trace has both", "keep one"),
        ("time_s,account\n1,100\nx,100\n", "t.csv:3:1: `x` is no time_s", "number of seconds"),
        ("time_s,account\r\n1,100\r\n\r\n2,\"10é\"\r\n", "t.csv:4:3: `10é` is no account id", "number of the account"),
        ("time_s,account\n1,99\n", "t.csv:2:3: account 99 is not one of", "first_account_id = 99 and accounts = 9 "),
        // All rows count, not the first alone: 100 to 119, then 98 to 109.
        ("time_s,account\n1,108\n2,119\n3,110\n", "t.csv:2:3: account 108 is not one of", "accounts = 20 or more"),
        ("time_s,account\n1,109\n2,98\n", "account 109 is not", "first_account_id = 98 and accounts = 12 "),
        ("time_s,account\n1,108\n", "t.csv:2:3: account 108 is not one of", "accounts = 9 or more"),
        ("time_s,account,node\n1,100,5\n", "t.csv:2:7: there is no node `5`", "the nodes are 1-4"),
        ("time_s,account,size_bytes\n1,100,-3\n", "t.csv:2:7: `-3` is no number of bytes", "whole number"),
        ("time_s,account\n1,100\n2,100,1\n", "t.csv:3:7: the row has 3 fields, the header 2", "too many"),
        ("time_s,account\n1\n", "t.csv:2:2: `` is no account id", "number of the account"),
        ("time_s,account\ninf,100\n", "t.csv:2:1: `inf` is no time_s", "100 years"),
        ("time_s,account\n-20,100\n9000,100\n", "no message in the measured span", "set `start`"),
        ("time_s,account\n", "the trace has no messages", "give a trace"),
        ("time,account\nyesterday,100\n", "t.csv:2:1: `yesterday` is no time", "2026-03-02T09:30:00.5Z"),
    ];
    for (text, message, help) in cases {
        let folder = folder();
        write(&folder, "t.csv", text);
        let problem = scenario(folder.path(), "replay = \"t.csv\"", "").expect_err(text);
        assert!(problem.to_string().contains(message), "{text:?}: {problem}");
        assert!(problem.help.contains(help), "{text:?}: {}", problem.help);
    }
    let folder = folder();
    write(&folder, "t.csv.gz", &compressed("t.csv.gz", TRACE)[..30]);
    let wrong = |workload: &str| scenario(folder.path(), workload, "").expect_err(workload).to_string();
    assert!(
        wrong("replay = \"none.csv\"").contains("test.toml:18:10: there is no file"),
        "{}",
        wrong("replay = \"none.csv\"")
    );
    assert!(wrong("replay = \"t.csv.gz\"").contains("cannot decompress"));
    assert!(wrong("replay_scale = 2.0").contains("`replay_scale` without `replay`"));
}

fn every_second(count: u32) -> Recording {
    let message = |second| RecordedMessage {
        at: SimTime::ZERO + SimDuration::from_secs(u64::from(second)),
        account: second % 4,
        node: Some((second % 3) as u16),
        ..RecordedMessage::default()
    };
    Recording::new((0..count).map(message).collect())
}

/// Three messages a second apart, scale 2 with eight accounts: the second copy goes four accounts further and comes
/// half a second later. Twice in a row: the second time begins a second after the last message of the first.
#[test]
fn copies_are_shifted() {
    let pairs = |recording: &Recording| messages(recording).iter().map(|m| (m.0 + 1.0, m.1)).collect::<Vec<_>>();
    let twice = every_second(3).scaled(2.0, 8, 1);
    assert_eq!(pairs(&twice), [(0.0, 0), (0.5, 4), (1.0, 1), (1.5, 5), (2.0, 2), (2.5, 6)]);
    assert_eq!(pairs(&every_second(2).repeated(2)), [(0.0, 0), (1.0, 1), (2.0, 0), (3.0, 1)]);
    assert_eq!(every_second(3).scaled(1.0, 8, 1), every_second(3));
}

/// 10,000 messages at 0.25 and 2.25: binomial with standard deviation √(10,000 · 0.25 · 0.75) = 43; 4.5 of them (error
/// 7e-6). The choice depends on the seed alone.
#[test]
fn thinning_keeps_the_share() {
    let thin = every_second(10_000).scaled(0.25, 8, 7);
    assert!((thin.len() as f64 - 2_500.0).abs() < 4.5 * 43.3, "{}", thin.len());
    assert_eq!(thin, every_second(10_000).scaled(0.25, 8, 7));
    assert_ne!(thin, every_second(10_000).scaled(0.25, 8, 8));
    let thick = every_second(10_000).scaled(2.25, 8, 7);
    assert!((thick.len() as f64 - 22_500.0).abs() < 4.5 * 43.3, "{}", thick.len());
}

/// Three messages on four nodes of one push shard: each change reaches the subscription four times.
#[test]
fn a_trace_is_simulated() {
    let folder = folder();
    write(&folder, "t.csv", TRACE);
    let scenario = scenario(folder.path(), "replay = \"t.csv\"\nreplay_repeat = 2", "").expect("a scenario");
    let record = record(&scenario);
    let push = &record.roles[Role::PushNotifications.index()];
    assert_eq!((record.messages, push.completed, push.duplicate_executions), (6, 6, 18));
    assert_eq!(scenario.resolved()["workload"]["replay"]["messages"], "6");
}

/// Node 2 is down from second 100 to 400 and, by the calendar, node 3 for the last 600 s; node 4 from before the span
/// to its 50th second. Overlapping records count once.
#[test]
fn failures_are_replayed() {
    let folder = folder();
    write(&folder, "f.csv", "node,down_s,up_s\n2,100,300\n2,200,400\n4,-30,50\n");
    write(&folder, "g.csv", "down,up,node\n2026-03-02T09:50:00Z,2026-03-02T11:00:00+01:00,3\n");
    let faults = "[[fault]]\ntrace = \"f.csv\"\n[[fault]]\ntrace = \"g.csv\"\n";
    let scenario = scenario(folder.path(), "messages_per_account_per_day = 0", faults).expect("a scenario");
    let record = record(&scenario);
    let down: Vec<f64> = record.nodes.iter().map(|node| node.down_ns as f64 / 1e9).collect();
    for (down, expected) in down.iter().zip([0.0, 300.0, 600.0, 50.0]) {
        assert!((down - expected).abs() < 1e-6, "{down} instead of {expected}");
    }
}

/// Errors of failure traces.
#[test]
fn wrong_failures_are_placed() {
    for (text, message) in [
        ("node,down_s,up_s\n2,400,300\n", "f.csv:2:7: the node is up 100 s before it is down"),
        ("node,down_s,up_s\n7,1,2\n", "f.csv:2:1: there is no node `7`"),
        ("node,down_s,up_s\n2,1,2,3\n", "f.csv:2:7: the row has 4 fields, the header 3"),
        ("node,down_s\n", "there is no column `up_s`"),
        ("node,start,end\n", "f.csv:1:6: unknown column `start`"),
    ] {
        let folder = folder();
        write(&folder, "f.csv", text);
        let problem = scenario(folder.path(), "", "[[fault]]\ntrace = \"f.csv\"\n").expect_err(text);
        assert!(problem.to_string().contains(message), "{text:?}: {problem}");
    }
}
