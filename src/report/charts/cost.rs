//! What better costs: each candidate of a plan by its cost and the value that it reaches.

use super::canvas::{Area, Drawn, Key, LABEL, MARGIN, Sheet, WIDTH, bold, card_text, fit, marker, text, width_of};
use super::palette::{ALARM, INK, MUTED};
use super::plot::{Axis, Plot};
use super::{Cell, Chart, DataTable};
use crate::report::format::{self, Unit};
use crate::source::Problem;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

const HEIGHT: i32 = 340;
const BOTTOM: i32 = HEIGHT - 54;
/// More names than this make a thicket; the others are in the table.
const NAMES_MAX: usize = 14;
/// Markers of candidates that meet and that miss the objectives.
const MEETS: usize = 0;
const MISSES: usize = 1;

/// One candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub label: String,
    pub cost: f64,
    pub value: f64,
    /// The 95 % interval of the value; `None` with one replication.
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// Whether it meets every objective.
    pub meets: bool,
}

/// What the axes show.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CostAxes {
    /// What is paid, e.g. `nodes`.
    pub cost: String,
    /// What is got, e.g. `fts-indexing.latency.p99`.
    pub value: String,
    /// The value's unit as in `summary.csv`.
    pub unit: String,
    /// The objective's limit on the value.
    pub limit: Option<f64>,
}

/// The chart; `None` without candidates.
pub fn chart(axes: &CostAxes, candidates: &[Candidate]) -> Result<Option<Chart>, Problem> {
    let mut usable: Vec<&Candidate> = candidates.iter().filter(|c| c.cost.is_finite() && c.value.is_finite()).collect();
    if usable.is_empty() {
        return Ok(None);
    }
    usable.sort_by(|a, b| a.cost.total_cmp(&b.cost).then(a.value.total_cmp(&b.value)).then(a.label.cmp(&b.label)));
    let mut legend = vec![(Key::Point(MEETS), "meets every objective".to_owned())];
    if usable.iter().any(|c| !c.meets) {
        legend.push((Key::Point(MISSES), "does not".to_owned()));
    }
    let sheet = Sheet {
        file_stem: "cost".to_owned(),
        layout: None,
        subject: format!("{} by {}", axes.value, axes.cost),
        title: finding(axes, &usable),
        alt: format!("{} candidates by {} and {}, with 95 % intervals.", usable.len(), axes.cost, axes.value),
        legend,
        data: data(axes, &usable),
    };
    sheet.draw(HEIGHT, |area| draw(area, axes, &usable)).map(Some)
}

fn finding(axes: &CostAxes, sorted: &[&Candidate]) -> String {
    let unit = Unit::from_name(&axes.unit);
    match sorted.iter().find(|c| c.meets) {
        Some(best) => format!(
            "The cheapest that meets every objective is {} ({} {}): {} {}",
            best.label,
            format::number(best.cost),
            axes.cost,
            axes.value,
            unit.show(best.value)
        ),
        None => format!("None of the {} candidates meets every objective", sorted.len()),
    }
}

fn data(axes: &CostAxes, candidates: &[&Candidate]) -> DataTable {
    let unit = Unit::from_name(&axes.unit);
    let rows = candidates.iter().map(|c| {
        let interval = match (c.low, c.high) {
            (Some(low), Some(high)) => format!("{} to {}", unit.show(low), unit.show(high)),
            _ => String::new(),
        };
        vec![
            Cell::words(c.label.clone()),
            Cell::number(format::number(c.cost), c.cost),
            Cell::number(unit.show(c.value), c.value),
            Cell::words(interval),
            Cell::words(if c.meets { "yes" } else { "no" }),
        ]
    });
    DataTable {
        caption: format!("Candidates by {}", axes.cost),
        columns: ["candidate", axes.cost.as_str(), axes.value.as_str(), "95 % interval", "meets every objective"]
            .map(str::to_owned)
            .to_vec(),
        rows: rows.collect(),
    }
}

