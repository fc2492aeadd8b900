//! What every node derives for every role from a layout, for 6 and for 1,024 nodes in shards of three.
//!
//! `derive`: `Layout::assignment` for each node and role, beside two programs written by hand that give the same
//! answers from plain lists of ids: `scan` looks through a role's shards for each node, as the server does; `table`
//! goes once through the shards and notes for each node where it is named first. `read`: `Layout::parse`, beside
//! reading the same text as TOML and nothing more.

#[path = "cases/layouts.rs"]
mod layouts;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use layouts::{derive, nodes, read, shards, text};
use rolesim::layout::Role;
use std::hint::black_box;
use std::time::Duration;

/// The shards of each role, each a list of node ids.
struct Plain(Vec<Vec<Vec<u64>>>);

impl Plain {
    fn new(nodes: u64) -> Self {
        Self(vec![shards(nodes).map(Iterator::collect).collect(); Role::COUNT])
    }

    fn scan(&self, nodes: u64) -> u64 {
        let mut sum = 0;
        for node in 1..=nodes {
            for shards in &self.0 {
                let shard = shards.iter().position(|ids| ids.contains(&node));
                sum += shard.map_or(0, |shard| node * (shard as u64 + 1));
            }
        }
        sum
    }

    fn table(&self, nodes: u64) -> u64 {
        let mut sum = 0;
        let mut first = vec![0; nodes as usize + 1];
        for shards in &self.0 {
            first.fill(0);
            for (shard, ids) in (1..).zip(shards) {
                for &id in ids {
                    let place = &mut first[id as usize];
                    *place = if *place == 0 { shard } else { *place };
                }
            }
            sum += (0..).zip(&first).map(|(node, shard)| node * shard).sum::<u64>();
        }
        sum
    }
}

fn derivation(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("derive");
    for count in [6, 1_024] {
        let (layout, nodes, plain) = (read(&text(count)), nodes(count), Plain::new(count));
        let sum = derive(&layout, &nodes);
        assert_eq!([plain.scan(count), plain.table(count)], [sum; 2], "all derive the same");
        group.throughput(Throughput::Elements(count * Role::COUNT as u64));
        group.bench_function(BenchmarkId::new("layout", count), |b| b.iter(|| derive(black_box(&layout), &nodes)));
        group.bench_function(BenchmarkId::new("scan", count), |b| b.iter(|| black_box(&plain).scan(count)));
        group.bench_function(BenchmarkId::new("table", count), |b| b.iter(|| black_box(&plain).table(count)));
    }
    group.finish();
}

fn reading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read");
    for count in [6, 1_024] {
        let text = text(count);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(BenchmarkId::new("layout", count), |b| b.iter(|| read(black_box(&text))));
        group.bench_function(BenchmarkId::new("toml", count), |b| {
            b.iter(|| toml::de::DeTable::parse(black_box(&text)).is_ok());
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(Duration::from_secs(1)).warm_up_time(Duration::from_millis(500));
    targets = derivation, reading
}
criterion_main!(benches);
