//! `[workload]`: how many accounts there are and what they get.

use super::population::{self, Spans};
use super::reader::Place;
use super::wire;
use super::wire::Spanned;
use crate::source::Problem;
use crate::time::SimDuration;
use crate::workload::{Activity, Cycle, Group, OFFICE_DAY, OFFICE_WEEK, Recipients, Workload};

/// With a larger sigma a few accounts would get all the mail.
const MAX_ACTIVITY_SIGMA: f64 = 3.0;
/// Most recipients of a message, and largest mean of their number.
const MAX_RECIPIENTS: f64 = 1_000.0;
/// Limits of a weight of a cycle that is not zero: sums and ratios of weights stay numbers.
const WEIGHTS: (f64, f64) = (1e-6, 1e6);
/// Senders that try without a pause would fill the simulation of an outage with nothing else.
const SHORTEST_SENDER_RETRY: SimDuration = SimDuration::from_secs(1);

/// Reads the workload and its groups.
pub(super) fn read(place: &Place, file: &wire::File, spans: &Spans) -> Result<Workload, Problem> {
    let wire = &file.workload;
    let groups = population::read(place, file, spans)?;
    let accounts: u32 = groups.iter().map(|group| group.accounts).sum();
    let most = i64::from(u32::MAX) - i64::from(accounts);
    let first = place.whole(wire.first_account_id.as_ref(), "first_account_id", 0, most, 0)?;
    Ok(Workload {
        accounts,
        first_account_id: first as u32,
        groups,
        bursts: population::bursts(place, file, spans)?,
        calendar_alert_lead: wire.calendar_alert_lead.map_or(SimDuration::from_secs(86_400), |time| time.0),
        calendar_alert_step: wire.calendar_alert_step.map_or(SimDuration::from_secs(1), |time| time.0),
        replay: None,
        sender_retry: place.time_from(
            wire.sender_retry.as_ref(),
            "sender_retry",
            SHORTEST_SENDER_RETRY,
            SimDuration::from_secs(300),
        )?,
    })
}

/// A key of a group: its own, or that of `[workload]`.
macro_rules! own {
    ($wire:expr, $population:expr, $key:ident) => {
        $population.and_then(|own: &wire::Population| own.$key.as_ref()).or($wire.$key.as_ref())
    };
}

/// Reads a group. Defaults are office mail: 120 messages to an account and day, daily cycle with a peak of 2.1 times
/// the mean, recipients and inequality as in the Enron data (server facts, section 6).
pub(super) fn group(
    place: &Place,
    wire: &wire::Workload,
    own: Option<&wire::Population>,
    accounts: u32,
    spans: &Spans,
) -> Result<Group, Problem> {
    macro_rules! number {
        ($key:ident, $most:expr, $default:expr) => {
            place.number(own!(wire, own, $key), stringify!($key), 0.0, $most, $default)?
        };
    }
    let name = own.and_then(|own| own.name.as_ref()).map_or_else(|| "all".to_string(), |name| name.get_ref().clone());
    let day = weights(place, own!(wire, own, daily_cycle), "daily_cycle", OFFICE_DAY, OFFICE_DAY)?;
    let week = weights(place, own!(wire, own, weekly_cycle), "weekly_cycle", OFFICE_WEEK, [1.0; 7])?;
    Ok(Group {
        name,
        accounts,
        messages_per_account_per_day: number!(messages_per_account_per_day, 1e9, 120.0),
        activity: activity(place, own!(wire, own, activity))?,
        cycle: Cycle::new(&day, &week),
        clock_ahead_s: population::clock_ahead(place, own!(wire, own, time_zone), spans)?,
        arrivals: population::scatter(place, own!(wire, own, arrivals))?,
        growth_per_day: population::growth(place, own!(wire, own, growth_per_day), spans)?,
        recipients: recipients(place, own!(wire, own, recipients_per_message), i64::from(accounts))?,
        push_subscriptions_per_account: number!(push_subscriptions_per_account, 100.0, 1.0),
        calendar_alerts_per_account_per_day: number!(calendar_alerts_per_account_per_day, 1e6, 1.0),
        calendar_alert_clustering: population::clustering(place, own!(wire, own, calendar_alert_clustering))?,
        invitations_per_message: number!(invitations_per_message, 1.0, 0.02),
        trainings_per_message: number!(trainings_per_message, 1.0, 0.02),
        thread_merges_per_message: number!(thread_merges_per_message, 1.0, 0.01),
    })
}

