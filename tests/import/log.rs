//! `rolesim import log` on logs of a few lines.

use super::support::{compressed, folder, record, write};
use rolesim::import::fitting;
use rolesim::import::log::{NodeFile, NodeSource, ServerLog, read};
use rolesim::import::outages::Outage;
use rolesim::import::scenario::{Target, of_log};
use rolesim::import::trace;
use rolesim::input::TimeFormat;
use rolesim::layout::Role;
use rolesim::scenario::Scenario;
use rolesim::statistics::{Family, Rounding};
use std::path::PathBuf;

/// A delivery in the form of the server's log.
fn delivery(second: u32, event: &str, account: u32, elapsed_ms: u32) -> String {
    format!(
        "2026-11-24T13:03:{second:02}Z INFO Message ingested (message-ingest.{event}) listenerId = \"http\", remoteIp = 127.0.0.1, \
         accountId = {account}, documentId = 1, mailboxId = [0], messageId = \"a, elapsed = 900ms, accountId = 9@x\", size = 270, \
         elapsed = {elapsed_ms}ms\n"
    )
}

fn received(to: u32) -> String {
    format!(
        "2026-11-24T13:03:10Z TRACE PubSub message received (cluster.message-received) from = 9, to = {to}, details = [\"StateChange\", 4]\n"
    )
}

fn read_paths(paths: &[PathBuf]) -> ServerLog {
    let files: Vec<NodeFile> = paths.iter().map(|path| NodeFile { path: path.clone(), node: None }).collect();
    read(&files, &|_| {}).expect("logs")
}

/// The messages of a file that is given twice, under its own name or another, plain or compressed, would count twice.
#[test]
fn the_same_log_twice_is_refused() {
    let folder = folder();
    let text = delivery(17, "ham", 1, 5);
    let one = write(&folder, "node1.log", &text);
    let copy = write(&folder, "copy.log.xz", compressed("a.xz", &text));
    let other = write(&folder, "node2.log", delivery(17, "ham", 2, 5));
    let read_files = |paths: [&PathBuf; 2]| {
        let files = paths.map(|path| NodeFile { path: path.clone(), node: None });
        read(&files, &|_| {}).map(|log| log.deliveries.len()).map_err(|problem| problem.to_string())
    };
    assert_eq!(read_files([&one, &other]), Ok(2));
    for twice in [[&one, &one], [&one, &copy]] {
        let said = read_files(twice).expect_err("twice");
        assert!(said.contains("has the same content as") && said.contains("node1.log"), "{said}");
    }
}

/// Four messages of second 17 come at 1/8, 3/8, 5/8 and 7/8 of it: three of node 2 in the order of its log, which alone
/// would be at 1/6, 3/6 and 5/6, and one of node 1, alone at 1/2 and first of the two there. A text with `elapsed = 900ms`
/// and `accountId = 9` in a message id deceives nobody.
#[test]
fn messages_of_one_second_are_spread() {
    let folder = folder();
    let one: String = [5, 6, 7].iter().map(|account| delivery(17, "ham", *account, 2)).collect();
    let one = write(&folder, "a.log", received(2) + &one);
    let two = write(&folder, "b.log.gz", compressed("b.log.gz", &(received(1) + &delivery(17, "jmap-append", 4, 3))));
    let log = read_paths(&[one, two]);
    assert_eq!(
        log.files.iter().map(|file| (file.node, file.source)).collect::<Vec<_>>(),
        [(2, NodeSource::Log), (1, NodeSource::Log)]
    );
    assert_eq!(
        trace::messages(&log.deliveries),
        "time,account,node,size_bytes,kind\n\
         2026-11-24T13:03:17.125Z,5,2,270,ham\n\
         2026-11-24T13:03:17.375Z,4,1,270,jmap-append\n\
         2026-11-24T13:03:17.625Z,6,2,270,ham\n\
         2026-11-24T13:03:17.875Z,7,2,270,ham\n"
    );
    assert_eq!((log.spread, log.ingest_s.as_slice()), (4, [0.002, 0.002, 0.002, 0.003].as_slice()));
}

