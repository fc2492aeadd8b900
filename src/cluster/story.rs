//! Tells an observer what happens (see [`crate::metrics::story`]).
//!
//! Without an observer every call of this file is one look at an empty option. Numbers are given to
//! messages, tasks, changes and requests here, so that the simulation itself need not count them.

use super::Cluster;
use super::event::{Job, TimedKind, Work};
use super::tasks::NONE;
use crate::faults::{Change, Service};
use crate::layout::Role;
use crate::metrics::story::{NotificationId, Observer, Phase, TaskId, TimedPhase, Unheard, WakeCause, What};
use crate::time::SimTime;

/// The numbers of what is under way, and who listens.
pub(super) struct Teller<'a> {
    observer: &'a mut dyn Observer,
    now: SimTime,
    message: Option<u64>,
    messages: u64,
    changes: u64,
    requests: u64,
    tasks: [u64; Role::COUNT],
    /// By slot of what they are about.
    message_of: Vec<u64>,
    message_of_task: Vec<Option<u64>>,
    id_of_task: Vec<TaskId>,
    id_of_notification: Vec<NotificationId>,
    number_of_request: Vec<u64>,
    /// By node.
    causes: Vec<Option<WakeCause>>,
}

/// What [`Cluster`] has in place of a [`Teller`] if nobody listens.
pub(super) type Story<'a> = Option<Box<Teller<'a>>>;

/// A teller for this observer.
pub(super) fn story(observer: Option<&mut dyn Observer>, nodes: usize) -> Story<'_> {
    observer.map(|observer| {
        Box::new(Teller {
            observer,
            now: SimTime::ZERO,
            message: None,
            messages: 0,
            changes: 0,
            requests: 0,
            tasks: [0; Role::COUNT],
            message_of: Vec::new(),
            message_of_task: Vec::new(),
            id_of_task: Vec::new(),
            id_of_notification: Vec::new(),
            number_of_request: Vec::new(),
            causes: vec![None; nodes],
        })
    })
}

fn put<T: Clone>(list: &mut Vec<T>, slot: u32, value: T) {
    let place = slot as usize;
    if place >= list.len() {
        list.resize(place + 1, value.clone());
    }
    list[place] = value;
}

impl Teller<'_> {
    fn tell(&mut self, what: &What) {
        self.observer.tell(self.now.as_nanos(), what);
    }

    /// What is told from now on happens at this time.
    pub(super) fn at(&mut self, now: SimTime) {
        self.now = now;
    }

    /// A message arrives.
    #[cold]
    pub(super) fn message_begins(&mut self) {
        self.messages += 1;
        self.message = Some(self.messages);
    }

    /// What is drawn from now on comes with no message.
    #[cold]
    pub(super) fn no_message(&mut self) {
        self.message = None;
    }

    /// What is published next is the change that comes with this task.
    #[cold]
    pub(super) fn change_of(&mut self, task: u32) {
        self.message = self.message_of_task[task as usize];
    }

    /// A server process starts, whatever has woken it before.
    #[cold]
    pub(super) fn starts(&mut self, node: u16) {
        self.causes[node as usize] = Some(WakeCause::Start);
    }

    /// The message that has begun has this slot.
    #[cold]
    pub(super) fn message_in(&mut self, slot: u32) {
        put(&mut self.message_of, slot, self.messages);
    }

    /// A task of the role is drawn, whether this version knows it or not.
    #[cold]
    pub(super) fn count_task(&mut self, role: Role) {
        self.tasks[role.index()] += 1;
    }

    /// The task that was counted last has this slot.
    #[cold]
    pub(super) fn drawn(&mut self, slot: u32, role: Role, account: u32) {
        let task = TaskId { role, number: self.tasks[role.index()] };
        put(&mut self.id_of_task, slot, task);
        put(&mut self.message_of_task, slot, self.message);
        let message = self.message;
        self.tell(&What::Drawn { task, account, message });
    }

    /// Something about a message.
    #[cold]
    pub(super) fn message(&mut self, slot: u32, what: impl FnOnce(u64) -> What) {
        let what = what(self.message_of[slot as usize]);
        self.tell(&what);
    }

    /// Something about a task.
    #[cold]
    pub(super) fn task(&mut self, slot: u32, what: impl FnOnce(TaskId) -> What) {
        let what = what(self.id_of_task[slot as usize]);
        self.tell(&what);
    }

    /// Something that needs no number.
    #[cold]
    pub(super) fn plain(&mut self, what: What) {
        self.tell(&what);
    }

    /// A worker begins a phase with these tasks.
    #[cold]
    pub(super) fn worker(&mut self, node: u16, role: Role, phase: Phase, slots: &[u32]) {
        let tasks = slots.iter().map(|&slot| self.id_of_task[slot as usize]).collect();
        self.tell(&What::Worker { node, role, phase, tasks });
    }

    /// A dispatcher is woken; if it is busy, the first cause is kept.
    #[cold]
    pub(super) fn woken(&mut self, node: u16, cause: WakeCause) {
        self.causes[node as usize].get_or_insert(cause);
    }

    /// A dispatcher begins to read.
    #[cold]
    pub(super) fn scan_starts(&mut self, node: u16) {
        let cause = self.causes[node as usize].take().unwrap_or(WakeCause::Refresh);
        self.tell(&What::ScanStarted { node, cause });
    }

    /// A job has asked for a connection and has to wait, or has got one after that.
    #[cold]
    pub(super) fn connection(&mut self, work: Work, waits: bool) {
        if let Job::Run(role) | Job::Delete(role) = work.job() {
            let node = work.node();
            let what = if waits { What::ConnectionAwaited { node, role } } else { What::Connected { node, role } };
            self.tell(&what);
        }
    }

    #[cold]
    fn timed(&mut self, node: u16, kind: TimedKind, phase: TimedPhase, account: Option<u32>) {
        self.tell(&What::Timed { node, job: timed_name(kind), phase, account });
    }
}