fn activity(place: &Place, wire: Option<&Spanned<wire::Activity>>) -> Result<Activity, Problem> {
    let Some(written) = wire else { return Ok(Activity::LogNormal { sigma: 1.29 }) };
    match written.get_ref() {
        wire::Activity::Equal => Ok(Activity::Equal),
        wire::Activity::Lognormal(wire::Sigma { sigma }) => {
            Ok(Activity::LogNormal { sigma: place.number(Some(sigma), "sigma", 0.0, MAX_ACTIVITY_SIGMA, 0.0)? })
        }
    }
}

fn recipients(place: &Place, wire: Option<&Spanned<wire::Recipients>>, accounts: i64) -> Result<Recipients, Problem> {
    let Some(written) = wire else { return Ok(Recipients::Geometric { mean: 1.66 }) };
    match written.get_ref() {
        wire::Recipients::Constant(count)
            if (1.0..=MAX_RECIPIENTS).contains(count) && *count <= accounts as f64 && count.fract() == 0.0 =>
        {
            Ok(Recipients::Constant(*count as u32))
        }
        wire::Recipients::Constant(count) if *count > accounts as f64 => {
            let help = format!("use at most {accounts}, the number of accounts");
            Err(place.problem(written.span(), format!("a message has {count} recipients"), help))
        }
        wire::Recipients::Constant(count) => {
            let help = format!("use a whole number from 1 to {MAX_RECIPIENTS}, or {{ geometric = {{ mean = 1.66 }} }}");
            Err(place.problem(written.span(), format!("a message has {count} recipients"), help))
        }
        wire::Recipients::Geometric(wire::Mean { mean }) => {
            Ok(Recipients::Geometric { mean: place.number(Some(mean), "mean", 1.0, MAX_RECIPIENTS, 1.0)? })
        }
    }
}

fn weights<const N: usize>(
    place: &Place,
    wire: Option<&Spanned<wire::CycleWeights>>,
    name: &str,
    office: [f64; N],
    default: [f64; N],
) -> Result<[f64; N], Problem> {
    let Some(written) = wire else { return Ok(default) };
    let wrong = |message: String| {
        place.problem(written.span(), message, format!("use \"flat\", \"office\" or {N} weights of zero or more"))
    };
    match written.get_ref() {
        wire::CycleWeights::Name(cycle) if cycle == "flat" => Ok([1.0; N]),
        wire::CycleWeights::Name(cycle) if cycle == "office" => Ok(office),
        wire::CycleWeights::Name(cycle) => Err(wrong(format!("there is no {name} `{cycle}`"))),
        wire::CycleWeights::Weights(list) => {
            let written: &[Spanned<f64>; N] = list
                .as_slice()
                .try_into()
                .map_err(|_| wrong(format!("`{name}` has {} weights instead of {N}", list.len())))?;
            let weights = written.each_ref().map(|weight| *weight.get_ref());
            let is_weight = |weight: f64| weight == 0.0 || (WEIGHTS.0..=WEIGHTS.1).contains(&weight);
            if let Some(weight) = written.iter().find(|weight| !is_weight(*weight.get_ref())) {
                let message = format!("`{name}` has the weight {}", weight.get_ref());
                let help = format!("use 0, or a number from {} to {}", WEIGHTS.0, WEIGHTS.1);
                return Err(place.problem(weight.span(), message, help));
            }
            if weights.iter().sum::<f64>() <= 0.0 {
                return Err(wrong(format!("all weights of `{name}` are zero")));
            }
            Ok(weights)
        }
    }
}
