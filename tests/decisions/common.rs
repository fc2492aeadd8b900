//! Queues with known answers, written as scenarios, and the command line.

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use rolesim::scenario::Scenario;
use rolesim::source::SourceText;
use std::path::{Path, PathBuf};

/// A cluster in which indexing is the only work that takes time: Poisson arrivals at `per_second`, exponential service
/// of `mean_ms` on a core, each task done once as the documentation promises. `rest` is the rest of the file.
pub fn toy(duration: &str, per_second: u32, mean_ms: u32, rest: &str) -> String {
    format!(
        r#"duration = "{duration}"
warmup = "2m"
drain = "10m"
replications = 10
seed = 1
{rest}
[server]
version = "documented"
[workload]
accounts = 100
messages_per_account_per_day = {}
recipients_per_message = 1
activity = "equal"
daily_cycle = "flat"
weekly_cycle = "flat"
push_subscriptions_per_account = 0
calendar_alerts_per_account_per_day = 0
invitations_per_message = 0
trainings_per_message = 0
[tasks.ingest]
cpu = "0s"
database = "0s"
[tasks.fts-indexing]
cpu = {{ exponential = {{ mean = "{mean_ms}ms" }} }}
database = "0s"
"#,
        864 * per_second
    )
}

/// Layouts `fast` and `slow`, one node each, of which one is 2 % slower.
pub const FAST_AND_SLOW: &str = r#"
[layouts.fast.cluster.roles]
fts-indexing = "1"
[layouts.slow.cluster.roles]
fts-indexing = "2"
[nodes]
ids = "1-2"
[node.2]
speed = 0.98
"#;

pub fn scenario(text: &str) -> Scenario {
    Scenario::parse(SourceText::new("toy.toml", text), Path::new(".")).expect("a valid scenario")
}

/// The program, run in `folder`, without colours and without what a CI sets.
pub fn rolesim(folder: &Path, arguments: &[&str]) -> Assert {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolesim"));
    command.current_dir(folder).env("NO_COLOR", "1").env_remove("GITHUB_STEP_SUMMARY").args(arguments).assert()
}

pub fn stdout(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).expect("UTF-8")
}

pub fn stderr(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).expect("UTF-8")
}

/// Writes a file into a folder.
pub fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("the file is written");
    path
}
