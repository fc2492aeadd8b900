//! `[[population]]`, `[[burst]]`, and the keys of a group that say how its mail scatters and grows.

use super::reader::Place;
use super::wire::Spanned;
use super::{wire, workload};
use crate::source::Problem;
use crate::time::SimDuration;
use crate::workload::{Burst, Clustering, Group, Scatter};
use std::collections::BTreeSet;

/// Most accounts of a cluster.
const MAX_ACCOUNTS: i64 = 10_000_000;
/// More groups than this are taken for a slip: each arrival looks at all of them.
const MAX_GROUPS: usize = 100;
/// Shares may miss 1 by this much.
const SHARE_TOLERANCE: f64 = 1e-6;
/// Shapes of Weibull intervals: below, nearly all intervals are zero.
const SHAPES: (f64, f64) = (0.2, 10.0);
/// Largest ratio of the rates of the busy and the quiet state.
const MAX_RATIO: f64 = 1e6;
/// Shortest mean time of a state, and shortest pause between mailings.
const SECOND: SimDuration = SimDuration::from_secs(1);
/// The rate of the last day over that of the first.
const GROWTH: (f64, f64) = (1e-3, 1e3);
/// Clocks are at most this far from UTC.
const MAX_OFFSET_S: i64 = 14 * 3_600;
const DAY_S: f64 = 86_400.0;

/// When the scenario happens, as far as populations ask.
pub(super) struct Spans {
    /// How far the clock of `start` is ahead of UTC, in seconds.
    pub start_offset_s: i64,
    pub warmup: SimDuration,
    pub duration: SimDuration,
    pub drain: SimDuration,
}

/// Reads the groups: one of all accounts, or those that are written.
pub(super) fn read(place: &Place, file: &wire::File, spans: &Spans) -> Result<Vec<Group>, Problem> {
    let wire = &file.workload;
    let accounts = place.whole(wire.accounts.as_ref(), "accounts", 1, MAX_ACCOUNTS, 50_000)?;
    if file.population.is_empty() {
        return Ok(vec![workload::group(place, wire, None, accounts as u32, spans)?]);
    }
    if let Some(more) = file.population.get(MAX_GROUPS) {
        let message = format!("there are {} populations", file.population.len());
        return Err(place.problem(more.span(), message, format!("use at most {MAX_GROUPS}")));
    }
    check_names(place, file)?;
    let counts = counts(place, file, accounts)?;
    let groups = file.population.iter().zip(counts);
    groups.map(|(own, count)| workload::group(place, wire, Some(own.get_ref()), count, spans)).collect()
}

fn check_names(place: &Place, file: &wire::File) -> Result<(), Problem> {
    let mut names = BTreeSet::new();
    for population in &file.population {
        let Some(name) = &population.get_ref().name else {
            let help = "add name = \"office\", or another word";
            return Err(place.problem(population.span(), "a population has no name", help));
        };
        if name.get_ref().trim().is_empty() {
            return Err(place.problem(name.span(), "the name of a population is empty", "use a word"));
        }
        if !names.insert(name.get_ref()) {
            let message = format!("two populations are called `{}`", name.get_ref());
            return Err(place.problem(name.span(), message, "use another name for one of them"));
        }
    }
    Ok(())
}

/// Accounts of each group: as many as it says, or its share of `total`.
fn counts(place: &Place, file: &wire::File, total: i64) -> Result<Vec<u32>, Problem> {
    let is_share = file.population.first().is_some_and(|first| first.get_ref().share.is_some());
    let name =
        |population: &wire::Population| population.name.as_ref().map(|name| name.get_ref().clone()).unwrap_or_default();
    for population in &file.population {
        let own = population.get_ref();
        let name = name(own);
        let (message, span) = match (&own.share, &own.accounts) {
            (Some(share), Some(_)) => (format!("population `{name}` has both `share` and `accounts`"), share.span()),
            (None, None) => (format!("population `{name}` has neither `share` nor `accounts`"), population.span()),
            (Some(share), None) if !is_share => {
                (format!("population `{name}` has a share, the first one a number of accounts"), share.span())
            }
            (None, Some(accounts)) if is_share => {
                (format!("population `{name}` has a number of accounts, the first one a share"), accounts.span())
            }
            _ => continue,
        };
        return Err(place.problem(span, message, "give all populations `share`, or all of them `accounts`"));
    }
    if is_share { by_share(place, file, total) } else { by_number(place, file) }
}

