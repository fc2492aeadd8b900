//! From the text to a [`Scenario`]: the order of reading, and the parts that belong to no other file.

use super::population::Spans;
use super::wire;
use super::wire::Spanned;
use super::{Scenario, Server, costs, faults, layouts, nodes, objectives, replay, rules, size, toml_error, workload};
use crate::cluster::setup::Balancing;
use crate::layout::Layout;
use crate::source::{Problem, SourceText};
use crate::time::{Calendar, SimDuration};
use serde::Deserialize;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use toml::value::Datetime;

/// Most bins of the time line: more would only make the files large.
const MAX_BINS: u64 = 100_000;

/// The source of a scenario, for errors with a place in it.
pub(super) struct Place<'a> {
    pub source: &'a Arc<SourceText>,
    /// Files that the scenario names are looked for here.
    pub folder: &'a Path,
}

impl Place<'_> {
    /// An error at a place of the file.
    pub fn problem(&self, span: Range<usize>, message: impl Into<String>, help: impl Into<String>) -> Problem {
        Problem::at(self.source, span, message, help)
    }

    /// A whole number between two limits, or the default.
    pub fn whole(
        &self,
        value: Option<&Spanned<i64>>,
        name: &str,
        low: i64,
        high: i64,
        default: i64,
    ) -> Result<i64, Problem> {
        let Some(value) = value else { return Ok(default) };
        let number = *value.get_ref();
        if (low..=high).contains(&number) {
            return Ok(number);
        }
        Err(self.problem(
            value.span(),
            format!("`{name}` is {number}"),
            format!("use a whole number from {low} to {high}"),
        ))
    }

    /// A number between two limits, or the default.
    pub fn number(
        &self,
        value: Option<&Spanned<f64>>,
        name: &str,
        low: f64,
        high: f64,
        default: f64,
    ) -> Result<f64, Problem> {
        let Some(value) = value else { return Ok(default) };
        let number = *value.get_ref();
        if number.is_finite() && (low..=high).contains(&number) {
            return Ok(number);
        }
        let help = format!("use a number from {low} to {high}");
        let shown = if number.abs() < 1e15 { number.to_string() } else { format!("{number:e}") };
        Err(self.problem(value.span(), format!("`{name}` is {shown}"), help))
    }

    /// A probability, or the default.
    pub fn probability(&self, value: Option<&Spanned<f64>>, name: &str, default: f64) -> Result<f64, Problem> {
        self.number(value, name, 0.0, 1.0, default)
    }

    /// A time of at most `longest`, or the default.
    pub fn time_up_to(
        &self,
        value: Option<&Spanned<super::duration::Time>>,
        name: &str,
        longest: SimDuration,
        default: SimDuration,
    ) -> Result<SimDuration, Problem> {
        let Some(value) = value else { return Ok(default) };
        let time = value.get_ref().0;
        if time > longest {
            let message = format!("`{name}` is {time}");
            return Err(self.problem(value.span(), message, format!("use a time of at most {longest}")));
        }
        Ok(time)
    }

    /// A time of at least `shortest`, or the default.
    pub fn time_from(
        &self,
        value: Option<&Spanned<super::duration::Time>>,
        name: &str,
        shortest: SimDuration,
        default: SimDuration,
    ) -> Result<SimDuration, Problem> {
        let Some(value) = value else { return Ok(default) };
        let time = value.get_ref().0;
        if time < shortest {
            let message = format!("`{name}` is {time}");
            return Err(self.problem(value.span(), message, format!("use a time of {shortest} or more")));
        }
        Ok(time)
    }

    /// A time above zero, or the default.
    pub fn positive_time(
        &self,
        value: Option<&Spanned<super::duration::Time>>,
        name: &str,
        default: SimDuration,
    ) -> Result<SimDuration, Problem> {
        let Some(value) = value else { return Ok(default) };
        if value.get_ref().0.is_zero() {
            return Err(self.problem(
                value.span(),
                format!("`{name}` is zero"),
                "use a time above zero, such as \"300s\"",
            ));
        }
        Ok(value.get_ref().0)
    }
}

