//! `explain`, `run --trace`, `run --png` and Ctrl-C, from the outside.

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use std::fs;
use std::path::Path;

const SCENARIO: &str = r#"
duration = "10m"
replications = 2
[server]
version = "0.14"
[layouts.singles.cluster.roles]
push-notifications = ["1", "2"]
[layouts.pair.cluster.roles]
push-notifications = ["1,2"]
[nodes]
ids = "1-2"
[workload]
accounts = 20
messages_per_account_per_day = 2000
"#;

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("s.toml"), SCENARIO).expect("a file");
    folder
}

fn rolesim(folder: &Path, arguments: &[&str]) -> assert_cmd::assert::Assert {
    Command::new(env!("CARGO_BIN_EXE_rolesim")).current_dir(folder).args(arguments).assert()
}

/// What is wrong on the command line is said, with what would be right; exit code 2.
#[test]
fn wrong_times_and_names_are_said() {
    let folder = folder();
    let wrong: [(&[&str], &str); 11] = [
        (&["explain", "s.toml"], "--account"),
        (&["explain", "s.toml", "--account", "1"], "--at"),
        (&["explain", "s.toml", "--account", "1", "--at", "25:00"], "no time of day"),
        (&["explain", "s.toml", "--account", "1", "--at", "9"], "it has no unit"),
        (&["explain", "s.toml", "--account", "1", "--at", "5h"], "the simulation is over"),
        (&["explain", "s.toml", "--account", "20", "--at", "1m"], "are 0 to 19"),
        (&["explain", "s.toml", "--task", "fts-indexing"], "role and number"),
        (&["explain", "s.toml", "--task", "fts-indexing:0"], "they count from 1"),
        (&["explain", "s.toml", "--task", "fts-indexing:999999"], "there is no task fts-indexing:999999"),
        (&["explain", "s.toml", "--task", "fts-indexing:1", "--layout", "singels"], "did you mean `singles`?"),
        (&["explain", "s.toml", "--task", "fts-indexing:1", "--replication", "100000"], "not in 0..100000"),
    ];
    for (arguments, said) in wrong {
        rolesim(folder.path(), arguments).code(2).stderr(contains(said));
    }
    let trace = |more: &[&str]| {
        let mut arguments = vec!["run", "s.toml", "--quiet", "--trace", "t.json"];
        arguments.extend(more);
        rolesim(folder.path(), &arguments).code(2)
    };
    trace(&[]).stderr(contains("--trace-window"));
    trace(&["--trace-window", "1m"]).stderr(contains("write FROM..TO"));
    trace(&["--trace-window", "2m..1m"]).stderr(contains("ends before it begins"));
    trace(&["--trace-window", "1m..9h"]).stderr(contains("the simulation is over"));
    trace(&["--trace-window", "1m..2m", "--trace-layout", "x"]).stderr(contains("there is no layout `x`"));
    assert!(!folder.path().join("results").exists(), "nothing was simulated");
}

/// The scenario has two replications, and others are there as well, as `run --replication` shows them.
#[test]
fn any_replication_can_be_told() {
    let told = rolesim(folder().path(), &["explain", "s.toml", "--task", "fts-indexing:1", "--replication", "82"]);
    told.code(predicates::ord::eq(0)).stdout(contains("replication 82"));
}

/// Names of tasks in a trace, and those that `explain` prints, are names that `explain` takes; the same name is the
/// same message under both layouts.
#[test]
fn names_of_tasks_can_be_used() {
    let folder = folder();
    let run = ["run", "s.toml", "--quiet", "--trace", "t.json", "--trace-window", "0s..10m", "--trace-layout", "pair"];
    rolesim(folder.path(), &run).code(predicates::ord::eq(0));
    let trace: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.path().join("t.json")).expect("a file")).expect("JSON");
    let slices = trace["traceEvents"].as_array().expect("a list").iter();
    let (name, account) = slices
        .filter(|event| event["ph"] == "b" && event["cat"] == "fts-indexing")
        .find_map(|event| Some((event["name"].as_str()?.strip_suffix(" waits")?, event["args"]["account"].as_u64()?)))
        .expect("a task in the table");
    let begins = format!("Account {account} under layout");
    for layout in ["pair", "singles"] {
        rolesim(folder.path(), &["explain", "s.toml", "--task", name, "--layout", layout])
            .success()
            .stdout(contains(begins.as_str()).and(contains("Tasks: ").and(contains(name))));
    }
}

/// A PNG for each SVG, twice as large, not empty, and the same bytes again.
#[test]
fn charts_as_png() {
    let folder = folder();
    for out in ["a", "b"] {
        rolesim(folder.path(), &["run", "s.toml", "--quiet", "--png", "--out", out]).code(predicates::ord::eq(0));
    }
    let charts = folder.path().join("a/charts");
    let mut count = 0;
    for entry in fs::read_dir(&charts).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "png") {
            continue;
        }
        count += 1;
        let svg = fs::read_to_string(&path).expect("a text");
        let size = |name: &str| -> u32 {
            let rest = svg.split_once(&format!("{name}=\"")).expect("a size").1;
            rest.split('"').next().and_then(|text| text.parse().ok()).expect("a number")
        };
        let png = fs::read(path.with_extension("png")).expect("its PNG");
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
        let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().expect("four bytes"));
        assert_eq!((number(16), number(20)), (2 * size("width"), 2 * size("height")), "{}", path.display());
        assert!(png.len() > 5_000, "{}: {} bytes", path.display(), png.len());
        let again = folder.path().join("b/charts").join(path.with_extension("png").file_name().expect("a name"));
        assert!(png == fs::read(again).expect("the other"), "{}", path.display());
    }
    assert!(count > 5, "{count} charts");
}