/// Block ends are the rounded sums of the shares, so that blocks add up to all accounts.
fn by_share(place: &Place, file: &wire::File, total: i64) -> Result<Vec<u32>, Problem> {
    let mut sum = 0.0;
    let mut end = 0.0_f64;
    let mut counts = Vec::new();
    let mut last = 0..0;
    for share in file.population.iter().filter_map(|population| population.get_ref().share.as_ref()) {
        sum += place.number(Some(share), "share", 0.0, 1.0, 1.0)?;
        let next = (sum.min(1.0) * total as f64).round();
        if next - end < 1.0 {
            let message = format!("a share of {} of {total} accounts is no account", share.get_ref());
            return Err(place.problem(share.span(), message, "use a larger share, or leave the population out"));
        }
        counts.push((next - end) as u32);
        end = next;
        last = share.span();
    }
    if (sum - 1.0).abs() > SHARE_TOLERANCE {
        let message = format!("the shares of the populations add up to {}", (sum * 1e9).round() / 1e9);
        return Err(place.problem(last, message, "change them so that they add up to 1"));
    }
    // What rounding left over belongs to the last one.
    if let Some(count) = counts.last_mut() {
        *count += (total as f64 - end) as u32;
    }
    Ok(counts)
}

fn by_number(place: &Place, file: &wire::File) -> Result<Vec<u32>, Problem> {
    let mut sum = 0;
    let mut counts = Vec::new();
    for written in file.population.iter().filter_map(|population| population.get_ref().accounts.as_ref()) {
        let count = place.whole(Some(written), "accounts", 1, MAX_ACCOUNTS, 1)?;
        sum += count;
        if sum > MAX_ACCOUNTS {
            let message = format!("the populations have {sum} accounts and more");
            return Err(place.problem(written.span(), message, format!("use at most {MAX_ACCOUNTS} in all")));
        }
        counts.push(count as u32);
    }
    match &file.workload.accounts {
        Some(total) if *total.get_ref() != sum => {
            let message = format!("`accounts` is {}, but the populations have {sum}", total.get_ref());
            Err(place.problem(total.span(), message, "leave it out, or give the populations shares of it"))
        }
        _ => Ok(counts),
    }
}

/// By how many seconds a group's clock is ahead of that of `start`.
pub(super) fn clock_ahead(place: &Place, zone: Option<&Spanned<String>>, spans: &Spans) -> Result<i64, Problem> {
    let Some(written) = zone else { return Ok(0) };
    let offset = offset_s(written.get_ref()).ok_or_else(|| {
        let message = format!("`{}` is no offset from UTC", written.get_ref());
        place.problem(written.span(), message, "use an offset such as \"+02:00\", \"-05:30\" or \"Z\"")
    })?;
    Ok(offset - spans.start_offset_s)
}

fn offset_s(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let two = |digits: &str| (digits.len() == 2).then(|| digits.parse::<u8>().ok()).flatten().map(i64::from);
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    let offset = hours * 3_600 + minutes * 60;
    (minutes < 60 && offset <= MAX_OFFSET_S).then_some(sign * offset)
}

