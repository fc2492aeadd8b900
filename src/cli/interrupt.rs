//! Ctrl-C: the first asks for an end with what is complete, the second ends the program at once.
//!
//! At the second one unfinished folders are removed; a result that is just getting its name gets it first.

use crate::source::Problem;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Whether somebody has asked for an end.
#[derive(Clone, Default)]
pub struct Interrupt {
    count: Arc<AtomicU32>,
    unfinished: Arc<Mutex<Vec<PathBuf>>>,
}

impl Interrupt {
    /// Listens for Ctrl-C from now on.
    pub fn listen() -> Self {
        let interrupt = Self::default();
        let own = interrupt.clone();
        // It fails only if somebody else listens already: then Ctrl-C simply ends the program.
        let _listens = ctrlc::set_handler(move || own.asked()).is_ok();
        interrupt
    }

    fn asked(&self) {
        if self.count.fetch_add(1, Ordering::SeqCst) == 0 {
            eprintln!("interrupted: writing what is complete (Ctrl-C again to stop at once)");
            return;
        }
        let unfinished = self.unfinished.lock().unwrap_or_else(PoisonError::into_inner);
        for folder in unfinished.iter() {
            // Files may still be added while it is being removed: twice, then it is left.
            let _is_gone = std::fs::remove_dir_all(folder).or_else(|_| std::fs::remove_dir_all(folder)).is_ok();
        }
        std::process::exit(1);
    }

    /// Whether an end has been asked for.
    pub fn is_asked(&self) -> bool {
        self.count.load(Ordering::SeqCst) > 0
    }

    /// A folder that is to be removed if the program ends at once.
    pub fn unfinished(&self, folder: &Path) {
        self.unfinished.lock().unwrap_or_else(PoisonError::into_inner).push(folder.to_owned());
    }

    /// Gives finished files their name, without being ended in between.
    ///
    /// # Errors
    /// Those of `commit`.
    pub fn commit(&self, commit: impl FnOnce() -> Result<(), Problem>) -> Result<(), Problem> {
        let mut unfinished = self.unfinished.lock().unwrap_or_else(PoisonError::into_inner);
        let result = commit();
        unfinished.clear();
        result
    }
}
