//! `rolesim run --write-trace`: the messages of one replication as a message trace.
//!
//! Messages do not depend on layouts, so the trace is drawn from the scenario alone, without simulating: everything
//! from the start of the warm-up to the end of the drain. With the work that follows each delivery and with messages
//! whole, a replay of it draws from all other streams as the replication did, and gives the same result.

use crate::engine::random::Streams;
use crate::scenario::Scenario;
use crate::source::Problem;
use crate::time::{NANOS_PER_SECOND, SimTime};
use crate::workload::{FollowUps, Mail};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Refuses what could not be written, before anything is simulated.
///
/// # Errors
/// The file exists, or the scenario has no such replication.
pub(super) fn check(path: &Path, replication: u32, scenario: &Scenario) -> Result<(), Problem> {
    super::super::trace::check_replication(scenario, replication, "--trace-replication")?;
    if path.exists() {
        return Err(Problem::new(format!("`{}` exists already", path.display()), "choose another name, or remove it"));
    }
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    if ["bz2", "xz", "lzma", "lz4", "zip", "7z", "br"].contains(&ending.as_str()) {
        let message = format!("`{}`: traces are not written in the format `{ending}`", path.display());
        return Err(Problem::new(message, "end the name in .csv, .gz or .zst"));
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent.filter(|parent| !parent.is_dir()) {
        let message = format!("`{}`: there is no folder `{}`", path.display(), parent.display());
        return Err(Problem::new(message, "make the folder first, or choose another one"));
    }
    Ok(())
}

/// Writes the messages of a replication (counted from 0), whole or not at all.
///
/// # Errors
/// The file cannot be written.
pub(super) fn write(path: &Path, replication: u32, scenario: &Scenario) -> Result<(), Problem> {
    let failed = |error: io::Error| {
        let help = "is there room, does the folder exist, and may you write there?";
        Problem::machine(format!("{}: cannot be written: {error}", path.display()), help)
    };
    super::super::output::write_whole(path, |file| fill(file, path, replication, scenario)).map_err(failed)
}

/// Writes the rows, compressed as the ending of the name says.
fn fill(file: &File, path: &Path, replication: u32, scenario: &Scenario) -> io::Result<()> {
    let mut plain = BufWriter::new(file);
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    match ending.as_str() {
        "gz" => {
            let mut encoder = flate2::write::GzEncoder::new(&mut plain, flate2::Compression::default());
            rows(&mut encoder, replication, scenario)?;
            encoder.finish()?;
        }
        "zst" => {
            let mut encoder = zstd::Encoder::new(&mut plain, 0)?;
            rows(&mut encoder, replication, scenario)?;
            encoder.finish()?;
        }
        _ => rows(&mut plain, replication, scenario)?,
    }
    plain.flush()
}

fn rows(writer: &mut impl Write, replication: u32, scenario: &Scenario) -> io::Result<()> {
    let workload = &scenario.workload;
    let streams = Streams { seed: scenario.seed, replication };
    let origin = SimTime::ZERO + scenario.warmup;
    let end = origin + scenario.duration + scenario.drain;
    let accounts = workload.draw_accounts(streams);
    let mut mail = Mail::new(workload, scenario.calendar, origin, streams);
    let has_nodes = workload.replay.is_some();
    writeln!(writer, "time_s,account,message,tasks{}", if has_nodes { ",node" } else { "" })?;
    let mut number = 0_u64;
    while mail.next_time() < end {
        let time = seconds(mail.next_time(), origin);
        mail.take(&accounts);
        number += 1;
        for (account, follow_ups) in mail.accounts.iter().zip(&mail.follow_ups) {
            let id = workload.first_account_id + account;
            write!(writer, "{time},{id},{number},{}", tasks(*follow_ups))?;
            if has_nodes {
                let node = mail.node.and_then(|node| scenario.nodes.get(usize::from(node)));
                write!(writer, ",{}", node.map(|node| node.id.to_string()).unwrap_or_default())?;
            }
            writeln!(writer)?;
        }
    }
    Ok(())
}

/// Seconds from the start of the measured span, to the nanosecond.
fn seconds(at: SimTime, origin: SimTime) -> String {
    let (sign, distance) = if at < origin { ("-", origin.since(at)) } else { ("", at.since(origin)) };
    let nanos = distance.as_nanos();
    format!("{sign}{}.{:09}", nanos / NANOS_PER_SECOND, nanos % NANOS_PER_SECOND)
}

fn tasks(follow_ups: FollowUps) -> String {
    let named = FollowUps::NAMES.iter().filter(|(_, kind)| follow_ups.has(*kind)).map(|(name, _)| *name);
    named.collect::<Vec<_>>().join(" ")
}
