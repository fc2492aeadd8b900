//! Whether a scenario can be simulated: an estimate of events and memory before anything is simulated.
//!
//! The estimate counts what the scenario asks for in any case, to an order of magnitude; that work may
//! pile up without bound, because nobody serves it, it does not know. What exceeds the limits would take
//! days or more memory than machines have, and is refused with the quantity that asks for the most.

use super::reader::Place;
use super::wire::Spanned;
use super::{Scenario, wire};
use crate::engine::distribution::Distribution;
use crate::engine::random::{Purpose, Streams};
use crate::faults::Fault;
use crate::layout::{Assignment, Layout, Role};
use crate::server::{DispatchRule, PushRule, Retry, Rules};
use crate::source::Problem;
use crate::workload::Group;
use std::ops::Range;

/// Most events of all simulations of a scenario: days on a large machine.
const MAX_EVENTS: f64 = 1e12;
/// Most memory of one simulation, and of all that the simulations record, in bytes.
const MAX_STATE_BYTES: f64 = 8e9;
const MAX_RECORD_BYTES: f64 = 16e9;
/// Most pairs of a node and a shard of one role: all are looked at.
const MAX_NODE_SHARDS: f64 = 5e7;
/// Most crashes of one node: each is told from the others by a number of 16 bits.
const MAX_CRASHES: f64 = 60_000.0;

const SECONDS_PER_DAY: f64 = 86_400.0;

/// A kind of event, with how many there are and what in the file asks for them.
struct Events {
    what: &'static str,
    count: f64,
    span: Option<Range<usize>>,
}

/// Checks that a scenario is not too large.
///
/// # Errors
/// It is; the error is at what asks for the most.
pub(super) fn check(place: &Place, file: &wire::File, scenario: &Scenario) -> Result<(), Problem> {
    check_shards(place, scenario)?;
    let crashes = crashes(place, file, scenario)?;
    check_memory(place, file, scenario)?;
    check_events(place, file, scenario, crashes)
}

fn check_shards(place: &Place, scenario: &Scenario) -> Result<(), Problem> {
    let nodes = scenario.nodes.len() as f64;
    for layout in &scenario.layouts {
        for role in Role::ALL {
            let shards = layout.shard_count(role, scenario.server(layout).rules.layout);
            if f64::from(shards) * nodes > MAX_NODE_SHARDS {
                let message = format!("layout `{}` has {shards} shards of {role} on {nodes} nodes", layout.name);
                let help = format!("nodes times shards of a role may be {MAX_NODE_SHARDS:e} at most");
                return Err(place.problem(0..0, message, help));
            }
        }
    }
    Ok(())
}

/// Bytes of a scenario's largest tables.
fn check_memory(place: &Place, file: &wire::File, scenario: &Scenario) -> Result<(), Problem> {
    let nodes = scenario.nodes.len() as f64;
    let accounts = f64::from(scenario.workload.accounts);
    let span = scenario.duration.as_secs_f64();
    let bins = (span / scenario.timeline_step.as_secs_f64()).ceil();
    let subscriptions = scenario.workload.subscriptions();
    let (mut state, mut records): (f64, f64) = (0.0, 0.0);
    for layout in &scenario.layouts {
        let rules = scenario.server(layout).rules.layout;
        let shards = |role| f64::from(layout.shard_count(role, rules));
        let all_shards: f64 = Role::ALL.into_iter().map(shards).sum();
        // Weights, subscriptions, locks; for each subscription what each node of its shard knows.
        state = state.max(accounts * 40.0 + subscriptions * 16.0 * push_width(scenario, layout) + nodes * 4_000.0);
        // Counters, histograms, the time line.
        let record = nodes * 1_200.0 + all_shards * 12_000.0 + bins * (nodes * 4.0 + 150.0) + accounts / 4.0 + 2e5;
        records += record * f64::from(scenario.replications);
    }
    if state > MAX_STATE_BYTES {
        let span = span_of(&file.workload.push_subscriptions_per_account).or(span_of(&file.workload.accounts));
        let message = format!("a simulation needs about {:.0} GB of memory", state / 1e9);
        let help = format!(
            "use fewer accounts, subscriptions or nodes a push shard, so that it is at most {:.0} GB",
            MAX_STATE_BYTES / 1e9
        );
        return Err(place.problem(span.unwrap_or(0..0), message, help));
    }
    if records > MAX_RECORD_BYTES {
        let span = span_of(&file.timeline_step).or(span_of(&file.replications));
        let message = format!("the records of all simulations need about {:.0} GB of memory", records / 1e9);
        let help = format!(
            "use a longer timeline_step, fewer replications or nodes, so that they are at most {:.0} GB",
            MAX_RECORD_BYTES / 1e9
        );
        return Err(place.problem(span.unwrap_or(0..0), message, help));
    }
    Ok(())
}

