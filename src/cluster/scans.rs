//! Scans that need no event of their own.
//!
//! Dispatchers that an alert wakes begin to read at the same moment, and are done at the same moment: the ends of their
//! scans are one event, with a place for each.
//!
//! Scans that find nothing need no event at all. What a dispatcher reads is settled when it begins to read, so that nothing happens at the end of a scan that has
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

/// Scans of several dispatchers that end at the same time, each with its place.
type Together = Vec<(Work, u64)>;

/// Scans that began together.
#[derive(Default)]
pub(super) struct JointScans {
    /// Those that begin now, and when they will be over.
    begun: Option<(SimTime, Together)>,
    /// Under way, by number.
    under_way: Vec<(SimTime, Together)>,
    /// Numbers that are not in use.
    unused: Vec<u32>,
}

impl JointScans {
    /// Scans that begin from now on begin together, if that is wanted.
    pub fn begin(&mut self, is_wanted: bool) {
        self.begun = is_wanted.then(|| (SimTime::NEVER, Vec::new()));
    }
}

impl Cluster<'_> {
    /// A dispatcher reads the table for `duration`.
    pub(super) fn scan_table(&mut self, node: u16, duration: SimDuration, agenda: &mut Agenda<Event>) {
        let reaches = self.dispatchers[node as usize].reaches_database && !self.database.is_down();
        if self.scans.begun.is_none() || !reaches || duration.is_zero() {
            self.use_database(node, duration, Job::Scan, agenda);
            return;
        }
        self.claim_connection(agenda);
        let work = Work::new(node, self.nodes[node as usize].epoch, Job::Scan);
        let Some(at) = self.database.request(agenda.now(), duration, work) else { return };
        match &mut self.scans.begun {
            Some((end, scans)) if *end == at || scans.is_empty() => {
                *end = at;
                scans.push((work, self.dispatchers[node as usize].scan_place));
            }
            _ => self.request_ends(at, work, agenda),
        }
    }

    /// All scans that begin together have begun.
    pub(super) fn scans_begun(&mut self, agenda: &mut Agenda<Event>) {
        let Some((end, scans)) = self.scans.begun.take() else { return };
        let Some(&(_, place)) = scans.first() else { return };
        let number = self.scans.unused.pop().unwrap_or_else(|| {
            self.scans.under_way.push((end, Vec::new()));
            self.scans.under_way.len() as u32 - 1
        });
        self.scans.under_way[number as usize] = (end, scans);
        agenda.at_place(end, place, Event::ScansEnd(number));
    }

    /// Scans that began together are over.
    pub(super) fn scans_end(&mut self, number: u32, agenda: &mut Agenda<Event>) {
        let mut scans = std::mem::take(&mut self.scans.under_way[number as usize].1);
        for next in 0..scans.len() {
            let (work, place) = scans[next];
            // A scan between them may have become an event of its own.
            if agenda.is_preceded(agenda.now(), place) {
                self.scans.under_way[number as usize].1 = scans.split_off(next);
                agenda.at_place(agenda.now(), place, Event::ScansEnd(number));
                return;
            }
            agenda.go_on_at(place);
            self.request_stored(work, agenda);
        }
        self.scans.unused.push(number);
    }

    /// From now on the ends of scans that began together are events of their own.
    pub(super) fn part_scans(&mut self, agenda: &mut Agenda<Event>) {
        for number in 0..self.scans.under_way.len() {
            let (end, scans) = std::mem::take(&mut self.scans.under_way[number]);
            for (work, place) in scans {
                agenda.at_place(end, place, Event::Stored(work));
            }
        }
    }

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
