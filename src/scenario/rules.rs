//! `[server]`: version, lock store, and every constant that a scenario may set.

use super::Server;
use super::duration::second_of_day;
use super::reader::Place;
use super::wire;
use super::wire::Spanned;
use crate::layout::{LayoutRules, Role, closest};
use crate::server::{LockStore, Retry, Rules, Version, VersionError};
use crate::source::Problem;
use crate::time::SimDuration;

/// Reads version, lock store and rules.
pub(super) fn read(
    place: &Place,
    server: &wire::Server,
    layout_version: Option<&Spanned<String>>,
) -> Result<(Version, LockStore, Rules), Problem> {
    let version = match layout_version.or(server.version.as_ref()) {
        None => Version::V0_14,
        Some(text) => text
            .get_ref()
            .parse()
            .map_err(|error: VersionError| place.problem(text.span(), error.to_string(), VersionError::HELP))?,
    };
    let store = match server.lock_store {
        None | Some(wire::LockStore::Redis) => LockStore::Redis,
        Some(wire::LockStore::Database) => LockStore::Database,
    };
    let mut rules = Rules::of(version, store);
    set_queue_rules(place, server, &mut rules)?;
    set_push_rules(place, server, &mut rules)?;
    set_timers(place, server, &mut rules)?;
    Ok((version, store, rules))
}

fn set_queue_rules(place: &Place, server: &wire::Server, rules: &mut Rules) -> Result<(), Problem> {
    rules.refresh_interval =
        place.positive_time(server.refresh_interval.as_ref(), "refresh_interval", rules.refresh_interval)?;
    if server.channel_capacity.is_some() {
        let capacity = place.whole(server.channel_capacity.as_ref(), "channel_capacity", 1, 1 << 32, 1)?;
        rules.channel_capacity = [capacity as usize; Role::COUNT];
    }
    for (name, batch) in server.batch.iter().flatten() {
        let batch = place.whole(Some(batch), "batch", 1, 1_000_000, 1)?;
        rules.batch[role(place, name)?.index()] = batch as usize;
    }
    for (name, time) in server.lock_time.iter().flatten() {
        rules.lock_time[role(place, name)?.index()] = time.0;
    }
    // Without a margin an entry could expire at the moment at which it is made.
    rules.seen_margin = place.positive_time(server.seen_margin.as_ref(), "seen_margin", rules.seen_margin)?;
    if let Some(renews) = server.failed_try_renews {
        rules.failed_try_renews = renews;
    }
    if let Retry::BackOff { initial, max_attempts } = &mut rules.retry {
        *initial = place.positive_time(server.retry_initial.as_ref(), "retry_initial", *initial)?;
        *max_attempts =
            place.whole(server.retry_max_attempts.as_ref(), "retry_max_attempts", 1, 255, i64::from(*max_attempts))?
                as u32;
    }
    Ok(())
}

fn set_push_rules(place: &Place, server: &wire::Server, rules: &mut Rules) -> Result<(), Problem> {
    set(&mut rules.push_throttle, server.push_throttle);
    set(&mut rules.push_timeout, server.push_timeout);
    set(&mut rules.push_retry_delay, server.push_retry_delay);
    set(&mut rules.resubscribe_gap, server.resubscribe_gap);
    let attempts = i64::from(rules.push_max_attempts);
    rules.push_max_attempts =
        place.whole(server.push_max_attempts.as_ref(), "push_max_attempts", 1, 1_000, attempts)? as u32;
    rules.push_retry_tick =
        place.positive_time(server.push_retry_tick.as_ref(), "push_retry_tick", rules.push_retry_tick)?;
    Ok(())
}

fn set_timers(place: &Place, server: &wire::Server, rules: &mut Rules) -> Result<(), Problem> {
    set(&mut rules.purge_lock_time, server.purge_lock_time);
    if let Some(at) = &server.purge_accounts_at {
        rules.purge_accounts_at_s = clock_time(place, at)?;
    }
    if let Some(times) = &server.purge_stores_at {
        let [data, blobs, memory] = times.get_ref().as_slice() else {
            let message = format!("`purge_stores_at` has {} times instead of three", times.get_ref().len());
            let help = "give three: for the data, the blob and the in-memory store";
            return Err(place.problem(times.span(), message, help));
        };
        rules.purge_stores_at_s = [clock_time(place, data)?, clock_time(place, blobs)?, clock_time(place, memory)?];
    }
    let time = |value: &Option<Spanned<_>>, name, default| place.positive_time(value.as_ref(), name, default);
    rules.metrics_interval = time(&server.metrics_interval, "metrics_interval", rules.metrics_interval)?;
    set(&mut rules.metrics_full_interval, server.metrics_full_interval);
    rules.metrics_push_interval =
        time(&server.metrics_push_interval, "metrics_push_interval", rules.metrics_push_interval)?;
    rules.acme_interval = time(&server.acme_interval, "acme_interval", rules.acme_interval)?;
    rules.acme_retry_delay = time(&server.acme_retry_delay, "acme_retry_delay", rules.acme_retry_delay)?;
    if let Some(interval) = &mut rules.training_interval {
        *interval = time(&server.training_interval, "training_interval", *interval)?;
    }
    Ok(())
}

/// A constant that none of the simulated versions has is a mistake.
pub(super) fn check_meaning(place: &Place, server: &wire::Server, simulated: &[Server]) -> Result<(), Problem> {
    let some = |has: fn(&Rules) -> bool| simulated.iter().any(|server| has(&server.rules));
    let retries = some(|rules| matches!(rules.retry, Retry::BackOff { .. }));
    let keys = [
        ("retry_max_attempts", server.retry_max_attempts.as_ref().map(Spanned::span), retries, "0.16"),
        ("retry_initial", server.retry_initial.as_ref().map(Spanned::span), retries, "0.16"),
        (
            "push_shards_total",
            server.push_shards_total.as_ref().map(Spanned::span),
            some(|rules| rules.layout == LayoutRules::Objects),
            "0.16",
        ),
        (
            "training_interval",
            server.training_interval.as_ref().map(Spanned::span),
            some(|rules| rules.training_interval.is_some()),
            "0.15",
        ),
    ];
    for (key, span, has_meaning, first) in keys {
        if let (Some(span), false) = (span, has_meaning) {
            let help = format!("remove the key, or use version {first} or later");
            return Err(place.problem(span, format!("`{key}` means nothing before {first}"), help));
        }
    }
    Ok(())
}

fn set(rule: &mut SimDuration, value: Option<super::duration::Time>) {
    if let Some(time) = value {
        *rule = time.0;
    }
}

fn clock_time(place: &Place, text: &Spanned<String>) -> Result<u64, Problem> {
    second_of_day(text.get_ref()).ok_or_else(|| {
        place.problem(
            text.span(),
            format!("`{}` is no time of day", text.get_ref()),
            "write hours and minutes, such as \"03:00\"",
        )
    })
}

/// The role with this name.
pub(super) fn role(place: &Place, name: &Spanned<String>) -> Result<Role, Problem> {
    Role::from_key(name.get_ref()).ok_or_else(|| {
        let known = Role::ALL.map(Role::key);
        let help = match closest(name.get_ref(), known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the roles are {}", known.join(", ")),
        };
        place.problem(name.span(), format!("there is no role `{}`", name.get_ref()), help)
    })
}
