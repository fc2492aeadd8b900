//! How busy processors and database are over the day, the layouts over each other.

use super::canvas::{Area, Drawn, Key, MARGIN, Sheet, WIDTH, bold, layout_legend, segment};
use super::palette::{INK, LINE_COUNT, MUTED, hue, line};
use super::plot::{Axis, Plot};
use super::series::{Series, collect, collect_over_nodes};
use super::{Cell, Chart, DataTable};
use crate::metrics::rows::Tables;
use crate::report::aggregate::{Estimate, layouts};
use crate::report::format::{self, Unit};
use crate::report::plan::RunInfo;
use crate::source::Problem;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

const PANEL: i32 = 120;
const GAP: i32 = 34;
/// Above this, work waits for the database.
const SATURATED: f64 = 0.95;
const NAMES: [&str; 3] = ["processors: mean of the nodes", "processors: busiest node", "database: connections in use"];

/// Mean node, busiest node and database of one layout.
struct Uses<'a> {
    layout: &'a str,
    parts: [Series; 3],
}

/// The chart of all layouts; `None` without numbers.
pub fn chart(tables: &Tables, run: &RunInfo) -> Result<Option<Chart>, Problem> {
    let uses: Vec<Uses<'_>> = layouts(tables).into_iter().map(|layout| gather(tables, layout, run)).collect();
    if uses.iter().all(|u| u.parts[0].bins.is_empty()) {
        return Ok(None);
    }
    // The places are those of all layouts of the run.
    let names: Vec<(usize, &str)> = uses.iter().map(|u| u.layout).enumerate().take(LINE_COUNT).collect();
    let legend = layout_legend(&names, uses.len() - names.len(), Key::Line);
    let sheet = Sheet {
        file_stem: "resources".to_owned(),
        layout: None,
        subject: "Processor and database use over the day".to_owned(),
        title: finding(&uses),
        alt: "Three panels over the time of day, a line for each layout: utilization of the mean node, of the busiest node and of the database.".to_owned(),
        legend: if uses.len() > 1 { legend } else { Vec::new() },
        data: data(&uses),
    };
    sheet.draw(3 * (PANEL + GAP) + 30, |area| draw(area, &uses[..uses.len().min(LINE_COUNT)])).map(Some)
}

fn gather<'a>(tables: &'a Tables, layout: &'a str, run: &RunInfo) -> Uses<'a> {
    let rows =
        |series: &'static str| tables.timeline.iter().filter(move |row| row.layout == layout && row.series == series);
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let largest = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
    let parts = [
        collect_over_nodes(rows("utilization_ratio"), run, mean),
        collect_over_nodes(rows("utilization_ratio"), run, largest),
        collect(rows("database_utilization_ratio"), run),
    ];
    Uses { layout, parts }
}

fn finding(uses: &[Uses<'_>]) -> String {
    let highest = |part: usize| {
        let peaks = uses.iter().filter_map(|u| Some((u.layout, u.parts[part].peak()?)));
        peaks.max_by(|a, b| a.1.1.mean.total_cmp(&b.1.1.mean))
    };
    let with = |layout: &str| if uses.len() > 1 { format!(" with {layout}") } else { String::new() };
    let node = highest(1).map(|(layout, (at, peak))| {
        format!("the busiest node peaks at {} at {}{}", format::percent(peak.mean), format::clock(at), with(layout))
    });
    let database = highest(2).map(|(layout, (at, peak))| match peak.mean > SATURATED {
        true => format!("the database is saturated at {}{}", format::clock(at), with(layout)),
        false => format!("the database peaks at {} at {}", format::percent(peak.mean), format::clock(at)),
    });
    let parts: Vec<String> = [node, database].into_iter().flatten().collect();
    format::capital(&parts.join("; "))
}

fn data(uses: &[Uses<'_>]) -> DataTable {
    let mut rows = Vec::new();
    for u in uses {
        for (part, name) in u.parts.iter().zip(NAMES) {
            let Some((at, peak)) = part.peak() else { continue };
            let mean = part.bins.iter().map(|(_, e)| e.mean).sum::<f64>() / part.bins.len() as f64;
            rows.push(vec![
                Cell::words(u.layout),
                Cell::words(name),
                Cell::number(format::percent(mean), mean),
                Cell::number(format::estimate(&peak, Unit::Percent), peak.mean),
                Cell::number(format::clock(at), at),
            ]);
        }
    }
    let columns = ["layout", "what", "mean", "peak", "peak at"].map(str::to_owned).to_vec();
    DataTable { caption: "Use of processors and database".to_owned(), columns, rows }
}

fn draw(area: &Area<'_>, uses: &[Uses<'_>]) -> Drawn {
    for (part, name) in NAMES.into_iter().enumerate() {
        let top = part as i32 * (PANEL + GAP) + 24;
        let bins = || uses.iter().flat_map(move |u| u.parts[part].bins.iter());
        let high = bins().map(|(_, e)| e.high().min(1.0)).fold(0.0, f64::max);
        let from = bins().map(|(start, _)| *start).fold(f64::INFINITY, f64::min);
        let to = uses.iter().filter_map(|u| u.parts[part].bins.last().map(|(s, _)| s + u.parts[part].width_s));
        let to = to.fold(from + 1.0, f64::max);
        if !from.is_finite() {
            continue;
        }
        let y = Axis::from_zero(if high > 0.0 { high } else { 0.01 }, Unit::Percent, "");
        let left = MARGIN + 52;
        let plot = Plot::new(area, (left, top, WIDTH - MARGIN - 12, top + PANEL), Axis::time_of_day(from, to), y);
        plot.draw_y_axis()?;
        if part == NAMES.len() - 1 {
            plot.draw_x_axis()?;
        } else {
            segment(area, (left, top + PANEL), (WIDTH - MARGIN - 12, top + PANEL), MUTED.stroke_width(1))?;
        }
        bold(area, name, (left, top - 6), (HPos::Left, VPos::Bottom), INK)?;
        for (i, u) in uses.iter().enumerate() {
            let series = &u.parts[part];
            let low = series.steps(Estimate::low);
            let upper = series.steps(|e| e.high().min(1.0));
            plot.polygon(low.into_iter().chain(upper.into_iter().rev()), hue(i).mix(0.15).filled())?;
            plot.line(series.steps(|e| e.mean), line(i).stroke_width(2))?;
        }
    }
    Ok(())
}
