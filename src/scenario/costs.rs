//! `[tasks]`, `[database]`, `[coordinator]`, `[push]`: what work costs.
//!
//! No service times of the server are published. The defaults are assumptions of the size that a small
//! cluster's log shows, and are there to be replaced by measured ones.

use super::distribution;
use super::reader::Place;
use super::wire;
use super::wire::Spanned;
use crate::cluster::setup::{Costs, Demand};
use crate::engine::distribution::Distribution;
use crate::layout::Role;
use crate::source::Problem;
use crate::time::SimDuration;

/// Longest of the times that are multiplied by numbers of tasks.
const LONGEST_SMALL_TIME: SimDuration = SimDuration::from_secs(3_600);

/// Shorter ones would only be more of them.
const SHORTEST_PURGE_REQUEST: SimDuration = SimDuration::from_millis(1);

/// Reads all costs.
pub(super) fn read(place: &Place, file: &wire::File) -> Result<Costs, Problem> {
    let server = &file.server;
    let short = |value: &Option<Spanned<super::duration::Time>>, name, default| {
        place.time_up_to(value.as_ref(), name, LONGEST_SMALL_TIME, default)
    };
    Ok(Costs {
        ingest: demand(place, file.tasks.ingest.as_ref(), lognormal(0.020, 1.5), exponential(0.002))?,
        tasks: Role::ALL.into_iter().map(|role| role_demand(place, &file.tasks, role)).collect::<Result<_, _>>()?,
        metrics_full: demand(
            place,
            one_of(
                place,
                file.tasks.metrics_calculate_full.as_ref(),
                file.tasks.metrics.as_ref().and_then(|metrics| metrics.calculate_full.as_ref()),
            )?,
            Distribution::Constant(1.0),
            Distribution::Constant(30.0),
        )?,
        scan_base: short(&server.scan_base, "scan_base", SimDuration::from_millis(1))?,
        scan_per_task: short(&server.scan_per_task, "scan_per_task", SimDuration::from_nanos(2_000))?,
        lock_round_trip: short(&server.lock_round_trip, "lock_round_trip", SimDuration::from_nanos(500_000))?,
        delete: short(&server.delete_time, "delete_time", SimDuration::from_millis(1))?,
        purge_parallel: place.whole(server.purge_parallel.as_ref(), "purge_parallel", 1, 10_000, 4)? as u32,
        purge_request: place.time_from(
            server.purge_request.as_ref(),
            "purge_request",
            SHORTEST_PURGE_REQUEST,
            SimDuration::from_millis(100),
        )?,
        connections: place.whole(file.database.connections.as_ref(), "connections", 1, 1_000_000, 100)? as u32,
        coordinator_delay: or_default(place, file.coordinator.delay.as_ref(), exponential(0.002))?,
        coordinator_loss_probability: place.probability(
            file.coordinator.loss_probability.as_ref(),
            "loss_probability",
            0.0,
        )?,
        endpoint: or_default(place, file.push.endpoint.as_ref(), lognormal(0.150, 1.0))?,
        push_failure_probability: place.probability(
            file.push.failure_probability.as_ref(),
            "failure_probability",
            0.0,
        )?,
        acme_providers: place.whole(server.acme_providers.as_ref(), "acme_providers", 0, 10_000, 1)? as u32,
    })
}

fn role_demand(place: &Place, tasks: &wire::Tasks, role: Role) -> Result<Demand, Problem> {
    let zero = Distribution::Constant(0.0);
    let (written, cpu, database) = match role {
        Role::FtsIndexing => (tasks.fts_indexing.as_ref(), lognormal(0.030, 1.5), exponential(0.005)),
        Role::BayesTraining => (tasks.bayes_training.as_ref(), lognormal(0.030, 1.0), exponential(0.005)),
        Role::SpamTraining => {
            (tasks.spam_training.as_ref(), Distribution::Constant(60.0), Distribution::Constant(10.0))
        }
        Role::ImipProcessing => (tasks.imip_processing.as_ref(), lognormal(0.010, 1.0), exponential(0.005)),
        Role::CalendarAlerts => (tasks.calendar_alerts.as_ref(), lognormal(0.010, 1.0), exponential(0.005)),
        Role::MergeThreads => (tasks.merge_threads.as_ref(), lognormal(0.005, 1.0), exponential(0.010)),
        Role::PushNotifications => (tasks.push_notifications.as_ref(), Distribution::Constant(0.0003), zero),
        Role::PurgeStores => {
            let nested = tasks.purge.as_ref().and_then(|purge| purge.stores.as_ref());
            (one_of(place, tasks.purge_stores.as_ref(), nested)?, Distribution::Constant(10.0), lognormal(300.0, 0.5))
        }
        Role::PurgeAccounts => {
            let nested = tasks.purge.as_ref().and_then(|purge| purge.accounts.as_ref());
            (one_of(place, tasks.purge_accounts.as_ref(), nested)?, lognormal(0.005, 1.0), exponential(0.020))
        }
        Role::AcmeRenew => {
            let nested = tasks.acme.as_ref().and_then(|acme| acme.renew.as_ref());
            (
                one_of(place, tasks.acme_renew.as_ref(), nested)?,
                Distribution::Constant(1.0),
                Distribution::Constant(0.1),
            )
        }
        Role::MetricsCalculate => {
            let nested = tasks.metrics.as_ref().and_then(|metrics| metrics.calculate.as_ref());
            let written = one_of(place, tasks.metrics_calculate.as_ref(), nested)?;
            (written, Distribution::Constant(0.05), Distribution::Constant(0.1))
        }
        Role::MetricsPush => {
            let nested = tasks.metrics.as_ref().and_then(|metrics| metrics.push.as_ref());
            (one_of(place, tasks.metrics_push.as_ref(), nested)?, Distribution::Constant(0.005), zero)
        }
    };
    demand(place, written, cpu, database)
}

/// The two spellings of a role with a dot in its name; only one may be used.
fn one_of<'a>(
    place: &Place,
    quoted: Option<&'a wire::Task>,
    nested: Option<&'a wire::Task>,
) -> Result<Option<&'a wire::Task>, Problem> {
    match (quoted, nested) {
        (Some(quoted), Some(_)) => {
            let span = [&quoted.cpu, &quoted.database].into_iter().flatten().map(Spanned::span).next().unwrap_or(0..0);
            Err(place.problem(span, "this role's costs are given twice", "keep one of the two tables"))
        }
        (quoted, nested) => Ok(quoted.or(nested)),
    }
}

fn demand(
    place: &Place,
    written: Option<&wire::Task>,
    cpu: Distribution,
    database: Distribution,
) -> Result<Demand, Problem> {
    let task = written.cloned().unwrap_or_default();
    Ok(Demand {
        cpu: or_default(place, task.cpu.as_ref(), cpu)?,
        database: or_default(place, task.database.as_ref(), database)?,
        failure_probability: place.number(task.failure_probability.as_ref(), "failure_probability", 0.0, 0.99, 0.0)?,
    })
}

fn or_default(
    place: &Place,
    written: Option<&Spanned<wire::Distribution>>,
    default: Distribution,
) -> Result<Distribution, Problem> {
    written.map_or(Ok(default), |written| distribution::read(place, written))
}

fn exponential(mean_s: f64) -> Distribution {
    Distribution::Exponential { mean: mean_s }
}

/// Lognormal with these parameters, which are constants of this file and valid.
fn lognormal(mean_s: f64, cv: f64) -> Distribution {
    Distribution::lognormal_mean_cv(mean_s, cv).unwrap_or(Distribution::Constant(mean_s))
}