/// Reads a scenario.
pub fn read(source: &Arc<SourceText>, folder: &Path) -> Result<Scenario, Problem> {
    let place = Place { source, folder };
    let file = parse(&place)?;
    let (version, lock_store, rules) = rules::read(&place, &file.server, None)?;
    let cluster = nodes::read(&place, &file)?;
    let read = layouts::read(&place)?;
    let mut servers = Vec::new();
    let has_version = read.iter().map(|named| named.version.is_some() || file.server.version.is_some()).collect();
    for named in &read {
        let (version, _, rules) = rules::read(&place, &file.server, named.version.as_ref())?;
        servers.push(Server { version, rules });
    }
    rules::check_meaning(&place, &file.server, &servers)?;
    nodes::check_meaning(&place, &file, &servers)?;
    let mut layouts: Vec<Layout> = read.into_iter().map(|named| named.layout).collect();
    if let Some(total) = &file.server.push_shards_total {
        let total = place.whole(Some(total), "push_shards_total", 1, 60_000, 1)?;
        layouts.iter_mut().for_each(|layout| layout.push_shards_total = total as u32);
    }
    layouts::check_start(&place, &layouts, &servers, &cluster)?;
    let duration = place.positive_time(file.duration.as_ref(), "duration", SimDuration::from_secs(86_400))?;
    let warmup = file.warmup.map_or(SimDuration::ZERO, |time| time.0);
    let (calendar, start) = calendar(&place, file.start.as_ref(), warmup)?;
    let drain = file.drain.map_or(SimDuration::from_secs(7_200), |time| time.0);
    let spans = Spans { start_offset_s: offset_s(file.start.as_ref()), warmup, duration, drain };
    let mut workload = workload::read(&place, &file, &spans)?;
    nodes::check_mail(&place, &file, &cluster, &workload)?;
    let seed = place.whole(file.seed.as_ref(), "seed", 0, i64::MAX, 1)? as u64;
    let clock = replay::Clock::new(&start, warmup, duration, drain);
    workload.replay = replay::read(&place, &file.workload, &workload, &cluster, &clock, seed)?;
    let scenario = Scenario {
        title: file.title.clone().unwrap_or_else(|| file_stem(&source.name)),
        description: file.description.clone().unwrap_or_default(),
        costs: costs::read(&place, &file)?,
        faults: faults::read(&place, &file.fault, &cluster, &clock)?,
        fault_spans: file.fault.iter().map(Spanned::span).collect(),
        objectives: objectives::read(&place, &file.objectives, &servers)?,
        start_spread: file.nodes.start_spread.map_or(SimDuration::ZERO, |time| time.0),
        notice_delay: file.nodes.notice_delay.map_or(SimDuration::ZERO, |time| time.0),
        balancing: match file.nodes.load_balancer {
            None | Some(wire::LoadBalancer::Rotation) => Balancing::Rotation,
            Some(wire::LoadBalancer::Random) => Balancing::Random,
            Some(wire::LoadBalancer::LeastBusy) => Balancing::LeastBusy,
            Some(wire::LoadBalancer::ByAccount) => Balancing::ByAccount,
        },
        replications: place.whole(file.replications.as_ref(), "replications", 1, 100_000, 10)? as u32,
        seed,
        timeline_step: timeline_step(&place, file.timeline_step.as_ref(), duration)?,
        steady_state: file.steady_state,
        drain,
        source: source.clone(),
        unlike_nodes: cluster.unlike(&file),
        nodes: cluster.specs,
        node_template: cluster.template,
        node_settings: cluster.settings,
        layouts,
        servers,
        version,
        has_version,
        lock_store,
        rules,
        workload,
        warmup,
        duration,
        calendar,
        start,
    };
    size::check(&place, &file, &scenario)?;
    Ok(scenario)
}

fn file_stem(name: &str) -> String {
    Path::new(name).file_stem().map_or_else(|| name.to_string(), |stem| stem.to_string_lossy().into_owned())
}

fn parse(place: &Place) -> Result<wire::File, Problem> {
    let deserializer =
        toml::Deserializer::parse(&place.source.text).map_err(|error| toml_error::problem(place, &error))?;
    wire::File::deserialize(deserializer).map_err(|error| toml_error::problem(place, &error))
}

fn timeline_step(
    place: &Place,
    step: Option<&Spanned<super::duration::Time>>,
    duration: SimDuration,
) -> Result<SimDuration, Problem> {
    // 144 bins: ten minutes of a day.
    let default = SimDuration::from_nanos((duration.as_nanos() / 144).max(1));
    let chosen = place.positive_time(step, "timeline_step", default)?;
    if let Some(step) = step.filter(|_| duration.as_nanos() / chosen.as_nanos() > MAX_BINS) {
        return Err(place.problem(
            step.span(),
            format!("`timeline_step` divides the duration into more than {MAX_BINS} bins"),
            "use a longer step",
        ));
    }
    Ok(chosen)
}

/// The calendar at the start of the warm-up, and the start of the measured span as text.
fn calendar(
    place: &Place,
    start: Option<&Spanned<Datetime>>,
    warmup: SimDuration,
) -> Result<(Calendar, String), Problem> {
    let Some(written) = start else {
        // Monday 2026-03-02, midnight.
        return Ok((calendar_before(0, warmup), "2026-03-02T00:00:00Z".into()));
    };
    let wrong = || {
        place.problem(
            written.span(),
            format!("`start` is {}", written.get_ref()),
            "use a date and a time, such as 2026-03-02T00:00:00Z",
        )
    };
    let date = written.get_ref().date.ok_or_else(wrong)?;
    let day = jiff::civil::Date::new(date.year as i16, date.month as i8, date.day as i8).map_err(|_| wrong())?;
    let second = written.get_ref().time.map_or(0, |time| {
        u64::from(time.hour) * 3_600 + u64::from(time.minute) * 60 + u64::from(time.second.unwrap_or(0))
    });
    let weekday = day.weekday().to_monday_zero_offset() as u64;
    Ok((calendar_before(weekday * 86_400 + second, warmup), written.get_ref().to_string()))
}

/// How far the clock of the start is ahead of UTC.
fn offset_s(start: Option<&Spanned<Datetime>>) -> i64 {
    match start.and_then(|written| written.get_ref().offset) {
        Some(toml::value::Offset::Custom { minutes }) => i64::from(minutes) * 60,
        _ => 0,
    }
}

fn calendar_before(second_of_week: u64, warmup: SimDuration) -> Calendar {
    let week = 7 * 86_400;
    // A warm-up is rounded up to whole seconds, so that cron times stay on whole seconds of the clock.
    let before = warmup.as_nanos().div_ceil(crate::time::NANOS_PER_SECOND) % week;
    Calendar::from_second_of_week(second_of_week + week - before)
}
