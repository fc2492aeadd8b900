//! Scans that find nothing.
//!
//! What a dispatcher reads is settled when it begins to read, so that nothing happens at the end of a scan that has
//! found nothing: the dispatcher goes to sleep. Such a scan needs no event. It keeps a connection of the database for
//! itself; before somebody else may need that one, when somebody wakes the dispatcher, and before anything changes or
//! looks at the cluster as a whole, a scan that is under way becomes one like others ([`Cluster::unravel_scan`]).

use super::Cluster;
use super::event::{Event, Job, Work};
use super::node::DispatcherState;
use crate::engine::Agenda;
use crate::time::{SimDuration, SimTime};

/// A scan that finds nothing.
#[derive(Debug, Clone, Copy)]
pub struct EmptyScan {
    end: SimTime,
    /// Position of the node in the list of those with such a scan.
    position: u32,
}

impl Cluster<'_> {
    /// A dispatcher begins a scan that takes `duration` and has found nothing: it needs no event if a connection can be
    /// kept for it.
    pub(super) fn scan_in_vain(&mut self, node: u16, duration: SimDuration, agenda: &mut Agenda<Event>) -> bool {
        let reaches = self.dispatchers[node as usize].reaches_database && !self.database.is_down();
        if !self.may_foresee || !reaches || duration.is_zero() || !self.spares_connection(agenda) {
            return false;
        }
        let end = agenda.now() + self.database.duration(duration);
        let dispatcher = &mut self.dispatchers[node as usize];
        dispatcher.empty_scan = Some(EmptyScan { end, position: self.empty_scans.len() as u32 });
        self.empty_scans.push(node);
        self.sleep_from(node, end, agenda);
        true
    }

    /// Whether there is a connection to spare. A quarter of the connections is left to others, so that they seldom need
    /// those that are kept.
    #[inline]
    pub(super) fn spares_connection(&mut self, agenda: &Agenda<Event>) -> bool {
        let connections = self.setup.costs.connections;
        let kept = connections - connections / 4;
        self.connections_taken() < kept || {
            self.end_empty_scans(agenda);
            self.connections_taken() < kept
        }
    }

    /// Connections that are in use or kept.
    #[inline]
    pub(super) fn connections_taken(&self) -> u32 {
        self.database.busy() + self.chains.live() + self.empty_scans.len() as u32
    }

    /// Puts down the scans that are over.
    pub(super) fn end_empty_scans(&mut self, agenda: &Agenda<Event>) {
        for position in (0..self.empty_scans.len()).rev() {
            let node = self.empty_scans[position];
            let dispatcher = &self.dispatchers[node as usize];
            if dispatcher.empty_scan.is_some_and(|scan| agenda.is_past(scan.end, dispatcher.scan_place)) {
                self.end_empty_scan(node, agenda.now());
            }
        }
    }

    /// Puts down an empty scan up to its end, or up to `now`.
    fn end_empty_scan(&mut self, node: u16, now: SimTime) {
        let dispatcher = &mut self.dispatchers[node as usize];
        let Some(EmptyScan { end, position }) = dispatcher.empty_scan.take() else { return };
        self.database.note_used(now.min(end).since(dispatcher.scan_start));
        self.empty_scans.swap_remove(position as usize);
        if let Some(&moved) = self.empty_scans.get(position as usize)
            && let Some(scan) = &mut self.dispatchers[moved as usize].empty_scan
        {
            scan.position = position;
        }
    }

    /// From now on the end of a dispatcher's scan is an event, if there is one under way.
    #[inline]
    pub(super) fn unravel_scan(&mut self, node: u16, agenda: &mut Agenda<Event>) {
        let dispatcher = &mut self.dispatchers[node as usize];
        let Some(EmptyScan { end, .. }) = dispatcher.empty_scan else { return };
        let place = dispatcher.scan_place;
        let now = agenda.now();
        if !agenda.is_past(end, place) {
            dispatcher.state = DispatcherState::Scanning;
            let work = Work::new(node, self.nodes[node as usize].epoch, Job::Scan);
            agenda.at_place(end, place, Event::Stored(work));
            self.database.adopt(now);
        }
        self.end_empty_scan(node, now);
    }

    /// From now on the end of every scan is an event.
    pub(super) fn unravel_scans(&mut self, agenda: &mut Agenda<Event>) {
        while let Some(&node) = self.empty_scans.last() {
            self.unravel_scan(node, agenda);
        }
    }
}
