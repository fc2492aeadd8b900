//! Queueing theory. Every interval has 99.9 % confidence, so that a test errs for one seed in a thousand.

use crate::harness::{assert_mean, interval, of, records, scenario};
use rolesim::layout::Role::FtsIndexing;
use rolesim::metrics::record::Record;

fn wait_s(record: &Record) -> f64 {
    let role = of(record, FtsIndexing);
    role.wait_ns as f64 / role.started as f64 / 1e9
}

/// One node, Poisson arrivals of λ = 0.5/s, exponential demands of μ = 1/s on an idle processor, one worker:
/// M/M/1. The sojourn time is exponential with rate μ − λ: mean 2 s, 99 % below ln(100) · 2 = 9.2103 s.
/// Switched off: constant demands (M/D/1) have mean 1 + ρ/(2μ(1−ρ)) = 1.5 s.
#[test]
fn one_worker_is_m_m_1() {
    let changes = |cpu: &'static str| {
        [
            ("accounts = 8", "accounts = 1000\nmessages_per_account_per_day = 43.2"),
            ("ids = \"1-4\"", "ids = \"1\""),
            ("cpu = \"1s\"", cpu),
            ("duration = \"1h\"", "duration = \"8h\"\nwarmup = \"1h\""),
        ]
    };
    let layout = "[layouts.a.cluster.roles]\nfts-indexing = [\"1\"]\n";
    let run = |cpu| records(&scenario(&changes(cpu), layout), 40);
    let markov = run("cpu = { exponential = { mean = \"1s\" } }");
    let means: Vec<f64> =
        markov.iter().map(|record| of(record, FtsIndexing).latency.mean_s().expect("tasks")).collect();
    assert_mean(&means, 2.0);
    let tails: Vec<f64> =
        markov.iter().map(|record| of(record, FtsIndexing).latency.quantile_s(0.99).expect("tasks")).collect();
    assert_mean(&tails, 100.0_f64.ln() * 2.0);
    let constant: Vec<f64> =
        run("cpu = \"1s\"").iter().map(|record| of(record, FtsIndexing).latency.mean_s().expect("tasks")).collect();
    assert_mean(&constant, 1.5);
    assert!(interval(&constant).1 < 2.0);
}

/// `documented`, four nodes in one shard, λ = 3.2/s, μ = 1/s: M/M/4. Erlang C with a = 3.2, c = 4 gives
/// P(wait) = 0.5964…, mean wait = C/(cμ − λ) = 0.7455405897 s. Switched off: a shard a node is four M/M/1
/// of ρ = 0.8 with mean wait ρ/(μ − λ/4) = 4 s.
#[test]
fn nodes_of_a_documented_shard_are_m_m_c() {
    let changes = [
        ("version = \"0.14\"", "version = \"documented\""),
        ("accounts = 8", "accounts = 1000\nmessages_per_account_per_day = 276.48"),
        ("cpu = \"1s\"", "cpu = { exponential = { mean = \"1s\" } }"),
        ("duration = \"1h\"", "duration = \"8h\"\nwarmup = \"1h\""),
    ];
    let waits = |shards: &str| -> Vec<f64> {
        let layout = format!("[layouts.a.cluster.roles]\nfts-indexing = {shards}\n");
        records(&scenario(&changes, &layout), 40).iter().map(wait_s).collect()
    };
    assert_mean(&waits(r#"["1,2,3,4"]"#), 0.745_540_589_7);
    let split = waits(r#"["1","2","3","4"]"#);
    assert_mean(&split, 4.0);
    assert!(interval(&split).0 > 0.75);
}

/// Deliveries on a node with two cores, λ = 1.6/s, μ = 1/s, processor sharing. The mean number of jobs is
/// that of M/M/2 (the total rate of service is the same), so by Little's law the mean sojourn time is that
/// of M/M/2: 1/μ + C/(cμ − λ) with C(2, 1.6) = 0.7111…: 2.7778 s. It shows in the wait of indexing behind
/// it: with demands of zero, the busy time of the node is λ/μ = 1.6 cores.
#[test]
fn processor_time_is_conserved() {
    let changes = [
        ("accounts = 8", "accounts = 1000\nmessages_per_account_per_day = 138.24"),
        ("ids = \"1-4\"", "ids = \"1\"\ncores = 2"),
        ("[tasks.ingest]\ncpu = \"0s\"", "[tasks.ingest]\ncpu = { exponential = { mean = \"1s\" } }"),
        ("cpu = \"1s\"\ndatabase", "cpu = \"0s\"\ndatabase"),
        ("duration = \"1h\"", "duration = \"8h\"\nwarmup = \"1h\""),
    ];
    let records = records(&scenario(&changes, "[layouts.a.cluster.roles]\n"), 20);
    let busy: Vec<f64> = records.iter().map(|record| record.nodes[0].busy_ns / 1e9 / (8.0 * 3_600.0)).collect();
    assert_mean(&busy, 1.6);
}
