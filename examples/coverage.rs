//! How often the statistics hold, measured: the long form of the coverage experiments in `tests/statistics/`.
//!
//! `cargo run --release --example coverage -- DIR` (or `scripts/coverage.sh`) writes `DIR/coverage.csv` and
//! `DIR/coverage.md`, the same bytes on every run.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, Exp1, LogNormal, StandardNormal};
use rolesim::statistics::{
    Comparison, Confidence, Estimate, Gate, GateDecision, Goal, KimNelson, Looks, Margin, Precision, Selection,
    SelectionPlan, StatisticsError, StoppingOutcome, StoppingRule, Verdict, Worse, holm, judge, paired_difference,
    quantile, willink_upper_limit,
};
use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;

/// What a procedure promises about the rate measured.
#[derive(Clone, Copy)]
enum Promise {
    Exactly(f64),
    AtLeast(f64),
    AtMost(f64),
}

struct Row {
    procedure: &'static str,
    setting: String,
    measured: &'static str,
    promise: Promise,
    rate: f64,
    trials: u32,
}

impl Row {
    fn std_error(&self) -> f64 {
        (self.rate * (1.0 - self.rate) / f64::from(self.trials)).sqrt()
    }

    /// Whether the promise is kept, within four standard errors of the promised rate.
    fn kept(&self) -> bool {
        let (Promise::Exactly(rate) | Promise::AtLeast(rate) | Promise::AtMost(rate)) = self.promise;
        let tolerance = 4.0 * (rate * (1.0 - rate) / f64::from(self.trials)).sqrt();
        match self.promise {
            Promise::Exactly(_) => (self.rate - rate).abs() <= tolerance,
            Promise::AtLeast(_) => self.rate >= rate - tolerance,
            Promise::AtMost(_) => self.rate <= rate + tolerance,
        }
    }

    fn promise_text(&self) -> String {
        match self.promise {
            Promise::Exactly(rate) => format!("{rate:.4}"),
            Promise::AtLeast(rate) => format!(">= {rate:.4}"),
            Promise::AtMost(rate) => format!("<= {rate:.4}"),
        }
    }
}

type Rows = Result<Vec<Row>, StatisticsError>;

fn main() -> Result<(), Box<dyn Error>> {
    let directory = PathBuf::from(std::env::args().nth(1).ok_or("usage: coverage DIR")?);
    let experiments: [fn() -> Rows; 9] = [
        student,
        skewed_limits,
        verdicts,
        pairs_and_families,
        selection,
        stopping,
        gate_errors,
        gate_power,
        gate_promise,
    ];
    let mut rows = Vec::new();
    for experiment in experiments {
        rows.extend(experiment()?);
    }
    let mut csv = csv::Writer::from_path(directory.join("coverage.csv"))?;
    csv.write_record([
        "procedure",
        "setting",
        "measured",
        "promise",
        "rate_ratio",
        "std_error_ratio",
        "trials",
        "kept",
    ])?;
    let mut table = String::from(INTRODUCTION);
    for row in &rows {
        let (rate, std_error) = (format!("{:.4}", row.rate), format!("{:.4}", row.std_error()));
        let (trials, kept) = (row.trials.to_string(), if row.kept() { "yes" } else { "no" });
        let promise = row.promise_text();
        csv.write_record([row.procedure, &row.setting, row.measured, &promise, &rate, &std_error, &trials, kept])?;
        writeln!(
            table,
            "| {} | {} | {} | {promise} | {rate} ± {std_error} | {trials} | {kept} |",
            row.procedure, row.setting, row.measured
        )?;
    }
    csv.flush()?;
    std::fs::write(directory.join("coverage.md"), table)?;
    Ok(())
}

const INTRODUCTION: &str = "\
# How often the statistics hold

Written by `scripts/coverage.sh`; the same on every run. Each rate is a proportion of independent trials with its
standard error; a promise counts as kept within four standard errors. Waits: the first customers of a queue with one
server that starts empty, lognormal service with coefficient of variation 2, utilization 0.8. The promise of a limit of
the mean holds for normal values; for skewed ones the rows show what is left of it.

| procedure | setting | measured | promised | found | trials | kept |
|---|---|---|---|---|---|---|
";

fn normal(generator: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(generator)
}

fn normals(generator: &mut ChaCha8Rng, n: usize) -> Vec<f64> {
    (0..n).map(|_| normal(generator)).collect()
}

/// The fraction of `trials` in which `holds`.
fn share(
    trials: u32,
    seed: u64,
    mut holds: impl FnMut(&mut ChaCha8Rng) -> Result<bool, StatisticsError>,
) -> Result<f64, StatisticsError> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut count = 0;
    for _ in 0..trials {
        count += u32::from(holds(&mut generator)?);
    }
    Ok(f64::from(count) / f64::from(trials))
}

