//! Messages per second of whole simulations: the documentation's layout on six nodes for an hour, with 2,000
//! accounts, and with 20,000, for which its two indexing nodes are too few, so that tasks pile up. One simulation on one
//! core, without reading and writing files. Beside it the same simulation with an event for everything
//! (`simulate_plainly`).

#[path = "cases/runs.rs"]
mod runs;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rolesim::cluster::{simulate, simulate_plainly};
use runs::docs_example;
use std::hint::black_box;
use std::time::Duration;

fn whole_runs(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("run");
    for accounts in [2_000, 20_000] {
        let setup = docs_example(accounts, 60);
        let messages = simulate(&setup, 0).messages;
        assert_eq!(simulate_plainly(&setup, 0).messages, messages, "both simulate the same");
        group.throughput(Throughput::Elements(messages));
        group.bench_function(BenchmarkId::new("simulate", accounts), |b| b.iter(|| simulate(black_box(&setup), 0)));
        group.bench_function(BenchmarkId::new("plainly", accounts), |b| {
            b.iter(|| simulate_plainly(black_box(&setup), 0));
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).measurement_time(Duration::from_secs(5)).warm_up_time(Duration::from_secs(1));
    targets = whole_runs
}
criterion_main!(benches);
