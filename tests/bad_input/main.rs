//! What a user can get wrong: every mistake gives exit code 2, the place, what was found and a way out,
//! at once, and leaves no result behind. What the server accepts is simulated, with a finding.

mod accepted;
mod cases;
mod extremes;
mod files;
mod mutation;
mod usage;

use assert_cmd::Command;
use cases::CASES;
use rolesim::scenario::Scenario;
use rolesim::source::SourceText;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

/// Longest time for an error, on a busy machine.
const AT_ONCE: Duration = Duration::from_secs(10);

/// Runs the program in a folder as a script would: no terminal, no colours.
pub fn rolesim(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolesim"));
    command.current_dir(folder).args(arguments).env("NO_COLOR", "1").env("LANG", "C.UTF-8").env("LC_ALL", "C.UTF-8");
    command.env_remove("RUST_BACKTRACE").timeout(Duration::from_secs(300)).output().expect("it starts")
}

/// What was written to standard error.
pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

/// Runs a scenario that is wrong and returns what was said. Nothing may be left in the folder.
pub fn refused(folder: &Path, scenario: &str) -> String {
    let names =
        || -> BTreeSet<_> { fs::read_dir(folder).expect("a folder").flatten().map(|e| e.file_name()).collect() };
    let before = names();
    let started = Instant::now();
    let output = rolesim(folder, &["run", scenario]);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{scenario}: {said}");
    assert!(started.elapsed() < AT_ONCE, "{scenario} took {:?}", started.elapsed());
    assert!(output.stdout.is_empty(), "{scenario}: errors belong to standard error");
    assert!(!said.contains("panicked"), "{said}");
    assert!(said.contains("help: "), "no way out: {said}");
    assert_eq!(before, names(), "{scenario} left something behind");
    said
}

/// The place of each error is exactly what is wrong, the message says what was found, the help what would
/// be right.
#[test]
fn errors_point_at_the_word_and_show_a_way_out() {
    let mut failures = Vec::new();
    for case in CASES {
        match Scenario::parse(SourceText::new("s.toml", case.text()), Path::new("")) {
            Ok(_) => failures.push(format!("{}: accepted", case.name)),
            Err(problem) => {
                let is_right = problem.source.is_some()
                    && problem.span == case.span()
                    && problem.message.contains(case.found)
                    && problem.help.contains(case.way_out)
                    && !problem.is_machine;
                if !is_right {
                    failures.push(format!("{}: {problem} at {:?}; {}", case.name, problem.span, problem.help));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn the_program_says_it_and_exits_with_2() {
    let folder = tempfile::tempdir().expect("a folder");
    for case in CASES {
        let file = format!("{}.toml", case.name);
        fs::write(folder.path().join(&file), case.text()).expect("it is written");
        let said = refused(folder.path(), &file);
        let (line, column) = case.line_column();
        assert!(said.contains(&format!("{file}:{line}:{column}: ")), "{}", said);
    }
}

#[test]
fn there_are_many_kinds_of_cases_each_with_a_name_of_its_own() {
    let names: BTreeSet<&str> = CASES.iter().map(|case| case.name).collect();
    assert_eq!(names.len(), CASES.len());
    assert!(names.len() >= 30);
}

/// Whole messages as a user sees them.
#[test]
fn messages_read_well() {
    let folder = tempfile::tempdir().expect("a folder");
    let shown = [
        "key-of-the-file",
        "key-of-server",
        "role-of-tasks",
        "role-of-lock-time",
        "role-of-a-layout",
        "time-without-unit",
        "time-without-quotes",
        "start-as-text",
        "seed-too-large",
        "nobody-takes-mail",
        "probability-nan",
        "factors-multiply",
        "negative-weight",
        "backward-range",
        "table-of-no-node",
        "unknown-distribution",
        "unknown-parameter",
        "parameters-of-no-form",
        "parameter-missing",
        "two-distributions",
        "unknown-fault",
        "one-bracket",
        "fault-of-no-zone",
        "no-layouts",
        "layout-missing",
        "unknown-version",
        "constant-of-another-version",
        "role-of-no-layout",
        "metric-without-quotes",
        "limit-of-another-unit",
        "nodes-as-number",
        "too-many-messages",
        "open-string",
    ];
    let mut all = String::new();
    for name in shown {
        let case = CASES.iter().find(|case| case.name == name).expect("a case of this name");
        let file = format!("{name}.toml");
        fs::write(folder.path().join(&file), case.text()).expect("it is written");
        all += &refused(folder.path(), &file);
    }
    insta::assert_snapshot!("messages", all);
}
