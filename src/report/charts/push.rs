//! Push notifications: how many copies users get of each, and what they never get.

use super::canvas::{
    Area, Drawn, Key, LABEL, MARGIN, Sheet, WIDTH, bold, fit, layout_legend, marker, segment, text, width_of,
};
use super::palette::{ALARM, GRID, INK, LINE_COUNT, MUTED};
use super::plot::{Axis, Plot};
use super::{Cell, Chart, DataTable, places};
use crate::metrics::rows::{PushRow, SummaryRow, Tables};
use crate::report::aggregate::{Estimate, distinct};
use crate::report::format::{self, Unit};
use crate::source::Problem;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

/// Rows that one chart has room for; of more shards the worst are shown.
const ROWS_MAX: usize = 24;
const ROW: i32 = 25;
/// Copies within this of 1 are single.
const SINGLE: f64 = 0.005;
/// The shard that is all shards.
const WHOLE: &str = "all";

/// One shard of one layout, over the replications.
struct Shard<'a> {
    layout: &'a str,
    /// Among all layouts of the run.
    place: usize,
    shard: &'a str,
    copies: Estimate,
    missed: Estimate,
}

impl Shard<'_> {
    fn is_whole(&self) -> bool {
        self.shard == WHOLE
    }

    fn badness(&self) -> f64 {
        (self.copies.mean - 1.0).max(0.0) + self.missed.mean * 100.0
    }
}

/// The chart of all layouts; `None` if nothing was to be pushed.
pub fn chart(tables: &Tables) -> Result<Option<Chart>, Problem> {
    let places = places(tables);
    let all = collect(tables, &places);
    if all.is_empty() {
        return Ok(None);
    }
    let layouts = distinct(all.iter().map(|s| (s.place, s.layout)));
    let title = finding(&all, layouts.len());
    let data = data(&all);
    let total = all.len();
    let shown = choose(all, &layouts);
    let note = if shown.len() < total { "of the shards, only the worst are shown" } else { "" };
    // Rows have their names: of more layouts than there are signs none has one of its own.
    let has_signs = (2..=LINE_COUNT).contains(&places.len());
    let sheet = Sheet {
        file_stem: "push".to_owned(),
        layout: None,
        subject: "Push notifications: copies and losses".to_owned(),
        title,
        alt: format!(
            "Two dot plots with a row for each of {} shards: copies per notification, and share of notifications that are lost.",
            shown.len()
        ),
        legend: if has_signs { layout_legend(&layouts, 0, Key::Point) } else { Vec::new() },
        data,
    };
    sheet
        .draw(shown.len() as i32 * ROW + 78, |area| {
            let sign = |index: usize| if has_signs { index } else { 0 };
            draw(area, &shown, (layouts.len() > 1, &sign), note)
        })
        .map(Some)
}

fn collect<'a>(tables: &'a Tables, layouts: &[&'a str]) -> Vec<Shard<'a>> {
    let mut shards = Vec::new();
    for (place, layout) in layouts.iter().copied().enumerate() {
        let of_layout: Vec<&PushRow> =
            tables.push.iter().filter(|row| row.layout == layout && row.notifications > 0).collect();
        let mut names = distinct(of_layout.iter().map(|row| row.shard.as_str()));
        // The whole first, then by number.
        names.sort_by_key(|name| (*name != WHOLE, name.parse::<u64>().unwrap_or(0)));
        if names.len() == 2 {
            // A single shard is the whole.
            names.truncate(1);
        }
        for shard in names {
            let mine = || of_layout.iter().filter(move |row| row.shard == shard);
            let ratio = |count: fn(&PushRow) -> u64, of: fn(&PushRow) -> u64| {
                Estimate::from_values(mine().map(|row| count(row) as f64 / of(row) as f64))
            };
            let copies = ratio(|row| row.copies, |row| row.delivered);
            let missed = ratio(|row| row.missed, |row| row.notifications);
            if let Some(mut missed) = missed {
                if shard == WHOLE {
                    missed.half_width = missed_half_width(tables, layout).or(missed.half_width);
                }
                // Nothing delivered, nothing copied.
                let none = Estimate { n: missed.n, mean: 0.0, half_width: None, min: 0.0, max: 0.0 };
                shards.push(Shard { layout, place, shard, copies: copies.unwrap_or(none), missed });
            }
        }
    }
    shards
}

/// Half of the interval that `summary.csv` has for the share of notifications that are missed, before it was cut at 0 and 1: it
/// heeds also losses that are too rare to be seen.
fn missed_half_width(tables: &Tables, layout: &str) -> Option<f64> {
    let is_it = |row: &&SummaryRow| row.layout == layout && row.metric == "push-notifications.missed.fraction";
    let row = tables.summary.iter().find(is_it)?;
    Some((row.ci_high? - row.mean).max(row.mean - row.ci_low?))
}

/// At most [`ROWS_MAX`] rows: of each layout the whole, and its worst shards.
fn choose<'a>(all: Vec<Shard<'a>>, layouts: &[(usize, &str)]) -> Vec<Shard<'a>> {
    let room = (ROWS_MAX / layouts.len().max(1)).max(1);
    let mut chosen = Vec::new();
    for (layout, _) in layouts {
        let of_layout = || all.iter().enumerate().filter(move |(_, s)| s.place == *layout);
        let mut places: Vec<(usize, &Shard<'_>)> = of_layout().collect();
        places.sort_by(|a, b| {
            let key = |s: &Shard<'_>| if s.is_whole() { f64::INFINITY } else { s.badness() };
            key(b.1).total_cmp(&key(a.1)).then(a.0.cmp(&b.0))
        });
        places.truncate(room);
        chosen.extend(places.into_iter().map(|(place, _)| place));
    }
    chosen.sort_unstable();
    all.into_iter().enumerate().filter(|(place, _)| chosen.binary_search(place).is_ok()).map(|(_, s)| s).collect()
}

