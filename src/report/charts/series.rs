//! Values over time, averaged over replications.

use crate::metrics::rows::TimelineRow;
use crate::report::aggregate::Estimate;
use crate::report::plan::RunInfo;
use std::collections::BTreeMap;

/// A series of one layout: a value for each bin.
#[derive(Debug, Clone, Default)]
pub struct Series {
    /// Start in seconds after midnight of the first day, and the mean over replications.
    pub bins: Vec<(f64, Estimate)>,
    /// Width of a bin.
    pub width_s: f64,
}

impl Series {
    /// The bin with the largest mean, the first of several.
    pub fn peak(&self) -> Option<(f64, Estimate)> {
        let largest = |best: Option<(f64, Estimate)>, bin: &(f64, Estimate)| match best {
            Some(best) if best.1.mean >= bin.1.mean => Some(best),
            _ => Some(*bin),
        };
        self.bins.iter().fold(None, largest)
    }

    /// Corners of the step line through the means.
    pub fn steps(&self, value: impl Fn(&Estimate) -> f64) -> Vec<(f64, f64)> {
        let corners = |(start, e): &(f64, Estimate)| [(*start, value(e)), (start + self.width_s, value(e))];
        self.bins.iter().flat_map(corners).collect()
    }

    /// Spans of consecutive bins whose mean is as `wanted`.
    pub fn spans(&self, wanted: impl Fn(f64) -> bool) -> Vec<(f64, f64)> {
        let mut spans: Vec<(f64, f64)> = Vec::new();
        for (start, _) in self.bins.iter().filter(|(_, e)| wanted(e.mean)) {
            match spans.last_mut() {
                Some((_, end)) if (*end - start).abs() < self.width_s * 1e-3 => *end = start + self.width_s,
                _ => spans.push((*start, start + self.width_s)),
            }
        }
        spans
    }
}

/// The values of `rows` by bin, each row counted as one replication's value.
pub fn collect<'a>(rows: impl Iterator<Item = &'a TimelineRow>, run: &RunInfo) -> Series {
    let mut bins: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for row in rows.filter(|row| is_measured(row, run)) {
        bins.entry(millis(row.start_s)).or_default().push(row.value);
    }
    finish(bins, run)
}

/// As [`collect`], first joining the nodes of each replication and bin by `join`.
pub fn collect_over_nodes<'a>(
    rows: impl Iterator<Item = &'a TimelineRow>,
    run: &RunInfo,
    join: impl Fn(&[f64]) -> f64,
) -> Series {
    let mut nodes: BTreeMap<(u64, u32), Vec<f64>> = BTreeMap::new();
    for row in rows.filter(|row| row.node.is_some() && is_measured(row, run)) {
        nodes.entry((millis(row.start_s), row.replication)).or_default().push(row.value);
    }
    let mut bins: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for ((start, _), values) in nodes {
        bins.entry(start).or_default().push(join(&values));
    }
    finish(bins, run)
}

/// Whether the row lies in the measured span.
pub fn is_measured(row: &TimelineRow, run: &RunInfo) -> bool {
    row.start_s >= 0.0 && (run.duration_s <= 0.0 || row.start_s < run.duration_s)
}

fn finish(bins: BTreeMap<u64, Vec<f64>>, run: &RunInfo) -> Series {
    let starts: Vec<u64> = bins.keys().copied().collect();
    let width = starts.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap_or(3_600_000);
    let offset = run.start_second_of_day();
    let mean = |(start, values): (u64, Vec<f64>)| Some((offset + start as f64 / 1e3, Estimate::from_values(values)?));
    Series { bins: bins.into_iter().filter_map(mean).collect(), width_s: width as f64 / 1e3 }
}

fn millis(seconds: f64) -> u64 {
    (seconds * 1e3).round() as u64
}
