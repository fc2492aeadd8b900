//! How busy each node is and with what: bars stacked by role; for many nodes a distribution.

use super::canvas::{Area, Drawn, Key, LABEL, MARGIN, Sheet, WIDTH, bold, fit, rect, text, width_of};
use super::palette::{self, AREA_COUNT, INK, MUTED, OTHERS};
use super::plot::{Axis, Plot};
use super::{Cell, Chart, DataTable, Subject};
use crate::report::aggregate::Estimate;
use crate::report::format::{self, Unit};
use crate::source::Problem;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};
use std::collections::BTreeMap;

/// Up to so many nodes have a horizontal bar each with their numbers.
const HORIZONTAL_MAX: usize = 16;
/// Up to so many have a vertical bar; more are shown as a distribution.
const VERTICAL_MAX: usize = 64;
/// A node that is busy less than this, and less than this part of the mean, does next to nothing.
const LITTLE: f64 = 1e-3;
const LITTLE_OF_MEAN: f64 = 0.05;

/// One node over the replications.
struct NodeUse {
    node: u64,
    total: Estimate,
    /// Utilization by each role of [`Uses::roles`].
    parts: Vec<f64>,
}

struct Uses {
    /// Most busy first; the last may be "all others".
    roles: Vec<String>,
    nodes: Vec<NodeUse>,
}

/// The chart of one layout; `None` without numbers.
pub fn chart(subject: Subject<'_>) -> Result<Option<Chart>, Problem> {
    let uses = collect(subject);
    if uses.nodes.is_empty() {
        return Ok(None);
    }
    let many = uses.nodes.len() > VERTICAL_MAX;
    let legend = uses.roles.iter().enumerate().map(|(i, role)| (Key::Area(category(i, role)), role.clone()));
    let busiest = uses.nodes.iter().map(|n| high(&n.total)).fold(0.0, f64::max);
    let sheet = Sheet {
        file_stem: subject.stem("utilization"),
        layout: Some(subject.layout.to_owned()),
        subject: "Processor use per node".to_owned(),
        title: subject.title(&finding(&uses.nodes)),
        alt: describe(&uses),
        legend: if many { Vec::new() } else { legend.collect() },
        data: data(&uses),
    };
    let chart = match uses.nodes.len() {
        n if n <= HORIZONTAL_MAX => {
            sheet.draw(uses.nodes.len() as i32 * 28 + 56, |area| horizontal(area, &uses, busiest))
        }
        n if n <= VERTICAL_MAX => sheet.draw(330, |area| vertical(area, &uses, busiest)),
        _ => sheet.draw(300, |area| distribution(area, &uses)),
    };
    chart.map(Some)
}

fn collect(subject: Subject<'_>) -> Uses {
    let mut totals: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    let mut busy: BTreeMap<(u64, &str), f64> = BTreeMap::new();
    let mut by_role: BTreeMap<&str, f64> = BTreeMap::new();
    for row in subject.tables.nodes.iter().filter(|row| row.layout == subject.layout) {
        if row.role == "all" {
            totals.entry(row.node).or_default().extend(row.utilization_ratio);
        } else {
            *busy.entry((row.node, &row.role)).or_default() += row.busy_s;
            *by_role.entry(&row.role).or_default() += row.busy_s;
        }
    }
    let mut ranked: Vec<(&str, f64)> = by_role.into_iter().filter(|(_, s)| *s > 0.0).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    let named = if ranked.len() > AREA_COUNT { AREA_COUNT - 1 } else { ranked.len() };
    let (shown, rest) = ranked.split_at(named);
    let nodes = totals
        .into_iter()
        .filter_map(|(node, values)| {
            let total = Estimate::from_values(values)?;
            let of = |role: &str| busy.get(&(node, role)).copied().unwrap_or(0.0);
            let mut parts: Vec<f64> = shown.iter().map(|(role, _)| of(role)).collect();
            if !rest.is_empty() {
                parts.push(rest.iter().map(|(role, _)| of(role)).sum());
            }
            let sum: f64 = parts.iter().sum();
            parts.iter_mut().for_each(|p| *p = if sum > 0.0 { *p / sum * total.mean } else { 0.0 });
            Some(NodeUse { node, total, parts })
        })
        .collect();
    let mut roles: Vec<String> = shown.iter().map(|(role, _)| (*role).to_owned()).collect();
    if !rest.is_empty() {
        roles.push("all others".to_owned());
    }
    Uses { roles, nodes }
}

