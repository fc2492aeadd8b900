//! Messages: from the load balancer through delivery to the tasks and notifications that follow.
//!
//! A message is drawn whole when it arrives: recipients, follow-up work, all service demands, the
//! coordinator's delay. The load balancer gives it to a node; there it uses the processor and the
//! database; then its tasks are written in one transaction, the node's own dispatcher is woken, and each
//! recipient's change is published. If the node dies first, or no node takes mail, the sender tries
//! again later. Calendar alerts are written some time before they fall due.

use super::Cluster;
use super::event::{Event, Job};
use super::sources::TaskDemand;
use super::tasks::{NONE, Origin, Task};
use crate::engine::Agenda;
use crate::layout::Role;
use crate::metrics::story::{WakeCause, What};
use crate::time::{SimDuration, SimTime};
use crate::workload::FollowUps;
use rand::RngExt;

/// A message that is not delivered yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Message {
    pub cpu: SimDuration,
    pub database: SimDuration,
    /// Number in 0..1 for the load balancer.
    pub chance: f64,
    /// First recipient.
    pub account: u32,
    /// The node that a recording names.
    pub node: Option<u16>,
    /// First of its tasks.
    pub first_task: u32,
    /// Place of its present delivery among events of equal times.
    pub place: u64,
    pub is_measured: bool,
}

