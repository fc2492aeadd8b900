//! What a role leaves undone, in words: no latency tells it.

use crate::metrics::rows::Tables;
use crate::report::format::percent;

/// Tasks of one role under one layout, over all replications.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Owed {
    /// All that were to be done: created and not given up.
    tasks: u64,
    completed: u64,
    failed: u64,
}

impl Owed {
    /// Counts the tasks of `role` under `layout`.
    pub fn count(tables: &Tables, role: &str, layout: &str) -> Self {
        let mine = tables.roles.iter().filter(|row| row.layout == layout && row.role == role);
        mine.fold(Self::default(), |sum, row| Self {
            tasks: sum.tasks + row.created.saturating_sub(row.failed),
            completed: sum.completed + row.completed,
            failed: sum.failed + row.failed,
        })
    }

    /// Whether there was nothing to be done.
    pub const fn is_nothing(self) -> bool {
        self.tasks == 0
    }

    /// How many are never done.
    pub const fn undone(self) -> u64 {
        self.tasks.saturating_sub(self.completed)
    }

    /// The share that is done; all, where nothing is known.
    pub fn done_share(self) -> f64 {
        if self.undone() == 0 { 1.0 } else { self.completed as f64 / self.tasks as f64 }
    }

    /// Whether some are given up, which are not among those to be done.
    pub const fn has_failures(self) -> bool {
        self.failed > 0
    }
}

/// What is never done, and with which layouts; `None` if everything is done.
pub fn never_done(role: &str, layouts: &[(&str, Owed)], alone: bool) -> Option<String> {
    let mut undone: Vec<(&str, f64)> =
        layouts.iter().filter(|(_, owed)| owed.undone() > 0).map(|(name, o)| (*name, 1.0 - o.done_share())).collect();
    undone.sort_by(|a, b| b.1.total_cmp(&a.1));
    let (worst, share) = *undone.first()?;
    let with = match undone.as_slice() {
        _ if alone => String::new(),
        [_] => format!(" with {worst}"),
        [_, (second, less)] => format!(" with {worst}, {} with {second}", percent(*less)),
        [_, others @ ..] => format!(" with {worst}, no more with {} others", others.len()),
        [] => return None,
    };
    Some(format!("{} of {role} tasks are never done{with}", percent(share)))
}
