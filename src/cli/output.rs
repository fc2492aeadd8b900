//! Writing to standard output, and files that appear whole.

use crate::source::Problem;
use std::fs::File;
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::Path;

/// Writes a text to standard output. A reader that goes away (`| head`) is no error.
///
/// # Errors
/// The text could not be written, for instance because the disk is full.
pub fn print(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Writes the file `path` whole or not at all: `fill` gets a new one beside it, with the permissions that any new file
/// gets, which takes its name when it is complete.
///
/// # Errors
/// It cannot be made, filled or named.
pub fn write_whole<T>(path: &Path, fill: impl FnOnce(&File) -> std::io::Result<T>) -> std::io::Result<T> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".rolesim-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let file = builder.tempfile_in(folder)?;
    let filled = fill(file.as_file())?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(filled)
}

/// Prints a text and returns `code`, or 1 if it could not be written.
pub fn print_and_exit(text: &str, code: u8) -> u8 {
    match print(text) {
        Ok(()) => code,
        Err(error) => {
            // Nothing is left to be done if standard error is gone too.
            let _ = writeln!(std::io::stderr(), "cannot write to standard output: {error}");
            1
        }
    }
}

/// Writes an error to standard error: on a terminal wrapped to its width, elsewhere line by line, so that
/// `file:line:column` is in one piece for whoever searches for it.
pub fn print_problem(problem: &Problem) {
    let is_terminal = std::io::stderr().is_terminal();
    // Set once; a second time would change nothing.
    let _ =
        miette::set_hook(Box::new(move |_| Box::new(miette::MietteHandlerOpts::new().wrap_lines(is_terminal).build())));
    // Nothing is left to be done if standard error is gone.
    let _ = writeln!(std::io::stderr(), "{:?}", miette::Report::new(problem.clone()));
}

/// Whether standard output takes colours: a terminal, and `NO_COLOR` not set.
pub fn colours() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
