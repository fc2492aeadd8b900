//! The random streams of what comes from outside: messages and calendar alerts.

use super::setup::Costs;
use super::setup::Setup;
use crate::engine::Ahead;
use crate::engine::random::{Purpose, Stream, Streams};
use crate::layout::Role;
use crate::server::Rules;
use crate::time::{SimDuration, SimTime};
use crate::workload::{Accounts, Alerts, Messages, happens};
use rand::RngExt;

/// A stream, and what is drawn from it ahead.
struct Drawn<T> {
    stream: Stream,
    ahead: Ahead<T>,
}

impl<T: Copy> Drawn<T> {
    fn new(stream: Stream) -> Self {
        Self { stream, ahead: Ahead::default() }
    }

    #[inline]
    fn take(&mut self, draw: impl Fn(&mut Stream) -> T) -> T {
        let Self { stream, ahead } = self;
        ahead.take(|| draw(stream))
    }
}

/// What a task needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct TaskDemand {
    pub cpu: SimDuration,
    pub database: SimDuration,
    /// Runs that will fail.
    pub failures: u8,
}

/// What will become of a push request: nothing that happens later changes it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Course {
    pub cpu: SimDuration,
    /// How long the endpoint takes to answer once the request is out.
    pub answer: SimDuration,
    pub failed: bool,
}

/// What comes from outside, each kind of draw from a stream of its own.
pub(super) struct Sources {
    pub mail: Messages,
    ingest: Drawn<(SimDuration, SimDuration)>,
    coordinator: Drawn<SimDuration>,
    pub balancer: Stream,
    /// By role.
    demands: Vec<Drawn<TaskDemand>>,
    endpoint: Drawn<Course>,
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
            ingest: Drawn::new(streams.stream(Purpose::Demands, u64::from(u32::MAX))),
            coordinator: Drawn::new(streams.stream(Purpose::Coordinator, 0)),
            balancer: streams.stream(Purpose::Balancer, 0),
            demands: Role::ALL
                .into_iter()
                .map(|role| Drawn::new(streams.stream(Purpose::Demands, role as u64)))
                .collect(),
            endpoint: Drawn::new(streams.stream(Purpose::Endpoint, 0)),
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

    /// Processor and database time of the next message's delivery.
    #[inline]
    pub fn ingest(&mut self, costs: &Costs) -> (SimDuration, SimDuration) {
        let ingest = &costs.ingest;
        self.ingest.take(|stream| (ingest.cpu.duration(stream), ingest.database.duration(stream)))
    }

    /// How long the coordinator takes for the next change.
    #[inline]
    pub fn coordinator_delay(&mut self, costs: &Costs) -> SimDuration {
        self.coordinator.take(|stream| costs.coordinator_delay.duration(stream))
    }

    /// What the next task of a role needs.
    #[inline]
    pub fn task(&mut self, role: Role, costs: &Costs) -> TaskDemand {
        let demand = &costs.tasks[role.index()];
        self.demands[role.index()].take(|stream| {
            let (cpu, database) = (demand.cpu.duration(stream), demand.database.duration(stream));
            let mut failures = 0;
            while failures < u8::MAX && happens(demand.failure_probability, stream) {
                failures += 1;
            }
            TaskDemand { cpu, database, failures }
        })
    }

    /// What will become of the next push request.
    #[inline]
    pub fn course(&mut self, costs: &Costs, rules: &Rules) -> Course {
        let push = &costs.tasks[Role::PushNotifications.index()];
        let timeout = rules.push_timeout;
        self.endpoint.take(|stream| {
            let (cpu, answer) = (push.cpu.duration(stream), costs.endpoint.duration(stream));
            let is_refused = happens(costs.push_failure_probability, stream);
            Course { cpu, answer: answer.min(timeout), failed: is_refused || answer > timeout }
        })
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
