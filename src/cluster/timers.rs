//! Timers. Nodes that start together keep the same time: timers of a kind that fire at the same moment are one event, with
//! a place for each.

use super::Cluster;
use super::event::{Event, TimedKind};
use super::timed::CLUSTER;
use crate::engine::Agenda;
use crate::time::SimTime;

/// A node's timer.
struct Timer {
    node: u16,
    /// Life of the node.
    epoch: u16,
    /// Its place among events of equal times.
    place: u64,
}

/// Timers of a kind that fire together, in the order of their places.
struct Group {
    kind: TimedKind,
    at: SimTime,
    timers: Vec<Timer>,
    /// How many have fired.
    fired: usize,
}

/// The timers of all nodes.
#[derive(Default)]
pub(super) struct Timers {
    /// By number.
    groups: Vec<Group>,
    /// Numbers that are not in use.
    unused: Vec<u32>,
    /// The group that was begun last, of each kind, until it fires.
    last: [Option<u32>; TimedKind::COUNT],
}

impl Timers {
    /// The group of this kind that is still to fire at `at`, if it was begun last.
    fn group_at(&mut self, kind: TimedKind, at: SimTime) -> Option<&mut Group> {
        let number = self.last[kind as usize]?;
        Some(&mut self.groups[number as usize]).filter(|group| group.at == at)
    }

    fn begin(&mut self, group: Group) -> u32 {
        let kind = group.kind as usize;
        let number = if let Some(number) = self.unused.pop() {
            self.groups[number as usize] = group;
            number
        } else {
            self.groups.push(group);
            self.groups.len() as u32 - 1
        };
        self.last[kind] = Some(number);
        number
    }
}

impl Cluster<'_> {
    /// Sets a node's timer, or one of the cluster, for when such a job falls due next.
    pub(super) fn set_timer(&mut self, node: u16, kind: TimedKind, is_start: bool, agenda: &mut Agenda<Event>) {
        let at = self.next_due(node, kind, agenda.now(), is_start);
        if at == SimTime::NEVER {
            return;
        }
        let epoch = if node == CLUSTER { 0 } else { self.epochs[node as usize] };
        let place = agenda.place();
        let timer = Timer { node, epoch, place };
        if self.may_foresee
            && let Some(group) = self.timers.group_at(kind, at)
        {
            group.timers.push(timer);
            return;
        }
        let number = self.timers.begin(Group { kind, at, timers: vec![timer], fired: 0 });
        agenda.at_place(at, place, Event::Timers(number));
    }

    /// Timers fire.
    pub(super) fn timers_fire(&mut self, number: u32, agenda: &mut Agenda<Event>) {
        let group = &mut self.timers.groups[number as usize];
        let (kind, fired, timers) = (group.kind, group.fired, std::mem::take(&mut group.timers));
        if self.timers.last[kind as usize] == Some(number) {
            self.timers.last[kind as usize] = None;
        }
        for next in fired..timers.len() {
            let Timer { node, epoch, place } = timers[next];
            if agenda.is_preceded(agenda.now(), place) {
                let group = &mut self.timers.groups[number as usize];
                (group.timers, group.fired) = (timers, next);
                agenda.at_place(agenda.now(), place, Event::Timers(number));
                return;
            }
            agenda.go_on_at(place);
            self.timer_fires(node, epoch, kind, agenda);
        }
        self.timers.unused.push(number);
    }
}