fn draw(area: &Area<'_>, axes: &CostAxes, candidates: &[&Candidate]) -> Drawn {
    let unit = Unit::from_name(&axes.unit);
    let ends = || candidates.iter().flat_map(|c| [c.value, c.low.unwrap_or(c.value), c.high.unwrap_or(c.value)]);
    let (low, high) = (ends().fold(f64::INFINITY, f64::min), ends().fold(0.0, f64::max).max(axes.limit.unwrap_or(0.0)));
    let is_wide = unit == Unit::Seconds && low > 0.0 && high / low > 8.0;
    let y = if is_wide { Axis::log_seconds(low, high, &axes.value) } else { Axis::from_zero(high, unit, &axes.value) };
    let height = |value: f64| if is_wide { value.max(1e-9).log10() } else { value };
    let cheapest = candidates.first().map_or(0.0, |c| c.cost);
    let dearest = candidates.last().map_or(1.0, |c| c.cost);
    let room = ((dearest - cheapest) * 0.08).max(0.5);
    let x = Axis::tight((cheapest - room).max(0.0), dearest + room, Unit::Plain, &axes.cost);
    let left = MARGIN + 30 + y.label_width();
    let plot = Plot::new(area, (left, 10, WIDTH - MARGIN - 40, BOTTOM), x.clone(), y);
    plot.draw_y_axis()?;
    plot.draw_x_axis()?;
    if let Some(limit) = axes.limit {
        plot.line([(x.low, height(limit)), (x.high, height(limit))], ALARM.stroke_width(2))?;
        let (right, at) = plot.pixel(x.high, height(limit));
        text(area, &format!("limit {}", unit.show(limit)), (right, at - 4), (HPos::Right, VPos::Bottom), ALARM)?;
    }
    name(area, candidates, |c| plot.pixel(c.cost, height(c.value)))?;
    for c in candidates {
        let at = plot.pixel(c.cost, height(c.value));
        plot.whisker_y(height(c.low.unwrap_or(c.value)), height(c.high.unwrap_or(c.value)), at.0)?;
        marker(area, if c.meets { MEETS } else { MISSES }, at)?;
    }
    Ok(())
}

/// Names beside the points where they do not touch another name; the cheapest that meets comes first.
fn name(area: &Area<'_>, candidates: &[&Candidate], place: impl Fn(&Candidate) -> (i32, i32)) -> Drawn {
    let best = candidates.iter().position(|c| c.meets);
    let order = best.into_iter().chain((0..candidates.len()).filter(|i| Some(*i) != best));
    // Points are in the way of names as other names are.
    let mut taken: Vec<(i32, i32, i32)> = candidates.iter().map(|c| place(c)).map(|(x, y)| (x - 4, x + 4, y)).collect();
    for i in order {
        let label = fit(&candidates[i].label, 170);
        let width = width_of(&label, LABEL);
        let (x, y) = place(candidates[i]);
        let sides = [(x + 9, y), (x + 9, y - 12), (x + 9, y + 12), (x - 9 - width, y), (x - 9 - width, y - 12)];
        let free = sides.into_iter().find(|(left, middle)| {
            let inside = *left >= 60 && left + width <= WIDTH - 4;
            inside && taken.iter().all(|(l, r, m)| left + width + 4 < *l || r + 4 < *left || (m - middle).abs() >= 14)
        });
        let Some((left, middle)) = free.filter(|_| taken.len() < candidates.len() + NAMES_MAX) else { continue };
        taken.push((left, left + width, middle));
        let color = if candidates[i].meets { INK } else { MUTED };
        if Some(i) == best {
            bold(area, &label, (left, middle), (HPos::Left, VPos::Center), color)?;
        } else {
            card_text(area, &label, (left, middle), (HPos::Left, VPos::Center), color)?;
        }
    }
    Ok(())
}
