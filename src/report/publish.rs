//! Results appear whole or not at all.
//!
//! A [`Publication`] builds a result folder under another name beside the target and takes the target's
//! name only when it is complete. An existing result is replaced only by one of the same scenario, which
//! its `manifest.json` tells; a folder that is not a result is never touched. Dropped without
//! [`Publication::commit`], nothing is left and nothing has changed.

use crate::source::Problem;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The file that makes a folder a result folder.
const MANIFEST: &str = "manifest.json";
/// Fields of the manifest that say which scenario it is; a key may be either.
const KEYS: [&str; 2] = ["scenario_file", "scenario_title"];

/// A result folder in the making.
#[derive(Debug)]
pub struct Publication {
    temporary: TempDir,
    target: PathBuf,
    key: String,
}

impl Publication {
    /// Starts a result that is to become `target`. `key` is the scenario's file (or, for a scenario
    /// without a file, its title) as the manifest has it. Fails early if the target may not be replaced.
    pub fn begin(target: &Path, key: &str) -> Result<Self, Problem> {
        let target = resolve(target)?;
        check(&target, key)?;
        let parent = target.parent().unwrap_or_else(|| Path::new("."));
        fs::create_dir_all(parent).map_err(|e| cannot("make the folder", parent, &e))?;
        let temporary = new_folder(parent).map_err(|e| cannot("make a folder in", parent, &e))?;
        Ok(Self { temporary, target, key: key.to_owned() })
    }

    /// The folder to write into.
    pub fn dir(&self) -> &Path {
        self.temporary.path()
    }

    /// Gives the finished result its name. Fails, and leaves the target as it was, if the result has no
    /// manifest of the same scenario or if the target may not be replaced.
    pub fn commit(self) -> Result<(), Problem> {
        match scenario_of(self.dir())? {
            Some(scenario) if scenario.contains(&self.key) => {}
            _ => {
                let message = format!("the result for {} has no {MANIFEST} of {}", self.target.display(), self.key);
                return Err(Problem::new(message, "this is a fault of the program: please report it"));
            }
        }
        check(&self.target, &self.key)?;
        let Self { temporary, target, .. } = self;
        if !target.exists() {
            return finish(temporary, &target);
        }
        let parent = target.parent().unwrap_or_else(|| Path::new("."));
        let aside = new_folder(parent).map_err(|e| cannot("make a folder in", parent, &e))?;
        let old = aside.path().join("old");
        fs::rename(&target, &old).map_err(|e| cannot("move the old result", &target, &e))?;
        let finished = finish(temporary, &target);
        if finished.is_err() && fs::rename(&old, &target).is_err() {
            // Rather a folder left over than a result lost.
            let _left_over = aside.keep();
        }
        finished
    }
}

/// Renames the finished folder; from here on it is no longer temporary.
fn finish(temporary: TempDir, target: &Path) -> Result<(), Problem> {
    fs::rename(temporary.path(), target).map_err(|e| cannot("put the result at", target, &e))?;
    let _now_the_target = temporary.keep();
    Ok(())
}

/// A folder of an own name with the permissions that any new folder gets.
fn new_folder(parent: &Path) -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".rolesim-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o777));
    }
    builder.tempdir_in(parent)
}

/// The target behind symbolic links, so that the link stays and its folder is replaced.
fn resolve(target: &Path) -> Result<PathBuf, Problem> {
    if target.exists() {
        return fs::canonicalize(target).map_err(|e| cannot("look at", target, &e));
    }
    if target.file_name().is_none() {
        return Err(Problem::new(format!("{} is not a name for a new folder", target.display()), "name a folder"));
    }
    std::path::absolute(target).map_err(|e| cannot("look at", target, &e))
}

/// Whether `target` may be created or replaced by a result of the scenario `key`.
fn check(target: &Path, key: &str) -> Result<(), Problem> {
    if !target.exists() {
        return Ok(());
    }
    let shown = target.display();
    if !target.is_dir() {
        return Err(Problem::new(format!("{shown} exists and is not a folder"), "choose another --out"));
    }
    let mut entries = fs::read_dir(target).map_err(|e| cannot("look at", target, &e))?;
    if entries.next().is_none() {
        return Ok(());
    }
    match scenario_of(target)? {
        Some(scenario) if scenario.contains(&key.to_owned()) => Ok(()),
        Some(scenario) => {
            let named = scenario.first().map_or("another scenario", String::as_str);
            let message = format!("{shown} holds the results of {named}, not of {key}");
            Err(Problem::new(message, "choose another --out, or remove that folder yourself"))
        }
        None => {
            let message = format!("{shown} is not empty and is not a result folder (it has no {MANIFEST})");
            Err(Problem::new(message, "choose another --out; nothing in that folder was touched"))
        }
    }
}

/// What the manifest in `dir` calls its scenario; `None` without a manifest.
fn scenario_of(dir: &Path) -> Result<Option<Vec<String>>, Problem> {
    let path = dir.join(MANIFEST);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(cannot("read", &path, &error)),
    };
    let manifest: serde_json::Value = serde_json::from_str(&text).map_err(|error| {
        Problem::new(format!("{}: not a manifest: {error}", path.display()), "choose another --out")
    })?;
    let named = KEYS.iter().filter_map(|key| manifest.get(key)?.as_str()).map(str::to_owned);
    Ok(Some(named.collect()))
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> Problem {
    let message = format!("cannot {what} {}: {error}", path.display());
    Problem::unwritten(message, "is there room, and may you write there?", error)
}
