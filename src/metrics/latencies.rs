//! Latencies: an HDR histogram, or the values one by one as long as that needs less memory.

use crate::time::SimDuration;
use hdrhistogram::Histogram;

/// Latencies in microseconds with exact count, sum and extremes. Whether they are in a histogram yet or not, quantiles are
/// those of the histogram.
#[derive(Clone)]
pub struct Latencies {
    /// In microseconds: values that are not in the histogram. As long as there are few there is none: a cluster has a thousand
    /// shards, and each histogram as much memory as ten nodes. Later they are counted when they are many: each would have to
    /// wait for the memory of its bucket, of many together only the first in each bucket does.
    few: Vec<u32>,
    /// When they are many: about as much memory as the histogram of what takes from a millisecond to some seconds.
    most: usize,
    histogram: Option<Histogram<u32>>,
    digits: u8,
    count: u64,
    sum_ns: u128,
    min_ns: u64,
    max_ns: u64,
}

impl Latencies {
    /// No latencies yet; quantiles will have `digits` significant digits (1 to 5).
    pub fn new(digits: u8) -> Self {
        Self {
            few: Vec::new(),
            most: 4 * 10_usize.pow(u32::from(digits)),
            histogram: None,
            digits,
            count: 0,
            sum_ns: 0,
            min_ns: u64::MAX,
            max_ns: 0,
        }
    }

    /// Records one latency.
    #[inline]
    pub fn record(&mut self, latency: SimDuration) {
        let nanos = latency.as_nanos();
        self.count += 1;
        self.sum_ns += u128::from(nanos);
        self.min_ns = self.min_ns.min(nanos);
        self.max_ns = self.max_ns.max(nanos);
        // Half a microsecond rounds up.
        self.record_micros((nanos + 500) / 1_000);
    }

    #[inline]
    fn record_micros(&mut self, micros: u64) {
        match u32::try_from(micros) {
            Ok(micros) => {
                self.few.push(micros);
                if self.few.len() >= self.most {
                    self.count_few();
                }
            }
            Err(_) => {
                self.count_few();
                self.count_one(micros);
            }
        }
    }

    /// Counts the few values in the histogram.
    #[cold]
    fn count_few(&mut self) {
        let mut few = std::mem::take(&mut self.few);
        few.drain(..).for_each(|micros| self.count_one(u64::from(micros)));
        self.few = few;
    }

    /// Counts a value in the histogram.
    #[inline]
    fn count_one(&mut self, micros: u64) {
        if self.histogram.is_none() {
            self.histogram = Histogram::new(self.digits).ok();
        }
        // The histogram grows by itself, so recording cannot fail.
        let recorded = self.histogram.as_mut().map(|histogram| histogram.record(micros));
        debug_assert!(matches!(recorded, Some(Ok(()))), "histograms of 1 to 5 digits that resize take every value");
    }

    /// All has been recorded: if there is a histogram, everything is in it.
    pub fn settle(&mut self) {
        if self.histogram.is_some() {
            self.count_few();
            self.few = Vec::new();
        }
    }