/// Most nodes in a push shard.
fn push_width(scenario: &Scenario, layout: &Layout) -> f64 {
    let rules = scenario.server(layout).rules.layout;
    let shards = layout.shard_count(Role::PushNotifications, rules).max(1);
    let mut members = vec![0_u32; shards as usize];
    let mut everywhere = 0;
    for node in &scenario.node_settings {
        match layout.assignment(Role::PushNotifications, node, rules) {
            Assignment::Enabled => everywhere += 1,
            Assignment::Sharded { shard, .. } => {
                members[(shard as usize).min(shards as usize - 1)] += 1;
            }
            Assignment::Disabled => {}
        }
    }
    f64::from(everywhere + members.into_iter().max().unwrap_or(0))
}

/// Expected number of random crashes in a simulation.
fn crashes(place: &Place, file: &wire::File, scenario: &Scenario) -> Result<f64, Problem> {
    let span_s = span_s(scenario);
    let mut all = 0.0;
    let mut of_a_node = 0.0;
    for (fault, written) in scenario.faults.iter().zip(&file.fault) {
        let Fault::RandomCrashes { nodes, between, repair, zones } = fault else { continue };
        // A crash may take the other nodes of its zone along.
        let also = zones.as_ref().map_or(0.0, |zones| zones.probability * (zones.largest() as f64 - 1.0));
        let each = span_s / mean_up_to(span_s, between, Some(repair)).max(1e-9) * (1.0 + also);
        of_a_node += each;
        all += each * nodes.len() as f64;
        if of_a_node > MAX_CRASHES {
            let message = format!("a node would crash about {of_a_node:.0e} times");
            let help = format!("use a longer time between crashes: {MAX_CRASHES:.0} crashes of a node are the most");
            return Err(place.problem(written.span(), message, help));
        }
    }
    Ok(all)
}

/// Mean of samples (of sums of two) that are cut off at `limit`. A mean alone would say little of
/// distributions in which nearly every sample is close to zero.
fn mean_up_to(limit: f64, first: &Distribution, second: Option<&Distribution>) -> f64 {
    const SAMPLES: u32 = 2_000;
    let mut random = Streams { seed: 0, replication: 0 }.stream(Purpose::Faults, u64::MAX);
    let sum: f64 = (0..SAMPLES)
        .map(|_| {
            let rest = second.map_or(0.0, |second| second.sample(&mut random));
            (first.sample(&mut random) + rest).min(limit)
        })
        .sum();
    sum / f64::from(SAMPLES)
}

fn span_s(scenario: &Scenario) -> f64 {
    (scenario.warmup + scenario.duration + scenario.drain).as_secs_f64()
}

fn span_of<T>(value: &Option<Spanned<T>>) -> Option<Range<usize>> {
    value.as_ref().map(Spanned::span)
}

fn check_events(place: &Place, file: &wire::File, scenario: &Scenario, crashes: f64) -> Result<(), Problem> {
    let mut events = Vec::new();
    let subscriptions = scenario.workload.subscriptions();
    for layout in &scenario.layouts {
        let rules = scenario.server(layout).rules;
        events.extend(from_workload(file, scenario, &rules, push_width(scenario, layout)));
        events.extend(from_timers(file, scenario, &rules));
        events.push(Events {
            what: "crashes",
            // Each makes a node forget its subscriptions, and start all it does anew.
            count: crashes * (100.0 + subscriptions / 20.0),
            span: file.fault.first().map(Spanned::span),
        });
    }
    let total = events.iter().map(|events| events.count).sum::<f64>() * f64::from(scenario.replications);
    if total <= MAX_EVENTS {
        return Ok(());
    }
    let Some(most) = events.iter().max_by(|a, b| a.count.total_cmp(&b.count)) else { return Ok(()) };
    let span = most.span.clone().or(span_of(&file.duration)).unwrap_or(0..0);
    let message = format!("the scenario asks for about {total:.0e} events, most of them {}", most.what);
    let help = format!(
        "ask for less, or for a shorter time, fewer layouts or replications: {MAX_EVENTS:.0e} events in all are the most"
    );
    Err(place.problem(span, message, help))
}

