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
use statrs::function::gamma::gamma_lr;

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

/// Random crashes as a cause: each node is in the middle of its life at the start, or down.
fn crashes(setup: &Setup, fault: &Fault) -> Option<Cause> {
    let Fault::RandomCrashes { nodes, between, repair, zones } = fault else { return None };
    let share = |time: SimTime, errors: f64| {
        let up = between.mean() / (between.mean() + repair.mean());
        // Without a mean there is no equilibrium: all nodes are new.
        let up = if up.is_finite() { up } else { 1.0 };
        1.0 - up * (1.0 - share_before(time, between, errors))
    };
    let of_node = share(setup.span.measure_end, 0.0);
    // Upwards by two standard errors: this one is a limit.
    let at_most = share(setup.span.drain_end, 2.0);
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

/// The probability that what is up and in the middle of its life ends before a time `t`: E[min(X, t)] / E[X] for lives `X`, by
/// its formula, or by draws and so many standard errors more.
fn share_before(time: SimTime, lives: &Distribution, errors: f64) -> f64 {
    let time_s = time.since(SimTime::ZERO).as_secs_f64();
    match lives {
        Distribution::Exponential { mean } => -(-time_s / mean).exp_m1(),
        Distribution::Weibull { scale, shape } => gamma_lr(shape.recip(), (time_s / scale).powf(*shape)),
        _ => {
            let mut stream = Streams { seed: 0, replication: 0 }.stream(Purpose::Faults, 0);
            let mean_s = lives.mean();
            let of = |life_s: f64| {
                if mean_s.is_finite() { life_s.min(time_s) / mean_s } else { f64::from(u8::from(life_s < time_s)) }
            };
            let (mut sum, mut squares) = (0.0, 0.0);
            for _ in 0..DRAWS {
                let share = of(lives.sample(&mut stream));
                sum += share;
                squares += share * share;
            }
            let (mean, square) = (sum / f64::from(DRAWS), squares / f64::from(DRAWS));
            let error = ((square - mean * mean).max(0.0) / f64::from(DRAWS)).sqrt();
            (mean + errors * error).min(1.0)
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
    // A change that is lost concerns who is told of it, and no task.
    let is_told = matches!(quantity, Quantity::Push(_) | Quantity::Role(Role::PushNotifications, _));
    let loss_probability = if is_told { costs.coordinator_loss_probability } else { 0.0 };
    let lost = (loss_probability, "changes get lost by chance".to_string());
    let causes = [(probability, text), lost].into_iter().filter(|(probability, _)| *probability > 0.0);
    causes.map(|(_, text)| Cause { text, shares: None }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SimDuration;

    /// Weibull lives of shape 0.5 and scale 1 h have the mean Γ(3) = 2 h, and ∫ e^(−√x) dx from 0 to 1 is 2 − 4/e: of those in
    /// the middle of their lives 1 − 2/e = 0.2642 end within an hour. The same by draws of a gamma distribution of shape 1,
    /// which is exponential: 1 − 1/e = 0.6321 within its mean. Where all live for 4 h, a quarter ends in any hour.
    #[test]
    fn lives_end_as_in_equilibrium() {
        let hour = SimTime::ZERO + SimDuration::from_secs(3_600);
        let weibull = Distribution::Weibull { scale: 3_600.0, shape: 0.5 };
        assert!((share_before(hour, &weibull, 0.0) - 0.264_241).abs() < 1e-6);
        let gamma = Distribution::gamma(1.0, 3_600.0).expect("valid");
        assert!((share_before(hour, &gamma, 0.0) - 0.632_121).abs() < 0.01);
        assert!(share_before(hour, &gamma, 2.0) > share_before(hour, &gamma, 0.0));
        let constant = Distribution::constant(4.0 * 3_600.0).expect("valid");
        assert!((share_before(hour, &constant, 0.0) - 0.25).abs() < 1e-9);
    }
}
