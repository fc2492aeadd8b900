//! Latency of a role by percentile, the layouts over each other: the tail takes as much room as the rest.

use super::canvas::{Area, Drawn, Key, MARGIN, Sheet, WIDTH, bold, fit, layout_legend, marker};
use super::palette::{self, LINE_COUNT, hue};
use super::plot::{Axis, Plot};
use super::{Cell, Chart, DataTable, slug};
use crate::metrics::rows::{LatencyRow, Tables};
use crate::report::aggregate::distinct;
use crate::report::format::duration;
use crate::source::Problem;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

/// Percentiles that are marked on the axis and listed in the table.
const MARKS: [(f64, &str); 6] =
    [(0.5, "50"), (0.9, "90"), (0.99, "99"), (0.999, "99.9"), (0.9999, "99.99"), (0.99999, "99.999")];
const HEIGHT: i32 = 360;
const BOTTOM: i32 = HEIGHT - 52;

/// The curve of one layout.
struct Curve<'a> {
    layout: &'a str,
    /// By quantile.
    rows: Vec<&'a LatencyRow>,
}

/// A latency with its interval.
struct Point {
    value_s: f64,
    ci_low_s: Option<f64>,
    ci_high_s: Option<f64>,
}

impl Curve<'_> {
    /// Latency and interval at `quantile`, between two rows along the drawn line; `None` beyond the rows.
    fn at(&self, quantile: f64) -> Option<Point> {
        let after = self.rows.iter().position(|row| row.quantile >= quantile - 1e-9)?;
        let (a, b) = (self.rows[after.saturating_sub(1)], self.rows[after]);
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
    let rows: Vec<&LatencyRow> = tables.latency.iter().filter(|row| row.role == role && row.value_s > 0.0).collect();
    let mut curves: Vec<Curve<'_>> = distinct(rows.iter().map(|row| row.layout.as_str()))
        .into_iter()
        .map(|layout| Curve { layout, rows: rows.iter().copied().filter(|row| row.layout == layout).collect() })
        .collect();
    curves.iter_mut().for_each(|curve| curve.rows.sort_by(|a, b| a.quantile.total_cmp(&b.quantile)));
    if curves.is_empty() {
        return Ok(None);
    }
    let sheet = Sheet {
        file_stem: format!("latency-{}", slug(role)),
        layout: None,
        subject: format!("Latency of {role}"),
        title: finding(role, &curves),
        alt: format!(
            "Curves of the latency of {role} by percentile on logarithmic axes, one for each of {} layouts: means of the replications' \
             percentiles, with bands for the 95 % interval.",
            curves.len().min(LINE_COUNT)
        ),
        legend: layout_legend(&curves.iter().map(|curve| curve.layout).collect::<Vec<_>>(), Key::Line),
        data: data(role, &curves),
    };
    // The title is of all; more cannot be told apart in one chart, which the legend says.
    sheet.draw(HEIGHT, |area| draw(area, &curves[..curves.len().min(LINE_COUNT)])).map(Some)
}

fn finding(role: &str, curves: &[Curve<'_>]) -> String {
    let p99: Vec<(&str, f64)> =
        curves.iter().filter_map(|curve| Some((curve.layout, curve.at(0.99)?.value_s))).collect();
    let best = p99.iter().min_by(|a, b| a.1.total_cmp(&b.1));
    let worst = p99.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    match (best, worst, p99.as_slice()) {
        (_, _, [(_, only)]) => format!("99 % of {role} tasks are done within {}", duration(*only)),
        (Some(best), Some(worst), _) if worst.1 > best.1 * 1.1 => format!(
            "99 % of {role} tasks are done within {} with {}, {} with {}",
            duration(best.1),
            best.0,
            duration(worst.1),
            worst.0
        ),
        (Some(_), Some(worst), _) => {
            format!("99 % of {role} tasks are done within {}: the layouts hardly differ", duration(worst.1))
        }
        _ => format!("How long {role} tasks take"),
    }
}

fn data(role: &str, curves: &[Curve<'_>]) -> DataTable {
    let mut rows = Vec::new();
    for curve in curves {
        for (quantile, label) in MARKS {
            let Some(row) = curve.at(quantile) else { continue };
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

fn draw(area: &Area<'_>, curves: &[Curve<'_>]) -> Drawn {
    let rows = || curves.iter().flat_map(|curve| curve.rows.iter());
    let deepest = rows().map(|row| row.quantile).filter(|q| *q < 1.0).fold(0.9, f64::max);
    let low = rows().map(|row| row.ci_low_s.filter(|s| *s > 0.0).unwrap_or(row.value_s)).fold(f64::INFINITY, f64::min);
    let high = rows().map(|row| row.ci_high_s.unwrap_or(row.value_s)).fold(0.0, f64::max);
    let marks = MARKS.iter().filter(|(q, _)| nines(*q) <= nines(deepest) + 1e-9);
    let x = Axis {
        low: 0.0,
        high: nines(deepest),
        ticks: marks.map(|(q, label)| (nines(*q), format!("{label} %"))).collect(),
        name: "tasks done within the latency".to_owned(),
    };
    let y = Axis::log_seconds(low, high, "latency (logarithmic)");
    let left = MARGIN + 28 + y.label_width();
    let floor = y.low;
    let plot = Plot::new(area, (left, 12, WIDTH - MARGIN - 128, BOTTOM), x, y);
    plot.draw_y_axis()?;
    plot.draw_x_axis()?;
    for (i, curve) in curves.iter().enumerate() {
        band(&plot, i, curve, floor)?;
    }
    let mut ends = Vec::new();
    for (i, curve) in curves.iter().enumerate() {
        let points = curve.rows.iter().filter(|row| row.quantile <= deepest);
        let points: Vec<(f64, f64)> = points.map(|row| (nines(row.quantile), row.value_s.log10())).collect();
        plot.line(points.iter().copied(), palette::line(i).stroke_width(2))?;
        for (quantile, _) in &MARKS {
            if let Some(row) = curve.at(*quantile).filter(|_| nines(*quantile) <= nines(deepest) + 1e-9) {
                marker(area, i, plot.pixel(nines(*quantile), row.value_s.log10()))?;
            }
        }
        ends.extend(points.last().map(|(x, y)| (plot.pixel(*x, *y).1, i)));
    }
    label_ends(area, curves, ends)
}

/// The band of the intervals; one that reaches down to zero, which has no place on the axis, ends at its `floor`.
fn band(plot: &Plot<'_, '_>, index: usize, curve: &Curve<'_>, floor: f64) -> Drawn {
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
    plot.polygon(low.chain(high), hue(index).mix(0.16).filled())
}

/// Names at the ends of the curves, moved apart where they would touch.
fn label_ends(area: &Area<'_>, curves: &[Curve<'_>], mut ends: Vec<(i32, usize)>) -> Drawn {
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
        bold(area, &name, (WIDTH - MARGIN - 118, (y - over).max(8)), (HPos::Left, VPos::Center), hue(index))?;
    }
    Ok(())
}