/// How arrivals scatter.
pub(super) fn scatter(place: &Place, arrivals: Option<&Spanned<wire::Arrivals>>) -> Result<Scatter, Problem> {
    match arrivals.map(Spanned::get_ref) {
        None | Some(wire::Arrivals::Poisson) => Ok(Scatter::Poisson),
        Some(wire::Arrivals::Weibull(written)) => {
            let shape = place.number(Some(&written.shape), "shape", SHAPES.0, SHAPES.1, 1.0)?;
            Ok(Scatter::Weibull { shape })
        }
        Some(wire::Arrivals::MarkovModulated(written)) => Ok(Scatter::MarkovModulated {
            ratio: place.number(Some(&written.ratio), "ratio", 1.0, MAX_RATIO, 1.0)?,
            busy_mean: place.time_from(Some(&written.busy_mean), "busy_mean", SECOND, SECOND)?,
            quiet_mean: place.time_from(Some(&written.quiet_mean), "quiet_mean", SECOND, SECOND)?,
        }),
    }
}

/// Growth that leaves the rate within bounds at both ends of the simulation.
pub(super) fn growth(place: &Place, growth: Option<&Spanned<f64>>, spans: &Spans) -> Result<f64, Problem> {
    let Some(written) = growth else { return Ok(0.0) };
    let growth = place.number(Some(written), "growth_per_day", -0.5, 1.0, 0.0)?;
    let factor = |days: f64| (1.0 + growth).powf(days);
    let last = factor((spans.duration + spans.drain).as_secs_f64() / DAY_S);
    let first = factor(-spans.warmup.as_secs_f64() / DAY_S);
    for factor in [first, last] {
        if !(GROWTH.0..=GROWTH.1).contains(&factor) {
            let message =
                format!("with `growth_per_day` of {growth} the rate becomes {factor:.1e} times that at the start");
            let help = format!("use a smaller one: the factor may be {} to {}", GROWTH.0, GROWTH.1);
            return Err(place.problem(written.span(), message, help));
        }
    }
    Ok(growth)
}

/// Shares of the alerts at full and half hours.
pub(super) fn clustering(place: &Place, written: Option<&Spanned<wire::Clustering>>) -> Result<Clustering, Problem> {
    let Some(written) = written else { return Ok(Clustering::default()) };
    let (full, half) = (&written.get_ref().full, &written.get_ref().half);
    let full = place.probability(full.as_ref(), "full", 0.0)?;
    let half = place.probability(half.as_ref(), "half", 0.0)?;
    if full + half > 1.0 {
        let message = format!("`full` and `half` add up to {}", full + half);
        return Err(place.problem(written.span(), message, "use shares that add up to 1 or less"));
    }
    Ok(Clustering { full, half })
}

/// Reads the mailings.
pub(super) fn bursts(place: &Place, file: &wire::File, spans: &Spans) -> Result<Vec<Burst>, Problem> {
    file.burst.iter().map(|burst| self::burst(place, burst, spans)).collect()
}

fn burst(place: &Place, written: &Spanned<wire::Burst>, spans: &Spans) -> Result<Burst, Problem> {
    let own = written.get_ref();
    let share = place.number(Some(&own.share), "share", 0.0, 1.0, 1.0)?;
    if share == 0.0 {
        return Err(place.problem(own.share.span(), "a share of 0 is nobody", "use a number above 0, at most 1"));
    }
    let within = own.within.as_ref().map_or(SimDuration::from_secs(10), |within| within.get_ref().0);
    let every = match &own.every {
        None => None,
        Some(every) => Some(place.time_from(Some(every), "every", SECOND.max(within), SECOND)?),
    };
    let (at, span) = match (&own.at, &own.every) {
        (Some(at), _) => (at.get_ref().0, at.span()),
        (None, Some(every)) => (every.get_ref().0, every.span()),
        (None, None) => {
            let help = "add at = \"10h\" (from the start of the measured span), every = \"1d\", or both";
            return Err(place.problem(written.span(), "the burst has neither `at` nor `every`", help));
        }
    };
    if at >= spans.duration {
        let message = format!("the burst begins at {at}, the measured span ends at {}", spans.duration);
        return Err(place.problem(span, message, "use an earlier time, or a longer `duration`"));
    }
    Ok(Burst { at, every, share, within })
}
