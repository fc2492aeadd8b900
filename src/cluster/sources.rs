//! The random streams of what comes from outside: messages and calendar alerts.

use super::setup::Setup;
use crate::engine::random::{Purpose, Stream, Streams};
use crate::layout::Role;
use crate::time::{SimDuration, SimTime};
use crate::workload::{RateClock, RecordedMessage, Recording};
use std::sync::Arc;

/// Times at which alerts fall due: a Poisson process, rounded up to the alerts' step.
pub(super) struct AlertTimes {
    clock: RateClock,
    step: SimDuration,
}

impl AlertTimes {
    /// The next time, not before the last one.
    pub fn next(&mut self) -> SimTime {
        let at = self.clock.next_arrival();
        if at == SimTime::NEVER { at } else { at.round_up(self.step) }
    }
}

/// Where messages come from.
pub(super) enum Arrivals {
    /// A Poisson process.
    Random(Box<RateClock>),
    /// A recording; `next` is the number of the message after the one that arrives next.
    Recorded { recording: Arc<Recording>, next: usize },
}

impl Arrivals {
    /// The time of the next message; [`SimTime::NEVER`] if there is none.
    #[inline]
    pub fn next_arrival(&mut self) -> SimTime {
        match self {
            Self::Random(clock) => clock.next_arrival(),
            Self::Recorded { recording, next } => {
                let at = recording.get(*next).map_or(SimTime::NEVER, |message| message.at);
                *next += 1;
                at
            }
        }
    }

    /// The recorded message whose time was returned last.
    #[inline]
    pub fn recorded(&self) -> Option<RecordedMessage> {
        match self {
            Self::Random(_) => None,
            Self::Recorded { recording, next } => recording.get(next.checked_sub(1)?).copied(),
        }
    }
}

/// What comes from outside, each kind of draw from a stream of its own.
pub(super) struct Sources {
    pub arrivals: Arrivals,
    pub recipients: Stream,
    pub ingest: Stream,
    pub coordinator: Stream,
    pub balancer: Stream,
    /// Demands of tasks, by role.
    pub demands: Vec<Stream>,
    pub alert_accounts: Stream,
    pub alert_balancer: Stream,
    /// Which dispatcher is the first to wake for an alert.
    pub alert_order: Stream,
    /// The same times twice: when alerts fall due, and when they are written before that.
    pub alerts_due: AlertTimes,
    pub alerts_to_write: AlertTimes,
    pub next_alert_written: SimTime,
    /// Scratch space for the recipients of a message.
    pub drawn_accounts: Vec<u32>,
}

impl Sources {
    /// The streams of one replication.
    pub fn new(setup: &Setup, streams: Streams) -> Self {
        let workload = &setup.workload;
        let clock = |purpose, per_second| {
            RateClock::new(streams.stream(purpose, 0), setup.calendar, workload.cycle.clone(), per_second)
        };
        let alerts = || AlertTimes {
            clock: clock(Purpose::Alerts, workload.alerts_per_second()),
            step: workload.calendar_alert_step,
        };
        let mut alerts_to_write = alerts();
        let lead = workload.calendar_alert_lead;
        // Alerts that are due within the lead of the start were written before it.
        let next_alert_written = loop {
            let due = alerts_to_write.next();
            if due == SimTime::NEVER || due.as_nanos() >= lead.as_nanos() || due > setup.span.drain_end {
                break if due > setup.span.drain_end { SimTime::NEVER } else { due - lead };
            }
        };
        Self {
            arrivals: match &workload.replay {
                Some(recording) => Arrivals::Recorded { recording: recording.clone(), next: 0 },
                None => Arrivals::Random(Box::new(clock(Purpose::Arrivals, workload.messages_per_second()))),
            },
            recipients: streams.stream(Purpose::Recipients, 0),
            ingest: streams.stream(Purpose::Demands, u64::from(u32::MAX)),
            coordinator: streams.stream(Purpose::Coordinator, 0),
            balancer: streams.stream(Purpose::Balancer, 0),
            demands: Role::ALL.into_iter().map(|role| streams.stream(Purpose::Demands, role as u64)).collect(),
            alert_accounts: streams.stream(Purpose::Alerts, 1),
            alert_balancer: streams.stream(Purpose::Balancer, 1),
            alert_order: streams.stream(Purpose::Alerts, 2),
            alerts_due: alerts(),
            alerts_to_write,
            next_alert_written,
            drawn_accounts: Vec::new(),
        }
    }
}
