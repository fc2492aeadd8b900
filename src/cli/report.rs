//! `rolesim report`: the page again, from the files of one or several results.

use crate::report::folder::page_of;
use crate::source::Problem;
use std::io::Write;
use std::path::PathBuf;

/// Make report.html again from the CSV files of one or several results.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Result folders, as `rolesim run` writes them, or one of `compare` or `plan`
    #[arg(required = true, value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
    /// The page's file; by default report.html in the result folder, or in the current one if there are several
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Writes the page and returns its path. An existing page is replaced only by a whole one.
pub fn run(args: &Args) -> Result<PathBuf, Problem> {
    let out = match (&args.out, args.dirs.as_slice()) {
        (Some(out), _) => out.clone(),
        (None, [dir]) => dir.join("report.html"),
        (None, _) => PathBuf::from("report.html"),
    };
    let html = page_of(&args.dirs)?;
    let failed = |error: std::io::Error| {
        let message = format!("{}: cannot be written: {error}", out.display());
        Problem::unwritten(message, "choose another file with --out", &error)
    };
    super::output::write_whole(&out, |mut file| file.write_all(html.as_bytes())).map_err(failed)?;
    Ok(out)
}
