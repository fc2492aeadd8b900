//! Events per second of the engine, beside a plain loop over `std::collections::BinaryHeap` that is written
//! here: the same M/M/4 queues, the same random numbers, the same run.
//!
//! `mm4`: whole simulations of 1 and of 1,000 independent M/M/4 queues (arrival rate 3.2, each of four
//! servers at rate 1, so that 80 % are busy). `hold`: the pending-event set alone in the hold model (Jones
//! 1986): take out the earliest event, put one in that is exponentially later.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rolesim::engine::distribution::exp1;
use rolesim::engine::random::{Purpose, Stream, Streams};
use rolesim::engine::{Agenda, Model, PendingEvents, run};
use rolesim::time::{SimDuration, SimTime};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;
use std::time::Duration;

const EVENTS: u64 = 200_000;
const SERVERS: u32 = 4;
const ARRIVAL_RATE: f64 = 3.2;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrival(u32),
    Departure(u32),
}

/// Customers in each queue, and when the next event of each kind comes.
struct Queues {
    customers: Vec<u32>,
    random: Stream,
}

impl Queues {
    fn new(count: usize) -> Self {
        let random = Streams { seed: 1, replication: 0 }.stream(Purpose::Arrivals, 0);
        Self { customers: vec![0; count], random }
    }

    fn after(&mut self, mean_s: f64) -> u64 {
        (exp1(&mut self.random) * mean_s * 1e9) as u64
    }

    /// What follows from an event: up to two events with their delays in nanoseconds.
    fn handle(&mut self, event: Event) -> [Option<(u64, Event)>; 2] {
        match event {
            Event::Arrival(queue) => {
                self.customers[queue as usize] += 1;
                let is_served = self.customers[queue as usize] <= SERVERS;
                let departure = is_served.then(|| (self.after(1.0), Event::Departure(queue)));
                [Some((self.after(1.0 / ARRIVAL_RATE), event)), departure]
            }
            Event::Departure(queue) => {
                self.customers[queue as usize] -= 1;
                let is_next = self.customers[queue as usize] >= SERVERS;
                [is_next.then(|| (self.after(1.0), event)), None]
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

    fn next_source_time(&self) -> SimTime {
        SimTime::NEVER
    }

    fn handle_source(&mut self, _: &mut Agenda<Event>) {}

    fn handle(&mut self, event: Event, agenda: &mut Agenda<Event>) {
        self.left -= 1;
        for (delay, event) in self.queues.handle(event).into_iter().flatten() {
            agenda.after(SimDuration::from_nanos(delay), event);
        }
    }

    fn is_done(&self) -> bool {
        self.left == 0
    }
}

fn on_engine(count: usize) -> SimTime {
    let mut model = OnEngine { queues: Queues::new(count), left: EVENTS };
    let mut agenda = Agenda::default();
    for queue in 0..count as u32 {
        let delay = model.queues.after(1.0 / ARRIVAL_RATE);
        agenda.after(SimDuration::from_nanos(delay), Event::Arrival(queue));
    }
    run(&mut model, &mut agenda, SimTime::NEVER);
    agenda.now()
}

/// The queues on a plain binary heap, ordered by time and sequence number as the engine is.
fn on_binary_heap(count: usize) -> SimTime {
    let mut queues = Queues::new(count);
    let mut pending = BinaryHeap::new();
    let mut sequence = 0_u64;
    for queue in 0..count as u32 {
        pending.push(Reverse((queues.after(1.0 / ARRIVAL_RATE), sequence, Event::Arrival(queue))));
        sequence += 1;
    }
    let mut now = 0;
    for _ in 0..EVENTS {
        let Some(Reverse((at, _, event))) = pending.pop() else { break };
        now = at;
        for (delay, event) in queues.handle(event).into_iter().flatten() {
            pending.push(Reverse((now + delay, sequence, event)));
            sequence += 1;
        }
    }
    SimTime::from_nanos(now)
}

fn mm4(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("mm4");
    group.throughput(Throughput::Elements(EVENTS));
    for count in [1, 1_000] {
        assert_eq!(on_engine(count), on_binary_heap(count), "both simulate the same");
        group.bench_function(BenchmarkId::new("engine", count), |b| b.iter(|| on_engine(black_box(count))));
        group.bench_function(BenchmarkId::new("binary_heap", count), |b| b.iter(|| on_binary_heap(black_box(count))));
    }
    group.finish();
}

fn hold(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hold");
    group.throughput(Throughput::Elements(1));
    for size in [10, 1_000, 100_000] {
        let mut queues = Queues::new(1);
        let mut pending = PendingEvents::default();
        for number in 0..size {
            pending.push(SimTime::from_nanos(queues.after(1.0)), Event::Arrival(number));
        }
        group.bench_function(BenchmarkId::new("engine", size), |b| {
            b.iter(|| {
                if let Some((at, event)) = pending.pop() {
                    pending.push(at + SimDuration::from_nanos(queues.after(1.0)), event);
                }
            });
        });
        let mut queues = Queues::new(1);
        let mut pending = BinaryHeap::new();
        let mut sequence = 0_u64;
        for number in 0..size {
            pending.push(Reverse((queues.after(1.0), sequence, Event::Arrival(number))));
            sequence += 1;
        }
        group.bench_function(BenchmarkId::new("binary_heap", size), |b| {
            b.iter(|| {
                if let Some(Reverse((at, _, event))) = pending.pop() {
                    pending.push(Reverse((at + queues.after(1.0), sequence, event)));
                    sequence += 1;
                }
            });
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(Duration::from_secs(3)).warm_up_time(Duration::from_secs(1));
    targets = mm4, hold
}
criterion_main!(benches);
