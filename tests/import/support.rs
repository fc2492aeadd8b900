//! Folders with small files.

use rolesim::cluster::simulate;
use rolesim::metrics::record::Record;
use rolesim::scenario::Scenario;
use rolesim::source::SourceText;
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A new folder.
pub fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Writes a file of the folder.
pub fn write(folder: &TempDir, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("a file");
    path
}

/// Compressed as the ending of `name` says.
pub fn compressed(name: &str, text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    if name.ends_with(".gz") {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).expect("written");
        encoder.finish().expect("finished")
    } else if name.ends_with(".xz") {
        let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::default()).expect("an encoder");
        encoder.write_all(bytes).expect("written");
        encoder.finish().expect("finished")
    } else if name.ends_with(".zst") {
        zstd::encode_all(bytes, 1).expect("encoded")
    } else {
        bytes.to_vec()
    }
}

/// Nothing happens but what a trace says: eight accounts from 100 on, four nodes, one second of warm-up.
pub const QUIET: &str = r#"
start = 2026-03-02T09:00:00Z
duration = "1h"
warmup = "1s"
[server]
version = "0.14"
acme_providers = 0
[nodes]
ids = "1-4"
[layouts.a.cluster.roles]
push-notifications = ["1,2,3,4"]
[workload]
accounts = 8
first_account_id = 100
calendar_alerts_per_account_per_day = 0
invitations_per_message = 0
trainings_per_message = 0
"#;

/// [`QUIET`] with more keys of `[workload]` and more tables, read in the folder.
pub fn scenario(folder: &Path, workload: &str, more: &str) -> Result<Scenario, rolesim::source::Problem> {
    Scenario::parse(SourceText::new("test.toml", format!("{QUIET}{workload}\n{more}")), folder)
}

/// Replication 0 of the first layout.
pub fn record(scenario: &Scenario) -> Record {
    simulate(&scenario.setup(&scenario.layouts[0]), 0)
}
