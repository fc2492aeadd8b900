//! Independent M/M/4 queues (arrival rate 3.6, each of four servers at rate 1, so that 90 % are busy), and the same on
//! the engine.

use rolesim::engine::distribution::exp1;
use rolesim::engine::random::{Purpose, Stream, Streams};
use rolesim::engine::{Agenda, Model, Pack, run};
use rolesim::time::{SimDuration, SimTime};

const SERVERS: u32 = 4;
const ARRIVAL_RATE: f64 = 3.6;

/// Something that happens in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// A customer comes.
    Arrival(u32),
    /// A customer is served.
    Departure(u32),
}

impl Pack for Event {
    type Packed = Self;

    fn pack(self) -> Self {
        self
    }

    fn unpack(packed: Self) -> Self {
        packed
    }
}

/// Customers in each queue, and when the next event of each kind comes.
pub struct Queues {
    customers: Vec<u32>,
    random: Stream,
}

impl Queues {
    /// `count` empty queues.
    pub fn new(count: usize) -> Self {
        let random = Streams { seed: 1, replication: 0 }.stream(Purpose::Arrivals, 0);
        Self { customers: vec![0; count], random }
    }

    /// An exponential time of mean `mean_s`, in nanoseconds.
    pub fn after(&mut self, mean_s: f64) -> u64 {
        (exp1(&mut self.random) * mean_s * 1e9) as u64
    }

    /// Every queue in the middle of its life: four customers in service. Calls `schedule` with delays.
    pub fn start(&mut self, mut schedule: impl FnMut(u64, Event)) {
        for queue in 0..self.customers.len() as u32 {
            self.customers[queue as usize] = SERVERS;
            schedule(self.after(1.0 / ARRIVAL_RATE), Event::Arrival(queue));
            for _ in 0..SERVERS {
                schedule(self.after(1.0), Event::Departure(queue));
            }
        }
    }

    /// What follows from an event. Calls `schedule` with delays.
    #[inline]
    pub fn handle(&mut self, event: Event, mut schedule: impl FnMut(u64, Event)) {
        match event {
            Event::Arrival(queue) => {
                self.customers[queue as usize] += 1;
                schedule(self.after(1.0 / ARRIVAL_RATE), event);
                if self.customers[queue as usize] <= SERVERS {
                    schedule(self.after(1.0), Event::Departure(queue));
                }
            }
            Event::Departure(queue) => {
                self.customers[queue as usize] -= 1;
                if self.customers[queue as usize] >= SERVERS {
                    schedule(self.after(1.0), event);
                }
            }
        }
    }
}

/// The queues on rolesim's engine.
struct OnEngine {
    queues: Queues,
    left: u64,
}

impl Model for OnEngine {
    type Event = Event;
    const KINDS: usize = 1;

    fn kind(_: &Event) -> usize {
        0
    }

    fn next_source_time(&self) -> SimTime {
        SimTime::NEVER
    }

    fn handle_source(&mut self, _: &mut Agenda<Event>) {}

    fn handle(&mut self, event: Event, agenda: &mut Agenda<Event>) {
        self.left -= 1;
        self.queues.handle(event, |delay, event| agenda.after(SimDuration::from_nanos(delay), event));
    }

    fn is_done(&self) -> bool {
        self.left == 0
    }
}

/// Handles `events` events of `count` queues on the engine; returns the time of the last one.
pub fn on_engine(count: usize, events: u64) -> u64 {
    let mut model = OnEngine { queues: Queues::new(count), left: events };
    let mut agenda = Agenda::default();
    model.queues.start(|delay, event| agenda.after(SimDuration::from_nanos(delay), event));
    run(&mut model, &mut agenda, SimTime::NEVER);
    agenda.now().as_nanos()
}
