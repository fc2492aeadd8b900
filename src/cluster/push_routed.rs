//! `documented`: each copy of a change goes to one live node of the shard, in turn. While there is none it is kept.

use super::Cluster;
use super::event::Event;
use crate::engine::Agenda;
use crate::layout::Role;
use crate::time::SimDuration;

impl Cluster<'_> {
    /// `documented`: gives a copy to a live node of the shard, in turn, or keeps it until there is one.
    /// The node on which the change happened knows it at once, the others after the delay.
    pub(super) fn route(
        &mut self,
        copy: u32,
        shard: u32,
        (origin, delay): (u16, SimDuration),
        agenda: &mut Agenda<Event>,
    ) {
        let setup = self.setup;
        let members = &setup.coverage(Role::PushNotifications).members[shard as usize];
        let turn = self.push.turn[shard as usize];
        let live = (0..members.len())
            .map(|step| members[(turn + step) % members.len()])
            .find(|&node| self.nodes[node as usize].is_up());
        match live {
            Some(node) => {
                self.push.turn[shard as usize] = (turn + 1) % members.len();
                let epoch = self.epochs[node as usize];
                let delay = if node == origin { SimDuration::ZERO } else { delay };
                agenda.after(delay, Event::Changed { node, epoch, copy });
            }
            None => self.push.held[shard as usize].push(copy),
        }
    }

    /// `documented`: a node has come up; what waited for it is sent.
    pub(super) fn push_starts(&mut self, node: u16, agenda: &mut Agenda<Event>) {
        for shard in self.setup.coverage(Role::PushNotifications).shards_of(node as usize) {
            for copy in std::mem::take(&mut self.push.held[shard as usize]) {
                self.route(copy, shard, (u16::MAX, SimDuration::ZERO), agenda);
            }
        }
    }

    /// A copy that was routed to a node arrives there.
    pub(super) fn copy_arrives(&mut self, node: u16, epoch: u16, copy: u32, agenda: &mut Agenda<Event>) {
        if self.epochs[node as usize] != epoch {
            self.lose(copy, agenda);
            return;
        }
        let notification = self.push.copies.get(copy).notification;
        self.push.copies.remove(copy);
        self.push.notifications.get_mut(notification).outstanding -= 1;
        self.change_heard(node, notification, agenda);
    }
}
