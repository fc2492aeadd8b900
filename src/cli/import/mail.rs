//! `rolesim import mbox` and `rolesim import maildir`.

use super::Output;
use crate::import::mail::{Mailbox, read_maildir, read_mbox};
use crate::import::trace;
use crate::source::Problem;
use std::path::{Path, PathBuf};

/// Arguments of `rolesim import mbox`.
#[derive(Debug, Clone, clap::Args)]
pub struct MboxArgs {
    /// The mbox file
    file: PathBuf,
    #[command(flatten)]
    common: Common,
}

/// Arguments of `rolesim import maildir`.
#[derive(Debug, Clone, clap::Args)]
pub struct MaildirArgs {
    /// The folder that holds cur and new; folders below it are read too
    dir: PathBuf,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Clone, clap::Args)]
struct Common {
    /// The message trace
    #[arg(long, value_name = "FILE", default_value = "trace.csv")]
    out: PathBuf,
    /// Only recipients of this domain; may be repeated
    #[arg(long, value_name = "DOMAIN")]
    domain: Vec<String>,
    #[command(flatten)]
    output: Output,
}

/// Reads an mbox file.
///
/// # Errors
/// The file cannot be read, or the trace cannot be written.
pub fn run_mbox(args: &MboxArgs) -> Result<u8, Problem> {
    args.common.run(&args.file, |domains, progress| read_mbox(&args.file, domains, progress))
}

/// Reads a Maildir.
///
/// # Errors
/// The folder cannot be read, or the trace cannot be written.
pub fn run_maildir(args: &MaildirArgs) -> Result<u8, Problem> {
    args.common.run(&args.dir, |domains, progress| read_maildir(&args.dir, domains, progress))
}

impl Common {
    fn run(
        &self,
        path: &Path,
        read: impl FnOnce(&[String], &dyn Fn(u64)) -> Result<Mailbox, Problem>,
    ) -> Result<u8, Problem> {
        self.output.check(&[&self.out])?;
        let bar = self.output.progress(&[path]);
        let mailbox = read(&self.domain, &|bytes| bar.inc(bytes))?;
        bar.finish_and_clear();
        let text = trace::messages(&mailbox.population.deliveries());
        self.output.finish(mailbox.summary(path), vec![(self.out.clone(), text)])
    }
}
