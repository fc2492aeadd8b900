//! The objectives of a plan: those of the scenario, and that nothing is left undone.

use crate::metrics::catalog::{Metric, Quantity, metrics};
use crate::scenario::Scenario;
use crate::source::Problem;
use crate::statistics::Comparison;

/// An objective with its metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Goal {
    pub metric: Metric,
    pub comparison: Comparison,
    pub limit: f64,
    pub text: String,
    /// Whether it follows from the objectives of the scenario, which do not have it.
    pub is_implied: bool,
}

/// The goals of a scenario. Latencies are those of tasks that were done, so each role with an objective is also to leave
/// no task undone when the simulation ends, if it goes on after the measured span.
///
/// # Errors
/// The scenario has no objectives.
pub fn goals(scenario: &Scenario) -> Result<Vec<Goal>, Problem> {
    let known = metrics(&scenario.rules.roles());
    let find = |name: &str| known.iter().find(|metric| metric.name == name).cloned();
    let mut goals: Vec<Goal> = Vec::new();
    for objective in &scenario.objectives {
        let metric = find(&objective.metric).ok_or_else(|| {
            let message = format!("version {} has no metric `{}`", scenario.version, objective.metric);
            Problem::new(message, "take the objective out, or plan for another version")
        })?;
        let text = objective.text.clone();
        goals.push(Goal { metric, comparison: objective.comparison, limit: objective.limit, text, is_implied: false });
    }
    if goals.is_empty() {
        return Err(Problem::new(
            format!("scenario `{}` has no objectives: there is nothing to plan for", scenario.source.name),
            "add [objectives], for example \"fts-indexing.latency.p99\" = \"< 60s\"",
        ));
    }
    let mut implied: Vec<Goal> = Vec::new();
    for goal in goals.iter().filter(|_| !scenario.drain.is_zero()) {
        let Quantity::Role(role, _) = goal.metric.quantity else { continue };
        let name = format!("{role}.waiting_at_end");
        let is_known = goals.iter().chain(&implied).any(|known| known.metric.name == name);
        if let Some(metric) = find(&name).filter(|_| !is_known && scenario.rules.queue_roles.contains(&role)) {
            implied.push(Goal {
                metric,
                comparison: Comparison::LessOrEqual,
                limit: 0.0,
                text: format!("{name} <= 0"),
                is_implied: true,
            });
        }
    }
    goals.extend(implied);
    Ok(goals)
}
