//! `[workload]`: how many accounts there are and what they get.

use super::reader::Place;
use super::wire;
use crate::source::Problem;
use crate::time::SimDuration;
use crate::workload::{Activity, Cycle, OFFICE_DAY, OFFICE_WEEK, Recipients, Workload};
use toml::Spanned;

/// Most accounts of a cluster.
const MAX_ACCOUNTS: i64 = 10_000_000;

/// Reads the workload. Defaults are office mail: 120 messages to an account and day, daily cycle with a
/// peak of 2.1 times the mean, recipients and inequality as in the Enron data (server facts, section 6).
pub(super) fn read(place: &Place, wire: &wire::Workload) -> Result<Workload, Problem> {
    let accounts = place.whole(wire.accounts.as_ref(), "accounts", 1, MAX_ACCOUNTS, 50_000)?;
    let first =
        place.whole(wire.first_account_id.as_ref(), "first_account_id", 0, i64::from(u32::MAX) - accounts, 0)?;
    Ok(Workload {
        accounts: accounts as u32,
        first_account_id: first as u32,
        messages_per_account_per_day: place.number(
            wire.messages_per_account_per_day.as_ref(),
            "messages_per_account_per_day",
            0.0,
            1e9,
            120.0,
        )?,
        activity: activity(place, wire.activity.as_ref())?,
        cycle: cycle(place, wire)?,
        recipients: recipients(place, wire.recipients_per_message.as_ref())?,
        push_subscriptions_per_account: place.number(
            wire.push_subscriptions_per_account.as_ref(),
            "push_subscriptions_per_account",
            0.0,
            100.0,
            1.0,
        )?,
        calendar_alerts_per_account_per_day: place.number(
            wire.calendar_alerts_per_account_per_day.as_ref(),
            "calendar_alerts_per_account_per_day",
            0.0,
            1e6,
            1.0,
        )?,
        calendar_alert_lead: wire.calendar_alert_lead.map_or(SimDuration::from_secs(86_400), |time| time.0),
        calendar_alert_step: wire.calendar_alert_step.map_or(SimDuration::from_secs(1), |time| time.0),
        invitations_per_message: place.probability(
            wire.invitations_per_message.as_ref(),
            "invitations_per_message",
            0.02,
        )?,
        trainings_per_message: place.probability(wire.trainings_per_message.as_ref(), "trainings_per_message", 0.02)?,
        thread_merges_per_message: place.probability(
            wire.thread_merges_per_message.as_ref(),
            "thread_merges_per_message",
            0.01,
        )?,
        replay: None,
        sender_retry: place.positive_time(wire.sender_retry.as_ref(), "sender_retry", SimDuration::from_secs(300))?,
    })
}

fn activity(place: &Place, wire: Option<&Spanned<wire::Activity>>) -> Result<Activity, Problem> {
    let Some(written) = wire else { return Ok(Activity::LogNormal { sigma: 1.29 }) };
    match written.get_ref() {
        wire::Activity::Equal => Ok(Activity::Equal),
        wire::Activity::Lognormal(wire::Sigma { sigma }) if (0.0..=10.0).contains(sigma) => {
            Ok(Activity::LogNormal { sigma: *sigma })
        }
        wire::Activity::Lognormal(wire::Sigma { sigma }) => {
            Err(place.problem(written.span(), format!("sigma is {sigma}"), "use a number from 0 to 10"))
        }
    }
}

fn recipients(place: &Place, wire: Option<&Spanned<wire::Recipients>>) -> Result<Recipients, Problem> {
    let Some(written) = wire else { return Ok(Recipients::Geometric { mean: 1.66 }) };
    match written.get_ref() {
        wire::Recipients::Constant(count) if *count >= 1.0 && *count <= 1e6 && count.fract() == 0.0 => {
            Ok(Recipients::Constant(*count as u32))
        }
        wire::Recipients::Constant(count) => {
            let help = "use a whole number from 1 on, or { geometric = { mean = 1.66 } }";
            Err(place.problem(written.span(), format!("a message has {count} recipients"), help))
        }
        wire::Recipients::Geometric(mean) if *mean >= 1.0 && *mean <= 1e4 => Ok(Recipients::Geometric { mean: *mean }),
        wire::Recipients::Geometric(mean) => {
            Err(place.problem(written.span(), format!("the mean is {mean}"), "use a mean from 1 to 10000"))
        }
    }
}

fn cycle(place: &Place, wire: &wire::Workload) -> Result<Cycle, Problem> {
    let day = weights(place, wire.daily_cycle.as_ref(), "daily_cycle", OFFICE_DAY, OFFICE_DAY)?;
    let week = weights(place, wire.weekly_cycle.as_ref(), "weekly_cycle", OFFICE_WEEK, [1.0; 7])?;
    Ok(Cycle::new(&day, &week))
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
            let weights: [f64; N] = list
                .as_slice()
                .try_into()
                .map_err(|_| wrong(format!("`{name}` has {} weights instead of {N}", list.len())))?;
            if let Some(weight) = weights.iter().find(|weight| !weight.is_finite() || **weight < 0.0) {
                return Err(wrong(format!("`{name}` has the weight {weight}")));
            }
            if weights.iter().sum::<f64>() <= 0.0 {
                return Err(wrong(format!("all weights of `{name}` are zero")));
            }
            Ok(weights)
        }
    }
}
