//! Where a text that a user wrote came from, and what is wrong with it.
//!
//! [`SourceText`] is a file's name and content, [`Problem`] one error in it: message, place, what
//! would be right. Readers of every format return `Problem`s, so that each error names file, line and
//! column. This module knows no format.

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};
use std::fmt;
use std::io;
use std::ops::Range;
use std::sync::Arc;

/// A text with the name under which the user knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceText {
    /// Path as the user wrote it.
    pub name: String,
    /// The whole text.
    pub text: String,
}

impl SourceText {
    /// A shared source.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { name: name.into(), text: text.into() })
    }

    /// Line and column (both from 1, columns in characters) of a byte offset. Offsets beyond the end
    /// are taken as the end.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &self.text[..offset];
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

/// One error in what a user wrote, with its place and a way out.
#[derive(Debug, Clone)]
pub struct Problem {
    /// What is wrong, with what was found.
    pub message: String,
    /// What would be right.
    pub help: String,
    /// The text, if the error is at a place in one.
    pub source: Option<Arc<SourceText>>,
    /// Bytes of the text that are wrong.
    pub span: Range<usize>,
    /// Whether the machine is at fault (a full disk) and not what the user wrote.
    pub is_machine: bool,
}

impl Problem {
    /// An error at `span` of `source`.
    pub fn at(
        source: &Arc<SourceText>,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self { message: message.into(), help: help.into(), source: Some(source.clone()), span, is_machine: false }
    }

    /// An error that has no place in a text (a missing file, a wrong argument).
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into(), source: None, span: 0..0, is_machine: false }
    }

    /// A file that could not be written. Full disks and broken devices are the machine's fault; a place that does
    /// not exist, is of another kind, or may not be written to is the user's.
    pub fn unwritten(message: impl Into<String>, help: impl Into<String>, error: &io::Error) -> Self {
        use io::ErrorKind as Kind;
        let is_place = matches!(
            error.kind(),
            Kind::NotFound
                | Kind::PermissionDenied
                | Kind::AlreadyExists
                | Kind::NotADirectory
                | Kind::IsADirectory
                | Kind::ReadOnlyFilesystem
                | Kind::InvalidInput
                | Kind::InvalidFilename
        );
        Self { is_machine: !is_place, ..Self::new(message, help) }
    }

    /// Something that could not be done for no fault of the user's: a full disk, a broken pipe.
    pub fn machine(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { is_machine: true, ..Self::new(message, help) }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(source) = &self.source {
            let (line, column) = source.line_column(self.span.start);
            write!(f, "{}:{line}:{column}: ", source.name)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

impl Diagnostic for Problem {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        (!self.help.is_empty()).then(|| Box::new(&self.help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.source.as_ref()?;
        let label = LabeledSpan::new_with_span(None, self.span.clone());
        Some(Box::new(std::iter::once(label)))
    }
}

impl SourceCode for SourceText {
    fn read_span<'a>(
        &'a self,
        span: &miette::SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn miette::SpanContents<'a> + 'a>, miette::MietteError> {
        let contents = self.text.read_span(span, before, after)?;
        Ok(Box::new(miette::MietteSpanContents::new_named(
            self.name.clone(),
            contents.data(),
            *contents.span(),
            contents.line(),
            contents.column(),
            contents.line_count(),
        )))
    }
}

/// A [`NamedSource`] of the text, for reports that own their source.
impl From<&SourceText> for NamedSource<String> {
    fn from(source: &SourceText) -> Self {
        NamedSource::new(&source.name, source.text.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exit code 1 is for what could not be done (a full disk), 2 for a wrong input (a place that does not exist).
    #[test]
    fn a_full_disk_is_no_fault_of_the_user() {
        let is_machine = |kind: io::ErrorKind| Problem::unwritten("", "", &kind.into()).is_machine;
        assert!(is_machine(io::ErrorKind::StorageFull) && is_machine(io::ErrorKind::QuotaExceeded));
        assert!(!is_machine(io::ErrorKind::NotFound) && !is_machine(io::ErrorKind::PermissionDenied));
    }
}