    /// Adds what another simulation recorded.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum_ns += other.sum_ns;
        self.min_ns = self.min_ns.min(other.min_ns);
        self.max_ns = self.max_ns.max(other.max_ns);
        for &micros in &other.few {
            self.record_micros(u64::from(micros));
        }
        match (&mut self.histogram, &other.histogram) {
            (Some(own), Some(theirs)) => {
                // Both grow by themselves, so the addition cannot fail.
                let added = own.add(theirs);
                debug_assert!(added.is_ok(), "histograms that resize always add");
            }
            (None, Some(theirs)) => self.histogram = Some(theirs.clone()),
            (_, None) => {}
        }
        self.settle();
    }

    /// Number of latencies.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Mean in seconds.
    pub fn mean_s(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum_ns as f64 / self.count as f64 / 1e9)
    }

    /// Largest in seconds.
    pub fn max_s(&self) -> Option<f64> {
        (self.count > 0).then(|| self.max_ns as f64 / 1e9)
    }

    /// The latency in seconds that a share `quantile` of all does not exceed, to the histogram's resolution, and never
    /// outside of what was recorded.
    pub fn quantile_s(&self, quantile: f64) -> Option<f64> {
        if self.count == 0 {
            return None;
        }
        if self.histogram.is_some() && !self.few.is_empty() {
            let mut settled = self.clone();
            settled.settle();
            return settled.quantile_s(quantile);
        }
        let middle = match &self.histogram {
            Some(histogram) => histogram.median_equivalent(histogram.value_at_quantile(quantile)),
            None => self.middle_of_few(quantile)?,
        };
        Some((middle as f64 / 1e6).clamp(self.min_ns as f64 / 1e9, self.max_ns as f64 / 1e9))
    }

    /// The middle of the bucket, in microseconds, that a share `quantile` of the few values does not exceed.
    fn middle_of_few(&self, quantile: f64) -> Option<u64> {
        let mut values = self.few.clone();
        let rank = ((quantile * values.len() as f64).ceil() as usize).clamp(1, values.len());
        let (_, &mut value, _) = values.select_nth_unstable(rank - 1);
        Some(Histogram::<u32>::new(self.digits).ok()?.median_equivalent(u64::from(value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl IntoIterator<Item = SimDuration>) -> Latencies {
        let mut latencies = Latencies::new(3);
        values.into_iter().for_each(|value| latencies.record(value));
        latencies
    }

    /// 1 ms to 1,000 ms: mean 500.5 ms, p50 500 ms, p99 990 ms within the histogram's 0.1 %.
    #[test]
    fn latencies_of_a_known_list() {
        let latencies = of((1..=1_000).map(SimDuration::from_millis));
        assert_eq!(latencies.mean_s(), Some(0.5005));
        assert_eq!(latencies.max_s(), Some(1.0));
        let close = |quantile, value: f64| {
            let got = latencies.quantile_s(quantile).expect("there are values");
            assert!((got - value).abs() <= value * 1e-3, "{quantile}: {got}");
        };
        close(0.5, 0.5);
        close(0.99, 0.99);
        assert_eq!(Latencies::new(3).quantile_s(0.5), None);
    }

    /// Three parts of 10 ms to 100 ms, of 3, 3 and 4 values: merged, p50 is 50 ms and p90 is 90 ms, within 0.1 %.
    #[test]
    fn parts_are_merged() {
        let mut merged = Latencies::new(3);
        for part in [1..=3, 4..=6, 7..=10] {
            merged.merge(&of(part.map(|tens| SimDuration::from_millis(10 * tens))));
        }
        for (quantile, value) in [(0.5, 0.05), (0.9, 0.09)] {
            let got = merged.quantile_s(quantile).expect("there are values");
            assert!((got - value).abs() <= value * 1e-3, "{quantile}: {got}");
        }
    }

    /// A few values, and the same in a histogram: every quantile is the same to the bit. 70 minutes is less, 2 hours more
    /// than the 2^32 microseconds that are kept one by one.
    #[test]
    fn few_are_told_as_a_histogram_would_tell_them() {
        for longest in [SimDuration::from_secs(4_200), SimDuration::from_secs(7_200)] {
            let spread = (0..500_u64).map(|step| SimDuration::from_nanos(step * step * step * 7_919 + step * 331));
            let few = of(spread.chain([longest]));
            let mut counted = few.clone();
            counted.count_few();
            assert_eq!(few.histogram.is_some(), longest > SimDuration::from_secs(4_294));
            assert!(counted.few.is_empty());
            for per_mille in 0..=1_000 {
                let quantile = f64::from(per_mille) / 1e3;
                assert_eq!(few.quantile_s(quantile), counted.quantile_s(quantile), "{quantile}");
            }
        }
    }

    /// 10 ms to 50 s, in two parts, one of them or both so large that they are in a histogram: merged either way the quantiles
    /// are those of all values recorded one after the other.
    #[test]
    fn few_and_many_are_merged() {
        let value = |number: u64| SimDuration::from_millis(10 * number);
        for border in [10, 2_500, 4_990] {
            let all = of((1..=5_000).map(value));
            let (first, second) = (of((1..=border).map(value)), of((border + 1..=5_000).map(value)));
            for (one, other) in [(&first, &second), (&second, &first)] {
                let mut merged = one.clone();
                merged.merge(other);
                assert_eq!((merged.count(), merged.mean_s(), merged.max_s()), (5_000, all.mean_s(), Some(50.0)));
                for quantile in [0.001, 0.5, 0.9, 0.99, 1.0] {
                    assert_eq!(merged.quantile_s(quantile), all.quantile_s(quantile), "{border}: {quantile}");
                }
            }
        }
    }

    /// 5.0003 s three times: every quantile is 5.0003 s, though the histogram's bucket reaches from 4.997 to 5.001 s.
    #[test]
    fn quantiles_lie_within_what_was_recorded() {
        let mut latencies = Latencies::new(2);
        for _ in 0..3 {
            latencies.record(SimDuration::from_nanos(5_000_300_000));
        }
        for quantile in [0.5, 0.9, 0.99, 0.999] {
            assert_eq!(latencies.quantile_s(quantile), Some(5.0003));
        }
    }
}
