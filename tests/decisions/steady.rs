//! Scenarios that say that they are in steady state.

use crate::common::{rolesim, toy, write};
use rolesim::metrics::rows::{FindingRow, Tables, TimelineRow};
use rolesim::report::findings::{FindingContext, SteadySpan, from_results};

/// A hundred bins of ten seconds in two replications, one a task above the other, with these tasks waiting on average.
fn findings(waiting: impl Fn(usize) -> f64, steady: Option<SteadySpan>) -> Vec<FindingRow> {
    let row = |(replication, bin): (u32, usize)| TimelineRow {
        layout: "only".to_owned(),
        replication,
        start_s: 10.0 * bin as f64,
        node: None,
        series: "waiting:fts-indexing".to_owned(),
        value: waiting(bin) - 0.5 + f64::from(replication),
    };
    let timeline = (0..2).flat_map(|replication| (0..100).map(move |bin| (replication, bin))).map(row).collect();
    let tables = Tables { timeline, roles: vec![role()], ..Tables::default() };
    let context = FindingContext { steady, ..FindingContext::default() };
    from_results(&tables, &context).into_iter().filter(|finding| finding.rule == "start-up").collect()
}

/// A role of which nothing is to be said, so that the tables have a layout.
fn role() -> rolesim::metrics::rows::RoleRow {
    serde_json::from_value(serde_json::json!({
        "layout": "only", "replication": 0, "role": "fts-indexing", "created": 0, "completed": 0, "executions": 0,
        "duplicate_executions": 0, "failed": 0, "waiting_at_end": 0, "failed_executions": 0, "interrupted_executions": 0
    }))
    .expect("a row")
}

const SPAN: SteadySpan = SteadySpan { warmup_s: 60.0, duration_s: 1_000.0 };

/// Twenty bins rise from 0.5 and the rest is 20: of the batches of five the first four differ. Without them the squares
/// about the mean are zero, and no fewer batches left out give zero: 20 bins of 10 s are left out, a fifth of 1,000 s. The
/// warm-up of 60 s should have been 260 s.
#[test]
fn start_up_in_the_measured_span_is_told_with_the_warm_up_to_set() {
    let found = findings(|bin| if bin < 20 { 0.5 + bin as f64 } else { 20.0 }, Some(SPAN));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].severity, "warning");
    let message =
        "MSER-5 leaves out the first 200 s of the measured span (20 %), by the tasks of fts-indexing that wait";
    assert_eq!(found[0].message, message);
    assert!(found[0].help.ends_with("set warmup = \"260s\""), "{}", found[0].help);
}

/// What is the same from the beginning has no start-up; what never ends rising has no steady state: with m batches in
/// a line, leaving out d gives (m − d)³/12 / (m − d)² of squares, least where fewest are left.
#[test]
fn steady_and_rising_series_are_told_apart() {
    let steady = findings(|_| 3.0, Some(SPAN));
    assert_eq!((steady.len(), steady[0].severity.as_str()), (1, "note"));
    assert!(steady[0].message.contains("steady from its beginning"), "{}", steady[0].message);
    let rising = findings(|bin| bin as f64 + 1.0, Some(SPAN));
    assert_eq!((rising.len(), rising[0].severity.as_str()), (1, "warning"));
    assert!(rising[0].message.contains("no steady state"), "{}", rising[0].message);
}

/// A day that starts and ends is not asked.
#[test]
fn scenario_that_does_not_say_so_is_not_asked() {
    assert!(findings(|bin| bin as f64 + 1.0, None).is_empty());
}

#[test]
fn key_of_the_scenario_makes_the_finding_and_the_chart() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = toy("10m", 4, 200, "[layouts.only]\n[nodes]\nids = \"1\"\n");
    write(folder.path(), "steady.toml", &format!("steady_state = true\n{text}"));
    write(folder.path(), "day.toml", &text);
    for (name, is_steady) in [("steady", true), ("day", false)] {
        rolesim(folder.path(), &["run", &format!("{name}.toml"), "--quiet"]).code(0);
        let result = folder.path().join("results").join(name);
        let read = |file: &str| std::fs::read_to_string(result.join(file)).expect("a file");
        assert_eq!(read("findings.csv").contains(",start-up,"), is_steady, "{name}");
        assert_eq!(result.join("charts/welch.svg").is_file(), is_steady, "{name}");
        assert_eq!(read("report.html").contains("moving average"), is_steady, "{name}");
    }
}
