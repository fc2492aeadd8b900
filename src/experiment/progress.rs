//! Simulations on all cores, with somebody who looks on and may stop.
//!
//! Simulations start in the order of their replications, every layout of one before the next, so that whoever stops
//! early has whole replications. What is under way then is left to itself: its result is never looked at.

use crate::cluster::setup::Setup;
use crate::cluster::{Watch, simulate_watched};
use crate::metrics::live::{Live, Moment};
use crate::metrics::record::Record;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How often the looker-on is told.
const LOOK: Duration = Duration::from_millis(100);

const WAITING: u8 = 0;
const RUNNING: u8 = 1;
const DONE: u8 = 2;

/// A simulation that is under way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Running {
    /// Index of its layout.
    pub layout: usize,
    /// Its replication, from 0.
    pub replication: u32,
    /// How far it is.
    pub moment: Moment,
}

/// How far all simulations are.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Progress {
    /// Simulations that are done.
    pub done: u64,
    /// Simulations that there are.
    pub total: u64,
    /// Events handled so far, those of simulations under way included.
    pub events: u64,
    /// Simulated time done over simulated time there is.
    pub ratio: f64,
    /// What is under way, the one that is least far first.
    pub running: Vec<Running>,
}

/// What the threads share.
struct Shared {
    setups: Vec<Setup>,
    lives: Vec<(AtomicU8, Live)>,
    stops: AtomicBool,
}

impl Shared {
    /// Layout and replication of a simulation.
    fn place(&self, number: usize) -> (usize, u32) {
        (number % self.setups.len(), (number / self.setups.len()) as u32)
    }

    fn progress(&self, events_done: u64) -> Progress {
        let mut progress = Progress { total: self.lives.len() as u64, events: events_done, ..Progress::default() };
        let mut parts = 0.0;
        for (number, (state, live)) in self.lives.iter().enumerate() {
            match state.load(Ordering::Relaxed) {
                DONE => progress.done += 1,
                RUNNING => {
                    let (layout, replication) = self.place(number);
                    let moment = live.moment();
                    progress.events += moment.events;
                    let end_ns = self.setups[layout].span.measure_end.as_nanos();
                    parts += (moment.at_ns as f64 / end_ns.max(1) as f64).min(1.0);
                    progress.running.push(Running { layout, replication, moment });
                }
                _ => {}
            }
        }
        progress.running.sort_by_key(|running| running.moment.at_ns);
        progress.ratio = (progress.done as f64 + parts) / (self.lives.len().max(1) as f64);
        progress
    }
}

/// Simulates `replications` of every setup; `look` is told how far it is and may stop. The records, by setup, of
/// those first replications that are done under all of them: all, unless it was stopped.
pub(super) fn simulate_all(
    setups: Vec<Setup>,
    replications: u32,
    mut look: impl FnMut(&Progress) -> ControlFlow<()>,
) -> (Vec<Setup>, Vec<Vec<Record>>) {
    let count = setups.len() * replications as usize;
    let lives = (0..count).map(|_| (AtomicU8::new(WAITING), Live::default())).collect();
    let shared = Arc::new(Shared { setups, lives, stops: AtomicBool::new(false) });
    let results = start(&shared, count);
    let mut records: Vec<Option<Record>> = vec![None; count];
    let (mut missing, mut events) = (count, 0);
    let mut looked = Instant::now();
    while missing > 0 {
        match results.recv_timeout(LOOK) {
            Ok((number, Ok(record))) => {
                events += record.events;
                shared.lives[number].0.store(DONE, Ordering::Relaxed);
                records[number] = Some(record);
                missing -= 1;
            }
            Ok((_, Err(panic))) => resume_unwind(panic),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if looked.elapsed() < LOOK && missing > 0 {
            continue;
        }
        looked = Instant::now();
        if look(&shared.progress(events)).is_break() && missing > 0 {
            shared.stops.store(true, Ordering::Relaxed);
            break;
        }
    }
    let layouts = shared.setups.len();
    let whole = records.iter().position(Option::is_none).unwrap_or(count) / layouts.max(1);
    let mut by_layout: Vec<Vec<Record>> = (0..layouts).map(|_| Vec::new()).collect();
    for (number, record) in records.into_iter().take(whole * layouts).enumerate() {
        by_layout[number % layouts].extend(record);
    }
    (shared.setups.clone(), by_layout)
}

/// The number of a simulation and what came of it.
type Outcome = (usize, std::thread::Result<Record>);

/// Lets the simulations run on the threads of the pool.
fn start(shared: &Arc<Shared>, count: usize) -> Receiver<Outcome> {
    let (sender, receiver) = channel();
    for number in 0..count {
        let (shared, sender) = (Arc::clone(shared), sender.clone());
        rayon::spawn_fifo(move || {
            if shared.stops.load(Ordering::Relaxed) {
                return;
            }
            let (layout, replication) = shared.place(number);
            let (state, live) = &shared.lives[number];
            state.store(RUNNING, Ordering::Relaxed);
            let watch = Watch { live: Some(live), observer: None };
            let result =
                catch_unwind(AssertUnwindSafe(|| simulate_watched(&shared.setups[layout], replication, watch)));
            // Nobody listens any more if it was stopped.
            let _was_stopped = sender.send((number, result)).is_err();
        });
    }
    receiver
}
