//! Latency of a role by percentile, the layouts over each other: the tail takes as much room as the rest.

use super::canvas::{Area, Drawn, Key, MARGIN, Sheet, WIDTH, bold, fit, layout_legend, marker};
use super::palette::{self, LINE_COUNT, hue};
use super::plot::{Axis, Plot};
use super::undone::{Owed, never_done};
use super::{Cell, Chart, DataTable, places, slug};
use crate::metrics::rows::{LatencyRow, Tables};
use crate::report::aggregate::distinct;
use crate::report::format::duration;
use crate::source::Problem;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};
use std::borrow::Cow;

/// Percentiles that are marked on the axis and listed in the table.
const MARKS: [(f64, &str); 6] =
    [(0.5, "50"), (0.9, "90"), (0.99, "99"), (0.999, "99.9"), (0.9999, "99.99"), (0.99999, "99.999")];
const HEIGHT: i32 = 360;
const BOTTOM: i32 = HEIGHT - 52;

/// The curve of one layout.
struct Curve<'a> {
    layout: &'a str,
    /// Among all layouts of the run.
    place: usize,
    owed: Owed,
    /// By quantile, of all that was to be done: where something is never done, the curve ends before 1.
    rows: Vec<Cow<'a, LatencyRow>>,
}

/// A latency with its interval.
struct Point {
    value_s: f64,
    ci_low_s: Option<f64>,
    ci_high_s: Option<f64>,
}

impl<'a> Curve<'a> {
    fn new(tables: &'a Tables, role: &str, (place, layout): (usize, &'a str)) -> Self {
        let owed = Owed::count(tables, role, layout);
        let share = owed.done_share();
        let mine = tables.latency.iter().filter(|row| row.layout == layout && row.role == role && row.value_s > 0.0);
        let scaled = |row: &LatencyRow| LatencyRow { quantile: row.quantile * share, ..row.clone() };
        let mut rows: Vec<Cow<'a, LatencyRow>> =
            mine.map(|row| if share < 1.0 { Cow::Owned(scaled(row)) } else { Cow::Borrowed(row) }).collect();
        rows.sort_by(|a, b| a.quantile.total_cmp(&b.quantile));
        Self { layout, place, owed, rows }
    }

    /// Latency and interval at `quantile`, between two rows along the drawn line; `None` beyond the rows.
    fn at(&self, quantile: f64) -> Option<Point> {
        let after = self.rows.iter().position(|row| row.quantile >= quantile - 1e-9)?;
        let (a, b) = (&self.rows[after.saturating_sub(1)], &self.rows[after]);
        let (from, to) = (nines(a.quantile), nines(b.quantile));
        let part = if to > from { ((nines(quantile) - from) / (to - from)).clamp(0.0, 1.0) } else { 1.0 };
        let between = |a: f64, b: f64| if a > 0.0 { a * (b / a).powf(part) } else { b };
        let option = |a: Option<f64>, b: Option<f64>| Some(between(a?, b?));
        Some(Point {
            value_s: between(a.value_s, b.value_s),
            ci_low_s: option(a.ci_low_s, b.ci_low_s),
            ci_high_s: option(a.ci_high_s, b.ci_high_s),
        })
    }
}

/// One chart a role that has latencies.
pub fn charts(tables: &Tables) -> Result<Vec<Chart>, Problem> {
    let roles = distinct(tables.latency.iter().map(|row| row.role.as_str()));
    roles.into_iter().filter_map(|role| chart(tables, role).transpose()).collect()
}

