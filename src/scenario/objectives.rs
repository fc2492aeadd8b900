//! `[objectives]`: what the operator needs, as `"metric" = "comparison limit"`.

use super::Server;
use super::duration::Time;
use super::reader::Place;
use super::wire::Condition;
use super::wire::Spanned;
use crate::layout::{Role, closest};
use crate::metrics::catalog::{self, Metric};
use crate::source::Problem;
use crate::statistics::Comparison;
use std::collections::BTreeMap;

/// A limit on a metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Objective {
    /// Name of the metric.
    pub metric: String,
    /// How it is to stand to the limit.
    pub comparison: Comparison,
    /// The limit, in the unit of the metric.
    pub limit: f64,
    /// As written: metric, comparison and limit.
    pub text: String,
}

/// Reads the objectives.
pub(super) fn read(
    place: &Place,
    written: &BTreeMap<Spanned<String>, Spanned<Condition>>,
    servers: &[Server],
) -> Result<Vec<Objective>, Problem> {
    let simulated: Vec<Role> = servers.iter().flat_map(|server| server.rules.roles()).collect();
    let roles: Vec<Role> = Role::ALL.into_iter().filter(|role| simulated.contains(role)).collect();
    let existing = catalog::metrics(&roles);
    let all = catalog::metrics(&Role::ALL);
    let unknown = |metric: &Spanned<String>| {
        let name = metric.get_ref();
        if all.iter().any(|known| known.name == *name) {
            let message = format!("`{name}` is of a role that no simulated version has");
            let known: Vec<&str> = roles.iter().map(|role| role.key()).collect();
            return place.problem(metric.span(), message, format!("the roles are {}", known.join(", ")));
        }
        let help = match closest(name, existing.iter().map(|known| known.name.as_str())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "metrics are named as in summary.csv, for example fts-indexing.latency.p99".into(),
        };
        place.problem(metric.span(), format!("there is no metric `{name}`"), help)
    };
    written
        .iter()
        .map(|(name, condition)| {
            let metric = existing.iter().find(|known| known.name == *name.get_ref()).ok_or_else(|| unknown(name))?;
            read_condition(place, metric, condition)
        })
        .collect()
}

fn read_condition(place: &Place, metric: &Metric, condition: &Spanned<Condition>) -> Result<Objective, Problem> {
    let example = match metric.unit {
        "s" => "\"< 60s\"",
        "ratio" => "\"< 0.001\" or \"< 0.1%\"",
        _ => "\"= 1\" or \"<= 1.2\"",
    };
    let wrong = |message: String| {
        place.problem(condition.span(), message, format!("write a comparison and a limit, such as {example}"))
    };
    let text = condition.get_ref().0.trim();
    let split = text.find(|c: char| !"<>=".contains(c)).unwrap_or(text.len());
    let (sign, limit_text) = text.split_at(split);
    let limit_text = limit_text.trim();
    let comparison = sign.parse().map_err(|_| match sign {
        "" => wrong(format!("`{text}` begins with no comparison")),
        _ => {
            let help = "the comparisons are <, <=, >, >= and =";
            place.problem(condition.span(), format!("`{sign}` is no comparison"), help)
        }
    })?;
    if limit_text.is_empty() {
        return Err(wrong(format!("there is no limit behind `{sign}`")));
    }
    let limit = limit_of(limit_text, metric.unit).map_err(|reason| wrong(format!("`{limit_text}` {reason}")))?;
    let text = format!("{} {sign} {limit_text}", metric.name);
    Ok(Objective { metric: metric.name.clone(), comparison, limit, text })
}

/// A number, a percentage of a ratio, or a time in seconds; else why it is none.
fn limit_of(text: &str, unit: &str) -> Result<f64, String> {
    let number = |text: &str| text.parse::<f64>().ok().filter(|value| value.is_finite());
    if let Some(percent) = text.strip_suffix('%').and_then(|percent| number(percent.trim())) {
        let is_ratio = unit == "ratio";
        return is_ratio
            .then_some(percent / 100.0)
            .ok_or_else(|| format!("is a share, but the metric is a {}", kind(unit)));
    }
    if let Some(number) = number(text) {
        return if unit == "s" { Err("has no unit, but the metric is a time".into()) } else { Ok(number) };
    }
    match text.parse::<Time>() {
        Ok(time) if unit == "s" => Ok(time.as_secs_f64()),
        Ok(_) => Err(format!("is a time, but the metric is a {}", kind(unit))),
        Err(_) => Err("is no limit".into()),
    }
}

/// What a metric with this unit is.
fn kind(unit: &str) -> &str {
    match unit {
        "s" => "time",
        "ratio" => "share",
        "copies" => "number of copies",
        "count" => "count",
        _ => "number",
    }
}
