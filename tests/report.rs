//! Reports of fabricated results: files, findings, charts, page and terminal.

#[path = "report/files.rs"]
mod files;
#[path = "report/findings.rs"]
mod findings;
#[path = "report/fixture.rs"]
mod fixture;
#[path = "report/page.rs"]
mod page;
#[path = "report/pictures.rs"]
mod pictures;
#[path = "report/text.rs"]
mod text;