fn chart(tables: &Tables, role: &str) -> Result<Option<Chart>, Problem> {
    let layouts = places(tables);
    let all: Vec<Curve<'_>> =
        layouts.iter().copied().enumerate().map(|place| Curve::new(tables, role, place)).collect();
    let title = finding(role, &all, layouts.len() == 1);
    let curves: Vec<Curve<'_>> = all.into_iter().filter(|curve| !curve.rows.is_empty()).collect();
    if curves.is_empty() {
        return Ok(None);
    }
    // The title is of all; more cannot be told apart in one chart, which the legend says.
    let has_sign = |curve: &&Curve<'_>| curve.place < LINE_COUNT;
    let mut shown: Vec<&Curve<'_>> = curves.iter().filter(has_sign).collect();
    if shown.is_empty() {
        shown = curves.iter().take(LINE_COUNT).collect();
    }
    let names: Vec<(usize, &str)> = shown.iter().map(|curve| (curve.place, curve.layout)).collect();
    let ends = if curves.iter().any(|curve| curve.owed.undone() > 0) {
        " The curve of a layout that leaves some undone ends at the share that it does."
    } else {
        ""
    };
    let sheet = Sheet {
        file_stem: format!("latency-{}", slug(role)),
        layout: None,
        subject: format!("Latency of {role}"),
        title,
        alt: format!(
            "Curves of the latency of {role} by percentile on logarithmic axes, one for each of {} layouts: means of the replications' \
             percentiles, with bands for the 95 % interval.{ends}",
            shown.len()
        ),
        legend: layout_legend(&names, curves.len() - shown.len(), Key::Line),
        data: data(role, &curves),
    };
    sheet.draw(HEIGHT, |area| draw(area, &shown)).map(Some)
}

