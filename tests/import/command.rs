//! The command itself: files, exit codes, what it prints.

use super::support::{folder, write};
use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use tempfile::TempDir;

fn import(folder: &TempDir, arguments: &[&str]) -> assert_cmd::assert::Assert {
    let mut command = Command::cargo_bin("rolesim").expect("the program");
    command.current_dir(folder.path()).arg("import").args(arguments).assert()
}

const LOG: &str = "2026-11-24T13:03:17Z INFO Message ingested (message-ingest.ham) accountId = 6, documentId = 1, size = 270, elapsed = 6ms\n\
                   2026-11-24T13:03:18Z INFO Message ingested (message-ingest.ham) accountId = 7, documentId = 1, size = 270, elapsed = 2ms\n";

/// A log becomes a scenario that `run` takes. What exists is not replaced unless that is said.
#[test]
fn a_log_becomes_a_scenario_that_runs() {
    let folder = folder();
    write(&folder, "a.log", LOG);
    write(&folder, "config.toml", "[cluster.roles]\npush-notifications = [\"1\"]\n");
    let arguments = ["log", "a.log", "--scenario", "out.toml", "--layout", "config.toml", "--failures", "f.csv"];
    import(&folder, &arguments).success().stdout(contains("wrote trace.csv").and(contains("tasks.ingest: 2 values")));
    let trace = std::fs::read_to_string(folder.path().join("trace.csv")).expect("a trace");
    assert!(trace.ends_with("2026-11-24T13:03:17.5Z,6,1,270,ham\n2026-11-24T13:03:18.5Z,7,1,270,ham\n"), "{trace}");
    import(&folder, &arguments).code(2).stderr(contains("`trace.csv` exists already").and(contains("--force")));
    import(&folder, &[&arguments[..], &["--force", "--quiet"]].concat()).success().stdout("");
    let mut run = Command::cargo_bin("rolesim").expect("the program");
    run.current_dir(folder.path()).args(["run", "out.toml", "--replications", "2", "--quiet"]).assert().success();
}

/// Wrong input is exit code 2, with a way out; JSON is an object with the files.
#[test]
fn codes_and_json() {
    let folder = folder();
    import(&folder, &["log", "none.log"]).code(2).stderr(contains("there is no file `none.log`"));
    import(&folder, &["failures", "f.csv", "--time-format", "iso"]).code(2).stderr(contains("use auto, unix"));
    import(&folder, &["edges", "e.csv", "--columns", "a,b"]).code(2).stderr(contains("give three names"));
    write(&folder, "e.csv", "time,from,to\n2026-03-02 10:00,a,b\n");
    let output = import(&folder, &["edges", "e.csv", "--json"]).success().get_output().stdout.clone();
    let json: serde_json::Value = serde_json::from_slice(&output).expect("JSON");
    assert_eq!(json["files"][0], "trace.csv");
    assert!(json["facts"].as_array().is_some_and(|facts| facts.iter().any(|fact| fact["name"] == "accounts")));
}