impl Cluster<'_> {
    /// The next message arrives.
    pub(super) fn message_arrives(&mut self, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        self.sources.mail.draw_block(&self.accounts);
        self.sources.mail.take();
        self.next_arrival = self.sources.mail.next_time();
        if let Some(story) = &mut self.story {
            story.message_begins();
        }
        let message = self.draw_message(now);
        if message.is_measured {
            self.record.messages += 1;
            self.open_measured += 1;
        }
        let slot = self.messages.add(message);
        if let Some(story) = &mut self.story {
            story.message_in(slot);
        }
        self.receive(slot, agenda);
    }

    fn draw_message(&mut self, now: SimTime) -> Message {
        let setup = self.setup;
        let is_measured = setup.is_measured(now);
        let count = self.sources.mail.recipients();
        let mut first_task = NONE;
        for number in (0..count).rev() {
            let (account, follow_ups) = self.sources.mail.recipient(number);
            for (role, kind) in [
                (Role::MergeThreads, FollowUps::MERGE),
                (Role::BayesTraining, FollowUps::TRAINING),
                (Role::ImipProcessing, FollowUps::INVITATION),
                (Role::FtsIndexing, FollowUps::NONE),
            ] {
                if follow_ups.has(kind) {
                    first_task = self.draw_task(role, account, first_task, is_measured).unwrap_or(first_task);
                    if role == Role::FtsIndexing {
                        let delay = self.sources.coordinator_delay(&setup.costs);
                        self.tasks.set_delay(first_task, delay);
                    }
                }
            }
        }
        let (cpu, database) = self.sources.ingest(&setup.costs);
        let message = Message {
            cpu,
            database,
            chance: self.sources.balancer.random(),
            account: if count == 0 { 0 } else { self.sources.mail.recipient(0).0 },
            node: self.sources.mail.node(),
            first_task,
            place: 0,
            is_measured,
        };
        if is_measured {
            let facts = [now.as_nanos(), u64::from(message.account), message.cpu.as_nanos(), count as u64];
            for fact in facts {
                self.record.workload_checksum = self.record.workload_checksum.rotate_left(5) ^ fact;
                self.record.workload_checksum = self.record.workload_checksum.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            }
        }
        message
    }

    /// Draws a task of `role`, with `next` behind it; none if the version has no such queue.
    pub(super) fn draw_task(&mut self, role: Role, account: u32, next: u32, is_measured: bool) -> Option<u32> {
        let TaskDemand { cpu, database, failures } = self.sources.task(role, &self.setup.costs);
        if let Some(story) = &mut self.story {
            story.count_task(role);
        }
        if !self.setup.rules.queue_roles.contains(&role) {
            return None;
        }
        let slot = self.tasks.add(Task::new(role, cpu, database, failures, is_measured), account, next);
        if let Some(story) = &mut self.story {
            story.drawn(slot, role, self.setup.workload.first_account_id.wrapping_add(account));
        }
        Some(slot)
    }

    /// A sender hands a message to the load balancer.
    pub(super) fn receive(&mut self, slot: u32, agenda: &mut Agenda<Event>) {
        let message = *self.messages.get(slot);
        let id = self.account_id(message.account);
        let now = agenda.now();
        let named = message.node.filter(|&node| self.balancer.trusts(&self.nodes[node as usize], now));
        match named.or_else(|| self.balancer.choose(message.chance, id, &self.nodes, now)) {
            // The load balancer may not know yet that the node has died.
            Some(node) if self.nodes[node as usize].is_up() => {
                if let Some(story) = &mut self.story {
                    story.message(slot, |message| What::Received { message, node });
                }
                self.messages.get_mut(slot).place = agenda.place();
                self.fetch_for_delivery(node);
                self.fetch_for_arrival();
                if !self.chain_delivery(node, slot, agenda) {
                    self.use_processor(node, message.cpu, Job::Ingest(slot), agenda);
                }
            }
            _ => self.defer(slot, agenda),
        }
    }

    /// The sender keeps the message and tries again later.
    pub(super) fn defer(&mut self, slot: u32, agenda: &mut Agenda<Event>) {
        self.record.messages_deferred += u64::from(self.messages.get(slot).is_measured);
        if let Some(story) = &mut self.story {
            story.message(slot, |message| What::Deferred { message });
        }
        agenda.after(self.setup.workload.sender_retry, Event::Resent(slot));
    }

    /// The processor part of a delivery is over.
    pub(super) fn ingest_processed(&mut self, node: u16, slot: u32, agenda: &mut Agenda<Event>) {
        self.count_ingest(node, slot, agenda.now());
        if let Some(story) = &mut self.story {
            story.message(slot, |message| What::IngestStoring { message, node });
        }
        self.use_database(node, self.messages.get(slot).database, Job::Ingest(slot), agenda);
    }

    /// The processor part of a delivery was over at `at`.
    pub(super) fn count_ingest(&mut self, node: u16, slot: u32, at: SimTime) {
        if self.setup.is_measured(at) {
            let message = self.messages.get(slot);
            let record = &mut self.record.ingest[node as usize];
            record.busy_ns += u128::from(self.cores[node as usize].speed.core_ns(message.cpu));
            record.database_ns += u128::from(message.database.as_nanos());
        }
    }

    /// A message is delivered: its tasks are written, its changes published.
    pub(super) fn deliver(&mut self, node: u16, slot: u32, agenda: &mut Agenda<Event>) {
        self.fetch_for_scan(node);
        let message = *self.messages.get(slot);
        self.messages.remove(slot);
        if let Some(story) = &mut self.story {
            story.message(slot, |message| What::Delivered { message, node });
        }
        if message.is_measured {
            self.record.messages_delivered += 1;
            self.record.ingest[node as usize].executions += 1;
            self.open_measured -= 1;
        }
        let mut next = message.first_task;
        while next != NONE {
            let role = self.tasks.get(next).role;
            let &Origin { account, delay, next: following, .. } = self.tasks.origin(next);
            self.write_task(next, Some(node), agenda);
            if role == Role::FtsIndexing {
                if let Some(story) = &mut self.story {
                    story.change_of(next);
                }
                self.publish(node, account, delay, agenda);
            }
            next = following;
        }
        if message.first_task != NONE {
            self.written_on(node, agenda);
        }
    }

    /// Puts a task into the queue of its shard.
    pub(super) fn write_task(&mut self, slot: u32, node: Option<u16>, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        let kind = self.tasks.get(slot).role;
        let account = self.account_id(self.tasks.origin(slot).account);
        let role = kind.index();
        let coverage = &self.setup.coverage[role];
        let shard = if coverage.shards == 1 { 0 } else { coverage.shard_of(self.task_hash(kind, account, now)) };
        let queue = self.queue_base[role] + shard;
        // A task is measured if it comes into being in the measured span, whenever its message arrived.
        let is_measured = self.setup.is_measured(now);
        self.tasks.get_mut(slot).is_measured = is_measured;
        if is_measured {
            self.tasks.queues[queue as usize].created += 1;
            self.open_measured += u64::from(self.queue_is_served[queue as usize]);
        }
        self.waiting_by_role[role] += 1;
        self.tasks.write(slot, queue, now);
        self.tell_readers(kind, shard);
        if let Some(story) = &mut self.story {
            story.task(slot, |task| What::Written { task, account, node, shard: shard + 1 });
        }
        self.offer_once(slot, queue, agenda);
    }

    /// XXH3-64 with seed 191179 over account, document, due time and kind (server facts, section 1.1).
    fn task_hash(&mut self, kind: Role, account: u32, now: SimTime) -> u64 {
        self.next_document = self.next_document.wrapping_add(1);
        let mut fields = [0_u8; 17];
        fields[..4].copy_from_slice(&account.to_be_bytes());
        fields[4..8].copy_from_slice(&self.next_document.to_be_bytes());
        fields[8..16].copy_from_slice(&(now.as_nanos() / crate::time::NANOS_PER_SECOND).to_be_bytes());
        fields[16] = kind as u8;
        xxhash_rust::xxh3::xxh3_64_with_seed(&fields, 191_179)
    }

    /// The id under which the server knows an account.
    #[inline]
    pub(super) fn account_id(&self, account: u32) -> u32 {
        self.setup.workload.first_account_id.wrapping_add(account)
    }

    /// A node has written to the task table.
    pub(super) fn written_on(&mut self, node: u16, agenda: &mut Agenda<Event>) {
        if self.reads_table {
            if let Some(story) = &mut self.story {
                story.woken(node, WakeCause::OwnWrite);
            }
            self.wake(node, agenda);
        }
    }

    /// An alert is written, on some node, to fall due later; that node's dispatcher is woken.
    pub(super) fn alert_written(&mut self, agenda: &mut Agenda<Event>) {
        let (due, _) = self.sources.alerts_to_write.next_due();
        if due < SimTime::NEVER {
            let lead = self.setup.workload.calendar_alert_lead;
            self.sources.next_alert_written = due - lead;
            agenda.at(due - lead, Event::AlertWritten);
        }
        let chance = self.sources.alert_balancer.random();
        let node = self.balancer.choose(chance, 0, &self.nodes, agenda.now());
        if let Some(node) = node.filter(|&node| self.nodes[node as usize].is_up()) {
            self.written_on(node, agenda);
        }
    }

    /// An alert falls due. Every dispatcher that has seen it sleeps until now, and wakes.
    pub(super) fn alert_due(&mut self, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        let written = now - self.setup.workload.calendar_alert_lead;
        let account = self.sources.alert_account(&self.accounts);
        let next = self.sources.next_alert_due();
        if let Some(story) = &mut self.story {
            story.no_message();
        }
        if let Some(slot) = self.draw_task(Role::CalendarAlerts, account, NONE, false) {
            self.write_task(slot, None, agenda);
        }
        if next < SimTime::NEVER {
            agenda.at(next, Event::AlertDue);
        }
        // Alerts that fall due at the same moment wake the dispatchers once, after the last of them.
        if next == now || !self.reads_table {
            return;
        }
        self.wake_those_who_saw(written, agenda);
    }

    /// Wakes every dispatcher that has read the table since `written`: it knows that a task falls due now.
    /// They wake at the same moment; by chance one is first.
    pub(super) fn wake_those_who_saw(&mut self, written: SimTime, agenda: &mut Agenda<Event>) {
        let count = self.nodes.len();
        let first = self.sources.alert_order.random_range(0..count);
        self.scans.begin(self.may_foresee);
        for mut nodes in [first..count, 0..first] {
            loop {
                self.wake_in_vain(&mut nodes, written, agenda);
                let Some(node) = nodes.next() else { break };
                let dispatcher = &self.dispatchers[node];
                if dispatcher.is_up && written <= dispatcher.scan_start {
                    if let Some(story) = &mut self.story {
                        story.woken(node as u16, WakeCause::Due);
                    }
                    self.wake(node as u16, agenda);
                }
            }
        }
        self.scans_begun(agenda);
    }
}