/// A timed job as the result files would call it.
fn timed_name(kind: TimedKind) -> &'static str {
    match kind {
        TimedKind::PurgeAccounts => "purge.accounts",
        TimedKind::PurgeData => "purge.stores (data)",
        TimedKind::PurgeBlobs => "purge.stores (blobs)",
        TimedKind::PurgeMemory => "purge.stores (in-memory)",
        TimedKind::MetricsCalculate => "metrics.calculate",
        TimedKind::MetricsPush => "metrics.push",
        TimedKind::AcmeRenew => "acme.renew",
        TimedKind::SpamTraining => "spam-training",
    }
}

fn service_name(service: Service) -> &'static str {
    match service {
        Service::Coordinator => "coordinator",
        Service::LockStore => "lock store",
        Service::Database => "database",
    }
}

impl Cluster<'_> {
    /// A service goes or comes.
    #[inline]
    pub(super) fn tell_service(&mut self, change: Change) {
        let Some(story) = &mut self.story else { return };
        match change {
            Change::ServiceDown(service) => story.plain(What::ServiceDown { service: service_name(service) }),
            Change::ServiceUp(service) => story.plain(What::ServiceUp { service: service_name(service) }),
            _ => {}
        }
    }

    /// A node dies and forgets these tasks.
    #[inline]
    pub(super) fn tell_forgotten(&mut self, node: u16, slots: &[u32]) {
        let Some(story) = &mut self.story else { return };
        let now = story.now;
        for &slot in slots {
            let task = self.tasks.get(slot);
            let is_held = task.locked_until > now && task.lock_owner == node;
            let locked_until_ns = is_held.then(|| task.locked_until.as_nanos());
            story.task(slot, |task| What::Forgotten { node, task, locked_until_ns });
        }
    }

    /// A try to take a lock has been answered.
    #[inline]
    pub(super) fn tell_lock(&mut self, node: u16, slot: u32, is_taken: bool) {
        let has_locks = self.has_locks(node);
        let Some(story) = &mut self.story else { return };
        let task = self.tasks.get(slot);
        let until_ns = task.locked_until.as_nanos();
        let owner = has_locks.then_some(task.lock_owner);
        story.task(slot, |task| match is_taken {
            true => What::Locked { node, task, until_ns },
            false => What::Refused { node, task, owner, until_ns },
        });
    }

    /// A timed job begins something.
    #[inline]
    pub(super) fn tell_timed(&mut self, node: u16, kind: TimedKind, phase: TimedPhase) {
        let Some(story) = &mut self.story else { return };
        let account = self.nodes[node as usize].timed.jobs[kind as usize].account;
        let account = account.map(|account| self.setup.workload.first_account_id.wrapping_add(account));
        story.timed(node, kind, phase, account.filter(|_| kind == TimedKind::PurgeAccounts));
    }

    /// A change is published; `first` is the first of its notifications.
    #[inline]
    pub(super) fn tell_published(&mut self, first: u32, account: u32, node: u16) {
        let Some(story) = &mut self.story else { return };
        story.changes += 1;
        let change = story.changes;
        let (mut next, mut subscriptions) = (first, 0);
        while next != NONE {
            subscriptions += 1;
            put(&mut story.id_of_notification, next, NotificationId { change, subscription: subscriptions });
            next = self.push.notifications.get(next).next;
        }
        let message = story.message;
        let account = self.setup.workload.first_account_id.wrapping_add(account);
        story.plain(What::Published { change, message, account, node, subscriptions });
    }

    /// A node owes a notification a copy.
    #[inline]
    pub(super) fn tell_heard(&mut self, node: u16, slot: u32) {
        let Some(story) = &mut self.story else { return };
        let notification = story.id_of_notification[slot as usize];
        story.plain(What::Heard { node, notification });
    }

    /// A notification has to wait on a node.
    #[inline]
    pub(super) fn tell_throttled(&mut self, node: u16, slot: u32) {
        let Some(story) = &mut self.story else { return };
        let notification = story.id_of_notification[slot as usize];
        story.plain(What::Throttled { node, notification });
    }

    /// A node does not hear of a notification's change; told once a change.
    #[inline]
    pub(super) fn tell_not_heard(&mut self, node: u16, slot: u32, changed: SimTime) {
        let Some(story) = &mut self.story else { return };
        let NotificationId { change, subscription } = story.id_of_notification[slot as usize];
        if subscription == 1 {
            let state = &self.nodes[node as usize];
            let reason = if !state.is_up() || (state.up_since > changed && state.up_since > SimTime::ZERO) {
                Unheard::Down
            } else if !state.links.hears(changed) {
                Unheard::CutOff
            } else if self.setup.rules.resubscribe_gap.is_zero() {
                Unheard::Lost
            } else {
                Unheard::Resubscribing
            };
            story.plain(What::NotHeard { node, change, reason });
        }
    }

    /// The coordinator is down: no other node of the shard hears of the change.
    #[inline]
    pub(super) fn tell_unpublished(&mut self, first: u32, shard: u32, origin: u16) {
        let Some(story) = &mut self.story else { return };
        if first == NONE {
            return;
        }
        let change = story.id_of_notification[first as usize].change;
        let is_out = self.coordinator.outages > 0;
        for &node in &self.setup.coverage(Role::PushNotifications).members[shard as usize] {
            if node != origin {
                let reason = match self.nodes[node as usize].is_up() {
                    true if is_out => Unheard::Coordinator,
                    true => Unheard::OriginCutOff,
                    false => Unheard::Down,
                };
                story.plain(What::NotHeard { node, change, reason });
            }
        }
    }

    /// The notifications that a list of copies is for.
    fn carried(&self, first: u32) -> Vec<NotificationId> {
        let mut carried = Vec::new();
        let mut next = first;
        while let (Some(story), true) = (&self.story, next != NONE) {
            let copy = self.push.copies.get(next);
            carried.push(story.id_of_notification[copy.notification as usize]);
            next = copy.next;
        }
        carried
    }

    /// A request begins.
    #[inline]
    pub(super) fn tell_request(&mut self, node: u16, slot: u32, first: u32) {
        if self.story.is_some() {
            let notifications = self.carried(first);
            let Some(story) = &mut self.story else { return };
            story.requests += 1;
            let request = story.requests;
            put(&mut story.number_of_request, slot, request);
            story.plain(What::RequestStarted { node, request, notifications });
        }
    }

    /// A request goes out.
    #[inline]
    pub(super) fn tell_sent(&mut self, slot: u32, (node, first): (u16, u32), answered: SimTime, has_failed: bool) {
        if self.story.is_some() {
            let notifications = self.carried(first);
            let Some(story) = &mut self.story else { return };
            let request = story.number_of_request[slot as usize];
            let answered_ns = answered.as_nanos();
            story.plain(What::RequestSent { node, request, answered_ns, has_failed, notifications });
        }
    }

    /// A node gives up what it owes, or dies owing it.
    #[inline]
    pub(super) fn tell_unsent(&mut self, node: u16, first: u32, has_died: bool) {
        if self.story.is_some() && first != NONE {
            let notifications = self.carried(first);
            let Some(story) = &mut self.story else { return };
            story.plain(match has_died {
                true => What::CopiesLost { node, notifications },
                false => What::Dropped { node, notifications },
            });
        }
    }

    /// A notification is settled.
    #[inline]
    pub(super) fn tell_settled(&mut self, slot: u32, copies: u16) {
        let Some(story) = &mut self.story else { return };
        let notification = story.id_of_notification[slot as usize];
        story.plain(What::Settled { notification, copies: u32::from(copies) });
    }

    /// The simulation ends before it is known whether a notification comes.
    pub(super) fn tell_still_open(&mut self, slot: u32) {
        let Some(story) = &mut self.story else { return };
        let notification = story.id_of_notification[slot as usize];
        story.plain(What::StillOpen { notification });
    }
}
