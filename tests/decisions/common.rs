//! Queues with known answers, written as scenarios, and the command line.

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use rolesim::scenario::Scenario;
use rolesim::source::SourceText;
use std::path::{Path, PathBuf};

pub use crate::queue::{FAST_AND_SLOW, toy};

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
