//! The faults of a scenario on a cluster of another size, and the loss of one node.

use crate::faults::Fault;
use crate::scenario::Scenario;
use crate::source::Problem;
use crate::time::SimDuration;

/// The scenario's faults for `nodes` nodes: those of all nodes are of all nodes, those of services stay.
///
/// # Errors
/// A fault of single nodes.
pub fn resize(scenario: &Scenario, nodes: u16) -> Result<Vec<Fault>, Problem> {
    let known = scenario.nodes.len();
    let all = |of: &[u16]| -> Option<Vec<u16>> {
        let mut sorted = of.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        (sorted.len() == known).then(|| (0..nodes).collect())
    };
    let mut faults = Vec::new();
    for (fault, span) in scenario.faults.iter().zip(&scenario.fault_spans) {
        let mut own = fault.clone();
        let is_moved = match &mut own {
            // What a zone of another cluster would be is not known.
            Fault::RandomCrashes { zones: Some(_), .. } => false,
            Fault::RandomCrashes { nodes, .. }
            | Fault::CutOff { nodes, .. }
            | Fault::RollingRestart { nodes, .. }
            | Fault::ZoneOutage { nodes, .. } => match all(nodes) {
                Some(every) => {
                    *nodes = every;
                    true
                }
                None => false,
            },
            Fault::Crash { .. } | Fault::SlowNode { .. } | Fault::Recorded(_) => false,
            Fault::Outage { .. } | Fault::DatabaseSlowdown { .. } => true,
        };
        if !is_moved {
            return Err(Problem::at(
                &scenario.source,
                span.clone(),
                "a fault of the scenario is about single nodes or zones, which a cluster of another size does not have",
                "give the fault `nodes = \"all\"`, or take it out and plan with --survive 1",
            ));
        }
        faults.push(own);
    }
    Ok(faults)
}

/// The node at `index` is down for the whole measured span. It is repaired then, so that what nobody else does is done
/// at last, and counts with the latency that it had.
pub fn down(scenario: &Scenario, index: u16) -> Fault {
    Fault::Crash { node: index, at: SimDuration::ZERO, lasts: scenario.duration }
}
