//! What waits and which nodes are up, over the time of a run; outages are shaded.

use super::canvas::{Area, Drawn, Key, LABEL, MARGIN, Sheet, WIDTH, bold, segment, text, width_of};
use super::palette::{INK, MUTED, OUTAGE, hue, line};
use super::plot::{Axis, Plot};
use super::series::{Series, collect};
use super::{Cell, Chart, DataTable, Subject};
use crate::metrics::rows::TimelineRow;
use crate::report::aggregate::{Estimate, distinct};
use crate::report::format::{self, Unit};
use crate::report::plan::RunInfo;
use crate::source::Problem;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

/// Roles with a panel of their own: those with the longest queues.
const ROLES_MAX: usize = 6;
const PANEL: i32 = 62;
const GAP: i32 = 30;
/// Rows of the data table.
const DATA_ROWS: usize = 24;

/// The queues of a layout, the longest first, and its nodes.
struct Times<'a> {
    waiting: Vec<(&'a str, Series)>,
    up: Series,
    /// Times at which nodes are down in at least half of the replications.
    outages: Vec<(f64, f64)>,
    /// Nodes up at the best and at the worst time.
    most: f64,
    fewest: f64,
}

/// The chart of one layout; `None` without numbers.
pub fn chart(subject: Subject<'_>, run: &RunInfo) -> Result<Option<Chart>, Problem> {
    let times = gather(subject, run);
    if times.waiting.is_empty() || times.up.bins.is_empty() {
        return Ok(None);
    }
    let panels = times.waiting.len() as i32 + 1;
    let legend = if times.outages.is_empty() {
        Vec::new()
    } else {
        vec![(Key::Shade(OUTAGE), "nodes down, in half of the replications or more".to_owned())]
    };
    let sheet = Sheet {
        file_stem: subject.stem("timeline"),
        layout: Some(subject.layout.to_owned()),
        subject: "Waiting tasks and nodes up over time".to_owned(),
        title: subject.title(&finding(&times)),
        alt: format!(
            "{panels} panels over the time of day: tasks that wait of {}, and the number of nodes up. Bands are 95 % intervals.",
            format::list(&times.waiting.iter().map(|(role, _)| *role).collect::<Vec<_>>())
        ),
        legend,
        data: data(&times),
    };
    sheet.draw(panels * (PANEL + GAP) + 34, |area| draw(area, &times)).map(Some)
}

fn gather<'a>(subject: Subject<'a>, run: &RunInfo) -> Times<'a> {
    let rows = || subject.tables.timeline.iter().filter(move |row| row.layout == subject.layout && row.node.is_none());
    let names = distinct(rows().filter_map(|row| row.series.strip_prefix("waiting:")));
    let mut waiting: Vec<(&str, Series)> = names
        .into_iter()
        .map(|role| (role, collect(rows().filter(|row| row.series.strip_prefix("waiting:") == Some(role)), run)))
        .filter(|(_, series)| series.peak().is_some_and(|(_, peak)| peak.mean > 0.0))
        .collect();
    let height = |series: &Series| series.peak().map_or(0.0, |(_, peak)| peak.mean);
    // Where tasks pile up somewhere, a queue that is empty nearly always tells nothing.
    if waiting.iter().any(|(_, series)| height(series) >= 1.0) {
        waiting.retain(|(_, series)| height(series) >= 1.0);
    }
    waiting.sort_by(|a, b| height(&b.1).total_cmp(&height(&a.1)).then(a.0.cmp(b.0)));
    waiting.truncate(ROLES_MAX);
    let up = collect(rows().filter(|row| row.series == "nodes_up"), run);
    let most = up.bins.iter().map(|(_, e)| e.max).fold(0.0, f64::max);
    let fewest = up.bins.iter().map(|(_, e)| e.mean).fold(f64::INFINITY, f64::min);
    let ups = rows().filter(|row| row.series == "nodes_up");
    let fewer: Vec<TimelineRow> =
        ups.map(|row| TimelineRow { value: f64::from(row.value < most - 1e-6), ..row.clone() }).collect();
    let outages = collect(fewer.iter(), run).spans(|share| share >= 0.5);
    Times { waiting, up, outages, most, fewest }
}

