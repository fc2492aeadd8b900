//! The end of a notification: no copy of it is outstanding any more, and it is known whether it was delivered.

use super::Cluster;
use super::event::Event;
use super::push::Notification;
use super::tasks::NONE;
use crate::engine::Agenda;
use crate::layout::Role;
use crate::server::PushRule;
use crate::time::{SimDuration, SimTime};

impl Cluster<'_> {
    /// One copy of a notification is no longer outstanding. The last one settles it.
    pub(super) fn settle_one(&mut self, slot: u32, now: SimTime) {
        let notification = self.push.notifications.get_mut(slot);
        notification.outstanding -= 1;
        if notification.outstanding > 0 {
            return;
        }
        let notification = *notification;
        self.tell_settled(slot, notification.copies);
        self.push.notifications.remove(slot);
        let in_span = self.setup.is_measured(now);
        if in_span {
            self.push.bin_duplicates += u64::from(notification.copies.saturating_sub(1));
            self.push.bin_missed += u64::from(notification.copies == 0);
        }
        if notification.is_measured {
            self.push.open -= 1;
            self.record_settled(&notification);
        }
    }

    fn record_settled(&mut self, notification: &Notification) {
        let shard = notification.shard as usize;
        let record = &mut self.record.push[shard];
        record.copies += u64::from(notification.copies);
        if notification.copies == 0 {
            record.missed += 1;
            self.record.roles[Role::PushNotifications.index()].failed += 1;
            self.record.accounts_with_missed.insert_later(notification.account);
            return;
        }
        let latency = notification.first_delivery.since(notification.changed);
        record.delivered += 1;
        self.record.record_latency(Role::PushNotifications, notification.shard, latency);
        if notification.copies > 1 {
            self.record.accounts_with_duplicates.insert_later(notification.account);
        }
    }

    /// What becomes of notifications is counted once, by push shard; here it is added up for the role.
    pub(super) fn record_push(&mut self) {
        let role = Role::PushNotifications.index();
        let record = &mut self.record.roles[role];
        for (push, shard) in self.record.push.iter().zip(&mut self.record.shards[role]) {
            record.created += push.notifications;
            record.completed += push.delivered;
            record.duplicate_executions += push.copies - push.delivered;
            record.latency.merge(&push.latency);
            shard.created = push.notifications;
            shard.completed = push.delivered;
            shard.latency = push.latency.clone();
        }
    }

    /// The node that owed a copy is gone. Where one live node is to send, another one takes over.
    pub(super) fn lose(&mut self, copy: u32, agenda: &mut Agenda<Event>) {
        let notification = self.push.copies.get(copy).notification;
        if self.setup.rules.push == PushRule::OneLiveNode {
            let shard = self.push.notifications.get(notification).shard;
            self.push.copies.get_mut(copy).next = NONE;
            self.route(copy, shard, (u16::MAX, SimDuration::ZERO), agenda);
            return;
        }
        self.push.copies.remove(copy);
        self.settle_one(notification, agenda.now());
    }

    /// The node that owed these copies is gone.
    pub(super) fn lose_all(&mut self, first: u32, agenda: &mut Agenda<Event>) {
        let mut next = first;
        while next != NONE {
            let following = self.push.copies.get(next).next;
            self.lose(next, agenda);
            next = following;
        }
    }

    /// These copies are not sent any more.
    pub(super) fn drop_copies(&mut self, first: u32, now: SimTime) {
        let mut next = first;
        while next != NONE {
            let copy = *self.push.copies.get(next);
            self.push.copies.remove(next);
            self.settle_one(copy.notification, now);
            next = copy.next;
        }
    }

    /// The simulation is over. What is outstanding is settled if a copy was delivered; the rest is still open.
    pub(super) fn settle_rest(&mut self, now: SimTime) {
        for slot in self.push.notifications.occupied() {
            let notification = self.push.notifications.get_mut(slot);
            notification.outstanding = 1;
            if notification.copies > 0 {
                self.settle_one(slot, now);
            } else {
                self.leave_open(slot);
            }
        }
    }

    /// It has not come by the end, but may come yet: its shard misses it, and the role has not given it up.
    fn leave_open(&mut self, slot: u32) {
        let notification = *self.push.notifications.get(slot);
        self.tell_still_open(slot);
        self.push.notifications.remove(slot);
        if notification.is_measured {
            self.push.open -= 1;
            let shard = notification.shard as usize;
            self.record.push[shard].missed += 1;
        }
    }
}
