//! Push notifications (server facts, section 3).
//!
//! A change is published to all nodes, fire and forget: the node on which it happened knows it at once,
//! the others hear of it through the coordinator, unless they are down or cut off. Every live node that
//! serves the account sends it to each of the account's subscriptions: k live nodes, k copies. A node
//! keeps at least the throttle between two requests of a subscription and one request in flight; changes
//! in between are merged into the next request, which a tick once a second sends. A request that fails
//! is tried again after a delay, and its notifications are dropped after the last attempt.
//!
//! One *notification* is one change for one subscription. Each node that hears of it owes it one *copy*.
//! A notification is settled when no copy is outstanding: delivered if a request that carried a copy
//! succeeded, otherwise missed.

use super::Cluster;
use super::event::{Event, Job};
use super::flights::Flights;
use super::members::Members;
use super::slab::Slab;
use super::sources::Course;
use super::subscribers::Subscribers;
use super::tasks::NONE;
use crate::engine::Agenda;
use crate::layout::Role;
use crate::server::PushRule;
use crate::time::{SimDuration, SimTime};

/// One change for one subscription.
#[derive(Debug, Clone, Copy)]
pub(super) struct Notification {
    pub(super) changed: SimTime,
    pub(super) first_delivery: SimTime,
    pub(super) subscription: u32,
    pub(super) account: u32,
    /// The account's shard.
    pub(super) shard: u32,
    /// The same change for the account's next subscription.
    pub(super) next: u32,
    pub(super) outstanding: u16,
    pub(super) copies: u16,
    pub(super) is_measured: bool,
}

/// What one node owes a notification that it cannot send at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owed {
    pub(super) notification: u32,
    pub(super) next: u32,
}

/// A request that is being prepared or has failed.
#[derive(Debug, Clone, Copy)]
struct Request {
    node: u16,
    epoch: u16,
    subscription: u32,
    first: u32,
    started: SimTime,
    course: Course,
    is_measured: bool,
}

/// State of push for the whole cluster.
pub(super) struct Push {
    pub(super) subscribers: Subscribers,
    pub(super) notifications: Slab<Notification>,
    pub(super) copies: Slab<Owed>,
    requests: Slab<Request>,
    pub(super) flights: Flights,
    /// `OneLiveNode`: by shard, copies that wait for a live node, and whose turn it is.
    pub(super) held: Vec<Vec<u32>>,
    pub(super) turn: Vec<usize>,
    /// Duplicates and misses settled since the last bin of the time line ended.
    pub bin_duplicates: u64,
    pub bin_missed: u64,
    /// Measured notifications not settled.
    pub open: u64,
}

impl Push {
    /// Nothing sent yet, where shards have these members; `throttle` is the least time between two requests.
    pub fn new(members: &Members, nodes: usize, throttle: SimDuration) -> Self {
        Self {
            subscribers: Subscribers::new(members, nodes, throttle),
            notifications: Slab::default(),
            copies: Slab::default(),
            requests: Slab::default(),
            flights: Flights::default(),
            held: vec![Vec::new(); members.len()],
            turn: vec![0; members.len()],
            bin_duplicates: 0,
            bin_missed: 0,
            open: 0,
        }
    }
}

