//! How the rate of what happens follows the hour of the day and the day of the week.

use crate::time::{Calendar, NANOS_PER_SECOND, SimTime};
use serde::Serialize;

pub(super) const HOUR: u64 = 3_600 * NANOS_PER_SECOND;

/// Relative rate in each hour of a day at an office: peak hour over mean hour 2.1 (Enron e-mail data).
pub const OFFICE_DAY: [f64; 24] = [
    0.20, 0.15, 0.12, 0.12, 0.15, 0.25, 0.50, 0.90, 1.60, 2.10, 2.10, 1.95, 1.60, 1.70, 2.00, 2.00, 1.85, 1.40, 0.95,
    0.70, 0.60, 0.50, 0.40, 0.30,
];

/// Relative rate on each day of a week at an office, Monday first: 3.2 % of the mail comes at the
/// weekend (Enron e-mail data).
pub const OFFICE_WEEK: [f64; 7] = [1.3552, 1.3552, 1.3552, 1.3552, 1.3552, 0.112, 0.112];

/// Relative rate in each hour of the week, with mean 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Cycle {
    hours: Vec<f64>,
}

impl Cycle {
    /// The same rate always.
    pub fn flat() -> Self {
        Self::new(&[1.0; 24], &[1.0; 7])
    }

    /// From relative weights of the hours and of the days (Monday first); each is scaled to mean 1.
    /// Weights that are all zero count as flat.
    pub fn new(day: &[f64; 24], week: &[f64; 7]) -> Self {
        let mean = |weights: &[f64]| weights.iter().sum::<f64>() / weights.len() as f64;
        let scale = mean(day) * mean(week);
        let factor = if scale > 0.0 { 1.0 / scale } else { 1.0 };
        let hours = week.iter().flat_map(|d| day.iter().map(move |h| h * d * factor)).collect();
        Self { hours }
    }

    /// Mean of the relative rate between two times; an empty span has the rate of its start.
    pub fn mean_over(&self, calendar: Calendar, start: SimTime, end: SimTime) -> f64 {
        let week = 7 * 24 * HOUR;
        let total = end.since(start).as_nanos();
        // Whole weeks have mean 1.
        let rest = total % week;
        let mut sum = (total - rest) as f64;
        let stop = start.as_nanos() + rest;
        let mut at = start;
        while at.as_nanos() < stop {
            let left_of_hour = HOUR - calendar.nanos_of_day(at) % HOUR;
            let step = left_of_hour.min(stop - at.as_nanos());
            sum += step as f64 * self.at(calendar, at);
            at = SimTime::from_nanos(at.as_nanos() + step);
        }
        if total == 0 { self.at(calendar, start) } else { sum / total as f64 }
    }

    pub(super) fn at(&self, calendar: Calendar, at: SimTime) -> f64 {
        self.hours[calendar.day_of_week(at) * 24 + calendar.hour_of_day(at)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Peak over mean 2.1 and 3.2 % at the weekend, the numbers that the defaults claim.
    #[test]
    fn office_cycle_has_the_published_shape() {
        let mean = OFFICE_DAY.iter().sum::<f64>() / 24.0;
        assert!((2.10 / mean - 2.1).abs() < 0.05);
        let weekend = (OFFICE_WEEK[5] + OFFICE_WEEK[6]) / OFFICE_WEEK.iter().sum::<f64>();
        assert!((weekend - 0.032).abs() < 0.001);
    }

    /// From 08:30 to 09:15 on a Monday: 30 minutes at 1.60 and 15 minutes at 2.10, relative to the mean of the day and
    /// times the Monday's 1.3552 relative to the mean of the week; any whole week has mean 1.
    #[test]
    fn mean_rate_of_a_span() {
        let cycle = Cycle::new(&OFFICE_DAY, &OFFICE_WEEK);
        let calendar = Calendar::from_second_of_week(0);
        let at = |minutes: u64| SimTime::from_nanos(minutes * 60 * NANOS_PER_SECOND);
        let scale = OFFICE_DAY.iter().sum::<f64>() / 24.0 * OFFICE_WEEK.iter().sum::<f64>() / 7.0;
        let expected = (30.0 * 1.60 + 15.0 * 2.10) / 45.0 * 1.3552 / scale;
        assert!((cycle.mean_over(calendar, at(510), at(555)) - expected).abs() < 1e-12);
        assert!((cycle.mean_over(calendar, at(77), at(77 + 7 * 24 * 60)) - 1.0).abs() < 1e-12);
        assert!((cycle.mean_over(calendar, at(510), at(510)) - 1.60 * 1.3552 / scale).abs() < 1e-12);
    }
}