#[cfg(unix)]
mod interrupted {
    use super::{folder, rolesim};
    use std::fs;
    use std::io::{BufRead, BufReader, Read};
    use std::path::Path;
    use std::process::{Child, Command, Stdio};

    /// A run that takes for ever.
    fn start(folder: &Path) -> Child {
        let arguments =
            ["run", "s.toml", "--progress", "--quiet", "--threads", "1", "--replications", "100000", "--out", "r"];
        let mut command = Command::new(env!("CARGO_BIN_EXE_rolesim"));
        command.current_dir(folder).args(arguments).stderr(Stdio::piped()).spawn().expect("it starts")
    }

    /// Waits for the line of progress that says that so many simulations are done.
    fn wait_for(child: &mut Child, least: u64) -> BufReader<std::process::ChildStderr> {
        let mut reader = BufReader::new(child.stderr.take().expect("a pipe"));
        let mut line = String::new();
        loop {
            line.clear();
            assert!(reader.read_line(&mut line).expect("text") > 0, "it ended before it was interrupted");
            let done = line.split("%  ").nth(1).and_then(|rest| rest.split(' ').next());
            if done.and_then(|done| done.replace(',', "").parse::<u64>().ok()).is_some_and(|done| done >= least) {
                return reader;
            }
        }
    }

    fn interrupt(child: &Child, signal: &str) {
        let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill");
        assert!(sent.success());
    }

    fn leftovers(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder");
        let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
        names.filter(|name| name.starts_with(".rolesim-")).collect()
    }

    #[test]
    fn ctrl_c_keeps_what_is_complete() {
        keeps_what_is_complete("-INT");
    }

    /// What `timeout` and a cancelled job of a CI send, and a terminal that is closed.
    #[test]
    fn other_signals_keep_what_is_complete() {
        keeps_what_is_complete("-TERM");
        keeps_what_is_complete("-HUP");
    }

    /// After two simulations (one of each layout) a signal: the files are those of as many replications as are done,
    /// and say which command gives them; exit code 1. The page says first that it is not all.
    fn keeps_what_is_complete(signal: &str) {
        let folder = folder();
        let mut child = start(folder.path());
        let mut rest = wait_for(&mut child, 2);
        interrupt(&child, signal);
        let mut said = String::new();
        rest.read_to_string(&mut said).expect("text");
        assert_eq!(child.wait().expect("it ends").code(), Some(1), "{said}");
        assert!(said.contains("writing what is complete"), "{said}");
        assert!(said.contains("of 100000 replications"), "{said}");
        assert!(leftovers(folder.path()).is_empty());
        let text = fs::read_to_string(folder.path().join("r/manifest.json")).expect("a manifest");
        let mut manifest: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let done = manifest["run_info"]["replications"].as_u64().expect("a number");
        assert!((1..100_000).contains(&done));
        let command = manifest["run_info"]["command"].as_str().expect("a command");
        assert_eq!(command, format!("rolesim run s.toml --replications {done}"));
        let warning = format!("The run was interrupted: this is of the first {done} of 100000 replications.");
        assert_eq!(manifest["run_info"]["warnings"].take(), serde_json::json!([warning]));
        let page = fs::read_to_string(folder.path().join("r/report.html")).expect("a page");
        assert!(page.contains(&warning), "{warning}");
        let done = done.to_string();
        rolesim(folder.path(), &["run", "s.toml", "--quiet", "--replications", &done, "--out", "again"]);
        let text = fs::read_to_string(folder.path().join("again/manifest.json")).expect("a manifest");
        let mut again: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(again["run_info"]["warnings"].take(), serde_json::json!([]));
        assert_eq!(manifest, again);
        for file in ["roles.csv", "summary.csv", "push.csv"] {
            let read = |out: &str| fs::read(folder.path().join(out).join(file)).expect("a file");
            assert!(read("r") == read("again"), "{file} differs");
        }
    }

    /// `compare` has nothing to keep: the first signal ends it, with exit code 1, and its unfinished folder is gone.
    #[test]
    fn a_comparison_leaves_nothing_behind() {
        let folder = folder();
        fs::write(folder.path().join("s.toml"), super::SCENARIO.replace("10m", "30d")).expect("a file");
        let arguments = ["compare", "s.toml", "--quiet", "--out", "r"];
        let mut command = Command::new(env!("CARGO_BIN_EXE_rolesim"));
        let mut child = command.current_dir(folder.path()).args(arguments).spawn().expect("it starts");
        while leftovers(folder.path()).is_empty() {
            assert!(child.try_wait().expect("a child").is_none(), "it ended before it was interrupted");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        // It listens as soon as it has the folder.
        std::thread::sleep(std::time::Duration::from_millis(500));
        interrupt(&child, "-TERM");
        assert_eq!(child.wait().expect("it ends").code(), Some(1));
        assert!(leftovers(folder.path()).is_empty() && !folder.path().join("r").exists());
    }

    /// Ctrl-C twice: it ends at once with exit code 1, and what is there is whole.
    #[test]
    fn ctrl_c_twice_leaves_nothing_half() {
        let folder = folder();
        let mut child = start(folder.path());
        let mut rest = wait_for(&mut child, 2);
        interrupt(&child, "-INT");
        let mut line = String::new();
        while !line.contains("writing what is complete") {
            line.clear();
            assert!(rest.read_line(&mut line).expect("text") > 0, "it says that it was interrupted");
        }
        interrupt(&child, "-INT");
        assert_eq!(child.wait().expect("it ends").code(), Some(1));
        assert!(leftovers(folder.path()).is_empty());
        let result = folder.path().join("r");
        assert!(!result.exists() || result.join("report.html").exists());
    }
}
