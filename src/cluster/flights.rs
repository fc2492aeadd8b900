//! Flights: push requests whose course is known when they begin.
//!
//! A request that will succeed, and has a core for itself to be prepared on, needs no event: what follows from it
//! concerns its notification and its subscription alone. The subscription knows at once when it is free again; what
//! the request did is put down when somebody looks, at the time at which it happened. Nodes that hear of a change at the
//! same moment send it with one flight.
//!
//! **What keeps this exact.** A request in a flight keeps a core of its node for itself until it is prepared. Before
//! somebody else may need that core, and before anything changes or looks at the node as a whole, those that are under
//! way become requests like others ([`Cluster::unravel_flights`]).

use super::event::{Event, Job, Work};
use super::push::Owed;
use super::sources::Course;
use super::tasks::NONE;
use super::{Cluster, foresee};
use crate::engine::Agenda;
use crate::layout::Role;
use crate::time::{SimDuration, SimTime};

/// With so many flights it is time to look which are over: not so often that it costs much, nor so seldom that what they
/// concern has left the cache.
const MANY: usize = 16;

/// Requests in a flight.
const SEATS: usize = 4;

/// A request with one copy.
#[derive(Clone, Copy)]
struct Passenger {
    node: u16,
    /// Its place among events of equal times.
    place: u64,
    cpu: SimDuration,
    /// The request goes out.
    prepared: SimTime,
    answered: SimTime,
}

/// Requests for one notification that begin at the same moment on different nodes.
#[derive(Clone, Copy)]
pub(super) struct Flight {
    pub notification: u32,
    pub subscription: u32,
    shard: u32,
    is_measured: bool,
    started: SimTime,
    /// Time and place of the last preparation.
    last: (SimTime, u64),
    passengers: [Passenger; SEATS],
    count: usize,
}

/// The flights of all nodes. They are written where they stay: a copy of something so large, read as soon as it is
/// written, costs more than all else that is done for it.
pub(super) struct Flights {
    /// By number.
    flights: Vec<Flight>,
    /// Numbers of those that are under way.
    under_way: Vec<u32>,
    /// The one that nodes board.
    boarding: u32,
    /// Numbers that are not in use.
    unused: Vec<u32>,
    /// How many may be under way before it is time to look which are over.
    limit: usize,
}

impl Default for Flights {
    fn default() -> Self {
        Self { flights: Vec::new(), under_way: Vec::new(), boarding: 0, unused: Vec::new(), limit: MANY }
    }
}

impl Flight {
    const EMPTY: Self = Self {
        notification: NONE,
        subscription: 0,
        shard: 0,
        is_measured: false,
        started: SimTime::ZERO,
        last: (SimTime::ZERO, 0),
        passengers: [Passenger {
            node: 0,
            place: 0,
            cpu: SimDuration::ZERO,
            prepared: SimTime::ZERO,
            answered: SimTime::ZERO,
        }; SEATS],
        count: 0,
    };

    fn passengers(&self) -> &[Passenger] {
        &self.passengers[..self.count]
    }
}

impl Flights {
    /// The flight that nodes board.
    #[inline]
    fn boarding(&mut self) -> &mut Flight {
        &mut self.flights[self.boarding as usize]
    }

    /// A number for a new flight; who was in it before may still be there.
    #[inline]
    fn unused(&mut self) -> u32 {
        self.unused.pop().unwrap_or_else(|| {
            self.flights.push(Flight::EMPTY);
            self.flights.len() as u32 - 1
        })
    }
}