/// The upper end of a node's interval: no node is busy for more than all of the time.
fn high(total: &Estimate) -> f64 {
    total.high().min(total.mean.max(1.0))
}

fn category(index: usize, role: &str) -> usize {
    if role == "all others" { OTHERS } else { index }
}

fn finding(nodes: &[NodeUse]) -> String {
    let n = nodes.len();
    let mean = nodes.iter().map(|u| u.total.mean).sum::<f64>() / n as f64;
    let is_idle = |u: &&NodeUse| u.total.mean < LITTLE && u.total.mean <= LITTLE_OF_MEAN * mean;
    let idle: Vec<u64> = nodes.iter().filter(is_idle).map(|u| u.node).collect();
    let Some(top) = nodes.iter().max_by(|a, b| a.total.mean.total_cmp(&b.total.mean).then(b.node.cmp(&a.node))) else {
        return "No node was measured".to_owned();
    };
    let share = format::percent(top.total.mean);
    let mut finding = match n {
        1 => format!("Node {} is busy {share} of the time", top.node),
        _ if mean == 0.0 => return "No node does any work".to_owned(),
        _ if top.total.mean > 0.8 => format!("Node {} is overloaded: busy {share} of the time", top.node),
        _ if top.total.mean > 1.25 * mean => {
            format!(
                "Node {} is the busiest at {share}, {} times the mean",
                top.node,
                format::number(round1(top.total.mean / mean))
            )
        }
        _ => {
            let low = nodes.iter().map(|u| u.total.mean).fold(f64::INFINITY, f64::min);
            format!("The {n} nodes are loaded alike: {} to {share} busy", format::percent(low))
        }
    };
    match idle.as_slice() {
        [] => {}
        [one] => finding.push_str(&format!("; node {one} does next to nothing")),
        [_, _] => finding.push_str(&format!("; {} do next to nothing", format::nodes(&idle))),
        more => finding.push_str(&format!("; {} nodes do next to nothing", more.len())),
    }
    finding
}

