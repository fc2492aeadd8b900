//! The queues on each engine, written as its documentation writes models. The clock that counts is started when the
//! queues stand ready, and stopped when the last customer has gone.

mod desque;
mod hand_written;
mod nexosim;
mod odem;
mod rolesim;
mod simcore;

use crate::queue::Waits;
use nix::sys::resource::{UsageWho, getrusage};
use std::error::Error;

/// Queues and customers of a run.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Independent queues.
    pub queues: u32,
    /// Customers that come to each.
    pub customers: u32,
}

/// What a run took and found.
#[derive(Debug, Clone, Copy)]
pub struct Outcome {
    /// Processor time of the run without its preparation.
    pub user_s: f64,
    /// What it has found.
    pub waits: Waits,
}

type Run = fn(Size) -> Result<Outcome, Box<dyn Error>>;

/// Name, package whose version counts if there is one, program.
pub const ENGINES: [(&str, Option<&str>, Run); 8] = [
    ("rolesim", Some("rolesim"), rolesim::run),
    ("loop over a 4-ary heap", None, hand_written::four_ary),
    ("loop over a radix heap", None, hand_written::radix),
    ("loop over std BinaryHeap", None, hand_written::binary),
    ("desque", Some("desque"), desque::run),
    ("simcore (DSLab)", Some("simcore"), simcore::run),
    ("odem-rs", Some("odem-rs"), odem::run),
    ("nexosim, one thread", Some("nexosim"), nexosim::run),
];

/// Runs `work` and says how much processor time it took outside the kernel.
fn timed<E>(work: impl FnOnce() -> Result<Waits, E>) -> Result<Outcome, Box<dyn Error>>
where
    Box<dyn Error>: From<E>,
{
    let start_s = user_s()?;
    let waits = work()?;
    Ok(Outcome { user_s: user_s()? - start_s, waits })
}

fn user_s() -> nix::Result<f64> {
    let time = getrusage(UsageWho::RUSAGE_SELF)?.user_time();
    Ok(time.tv_sec() as f64 + time.tv_usec() as f64 * 1e-6)
}
