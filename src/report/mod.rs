//! What a run shows: result files, charts, a page, a table on the terminal.
//!
//! Everything here is made from [`Tables`](crate::metrics::rows::Tables), which are the CSV files of a
//! result folder, and from [`plan`]: a report can be made again from the files alone. In order:
//! [`findings`] says in words what the numbers mean, [`charts`] draws them, [`terminal`] and [`html`] put both
//! together, [`csv`], [`manifest`] and [`folder`] write them down and [`publish`] makes the folder appear whole.
//! Reports know no simulation and no clock.

pub mod aggregate;
pub mod charts;
pub mod comparison;
pub mod csv;
pub mod explain;
pub mod findings;
pub mod folder;
pub mod format;
pub mod gate;
pub mod html;
pub mod manifest;
pub mod plan;
pub mod planning;
pub mod png;
pub mod publish;
pub mod terminal;
pub mod trace;

pub use charts::Chart;
pub use findings::FindingContext;
pub use manifest::Manifest;
pub use plan::{LayoutPlan, NodeMark, PlanRow, RunInfo};
pub use publish::Publication;