fn covers(values: &[f64], truth: f64) -> Result<bool, StatisticsError> {
    let estimate = Estimate::from_replications(values, Confidence::DEFAULT)?;
    Ok(estimate.interval.is_some_and(|interval| interval.contains(truth)))
}

fn student() -> Rows {
    let trials = 100_000;
    let mut rows = Vec::new();
    for n in [2, 5, 10, 30] {
        let rate = share(trials, 100 + n as u64, |generator| covers(&normals(generator, n), 0.0))?;
        let (promise, setting) = (Promise::Exactly(0.95), format!("{n} normal values"));
        rows.push(Row { procedure: "Student's interval", setting, measured: "covers the mean", promise, rate, trials });
    }
    Ok(rows)
}

/// The p99 and the share over 10 of the waits of `customers`.
fn waits(generator: &mut ChaCha8Rng, service: &LogNormal<f64>, customers: usize) -> Result<[f64; 2], StatisticsError> {
    let mut wait = 0.0_f64;
    let mut all = Vec::with_capacity(customers);
    for _ in 0..customers {
        let gap: f64 = Exp1.sample(generator);
        wait = (wait + service.sample(generator) - gap).max(0.0);
        all.push(wait);
    }
    let over = all.iter().filter(|wait| **wait > 10.0).count();
    Ok([quantile(&all, 0.99)?, over as f64 / customers as f64])
}

/// Replications of both metrics: `trials` times `n`.
fn replicated_waits(trials: u32, n: usize, customers: usize, seed: u64) -> Result<[Vec<Vec<f64>>; 2], StatisticsError> {
    let sigma = 5.0_f64.ln().sqrt();
    let service = LogNormal::new(0.8_f64.ln() - 0.5 * sigma * sigma, sigma).map_err(|_| StatisticsError::Empty)?;
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut samples = [Vec::new(), Vec::new()];
    for _ in 0..trials {
        let mut trial = [Vec::with_capacity(n), Vec::with_capacity(n)];
        for _ in 0..n {
            for (metric, value) in trial.iter_mut().zip(waits(&mut generator, &service, customers)?) {
                metric.push(value);
            }
        }
        for (metric, values) in samples.iter_mut().zip(trial) {
            metric.push(values);
        }
    }
    Ok(samples)
}

fn skewed_limits() -> Rows {
    let trials = 10_000;
    let doubled = Confidence::new(0.90)?;
    let mut rows = Vec::new();
    for (customers, replications) in [(250, [5, 10, 20, 40].as_slice()), (1000, &[10, 20])] {
        for n in replications.iter().copied() {
            let samples = replicated_waits(trials, n, customers, 200 + (n * customers) as u64)?;
            for (metric, samples) in ["p99 of waits", "share of waits over 10"].into_iter().zip(&samples) {
                let truth = samples.iter().flatten().sum::<f64>() / (f64::from(trials) * n as f64);
                let (mut student, mut willink) = (0, 0);
                for values in samples {
                    let limit = Estimate::from_replications(values, doubled)?.ci_high();
                    student += u32::from(limit.is_some_and(|limit| limit >= truth));
                    let limit = willink_upper_limit(values, Confidence::DEFAULT)?;
                    willink += u32::from(limit.is_some_and(|limit| limit >= truth));
                }
                for (procedure, count) in [("Student's upper limit", student), ("Willink's upper limit", willink)] {
                    let setting = format!("{metric}, {n} replications of {customers} customers");
                    let rate = f64::from(count) / f64::from(trials);
                    let promise = Promise::AtLeast(0.95);
                    rows.push(Row { procedure, setting, measured: "is above the mean", promise, rate, trials });
                }
            }
        }
    }
    Ok(rows)
}

/// Verdicts on `metric <= limit` with the expectation at the limit, where either is as wrong as it can be.
fn verdicts() -> Rows {
    let trials = 50_000;
    let mut rows = Vec::new();
    let lognormal = LogNormal::new(-0.5, 1.0).map_err(|_| StatisticsError::Empty)?;
    for n in [5, 10, 20] {
        for (name, skewed, limit) in [("normal", false, 0.0), ("lognormal, sigma 1,", true, 1.0)] {
            for (measured, wrong) in [("wrongly met", Verdict::Met), ("wrongly missed", Verdict::Missed)] {
                let rate = share(trials, 300 + n as u64, |generator| {
                    let draw = |_| if skewed { lognormal.sample(generator) } else { normal(generator) };
                    let values: Vec<f64> = (0..n).map(draw).collect();
                    Ok(judge(&values, Comparison::LessOrEqual, limit, Confidence::DEFAULT)?.verdict == wrong)
                })?;
                let (setting, promise) = (format!("{n} {name} values at the limit"), Promise::AtMost(0.05));
                rows.push(Row { procedure: "verdict on an objective", setting, measured, promise, rate, trials });
            }
        }
    }
    Ok(rows)
}

