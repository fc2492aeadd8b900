//! How busy each node is in each hour: a map for finding the hot spot.

use super::canvas::{Area, Drawn, LABEL, MARGIN, Sheet, WIDTH, rect, text, width_of};
use super::palette::{INK, MUTED, step, step_count, step_index};
use super::plot::{Axis, Plot};
use super::series::is_measured;
use super::{Cell, Chart, DataTable, Subject};
use crate::report::format;
use crate::report::plan::RunInfo;
use crate::source::Problem;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};
use std::collections::BTreeMap;

/// More nodes are shown in groups of nodes that are alike busy.
const ROWS_MAX: usize = 64;
/// The busiest nodes, which have a row each then, and the number of groups of the others.
const SINGLE: usize = 16;
const GROUPS: usize = 16;
/// Columns of the map; a longer span has wider ones.
const COLUMNS_MAX: usize = 48;
const TOP: i32 = 34;

/// Utilization in each column, where known.
type Cells = Vec<Option<f64>>;

/// Utilization by row and hour.
struct Map {
    /// Name and value for each column.
    rows: Vec<(String, Cells)>,
    /// Start and width of the columns in seconds after midnight.
    start_s: f64,
    column_s: f64,
    /// Largest value, the top of the scale.
    high: f64,
    /// Node, time and value of the largest.
    hottest: (u64, f64, f64),
    nodes: usize,
}

/// The chart of one layout; `None` without numbers.
pub fn chart(subject: Subject<'_>, run: &RunInfo) -> Result<Option<Chart>, Problem> {
    let Some(map) = gather(subject, run) else { return Ok(None) };
    let (node, at, busy) = map.hottest;
    let grouped = map.rows.len() < map.nodes;
    let sheet = Sheet {
        file_stem: subject.stem("heat"),
        layout: Some(subject.layout.to_owned()),
        subject: "Nodes by hour".to_owned(),
        title: subject.title(&match busy {
            0.0 => "No node is busy at any time".to_owned(),
            _ => format!("Node {node} is the hottest: {} busy at {}", format::percent(busy), format::clock(at)),
        }),
        alt: format!(
            "A map with a row for each {} and a column for each time of day; darker is busier, up to {}.",
            if grouped { "busy node or group of nodes" } else { "node" },
            format::percent(map.high)
        ),
        legend: Vec::new(),
        data: data(&map, grouped),
    };
    let height = TOP + row_height(map.rows.len()) * map.rows.len() as i32 + 50;
    sheet.draw(height, |area| draw(area, &map)).map(Some)
}

const fn row_height(rows: usize) -> i32 {
    match rows {
        0..=12 => 24,
        13..=32 => 15,
        _ => 10,
    }
}

fn gather(subject: Subject<'_>, run: &RunInfo) -> Option<Map> {
    let rows = || {
        let mine = subject.tables.timeline.iter().filter(|row| row.layout == subject.layout);
        mine.filter(|row| row.series == "utilization_ratio" && is_measured(row, run))
    };
    let end = rows().map(|row| row.start_s).fold(0.0, f64::max);
    let column_s = 3_600.0 * ((end / 3_600.0 + 1.0) / COLUMNS_MAX as f64).ceil().max(1.0);
    let mut sums: BTreeMap<u64, BTreeMap<usize, (f64, f64)>> = BTreeMap::new();
    for row in rows() {
        let node = sums.entry(row.node?).or_default();
        let (sum, n) = node.entry((row.start_s / column_s) as usize).or_default();
        *sum += row.value;
        *n += 1.0;
    }
    let columns = (end / column_s) as usize + 1;
    let start_s = run.start_second_of_day();
    let mut hottest = (0, 0.0, -1.0);
    let mut nodes: Vec<(u64, Cells)> = Vec::new();
    for (node, cells) in sums {
        let means: Cells = (0..columns).map(|i| cells.get(&i).map(|(sum, n)| sum / n)).collect();
        for (i, mean) in means.iter().enumerate() {
            if let Some(mean) = mean.filter(|mean| *mean > hottest.2) {
                hottest = (node, start_s + i as f64 * column_s, mean);
            }
        }
        nodes.push((node, means));
    }
    let total = nodes.len();
    let rows = if total > ROWS_MAX {
        group(nodes)
    } else {
        nodes.into_iter().map(|(n, c)| (format!("node {n}"), c)).collect()
    };
    let high = if hottest.2 > 0.0 { hottest.2 } else { 0.01 };
    (total > 0).then_some(Map { rows, start_s, column_s, high, hottest, nodes: total })
}

