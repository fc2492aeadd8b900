//! Instructions of small cases of everything that takes time, counted by valgrind: the same on every run, whatever
//! else the machine does. `cargo run --release --example instructions` runs these and holds them against
//! `results/instructions.csv`; the cases are the functions below, with the names after `bench::`.

#[path = "cases/draws.rs"]
mod draws;
#[path = "cases/layouts.rs"]
mod layouts;
#[path = "cases/mail.rs"]
mod mail;
#[path = "cases/queues.rs"]
mod queues;
#[path = "cases/runs.rs"]
mod runs;

use draws::{DRAWS, stream};
use gungraun::{Callgrind, LibraryBenchmarkConfig, library_benchmark, library_benchmark_group, main};
use rolesim::cluster::setup::Setup;
use rolesim::cluster::simulate;
use rolesim::engine::distribution::{Distribution, ParameterError};
use rolesim::engine::random::{Stream, Streams};
use rolesim::layout::{Layout, NodeSettings};
use rolesim::metrics::record::Record;
use rolesim::workload::Accounts;

// M/M/4 queues on the engine.
#[library_benchmark]
#[bench::queues_1(1, 30_000)]
#[bench::queues_1000(1_000, 60_000)]
fn mm4(queues: usize, events: u64) -> u64 {
    queues::on_engine(queues, events)
}

fn layout_and_nodes(count: u64) -> (Layout, Vec<NodeSettings>) {
    (layouts::read(&layouts::text(count)), layouts::nodes(count))
}

// What every node derives for every role.
#[library_benchmark(setup = layout_and_nodes)]
#[bench::nodes_6(6)]
#[bench::nodes_1024(1_024)]
fn derive((layout, nodes): (Layout, Vec<NodeSettings>)) -> (u64, Layout, Vec<NodeSettings>) {
    (layouts::derive(&layout, &nodes), layout, nodes)
}

// Reading a layout file.
#[library_benchmark(setup = layouts::text)]
#[bench::nodes_6(6)]
#[bench::nodes_1024(1_024)]
fn read(text: String) -> (Layout, String) {
    (layouts::read(&text), text)
}

fn distribution_and_stream(distribution: Result<Distribution, ParameterError>) -> (Distribution, Stream) {
    (distribution.expect("valid parameters"), stream(0))
}

// A hundred thousand values.
#[library_benchmark(setup = distribution_and_stream)]
#[bench::exponential(Distribution::exponential(3.0))]
#[bench::lognormal(Distribution::lognormal_mean_cv(3.0, 1.5))]
#[bench::gamma(Distribution::gamma(4.0, 0.75))]
fn draw((distribution, mut stream): (Distribution, Stream)) -> f64 {
    (0..100_000 / DRAWS).map(|_| draws::sum(&mut stream, |stream| distribution.sample(stream))).sum()
}

fn setup_and_accounts(accounts: u32) -> (Setup, Accounts) {
    let setup = runs::docs_example(accounts, 60);
    let accounts = setup.workload.draw_accounts(Streams { seed: setup.seed, replication: 0 });
    (setup, accounts)
}

// Messages in blocks.
#[library_benchmark(setup = setup_and_accounts)]
#[bench::accounts_2000(2_000)]
fn messages((setup, accounts): (Setup, Accounts)) -> (u64, Setup, Accounts) {
    (mail::in_blocks(&setup, &accounts, 20_000), setup, accounts)
}

// A whole simulation.
#[library_benchmark(setup = runs::docs_example)]
#[bench::docs_example(2_000, 20)]
fn run(setup: Setup) -> (Record, Setup) {
    (simulate(&setup, 0), setup)
}

library_benchmark_group!(name = cases, benchmarks = [mm4, derive, read, draw, messages, run]);

main!(
    config = LibraryBenchmarkConfig::default().tool(Callgrind::with_args(["--cache-sim=no"])),
    library_benchmark_groups = cases
);