fn pairs_and_families() -> Rows {
    let trials = 50_000;
    let pair = |generator: &mut ChaCha8Rng| {
        let shared = normals(generator, 10);
        let side = |generator: &mut ChaCha8Rng| -> Vec<f64> {
            shared.iter().map(|value| 3.0 * value + normal(generator)).collect()
        };
        paired_difference(&side(generator), &side(generator), Confidence::DEFAULT)
    };
    let paired = share(trials, 400, |generator| {
        Ok(pair(generator)?.difference.interval.is_some_and(|interval| interval.contains(0.0)))
    })?;
    let family = share(trials, 401, |generator| {
        let p_values = (0..5).map(|_| Ok(pair(generator)?.p_value.unwrap_or(1.0))).collect::<Result<Vec<_>, _>>()?;
        Ok(holm(&p_values, Confidence::DEFAULT)?.iter().any(|decision| decision.rejected))
    })?;
    let (interval, families) = (Promise::Exactly(0.95), Promise::AtMost(0.05));
    let setting = "10 pairs, correlation 0.9".to_owned();
    let (measured, rejected) = ("covers the difference", "any is called different");
    Ok(vec![
        Row { procedure: "paired interval", setting, measured, promise: interval, rate: paired, trials },
        Row {
            procedure: "Holm's procedure",
            setting: "5 metrics that do not differ, 10 pairs".to_owned(),
            measured: rejected,
            promise: families,
            rate: family,
            trials,
        },
    ])
}

/// Selection in the slippage configuration: one mean better by exactly the indifference, the others equal.
fn selection() -> Rows {
    let trials = 20_000;
    let mut rows = Vec::new();
    for systems in [2, 5, 10] {
        for (correlation, spread) in [(0.0, 2.0), (0.5, 2.0), (0.0, 5.0)] {
            let (first_stage, confidence, budget) = (10, Confidence::DEFAULT, 1_000_000);
            let plan =
                SelectionPlan { systems, first_stage, indifference: 1.0, confidence, goal: Goal::Smallest, budget };
            let seed = 500 + 10 * systems as u64 + u64::from(correlation > 0.0);
            let rate = share(trials, seed, |generator| {
                let mut procedure = KimNelson::new(plan)?;
                while procedure.selection() == &Selection::Continue {
                    let shared = f64::sqrt(correlation) * normal(generator);
                    let values: Vec<f64> = procedure
                        .survivors()
                        .iter()
                        .map(|system| {
                            let mean = if *system + 1 == systems { -1.0 } else { 0.0 };
                            mean + spread * (shared + f64::sqrt(1.0 - correlation) * normal(generator))
                        })
                        .collect();
                    procedure.push(&values)?;
                }
                Ok(procedure.selection() == &Selection::Selected { system: systems - 1 })
            })?;
            let setting =
                format!("{systems} systems, standard deviation {spread} indifferences, correlation {correlation}");
            let promise = Promise::AtLeast(0.95);
            rows.push(Row { procedure: "Kim-Nelson", setting, measured: "selects the best", promise, rate, trials });
        }
    }
    Ok(rows)
}

fn stopping() -> Rows {
    let trials = 50_000;
    let at = [3, 5, 8, 13, 20, 30];
    let mut rows = Vec::new();
    for width in [0.4, 0.6, 0.9] {
        let rule = StoppingRule::new(Looks::equal(&at, Confidence::DEFAULT)?, Precision::Absolute(width))?;
        let planned = share(trials, 600, |generator| {
            let values = normals(generator, 30);
            for n in at {
                let found = rule.look(&values[..n])?;
                if !matches!(found.outcome, StoppingOutcome::Continue { .. }) {
                    return Ok(found.estimate.interval.is_some_and(|interval| interval.contains(0.0)));
                }
            }
            Ok(false)
        })?;
        let plain = share(trials, 600, |generator| {
            let values = normals(generator, 30);
            for n in at {
                let found = Estimate::from_replications(&values[..n], Confidence::DEFAULT)?;
                if n == 30 || found.half_width().is_some_and(|half| half <= width) {
                    return covers(&values[..n], 0.0);
                }
            }
            Ok(false)
        })?;
        for (procedure, rate) in [("stopping rule", planned), ("plain interval, looked at as often", plain)] {
            let setting = format!("6 looks at 3 to 30 values, half-width {width} deviations");
            let promise = Promise::AtLeast(0.95);
            rows.push(Row { procedure, setting, measured: "covers the mean", promise, rate, trials });
        }
    }
    Ok(rows)
}

