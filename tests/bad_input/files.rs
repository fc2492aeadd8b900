//! Files that are missing, are folders, or hold something else than they should.

use super::{refused, rolesim, stderr};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const SCENARIO: &str = "[nodes]\nids = \"1-3\"\n[layouts]\na = \"layout.toml\"\n";

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, content) in files {
        fs::write(folder.path().join(name), content).expect("it is written");
    }
    folder
}

#[test]
fn scenario_files() {
    let folder = folder(&[("latin1.toml", b"title = \"caf\xe9\""), ("binary.toml", b"\x7fELF\x02\x01\x01\0\xff")]);
    assert!(refused(folder.path(), "missing.toml").contains("cannot read scenario `missing.toml`"));
    assert!(refused(folder.path(), ".").contains("is a folder"));
    let said = refused(folder.path(), "latin1.toml");
    // The byte after `title = "caf`, 12 characters.
    assert!(said.contains("latin1.toml:1:13: ") && said.contains("UTF-8"), "{said}");
    let said = refused(folder.path(), "binary.toml");
    assert!(said.contains("binary.toml:1:9: ") && said.contains("UTF-8"), "{said}");
}

/// An error in a layout file has its place there; that there is no readable file has it in the scenario.
#[test]
fn layout_files() {
    let said = |layout: &[u8]| {
        let folder = folder(&[("s.toml", SCENARIO.as_bytes()), ("layout.toml", layout)]);
        refused(folder.path(), "s.toml")
    };
    let shown = said(b"[cluster.roles\npush-notifications = [\"1\"]\n");
    assert!(shown.contains("layout.toml:1:") && shown.contains("not TOML"), "{shown}");
    let shown = said(b"# caf\xe9\n");
    assert!(shown.contains("s.toml:4:5: ") && shown.contains("not UTF-8"), "{shown}");
    let shown = said(b"\x7fELF\x02\x01\x01\0\xff");
    assert!(shown.contains("s.toml:4:5: ") && shown.contains("not UTF-8"), "{shown}");
    let shown = said(b"{\"name\": ");
    assert!(shown.contains("layout.toml:1:"), "{shown}");
}

/// Texts that are nested without end are refused and do not overflow the stack.
#[test]
fn deep_nesting() {
    let deep = format!("title = {}", "[".repeat(200_000));
    let tables = format!("title = {}", "{a=".repeat(100_000));
    let layout = format!("[cluster.roles]\npush-notifications = {}", "[".repeat(200_000));
    let dotted = format!("{}a = 1", "a.".repeat(100_000));
    let folder = folder(&[
        ("deep.toml", deep.as_bytes()),
        ("tables.toml", tables.as_bytes()),
        ("dotted.toml", dotted.as_bytes()),
        ("s.toml", SCENARIO.as_bytes()),
        ("layout.toml", layout.as_bytes()),
    ]);
    for scenario in ["deep.toml", "tables.toml", "dotted.toml", "s.toml"] {
        let said = refused(folder.path(), scenario);
        assert!(said.len() < 4_000_000, "{} bytes", said.len());
    }
}

#[test]
fn empirical_files() {
    let scenario = "[nodes]\nids = \"1-3\"\n[layouts.a]\n[tasks.fts-indexing]\ncpu = { empirical = \"v.csv\" }\n";
    let said = |values: &[u8]| {
        let folder = folder(&[("s.toml", scenario.as_bytes()), ("v.csv", values)]);
        let said = refused(folder.path(), "s.toml");
        assert!(said.contains("s.toml:5:21: "), "{said}");
        said
    };
    for (values, found) in [
        (&b"seconds\n1.5\nfast\n"[..], "v.csv:3:1: `fast` is no number"),
        (b"seconds\n1.5\n-2\n", "v.csv:3:1: `-2` is no number"),
        (b"seconds\n1.5\nnan\n", "v.csv:3:1: `nan` is no number"),
        (b"seconds\ninf\n", "v.csv:2:1: `inf` is no number"),
        (b"seconds\n", "has no values"),
        (b"", "has no values"),
        (b"1.5\n2.5\n", "v.csv:1:1: the first row is no header"),
        (b"seconds,node\n1.5\n", "line 2 has 1 fields"),
        (b"seconds\n\xff\n", "line 2 is not UTF-8"),
    ] {
        let said = said(values);
        assert!(said.contains(found), "{said}");
    }
    let folder = folder(&[("s.toml", scenario.as_bytes())]);
    fs::create_dir(folder.path().join("v.csv")).expect("a folder");
    assert!(refused(folder.path(), "s.toml").contains("v.csv"));
}

/// A trace with more copies than memory holds is refused.
#[test]
fn traces_with_too_many_copies() {
    let scenario = "[nodes]\nids = \"1-3\"\n[layouts.a]\n[workload]\nreplay = \"t.csv\"\nreplay_scale = 10000\n\
                    replay_repeat = 10000\n";
    let trace = "time_s,account\n1,1\n2,1\n";
    let folder = folder(&[("s.toml", scenario.as_bytes()), ("t.csv", trace.as_bytes())]);
    let said = refused(folder.path(), "s.toml");
    assert!(said.contains("s.toml:7:17: the trace comes to about 2e8 messages"), "{said}");
}

const SMALL: &str =
    "duration = \"10m\"\nreplications = 1\n[workload]\naccounts = 10\n[nodes]\nids = \"1-3\"\n[layouts.a]\n";

fn run_into(folder: &Path, scenario: &str, out: &str) -> (Option<i32>, String) {
    let output = rolesim(folder, &["run", scenario, "--quiet", "--out", out]);
    (output.status.code(), stderr(&output))
}

/// A folder that is no result of this scenario stays as it is.
#[test]
fn result_folders() {
    let folder = folder(&[("s.toml", SMALL.as_bytes()), ("other.toml", SMALL.as_bytes()), ("file", b"precious")]);
    let path = folder.path();
    fs::create_dir(path.join("mine")).expect("a folder");
    fs::write(path.join("mine/notes.txt"), "precious").expect("it is written");
    fs::create_dir(path.join("broken")).expect("a folder");
    fs::write(path.join("broken/manifest.json"), "{").expect("it is written");

    for (out, found) in [
        ("mine", "is not a result folder"),
        ("file", "is not a folder"),
        ("broken", "not a manifest"),
        (".", "not a result"),
    ] {
        let (code, said) = run_into(path, "s.toml", out);
        assert_eq!(code, Some(2), "{out}: {said}");
        assert!(said.contains(found) && said.contains("help: "), "{out}: {said}");
    }
    assert_eq!(fs::read_to_string(path.join("mine/notes.txt")).expect("it is there"), "precious");
    assert_eq!(fs::read_to_string(path.join("file")).expect("it is there"), "precious");

    // Of the same scenario it is replaced, of another one not.
    assert_eq!(run_into(path, "s.toml", "result").0, Some(0));
    let manifest = fs::read(path.join("result/manifest.json")).expect("a manifest");
    assert_eq!(run_into(path, "s.toml", "result").0, Some(0));
    let (code, said) = run_into(path, "other.toml", "result");
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("s.toml, not of other.toml"), "{said}");

    // A scenario that became wrong leaves the old result.
    fs::write(path.join("s.toml"), "duration = 5").expect("it is written");
    assert_eq!(run_into(path, "s.toml", "result").0, Some(2));
    assert_eq!(fs::read(path.join("result/manifest.json")).expect("still there"), manifest);
    let hidden = fs::read_dir(path).expect("a folder").flatten();
    assert_eq!(hidden.filter(|e| e.file_name().to_string_lossy().starts_with(".rolesim-")).count(), 0);
}