fn finding(times: &Times<'_>) -> String {
    let down = times.most - times.fewest;
    let Some((role, (at, peak))) = times.waiting.first().and_then(|(role, series)| Some((role, series.peak()?))) else {
        return "No task waits".to_owned();
    };
    let during = times.outages.iter().any(|(from, to)| (*from..*to).contains(&at));
    // What has piled up in an outage is still there for a while after it.
    let after = times.outages.iter().any(|(from, to)| *to <= at && at - to <= to - from);
    let peaks = match format::estimate(&peak, Unit::Plain).as_str() {
        "1" => format!("Up to 1 {role} task waits, at {}", format::clock(at)),
        most => format!("Up to {most} {role} tasks wait, at {}", format::clock(at)),
    };
    // Where nodes are down most of the time, that they are at the peak explains nothing.
    let down_s: f64 = times.outages.iter().map(|(from, to)| to - from).sum();
    let is_rare = down_s < times.up.width_s * times.up.bins.len() as f64 / 2.0;
    let up = times.up.bins.iter().find(|(start, _)| *start == at).map_or(times.most, |(_, up)| up.mean);
    match (during && is_rare, down > 1e-6) {
        (true, _) => format!("{peaks}, while nodes are down"),
        (false, true) if after && is_rare => format!("{peaks}, just after nodes were down"),
        (false, true) if up >= times.most - 1e-6 => format!("{peaks}, when no node is down"),
        (false, true) => {
            format!("{peaks}, with {} of {} nodes up", format::number(round1(up)), format::number(times.most))
        }
        (false, false) => format!("{peaks}; all nodes are up all the time"),
    }
}

/// To one decimal, never up to all.
fn round1(value: f64) -> f64 {
    (value * 10.0).floor() / 10.0
}

fn data(times: &Times<'_>) -> DataTable {
    let mut columns = vec!["time".to_owned()];
    columns.extend(times.waiting.iter().map(|(role, _)| format!("waiting {role}")));
    columns.push("nodes up".to_owned());
    let every = times.up.bins.len().div_ceil(DATA_ROWS).max(1);
    let rows = times.up.bins.iter().step_by(every).map(|(start, up)| {
        let mut row = vec![Cell::number(format::clock(*start), *start)];
        row.extend(times.waiting.iter().map(|(_, series)| {
            let bin = series.bins.iter().find(|(at, _)| (at - start).abs() < 1e-3);
            bin.map_or_else(Cell::default, |(_, e)| Cell::number(format::estimate(e, Unit::Plain), e.mean))
        }));
        row.push(Cell::number(format::estimate(up, Unit::Plain), up.mean));
        row
    });
    DataTable { caption: "Waiting tasks and nodes up over time".to_owned(), columns, rows: rows.collect() }
}

fn draw(area: &Area<'_>, times: &Times<'_>) -> Drawn {
    let last = times.waiting.len();
    for (i, (role, series)) in times.waiting.iter().enumerate() {
        panel(area, times, i, &format!("{role}: tasks that wait"), series, false)?;
    }
    panel(area, times, last, "nodes up", &times.up, true)
}

/// One panel: its name, its outages, its band and its line; the lowest with the axis of time.
fn panel(area: &Area<'_>, times: &Times<'_>, index: usize, name: &str, series: &Series, is_last: bool) -> Drawn {
    let top = index as i32 * (PANEL + GAP) + 22;
    // There are never more nodes up than there are.
    let most = if is_last { times.most } else { f64::INFINITY };
    let high = series.bins.iter().map(|(_, e)| e.high().min(most)).fold(0.0, f64::max);
    let axis = Axis::from_zero(high.max(1e-9), Unit::Plain, "");
    let ticks = [axis.ticks.first().cloned(), axis.ticks.last().cloned()].into_iter().flatten().collect();
    let y = Axis { ticks, ..axis };
    let from = times.up.bins.first().map_or(0.0, |(start, _)| *start);
    let to = times.up.bins.last().map_or(1.0, |(start, _)| start + times.up.width_s);
    let x = Axis::time_of_day(from, to);
    let left = MARGIN + 64;
    let plot = Plot::new(area, (left, top, WIDTH - MARGIN - 10, top + PANEL), x, y);
    for (from, to) in &times.outages {
        plot.rect((*from, 0.0), (*to, high * 10.0 + 10.0), OUTAGE.filled())?;
    }
    plot.draw_y_axis()?;
    if is_last {
        plot.draw_x_axis()?;
    } else {
        segment(area, (left, top + PANEL), (WIDTH - MARGIN - 10, top + PANEL), MUTED.stroke_width(1))?;
    }
    bold(area, name, (left, top - 5), (HPos::Left, VPos::Bottom), INK)?;
    let color = if is_last { 3 } else { 0 };
    let low: Vec<(f64, f64)> = series.steps(Estimate::low);
    let upper = series.steps(|e| e.high().min(most));
    plot.polygon(low.into_iter().chain(upper.into_iter().rev()), hue(color).mix(0.2).filled())?;
    let steps = series.steps(|e| e.mean);
    plot.line(steps, if is_last { INK.stroke_width(2) } else { line(color).stroke_width(2) })?;
    if is_last { Ok(()) } else { peak(area, series, left + width_of(name, LABEL) + 12, top) }
}

/// The highest point's number, beside the panel's name, where it hides nothing.
fn peak(area: &Area<'_>, series: &Series, x: i32, top: i32) -> Drawn {
    let Some((at, value)) = series.peak() else { return Ok(()) };
    let label = format!("up to {}, at {}", format::estimate(&value, Unit::Plain), format::clock(at));
    text(area, &label, (x, top - 5), (HPos::Left, VPos::Bottom), MUTED)
}
