//! Flights: push requests whose course is known when they begin.
//!
//! A request that will succeed, and has a core for itself to be prepared on, needs no event: what follows from it
//! concerns its notification and its subscription alone. The subscription knows at once when it is free again; what
//! the request did is put down when somebody looks, at the time at which it happened.
//!
//! **What keeps this exact.** A flight keeps a core of its node for itself until it is prepared. Before somebody else
//! may need that core, and before anything changes or looks at the node as a whole, those that are under way become
//! requests like others ([`Cluster::unravel_flights`]).

use super::event::{Event, Job, Work};
use super::push::{Course, Owed};
use super::tasks::NONE;
use super::{Cluster, foresee};
use crate::engine::Agenda;
use crate::layout::Role;
use crate::time::{SimDuration, SimTime};

/// With so many flights a node looks which are over: not so often that it costs much, nor so seldom that what they
/// concern has left the cache.
const MOST: usize = 4;

/// A request with one copy.
#[derive(Clone, Copy)]
pub(super) struct Flight {
    notification: u32,
    subscription: u32,
    /// Its place among events of equal times.
    place: u64,
    started: SimTime,
    cpu: SimDuration,
    /// The request goes out.
    prepared: SimTime,
    answered: SimTime,
}

impl Cluster<'_> {
    /// A node sends a copy of a notification to a subscription that is free, as a flight if it can.
    pub(super) fn fly(&mut self, node: u16, notification: u32, course: Course, agenda: &mut Agenda<Event>) -> bool {
        if self.nodes[node as usize].push.flights.len() >= MOST {
            self.land(node, agenda);
        }
        // The subscription must be taken until after the preparation, or another request could overtake it.
        if course.failed || course.cpu.is_zero() || course.answer.is_zero() || !self.has_core(node, agenda) {
            return false;
        }
        let subscription = self.push.notifications.get(notification).subscription;
        // What has failed waits: a free subscription for which nothing waits has not.
        debug_assert_eq!(self.push.subscriber(node, subscription).attempts, 0, "nothing has failed");
        let started = agenda.now();
        let state = &mut self.nodes[node as usize];
        let prepared = state.processor.alone_until(started, course.cpu);
        let answered = prepared + course.answer;
        let place = agenda.place();
        let cpu = course.cpu;
        state.push.flights.push(Flight { notification, subscription, place, started, cpu, prepared, answered });
        self.push.subscriber(node, subscription).free_at = answered.max(started + self.setup.rules.push_throttle);
        true
    }

    /// Whether there is a core that neither a job nor a chain nor a flight uses, where these may exist.
    #[inline]
    pub(super) fn has_core(&mut self, node: u16, agenda: &Agenda<Event>) -> bool {
        self.may_foresee && (self.nodes[node as usize].has_core() || self.gains_core(node, agenda))
    }

    fn gains_core(&mut self, node: u16, agenda: &Agenda<Event>) -> bool {
        self.land(node, agenda);
        self.nodes[node as usize].has_core()
    }

    /// Puts down what the flights of a node did that are over.
    pub(super) fn land(&mut self, node: u16, agenda: &Agenda<Event>) {
        let mut flights = std::mem::take(&mut self.nodes[node as usize].push.flights);
        flights.retain(|flight| {
            let is_over = agenda.is_past(flight.prepared, flight.place);
            if is_over {
                self.landed(node, flight);
            }
            !is_over
        });
        self.nodes[node as usize].push.flights = flights;
    }

    fn landed(&mut self, node: u16, flight: &Flight) {
        self.note_busy(node, Role::PushNotifications, flight.cpu, flight.prepared);
        self.nodes[node as usize].processor.note_alone(flight.prepared.since(flight.started));
        let notification = self.push.notifications.get(flight.notification);
        if notification.is_measured {
            self.count_request(node, notification.shard, false);
        }
        self.copy_sent(node, flight.notification, (flight.started, flight.answered));
        self.settle_one(flight.notification, flight.prepared);
    }

    /// From now on every request of a node is one whose steps are events.
    pub(super) fn unravel_flights(&mut self, node: u16, agenda: &mut Agenda<Event>) {
        if self.nodes[node as usize].push.flights.is_empty() {
            return;
        }
        self.land(node, agenda);
        let now = agenda.now();
        for flight in std::mem::take(&mut self.nodes[node as usize].push.flights) {
            let Flight { notification, subscription, place, started, cpu, prepared, answered } = flight;
            let course = Course { cpu, answer: answered.since(prepared), failed: false };
            let is_measured = self.push.notifications.get(notification).is_measured;
            let copy = self.push.copies.add(Owed { notification, next: NONE });
            let request = self.add_request(node, subscription, copy, started, course, is_measured);
            let state = &mut self.nodes[node as usize];
            state.processor.note_alone(now.since(started));
            let work = Work { node, epoch: state.epoch, job: Job::Request(request) };
            let forecast = state.processor.adopt(now, prepared, work, place);
            foresee(node, forecast, agenda);
        }
    }
}
