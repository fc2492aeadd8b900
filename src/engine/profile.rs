//! Where the events and the time of a run go.

use super::agenda::{Agenda, Model, Pack, Step};
use crate::time::SimTime;
use std::time::{Duration, Instant};

/// One event in so many is timed; a prime, so that no pattern of the model keeps step with it.
const TIMED_EVERY: u64 = 61;

/// Events and time of one kind of event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Part {
    /// Events handled.
    pub events: u64,
    /// Of these, timed.
    pub timed: u64,
    /// Real time that the timed ones took.
    pub time: Duration,
}

impl Part {
    /// Estimated real time of all events of this kind.
    pub fn estimated_time(&self) -> Duration {
        if self.timed == 0 { Duration::ZERO } else { self.time.mul_f64(self.events as f64 / self.timed as f64) }
    }
}

/// Events and time by kind of event; the last part is the model's own source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// By [`Model::kind`], then the source.
    pub parts: Vec<Part>,
    /// Real time of the whole run.
    pub time: Duration,
}

/// As [`run`](super::run), and says where events and time went. One event in 61 is timed, together with taking it
/// out of the pending events.
pub fn run_profiled<M: Model>(model: &mut M, agenda: &mut Agenda<M::Event>, limit: SimTime) -> Profile {
    let mut parts = vec![Part::default(); M::KINDS + 1];
    let start = Instant::now();
    let mut left = TIMED_EVERY;
    loop {
        left -= 1;
        let began = (left == 0).then(Instant::now);
        let kind = match agenda.step(model, limit) {
            Step::Done => break,
            Step::Source => {
                model.handle_source(agenda);
                M::KINDS
            }
            Step::Event(packed) => {
                let event = M::Event::unpack(packed);
                let kind = M::kind(&event);
                model.handle(event, agenda);
                kind
            }
        };
        parts[kind].events += 1;
        if let Some(began) = began {
            parts[kind].timed += 1;
            parts[kind].time += began.elapsed();
            left = TIMED_EVERY;
        }
    }
    Profile { parts, time: start.elapsed() }
}