/// How long 99 % of what was to be done take, after what is never done. A layout that leaves something undone is not the best
/// where another does all.
fn finding(role: &str, curves: &[Curve<'_>], alone: bool) -> String {
    let owed: Vec<(&str, Owed)> = curves.iter().map(|curve| (curve.layout, curve.owed)).collect();
    let undone = never_done(role, &owed, alone);
    let p99: Vec<(&Curve<'_>, f64)> =
        curves.iter().filter_map(|curve| Some((curve, curve.at(0.99)?.value_s))).collect();
    let is_partial = |(curve, _): &(&Curve<'_>, f64)| curve.owed.undone() > 0;
    let best = p99.iter().min_by(|a, b| is_partial(a).cmp(&is_partial(b)).then(a.1.total_cmp(&b.1)));
    let worst = p99.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    let shortest = p99.iter().min_by(|a, b| a.1.total_cmp(&b.1));
    let (Some(best), Some(worst), Some(shortest)) = (best, worst, shortest) else {
        return undone.unwrap_or_else(|| format!("How long {role} tasks take"));
    };
    let tasks = match (&undone, owed.iter().any(|(_, owed)| owed.has_failures())) {
        (Some(_), _) => String::new(),
        (None, true) => format!(" of {role} tasks that are not given up"),
        (None, false) => format!(" of {role} tasks"),
    };
    let within = |(_, p99): &(&Curve<'_>, f64)| duration(*p99);
    let with = |(curve, p99): &(&Curve<'_>, f64)| format!("{} with {}", duration(*p99), curve.layout);
    let other = if worst.1 > best.1 * 1.1 { worst } else { shortest };
    let times = match p99.len() {
        1 if alone || undone.is_none() => within(best),
        1 => with(best),
        _ if best.1.max(other.1) > best.1.min(other.1) * 1.1 => format!("{}, {}", with(best), with(other)),
        n if curves.iter().filter(|curve| !curve.owed.is_nothing()).count() > n => {
            format!("{} with each of the others", within(worst))
        }
        _ => format!("{}: the layouts hardly differ", within(worst)),
    };
    format!("{}99 %{tasks} are done within {times}", undone.map_or_else(String::new, |undone| undone + "; "))
}

fn data(role: &str, curves: &[Curve<'_>]) -> DataTable {
    let mut rows = Vec::new();
    for curve in curves {
        for (quantile, label) in MARKS {
            let Some(row) = curve.at(quantile) else {
                if quantile > curve.owed.done_share() {
                    let cells = [Cell::words(curve.layout), Cell::number(format!("{label} %"), quantile)];
                    rows.push(cells.into_iter().chain([Cell::words("never"), Cell::default()]).collect());
                }
                continue;
            };
            let interval = match (row.ci_low_s, row.ci_high_s) {
                (Some(low), Some(high)) => format!("{} to {}", duration(low), duration(high)),
                _ => String::new(),
            };
            rows.push(vec![
                Cell::words(curve.layout),
                Cell::number(format!("{label} %"), quantile),
                Cell::number(duration(row.value_s), row.value_s),
                Cell::words(interval),
            ]);
        }
    }
    let columns = ["layout", "tasks", "done within", "95 % interval"].map(str::to_owned).to_vec();
    DataTable { caption: format!("Latency of {role} by percentile"), columns, rows }
}

/// Position of a quantile on an axis on which each further nine takes the same room.
fn nines(quantile: f64) -> f64 {
    -(1.0 - quantile.clamp(0.0, 0.999_999_9)).log10()
}

fn draw(area: &Area<'_>, curves: &[&Curve<'_>]) -> Drawn {
    let rows = || curves.iter().flat_map(|curve| curve.rows.iter());
    let deepest = rows().map(|row| row.quantile).filter(|q| *q < 1.0).fold(0.9, f64::max);
    let low = rows().map(|row| row.ci_low_s.filter(|s| *s > 0.0).unwrap_or(row.value_s)).fold(f64::INFINITY, f64::min);
    let high = rows().map(|row| row.ci_high_s.unwrap_or(row.value_s)).fold(0.0, f64::max);
    let marks = MARKS.iter().filter(|(q, _)| nines(*q) <= nines(deepest) + 1e-9);
    let x = Axis {
        low: 0.0,
        high: nines(deepest),
        ticks: marks.map(|(q, label)| (nines(*q), format!("{label} %"))).collect(),
        name: "tasks done within the latency, of all that were to be done".to_owned(),
    };
    let y = Axis::log_seconds(low, high, "latency (logarithmic)");
    let left = MARGIN + 28 + y.label_width();
    let floor = y.low;
    let plot = Plot::new(area, (left, 12, WIDTH - MARGIN - 128, BOTTOM), x, y);
    plot.draw_y_axis()?;
    plot.draw_x_axis()?;
    for curve in curves {
        band(&plot, curve, floor)?;
    }
    let mut ends = Vec::new();
    for (i, curve) in curves.iter().enumerate() {
        let place = curve.place;
        let points = curve.rows.iter().filter(|row| row.quantile <= deepest);
        let points: Vec<(f64, f64)> = points.map(|row| (nines(row.quantile), row.value_s.log10())).collect();
        plot.line(points.iter().copied(), palette::line(place).stroke_width(2))?;
        for (quantile, _) in &MARKS {
            if let Some(row) = curve.at(*quantile).filter(|_| nines(*quantile) <= nines(deepest) + 1e-9) {
                marker(area, place, plot.pixel(nines(*quantile), row.value_s.log10()))?;
            }
        }
        ends.extend(points.last().map(|(x, y)| (plot.pixel(*x, *y).1, i)));
    }
    label_ends(area, curves, ends)
}

/// The band of the intervals; one that reaches down to zero, which has no place on the axis, ends at its `floor`.
fn band(plot: &Plot<'_, '_>, curve: &Curve<'_>, floor: f64) -> Drawn {
    let ends: Vec<(f64, f64, f64)> = curve
        .rows
        .iter()
        .filter(|row| row.quantile < 1.0)
        .filter_map(|row| {
            let low = row.ci_low_s?;
            let low = if low > 0.0 { low.log10().max(floor) } else { floor };
            Some((nines(row.quantile), low, row.ci_high_s?.log10()))
        })
        .collect();
    let low = ends.iter().map(|(x, low, _)| (*x, *low));
    let high = ends.iter().rev().map(|(x, _, high)| (*x, *high));
    plot.polygon(low.chain(high), hue(curve.place).mix(0.16).filled())
}

/// Names at the ends of the curves, moved apart where they would touch.
fn label_ends(area: &Area<'_>, curves: &[&Curve<'_>], mut ends: Vec<(i32, usize)>) -> Drawn {
    const STEP: i32 = 17;
    ends.sort_unstable();
    let mut free_from = 0;
    for end in &mut ends {
        end.0 = end.0.max(free_from);
        free_from = end.0 + STEP;
    }
    let over = (free_from - STEP - BOTTOM).max(0);
    for (y, index) in ends {
        let name = fit(curves[index].layout, 120);
        let color = hue(curves[index].place);
        bold(area, &name, (WIDTH - MARGIN - 118, (y - over).max(8)), (HPos::Left, VPos::Center), color)?;
    }
    Ok(())
}