/// Nodes: by argument, by the log, and the least ids left in the order of the files; two files of one node are joined.
#[test]
fn nodes_are_found() {
    let folder = folder();
    let path = |name: &str, text: String| write(&folder, name, text);
    let named = path("named.log", delivery(1, "ham", 1, 1));
    let argument = NodeFile::from_argument(&PathBuf::from(format!("node1={}", named.display()))).expect("an argument");
    assert_eq!(argument, NodeFile { path: named, node: Some(1) });
    let plain = |path| NodeFile { path, node: None };
    let files = [
        plain(path("x.log", delivery(2, "spam", 1, 1))),
        argument,
        plain(path("y.log", received(2) + &delivery(3, "imap-append", 1, 1))),
        plain(path("z.log", received(2))),
        plain(path("w.log", delivery(4, "ham", 1, 1))),
    ];
    let log = read(&files, &|_| {}).expect("logs");
    let nodes: Vec<u64> = log.files.iter().map(|file| file.node).collect();
    assert_eq!(nodes, [3, 1, 2, 2, 4]);
    assert_eq!(
        log.deliveries.iter().map(|delivery| delivery.node).collect::<Vec<_>>(),
        [Some(1), Some(3), Some(2), Some(4)]
    );
    let wrong = NodeFile::from_argument(&PathBuf::from("first=a.log")).expect_err("no number");
    assert!(wrong.to_string().contains("`first` in `first=a.log` is no node id"), "{wrong}");
}

/// Each kind of line that is not used is counted: 2 of other events, 1 without an event, 1 without an account, 1 torn.
/// The line with a wrong byte is counted and read.
#[test]
fn what_is_dropped_is_counted() {
    let folder = folder();
    let mut bytes = received(1).into_bytes();
    bytes.extend(b"2026-11-24T13:03:11Z TRACE Write batch operation (store.data-write) elapsed = 0ms, total = 1\r\n");
    bytes.extend(b"\x1b[1m2026-11-24T13:03:11Z\x1b[0m INFO a (b) c (http.request-url) url = \"/\"\n\n");
    bytes.extend(b"thread panicked at somewhere\n");
    bytes.extend(b"2026-11-24T13:03:12Z INFO Message ingested (message-ingest.ham) size = 3, elapsed = 1ms\n");
    bytes.extend(delivery(13, "ham", 3, 4).replace("127.0.0.1", "!").into_bytes());
    let place = bytes.iter().rposition(|byte| *byte == b'!').expect("the mark");
    bytes[place] = 0xe9;
    bytes.extend(
        b"2026-11-24T13:03:14Z INFO Message ingested (message-ingest.ham) accountId = 4, size = 3, elapsed = 1",
    );
    let log = read_paths(&[write(&folder, "a.log", bytes)]);
    let dropped: Vec<(&str, u64)> = log.dropped.iter().map(|(cause, count)| (*cause, *count)).collect();
    assert_eq!(
        dropped,
        [
            ("lines of events that are of no use here", 2),
            ("lines without a time and an event", 1),
            ("messages without an account id", 1),
            ("torn last lines", 1),
        ]
    );
    assert_eq!((log.not_utf8, log.deliveries.len(), log.ingest_s.as_slice()), (1, 1, [0.004].as_slice()));

    let utf16: Vec<u8> = delivery(1, "ham", 1, 1).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let file = NodeFile { path: write(&folder, "utf16.log", utf16), node: None };
    let problem = read(&[file], &|_| {}).expect_err("no events");
    assert!(problem.to_string().contains("there is no line of an event in"), "{problem}");
    assert!(problem.help.contains("UTF-8"), "{}", problem.help);
}

/// Node 1 stops at :20 and starts at :30 in its next file; later it starts at :50 after a last line at :45, a crash. The
/// first start follows nothing.
#[test]
fn starts_and_stops_become_outages() {
    let folder = folder();
    let event =
        |second: u32, event: &str| format!("2026-11-24T13:03:{second:02}Z INFO text ({event}) version = \"0.15.5\"\n");
    let first = write(&folder, "a.log", event(0, "server.startup") + &received(1) + &event(20, "server.shutdown"));
    let second = event(30, "server.startup") + &delivery(45, "ham", 1, 1) + &event(50, "server.startup") + &received(1);
    let second = write(&folder, "b.log", second);
    let log = read_paths(&[second, first]);
    let at = |second: u32| TimeFormat::Auto.parse(&format!("2026-11-24T13:03:{second:02}Z")).expect("a time");
    assert_eq!(
        log.outages,
        [Outage { node: 1, down: at(20), up: at(30) }, Outage { node: 1, down: at(45), up: at(50) }]
    );
    assert_eq!((log.crashes, log.version.as_deref()), (1, Some("0.15.5")));
    assert_eq!(
        trace::failures(&log.outages),
        "node,down,up\n1,2026-11-24T13:03:20Z,2026-11-24T13:03:30Z\n1,2026-11-24T13:03:45Z,2026-11-24T13:03:50Z\n"
    );
}