impl Cluster<'_> {
    /// A flight for a notification that nodes hear of now begins to board.
    #[inline]
    pub(super) fn open_flight(&mut self, notification: u32, now: SimTime) {
        let told = self.push.notifications.get(notification);
        let number = self.push.flights.unused();
        let flight = &mut self.push.flights.flights[number as usize];
        flight.notification = notification;
        flight.subscription = told.subscription;
        flight.shard = told.shard;
        flight.is_measured = told.is_measured;
        flight.started = now;
        flight.last = (SimTime::ZERO, 0);
        flight.count = 0;
        self.push.flights.boarding = number;
    }

    /// A node sends a copy to a subscription that is free, whose states begin at `states`: with the flight that boards,
    /// if it can.
    #[inline]
    pub(super) fn board(&mut self, node: u16, states: usize, course: Course, agenda: &mut Agenda<Event>) -> bool {
        // The subscription must be taken until after the preparation, or another request could overtake it.
        if course.failed || course.cpu.is_zero() || course.answer.is_zero() || !self.has_core(node, agenda) {
            return false;
        }
        let mut flight = self.push.flights.boarding();
        if flight.count == SEATS {
            let (notification, started) = (flight.notification, flight.started);
            self.take_off(agenda);
            self.open_flight(notification, started);
            flight = self.push.flights.boarding();
        }
        let seat = &mut flight.passengers[flight.count];
        let cores = &mut self.cores[node as usize];
        let prepared = cores.speed.alone_until(flight.started, course.cpu);
        let answered = prepared + course.answer;
        cores.in_use += 1;
        cores.flying += 1;
        let place = agenda.place();
        seat.node = node;
        seat.place = place;
        seat.cpu = course.cpu;
        seat.prepared = prepared;
        seat.answered = answered;
        flight.count += 1;
        flight.last = flight.last.max((prepared, place));
        let until = answered.max(flight.started + self.setup.rules.push_throttle);
        self.push.subscribers.occupy(states, node, flight.subscription, until, flight.started);
        true
    }

    /// Everybody is on board.
    #[inline]
    pub(super) fn take_off(&mut self, agenda: &Agenda<Event>) {
        let number = self.push.flights.boarding;
        let &mut Flight { count, notification, .. } = self.push.flights.boarding();
        if count == 0 {
            self.push.flights.unused.push(number);
            return;
        }
        if self.push.flights.under_way.len() >= self.push.flights.limit {
            self.land(agenda);
        }
        self.push.notifications.get_mut(notification).outstanding += count as u16;
        self.push.flights.under_way.push(number);
    }

    /// Whether there is a core that neither a job nor a chain nor a flight uses, where these may exist.
    #[inline(always)]
    pub(super) fn has_core(&mut self, node: u16, agenda: &Agenda<Event>) -> bool {
        self.may_foresee && (self.cores[node as usize].has_one() || self.gains_core(node, agenda))
    }

    #[inline(never)]
    fn gains_core(&mut self, node: u16, agenda: &Agenda<Event>) -> bool {
        self.cores[node as usize].flying > 0 && {
            self.land(agenda);
            self.cores[node as usize].has_one()
        }
    }

    /// Puts down what the flights did that are over.
    pub(super) fn land(&mut self, agenda: &Agenda<Event>) {
        let mut under_way = std::mem::take(&mut self.push.flights.under_way);
        under_way.retain(|&number| {
            let (prepared, place) = self.push.flights.flights[number as usize].last;
            let is_over = agenda.is_past(prepared, place);
            if is_over {
                self.landed(number);
                self.push.flights.unused.push(number);
            }
            !is_over
        });
        self.push.flights.limit = MANY.max(2 * under_way.len());
        self.push.flights.under_way = under_way;
    }

    fn landed(&mut self, number: u32) {
        let flight = &self.push.flights.flights[number as usize];
        let mut first_delivery = SimTime::NEVER;
        let mut service_ns = 0;
        for passenger in flight.passengers() {
            let &Passenger { node, cpu, prepared, answered, .. } = passenger;
            let is_in_span = self.setup.is_measured(prepared);
            let cores = &mut self.cores[node as usize];
            cores.in_use -= 1;
            cores.flying -= 1;
            cores.note_alone(prepared.since(flight.started));
            cores.push_busy_ns += if is_in_span { cores.speed.core_ns(cpu) } else { 0 };
            cores.push_runs += u64::from(flight.is_measured);
            first_delivery = first_delivery.min(answered);
            service_ns += u128::from(answered.since(flight.started).as_nanos());
        }
        let count = flight.count as u64;
        if flight.is_measured {
            self.record.push[flight.shard as usize].requests += count;
            let record = &mut self.record.roles[Role::PushNotifications.index()];
            record.executions += count;
            record.service_ns += service_ns;
        }
        let &Flight { notification: told, last: (settled, _), .. } = flight;
        let notification = self.push.notifications.get_mut(told);
        notification.copies += count as u16;
        notification.first_delivery = notification.first_delivery.min(first_delivery);
        // Whoever is outstanding last settles it.
        notification.outstanding -= count as u16 - 1;
        self.settle_one(told, settled);
    }

    /// From now on every request of a node is one whose steps are events.
    pub(super) fn unravel_flights(&mut self, node: u16, agenda: &mut Agenda<Event>) {
        if self.cores[node as usize].flying == 0 {
            return;
        }
        self.land(agenda);
        let under_way = std::mem::take(&mut self.push.flights.under_way);
        for &number in &under_way {
            let flight = &mut self.push.flights.flights[number as usize];
            let Some(seat) = flight.passengers().iter().position(|passenger| passenger.node == node) else { continue };
            let leaver = flight.passengers[seat];
            flight.count -= 1;
            flight.passengers[seat] = flight.passengers[flight.count];
            self.leave(number, leaver, agenda);
        }
        let Flights { flights, under_way: left, unused, .. } = &mut self.push.flights;
        *left = under_way;
        left.retain(|&number| {
            let is_empty = flights[number as usize].count == 0;
            if is_empty {
                unused.push(number);
            }
            !is_empty
        });
    }

    /// A request leaves its flight: it is over, or goes on as one like others.
    fn leave(&mut self, number: u32, leaver: Passenger, agenda: &mut Agenda<Event>) {
        let Passenger { node, place, cpu, prepared, answered } = leaver;
        let flight = self.push.flights.flights[number as usize];
        if agenda.is_past(prepared, place) {
            let own = self.push.flights.unused();
            let alone = &mut self.push.flights.flights[own as usize];
            *alone = Flight { count: 1, last: (prepared, place), ..flight };
            alone.passengers[0] = leaver;
            self.landed(own);
            self.push.flights.unused.push(own);
            return;
        }
        let now = agenda.now();
        let course = Course { cpu, answer: answered.since(prepared), failed: false };
        let copy = self.push.copies.add(Owed { notification: flight.notification, next: NONE });
        let request = self.add_request(node, flight.subscription, copy, flight.started, course, flight.is_measured);
        let cores = &mut self.cores[node as usize];
        // It keeps its core.
        cores.flying -= 1;
        cores.note_alone(now.since(flight.started));
        let state = &mut self.nodes[node as usize];
        let work = Work::new(node, self.epochs[node as usize], Job::Request(request));
        let forecast = state.processor.adopt(now, prepared, work, place);
        foresee(node, forecast, agenda);
    }
}