impl Cluster<'_> {
    pub(super) fn push_shard(&self, account: u32) -> u32 {
        self.setup.coverage(Role::PushNotifications).shard_of(u64::from(self.account_id(account)))
    }

    /// An account has changed on a node; the other nodes hear of it after `delay`.
    pub(super) fn publish(&mut self, origin: u16, account: u32, delay: SimDuration, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        let is_measured = self.setup.is_measured(now);
        let shard = self.push_shard(account);
        let mut first = NONE;
        for subscription in self.accounts.subscriptions_of(account).rev() {
            if is_measured {
                self.record.push[shard as usize].notifications += 1;
                self.push.open += 1;
            }
            // The notification counts itself as outstanding until all nodes have been told.
            let notification = self.push.notifications.add(Notification {
                changed: now,
                first_delivery: SimTime::NEVER,
                subscription,
                account,
                shard,
                next: first,
                outstanding: 1,
                copies: 0,
                is_measured,
            });
            first = notification;
        }
        self.tell_published(first, account, origin);
        match self.setup.rules.push {
            PushRule::EveryLiveNode => self.announce(first, shard, origin, delay, agenda),
            PushRule::OneLiveNode => {
                let mut next = first;
                while next != NONE {
                    let notification = next;
                    next = self.push.notifications.get(notification).next;
                    let copy = self.owe(notification);
                    self.route(copy, shard, (origin, delay), agenda);
                    self.settle_one(notification, now);
                }
            }
        }
    }

    /// The node on which a change happened sends it at once, the others when it reaches them.
    fn announce(&mut self, first: u32, shard: u32, origin: u16, delay: SimDuration, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        if self.setup.coverage(Role::PushNotifications).members[shard as usize].contains(&origin) {
            let mut next = first;
            while next != NONE {
                let notification = next;
                next = self.push.notifications.get(notification).next;
                self.change_heard(origin, notification, agenda);
            }
        }
        if !self.can_publish(origin) {
            self.tell_unpublished(first, shard, origin);
            let mut next = first;
            while next != NONE {
                let notification = next;
                next = self.push.notifications.get(notification).next;
                self.settle_one(notification, now);
            }
        } else if self.setup.rules.resubscribe_gap.is_zero() && first == NONE {
            // Nobody is to hear of it.
        } else if delay.is_zero() {
            self.change_announced(first, origin, agenda);
        } else {
            agenda.after(delay, Event::Announced { first, origin });
        }
    }

    /// A change reaches the other nodes. A node that was down when it was published never hears of it.
    pub(super) fn change_announced(&mut self, first: u32, origin: u16, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        self.hear(now);
        if first == NONE {
            return;
        }
        let &Notification { shard, changed, .. } = self.push.notifications.get(first);
        let setup = self.setup;
        let mut next = first;
        while next != NONE {
            let notification = next;
            let &Notification { next: following, subscription, .. } = self.push.notifications.get(notification);
            next = following;
            let states = self.push.subscribers.states_of(subscription, shard, now);
            self.open_flight(notification, now);
            for &node in &setup.coverage(Role::PushNotifications).members[shard as usize] {
                if node != origin && self.hears(node, changed) {
                    self.node_hears(node, states, notification, subscription, agenda);
                } else if node != origin {
                    self.tell_not_heard(node, notification, changed);
                }
            }
            self.take_off(agenda);
            self.settle_one(notification, now);
        }
    }

    fn owe(&mut self, notification: u32) -> u32 {
        self.push.notifications.get_mut(notification).outstanding += 1;
        self.push.copies.add(Owed { notification, next: NONE })
    }

    /// A change reaches a node: send it, or keep it for the next request.
    pub(super) fn change_heard(&mut self, node: u16, notification: u32, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        let &Notification { subscription, shard, .. } = self.push.notifications.get(notification);
        let states = self.push.subscribers.states_of(subscription, shard, now);
        self.open_flight(notification, now);
        self.node_hears(node, states, notification, subscription, agenda);
        self.take_off(agenda);
    }

    /// As [`Self::change_heard`], for one of several nodes; `states` are those of the notification's subscription.
    fn node_hears(
        &mut self,
        node: u16,
        states: usize,
        notification: u32,
        subscription: u32,
        agenda: &mut Agenda<Event>,
    ) {
        let now = agenda.now();
        self.tell_heard(node, notification);
        let max_attempts = self.setup.rules.push_max_attempts;
        let subscriber = self.push.subscribers.state(states, node, subscription);
        let may_send = subscriber.free_at <= now && u32::from(subscriber.attempts) < max_attempts;
        let others = subscriber.first;
        // What has failed waits: flights need not reset the number of failures.
        debug_assert!(!may_send || others != NONE || subscriber.attempts == 0, "what has failed waits");
        let course = may_send.then(|| self.sources.course(&self.setup.costs, &self.setup.rules));
        if others == NONE && course.is_some_and(|course| self.board(node, states, course, agenda)) {
            return;
        }
        let first = self.push.copies.add(Owed { notification, next: others });
        self.push.subscribers.change(node, subscription).first = first;
        self.push.notifications.get_mut(notification).outstanding += 1;
        if let Some(course) = course {
            self.send(node, subscription, course, agenda);
        } else {
            self.tell_throttled(node, notification);
            self.postpone(node, subscription, agenda);
        }
    }

    fn postpone(&mut self, node: u16, subscription: u32, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        let subscriber = self.push.subscribers.change(node, subscription);
        if !std::mem::replace(&mut subscriber.is_postponed, true) {
            self.nodes[node as usize].push.postponed.push(subscription);
        }
        let tick = self.setup.rules.push_retry_tick;
        let state = &mut self.nodes[node as usize];
        if !state.push.has_tick {
            state.push.has_tick = true;
            if now.since(state.push.last_tick) >= tick {
                state.push.last_tick = now;
            }
            agenda.at(state.push.last_tick + tick, Event::PushTick { node, epoch: self.epochs[node as usize] });
        }
    }

    /// A node looks at its postponed subscriptions and sends what may be sent.
    pub(super) fn push_tick(&mut self, node: u16, epoch: u16, agenda: &mut Agenda<Event>) {
        if self.epochs[node as usize] != epoch {
            return;
        }
        let now = agenda.now();
        let max_attempts = self.setup.rules.push_max_attempts;
        let postponed = std::mem::take(&mut self.nodes[node as usize].push.postponed);
        let mut kept = Vec::new();
        for subscription in postponed {
            let subscriber = self.push.subscribers.change(node, subscription);
            let is_ready = subscriber.free_at <= now;
            if subscriber.first != NONE && !is_ready {
                kept.push(subscription);
                continue;
            }
            subscriber.is_postponed = false;
            if subscriber.first == NONE {
                continue;
            }
            if u32::from(subscriber.attempts) < max_attempts {
                let course = self.sources.course(&self.setup.costs, &self.setup.rules);
                self.send(node, subscription, course, agenda);
            } else {
                subscriber.attempts = 0;
                let first = std::mem::replace(&mut subscriber.first, NONE);
                self.tell_unsent(node, first, false);
                self.drop_copies(first, now);
            }
        }
        let state = &mut self.nodes[node as usize];
        state.push.has_tick = false;
        state.push.postponed.extend(kept);
        if !state.push.postponed.is_empty() {
            state.push.last_tick = now;
            state.push.has_tick = true;
            agenda.after(self.setup.rules.push_retry_tick, Event::PushTick { node, epoch });
        }
    }

    /// Begins a request with all copies that wait for it.
    fn send(&mut self, node: u16, subscription: u32, course: Course, agenda: &mut Agenda<Event>) {
        let first = std::mem::replace(&mut self.push.subscribers.change(node, subscription).first, NONE);
        let mut is_measured = false;
        let mut next = first;
        while next != NONE {
            let copy = self.push.copies.get(next);
            is_measured |= self.push.notifications.get(copy.notification).is_measured;
            next = copy.next;
        }
        let request = self.add_request(node, subscription, first, agenda.now(), course, is_measured);
        self.tell_request(node, request, first);
        self.use_processor(node, course.cpu, Job::Request(request), agenda);
    }

    /// A request that began at `started` occupies its subscription.
    pub(super) fn add_request(
        &mut self,
        node: u16,
        subscription: u32,
        first: u32,
        started: SimTime,
        course: Course,
        is_measured: bool,
    ) -> u32 {
        self.push.subscribers.change(node, subscription).free_at = SimTime::NEVER;
        let epoch = self.epochs[node as usize];
        self.push.requests.add(Request { node, epoch, subscription, first, started, course, is_measured })
    }

    /// A request goes out.
    pub(super) fn request_prepared(&mut self, slot: u32, now: SimTime, agenda: &mut Agenda<Event>) {
        let setup = self.setup;
        let request = *self.push.requests.get(slot);
        let Course { cpu, answer, failed } = request.course;
        let role = Role::PushNotifications;
        self.note_busy(request.node, role, cpu, now);
        let answered = now + answer;
        self.tell_sent(slot, (request.node, request.first), answered, failed);
        if request.is_measured {
            let notification = self.push.notifications.get(self.push.copies.get(request.first).notification);
            self.count_request(request.node, notification.shard, failed);
        }
        if failed {
            agenda.at(answered, Event::PushFailed(slot));
            return;
        }
        self.push.requests.remove(slot);
        let subscriber = self.push.subscribers.change(request.node, request.subscription);
        subscriber.free_at = answered.max(request.started + setup.rules.push_throttle);
        subscriber.attempts = 0;
        let mut next = request.first;
        while next != NONE {
            let copy = *self.push.copies.get(next);
            self.push.copies.remove(next);
            self.copy_sent(request.node, copy.notification, (request.started, answered));
            self.settle_one(copy.notification, now);
            next = copy.next;
        }
    }

    pub(super) fn count_request(&mut self, node: u16, shard: u32, failed: bool) {
        let record = &mut self.record.push[shard as usize];
        record.requests += 1;
        record.request_failures += u64::from(failed);
        self.record.nodes[node as usize].push_requests += 1;
        self.record.roles[Role::PushNotifications.index()].failed_executions += u64::from(failed);
    }

    /// A copy went out with a request that began and will be answered at these times.
    pub(super) fn copy_sent(&mut self, node: u16, notification: u32, (started, answered): (SimTime, SimTime)) {
        let notification = self.push.notifications.get_mut(notification);
        notification.copies += 1;
        notification.first_delivery = notification.first_delivery.min(answered);
        if notification.is_measured {
            let role = Role::PushNotifications.index();
            self.record.roles[role].executions += 1;
            self.record.roles[role].service_ns += u128::from(answered.since(started).as_nanos());
            self.nodes[node as usize].roles[role].record.executions += 1;
        }
    }

    /// A request has failed: its notifications wait for the next attempt.
    pub(super) fn request_failed(&mut self, slot: u32, agenda: &mut Agenda<Event>) {
        let request = *self.push.requests.get(slot);
        self.push.requests.remove(slot);
        if self.epochs[request.node as usize] != request.epoch {
            self.tell_unsent(request.node, request.first, true);
            self.lose_all(request.first, agenda);
            return;
        }
        let retry_at = agenda.now() + self.setup.rules.push_retry_delay;
        let subscriber = self.push.subscribers.change(request.node, request.subscription);
        subscriber.attempts += 1;
        subscriber.free_at = retry_at;
        let waiting = std::mem::replace(&mut subscriber.first, request.first);
        let mut last = request.first;
        while self.push.copies.get(last).next != NONE {
            last = self.push.copies.get(last).next;
        }
        self.push.copies.get_mut(last).next = waiting;
        self.postpone(request.node, request.subscription, agenda);
    }

    /// A node has died: what it owed is lost, and it forgets all requests. `jobs` were being prepared.
    pub(super) fn push_dies(&mut self, node: u16, jobs: &[u32], agenda: &mut Agenda<Event>) {
        for &slot in jobs {
            let first = self.push.requests.get(slot).first;
            self.push.requests.remove(slot);
            self.tell_unsent(node, first, true);
            self.lose_all(first, agenda);
        }
        self.set_apart(node);
        let state = &mut self.nodes[node as usize].push;
        state.has_tick = false;
        state.deaf_until = SimTime::ZERO;
        let postponed = std::mem::take(&mut state.postponed);
        for subscription in postponed {
            let first = std::mem::replace(&mut self.push.subscribers.change(node, subscription).first, NONE);
            self.tell_unsent(node, first, true);
            self.lose_all(first, agenda);
        }
        let served = self.setup.coverage(Role::PushNotifications).shards_of(node as usize);
        self.push.subscribers.restart(node, &served);
    }
}