/// Events of messages, alerts and notifications in one simulation of a layout.
fn from_workload(file: &wire::File, scenario: &Scenario, rules: &Rules, widest: f64) -> Vec<Events> {
    let workload = &scenario.workload;
    let costs = &scenario.costs;
    let (written, accounts) = (&file.workload, f64::from(workload.accounts));
    let days = span_s(scenario) / SECONDS_PER_DAY;
    let nodes = scenario.nodes.len() as f64;
    let span = scenario.duration + scenario.drain;
    let mailings: f64 = workload
        .bursts
        .iter()
        .map(|burst| f64::from(burst.messages(workload.accounts)) * burst.count_within(span) as f64)
        .sum();
    // Growth is largest at one of the ends.
    let of_groups = |of: fn(&Group) -> f64| -> f64 {
        let each = workload.groups.iter().map(|group| {
            let growth = (1.0 + group.growth_per_day).powf(span.as_secs_f64() / SECONDS_PER_DAY).max(1.0);
            f64::from(group.accounts) * of(group) * days * growth
        });
        each.sum()
    };
    let deliveries = mailings
        + match &workload.replay {
            Some(recording) => recording.len() as f64,
            None => of_groups(|group| group.messages_per_account_per_day),
        };
    let subscriptions = if accounts > 0.0 { workload.subscriptions() / accounts } else { 0.0 };
    let alerts = of_groups(|group| group.calendar_alerts_per_account_per_day);
    let worst_failure = costs.tasks.iter().map(|demand| demand.failure_probability).fold(0.0, f64::max);
    let most_runs = match rules.retry {
        Retry::BackOff { max_attempts, .. } => f64::from(max_attempts),
        Retry::WhenSeenExpires => 256.0,
    };
    let runs = expected_attempts(worst_failure, most_runs);
    // The recipients of a message are told apart one by one.
    let comparisons = workload.mean_recipients() / 25.0;
    // An alert wakes every dispatcher; those that fall due in the same moment wake them once.
    let wakes = match rules.dispatch {
        DispatchRule::OwnScans => {
            let step = workload.calendar_alert_step.as_secs_f64();
            let moments = if step > 0.0 { alerts.min(span_s(scenario) / step) } else { alerts };
            moments * nodes * 2.0
        }
        DispatchRule::Once => 0.0,
    };
    let copies = match rules.push {
        PushRule::EveryLiveNode => widest,
        PushRule::OneLiveNode => 1.0,
    };
    let is_timeout = costs.endpoint.mean() > rules.push_timeout.as_secs_f64();
    let push_failure = if is_timeout { 1.0 } else { costs.push_failure_probability };
    let attempts = expected_attempts(push_failure, f64::from(rules.push_max_attempts));
    let messages_span = span_of(&written.messages_per_account_per_day).or(span_of(&written.accounts));
    vec![
        Events { what: "messages", count: deliveries * (4.0 + 8.0 * runs + comparisons), span: messages_span.clone() },
        Events {
            what: "calendar alerts",
            count: alerts * 8.0 * runs + wakes,
            span: span_of(&written.calendar_alerts_per_account_per_day),
        },
        Events {
            what: "push requests",
            count: deliveries * subscriptions * (1.0 + copies * 3.0 * attempts),
            span: span_of(&written.push_subscriptions_per_account).or(messages_span),
        },
    ]
}

/// Expected number of tries of something that fails with this probability, at most `most`.
fn expected_attempts(failure: f64, most: f64) -> f64 {
    if failure < 1.0 { ((1.0 - failure.powf(most)) / (1.0 - failure)).min(most) } else { most }
}

/// Events of timers in one simulation.
fn from_timers(file: &wire::File, scenario: &Scenario, rules: &Rules) -> Vec<Events> {
    let (costs, server) = (&scenario.costs, &file.server);
    let span = span_s(scenario);
    let days = (span / SECONDS_PER_DAY).ceil();
    let nodes = scenario.nodes.len() as f64;
    let every = |interval: crate::time::SimDuration| span / interval.as_secs_f64();
    let store = mean_up_to(span, &costs.tasks[Role::PurgeStores.index()].database, None);
    let timers = [
        ("scans of the task table", nodes * every(rules.refresh_interval) * 3.0, span_of(&server.refresh_interval)),
        ("looks for postponed push requests", nodes * every(rules.push_retry_tick), span_of(&server.push_retry_tick)),
        ("metrics", nodes * every(rules.metrics_interval) * 4.0, span_of(&server.metrics_interval)),
        (
            "reports of metrics",
            nodes * every(rules.metrics_push_interval) * 4.0,
            span_of(&server.metrics_push_interval),
        ),
        (
            "renewals of certificates",
            f64::from(costs.acme_providers) * nodes * every(rules.acme_interval.min(rules.acme_retry_delay)) * 4.0,
            span_of(&server.acme_retry_delay).or(span_of(&server.acme_interval)),
        ),
        (
            "trainings",
            rules.training_interval.map_or(0.0, |interval| nodes * every(interval) * 4.0),
            span_of(&server.training_interval),
        ),
        (
            "purges of accounts",
            days * nodes * f64::from(scenario.workload.accounts) * 6.0,
            span_of(&file.workload.accounts),
        ),
        (
            "requests of store purges",
            days * (3.0 * nodes + 3.0 * store / costs.purge_request.as_secs_f64()),
            span_of(&server.purge_request),
        ),
        (
            "bins of the time line",
            nodes * scenario.duration.as_secs_f64() / scenario.timeline_step.as_secs_f64(),
            span_of(&file.timeline_step),
        ),
    ];
    timers.into_iter().map(|(what, count, span)| Events { what, count, span }).collect()
}
