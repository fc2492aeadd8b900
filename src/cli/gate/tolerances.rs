//! What change for the worse is accepted: `--tolerance`.

use crate::cli::common::{better, default_metrics, metrics_named};
use crate::experiment::gate::Tolerance;
use crate::metrics::catalog::{Better, Metric};
use crate::report::format::{Unit, percent};
use crate::scenario::Scenario;
use crate::source::Problem;
use crate::statistics::Margin;

/// Accepted where nothing is said.
const DEFAULT: Margin = Margin::Relative(0.05);

/// One `--tolerance`.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// `None`: for all metrics that are not named.
    metric: Option<String>,
    margin: Margin,
    /// Whether it is a time, which only a time can differ by.
    is_time: bool,
}

/// Reads `METRIC=5%`, `METRIC=0.5s`, `METRIC=0.01` or `5%`.
///
/// # Errors
/// It is none of these.
pub fn parse(text: &str) -> Result<Wanted, String> {
    let (metric, margin) = match text.split_once('=') {
        Some((metric, margin)) => (Some(metric.trim().to_string()), margin.trim()),
        None => (None, text.trim()),
    };
    let usable = |value: f64| (value >= 0.0 && value.is_finite()).then_some(value);
    let wrong = || format!("`{text}` is no tolerance: write METRIC=5%, METRIC=0.5s, METRIC=0.01, or 5% for all");
    let (margin, is_time) = if let Some(percent) = margin.strip_suffix('%') {
        (Margin::Relative(percent.trim().parse().ok().and_then(usable).ok_or_else(wrong)? / 100.0), false)
    } else if let Some(value) = margin.parse().ok().and_then(usable) {
        (Margin::Absolute(value), false)
    } else {
        (Margin::Absolute(humantime::parse_duration(margin).map_err(|_| wrong())?.as_secs_f64()), true)
    };
    if metric.is_none() && matches!(margin, Margin::Absolute(_)) {
        return Err(format!("`{text}` has no metric: an absolute tolerance needs one, as in METRIC={text}"));
    }
    Ok(Wanted { metric, margin, is_time })
}

/// The metrics to judge and their margins: those of the objectives (or the usual ones), and those that are named.
///
/// # Errors
/// A name that does not exist, or a metric of which no value is better than another.
pub fn tolerances(scenario: &Scenario, wanted: &[Wanted]) -> Result<Vec<Tolerance>, Problem> {
    let general = wanted.iter().rev().find(|wanted| wanted.metric.is_none()).map_or(DEFAULT, |wanted| wanted.margin);
    let named: Vec<String> = wanted.iter().filter_map(|wanted| wanted.metric.clone()).collect();
    for metric in metrics_named(scenario, &named)? {
        if better(scenario, &metric) == Better::Neither {
            let message = format!("no value of `{}` is better than another", metric.name);
            return Err(Problem::new(message, "judge a metric such as fts-indexing.latency.p99"));
        }
    }
    let mut names = default_metrics(scenario);
    names.extend(named);
    let mut list: Vec<Tolerance> = Vec::new();
    for metric in metrics_named(scenario, &names)? {
        let metric = Metric { better: better(scenario, &metric), ..metric };
        if metric.better == Better::Neither || list.iter().any(|known| known.metric.name == metric.name) {
            continue;
        }
        let own = wanted.iter().rev().find(|wanted| wanted.metric.as_deref() == Some(&metric.name));
        if own.is_some_and(|own| own.is_time) && metric.unit != "s" {
            let message = format!("`{}` is no time, so that no time can be its tolerance", metric.name);
            let help =
                format!("write {0}=5% of its value, or {0}=0.01 in its own unit ({1})", metric.name, metric.unit);
            return Err(Problem::new(message, help));
        }
        list.push(tolerance(metric, own.map_or(general, |wanted| wanted.margin))?);
    }
    if list.is_empty() {
        return Err(Problem::new(
            "there is nothing to judge",
            "name a metric, as in --tolerance nodes.utilization.max=5%",
        ));
    }
    Ok(list)
}

fn tolerance(metric: Metric, margin: Margin) -> Result<Tolerance, Problem> {
    let text = match margin {
        Margin::Relative(ratio) if ratio >= 1.0 && metric.better == Better::Larger => {
            let message = format!("{} cannot become smaller by {}", metric.name, percent(ratio));
            return Err(Problem::new(message, "accept less than 100%"));
        }
        Margin::Relative(ratio) => percent(ratio),
        Margin::Absolute(value) if metric.unit == "s" => Unit::Seconds.show(value),
        Margin::Absolute(value) => Unit::Plain.show(value),
    };
    Ok(Tolerance { metric, margin, text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tolerances_are_relative_absolute_or_times() {
        let read = |text: &str| parse(text).expect("a tolerance");
        assert_eq!(read("5%"), Wanted { metric: None, margin: Margin::Relative(0.05), is_time: false });
        assert_eq!(
            read("a.b=2.5 %"),
            Wanted { metric: Some("a.b".into()), margin: Margin::Relative(0.025), is_time: false }
        );
        assert_eq!(
            read("a.b=500ms"),
            Wanted { metric: Some("a.b".into()), margin: Margin::Absolute(0.5), is_time: true }
        );
        assert_eq!(read("a.b=0"), Wanted { metric: Some("a.b".into()), margin: Margin::Absolute(0.0), is_time: false });
        for wrong in ["", "x", "a=", "a=-1", "a=-5%", "a=inf", "3", "nan%", "a=5%%"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
