//! Where the events and the time of a run go.

use super::agenda::{Agenda, Model, Pack, Step};
use crate::time::SimTime;
use std::time::{Duration, Instant};

/// One event in so many is timed; a prime, so that no pattern of the model keeps step with it.
const TIMED_EVERY: u64 = 61;

/// Events and time of one kind of event.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Part {
    /// Events handled.
    pub events: u64,
    /// Of these, timed.
    pub timed: u64,
    /// Real time that the timed ones took, in seconds, without that of reading the clock.
    pub time_s: f64,
    /// Sum of the squares of their times.
    pub squares_s2: f64,
}

impl Part {
    /// Mean real time of an event of this kind in seconds, and half the width of its 95 % interval; nothing if fewer than
    /// ten were timed.
    pub fn mean_s(&self) -> Option<(f64, f64)> {
        let n = self.timed as f64;
        let mean = self.time_s / n;
        let variance = (self.squares_s2 - n * mean * mean).max(0.0) / (n - 1.0);
        (self.timed >= 10).then(|| (mean, 1.96 * (variance / n).sqrt()))
    }

    /// Estimated real time of all events of this kind in seconds.
    pub fn estimated_time_s(&self) -> f64 {
        self.mean_s().map_or(0.0, |(mean, _)| mean * self.events as f64)
    }

    fn add_timed(&mut self, time_s: f64) {
        self.timed += 1;
        self.time_s += time_s;
        self.squares_s2 += time_s * time_s;
    }
}

/// Events and time by kind of event; the last part is the model's own source.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// By [`Model::kind`], then the source.
    pub parts: Vec<Part>,
    /// Real time of the whole run.
    pub time: Duration,
}

/// As [`run`](super::run), and says where events and time went. One event in 61 is timed, together with taking it
/// out of the pending events.
pub fn run_profiled<M: Model>(model: &mut M, agenda: &mut Agenda<M::Event>, limit: SimTime) -> Profile {
    let clock_s = clock_s();
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
            parts[kind].add_timed(began.elapsed().as_secs_f64() - clock_s);
            left = TIMED_EVERY;
        }
    }
    Profile { parts, time: start.elapsed() }
}

/// What reading the clock adds to a time, in seconds.
fn clock_s() -> f64 {
    const READINGS: u32 = 1_000;
    (0..READINGS).map(|_| Instant::now().elapsed().as_secs_f64()).sum::<f64>() / f64::from(READINGS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times 1 to 10 s: mean 5.5, variance 55/6 = 9.1667, standard error √(9.1667/10) = 0.95743, times 1.96 = 1.8766.
    /// Twenty events are estimated to take 110 s. Nine times are too few.
    #[test]
    fn means_have_intervals() {
        let mut part = Part { events: 20, ..Part::default() };
        for time_s in 1..10 {
            part.add_timed(f64::from(time_s));
        }
        assert_eq!((part.mean_s(), part.estimated_time_s()), (None, 0.0));
        part.add_timed(10.0);
        let (mean, half_width) = part.mean_s().expect("ten times");
        assert!((mean - 5.5).abs() < 1e-9 && (half_width - 1.8766).abs() < 1e-4, "{mean} ± {half_width}");
        assert!((part.estimated_time_s() - 110.0).abs() < 1e-9);
    }
}
