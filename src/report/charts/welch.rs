//! Welch's chart of a scenario in steady state: tasks that wait, their moving average, and where MSER-5 cuts.

use super::canvas::{Area, Drawn, Key, MARGIN, Sheet, WIDTH, bold, segment};
use super::palette::{INK, MUTED, OUTAGE, hue, line};
use super::plot::{Axis, Plot};
use super::{Cell, Chart, DataTable, Subject};
use crate::report::format::{self, Unit, duration};
use crate::report::plan::RunInfo;
use crate::report::steady::{StartUp, start_ups};
use crate::source::Problem;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

/// Roles with a panel of their own: those of which most tasks wait.
const ROLES_MAX: usize = 4;
const PANEL: i32 = 90;
const GAP: i32 = 30;
/// Rows of the data table.
const DATA_ROWS: usize = 24;

/// The chart of one layout; `None` if the scenario is not in steady state or nothing waits.
pub fn chart(subject: Subject<'_>, run: &RunInfo) -> Result<Option<Chart>, Problem> {
    if !run.steady_state {
        return Ok(None);
    }
    let mut all = start_ups(subject.tables, subject.layout, run.duration_s);
    let total = |start_up: &StartUp| start_up.means.iter().sum::<f64>();
    all.sort_by(|a, b| total(b).total_cmp(&total(a)).then(a.role.cmp(&b.role)));
    all.truncate(ROLES_MAX);
    if all.is_empty() {
        return Ok(None);
    }
    let sheet = Sheet {
        file_stem: subject.stem("welch"),
        layout: Some(subject.layout.to_owned()),
        subject: "Start-up: does the measured span begin in steady state?".to_owned(),
        title: subject.title(&finding(&all)),
        alt: format!(
            "{} panels over the measured span: tasks that wait of {}, thin the mean over replications, thick Welch's moving average.",
            all.len(),
            format::list(&all.iter().map(|start_up| start_up.role.as_str()).collect::<Vec<_>>())
        ),
        legend: vec![
            (Key::Line(0), "Welch's moving average".to_owned()),
            (Key::Shade(OUTAGE), "left out by MSER-5".to_owned()),
        ],
        data: data(&all),
    };
    sheet.draw(all.len() as i32 * (PANEL + GAP) + 34, |area| draw(area, &all, run.duration_s)).map(Some)
}

fn finding(all: &[StartUp]) -> String {
    let left: Option<Vec<f64>> = all.iter().map(StartUp::left_out_s).collect();
    match left.map(|left| left.into_iter().fold(0.0, f64::max)) {
        None => "MSER-5 finds no steady state in the measured span".to_owned(),
        Some(0.0) => "The measured span is steady from its beginning: MSER-5 leaves out nothing".to_owned(),
        Some(longest) => format!("MSER-5 leaves out the first {} of the measured span", duration(longest)),
    }
}

fn data(all: &[StartUp]) -> DataTable {
    let mut columns = vec!["time in the measured span".to_owned()];
    columns.extend(all.iter().map(|start_up| format!("moving average, {}", start_up.role)));
    let (bins, width_s) = all.first().map_or((0, 0.0), |first| (first.averages.len(), first.width_s));
    let rows = (0..bins).step_by(bins.div_ceil(DATA_ROWS).max(1)).map(|bin| {
        let start_s = bin as f64 * width_s;
        let mut row = vec![Cell::number(duration(start_s), start_s)];
        row.extend(all.iter().map(|start_up| {
            let value = start_up.averages.get(bin);
            value.map_or_else(Cell::default, |value| Cell::number(Unit::Plain.show(*value), *value))
        }));
        row
    });
    DataTable { caption: "Tasks that wait, Welch's moving average".to_owned(), columns, rows: rows.collect() }
}

fn draw(area: &Area<'_>, all: &[StartUp], duration_s: f64) -> Drawn {
    for (index, start_up) in all.iter().enumerate() {
        panel(area, start_up, index, duration_s, index + 1 == all.len())?;
    }
    Ok(())
}

fn panel(area: &Area<'_>, start_up: &StartUp, index: usize, duration_s: f64, is_last: bool) -> Drawn {
    let top = index as i32 * (PANEL + GAP) + 22;
    let high = start_up.means.iter().copied().fold(0.0, f64::max);
    let axis = Axis::from_zero(high.max(1e-9), Unit::Plain, "");
    let ticks = [axis.ticks.first().cloned(), axis.ticks.last().cloned()].into_iter().flatten().collect();
    let y = Axis { ticks, ..axis };
    let x = Axis::tight(0.0, duration_s, Unit::Seconds, "time in the measured span");
    let (left, right) = (MARGIN + 64, WIDTH - MARGIN - 20);
    let plot = Plot::new(area, (left, top, right, top + PANEL), x, y);
    // Of a series that MSER-5 refuses nothing is left to measure.
    let cut = start_up.left_out_s().unwrap_or(duration_s);
    if cut > 0.0 {
        plot.rect((0.0, 0.0), (cut, high * 10.0 + 10.0), OUTAGE.filled())?;
    }
    plot.draw_y_axis()?;
    if is_last {
        plot.draw_x_axis()?;
    } else {
        segment(area, (left, top + PANEL), (right, top + PANEL), MUTED.stroke_width(1))?;
    }
    bold(area, &format!("{}: tasks that wait", start_up.role), (left, top - 5), (HPos::Left, VPos::Bottom), INK)?;
    let points = |values: &[f64]| -> Vec<(f64, f64)> {
        values.iter().enumerate().map(|(bin, value)| ((bin as f64 + 0.5) * start_up.width_s, *value)).collect()
    };
    plot.line(points(&start_up.means), hue(0).mix(0.35).stroke_width(1))?;
    plot.line(points(&start_up.averages), line(0).stroke_width(2))
}
