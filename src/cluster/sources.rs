//! The random streams of what comes from outside: messages and calendar alerts.

use super::setup::Setup;
use crate::engine::random::{Purpose, Stream, Streams};
use crate::layout::Role;
use crate::time::{SimDuration, SimTime};
use crate::workload::RateClock;

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

/// What comes from outside, each kind of draw from a stream of its own.
pub(super) struct Sources {
    pub arrivals: RateClock,
    pub recipients: Stream,
    pub ingest: Stream,
    pub coordinator: Stream,
    pub balancer: Stream,
    /// Demands of tasks, by role.
    pub demands: Vec<Stream>,
    pub alert_accounts: Stream,
    pub alert_balancer: Stream,
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
            arrivals: clock(Purpose::Arrivals, workload.messages_per_second()),
            recipients: streams.stream(Purpose::Recipients, 0),
            ingest: streams.stream(Purpose::Demands, u64::from(u32::MAX)),
            coordinator: streams.stream(Purpose::Coordinator, 0),
            balancer: streams.stream(Purpose::Balancer, 0),
            demands: Role::ALL.into_iter().map(|role| streams.stream(Purpose::Demands, role as u64)).collect(),
            alert_accounts: streams.stream(Purpose::Alerts, 1),
            alert_balancer: streams.stream(Purpose::Balancer, 1),
            alerts_due: alerts(),
            alerts_to_write,
            next_alert_written,
            drawn_accounts: Vec::new(),
        }
    }
}
