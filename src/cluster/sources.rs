//! The random streams of what comes from outside: messages and calendar alerts.

use super::setup::Setup;
use crate::engine::random::{Purpose, Stream, Streams};
use crate::layout::Role;
use crate::time::SimTime;
use crate::workload::{Accounts, Alerts, Messages};
use rand::RngExt;

/// What comes from outside, each kind of draw from a stream of its own.
pub(super) struct Sources {
    pub mail: Messages,
    pub ingest: Stream,
    pub coordinator: Stream,
    pub balancer: Stream,
    /// Demands of tasks, by role.
    pub demands: Vec<Stream>,
    /// Accounts of alerts, by group.
    alert_accounts: Vec<Stream>,
    pub alert_balancer: Stream,
    /// Which dispatcher is the first to wake for an alert.
    pub alert_order: Stream,
    /// The same times twice: when alerts fall due, and when they are written before that.
    alerts_due: Alerts,
    pub alerts_to_write: Alerts,
    pub next_alert_written: SimTime,
    /// Group of the alert that falls due next.
    group_due: usize,
}

impl Sources {
    /// The streams of one replication.
    pub fn new(setup: &Setup, streams: Streams) -> Self {
        let workload = &setup.workload;
        let alerts = || workload.alerts(setup.calendar, setup.span.measure_start, streams);
        let mut alerts_to_write = alerts();
        let lead = workload.calendar_alert_lead;
        // Alerts that are due within the lead of the start were written before it.
        let next_alert_written = loop {
            let (due, _) = alerts_to_write.next_due();
            if due == SimTime::NEVER || due.as_nanos() >= lead.as_nanos() || due > setup.span.drain_end {
                break if due > setup.span.drain_end { SimTime::NEVER } else { due - lead };
            }
        };
        Self {
            mail: Messages::new(workload, setup.calendar, setup.span.measure_start, streams),
            ingest: streams.stream(Purpose::Demands, u64::from(u32::MAX)),
            coordinator: streams.stream(Purpose::Coordinator, 0),
            balancer: streams.stream(Purpose::Balancer, 0),
            demands: Role::ALL.into_iter().map(|role| streams.stream(Purpose::Demands, role as u64)).collect(),
            alert_accounts: (0..workload.groups.len() as u64)
                .map(|group| match group {
                    0 => streams.stream(Purpose::Alerts, 1),
                    _ => streams.stream(Purpose::GroupAlerts, group * 4 + 3),
                })
                .collect(),
            alert_balancer: streams.stream(Purpose::Balancer, 1),
            alert_order: streams.stream(Purpose::Alerts, 2),
            alerts_due: alerts(),
            alerts_to_write,
            next_alert_written,
            group_due: 0,
        }
    }

    /// When the next alert falls due.
    pub fn next_alert_due(&mut self) -> SimTime {
        let (due, group) = self.alerts_due.next_due();
        self.group_due = group;
        due
    }

    /// Draws the account of the alert that falls due now, before [`Self::next_alert_due`] goes on to the next.
    pub fn alert_account(&mut self, accounts: &Accounts) -> u32 {
        self.alert_accounts[self.group_due].random_range(accounts.of_group(self.group_due))
    }
}
