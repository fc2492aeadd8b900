//! What replications say, and how sure one may be of it: estimates, comparison, selection, stopping.
//!
//! Everything here works on plain slices of numbers, one number a replication unless said otherwise. Nothing is
//! read, written, drawn at random or measured by a clock, and every sum is folded in index order with Neumaier's
//! compensation, so that the same values give the same bits. This module may not know what the numbers mean.
//!
//! The usual order of use: [`Estimate`] of each metric; [`judge`] for each objective; [`paired_difference`] and
//! [`holm`] to compare two layouts metric by metric; [`KimNelson`] to choose among many; [`StoppingRule`] and
//! [`Gate`] where the number of replications is not fixed beforehand. [`best_fit`] serves the other end, the
//! distributions that go into a simulation.
//!
//! Three conventions hold throughout:
//! * Input that is empty, not finite or out of range is a [`StatisticsError`], never skipped and never a panic.
//! * What does not exist (a standard deviation of one value, an index of balance of no load) is `None`.
//! * Values that are all equal, to the bit, give an interval of width zero. That is right for deterministic
//!   metrics. Where a rare event may be unseen it is too sure: [`judge_unseen`] takes heed of that.

mod balance;
mod confidence;
mod distributions;
mod error;
mod estimate;
mod fit;
mod holm;
mod kim_nelson;
mod moments;
mod objective;
mod paired;
mod quantile;
mod sequential;
mod truncation;
mod unseen;
mod willink;

pub use balance::Balance;
pub use confidence::{Confidence, Interval};
pub use error::StatisticsError;
pub use estimate::Estimate;
pub use fit::{
    Advice, Family, Fit, FitOptions, FittedDistribution, ParameterEstimate, Ranking, Rounding, Unfit, best_fit,
    default_ks_limit,
};
pub use holm::{HolmDecision, holm};
pub use kim_nelson::{Goal, KimNelson, Selection, SelectionPlan};
pub use objective::{Comparison, Judgement, UnknownComparison, Verdict, judge, worst_of};
pub use paired::{PairedDifference, paired_difference};
pub use quantile::{OrderStatisticInterval, QuantileEstimate, quantile, quantile_interval, replication_quantile};
pub use sequential::{
    Gate, GateDecision, GateLook, Looks, Margin, Power, Precision, StoppingLook, StoppingOutcome, StoppingRule, Worse,
};
pub use truncation::{Truncation, mean_over_replications, mser5, welch_moving_average};
pub use unseen::{Unseen, judge_unseen};
pub use willink::{rule_of_three, willink_interval, willink_lower_limit, willink_upper_limit};
