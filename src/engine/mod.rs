//! The discrete-event engine: clock, pending events, run loop, random streams, distributions.
//!
//! A [`Model`] owns the state and handles one event at a time; the [`Agenda`] holds the clock and the
//! pending events. In one step of [`run`] the earliest of (the model's own sorted source, the pending
//! events) is taken, the clock moves to its time, and the model handles it. Events at the same time are
//! handled in the order in which they were scheduled; the source comes before them.
//! The engine is generic over the event type, so that no step allocates or calls through a pointer.
//! It knows nothing of mail, nodes or files.

mod agenda;
mod ahead;
pub mod distribution;
mod pending;
mod profile;
pub mod random;

pub use agenda::{Agenda, Model, Pack, run};
pub use ahead::Ahead;
pub use pending::PendingEvents;
pub use profile::{Part, Profile, run_profiled};
