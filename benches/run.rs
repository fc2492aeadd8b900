//! Messages per second of whole simulations: the documentation's layout on six nodes for an hour, with
//! 2,000 and with 50,000 accounts. One simulation on one core, without reading and writing files.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rolesim::cluster::simulate;
use rolesim::scenario::Scenario;
use rolesim::source::SourceText;
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

fn scenario(accounts: u32) -> Scenario {
    let text = format!(
        "start = 2026-03-02T09:00:00Z\nduration = \"1h\"\n[nodes]\nids = \"1-6\"\n[workload]\naccounts = {accounts}\n\
         [layouts]\ndocs = \"layouts/docs-example.toml\"\n"
    );
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    match Scenario::parse(SourceText::new("bench.toml", text), &folder) {
        Ok(scenario) => scenario,
        Err(problem) => panic!("{problem}"),
    }
}

fn whole_runs(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("run");
    for accounts in [2_000, 50_000] {
        let scenario = scenario(accounts);
        let setup = scenario.setup(&scenario.layouts[0]);
        group.throughput(Throughput::Elements(simulate(&setup, 0).messages));
        group.bench_function(BenchmarkId::new("docs-example", accounts), |b| b.iter(|| simulate(black_box(&setup), 0)));
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).measurement_time(Duration::from_secs(10)).warm_up_time(Duration::from_secs(1));
    targets = whole_runs
}
criterion_main!(benches);