fn round1(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn describe(uses: &Uses) -> String {
    let n = uses.nodes.len();
    if n > VERTICAL_MAX {
        return format!("Histogram of the processor utilization of {n} nodes.");
    }
    format!(
        "Stacked bars, one for each of {n} nodes: share of the time that its cores are busy, by {}.",
        format::list(&uses.roles)
    )
}

fn data(uses: &Uses) -> DataTable {
    let mut columns = vec!["node".to_owned(), "busy".to_owned()];
    columns.extend(uses.roles.iter().cloned());
    let rows = uses.nodes.iter().map(|u| {
        let mut row = vec![
            Cell::number(u.node.to_string(), u.node as f64),
            Cell::number(format::estimate(&u.total, Unit::Percent), u.total.mean),
        ];
        row.extend(u.parts.iter().map(|p| Cell::number(format::percent(*p), *p)));
        row
    });
    DataTable { caption: "Processor utilization per node and role".to_owned(), columns, rows: rows.collect() }
}

fn horizontal(area: &Area<'_>, uses: &Uses, busiest: f64) -> Drawn {
    let left = MARGIN + 20 + uses.nodes.iter().map(|u| width_of(&format!("node {}", u.node), LABEL)).max().unwrap_or(0);
    let bottom = uses.nodes.len() as i32 * 28 + 4;
    let x = Axis::from_zero(if busiest > 0.0 { busiest } else { 0.001 }, Unit::Percent, "time that the cores are busy");
    let y = Axis { low: 0.0, high: 1.0, ticks: Vec::new(), name: String::new() };
    let plot = Plot::new(area, (left, 0, WIDTH - MARGIN - 96, bottom), x, y);
    plot.draw_x_axis()?;
    for (i, u) in uses.nodes.iter().enumerate() {
        let y = i as i32 * 28 + 18;
        text(area, &format!("node {}", u.node), (left - 8, y), (HPos::Right, VPos::Center), INK)?;
        let mut from = 0.0;
        for (j, part) in u.parts.iter().enumerate() {
            let (x0, x1) = (plot.pixel(from, 0.0).0, plot.pixel(from + part, 0.0).0);
            rect(area, (x0, y - 10, x1, y + 10), &palette::area(category(j, &uses.roles[j])).filled())?;
            from += part;
        }
        plot.whisker_x(u.total.low(), high(&u.total), y)?;
        let end = plot.pixel(high(&u.total), 0.0).0;
        let label = format::estimate(&u.total, Unit::Percent);
        text(area, &fit(&label, WIDTH - end - 8), (end + 7, y), (HPos::Left, VPos::Center), INK)?;
    }
    Ok(())
}

fn vertical(area: &Area<'_>, uses: &Uses, busiest: f64) -> Drawn {
    let n = uses.nodes.len();
    let y = Axis::from_zero(if busiest > 0.0 { busiest } else { 0.001 }, Unit::Percent, "time that the cores are busy");
    let left = MARGIN + 28 + y.label_width();
    let ticks = uses.nodes.iter().enumerate().map(|(i, u)| (i as f64 + 0.5, u.node.to_string())).collect();
    let x = Axis { low: 0.0, high: n as f64, ticks: Vec::new(), name: "node".to_owned() };
    let plot = Plot::new(area, (left, 8, WIDTH - MARGIN, 280), x.clone(), y.clone());
    plot.draw_y_axis()?;
    plot.draw_x_axis()?;
    let gap = if n > 40 { 1 } else { 3 };
    for (i, u) in uses.nodes.iter().enumerate() {
        let (x0, x1) = (plot.pixel(i as f64, 0.0).0 + gap, plot.pixel(i as f64 + 1.0, 0.0).0 - gap);
        let mut from = 0.0;
        for (j, part) in u.parts.iter().enumerate() {
            let (y1, y0) = (plot.pixel(0.0, from).1, plot.pixel(0.0, from + part).1);
            rect(area, (x0, y0, x1.max(x0 + 2), y1), &palette::area(category(j, &uses.roles[j])).filled())?;
            from += part;
        }
        plot.whisker_y(u.total.low(), high(&u.total), (x0 + x1) / 2)?;
    }
    label_columns(area, &plot, ticks)
}

/// Node ids below their bars, as many as there is room for.
fn label_columns(area: &Area<'_>, plot: &Plot<'_, '_>, ticks: Vec<(f64, String)>) -> Drawn {
    let mut free_from = i32::MIN;
    for (at, label) in ticks {
        let (x, y) = plot.pixel(at, 0.0);
        let half = width_of(&label, LABEL) / 2;
        if x - half >= free_from {
            text(area, &label, (x, y + 6), (HPos::Center, VPos::Top), MUTED)?;
            free_from = x + half + 5;
        }
    }
    Ok(())
}

/// Number of nodes by utilization, for more nodes than bars have room.
fn distribution(area: &Area<'_>, uses: &Uses) -> Drawn {
    const BINS: usize = 20;
    let means: Vec<f64> = uses.nodes.iter().map(|u| u.total.mean).collect();
    let x = Axis::from_zero(means.iter().copied().fold(0.001, f64::max), Unit::Percent, "time that the cores are busy");
    let width = x.high / BINS as f64;
    let mut counts = [0_u64; BINS];
    let bin = |mean: f64| ((mean / width) as usize).min(BINS - 1);
    for mean in &means {
        counts[bin(*mean)] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(1);
    let y = Axis::from_zero(most as f64, Unit::Plain, "nodes");
    let left = MARGIN + 28 + y.label_width();
    let plot = Plot::new(area, (left, 14, WIDTH - MARGIN - 20, 250), x, y);
    plot.draw_y_axis()?;
    plot.draw_x_axis()?;
    for (i, count) in counts.into_iter().enumerate().filter(|(_, count)| *count > 0) {
        let (x0, y0) = plot.pixel(i as f64 * width, count as f64);
        let (x1, y1) = plot.pixel((i + 1) as f64 * width, 0.0);
        rect(area, (x0 + 1, y0.min(y1 - 2), x1 - 1, y1), &palette::area(0).filled())?;
        let inside: Vec<u64> = uses.nodes.iter().filter(|u| bin(u.total.mean) == i).map(|u| u.node).take(2).collect();
        let label = if count == 1 { format::nodes(&inside) } else { format::count(count) };
        bold(area, &label, ((x0 + x1) / 2, y0 - 3), (HPos::Center, VPos::Bottom), INK)?;
    }
    Ok(())
}
