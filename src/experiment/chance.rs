//! Causes that come by chance and may be absent from every replication at hand.
//!
//! Replications that are all equal are sure of a metric as long as nothing rare can change it. A node that crashes once in
//! a month, or a change that gets lost, may come in none of ten replications and be the very thing that an objective is
//! about. Service times, messages and choices of the load balancer are no such causes: each replication has thousands.

use crate::cluster::setup::Setup;
use crate::engine::distribution::Distribution;
use crate::engine::random::{Purpose, Streams};
use crate::faults::{Fault, ZoneCrashes};
use crate::layout::Role;
use crate::metrics::catalog::{BalanceQuantity, ClusterQuantity, PushQuantity, Quantity, RoleQuantity};
use crate::report::format::percent;
use crate::server::PushRule;
use crate::statistics::{Estimate, Interval, Unseen};
use crate::time::SimTime;

/// Draws from which the probability of a crash is estimated where there is no formula.
const DRAWS: u32 = 20_000;

/// What may change a metric by chance.
#[derive(Debug, Clone, PartialEq)]
pub struct Chance {
    pub unseen: Unseen,
    /// The rarest cause, as a sentence about replications, such as `a node crashes in 2.9 % of them`.
    pub cause: String,
}

/// One cause.
struct Cause {
    text: String,
    /// Share of the replications in which it comes at the rarest place, and at most anywhere.
    shares: Option<(f64, f64)>,
}

/// What may change this metric of these simulations by chance; `None` if nothing rare can.
pub fn chance(setup: &Setup, quantity: Quantity) -> Option<Chance> {
    if is_fixed(setup, quantity) {
        return None;
    }
    let crashes = setup.faults.iter().filter_map(|fault| crashes(setup, fault));
    let causes: Vec<Cause> = crashes.chain(failures(setup, quantity)).collect();
    let rarity = |cause: &Cause| cause.shares.map_or(f64::INFINITY, |(rarest, _)| rarest);
    let rarest = causes.iter().min_by(|a, b| rarity(a).total_cmp(&rarity(b)))?;
    let none = causes.iter().map(|cause| 1.0 - cause.shares.map_or(1.0, |(_, any)| any)).product::<f64>();
    Some(Chance {
        unseen: Unseen {
            bounds: bounds(setup, quantity),
            most_share: 1.0 - none,
            rarest_share: rarest.shares.map(|(share, _)| share),
        },
        cause: rarest.text.clone(),
    })
}

/// The interval of a metric with bounds that is equal in all of several replications, if it may change by chance.
pub fn interval_of_equal(setup: &Setup, quantity: Quantity, estimate: &Estimate) -> Option<Interval> {
    let is_bounded = bounds(setup, quantity).high.is_finite();
    if !is_bounded || estimate.n < 2 || estimate.min != estimate.max {
        return None;
    }
    chance(setup, quantity)?.unseen.interval(estimate.mean, estimate.n, estimate.confidence).ok()
}

/// Whether the layout settles a metric, whatever happens: where no two nodes push to an account, nobody gets a copy twice.
fn is_fixed(setup: &Setup, quantity: Quantity) -> bool {
    let is_of_copies = matches!(
        quantity,
        Quantity::Push(PushQuantity::CopiesMean | PushQuantity::DuplicatesMean | PushQuantity::AccountsWithDuplicates)
    );
    is_of_copies && most_copies(setup) <= 1.0
}

/// Nodes that may send a copy of one notification.
fn most_copies(setup: &Setup) -> f64 {
    if setup.rules.push != PushRule::EveryLiveNode {
        return 1.0;
    }
    setup.coverage(Role::PushNotifications).members.iter().map(|shard| shard.len()).max().unwrap_or(0) as f64
}

/// What a metric cannot leave.
fn bounds(setup: &Setup, quantity: Quantity) -> Interval {
    let (low, high) = match quantity {
        Quantity::Push(PushQuantity::CopiesMean) => (1.0, most_copies(setup).max(1.0)),
        Quantity::Push(PushQuantity::DuplicatesMean) => (0.0, (most_copies(setup) - 1.0).max(0.0)),
        Quantity::Push(
            PushQuantity::MissedFraction | PushQuantity::AccountsWithDuplicates | PushQuantity::AccountsWithMissed,
        )
        | Quantity::Role(_, RoleQuantity::DuplicateFraction)
        | Quantity::Balance(_, BalanceQuantity::Jain | BalanceQuantity::Gini)
        | Quantity::Cluster(ClusterQuantity::DownFraction) => (0.0, 1.0),
        _ => (0.0, f64::INFINITY),
    };
    Interval { low, high }
}

/// Random crashes as a cause: each node is up at the start and has its first one after the time between two.
fn crashes(setup: &Setup, fault: &Fault) -> Option<Cause> {
    let Fault::RandomCrashes { nodes, between, zones, .. } = fault else { return None };
    let of_node = share_before(setup.span.measure_end, between, |hits| hits.max(1.0));
    // Upwards by about two standard deviations: this one is a limit.
    let at_most = share_before(setup.span.drain_end, between, |hits| hits + 2.0 * hits.sqrt() + 3.0).min(1.0);
    let any = 1.0 - (1.0 - at_most).powf(nodes.len() as f64);
    let zone_probability = zones.as_ref().map_or(0.0, |zones: &ZoneCrashes| zones.probability);
    let of_zone = (1.0 - (1.0 - of_node).powf(nodes.len() as f64)) * zone_probability;
    if zone_probability > 0.0 && of_zone < of_node {
        let text = format!("a crash takes its zone along in about {} of them", percent(of_zone));
        return Some(Cause { text, shares: Some((of_zone, any)) });
    }
    let text = format!("each node crashes in about {} of them", percent(of_node));
    Some(Cause { text, shares: Some((of_node, any)) })
}

/// The probability of a crash before a time: by its formula, or the share of draws, of which `count` counts the hits.
fn share_before(time: SimTime, between: &Distribution, count: impl Fn(f64) -> f64) -> f64 {
    let time_s = time.since(SimTime::ZERO).as_secs_f64();
    match between {
        Distribution::Exponential { mean } => -(-time_s / mean).exp_m1(),
        Distribution::Weibull { scale, shape } => -(-(time_s / scale).powf(*shape)).exp_m1(),
        _ => {
            let mut stream = Streams { seed: 0, replication: 0 }.stream(Purpose::Faults, 0);
            let hits = (0..DRAWS).filter(|_| between.sample(&mut stream) < time_s).count();
            count(hits as f64) / f64::from(DRAWS)
        }
    }
}

/// What fails or gets lost with a probability, of all that may change the metric.
fn failures(setup: &Setup, quantity: Quantity) -> Vec<Cause> {
    let costs = &setup.costs;
    let (probability, text) = match quantity {
        Quantity::Push(_) | Quantity::Role(Role::PushNotifications, _) => {
            (costs.push_failure_probability, "push requests fail by chance".to_string())
        }
        Quantity::Role(role, _) => {
            (costs.tasks[role.index()].failure_probability, format!("runs of {role} fail by chance"))
        }
        Quantity::Balance(..) | Quantity::Cluster(_) => return Vec::new(),
    };
    let lost = (costs.coordinator_loss_probability, "changes get lost by chance".to_string());
    let causes = [(probability, text), lost].into_iter().filter(|(probability, _)| *probability > 0.0);
    causes.map(|(_, text)| Cause { text, shares: None }).collect()
}