/// The busiest nodes by themselves, the others ranked by their mean in groups of equal size.
fn group(mut nodes: Vec<(u64, Cells)>) -> Vec<(String, Cells)> {
    let mean = |cells: &[Option<f64>]| {
        let known: Vec<f64> = cells.iter().copied().flatten().collect();
        known.iter().sum::<f64>() / known.len().max(1) as f64
    };
    nodes.sort_by(|a, b| mean(&b.1).total_cmp(&mean(&a.1)).then(a.0.cmp(&b.0)));
    let rest = nodes.split_off(SINGLE.min(nodes.len()));
    let size = rest.len().div_ceil(GROUPS).max(1);
    let groups = rest.chunks(size).enumerate().map(|(i, chunk)| {
        let columns = chunk.first().map_or(0, |(_, cells)| cells.len());
        let joined = (0..columns).map(|c| {
            let known: Vec<f64> = chunk.iter().filter_map(|(_, cells)| cells.get(c).copied().flatten()).collect();
            (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
        });
        let first = SINGLE + i * size;
        (format!("rank {} to {}", first + 1, first + chunk.len()), joined.collect())
    });
    nodes.into_iter().map(|(node, cells)| (format!("node {node}"), cells)).chain(groups).collect()
}

fn data(map: &Map, grouped: bool) -> DataTable {
    let rows = map.rows.iter().map(|(name, cells)| {
        let known: Vec<f64> = cells.iter().copied().flatten().collect();
        let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
        let (at, peak) = cells.iter().enumerate().fold((0, 0.0), |best, (i, cell)| match cell {
            Some(value) if *value > best.1 => (i, *value),
            _ => best,
        });
        let at = map.start_s + at as f64 * map.column_s;
        vec![
            Cell::words(name.clone()),
            Cell::number(format::percent(mean), mean),
            Cell::number(format::percent(peak), peak),
            Cell::number(format::clock(at), at),
        ]
    });
    let first = if grouped { "nodes, the busiest first" } else { "node" };
    DataTable {
        caption: "Utilization by hour, mean over replications".to_owned(),
        columns: [first, "mean", "busiest hour", "at"].map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}

fn draw(area: &Area<'_>, map: &Map) -> Drawn {
    let height = row_height(map.rows.len());
    let left = MARGIN + 12 + map.rows.iter().map(|(name, _)| width_of(name, LABEL)).max().unwrap_or(0);
    let columns = map.rows.first().map_or(1, |(_, cells)| cells.len()).max(1);
    let right = WIDTH - MARGIN - 12;
    scale(area, map, left)?;
    let bottom = TOP + height * map.rows.len() as i32;
    let x = Axis::time_of_day(map.start_s, map.start_s + columns as f64 * map.column_s);
    let plot = Plot::new(
        area,
        (left, TOP, right, bottom),
        x,
        Axis { low: 0.0, high: 1.0, ticks: Vec::new(), name: String::new() },
    );
    plot.draw_x_axis()?;
    let edge = |i: usize| left + ((right - left) as f64 * i as f64 / columns as f64).round() as i32;
    let mut free_from = i32::MIN;
    for (r, (name, cells)) in map.rows.iter().enumerate() {
        let y = TOP + r as i32 * height;
        if y + height / 2 >= free_from {
            text(area, name, (left - 8, y + height / 2), (HPos::Right, VPos::Center), INK)?;
            free_from = y + height / 2 + LABEL;
        }
        let gap = i32::from(height > 10);
        let mut from = 0;
        // Neighbours of one colour are one rectangle.
        for i in 1..=columns {
            let same = i < columns && level(map, cells[i]) == level(map, cells[from]);
            if !same {
                if let Some(value) = cells[from] {
                    rect(area, (edge(from), y, edge(i), y + height - gap), &step(value / map.high).filled())?;
                }
                from = i;
            }
        }
    }
    Ok(())
}

fn level(map: &Map, value: Option<f64>) -> Option<usize> {
    value.map(|value| step_index(value / map.high))
}

/// The scale of colours, above the map.
fn scale(area: &Area<'_>, map: &Map, left: i32) -> Drawn {
    const SWATCH: i32 = 30;
    text(area, "idle", (left, 10), (HPos::Left, VPos::Center), MUTED)?;
    let from = left + 36;
    for i in 0..step_count() as i32 {
        let ratio = (f64::from(i) + 0.5) / step_count() as f64;
        rect(area, (from + i * SWATCH, 3, from + (i + 1) * SWATCH, 17), &step(ratio).filled())?;
    }
    let end = from + step_count() as i32 * SWATCH;
    rect(area, (from, 3, end, 17), &MUTED.stroke_width(1))?;
    let label = format!("{} busy", format::percent(map.high));
    text(area, &label, (end + 8, 10), (HPos::Left, VPos::Center), MUTED)
}