fn finding(shards: &[Shard<'_>], layouts: usize) -> String {
    let mut whole: Vec<&Shard<'_>> = shards.iter().filter(|s| s.is_whole()).collect();
    whole.sort_by(|a, b| a.badness().total_cmp(&b.badness()));
    let (Some(best), Some(worst)) = (whole.first(), whole.last()) else {
        return "Copies and losses of push notifications".to_owned();
    };
    let times = |s: &Shard<'_>| match s.copies.mean {
        mean if (mean - 1.0).abs() <= SINGLE => "once".to_owned(),
        _ => format!("{} times", format::estimate(&s.copies, Unit::Plain)),
    };
    let lost = |s: &Shard<'_>| match s.missed.mean {
        0.0 => "none is lost".to_owned(),
        _ => format!("{} never come", format::estimate(&s.missed, Unit::Percent)),
    };
    if layouts == 1 {
        return format!("Each push notification comes {}; {}", times(worst), lost(worst));
    }
    if times(best) == times(worst) {
        return format!(
            "With every layout push notifications come {}; with {}, {}",
            times(worst),
            worst.layout,
            lost(worst)
        );
    }
    format!("Push notifications come {} with {}, {} with {}", times(best), best.layout, times(worst), worst.layout)
}

fn data(shards: &[Shard<'_>]) -> DataTable {
    let rows = shards.iter().map(|s| {
        vec![
            Cell::words(s.layout),
            Cell { text: s.shard.to_owned(), value: s.shard.parse().ok() },
            Cell::number(format::estimate(&s.copies, Unit::Plain), s.copies.mean),
            Cell::number(format::estimate(&s.missed, Unit::Percent), s.missed.mean),
        ]
    });
    DataTable {
        caption: "Push notifications per shard".to_owned(),
        columns: ["layout", "shard", "copies per delivered notification", "missed"].map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}

fn draw(
    area: &Area<'_>,
    shards: &[Shard<'_>],
    (name_layouts, sign): (bool, &dyn Fn(usize) -> usize),
    note: &str,
) -> Drawn {
    let labels: Vec<String> = shards.iter().map(|s| label(s, name_layouts)).collect();
    let left = MARGIN + 10 + labels.iter().map(|l| width_of(l, LABEL)).max().unwrap_or(0).min(230);
    let bottom = 26 + shards.len() as i32 * ROW;
    let middle = (left + WIDTH - MARGIN) / 2;
    let most = shards.iter().map(|s| s.copies.high()).fold(1.0, f64::max);
    let lost = shards.iter().map(|s| s.missed.high().min(1.0)).fold(0.0, f64::max);
    let none = Axis { low: 0.0, high: 1.0, ticks: Vec::new(), name: String::new() };
    let x_copies = Axis::from_zero(most * 1.05, Unit::Plain, "copies per notification");
    let x_lost = Axis::from_zero(if lost > 0.0 { lost } else { 0.01 }, Unit::Percent, "notifications that never come");
    let copies = Plot::new(area, (left, 22, middle - 66, bottom), x_copies, none.clone());
    let losses = Plot::new(area, (middle + 16, 22, WIDTH - MARGIN - 76, bottom), x_lost, none);
    copies.draw_x_axis()?;
    losses.draw_x_axis()?;
    let one = copies.pixel(1.0, 0.0).0;
    segment(area, (one, 18), (one, bottom), INK.stroke_width(2))?;
    text(area, note, (WIDTH - MARGIN, 14), (HPos::Right, VPos::Bottom), MUTED)?;
    text(area, "1 = right", (one, 16), (HPos::Center, VPos::Bottom), MUTED)?;
    for (i, (shard, label)) in shards.iter().zip(&labels).enumerate() {
        let y = 22 + i as i32 * ROW + ROW / 2;
        if i > 0 && shards[i - 1].place != shard.place {
            segment(area, (MARGIN, y - ROW / 2), (WIDTH - MARGIN, y - ROW / 2), GRID.stroke_width(2))?;
        }
        let name = fit(label, left - MARGIN - 6);
        if shard.is_whole() {
            bold(area, &name, (left - 10, y), (HPos::Right, VPos::Center), INK)?;
        } else {
            text(area, &name, (left - 10, y), (HPos::Right, VPos::Center), INK)?;
        }
        dot(area, &copies, sign(shard.place), &shard.copies, Unit::Plain, (y, shard.copies.mean > 1.0 + SINGLE))?;
        dot(area, &losses, sign(shard.place), &shard.missed, Unit::Percent, (y, shard.missed.mean > 0.0))?;
    }
    Ok(())
}

fn label(shard: &Shard<'_>, name_layouts: bool) -> String {
    match (shard.is_whole(), name_layouts) {
        (true, true) => shard.layout.to_owned(),
        (true, false) => "all".to_owned(),
        _ => format!("shard {}", shard.shard),
    }
}

/// A mean with its interval and its number; bad news in another colour.
fn dot(
    area: &Area<'_>,
    plot: &Plot<'_, '_>,
    index: usize,
    value: &Estimate,
    unit: Unit,
    (y, bad): (i32, bool),
) -> Drawn {
    let high = value.high().min(unit.most().max(value.mean));
    plot.whisker_x(value.low(), high, y)?;
    marker(area, index, (plot.pixel(value.mean, 0.0).0, y))?;
    let end = plot.pixel(high, 0.0).0.max(plot.pixel(value.mean, 0.0).0 + 4);
    let color = if bad { ALARM } else { MUTED };
    text(area, &unit.show(value.mean), (end + 8, y), (HPos::Left, VPos::Center), color)
}
