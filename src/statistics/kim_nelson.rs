//! Selection of the best of several systems: the fully sequential procedure of Kim and Nelson.

use super::confidence::Confidence;
use super::error::{StatisticsError, check_finite, finite, require};
use super::moments::{CompensatedSum, Moments};

/// Which mean is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Goal {
    Smallest,
    Greatest,
}

/// What is to be selected from, how surely and at what cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SelectionPlan {
    /// Number of systems.
    pub systems: usize,
    /// n₀: replications of every system before the first may be dropped, at least 2; 10 to 20 are usual.
    pub first_stage: usize,
    /// δ: the smallest difference of means worth detecting, in the metric's unit.
    pub indifference: f64,
    /// Probability of selecting the best when it is better than the others by δ or more.
    pub confidence: Confidence,
    pub goal: Goal,
    /// The most replications of any system, at least the first stage.
    pub budget: usize,
}

/// Where the selection stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// One more replication of each survivor is wanted.
    Continue,
    /// This system is the best, or within the indifference zone of the best, at the confidence of the plan.
    Selected { system: usize },
    /// The budget is used and several systems survive; `leader` has the best mean, without a guarantee. The best is
    /// among the survivors at the confidence of the plan.
    Undecided { leader: usize },
}

/// The state of the procedure, fed one more replication of every survivor at a time.
///
/// S.-H. Kim & B. L. Nelson, "A fully sequential procedure for indifference-zone selection in simulation", ACM
/// Transactions on Modeling and Computer Simulation 11 (2001), 251-273, procedure KN with c = 1:
/// * η = ½ \[(2α/(k−1))^(−2/(n₀−1)) − 1\] and h² = 2cη(n₀−1);
/// * S²ᵢₗ: the sample variance of Xᵢ − Xₗ over the first n₀ replications;
/// * after r ≥ n₀ replications, i survives if for every survivor l its mean is not worse than that of l by more than
///   Wᵢₗ(r) = max(0, δ/(2cr) · (h²S²ᵢₗ/δ² − r));
/// * it ends when one survives, at the latest after the greatest ⌊h²S²ᵢₗ/δ²⌋ + 1 replications.
///
/// Common random numbers are allowed, and make it end sooner: only variances of differences count. The guarantee is
/// for normal replications, independent of each other within a system.
#[derive(Debug, Clone)]
pub struct KimNelson {
    plan: SelectionPlan,
    h_squared: f64,
    replications: usize,
    survivors: Vec<usize>,
    /// By system; +1 or −1 times the values, so that the greatest is the best.
    sums: Vec<CompensatedSum>,
    /// By system, until the first stage is complete.
    first_stage: Vec<Vec<f64>>,
    /// h²S²ᵢₗ/δ², by i · systems + l.
    horizons: Vec<f64>,
    selection: Selection,
}

impl KimNelson {
    /// The procedure before its first replication. A single system is selected at once.
    ///
    /// # Errors
    /// A plan without systems, with a first stage below 2, an indifference that is not a positive number, or a budget
    /// below the first stage.
    pub fn new(plan: SelectionPlan) -> Result<Self, StatisticsError> {
        require(plan.systems >= 1, "the number of systems", plan.systems as f64, "1 or more")?;
        require(plan.first_stage >= 2, "the first stage", plan.first_stage as f64, "2 replications or more")?;
        let indifference = plan.indifference;
        let positive = indifference > 0.0 && indifference.is_finite();
        require(positive, "the indifference", indifference, "a finite number above 0")?;
        let enough = plan.budget >= plan.first_stage;
        require(enough, "the budget of replications", plan.budget as f64, "at least the first stage")?;
        let selection = if plan.systems == 1 { Selection::Selected { system: 0 } } else { Selection::Continue };
        Ok(Self {
            plan,
            h_squared: h_squared(plan.systems, plan.first_stage, plan.confidence),
            replications: 0,
            survivors: (0..plan.systems).collect(),
            sums: vec![CompensatedSum::default(); plan.systems],
            first_stage: vec![Vec::with_capacity(plan.first_stage); plan.systems],
            horizons: Vec::new(),
            selection,
        })
    }

