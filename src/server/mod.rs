//! The versions of the server: their rules and constants.
//!
//! [`Version`] is what a user writes, [`Rules`] what follows from it. Where versions differ by a
//! constant, `Rules` holds the constant; where they differ by a rule, it holds the name of the policy
//! that the simulated server then follows. Nothing else in the program asks for the version.

mod rules;
mod version;

pub use rules::{Coordination, DispatchRule, FullChannel, LockStore, LockTaken, PushRule, Retry, Rules};
pub use version::{Family, Version, VersionError};
