//! Drawing random numbers and messages.
//!
//! `draw`: each distribution of the engine beside the one of `rand_distr` with the same parameters (by inversion where
//! that is what a program would do), both on the same ChaCha stream; `uniform` is the least that any can cost.
//! `stream`: making a stream by its name and drawing once, beside making one from a number. `messages`: in blocks, as
//! a simulation draws them, beside one at a time.

#[path = "cases/draws.rs"]
mod draws;
#[path = "cases/mail.rs"]
mod mail;
#[path = "cases/runs.rs"]
mod runs;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use draws::{DRAWS, stream, sum};
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution as _, Exp, Exp1, Gamma, LogNormal, Pareto, Weibull};
use rolesim::cluster::setup::Setup;
use rolesim::engine::distribution::{Distribution, ParameterError, exp1};
use rolesim::engine::random::{Stream, Streams};
use rolesim::workload::{Accounts, Mail};
use std::hint::black_box;
use std::time::Duration;

fn measure(group: &mut BenchmarkGroup<'_, WallTime>, who: &str, what: &str, mut draw: impl FnMut(&mut Stream) -> f64) {
    let mut stream = stream(0);
    group.bench_function(BenchmarkId::new(who, what), |b| b.iter(|| sum(&mut stream, &mut draw)));
}

fn of_engine(group: &mut BenchmarkGroup<'_, WallTime>, what: &str, made: Result<Distribution, ParameterError>) {
    let distribution = black_box(made.expect("valid parameters"));
    measure(group, "engine", what, |stream| distribution.sample(stream));
}

fn of_rand<E: std::fmt::Debug>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    what: &str,
    made: Result<impl rand_distr::Distribution<f64>, E>,
) {
    let distribution = black_box(made.expect("valid parameters"));
    measure(group, "rand_distr", what, |stream| distribution.sample(stream));
}

fn distributions(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("draw");
    group.throughput(Throughput::Elements(u64::from(DRAWS)));
    measure(&mut group, "stream", "uniform", |stream| stream.random());
    measure(&mut group, "engine", "exp1", exp1);
    measure(&mut group, "rand_distr", "exp1", |stream| Exp1.sample(stream));
    measure(&mut group, "inversion", "exp1", |stream| -(1.0 - stream.random::<f64>()).ln());
    let group = &mut group;
    of_engine(group, "exponential", Distribution::exponential(3.0));
    of_rand(group, "exponential", Exp::new(1.0 / 3.0));
    of_engine(group, "lognormal", Distribution::lognormal_mean_cv(3.0, 1.5));
    of_rand(group, "lognormal", LogNormal::from_mean_cv(3.0, 1.5));
    of_engine(group, "gamma", Distribution::gamma(4.0, 0.75));
    of_rand(group, "gamma", Gamma::new(4.0, 0.75));
    of_engine(group, "weibull", Distribution::weibull(3.0, 0.7));
    of_rand(group, "weibull", Weibull::new(3.0, 0.7));
    of_engine(group, "pareto", Distribution::pareto(3.0, 3.5));
    of_rand(group, "pareto", Pareto::new(3.0, 3.5));
    of_engine(group, "empirical", Distribution::empirical(values()));
    let values = values();
    measure(group, "index", "empirical", |stream| values[stream.random_range(0..values.len())]);
}

/// A thousand recorded values.
fn values() -> Vec<f64> {
    (0..1_000).map(f64::from).collect()
}

fn streams(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("stream");
    let mut number = 0_u64;
    let mut next = || {
        number += 1;
        number
    };
    group.bench_function("by_name", |b| b.iter(|| stream(next()).random::<u64>()));
    group.bench_function("from_number", |b| b.iter(|| Stream::seed_from_u64(next()).random::<u64>()));
    group.finish();
}

fn one_at_a_time(setup: &Setup, accounts: &Accounts, count: u32) -> u64 {
    let streams = Streams { seed: setup.seed, replication: 0 };
    let mut mail = Mail::new(&setup.workload, setup.calendar, setup.span.measure_start, streams);
    let mut sum = 0;
    for _ in 0..count {
        mail.take(accounts);
        sum += mail.accounts.iter().copied().map(u64::from).sum::<u64>();
    }
    sum
}

fn messages(criterion: &mut Criterion) {
    const MESSAGES: u32 = 10_000;
    let mut group = criterion.benchmark_group("messages");
    group.throughput(Throughput::Elements(u64::from(MESSAGES)));
    for count in [2_000, 1_000_000] {
        let setup = runs::docs_example(count, 60);
        let accounts = setup.workload.draw_accounts(Streams { seed: setup.seed, replication: 0 });
        let recipients = mail::in_blocks(&setup, &accounts, MESSAGES);
        assert_eq!(one_at_a_time(&setup, &accounts, MESSAGES), recipients, "both draw the same");
        group.bench_function(BenchmarkId::new("blocks", count), |b| {
            b.iter(|| mail::in_blocks(black_box(&setup), &accounts, MESSAGES));
        });
        group.bench_function(BenchmarkId::new("one_at_a_time", count), |b| {
            b.iter(|| one_at_a_time(black_box(&setup), &accounts, MESSAGES));
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(Duration::from_secs(1)).warm_up_time(Duration::from_millis(500));
    targets = distributions, streams, messages
}
criterion_main!(benches);
