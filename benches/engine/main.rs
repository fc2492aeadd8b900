//! The engine beside loops that are written by hand, in one run: the same models, the same random numbers.
//!
//! `mm4`: independent M/M/4 queues (arrival rate 3.6, each of four servers at rate 1, so that 90 % are busy),
//! 1, 1,000 and 100,000 of them, on the engine and in a plain loop over three pending-event sets. `hold`: the
//! pending-event set alone in the hold model (Jones 1986): take out the earliest event, put one in that is
//! exponentially later.

mod hand_written;
#[path = "../cases/queues.rs"]
mod queues;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use hand_written::{Binary, EventSet, FourAry, Radix};
use queues::{Event, Queues, on_engine};
use rolesim::engine::PendingEvents;
use rolesim::time::SimTime;
use std::hint::black_box;
use std::time::Duration;

fn by_hand<S: EventSet>(count: usize, events: u64) -> u64 {
    let mut queues = Queues::new(count);
    let mut set = S::default();
    queues.start(|delay, event| set.push(delay, event));
    let mut now = 0;
    for _ in 0..events {
        let Some((at, event)) = set.pop() else { break };
        now = at;
        queues.handle(event, |delay, event| set.push(now + delay, event));
    }
    now
}

fn mm4(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("mm4");
    for (count, events) in [(1, 200_000), (1_000, 500_000), (100_000, 4_000_000)] {
        let end = on_engine(count, events);
        let by_others =
            [by_hand::<Binary>(count, events), by_hand::<FourAry>(count, events), by_hand::<Radix>(count, events)];
        assert_eq!(by_others, [end; 3], "all simulate the same");
        group.throughput(Throughput::Elements(events));
        group.bench_function(BenchmarkId::new("engine", count), |b| b.iter(|| on_engine(black_box(count), events)));
        group.bench_function(BenchmarkId::new("four_ary", count), |b| {
            b.iter(|| by_hand::<FourAry>(black_box(count), events));
        });
        group.bench_function(BenchmarkId::new("radix", count), |b| {
            b.iter(|| by_hand::<Radix>(black_box(count), events))
        });
        group.bench_function(BenchmarkId::new("binary_heap", count), |b| {
            b.iter(|| by_hand::<Binary>(black_box(count), events));
        });
    }
    group.finish();
}

impl EventSet for PendingEvents<Event> {
    fn push(&mut self, at: u64, event: Event) {
        Self::push(self, SimTime::from_nanos(at), event);
    }

    fn pop(&mut self) -> Option<(u64, Event)> {
        Self::pop(self).map(|(at, event)| (at.as_nanos(), event))
    }
}

fn hold_one<S: EventSet>(criterion: &mut Criterion, name: &str, size: u32) {
    let mut queues = Queues::new(1);
    let mut set = S::default();
    for number in 0..size {
        set.push(queues.after(1.0), Event::Arrival(number));
    }
    let mut group = criterion.benchmark_group("hold");
    group.throughput(Throughput::Elements(1));
    group.bench_function(BenchmarkId::new(name, size), |b| {
        b.iter(|| {
            if let Some((at, event)) = set.pop() {
                set.push(at + queues.after(1.0), event);
            }
        });
    });
    group.finish();
}

fn hold(criterion: &mut Criterion) {
    for size in [10, 1_000, 100_000, 1_000_000] {
        hold_one::<PendingEvents<Event>>(criterion, "engine", size);
        hold_one::<FourAry>(criterion, "four_ary", size);
        hold_one::<Radix>(criterion, "radix", size);
        hold_one::<Binary>(criterion, "binary_heap", size);
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).measurement_time(Duration::from_secs(3)).warm_up_time(Duration::from_secs(1));
    targets = mm4, hold
}
criterion_main!(benches);
