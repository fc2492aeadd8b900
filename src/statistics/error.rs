//! What can be wrong with the input of a procedure.

/// Why a procedure has no answer. The message says what was found and what would be right.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum StatisticsError {
    /// There are no values at all.
    #[error("no values: at least one is needed")]
    Empty,
    /// A value is infinite or not a number.
    #[error("value {index} is {value}: every value must be a finite number")]
    NotFinite { index: usize, value: f64 },
    /// A value is below zero where the procedure has no meaning for that.
    #[error("value {index} is {value}: every value must be zero or more")]
    Negative { index: usize, value: f64 },
    /// Fewer values than the procedure needs.
    #[error("{got} values: at least {needed} are needed")]
    TooFew { needed: usize, got: usize },
    /// Values that belong together differ in number.
    #[error("{left} values on one side and {right} on the other: there must be as many on both")]
    LengthMismatch { left: usize, right: usize },
    /// A replication without any sample has no quantile.
    #[error("replication {replication} has no samples: leave it out knowingly or simulate longer")]
    EmptyReplication { replication: usize },
    /// A setting out of its range.
    #[error("{name} is {value}: it must be {expected}")]
    Parameter { name: &'static str, value: f64, expected: &'static str },
    /// Finite input, but a result beyond what a double holds.
    #[error("the values are too large: {quantity} is beyond the range of a double")]
    Overflow { quantity: &'static str },
    /// A procedure that has ended was given more replications.
    #[error("the procedure has decided already: it takes no more replications")]
    AlreadyDecided,
}

/// Fails on the first value that is infinite or not a number, or when there is none.
pub(super) fn check_finite(values: &[f64]) -> Result<(), StatisticsError> {
    if values.is_empty() {
        return Err(StatisticsError::Empty);
    }
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(StatisticsError::NotFinite { index, value: values[index] }),
        None => Ok(()),
    }
}

/// The value itself, or an overflow of the named quantity.
pub(super) fn finite(value: f64, quantity: &'static str) -> Result<f64, StatisticsError> {
    if value.is_finite() { Ok(value) } else { Err(StatisticsError::Overflow { quantity }) }
}

/// Fails unless `holds`; says what would be right.
pub(super) fn require(
    holds: bool,
    name: &'static str,
    value: f64,
    expected: &'static str,
) -> Result<(), StatisticsError> {
    if holds { Ok(()) } else { Err(StatisticsError::Parameter { name, value, expected }) }
}
