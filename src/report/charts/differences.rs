//! Differences between layouts with their intervals: what is larger than chance.

use super::canvas::{
    Area, Drawn, LABEL, MARGIN, Sheet, WIDTH, bold, card_text, columns, marker, segment, text, width_of, wrap,
};
use super::palette::{INK, MUTED};
use super::plot::{Axis, Plot};
use super::{Cell, Chart, DataTable};
use crate::report::aggregate::distinct;
use crate::report::format::Unit;
use crate::source::Problem;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

const ROW: i32 = 34;
/// Room for labels.
const LABELS_MAX: i32 = 290;
/// Room for the axis below each unit's rows.
const AXIS: i32 = 62;

/// One difference, of a metric between two layouts.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// What differs and between which.
    pub label: String,
    pub difference: f64,
    /// The 95 % interval; `None` with one replication.
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// As in `summary.csv`.
    pub unit: String,
}

impl Difference {
    fn excludes_zero(&self) -> bool {
        matches!((self.low, self.high), (Some(low), Some(high)) if low > 0.0 || high < 0.0)
    }

    /// From where to where it is drawn.
    fn reach(&self) -> (f64, f64) {
        let low = self.low.unwrap_or(self.difference);
        (low.min(self.difference), self.high.unwrap_or(self.difference).max(self.difference))
    }
}

/// The chart; `None` without differences. `what` is the heading.
pub fn chart(what: &str, differences: &[Difference]) -> Result<Option<Chart>, Problem> {
    let usable: Vec<&Difference> = differences.iter().filter(|d| d.difference.is_finite()).collect();
    if usable.is_empty() {
        return Ok(None);
    }
    let units = distinct(usable.iter().map(|d| d.unit.as_str()));
    let height = usable.len() as i32 * ROW + units.len() as i32 * AXIS;
    let sheet = Sheet {
        file_stem: "differences".to_owned(),
        layout: None,
        subject: what.to_owned(),
        title: finding(&usable),
        alt: format!(
            "A dot with its 95 % interval for each of {} differences; the vertical line is no difference.",
            usable.len()
        ),
        legend: Vec::new(),
        data: data(&usable),
    };
    sheet.draw(height, |area| draw(area, &usable, &units)).map(Some)
}

fn finding(differences: &[&Difference]) -> String {
    let real = differences.iter().filter(|d| d.excludes_zero()).count();
    match (real, differences.len()) {
        (_, _) if differences.iter().all(|d| d.low.is_none()) => {
            "Differences of one replication each: they may be chance".to_owned()
        }
        (0, 1) => "The difference may be chance: its interval includes 0".to_owned(),
        (0, n) => format!("None of the {n} differences is larger than chance: every interval includes 0"),
        (1, 1) => "The difference is larger than chance: its interval excludes 0".to_owned(),
        (real, n) if real == n => format!("All {n} differences are larger than chance: no interval includes 0"),
        (real, n) => format!("{real} of {n} differences are larger than chance: their intervals exclude 0"),
    }
}

/// A difference with its sign.
fn signed(unit: Unit, value: f64) -> String {
    let shown = unit.show(value);
    if value > 0.0 { format!("+{shown}") } else { shown }
}

fn data(differences: &[&Difference]) -> DataTable {
    let rows = differences.iter().map(|d| {
        let unit = Unit::from_name(&d.unit);
        let interval = match (d.low, d.high) {
            (Some(low), Some(high)) => format!("{} to {}", signed(unit, low), signed(unit, high)),
            _ => String::new(),
        };
        vec![
            Cell::words(d.label.clone()),
            Cell::number(signed(unit, d.difference), d.difference),
            Cell::words(interval),
        ]
    });
    DataTable {
        caption: "Differences with their intervals".to_owned(),
        columns: ["what", "difference", "95 % interval"].map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}

fn draw(area: &Area<'_>, differences: &[&Difference], units: &[&str]) -> Drawn {
    let widest = differences.iter().map(|d| width_of(&d.label, LABEL)).max().unwrap_or(0);
    let left = MARGIN + 12 + widest.min(LABELS_MAX);
    let mut top = 4;
    for unit_name in units {
        let rows: Vec<&&Difference> = differences.iter().filter(|d| d.unit == *unit_name).collect();
        let unit = Unit::from_name(unit_name);
        let low = rows.iter().map(|d| d.reach().0).fold(0.0, f64::min);
        let high = rows.iter().map(|d| d.reach().1).fold(0.0, f64::max);
        let (low, high) = if low == high { (-1.0, 1.0) } else { (low, high) };
        let name = match unit {
            Unit::Plain | Unit::Index => {
                format!("difference{}", if unit_name.is_empty() { String::new() } else { format!(" ({unit_name})") })
            }
            Unit::Seconds => "difference in time".to_owned(),
            Unit::Percent => "difference in percentage points".to_owned(),
        };
        let x = Axis::linear(low, high, unit, &name);
        let bottom = top + rows.len() as i32 * ROW;
        let y = Axis { low: 0.0, high: 1.0, ticks: Vec::new(), name: String::new() };
        let plot = Plot::new(area, (left, top, WIDTH - MARGIN - 96, bottom), x, y);
        plot.draw_x_axis()?;
        let zero = plot.pixel(0.0, 0.0).0;
        segment(area, (zero, top), (zero, bottom), INK.stroke_width(2))?;
        for (i, d) in rows.into_iter().enumerate() {
            row(area, &plot, d, unit, (left, top + i as i32 * ROW + ROW / 2))?;
        }
        top = bottom + AXIS;
    }
    Ok(())
}

fn row(area: &Area<'_>, plot: &Plot<'_, '_>, d: &Difference, unit: Unit, (left, y): (i32, i32)) -> Drawn {
    let real = d.excludes_zero();
    let lines = wrap(&d.label, columns(left - MARGIN - 12, LABEL, false));
    let first = y - if lines.len() > 1 { 8 } else { 0 };
    for (i, line) in lines.iter().take(2).enumerate() {
        let line = if i == 1 && lines.len() > 2 { format!("{line} …") } else { line.clone() };
        text(area, &line, (left - 10, first + i as i32 * 16), (HPos::Right, VPos::Center), INK)?;
    }
    let (low, high) = d.reach();
    plot.whisker_x(low, high, y)?;
    // Filled if larger than chance, a ring if not.
    marker(area, if real { 0 } else { 5 }, (plot.pixel(d.difference, 0.0).0, y))?;
    let label = signed(unit, d.difference);
    let end = plot.pixel(high, 0.0).0 + 9;
    if real {
        bold(area, &label, (end, y), (HPos::Left, VPos::Center), INK)
    } else {
        card_text(area, &label, (end, y), (HPos::Left, VPos::Center), MUTED)
    }
}
