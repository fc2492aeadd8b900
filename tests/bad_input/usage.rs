//! A wrong command line.

use super::{rolesim, stderr};
use std::fs;

#[test]
fn wrong_usage_gives_2_and_a_hint() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("s.toml"), "[nodes]\nids = \"1-3\"\n[layouts.a]\n").expect("it is written");
    for (arguments, found) in [
        (&["runs", "s.toml"][..], "'run'"),
        (&["run"], "<SCENARIO>"),
        (&["run", "s.toml", "--replicatons", "5"], "'--replications'"),
        (&["run", "s.toml", "--replications", "0"], "1..=100000"),
        (&["run", "s.toml", "--replications", "-1"], "-1"),
        (
            &["run", "s.toml", "--replications", "ten"],
            "'ten' for '--replications <N>': a whole number from 0 is expected",
        ),
        (&["run", "s.toml", "--seed", "abc"], "'abc' for '--seed <N>': a whole number from 0 is expected"),
        (&["run", "s.toml", "--threads", "0"], "1..=1024"),
        (&["run", "s.toml", "--threads", "70000"], "70000"),
        (&["run", "s.toml", "--seed", "99999999999999999999"], "99999999999999999999"),
        (&["run", "s.toml", "t.toml"], "t.toml"),
        (&["run", "s.toml", "--out"], "--out"),
        (&["compare", "s.toml", "--profile"], "tip: '--profile' is an option of `rolesim run`\n"),
        (&["check", "--layout=a"], "option of `rolesim explain`\n"),
        (&["run", "s.toml", "--layout", "a"], "found\n\n  tip: '--layout' is an option of `rolesim explain`\n"),
        (&["run", "s.toml", "--colour"], "tip: to pass '--colour' as a value"),
    ] {
        let output = rolesim(folder.path(), arguments);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(found), "{arguments:?}: {said}");
        assert!(!folder.path().join("results").exists(), "{arguments:?}");
    }
    // Without anything the program shows what it can do.
    let output = rolesim(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("Usage: rolesim <COMMAND>"));
}
