//! How often `plan` and `compare` are right where a formula knows the answer: the long form of tests in
//! `tests/decisions/`.
//!
//! `cargo run --release --example decisions -- DIR` (or `scripts/coverage.sh`) writes `DIR/decisions.md`, the same bytes on
//! every run.

#[path = "../tests/decisions/queue.rs"]
mod queue;

use queue::{p99, queue, two_queues};
use rolesim::experiment::compare::{ComparePlan, compare, pairs};
use rolesim::experiment::planning::{PlanOptions, plan};
use rolesim::experiment::{Sampler, doubling_looks};
use rolesim::metrics::catalog::metrics;
use rolesim::scenario::Scenario;
use rolesim::source::SourceText;
use rolesim::statistics::Confidence;
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const CERTIFICATES: u64 = 300;
const COMPARISONS: u64 = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let directory = PathBuf::from(std::env::args().nth(1).ok_or("usage: decisions DIR")?);
    let mut text = String::from(INTRODUCTION);
    certificates(&mut text)?;
    common_random_numbers(&mut text)?;
    std::fs::write(directory.join("decisions.md"), text)?;
    Ok(())
}

const INTRODUCTION: &str = "\
# How often plan and compare are right

Written by `scripts/coverage.sh`; the same on every run. Master seeds are independent; the answers are those of formulas.

";

fn scenario(text: &str) -> Result<Scenario, Box<dyn Error>> {
    Scenario::parse(SourceText::new("queue.toml", text), Path::new("."))
        .map_err(|problem| format!("{problem:?}").into())
}

/// M/M/c, four tasks a second of half a second each: the 99th percentile of the time in the system is 2.946 s with 3 nodes
/// and 2.382 s with 4.
fn certificates(text: &mut String) -> Result<(), Box<dyn Error>> {
    let confidence = Confidence::default();
    let options = |max_nodes| PlanOptions {
        max_nodes,
        survive: false,
        screening: 5,
        looks: vec![10, 20, 40],
        confidence,
        attempts: 4,
    };
    writeln!(text, "## Certificates of `plan`\n")?;
    writeln!(
        text,
        "M/M/c, offered load 2, replications of 20 minutes, certified with 95 % in looks at 10, 20 and 40. By the formula of \
         Erlang the 99th percentile of the time in the system is {:.3} s with 3 nodes and {:.3} s with 4.\n\n\
         | limit of the 99th percentile | certified with 3 nodes (wrong) | with 4 (right) | with 5 | nothing | seeds |\n\
         |---|---|---|---|---|---|",
        p99(3),
        p99(4)
    )?;
    let cases = [
        ("just that of 3 nodes: 3 are too few by nothing", p99(3), 4),
        ("half-way between 3 and 4 nodes", 0.5 * (p99(3) + p99(4)), 5),
    ];
    for (name, limit, most) in cases {
        let mut scenario = scenario(&queue(limit).replace("1h", "20m"))?;
        let mut counts = [0_u64; 4];
        for seed in 0..CERTIFICATES {
            scenario.seed = 10_000 + seed;
            let found = plan(&scenario, &options(most), &|_| ()).map_err(|problem| format!("{problem:?}"))?;
            let place = found.winner.map_or(3, |winner| (winner.nodes as usize).clamp(3, 5) - 3);
            counts[place] += 1;
        }
        let share = |count: u64| format!("{:.2} %", 100.0 * count as f64 / CERTIFICATES as f64);
        let [three, four, five, none] = counts.map(share);
        writeln!(text, "| {limit:.3} s, {name} | {three} | {four} | {five} | {none} | {CERTIFICATES} |")?;
    }
    Ok(())
}

/// Two queues M/M/1 whose nodes are 2 % apart in speed: replications until `compare` tells them apart.
fn common_random_numbers(text: &mut String) -> Result<(), Box<dyn Error>> {
    let scenario = scenario(&two_queues())?;
    let metric = metrics(&scenario.rules.roles()).into_iter().find(|metric| metric.name == "fts-indexing.latency.mean");
    let metric = metric.ok_or("a metric")?;
    let decided_at = |seed: u64, step: u64| -> Result<u32, Box<dyn Error>> {
        let systems = scenario.layouts.iter().zip(0..).map(|(layout, number)| {
            let mut setup = scenario.setup(layout);
            setup.seed = seed + number * step;
            (layout.name.clone(), setup)
        });
        let mut sampler = Sampler::new(systems.collect(), vec![metric.clone()]);
        let plan = ComparePlan {
            metrics: 1,
            pairs: pairs(2, None),
            looks: doubling_looks(3, 3_072),
            confidence: Confidence::default(),
            indifference_ratio: 0.001,
        };
        let found = compare(&mut sampler, &plan, &|| ())?;
        Ok(found.differences[0].n)
    };
    let mut rows = Vec::new();
    for seed in 1..=COMPARISONS {
        rows.push((decided_at(100_000 * seed, 0)?, decided_at(100_000 * seed, 1_000)?));
    }
    let mean = |values: &mut dyn Iterator<Item = u32>| values.map(f64::from).sum::<f64>() / COMPARISONS as f64;
    let common = mean(&mut rows.iter().map(|row| row.0));
    let independent = mean(&mut rows.iter().map(|row| row.1));
    writeln!(
        text,
        "\n## Two layouts 2 % apart\n\n\
         Two queues M/M/1 at utilization 0.2, ten minutes long, one node 2 % slower; looks at 3, 6, 12 … 3,072 replications, error \
         rate 5 %. Replications until the mean time in the system is told apart, mean of {COMPARISONS} master seeds:\n\n\
         | random numbers | replications | from | to |\n|---|---|---|---|"
    )?;
    let mut line = |name: &str, mean: f64, values: Vec<u32>| {
        let (least, most) = (values.iter().min().copied().unwrap_or(0), values.iter().max().copied().unwrap_or(0));
        writeln!(text, "| {name} | {mean:.1} | {least} | {most} |")
    };
    line("common", common, rows.iter().map(|row| row.0).collect())?;
    line("independent", independent, rows.iter().map(|row| row.1).collect())?;
    writeln!(text, "\n{:.0} times as many with independent random numbers.", independent / common)?;
    Ok(())
}
