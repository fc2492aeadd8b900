//! `rolesim compare`, `gate` and `plan`: what they decide, against formulas, and what they print.

#[path = "decisions/common.rs"]
mod common;
#[path = "decisions/compare.rs"]
mod compare;
#[path = "decisions/gate.rs"]
mod gate;
#[path = "decisions/plan.rs"]
mod plan;
#[path = "decisions/plan_nodes.rs"]
mod plan_nodes;
#[path = "decisions/plan_replay.rs"]
mod plan_replay;
#[path = "decisions/queue.rs"]
mod queue;
#[path = "decisions/rare.rs"]
mod rare;
#[path = "decisions/steady.rs"]
mod steady;
#[path = "decisions/undone.rs"]
mod undone;
