//! From the records of all simulations to the rows of the result files.

use super::LayoutResult;
use super::chance::interval_of_equal;
use super::objectives::{Found, objective_row};
use super::values::{balance, mean_ns, span_ns, undone, utilization, values};
use crate::cluster::setup::Setup;
use crate::layout::Role;
use crate::metrics::catalog::{Metric, metrics};
use crate::metrics::latencies::Latencies;
use crate::metrics::record::Record;
use crate::metrics::rows::{
    BalanceRow, LatencyRow, NodeRow, PushRow, RoleRow, ShardRow, SummaryRow, Tables, TimelineRow,
};
use crate::scenario::Scenario;
use crate::server::DispatchRule;
use crate::statistics::{Confidence, Estimate};

/// Quantiles of `latency.csv`: enough to draw a percentile curve on a logarithmic axis.
const QUANTILES: [f64; 24] = [
    0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.965, 0.98, 0.99, 0.995, 0.998, 0.999,
    0.9995, 0.9999, 0.99999, 1.0,
];
/// Beyond so many nodes the time line of single nodes is written for the first replication only.
const TIMELINE_NODES_MAX: usize = 64;

/// The rows of all result files but the findings, sorted by their keys.
pub fn tables(scenario: &Scenario, results: &[LayoutResult]) -> Tables {
    let mut tables = Tables::default();
    let mut results: Vec<&LayoutResult> = results.iter().collect();
    results.sort_by(|a, b| a.layout.cmp(&b.layout));
    for result in results {
        let mut roles = result.setup.rules.roles();
        roles.sort_by_key(|role| role.key());
        for (number, record) in result.records.iter().enumerate() {
            let replication = result.first + number as u32;
            let part = Part { layout: &result.layout, replication, setup: &result.setup, record };
            part.roles(&roles, &mut tables.roles);
            part.nodes(&roles, &mut tables.nodes);
            part.shards(&roles, &mut tables.shards);
            part.push(&mut tables.push);
            part.balance(&roles, &mut tables.balance);
            part.timeline(&mut tables.timeline);
        }
        latency(result, &roles, &mut tables.latency);
        summary(scenario, result, &mut tables);
    }
    tables
}

/// One replication of one layout.
struct Part<'a> {
    layout: &'a str,
    replication: u32,
    setup: &'a Setup,
    record: &'a Record,
}

