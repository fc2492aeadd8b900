//! Independent M/M/4 queues (arrival rate 3.6, four servers of rate 1, so that 90 % are busy) on rolesim's engine and
//! on desque: million events a second, the best of three runs in turn. One line an engine and number of queues.

use desque::serial::{Event as DesqueEvent, Simulation};
use desque::{SimState, SimTime as DesqueTime};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1};
use rolesim::engine::{Agenda, Model, Pack, run};
use rolesim::time::{SimDuration, SimTime};
use std::time::Instant;

const SERVERS: u32 = 4;
const ARRIVAL_RATE: f64 = 3.6;

/// Customers in each queue.
struct Queues {
    customers: Vec<u32>,
    random: ChaCha8Rng,
    left: u64,
}

impl Queues {
    fn new(count: usize, events: u64) -> Self {
        Self { customers: vec![SERVERS; count], random: ChaCha8Rng::seed_from_u64(1), left: events }
    }

    fn after(&mut self, mean_s: f64) -> u64 {
        let exponential: f64 = Exp1.sample(&mut self.random);
        (exponential * mean_s * 1e9) as u64
    }

    /// Another customer comes after the first delay; the one that has come is served after the second.
    fn arrival(&mut self, queue: u32) -> (u64, Option<u64>) {
        self.left -= 1;
        self.customers[queue as usize] += 1;
        let next = self.after(1.0 / ARRIVAL_RATE);
        (next, (self.customers[queue as usize] <= SERVERS).then(|| self.after(1.0)))
    }

    /// The next customer in line is served after this delay.
    fn departure(&mut self, queue: u32) -> Option<u64> {
        self.left -= 1;
        self.customers[queue as usize] -= 1;
        (self.customers[queue as usize] >= SERVERS).then(|| self.after(1.0))
    }
}

#[derive(Clone, Copy)]
enum Event {
    Arrival(u32),
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

impl Model for Queues {
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
        let (queue, served) = match event {
            Event::Arrival(queue) => {
                let (next, served) = self.arrival(queue);
                agenda.after(SimDuration::from_nanos(next), event);
                (queue, served)
            }
            Event::Departure(queue) => (queue, self.departure(queue)),
        };
        if let Some(delay) = served {
            agenda.after(SimDuration::from_nanos(delay), Event::Departure(queue));
        }
    }

    fn is_done(&self) -> bool {
        self.left == 0
    }
}

fn on_rolesim(count: u32, events: u64) -> u64 {
    let mut queues = Queues::new(count as usize, events);
    let mut agenda = Agenda::default();
    for queue in 0..count {
        agenda.after(SimDuration::from_nanos(queues.after(1.0 / ARRIVAL_RATE)), Event::Arrival(queue));
        for _ in 0..SERVERS {
            agenda.after(SimDuration::from_nanos(queues.after(1.0)), Event::Departure(queue));
        }
    }
    run(&mut queues, &mut agenda, SimTime::NEVER);
    agenda.now().as_nanos()
}

/// A time of desque.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Nanos(u64);

impl DesqueTime for Nanos {}

impl SimState<Nanos> for Queues {
    fn is_complete(&self, _: &Nanos) -> bool {
        self.left == 0
    }
}

#[derive(Debug)]
struct Arrival(u32);

#[derive(Debug)]
struct Departure(u32);

impl DesqueEvent<Queues, Nanos> for Arrival {
    fn execute(&mut self, simulation: &mut Simulation<Queues, Nanos>) -> desque::Result {
        let now = simulation.current_time().0;
        let (next, served) = simulation.state_mut().arrival(self.0);
        simulation.schedule(Self(self.0), Nanos(now + next))?;
        served.map_or(Ok(()), |delay| simulation.schedule(Departure(self.0), Nanos(now + delay)))
    }
}

impl DesqueEvent<Queues, Nanos> for Departure {
    fn execute(&mut self, simulation: &mut Simulation<Queues, Nanos>) -> desque::Result {
        let now = simulation.current_time().0;
        let served = simulation.state_mut().departure(self.0);
        served.map_or(Ok(()), |delay| simulation.schedule(Self(self.0), Nanos(now + delay)))
    }
}

fn on_desque(count: u32, events: u64) -> Result<u64, desque::Error> {
    let mut simulation = Simulation::new(Queues::new(count as usize, events), Nanos(0));
    for queue in 0..count {
        let delay = simulation.state_mut().after(1.0 / ARRIVAL_RATE);
        simulation.schedule(Arrival(queue), Nanos(delay))?;
        for _ in 0..SERVERS {
            let delay = simulation.state_mut().after(1.0);
            simulation.schedule(Departure(queue), Nanos(delay))?;
        }
    }
    simulation.run()?;
    Ok(simulation.current_time().0)
}

fn timed(work: impl FnOnce() -> Result<u64, desque::Error>) -> Result<(f64, u64), desque::Error> {
    let start = Instant::now();
    let end = work()?;
    Ok((start.elapsed().as_secs_f64(), end))
}

fn main() -> Result<(), desque::Error> {
    for (count, events) in [(1, 2_000_000), (1_000, 2_000_000), (100_000, 4_000_000)] {
        let mut best = [f64::INFINITY; 2];
        for _ in 0..3 {
            let (ours_s, ours_end) = timed(|| Ok(on_rolesim(count, events)))?;
            let (desque_s, desque_end) = timed(|| on_desque(count, events))?;
            assert_eq!(ours_end, desque_end, "both simulate the same");
            best = [best[0].min(ours_s), best[1].min(desque_s)];
        }
        for (name, seconds) in ["rolesim", "desque 0.4"].iter().zip(best) {
            println!("{name},{count},{:.2}", events as f64 / seconds / 1e6);
        }
    }
    Ok(())
}
