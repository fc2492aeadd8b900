//! What the server itself accepts in a layout is simulated, with a finding (the server starts with it, so
//! an operator has to learn what it does).

use super::{rolesim, stderr};
use rolesim::metrics::rows::Tables;
use std::fs;

const SCENARIO: &str = "duration = \"30m\"\nreplications = 2\n[workload]\naccounts = 50\n[nodes]\nids = \"1-4\"\n";

fn findings_of(layout: &str) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = format!("{SCENARIO}[layouts]\na = \"layout.toml\"\n");
    fs::write(folder.path().join("s.toml"), scenario).expect("it is written");
    fs::write(folder.path().join("layout.toml"), format!("[cluster.roles]\n{layout}\n")).expect("it is written");
    let output = rolesim(folder.path(), &["run", "s.toml", "--quiet", "--out", "out"]);
    assert_eq!(output.status.code(), Some(0), "{layout}: {}", stderr(&output));
    let tables = Tables::read(&folder.path().join("out")).expect("a result");
    tables.findings.into_iter().map(|finding| (finding.rule, finding.role)).collect()
}

#[test]
fn odd_layouts_are_simulated_with_a_finding() {
    for (layout, rule, role) in [
        ("push-notifications = [\"1,2\", \"2,3\", \"4\"]", "node-in-two-shards", "push-notifications"),
        ("fts-indexing = [\"1,2\", \"three\", \"4\"]", "item-dropped", "fts-indexing"),
        ("calendar-alerts = []", "empty-list", "calendar-alerts"),
        ("fts-indexing = [\"1,1\", \"2\"]", "repeated-node-id", "fts-indexing"),
        ("fts-indexing = [\"7\"]", "role-without-node", "fts-indexing"),
        ("fts-indexing = [\"1,7\"]", "unknown-node", "fts-indexing"),
        ("purge.accounts = [1, 2]", "integers-become-shards", "purge.accounts"),
        ("fts-indexng = [\"1\"]", "unknown-role", ""),
    ] {
        let found = findings_of(layout);
        assert!(found.contains(&(rule.to_string(), role.to_string())), "{layout}: {found:?}");
    }
}