impl Part<'_> {
    fn roles(&self, roles: &[Role], rows: &mut Vec<RoleRow>) {
        for role in roles {
            let record = &self.record.roles[role.index()];
            let quantile = |quantile| record.latency.quantile_s(quantile);
            rows.push(RoleRow {
                layout: self.layout.to_string(),
                replication: self.replication,
                role: role.to_string(),
                created: record.created,
                completed: record.completed,
                executions: record.executions,
                duplicate_executions: record.duplicate_executions,
                failed: record.failed,
                waiting_at_end: record.created - record.completed - record.failed,
                latency_mean_s: record.latency.mean_s(),
                latency_p50_s: quantile(0.5),
                latency_p90_s: quantile(0.9),
                latency_p99_s: quantile(0.99),
                latency_p999_s: quantile(0.999),
                latency_max_s: record.latency.max_s(),
                wait_mean_s: mean_ns(record.wait_ns, record.started),
                service_mean_s: mean_ns(record.service_ns, record.executions),
                failed_executions: record.failed_executions,
                interrupted_executions: record.interrupted_executions,
            });
        }
    }

    fn nodes(&self, roles: &[Role], rows: &mut Vec<NodeRow>) {
        let totals: Vec<f64> = (0..Role::COUNT)
            .map(|role| self.record.node_roles.iter().map(|roles| roles[role].busy_ns as f64).sum())
            .collect();
        let ingest_total: f64 = self.record.ingest.iter().map(|ingest| ingest.busy_ns as f64).sum();
        let span = span_ns(self.setup);
        let first = rows.len();
        for (node, spec) in self.setup.nodes.iter().enumerate() {
            let all = &self.record.nodes[node];
            let row = NodeRow {
                layout: self.layout.to_string(),
                replication: self.replication,
                node: spec.id,
                role: String::new(),
                executions: 0,
                busy_s: 0.0,
                share_ratio: None,
                queue_mean: None,
                queue_max: None,
                utilization_ratio: None,
                down_s: None,
                messages_received: None,
                push_requests: None,
                database_s: 0.0,
            };
            let share = |busy: f64, total: f64| (total > 0.0).then(|| busy / total);
            let mut executions = 0;
            let mut database_ns = 0;
            for role in roles {
                let record = &self.record.node_roles[node][role.index()];
                executions += record.executions;
                database_ns += record.database_ns;
                let rules = &self.setup.rules;
                let is_queue = rules.queue_roles.contains(role) && rules.dispatch == DispatchRule::OwnScans;
                rows.push(NodeRow {
                    role: role.to_string(),
                    executions: record.executions,
                    busy_s: record.busy_ns as f64 / 1e9,
                    share_ratio: share(record.busy_ns as f64, totals[role.index()]),
                    queue_mean: is_queue.then(|| record.queue_integral_ns as f64 / span),
                    queue_max: is_queue.then_some(record.queue_max),
                    database_s: record.database_ns as f64 / 1e9,
                    ..row.clone()
                });
            }
            let ingest = &self.record.ingest[node];
            rows.push(NodeRow {
                role: "ingest".into(),
                executions: ingest.executions,
                busy_s: ingest.busy_ns as f64 / 1e9,
                share_ratio: share(ingest.busy_ns as f64, ingest_total),
                database_s: ingest.database_ns as f64 / 1e9,
                ..row.clone()
            });
            rows.push(NodeRow {
                role: "all".into(),
                executions: executions + ingest.executions,
                busy_s: all.busy_ns / 1e9,
                share_ratio: share(all.busy_ns, self.record.nodes.iter().map(|node| node.busy_ns).sum()),
                utilization_ratio: Some(utilization(self.setup, self.record, node)),
                down_s: Some(all.down_ns as f64 / 1e9),
                messages_received: Some(all.messages_received),
                push_requests: Some(all.push_requests),
                database_s: (database_ns + ingest.database_ns) as f64 / 1e9,
                ..row
            });
        }
        rows[first..].sort_by(|a, b| (a.node, &a.role).cmp(&(b.node, &b.role)));
    }

    fn shards(&self, roles: &[Role], rows: &mut Vec<ShardRow>) {
        let workload = &self.setup.workload;
        for &role in roles {
            let coverage = self.setup.coverage(role);
            let by_account = matches!(role, Role::PushNotifications | Role::PurgeAccounts);
            for (shard, record) in self.record.shards[role.index()].iter().enumerate() {
                let ids =
                    u64::from(workload.first_account_id)..u64::from(workload.first_account_id + workload.accounts);
                rows.push(ShardRow {
                    layout: self.layout.to_string(),
                    replication: self.replication,
                    role: role.to_string(),
                    shard: shard as u32 + 1,
                    nodes: coverage.members[shard].len() as u32,
                    accounts: by_account.then(|| count_in_class(ids, shard as u64, u64::from(coverage.shards))),
                    created: record.created,
                    completed: record.completed,
                    latency_p99_s: record.latency.quantile_s(0.99),
                    uncovered_s: record.uncovered_ns as f64 / 1e9,
                });
            }
        }
    }

    fn push(&self, rows: &mut Vec<PushRow>) {
        let shards = self.record.push.len() as u32;
        let first_id = self.setup.workload.first_account_id;
        let duplicates = self.record.accounts_with_duplicates.count_by_shard(first_id, shards);
        let missed = self.record.accounts_with_missed.count_by_shard(first_id, shards);
        let mut pooled = Latencies::new(3);
        let mut all = self.push_row("all".into());
        for (shard, record) in self.record.push.iter().enumerate() {
            pooled.merge(&record.latency);
            let row = PushRow {
                notifications: record.notifications,
                delivered: record.delivered,
                copies: record.copies,
                duplicates: record.copies - record.delivered,
                missed: record.missed,
                requests: record.requests,
                request_failures: record.request_failures,
                latency_p50_s: record.latency.quantile_s(0.5),
                latency_p99_s: record.latency.quantile_s(0.99),
                accounts_with_duplicates: duplicates[shard],
                accounts_with_missed: missed[shard],
                ..self.push_row((shard + 1).to_string())
            };
            all.notifications += row.notifications;
            all.delivered += row.delivered;
            all.copies += row.copies;
            all.duplicates += row.duplicates;
            all.missed += row.missed;
            all.requests += row.requests;
            all.request_failures += row.request_failures;
            all.accounts_with_duplicates += row.accounts_with_duplicates;
            all.accounts_with_missed += row.accounts_with_missed;
            rows.push(row);
        }
        all.latency_p50_s = pooled.quantile_s(0.5);
        all.latency_p99_s = pooled.quantile_s(0.99);
        rows.push(all);
    }

    fn push_row(&self, shard: String) -> PushRow {
        PushRow {
            layout: self.layout.to_string(),
            replication: self.replication,
            shard,
            notifications: 0,
            delivered: 0,
            copies: 0,
            duplicates: 0,
            missed: 0,
            requests: 0,
            request_failures: 0,
            latency_p50_s: None,
            latency_p99_s: None,
            accounts_with_duplicates: 0,
            accounts_with_missed: 0,
        }
    }

    fn balance(&self, roles: &[Role], rows: &mut Vec<BalanceRow>) {
        let mut subjects: Vec<Option<Role>> = std::iter::once(None).chain(roles.iter().copied().map(Some)).collect();
        subjects.sort_by_key(|role| role.map_or("all", Role::key));
        for role in subjects {
            let balance = balance(self.setup, self.record, role);
            rows.push(BalanceRow {
                layout: self.layout.to_string(),
                replication: self.replication,
                role: role.map_or_else(|| "all".to_string(), |role| role.to_string()),
                max_over_mean_ratio: balance.as_ref().map(|balance| balance.max_over_mean_ratio),
                cv_ratio: balance.as_ref().map(|balance| balance.cv_ratio),
                jain_index: balance.as_ref().map(|balance| balance.jain_index),
                gini_index: balance.as_ref().map(|balance| balance.gini_index),
            });
        }
    }

    fn timeline(&self, rows: &mut Vec<TimelineRow>) {
        let mut start_s = 0.0;
        let mut next_start_ns = 0;
        let all_nodes = self.replication == 0 || self.setup.nodes.len() <= TIMELINE_NODES_MAX;
        for bin in &self.record.bins {
            let mut row = |node: Option<u64>, series: String, value: f64| {
                let layout = self.layout.to_string();
                rows.push(TimelineRow { layout, replication: self.replication, start_s, node, series, value });
            };
            row(None, "database_utilization_ratio".into(), bin.database_utilization);
            row(None, "nodes_up".into(), f64::from(bin.nodes_up));
            row(None, "push_duplicates".into(), bin.push_duplicates as f64);
            row(None, "push_missed".into(), bin.push_missed as f64);
            let mut queue_roles = self.setup.rules.queue_roles.to_vec();
            queue_roles.sort_by_key(|role| role.key());
            for role in queue_roles {
                row(None, format!("waiting:{role}"), f64::from(bin.waiting[role.index()]));
            }
            for (node, utilization) in bin.utilization.iter().enumerate().filter(|_| all_nodes) {
                row(Some(self.setup.nodes[node].id), "utilization_ratio".into(), f64::from(*utilization));
            }
            next_start_ns += self.setup.span.bin.as_nanos();
            start_s = next_start_ns as f64 / 1e9;
        }
    }
}

