//! How evenly the nodes share each role: a strip a role, a dot a node, 1 is a fair share.

use super::canvas::{Area, Drawn, LABEL, MARGIN, Sheet, WIDTH, bold, card_text, fit, segment, text, width_of};
use super::palette::{ALARM, GRID, INK, MUTED, hue};
use super::plot::{Axis, Plot};
use super::{Cell, Chart, DataTable, Subject};
use crate::report::aggregate::{Estimate, RUNS_MIN, distinct, is_redundant, jain};
use crate::report::format::{self, Unit};
use crate::report::plan::LayoutPlan;
use crate::source::Problem;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};
use std::collections::BTreeMap;

/// Height of a strip.
const STRIP: i32 = 44;
/// Jain's index below this is no balance.
const JAIN_MIN: f64 = 0.8;
/// From this multiple of a fair share on the axis is logarithmic; it begins at [`LOG_LOW`] then.
const LOG_FROM: f64 = 8.0;
const LOG_LOW: f64 = 0.01;
/// The column on the right.
const INDEX_WIDTH: i32 = 92;

/// A role's work and who does it.
struct Strip<'a> {
    role: &'a str,
    /// Node and its share over the fair share.
    nodes: Vec<(u64, Estimate)>,
    jain: Option<Estimate>,
}

impl Strip<'_> {
    /// Jain's index over the replications, or of the mean shares.
    fn index(&self) -> f64 {
        let means: Vec<f64> = self.nodes.iter().map(|(_, share)| share.mean).collect();
        self.jain.map_or_else(|| jain(&means).unwrap_or(1.0), |e| e.mean)
    }
}

/// The chart of one layout; `None` if no role has two nodes and runs often.
pub fn chart(subject: Subject<'_>, plans: &[LayoutPlan]) -> Result<Option<Chart>, Problem> {
    let plan = plans.iter().find(|plan| plan.layout == subject.layout);
    let strips = gather(subject, plan);
    if strips.is_empty() {
        return Ok(None);
    }
    let sheet = Sheet {
        file_stem: subject.stem("share"),
        layout: Some(subject.layout.to_owned()),
        subject: "Share of the work per node".to_owned(),
        title: subject.title(&finding(&strips)),
        alt: format!(
            "For each of {} roles a strip with a dot for each node that is to do it: the node's share of the work over a fair share.",
            strips.len()
        ),
        legend: Vec::new(),
        data: data(&strips),
    };
    sheet.draw(strips.len() as i32 * STRIP + 78, |area| draw(area, &strips)).map(Some)
}

fn gather<'a>(subject: Subject<'a>, plan: Option<&LayoutPlan>) -> Vec<Strip<'a>> {
    let mut shares: BTreeMap<&str, BTreeMap<u64, Vec<f64>>> = BTreeMap::new();
    let mut runs: BTreeMap<&str, BTreeMap<u32, f64>> = BTreeMap::new();
    for row in subject.tables.nodes.iter().filter(|row| row.layout == subject.layout) {
        if row.role != "all" && row.role != "ingest" {
            let share = if row.busy_s > 0.0 { row.share_ratio } else { Some(0.0) };
            *runs.entry(&row.role).or_default().entry(row.replication).or_default() += row.executions as f64;
            shares.entry(&row.role).or_default().entry(row.node).or_default().extend(share);
        }
    }
    let balance = |role: &str| {
        let rows = subject.tables.balance.iter().filter(|row| row.layout == subject.layout && row.role == role);
        Estimate::from_values(rows.filter_map(|row| row.jain_index))
    };
    let strips = shares.into_iter().filter_map(|(role, mut by_node)| {
        let runs = Estimate::from_values(runs.get(role).into_iter().flat_map(BTreeMap::values).copied());
        let is_often = runs.is_some_and(|runs| runs.mean >= RUNS_MIN);
        if !is_often || by_node.values().flatten().all(|share| *share <= 0.0) {
            return None;
        }
        match plan.and_then(|plan| plan.enabled(role)) {
            Some(enabled) => {
                enabled.iter().for_each(|node| by_node.entry(*node).or_default().extend([] as [f64; 0]));
                by_node.retain(|node, shares| enabled.contains(node) || shares.iter().any(|s| *s > 0.0));
            }
            None => by_node.retain(|_, shares| shares.iter().any(|s| *s > 0.0)),
        }
        let n = by_node.len() as f64;
        let zero = Estimate { n: 0, mean: 0.0, half_width: None, min: 0.0, max: 0.0 };
        let relative = |shares: Vec<f64>| Estimate::from_values(shares.into_iter().map(|s| s * n)).unwrap_or(zero);
        let nodes: Vec<(u64, Estimate)> = by_node.into_iter().map(|(node, shares)| (node, relative(shares))).collect();
        (nodes.len() > 1).then(|| Strip { role, nodes, jain: balance(role) })
    });
    strips.collect()
}

