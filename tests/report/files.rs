//! CSV files and the way in which a result folder appears.

use crate::fixture::{DOCS, EVEN, HOSTILE, plans, run_info, tables};
use rolesim::metrics::rows::{RoleRow, Tables};
use rolesim::report::{Manifest, Publication};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const KEY: &str = "scenarios/docs-example.toml";

fn manifest() -> Manifest {
    Manifest::new(run_info(&[EVEN], 3), plans(6, &[EVEN]), BTreeMap::new(), serde_json::json!({"seed": 1}))
}

#[test]
fn tables_survive_a_round_trip_and_repeat_to_the_byte() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let written = tables(6, &[EVEN, DOCS, HOSTILE], 3);
    written.write(a.path()).unwrap();
    written.write(b.path()).unwrap();
    assert_eq!(Tables::read(a.path()).unwrap(), written);
    assert_eq!(fs::read_dir(a.path()).unwrap().count(), 10);
    for file in fs::read_dir(a.path()).unwrap() {
        let name = file.unwrap().file_name();
        assert_eq!(fs::read(a.path().join(&name)).unwrap(), fs::read(b.path().join(&name)).unwrap(), "{name:?}");
    }
}

#[test]
fn empty_tables_have_headers_and_missing_values_are_empty_fields() {
    let dir = tempfile::tempdir().unwrap();
    let mut empty = Tables::default();
    empty.write(dir.path()).unwrap();
    let header = "layout,role,quantile,value_s,ci_low_s,ci_high_s,pooled_s\n";
    assert_eq!(fs::read_to_string(dir.path().join("latency.csv")).unwrap(), header);
    empty.latency.push(rolesim::metrics::rows::LatencyRow {
        layout: "a \"b\", c".to_owned(),
        role: "fts-indexing".to_owned(),
        quantile: 0.1,
        value_s: 1e-7,
        ci_low_s: None,
        ci_high_s: None,
        pooled_s: None,
    });
    empty.write(dir.path()).unwrap();
    let row = "\"a \"\"b\"\", c\",fts-indexing,0.1,1e-7,,,\n";
    assert_eq!(fs::read_to_string(dir.path().join("latency.csv")).unwrap(), format!("{header}{row}"));
}

#[test]
fn a_wrong_field_is_named_with_file_and_line() {
    let dir = tempfile::tempdir().unwrap();
    let mut tables = tables(1, &[EVEN], 1);
    tables.write(dir.path()).unwrap();
    let path = dir.path().join("push.csv");
    let text = fs::read_to_string(&path).unwrap();
    let broken: Vec<String> = text
        .lines()
        .enumerate()
        .map(|(i, line)| if i == 2 { line.replacen(",all,", ",all,many", 1) } else { line.to_owned() })
        .collect();
    fs::write(&path, broken.join("\n")).unwrap();
    let problem = Tables::read(dir.path()).unwrap_err();
    assert!(problem.to_string().contains("push.csv:3:1: field 4"), "{problem}");
    assert!(problem.help.contains("notifications, delivered"), "{}", problem.help);
    fs::remove_file(&path).unwrap();
    assert!(Tables::read(dir.path()).unwrap_err().message.contains("push.csv"));
    tables.roles = Vec::<RoleRow>::new();
}

/// Publishes a folder with a manifest and a file `content`.
fn publish(target: &Path, content: &str) -> Result<(), rolesim::source::Problem> {
    let publication = Publication::begin(target, KEY)?;
    manifest().write(publication.dir())?;
    fs::write(publication.dir().join("content"), content).unwrap();
    publication.commit()
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_result_replaces_one_of_the_same_scenario_and_leaves_nothing_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("deep/er/result");
    publish(&target, "first").unwrap();
    publish(&target, "second").unwrap();
    assert_eq!(fs::read_to_string(target.join("content")).unwrap(), "second");
    assert_eq!(names(target.parent().unwrap()), ["result"]);
}

#[test]
fn what_is_not_a_result_or_another_scenarios_is_never_touched() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("photos");
    fs::create_dir(&target).unwrap();
    publish(&target, "an empty folder may be used").unwrap();

    let text = fs::read_to_string(target.join("manifest.json")).unwrap();
    let other = text.replace("docs-example", "another").replace("The documentation's example", "Another");
    fs::write(target.join("manifest.json"), other).unwrap();
    let problem = publish(&target, "x").unwrap_err();
    assert!(problem.message.contains("scenarios/another.toml"), "{}", problem.message);

    fs::remove_file(target.join("manifest.json")).unwrap();
    let problem = publish(&target, "x").unwrap_err();
    assert!(problem.message.contains("not a result folder"), "{}", problem.message);
    assert_eq!(fs::read_to_string(target.join("content")).unwrap(), "an empty folder may be used");
    assert_eq!(names(dir.path()), ["photos"]);
}

#[test]
fn a_run_that_fails_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("result");
    publish(&target, "first").unwrap();
    let publication = Publication::begin(&target, KEY).unwrap();
    fs::write(publication.dir().join("content"), "half").unwrap();
    drop(publication);
    let without_manifest = Publication::begin(&target, KEY).unwrap();
    without_manifest.commit().unwrap_err();
    assert_eq!(fs::read_to_string(target.join("content")).unwrap(), "first");
    assert_eq!(names(dir.path()), ["result"]);
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_a_file_stays_a_file() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let (real, link, file) = (dir.path().join("real"), dir.path().join("link"), dir.path().join("file"));
    fs::create_dir(&real).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    publish(&link, "through the link").unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(real.join("content")).unwrap(), "through the link");
    // A result can be read by whoever can read a new folder.
    fs::create_dir(dir.path().join("new")).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&real), mode(&dir.path().join("new")));
    fs::write(&file, "precious").unwrap();
    publish(&file, "x").unwrap_err();
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
}

#[test]
fn a_manifest_survives_a_round_trip() {
    let dir = tempfile::tempdir().unwrap();
    manifest().write(dir.path()).unwrap();
    assert_eq!(Manifest::read(dir.path()).unwrap(), manifest());
    fs::write(dir.path().join("manifest.json"), "{\n  \"seed\": -1\n}").unwrap();
    let problem = Manifest::read(dir.path()).unwrap_err();
    assert!(problem.to_string().contains("manifest.json:2:"), "{problem}");
}
