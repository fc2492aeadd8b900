//! Whether the measured span of a scenario that says it is in steady state is so from its beginning.
//!
//! The series are the tasks that wait, by role, at the bins of the time line, averaged over the replications. MSER-5 says
//! how much of a start-up is left in the measured span, Welch's moving average is there to look at. Nothing is cut off
//! afterwards: latencies are kept as histograms, so what start-up is left must go into `warmup`.

use crate::metrics::rows::{Tables, TimelineRow};
use crate::statistics::{StatisticsError, Truncation, mean_over_replications, mser5, welch_moving_average};
use std::collections::BTreeMap;

/// One bin in so many is the window of the moving average, on either side.
const WINDOW_PART: usize = 16;

/// The start of one series.
#[derive(Debug, Clone, PartialEq)]
pub struct StartUp {
    pub role: String,
    /// Width of a bin.
    pub width_s: f64,
    /// The mean over replications, bin by bin.
    pub means: Vec<f64>,
    /// Welch's moving average; shorter by its window.
    pub averages: Vec<f64>,
    /// What MSER-5 says; `None` if there are too few bins.
    pub truncation: Option<Truncation>,
}

impl StartUp {
    /// Seconds of the measured span that MSER-5 leaves out; `None` if it refuses.
    pub fn left_out_s(&self) -> Option<f64> {
        match self.truncation? {
            Truncation::After { observations } => Some(observations as f64 * self.width_s),
            Truncation::Refused { .. } => None,
        }
    }
}

/// The series of a layout, by role; those in which nothing ever waits are left out.
pub fn start_ups(tables: &Tables, layout: &str, duration_s: f64) -> Vec<StartUp> {
    let mut by_role: BTreeMap<&str, Vec<&TimelineRow>> = BTreeMap::new();
    let is_measured = |row: &&TimelineRow| row.start_s >= 0.0 && row.start_s < duration_s;
    for row in tables.timeline.iter().filter(|row| row.layout == layout && row.node.is_none()).filter(is_measured) {
        if let Some(role) = row.series.strip_prefix("waiting:") {
            by_role.entry(role).or_default().push(row);
        }
    }
    by_role.into_iter().filter_map(|(role, rows)| start_up(role, &rows).ok().flatten()).collect()
}

fn start_up(role: &str, rows: &[&TimelineRow]) -> Result<Option<StartUp>, StatisticsError> {
    if rows.iter().all(|row| row.value == 0.0) {
        return Ok(None);
    }
    let mut replications: BTreeMap<u32, Vec<(f64, f64)>> = BTreeMap::new();
    for row in rows {
        replications.entry(row.replication).or_default().push((row.start_s, row.value));
    }
    let mut series: Vec<Vec<f64>> = Vec::new();
    let mut width_s = 0.0;
    for (_, mut bins) in replications {
        bins.sort_by(|a, b| a.0.total_cmp(&b.0));
        width_s = bins.windows(2).map(|pair| pair[1].0 - pair[0].0).next().unwrap_or(0.0);
        series.push(bins.into_iter().map(|(_, value)| value).collect());
    }
    let means = mean_over_replications(&series)?;
    let averages = welch_moving_average(&series, means.len() / WINDOW_PART)?;
    let truncation = mser5(&means).ok();
    Ok(Some(StartUp { role: role.to_string(), width_s, means, averages, truncation }))
}
