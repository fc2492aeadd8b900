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
use std::ops::Range;

/// How many groups of scans that find nothing there may be before it is time to look which are over.
const MANY: usize = 16;

/// Scans that find nothing and have the same times.
struct Group {
    start: SimTime,
    end: SimTime,
    /// Those that keep a connection.
    count: u32,
}

/// The connections that scans keep which find nothing.
pub(super) struct EmptyScans {
    groups: Vec<Group>,
    /// Number from which on they are looked through.
    limit: usize,
    /// The scans of all groups.
    count: u32,
}

impl Default for EmptyScans {
    fn default() -> Self {
        Self { groups: Vec::new(), limit: MANY, count: 0 }
    }
}

impl EmptyScans {
    fn add(&mut self, start: SimTime, end: SimTime, count: u32) {
        self.count += count;
        match self.groups.last_mut() {
            Some(group) if (group.start, group.end) == (start, end) => group.count += count,
            _ => self.groups.push(Group { start, end, count }),
        }
    }

    /// One of these scans keeps no connection any more.
    fn leave(&mut self, start: SimTime, end: SimTime) {
        let is_own = |group: &&mut Group| (group.start, group.end) == (start, end) && group.count > 0;
        if let Some(group) = self.groups.iter_mut().find(is_own) {
            group.count -= 1;
            self.count -= 1;
        }
    }
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
        let work = Work::new(node, self.epochs[node as usize], Job::Scan);
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
        if !self.dispatchers[node as usize].reaches_database || !self.may_scan_in_vain(duration, agenda) {
            return false;
        }
        self.begin_empty_scan(node, duration, agenda);
        true
    }

    /// A dispatcher's scan begins that finds nothing; `scan_start` and `scan_place` are known.
    #[inline]
    fn begin_empty_scan(&mut self, node: u16, duration: SimDuration, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        let end = now + self.database.duration(duration);
        self.keep_connections(end, 1, agenda);
        self.dispatchers[node as usize].empty_until = end;
        self.sleep_from(node, end, agenda);
    }

    /// Keeps connections for scans that find nothing, from now on until `end`.
    #[inline]
    fn keep_connections(&mut self, end: SimTime, count: u32, agenda: &Agenda<Event>) {
        if self.empty_scans.groups.len() >= self.empty_scans.limit {
            self.end_empty_scans(agenda);
        }
        if count > 0 {
            self.empty_scans.add(agenda.now(), end, count);
        }
    }

    /// Wakes the dispatchers of the first of these nodes that find nothing and need no event, as [`Cluster::wake`] would, if
    /// they have read the table since `written`: an alert wakes all nodes, and most of them in vain.
    pub(super) fn wake_in_vain(&mut self, nodes: &mut Range<usize>, written: SimTime, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        let duration = self.scan_duration();
        if self.story.is_some() || !self.may_scan_in_vain(duration, agenda) {
            return;
        }
        let end = now + self.database.duration(duration);
        let sleep_until = end + self.setup.rules.refresh_interval;
        let spare = self.connections_to_keep() - self.connections_taken();
        let mut count = 0;
        for (dispatcher, &news) in self.dispatchers[nodes.clone()].iter_mut().zip(&self.news[nodes.clone()]) {
            let is_woken = dispatcher.is_up && written <= dispatcher.scan_start;
            if is_woken {
                if count == spare || !dispatcher.finds_nothing(now, news, |end, place| agenda.is_past(end, place)) {
                    break;
                }
                dispatcher.scan_start = now;
                dispatcher.scan_place = agenda.place();
                dispatcher.empty_until = end;
                dispatcher.sleep_until = sleep_until;
                count += 1;
            }
            nodes.start += 1;
        }
        self.keep_connections(end, count, agenda);
    }

    #[inline]
    fn may_scan_in_vain(&mut self, duration: SimDuration, agenda: &Agenda<Event>) -> bool {
        self.may_foresee && !self.database.is_down() && !duration.is_zero() && self.spares_connection(agenda)
    }

    /// Whether there is a connection to spare. A quarter of the connections is left to others, so that they seldom need
    /// those that are kept.
    #[inline]
    pub(super) fn spares_connection(&mut self, agenda: &Agenda<Event>) -> bool {
        let kept = self.connections_to_keep();
        self.connections_taken() < kept || {
            self.end_empty_scans(agenda);
            self.connections_taken() < kept
        }
    }

    fn connections_to_keep(&self) -> u32 {
        let connections = self.setup.costs.connections;
        connections - connections / 4
    }

    /// Connections that are in use or kept.
    #[inline]
    pub(super) fn connections_taken(&self) -> u32 {
        self.database.busy() + self.chains.live() + self.empty_scans.count
    }

    /// Puts down the scans that are over.
    pub(super) fn end_empty_scans(&mut self, agenda: &Agenda<Event>) {
        let now = agenda.now();
        let EmptyScans { groups, limit, count } = &mut self.empty_scans;
        groups.retain(|&Group { start, end, count: ended }| {
            // At the very moment of its end a group may have scans that are not over: see their places.
            let is_over = end < now;
            if is_over {
                *count -= ended;
                self.database.note_used(end.since(start), ended);
            }
            !is_over
        });
        *limit = MANY.max(2 * groups.len());
    }

    /// From now on the end of a dispatcher's scan is an event, if there is one under way.
    #[inline]
    pub(super) fn unravel_scan(&mut self, node: u16, agenda: &mut Agenda<Event>) {
        let dispatcher = &mut self.dispatchers[node as usize];
        let (end, place) = (dispatcher.empty_until, dispatcher.scan_place);
        if end > SimTime::ZERO && end >= agenda.now() && !agenda.is_past(end, place) {
            self.unravel_scan_under_way(node, agenda);
        }
    }

    #[cold]
    fn unravel_scan_under_way(&mut self, node: u16, agenda: &mut Agenda<Event>) {
        let dispatcher = &mut self.dispatchers[node as usize];
        dispatcher.state = DispatcherState::Scanning;
        let end = std::mem::replace(&mut dispatcher.empty_until, SimTime::ZERO);
        let work = Work::new(node, self.epochs[node as usize], Job::Scan);
        agenda.at_place(end, dispatcher.scan_place, Event::Stored(work));
        self.empty_scans.leave(dispatcher.scan_start, end);
        self.database.note_used(agenda.now().since(dispatcher.scan_start), 1);
        self.database.adopt(agenda.now());
    }

    /// From now on the end of every scan is an event.
    pub(super) fn unravel_scans(&mut self, agenda: &mut Agenda<Event>) {
        if self.empty_scans.count == 0 {
            return;
        }
        for node in 0..self.nodes.len() as u16 {
            self.unravel_scan(node, agenda);
        }
        for Group { start, end, count } in self.empty_scans.groups.drain(..) {
            self.database.note_used(end.since(start), count);
        }
        self.empty_scans.count = 0;
    }
}