fn finding(strips: &[Strip<'_>]) -> String {
    let Some(worst) = strips.iter().min_by(|a, b| a.index().total_cmp(&b.index())) else {
        return "How evenly the nodes share the work".to_owned();
    };
    let n = worst.nodes.len();
    if worst.index() >= JAIN_MIN {
        return format!("Every role is shared evenly: Jain's index {} or more", format::number(round2(worst.index())));
    }
    let fair = 1.0 / n as f64;
    let idle = worst.nodes.iter().filter(|(_, share)| is_redundant(share.mean * fair, fair)).count();
    let top = worst.nodes.iter().max_by(|a, b| a.1.mean.total_cmp(&b.1.mean).then(b.0.cmp(&a.0)));
    let (node, share) = top.map_or((0, 0.0), |(node, share)| (*node, share.mean / n as f64));
    let rest = match idle {
        0 => String::new(),
        1 => "; 1 node does next to nothing".to_owned(),
        more => format!("; {more} of {n} nodes do next to nothing"),
    };
    format!("Node {node} does {} of the {}{rest}", format::percent(share), worst.role)
}

fn round2(value: f64) -> f64 {
    (value * 100.0).floor() / 100.0
}

fn data(strips: &[Strip<'_>]) -> DataTable {
    const ROWS_MAX: usize = 400;
    let mut rows = Vec::new();
    for strip in strips {
        let n = strip.nodes.len() as f64;
        for (node, relative) in &strip.nodes {
            let share = Estimate {
                mean: relative.mean / n,
                half_width: relative.half_width.map(|half| half / n),
                min: relative.min / n,
                max: relative.max / n,
                n: relative.n,
            };
            rows.push(vec![
                Cell::words(strip.role),
                Cell::number(node.to_string(), *node as f64),
                Cell::number(format::estimate(&share, Unit::Percent), share.mean),
                Cell::number(format::percent(1.0 / n), 1.0 / n),
            ]);
        }
    }
    let mut caption = "Share of each role's processor time per node".to_owned();
    if rows.len() > ROWS_MAX {
        caption.push_str(&format!(
            " (the first {ROWS_MAX} of {}; all are in nodes.csv)",
            format::count(rows.len() as u64)
        ));
        rows.truncate(ROWS_MAX);
    }
    let columns = ["role", "node", "share", "fair share"].map(str::to_owned).to_vec();
    DataTable { caption, columns, rows }
}

/// The upper end of a node's interval: it cannot do more than all of the work.
fn high(strip: &Strip<'_>, share: &Estimate) -> f64 {
    share.high().min(share.mean.max(strip.nodes.len() as f64))
}

/// The axis of multiples of the fair share up to `most`.
fn axis(most: f64) -> Axis {
    const NAME: &str = "work of a node, as a multiple of its fair share";
    if most < LOG_FROM {
        return Axis::from_zero(most, Unit::Plain, NAME);
    }
    let mut ticks = vec![(LOG_LOW.log10(), "none".to_owned())];
    ticks.extend([0.1, 1.0, 10.0, 100.0, 1_000.0].map(|m: f64| (m.log10(), format::number(m))));
    let high = (most * 1.2).log10();
    ticks.retain(|(at, _)| *at <= high);
    Axis { low: LOG_LOW.log10(), high, ticks, name: format!("{NAME} (logarithmic)") }
}

/// Where a multiple stands on [`axis`]`(most)`.
fn position(most: f64) -> impl Fn(f64) -> f64 {
    move |multiple: f64| if most < LOG_FROM { multiple } else { multiple.max(LOG_LOW).log10() }
}

fn draw(area: &Area<'_>, strips: &[Strip<'_>]) -> Drawn {
    let left = MARGIN + 12 + strips.iter().map(|s| width_of(s.role, LABEL)).max().unwrap_or(0);
    let right = WIDTH - MARGIN - INDEX_WIDTH - 14;
    let bottom = 24 + strips.len() as i32 * STRIP;
    let most = strips.iter().flat_map(|s| s.nodes.iter().map(|(_, share)| high(s, share))).fold(1.5, f64::max);
    let x = axis(most);
    let at = position(most);
    let plot = Plot::new(
        area,
        (left, 24, right, bottom),
        x,
        Axis { low: 0.0, high: 1.0, ticks: Vec::new(), name: String::new() },
    );
    plot.draw_x_axis()?;
    let fair = plot.pixel(at(1.0), 0.0).0;
    segment(area, (fair, 20), (fair, bottom), INK.stroke_width(2))?;
    text(area, "fair share", (fair, 18), (HPos::Center, VPos::Bottom), MUTED)?;
    text(area, "Jain's index", (WIDTH - MARGIN, 18), (HPos::Right, VPos::Bottom), MUTED)?;
    for (i, strip) in strips.iter().enumerate() {
        let y = 24 + i as i32 * STRIP + STRIP / 2 + 7;
        text(area, strip.role, (left - 10, y), (HPos::Right, VPos::Center), INK)?;
        segment(area, (left, y), (right, y), GRID.stroke_width(1))?;
        let places: Vec<(u64, [f64; 3])> =
            strip.nodes.iter().map(|(node, e)| (*node, [at(e.low()), at(e.mean), at(high(strip, e))])).collect();
        dots(area, &plot, &places, (y, right))?;
        let index =
            strip.jain.map_or_else(|| format::number(round2(strip.index())), |e| format::estimate(&e, Unit::Index));
        let color = if strip.index() < JAIN_MIN { ALARM } else { INK };
        bold(area, &index, (WIDTH - MARGIN, y), (HPos::Right, VPos::Center), color)?;
    }
    Ok(())
}

/// The dots of a strip, each with its interval; those that touch have one label.
fn dots(area: &Area<'_>, plot: &Plot<'_, '_>, places: &[(u64, [f64; 3])], (y, right): (i32, i32)) -> Drawn {
    let mut placed: Vec<(i32, u64)> = Vec::new();
    for (node, [low, mean, high]) in places {
        placed.push((plot.pixel(*mean, 0.0).0, *node));
        plot.whisker_x(*low, *high, y)?;
    }
    placed.sort_unstable();
    for x in distinct(placed.iter().map(|(x, _)| *x)) {
        area.draw(&Circle::new((x, y), 5, hue(0).mix(0.6).filled()))?;
    }
    let mut clusters: Vec<(i32, i32, Vec<u64>)> = Vec::new();
    for (x, node) in placed {
        let text_width = |nodes: &[u64]| width_of(&label(nodes), LABEL);
        match clusters.last_mut() {
            Some((from, to, nodes)) if x - (*from + *to) / 2 < 14 + text_width(nodes) / 2 => {
                *to = x;
                nodes.push(node);
                *from = (*from).min(x);
            }
            _ => clusters.push((x, x, vec![node])),
        }
    }
    let mut free_from = plot.pixel(f64::NEG_INFINITY, 0.0).0 - 6;
    for (from, to, mut nodes) in clusters {
        nodes.sort_unstable();
        let name = fit(&label(&nodes), 200);
        let half = width_of(&name, LABEL) / 2;
        let x = ((from + to) / 2).max(free_from.saturating_add(half)).min(right + 20 - half);
        card_text(area, &name, (x, y - 8), (HPos::Center, VPos::Bottom), MUTED)?;
        free_from = x + half + 6;
    }
    Ok(())
}

fn label(nodes: &[u64]) -> String {
    if nodes.len() > 8 { format!("{} nodes", nodes.len()) } else { format::nodes(nodes) }
}