const GATE_LOOKS: [usize; 3] = [5, 10, 20];

/// The fraction of comparisons that end in `decision`: a metric with mean 100 and standard deviation 20, of which the
/// candidate, `ratio` times as high, repeats most.
fn gate_share(gate: &Gate, ratio: f64, decision: GateDecision, trials: u32, seed: u64) -> Result<f64, StatisticsError> {
    share(trials, seed, |generator| {
        let (baseline, candidate): (Vec<f64>, Vec<f64>) = (0..gate.looks().last())
            .map(|_| {
                let shared = 100.0 + 20.0 * normal(generator);
                (shared + 4.0 * normal(generator), ratio * (shared + 4.0 * normal(generator)))
            })
            .unzip();
        for n in GATE_LOOKS {
            let found = gate.look(&baseline[..n], &candidate[..n])?.decision;
            if !matches!(found, GateDecision::Continue { .. }) {
                return Ok(found == decision);
            }
        }
        Ok(false)
    })
}

fn gate(margin: f64) -> Result<Gate, StatisticsError> {
    Gate::new(Looks::equal(&GATE_LOOKS, Confidence::DEFAULT)?, Worse::Higher, Margin::Relative(margin))
}

fn gate_errors() -> Rows {
    let trials = 50_000;
    let cases = [
        (0.0, 1.0, GateDecision::Regression, "equal versions", "false alarm"),
        (0.05, 1.0, GateDecision::Regression, "equal versions", "false alarm"),
        (0.05, 1.05, GateDecision::Regression, "worse by just the margin", "false alarm"),
        (0.05, 1.05, GateDecision::NoRegression, "worse by just the margin", "false pass"),
    ];
    let mut rows = Vec::new();
    for (margin, ratio, decision, versions, measured) in cases {
        let rate = gate_share(&gate(margin)?, ratio, decision, trials, 700)?;
        let setting = format!("{versions}, margin {} %, looks at 5, 10, 20 pairs", 100.0 * margin);
        rows.push(Row { procedure: "gate", setting, measured, promise: Promise::AtMost(0.05), rate, trials });
    }
    Ok(rows)
}

fn gate_power() -> Rows {
    let trials = 50_000;
    let mut rows = Vec::new();
    for (margin, change) in [(0.0, 0.03), (0.0, 0.05), (0.05, 0.08), (0.05, 0.1), (0.05, 0.12)] {
        let gate = gate(margin)?;
        let (before, after): (f64, f64) = (1.0 + margin, 1.0 + change);
        let variance = 16.0 * (before * before + after * after) + 400.0 * (after - before).powi(2);
        let power = gate.power(gate.excess_of(change, 100.0), variance.sqrt())?;
        let rate = gate_share(&gate, after, GateDecision::Regression, trials, 800)?;
        let setting = format!("worse by {} %, margin {} %, looks at 5, 10, 20 pairs", 100.0 * change, 100.0 * margin);
        let promise = Promise::AtLeast(power.at_least);
        rows.push(Row { procedure: "gate", setting, measured: "finds the regression", promise, rate, trials });
    }
    Ok(rows)
}

/// The change that an output promises to find with 90 %, by the deviation of its own 10 pairs of equal versions.
fn gate_promise() -> Rows {
    let trials = 10_000;
    let gate = gate(0.05)?;
    let pairs = |generator: &mut ChaCha8Rng, n: usize, ratio: f64| -> (Vec<f64>, Vec<f64>) {
        (0..n)
            .map(|_| {
                let shared = 100.0 + 20.0 * normal(generator);
                (shared + 4.0 * normal(generator), ratio * (shared + 4.0 * normal(generator)))
            })
            .unzip()
    };
    let rate = share(trials, 900, |generator| {
        let (baseline, candidate) = pairs(generator, 10, 1.0);
        let excess = gate.look(&baseline, &candidate)?.excess;
        let change = gate.promised_change((excess.std_dev.unwrap_or(0.0), 10), 0.9, 100.0)?;
        let (baseline, candidate) = pairs(generator, 20, 1.0 + change);
        for n in GATE_LOOKS {
            let found = gate.look(&baseline[..n], &candidate[..n])?.decision;
            if !matches!(found, GateDecision::Continue { .. }) {
                return Ok(found == GateDecision::Regression);
            }
        }
        Ok(false)
    })?;
    Ok(vec![Row {
        procedure: "gate",
        setting: "worse by what its output promises to find, margin 5 %, looks at 5, 10, 20 pairs".to_owned(),
        measured: "finds the regression",
        promise: Promise::AtLeast(0.9),
        rate,
        trials,
    }])
}
