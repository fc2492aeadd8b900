//! Procedures that look at the replications several times and still keep their error rate.
//!
//! Looking repeatedly and stopping at the first welcome answer is wrong more often than each look by itself. Here the
//! looks are planned beforehand, each gets its part of the error rate, and by Bonferroni's inequality the parts add up
//! to the whole, however the looks depend on each other.

mod gate;
mod looks;
mod stopping;

pub use gate::{Gate, GateDecision, GateLook, Margin, Power, Worse};
pub use looks::Looks;
pub use stopping::{Precision, StoppingLook, StoppingOutcome, StoppingRule};