/// Requests before the first message of all files (second 17, in the other file) verify subscriptions: 2 of 5. Of the three
/// that are left one failed.
#[test]
fn verifications_are_no_notifications() {
    let folder = folder();
    let push = |second: u32, event: &str| {
        format!("2026-11-24T13:03:{second:02}Z TRACE Push (push-subscription.{event}) url = \"https://x/1\"\n")
    };
    let sent = [(15, "success"), (16, "error"), (17, "success"), (18, "error"), (40, "success")];
    let pushes: String = sent.iter().map(|(second, event)| push(*second, event)).collect();
    let one = write(&folder, "a.log", received(1) + &pushes + &delivery(30, "ham", 1, 1));
    let two = write(&folder, "b.log", received(2) + &delivery(17, "ham", 1, 1));
    let log = read_paths(&[one, two]);
    assert_eq!((log.push.requests, log.push.errors, log.push.verifications, log.push.subscriptions), (2, 1, 2, 1));
}

/// The scenario of a log can be read and simulated: two messages, each pushed by both nodes to its own address. Times
/// of two kinds only (2 and 40 ms) fit no family and become a file.
#[test]
fn the_scenario_runs() {
    let folder = folder();
    let push = |account: u32| {
        format!(
            "2026-11-24T13:03:20Z TRACE Push subscription successful (push-subscription.success) url = \"https://x/{account}\"\n"
        )
    };
    let start = "2026-11-24T13:03:00Z INFO Starting (server.startup) version = \"0.14.1\"\n".to_string();
    let many: String = (0..200)
        .map(|number| delivery(17 + number / 50, "ham", 40 + number % 2, if number % 4 == 0 { 40 } else { 2 }))
        .collect();
    let one = write(&folder, "a.log", start.clone() + &received(1) + &many + &push(40));
    let two = write(&folder, "b.log", start + &received(2) + &push(41));
    let log = read_paths(&[one, two]);
    let summary = log.summary();
    let ingest = &summary.fits[0];
    assert_eq!((ingest.n, ingest.chosen, ingest.median), (200, "empirical", 2.0));
    let target = Target {
        scenario: folder.path().join("out.toml"),
        trace: write(&folder, "trace.csv", trace::messages(&log.deliveries)),
        layout: None,
    };
    let written = of_log(&log, &summary.fits, &target).expect("a scenario");
    for (path, text) in &written.files {
        std::fs::write(path, text).expect("a file");
    }
    assert_eq!(written.files[0].0, folder.path().join("out-tasks-ingest.csv"));
    std::fs::write(&target.scenario, &written.text).expect("a file");
    let scenario = Scenario::read(&target.scenario).unwrap_or_else(|problem| panic!("{problem}\n{}", written.text));
    assert_eq!((scenario.version.to_string().as_str(), scenario.start.as_str()), ("0.14.1", "2026-11-24T13:03:17Z"));
    assert_eq!((scenario.workload.accounts, scenario.workload.first_account_id), (2, 40));
    assert!((scenario.costs.ingest.cpu.mean() - 0.012).abs() < 1e-9, "(150 · 2.5 + 50 · 40.5) / 200 = 12 ms");
    let record = record(&scenario);
    let push = &record.roles[Role::PushNotifications.index()];
    assert_eq!((record.messages, push.completed, push.duplicate_executions), (200, 200, 200));
}

/// Values made by inverting the distribution function at (i − ½)/n come back as the family that they are, and the
/// scenario's text names it with its parameters.
#[test]
fn the_family_comes_back() {
    let exponential: Vec<f64> = (1..=400).map(|i| -0.005 * (1.0 - (f64::from(i) - 0.5) / 400.0).ln()).collect();
    let fit = fitting::fit("x", &exponential, Rounding::Exact, ("ms", 1e3)).expect("a fit");
    assert_eq!(fit.chosen, "exponential");
    let mean = fit.family(Family::Exponential).and_then(|fit| fit.value("mean")).expect("a mean");
    assert!((mean - 5.0).abs() < 0.05, "{mean} ms");
    assert_eq!(
        fit.toml,
        Some(format!("{{ exponential = {{ mean = {} }} }}", fitting::time_text(mean / 1e3).expect("a time")))
    );
    assert_eq!(fitting::time_text(0.002_312_49), Some("\"2312us\"".into()));
    assert_eq!(fitting::time_text(90_061.0), Some("\"90060s\"".into()));
    assert_eq!(fitting::time_text(0.0), None);
}
