//! The samples as the fits see them: sorted, checked, rounding undone.

use super::distribution::FittedDistribution;
use crate::statistics::error::{StatisticsError, check_finite, require};
use crate::statistics::moments::CompensatedSum;

/// How the durations were rounded when they were recorded.
///
/// A recorded value stands for a cell of true durations. For the likelihood each value is moved to the middle of its
/// cell, which leaves a bias of the order of the square of unit over standard deviation (Sheppard's corrections; Heitjan,
/// Statistical Science 4 (1989), 164-183); it is small while the unit is below the standard deviation. The distance to
/// the empirical distribution is taken at the cells' edges only, where rounding does not show.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Rounding {
    /// Not rounded. Zeros then fit the exponential distribution only.
    #[default]
    Exact,
    /// To the nearest multiple of `unit`: v stands for v − unit/2 to v + unit/2, and stays; 0 stands for 0 to unit/2,
    /// and becomes unit/4.
    Nearest { unit: f64 },
    /// Down to a multiple of `unit`, as whole minutes of a clock: v stands for v to v + unit, and becomes v + unit/2.
    Down { unit: f64 },
}

impl Rounding {
    /// Lower edge, middle and upper edge of the cell of a recorded value.
    fn cell(self, value: f64) -> (f64, f64, f64) {
        match self {
            Self::Exact => (value, value, value),
            Self::Nearest { unit } if value < 0.5 * unit => (0.0, 0.25 * unit, 0.5 * unit),
            Self::Nearest { unit } => (value - 0.5 * unit, value, value + 0.5 * unit),
            Self::Down { unit } => (value, value + 0.5 * unit, value + unit),
        }
    }
}

/// A recorded value that occurs `count` times.
#[derive(Debug, Clone, Copy)]
pub struct Cell {
    pub low: f64,
    pub middle: f64,
    pub high: f64,
    pub count: f64,
}

/// Samples in rising order, equal ones together.
#[derive(Debug, Clone)]
pub struct Sample {
    pub cells: Vec<Cell>,
    /// Number of samples.
    pub n: f64,
    pub mean: f64,
}

impl Sample {
    pub fn new(values: &[f64], rounding: Rounding) -> Result<Self, StatisticsError> {
        if let Rounding::Nearest { unit } | Rounding::Down { unit } = rounding {
            require(unit > 0.0 && unit.is_finite(), "the unit of rounding", unit, "a finite number above 0")?;
        }
        check_finite(values)?;
        if let Some(index) = values.iter().position(|value| *value < 0.0) {
            return Err(StatisticsError::Negative { index, value: values[index] });
        }
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let cells: Vec<Cell> = sorted
            .chunk_by(|left, right| left == right)
            .map(|equal| {
                let (low, middle, high) = rounding.cell(equal[0]);
                Cell { low, middle, high, count: equal.len() as f64 }
            })
            .collect();
        let n = values.len() as f64;
        let mean = CompensatedSum::of(cells.iter().map(|cell| cell.count / n * cell.middle));
        Ok(Self { cells, n, mean })
    }

    /// The mean of `term` over the samples.
    pub fn mean_of(&self, term: impl Fn(f64) -> f64) -> f64 {
        CompensatedSum::of(self.cells.iter().map(|cell| cell.count / self.n * term(cell.middle)))
    }

    pub fn min(&self) -> f64 {
        self.cells.first().map_or(0.0, |cell| cell.middle)
    }

    pub fn max(&self) -> f64 {
        self.cells.last().map_or(0.0, |cell| cell.middle)
    }

    /// Log-likelihood of the samples, by the density at the middle of each cell.
    pub fn log_likelihood(&self, distribution: &FittedDistribution) -> f64 {
        self.n * self.mean_of(|x| distribution.log_density(x))
    }
}
