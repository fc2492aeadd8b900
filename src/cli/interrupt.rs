//! Ctrl-C, and the signals that ask for an end (SIGTERM, SIGHUP): the first asks for an end with what is complete, the
//! second ends the program at once. Where nothing is complete before all is done, the first ends it at once.
//!
//! At that one unfinished folders are removed; a result that is just getting its name gets it first.

use crate::source::Problem;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Whether somebody has asked for an end.
#[derive(Clone, Default)]
pub struct Interrupt {
    count: Arc<AtomicU32>,
    unfinished: Arc<Mutex<Vec<PathBuf>>>,
    ends_at_once: bool,
}

impl Interrupt {
    /// Listens from now on; the first signal asks for an end.
    pub fn listen() -> Self {
        Self::default().listening()
    }

    /// Listens from now on; the first signal ends the program.
    pub fn listen_to_end_at_once() -> Self {
        Self { ends_at_once: true, ..Self::default() }.listening()
    }

    fn listening(self) -> Self {
        let interrupt = self;
        let own = interrupt.clone();
        // It fails only if somebody else listens already: then a signal simply ends the program.
        let _listens = ctrlc::set_handler(move || own.asked()).is_ok();
        interrupt
    }

    fn asked(&self) {
        if self.count.fetch_add(1, Ordering::SeqCst) == 0 && !self.ends_at_once {
            let told = "interrupted: writing what is complete (Ctrl-C again to stop at once)";
            // Who hangs up has closed the terminal: nobody can be told then.
            let _is_told = writeln!(std::io::stderr(), "{told}").is_ok();
            return;
        }
        if self.ends_at_once {
            let _is_told = writeln!(std::io::stderr(), "interrupted before the end").is_ok();
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
