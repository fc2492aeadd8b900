//! Sums and moments that do not depend on luck with rounding.

use super::error::{StatisticsError, check_finite, finite};

/// A running sum with Neumaier's compensation (Zeitschrift für Angewandte Mathematik und Mechanik 54 (1974), 39-51):
/// the error does not grow with the number of terms.
#[derive(Debug, Clone, Copy, Default)]
pub struct CompensatedSum {
    sum: f64,
    compensation: f64,
}

impl CompensatedSum {
    /// The sum of the terms in their order.
    pub fn of(terms: impl IntoIterator<Item = f64>) -> f64 {
        let mut sum = Self::default();
        for term in terms {
            sum.add(term);
        }
        sum.total()
    }

    /// Adds a term.
    pub fn add(&mut self, term: f64) {
        let next = self.sum + term;
        self.compensation +=
            if self.sum.abs() >= term.abs() { (self.sum - next) + term } else { (term - next) + self.sum };
        self.sum = next;
    }

    /// The sum of the terms added so far.
    pub fn total(&self) -> f64 {
        self.sum + self.compensation
    }
}

/// The first three moments and the extremes of a sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    pub n: usize,
    pub mean: f64,
    /// Sample standard deviation, denominator n − 1. `None` for one value.
    pub std_dev: Option<f64>,
    /// Unbiased third central moment, n / ((n − 1)(n − 2)) · Σ(x − x̄)³, over the cube of the standard deviation.
    /// `None` below three values and without variance.
    pub skewness: Option<f64>,
    pub min: f64,
    pub max: f64,
}

impl Moments {
    /// The moments of `values`, computed on the deviations from the first value in units of the greatest of them:
    /// equal values give exactly their value and a deviation of exactly zero, and tiny or huge values neither
    /// underflow nor overflow when squared.
    pub fn of(values: &[f64]) -> Result<Self, StatisticsError> {
        check_finite(values)?;
        let n = values.len();
        let origin = values[0];
        let min = values.iter().copied().fold(origin, f64::min);
        let max = values.iter().copied().fold(origin, f64::max);
        let scale = finite((max - origin).max(origin - min), "the spread of the values")?;
        if scale == 0.0 {
            let std_dev = (n > 1).then_some(0.0);
            return Ok(Self { n, mean: origin, std_dev, skewness: None, min, max });
        }
        let count = n as f64;
        let scaled = |value: &f64| (value - origin) / scale;
        let centre = CompensatedSum::of(values.iter().map(scaled)) / count;
        let squares = CompensatedSum::of(values.iter().map(|value| (scaled(value) - centre).powi(2)));
        let cubes = CompensatedSum::of(values.iter().map(|value| (scaled(value) - centre).powi(3)));
        let deviation = (squares / (count - 1.0)).sqrt();
        let skewness = (n > 2).then(|| cubes * count / ((count - 1.0) * (count - 2.0)) / deviation.powi(3));
        Ok(Self {
            n,
            mean: (origin + scale * centre).clamp(min, max),
            std_dev: Some(finite(scale * deviation, "the standard deviation")?),
            skewness,
            min,
            max,
        })
    }

    /// Standard error of the mean, `None` for one value.
    pub fn std_error(&self) -> Option<f64> {
        self.std_dev.map(|deviation| deviation / (self.n as f64).sqrt())
    }
}
