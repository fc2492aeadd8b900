//! Queues with known answers, written as scenarios.

/// A cluster in which indexing is the only work that takes time: Poisson arrivals at `per_second`, exponential service
/// of `mean_ms` on a core, each task done once as the documentation promises. `rest` is the rest of the file.
pub fn toy(duration: &str, per_second: u32, mean_ms: u32, rest: &str) -> String {
    format!(
        r#"duration = "{duration}"
warmup = "2m"
drain = "10m"
replications = 10
seed = 1
{rest}
[server]
version = "documented"
[workload]
accounts = 100
messages_per_account_per_day = {}
recipients_per_message = 1
activity = "equal"
daily_cycle = "flat"
weekly_cycle = "flat"
push_subscriptions_per_account = 0
calendar_alerts_per_account_per_day = 0
invitations_per_message = 0
trainings_per_message = 0
[tasks.ingest]
cpu = "0s"
database = "0s"
[tasks.fts-indexing]
cpu = {{ exponential = {{ mean = "{mean_ms}ms" }} }}
database = "0s"
"#,
        864 * per_second
    )
}

/// Layouts `fast` and `slow`, one node each, of which one is 2 % slower.
pub const FAST_AND_SLOW: &str = r#"
[layouts.fast.cluster.roles]
fts-indexing = "1"
[layouts.slow.cluster.roles]
fts-indexing = "2"
[nodes]
ids = "1-2"
[node.2]
speed = 0.98
"#;

/// Four tasks a second of half a second each: two Erlang. `limit` is that of the 99th percentile of the time in the
/// system.
pub fn queue(limit_s: f64) -> String {
    let limit_s = (limit_s * 1e6).round() / 1e6;
    let rest = format!(
        "[layouts.any]\n[nodes]\nids = \"1\"\ncores = 2\n[objectives]\n\"fts-indexing.latency.p99\" = \"< {limit_s}s\"\n"
    );
    toy("1h", 4, 500, &rest)
}

/// Erlang C, by the recursion of Erlang B: B(0) = 1, B(k) = aB(k−1) / (k + aB(k−1)), C = B / (1 − (1 − B) a/c).
fn erlang_c(servers: u32, offered: f64) -> f64 {
    let blocked = (1..=servers).fold(1.0, |blocked, k| offered * blocked / (f64::from(k) + offered * blocked));
    blocked / (1.0 - (1.0 - blocked) * offered / f64::from(servers))
}

/// P(T > t) in M/M/c, first come first served: with probability C a task waits, exponentially with rate θ = cµ − λ; its
/// service is exponential with rate µ. So P = (1 − C) e^(−µt) + C (θe^(−µt) − µe^(−θt)) / (θ − µ).
fn sojourn_tail(servers: u32, arrival: f64, service: f64, t: f64) -> f64 {
    let waits = erlang_c(servers, arrival / service);
    // The formula has a removable singularity at θ = µ; a rate that is off by 1e-7 makes no difference here.
    let theta = f64::from(servers) * service - arrival + 1e-7;
    let (served, waited) = ((-service * t).exp(), (-theta * t).exp());
    (1.0 - waits) * served + waits * (theta * served - service * waited) / (theta - service)
}

pub fn p99(servers: u32) -> f64 {
    let (mut low, mut high) = (0.0, 100.0);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if sojourn_tail(servers, 4.0, 2.0, middle) > 0.01 { low = middle } else { high = middle }
    }
    low
}

/// Ten minutes of two queues M/M/1 at a utilization of 0.2, whose nodes are 2 % apart in speed.
pub fn two_queues() -> String {
    toy("10m", 1, 200, FAST_AND_SLOW)
}
