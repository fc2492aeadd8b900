//! `[objectives]`: what the operator needs, as `"metric" = "comparison limit"`.

use super::reader::Place;
use crate::layout::closest;
use crate::metrics::catalog;
use crate::source::Problem;
use crate::statistics::Comparison;
use std::collections::BTreeMap;
use toml::Spanned;

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
    written: &BTreeMap<Spanned<String>, Spanned<String>>,
) -> Result<Vec<Objective>, Problem> {
    written.iter().map(|(metric, condition)| read_one(place, metric, condition)).collect()
}

fn read_one(place: &Place, metric: &Spanned<String>, condition: &Spanned<String>) -> Result<Objective, Problem> {
    let name = metric.get_ref();
    if !catalog::names().any(|known| known == *name) {
        let names: Vec<String> = catalog::names().collect();
        let help = match closest(name, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "metrics are named as in summary.csv, for example fts-indexing.latency.p99".into(),
        };
        return Err(place.problem(metric.span(), format!("there is no metric `{name}`"), help));
    }
    let wrong = |message: String| {
        place.problem(
            condition.span(),
            message,
            "write a comparison and a limit, such as \"< 60s\", \"= 1\" or \">= 99.9%\"",
        )
    };
    let text = condition.get_ref().trim();
    let split = text.find(|c: char| !"<>=".contains(c)).unwrap_or(text.len());
    let (sign, limit) = text.split_at(split);
    let comparison = sign.parse().map_err(|_| wrong(format!("`{text}` begins with no comparison")))?;
    let limit_text = limit.trim();
    let limit = limit_of(limit_text).ok_or_else(|| wrong(format!("`{limit_text}` is no limit")))?;
    Ok(Objective { metric: name.clone(), comparison, limit, text: format!("{name} {sign} {limit_text}") })
}

/// A number, a percentage, or a time in seconds.
fn limit_of(text: &str) -> Option<f64> {
    let number = |text: &str| text.parse::<f64>().ok().filter(|value| value.is_finite());
    if let Some(percent) = text.strip_suffix('%') {
        return number(percent.trim()).map(|value| value / 100.0);
    }
    number(text).or_else(|| text.parse::<super::duration::Time>().ok().map(super::duration::Time::as_secs_f64))
}
