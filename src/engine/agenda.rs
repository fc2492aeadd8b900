//! The clock and the run loop.

use super::pending::PendingEvents;
use crate::time::{SimDuration, SimTime};

/// A pending event as it is kept: in whole words, so that it is copied at once.
///
/// An event that is written field by field and read as a whole makes the processor wait until all its parts
/// have reached the cache; with an enum of small fields this takes longer than anything else in the run loop.
pub trait Pack: Copy {
    /// The words.
    type Packed: Copy;

    /// The event in words.
    fn pack(self) -> Self::Packed;

    /// The event again.
    fn unpack(packed: Self::Packed) -> Self;
}

/// The clock and what is to happen.
pub struct Agenda<E: Pack> {
    now: SimTime,
    /// Place of the event that is handled.
    present: u64,
    pending: PendingEvents<E::Packed>,
    handled: u64,
}

impl<E: Pack> Default for Agenda<E> {
    fn default() -> Self {
        Self { now: SimTime::ZERO, present: 0, pending: PendingEvents::default(), handled: 0 }
    }
}

impl<E: Pack> Agenda<E> {
    /// The current simulated time.
    #[inline]
    pub fn now(&self) -> SimTime {
        self.now
    }

    /// Schedules `event` at `at`. A time that has passed is taken as now.
    #[inline]
    pub fn at(&mut self, at: SimTime, event: E) {
        self.pending.push(at.max(self.now), event.pack());
    }

    /// Schedules `event` after `delay`.
    #[inline]
    pub fn after(&mut self, delay: SimDuration, event: E) {
        self.pending.push(self.now + delay, event.pack());
    }

    /// A place among events of equal times, for [`Self::at_place`].
    #[inline]
    pub fn place(&mut self) -> u64 {
        self.pending.place()
    }

    /// Schedules `event` at `at`, among events of that time as if it had been scheduled when `place` was given out: so
    /// that the order does not depend on how often a forecast is made anew.
    #[inline]
    pub fn at_place(&mut self, at: SimTime, place: u64, event: E) {
        self.pending.push_at(at.max(self.now), place, event.pack());
    }

    /// Whether what has this time and place lies before the event that is handled: if it were an event, it would have
    /// been handled already.
    #[inline]
    pub fn is_past(&self, at: SimTime, place: u64) -> bool {
        (at, place) < (self.now, self.present)
    }

    /// As [`Self::is_past`], or the event that is handled has this time and place.
    #[inline]
    pub fn is_reached(&self, at: SimTime, place: u64) -> bool {
        (at, place) <= (self.now, self.present)
    }

    /// Whether something is pending that comes before what has this time and place.
    #[inline]
    pub fn is_preceded(&self, at: SimTime, place: u64) -> bool {
        self.pending.next_time_and_place().is_some_and(|next| next < (at, place))
    }

    /// What is handled from now on has this place: of several things that one event does, each has its own.
    #[inline]
    pub fn go_on_at(&mut self, place: u64) {
        self.present = place;
    }

    /// Number of events handled so far, those of the source included.
    pub fn handled(&self) -> u64 {
        self.handled
    }

    /// Number of pending events.
    pub fn pending(&self) -> usize {
        self.pending.len()
    }
}

/// What is simulated.
pub trait Model {
    /// A pending event; small, since it is copied.
    type Event: Pack;

    /// Number of kinds of events.
    const KINDS: usize;

    /// The kind of an event, below [`Self::KINDS`].
    fn kind(event: &Self::Event) -> usize;

    /// Time of the next event of the model's own sorted source, [`SimTime::NEVER`] if it has none.
    /// Such events need not be scheduled.
    fn next_source_time(&self) -> SimTime;

    /// Handles the next event of the source.
    fn handle_source(&mut self, agenda: &mut Agenda<Self::Event>);

    /// Handles a scheduled event.
    fn handle(&mut self, event: Self::Event, agenda: &mut Agenda<Self::Event>);

    /// Whether the simulation is over; asked before every event.
    fn is_done(&self) -> bool;
}

/// What comes next in a run.
pub(super) enum Step<P> {
    /// The run is over.
    Done,
    /// The next event of the model's source.
    Source,
    /// A pending event.
    Event(P),
}

impl<E: Pack> Agenda<E> {
    /// Moves the clock to what comes next, and takes it out if it is a pending event.
    #[inline(always)]
    pub(super) fn step<M: Model<Event = E>>(&mut self, model: &M, limit: SimTime) -> Step<E::Packed> {
        if model.is_done() {
            return Step::Done;
        }
        let source = model.next_source_time();
        let pending = self.pending.next_time().unwrap_or(SimTime::NEVER);
        let next = source.min(pending);
        if next > limit || next == SimTime::NEVER {
            return Step::Done;
        }
        self.now = next;
        self.handled += 1;
        if source <= pending {
            // It comes before everything else of its time.
            self.present = 0;
            return Step::Source;
        }
        self.present = self.pending.next_time_and_place().map_or(0, |(_, place)| place);
        self.pending.pop().map_or(Step::Done, |(_, event)| Step::Event(event))
    }
}

/// Runs `model` until it is done, nothing is left to happen, or `limit` is reached; the clock then
/// stands at the last event handled.
pub fn run<M: Model>(model: &mut M, agenda: &mut Agenda<M::Event>, limit: SimTime) {
    loop {
        match agenda.step(model, limit) {
            Step::Done => return,
            Step::Source => model.handle_source(agenda),
            Step::Event(event) => model.handle(M::Event::unpack(event), agenda),
        }
    }
}