/// How many numbers of a range are `class` modulo `modulus`.
fn count_in_class(range: std::ops::Range<u64>, class: u64, modulus: u64) -> u64 {
    let below = |end: u64| end / modulus + u64::from(end % modulus > class);
    below(range.end) - below(range.start)
}

/// Quantiles as everywhere else: the mean of those of the replications, with its interval. The quantile of all replications
/// together stands beside it: one replication with an outage can have all of its tail.
fn latency(result: &LayoutResult, roles: &[Role], rows: &mut Vec<LatencyRow>) {
    for role in roles {
        let each = || result.records.iter().map(|record| &record.roles[role.index()].latency);
        // A quantile is known for each replication only where several of its values lie beyond.
        let fewest = each().map(Latencies::count).filter(|count| *count > 0).min().unwrap_or(0);
        let mut pooled = Latencies::new(3);
        each().for_each(|latencies| pooled.merge(latencies));
        for quantile in QUANTILES {
            let values: Vec<f64> = each().filter_map(|latencies| latencies.quantile_s(quantile)).collect();
            let Ok(estimate) = Estimate::from_replications(&values, Confidence::default()) else { continue };
            let is_resolved = fewest as f64 * (1.0 - quantile) >= 5.0;
            rows.push(LatencyRow {
                layout: result.layout.clone(),
                role: role.to_string(),
                quantile,
                value_s: estimate.mean,
                ci_low_s: estimate.ci_low().filter(|_| is_resolved).map(|low| low.max(0.0)),
                ci_high_s: estimate.ci_high().filter(|_| is_resolved),
                pooled_s: pooled.quantile_s(quantile),
            });
        }
    }
}

fn summary(scenario: &Scenario, result: &LayoutResult, tables: &mut Tables) {
    let mut metrics = metrics(&result.setup.rules.roles());
    metrics.sort_by(|a, b| a.name.cmp(&b.name));
    let collect = |metric: &Metric| -> Vec<f64> {
        result.records.iter().filter_map(|record| values(&result.setup, record, metric.quantity)).collect()
    };
    for metric in &metrics {
        let Ok(estimate) = Estimate::from_replications(&collect(metric), Confidence::default()) else { continue };
        let interval = interval_of_equal(&result.setup, metric.quantity, &estimate).or(estimate.interval);
        let interval = interval.map(|interval| metric.cut((interval.low, interval.high)));
        tables.summary.push(SummaryRow {
            layout: result.layout.clone(),
            metric: metric.name.clone(),
            n: estimate.n as u32,
            mean: estimate.mean,
            ci_low: interval.map(|(low, _)| low),
            ci_high: interval.map(|(_, high)| high),
            min: estimate.min,
            max: estimate.max,
            unit: metric.unit.to_string(),
        });
    }
    for objective in &scenario.objectives {
        let metric = metrics.iter().find(|metric| metric.name == objective.metric);
        let found = metric.map_or_else(Found::default, |metric| {
            let of = |record| (values(&result.setup, record, metric.quantity), undone(record, metric.quantity));
            Found::new(&result.setup, metric.quantity, result.first, result.records.iter().map(of))
        });
        tables.objectives.push(objective_row(&result.layout, objective, &found));
    }
}
