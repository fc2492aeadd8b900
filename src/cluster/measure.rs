//! What is written down while a simulation runs, and when.

use super::Cluster;
use super::event::Event;
use crate::engine::Agenda;
use crate::layout::Role;
use crate::metrics::record::{Bin, Record};
use crate::time::{SimDuration, SimTime};

/// State of the busy-time integrals at the start of the span and of the bin.
pub(super) struct Bins {
    span_busy: Vec<u128>,
    span_database: u128,
    bin_busy: Vec<u128>,
    bin_database: u128,
    bin_start: SimTime,
}

impl Bins {
    /// Before the measured span.
    pub fn new(nodes: usize) -> Self {
        Self {
            span_busy: vec![0; nodes],
            span_database: 0,
            bin_busy: vec![0; nodes],
            bin_database: 0,
            bin_start: SimTime::ZERO,
        }
    }
}

impl Cluster<'_> {
    /// A job of `role` has used the processor of a node for `demand` of a reference core.
    pub(super) fn note_busy(&mut self, node: u16, role: Role, demand: SimDuration, now: SimTime) {
        if self.setup.is_measured(now) {
            let busy_ns = self.cores[node as usize].speed.core_ns(demand);
            self.nodes[node as usize].roles[role.index()].record.busy_ns += u128::from(busy_ns);
        }
    }

    /// A job of `role` on a node has used the database for `demand`.
    pub(super) fn note_database(&mut self, node: u16, role: Role, demand: SimDuration, now: SimTime) {
        if self.setup.is_measured(now) {
            self.nodes[node as usize].roles[role.index()].record.database_ns += u128::from(demand.as_nanos());
        }
    }

    /// The length of a channel is about to change: integrates it up to now.
    #[inline]
    pub(super) fn note_channel(&mut self, node: u16, role: Role, now: SimTime) {
        let length = self.nodes[node as usize].roles[role.index()].channel.len();
        self.note_length(node, role, length as u64, now);
    }

    /// A channel has been so long since it last changed, up to now.
    #[inline]
    pub(super) fn note_length(&mut self, node: u16, role: Role, length: u64, now: SimTime) {
        let part = &mut self.nodes[node as usize].roles[role.index()];
        let since = std::mem::replace(&mut part.channel_changed, now);
        if length == 0 {
            return;
        }
        let span = &self.setup.span;
        let measured = now.min(span.measure_end).since(since.max(span.measure_start)).as_nanos();
        if measured > 0 {
            let record = &mut self.nodes[node as usize].roles[role.index()].record;
            record.queue_integral_ns += u128::from(measured) * u128::from(length);
            record.queue_max = record.queue_max.max(length);
        }
    }

    /// A channel will not be so long until `end`: it changes now.
    pub(super) fn take_back_length(&mut self, node: u16, role: Role, length: u64, now: SimTime, end: SimTime) {
        let measured = self.measured_part(now, end);
        self.nodes[node as usize].roles[role.index()].record.queue_integral_ns -=
            u128::from(measured) * u128::from(length);
        self.nodes[node as usize].roles[role.index()].channel_changed = now;
    }

    pub(super) fn measure_starts(&mut self, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        self.unravel_all(agenda);
        self.start_bin(now);
        self.bins.span_busy = self.bins.bin_busy.clone();
        self.bins.span_database = self.bins.bin_database;
        agenda.after(self.setup.span.bin, Event::BinEnd);
    }

    fn start_bin(&mut self, now: SimTime) {
        for node in 0..self.nodes.len() {
            self.bins.bin_busy[node] = self.busy_core_ns(node, now);
        }
        self.bins.bin_database = self.database.busy_connection_ns(now);
        self.bins.bin_start = now;
        self.push.bin_duplicates = 0;
        self.push.bin_missed = 0;
    }

    pub(super) fn bin_ends(&mut self, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        if self.is_draining || now > self.setup.span.measure_end {
            return;
        }
        self.unravel_all(agenda);
        self.close_bin(now);
        if let Some(live) = self.live {
            live.note(now.as_nanos(), agenda.handled(), u64::from(self.tasks.waiting));
        }
        agenda.after(self.setup.span.bin, Event::BinEnd);
    }

    fn close_bin(&mut self, now: SimTime) {
        let length = now.since(self.bins.bin_start).as_nanos() as f64;
        if length == 0.0 {
            return;
        }
        let utilization = (0..self.nodes.len())
            .map(|node| {
                let busy = self.busy_core_ns(node, now) - self.bins.bin_busy[node];
                (busy as f64 / length / f64::from(self.setup.nodes[node].cores)) as f32
            })
            .collect();
        let database = self.database.busy_connection_ns(now) - self.bins.bin_database;
        self.record.bins.push(Bin {
            waiting: self.waiting_by_role.to_vec(),
            utilization,
            nodes_up: self.nodes.iter().filter(|node| node.is_up()).count() as u32,
            push_duplicates: self.push.bin_duplicates,
            push_missed: self.push.bin_missed,
            database_utilization: database as f64 / length / f64::from(self.setup.costs.connections),
        });
        self.start_bin(now);
    }

    pub(super) fn measure_ends(&mut self, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        self.unravel_all(agenda);
        self.close_bin(now);
        self.part_scans(agenda);
        self.is_draining = true;
        // From now on every end of a job is an event: any of them may be the last thing that is waited for.
        self.may_foresee = false;
        for node in 0..self.nodes.len() {
            let busy = self.busy_core_ns(node, now);
            self.record.nodes[node].busy_ns = (busy - self.bins.span_busy[node]) as f64;
            if !self.nodes[node].is_up() {
                self.record.nodes[node].down_ns += self.measured_part(self.nodes[node].down_since, now);
            }
            for role in Role::ALL {
                self.note_channel(node as u16, role, now);
            }
        }
        self.record.database_busy_ns = (self.database.busy_connection_ns(now) - self.bins.span_database) as f64;
        for role in 0..Role::COUNT {
            for shard in 0..self.live_members[role].len() {
                if self.live_members[role][shard] == 0 {
                    let since = self.uncovered_since[role][shard];
                    self.record.shards[role][shard].uncovered_ns += self.measured_part(since, now);
                    self.uncovered_since[role][shard] = now;
                }
            }
        }
    }

    /// What is written to a queue and deleted from it is counted once; here it is added up for its shard and role.
    fn record_queues(&mut self) {
        for &role in self.setup.rules.queue_roles {
            let queues = &self.tasks.queues[self.queue_base[role.index()] as usize..];
            for (queue, shard) in queues.iter().zip(&mut self.record.shards[role.index()]) {
                shard.created += queue.created;
                shard.completed = shard.latency.count();
                self.record.roles[role.index()].created += queue.created;
            }
        }
    }

    /// The simulation is over: settles what is open, checks the conservation laws, gives the record away.
    pub(super) fn finish(mut self, agenda: &mut Agenda<Event>) -> Record {
        let now = agenda.now();
        self.settle_rest(now);
        self.open_overdue_renewals();
        self.record.settle();
        self.record_nodes();
        self.record_push();
        self.record_queues();
        self.record.events = agenda.handled();
        self.record.ended = now;
        self.assert_conservation();
        self.record
    }
}
