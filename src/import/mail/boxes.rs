//! Messages in mbox files and Maildir folders, headers and size only.

use super::{Collector, Mailbox};
use crate::input::open;
use crate::source::Problem;
use std::io::{BufRead, ErrorKind};
use std::path::{Path, PathBuf};

/// Headers longer than this are cut off, in bytes.
const MAX_HEADERS: usize = 1 << 20;
/// Deeper folders are taken for a loop.
const MAX_DEPTH: u32 = 32;

/// A message as it lies in a mailbox.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawMessage {
    /// The line that separates it from the one before in an mbox file.
    pub separator: String,
    /// Its headers and the empty line after them.
    pub headers: Vec<u8>,
    /// Its size.
    pub size_bytes: u64,
}

impl RawMessage {
    fn take(&mut self, line: &[u8], is_in_headers: &mut bool) {
        self.size_bytes += line.len() as u64;
        if *is_in_headers && self.headers.len() < MAX_HEADERS {
            self.headers.extend_from_slice(line);
        }
        *is_in_headers = *is_in_headers && !is_empty(line);
    }
}

fn is_empty(line: &[u8]) -> bool {
    matches!(line, b"\n" | b"\r\n")
}

/// Reads an mbox file, plain or compressed. A line that begins with `From ` separates messages at the start of the file
/// and after an empty line, if it ends in a year.
///
/// # Errors
/// The file cannot be read, or holds no message of use.
pub fn read_mbox(path: &Path, domains: &[String], progress: &dyn Fn(u64)) -> Result<Mailbox, Problem> {
    let mut reader = open(path, progress)?;
    let mut collector = Collector::new(domains);
    let mut current: Option<RawMessage> = None;
    let (mut is_in_headers, mut is_after_empty) = (true, true);
    let mut line = Vec::new();
    loop {
        line.clear();
        let count = reader.read_until(b'\n', &mut line).map_err(|error| cannot_read(path, &error))?;
        let is_separator = count > 0 && is_after_empty && is_separator(&line);
        if (count == 0 || is_separator)
            && let Some(mut message) = current.take()
        {
            // The empty line before a separator belongs to the file, not to the message.
            message.size_bytes -= u64::from(is_separator && !is_in_headers);
            collector.add(&message);
        }
        if count == 0 {
            return collector.finish(path);
        }
        if is_separator {
            let separator = String::from_utf8_lossy(&line).trim_end().to_string();
            current = Some(RawMessage { separator, ..RawMessage::default() });
            is_in_headers = true;
        } else if let Some(message) = &mut current {
            message.take(&line, &mut is_in_headers);
        } else if !is_empty(&line) {
            let message = format!("`{}` is no mbox file: it does not start with a line `From ...`", path.display());
            return Err(Problem::new(message, "give an mbox file; for a folder of messages use `import maildir`"));
        }
        is_after_empty = is_empty(&line);
    }
}

fn is_separator(line: &[u8]) -> bool {
    let end = line.trim_ascii_end();
    // A year, or a zone such as +0100 after it.
    line.starts_with(b"From ") && end.len() > 9 && end[end.len() - 4..].iter().all(u8::is_ascii_digit)
}

/// Reads a Maildir and the Maildirs below it; `progress` is told the bytes read.
///
/// # Errors
/// The folder cannot be read, or holds no message of use.
pub fn read_maildir(path: &Path, domains: &[String], progress: &dyn Fn(u64)) -> Result<Mailbox, Problem> {
    let mut files = Vec::new();
    find(path, MAX_DEPTH, &mut files).map_err(|error| cannot_read(path, &error))?;
    files.sort_unstable();
    let mut collector = Collector::new(domains);
    for file in &files {
        match headers(file, progress) {
            Ok(message) => collector.add(&message),
            Err(_) => collector.unreadable(),
        }
    }
    collector.finish(path)
}

/// Files in `cur` and `new` of a folder and of all below it; links are not followed.
fn find(folder: &Path, depth: u32, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let is_box = folder.file_name().is_some_and(|name| name == "cur" || name == "new");
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() && depth > 0 {
            find(&entry.path(), depth - 1, files)?;
        } else if kind.is_file() && is_box {
            files.push(entry.path());
        }
    }
    Ok(())
}

fn headers(path: &Path, progress: &dyn Fn(u64)) -> Result<RawMessage, Problem> {
    let failed = |error: std::io::Error| cannot_read(path, &error);
    let on_disk = std::fs::metadata(path).map_err(failed)?.len();
    let mut reader = open(path, &|_| {})?;
    let mut message = RawMessage::default();
    let mut is_in_headers = true;
    let mut line = Vec::new();
    while is_in_headers {
        line.clear();
        if reader.read_until(b'\n', &mut line).map_err(failed)? == 0 {
            break;
        }
        message.take(&line, &mut is_in_headers);
    }
    progress(on_disk);
    message.size_bytes = on_disk;
    Ok(message)
}

fn cannot_read(path: &Path, error: &std::io::Error) -> Problem {
    let help = match error.kind() {
        ErrorKind::NotADirectory => "give a folder with cur and new; for a file use `import mbox`",
        ErrorKind::IsADirectory => "give a file; for a folder use `import maildir`",
        _ => "give a mailbox that exists and may be read",
    };
    Problem::new(format!("cannot read `{}`: {error}", path.display()), help)
}