    /// The systems of which one more replication is wanted, in rising order.
    pub fn survivors(&self) -> &[usize] {
        &self.survivors
    }

    /// Replications of each survivor so far.
    pub fn replications(&self) -> usize {
        self.replications
    }

    /// Where the selection stands.
    pub fn selection(&self) -> &Selection {
        &self.selection
    }

    /// The procedure's constant h².
    pub fn h_squared(&self) -> f64 {
        self.h_squared
    }

    /// Takes the next replication of each survivor, in the order of [`KimNelson::survivors`].
    ///
    /// # Errors
    /// A value too many or too few, a value that is not finite, or a selection that is not open any more; the state is
    /// unchanged then. Sums or differences beyond a double, after which the selection is of no more use.
    pub fn push(&mut self, values: &[f64]) -> Result<&Selection, StatisticsError> {
        if self.selection != Selection::Continue {
            return Err(StatisticsError::AlreadyDecided);
        }
        if values.len() != self.survivors.len() {
            return Err(StatisticsError::LengthMismatch { left: self.survivors.len(), right: values.len() });
        }
        check_finite(values)?;
        let sign = if self.plan.goal == Goal::Greatest { 1.0 } else { -1.0 };
        for (system, value) in self.survivors.iter().zip(values) {
            self.sums[*system].add(sign * value);
            finite(self.sums[*system].total(), "the sum of a system's replications")?;
            if self.replications < self.plan.first_stage {
                self.first_stage[*system].push(sign * value);
            }
        }
        self.replications += 1;
        if self.replications == self.plan.first_stage {
            self.measure_horizons()?;
        }
        if self.replications >= self.plan.first_stage {
            self.screen();
        }
        Ok(&self.selection)
    }

    /// Ends the first stage: the variance of every difference.
    fn measure_horizons(&mut self) -> Result<(), StatisticsError> {
        let systems = self.plan.systems;
        self.horizons = vec![0.0; systems * systems];
        for left in 0..systems {
            for right in left + 1..systems {
                let pairs = self.first_stage[left].iter().zip(&self.first_stage[right]);
                let differences: Vec<f64> = pairs.map(|(one, other)| one - other).collect();
                let deviation = Moments::of(&differences)?.std_dev.unwrap_or(0.0);
                let horizon = self.h_squared * (deviation / self.plan.indifference).powi(2);
                self.horizons[left * systems + right] = horizon;
                self.horizons[right * systems + left] = horizon;
            }
        }
        self.first_stage = Vec::new();
        Ok(())
    }

    /// Drops the systems that are worse than another by more than what chance explains, and ends if that decides.
    fn screen(&mut self) {
        let replications = self.replications as f64;
        let mean = |system: usize| self.sums[system].total() / replications;
        let allowance = |left: usize, right: usize| {
            let horizon = self.horizons[left * self.plan.systems + right];
            (0.5 * self.plan.indifference / replications * (horizon - replications)).max(0.0)
        };
        let survives = |one: &usize| {
            let rivals = self.survivors.iter().filter(|rival| *rival != one);
            rivals.into_iter().all(|rival| mean(*one) >= mean(*rival) - allowance(*one, *rival))
        };
        let survivors: Vec<usize> = self.survivors.iter().copied().filter(survives).collect();
        let leader = survivors.iter().copied().reduce(|best, next| if mean(next) > mean(best) { next } else { best });
        let horizon = self.horizons.iter().copied().fold(0.0, f64::max).floor();
        // The system with the best mean always survives, so there is a leader.
        if let Some(leader) = leader {
            if survivors.len() == 1 || replications > horizon {
                self.selection = Selection::Selected { system: leader };
            } else if self.replications >= self.plan.budget {
                self.selection = Selection::Undecided { leader };
            }
        }
        self.survivors = survivors;
    }
}

/// h² of procedure KN with c = 1, for two systems or more.
fn h_squared(systems: usize, first_stage: usize, confidence: Confidence) -> f64 {
    let rivals = systems.max(2) as f64 - 1.0;
    let degrees = first_stage as f64 - 1.0;
    let eta = 0.5 * ((2.0 * confidence.error_rate() / rivals).powf(-2.0 / degrees) - 1.0);
    2.0 * eta * degrees
}
