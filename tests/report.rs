//! Reports of fabricated results: files, charts, page and terminal.

#[path = "report/files.rs"]
mod files;
#[path = "report/fixture.rs"]
mod fixture;
#[path = "report/pictures.rs"]
mod pictures;
#[path = "report/text.rs"]
mod text;
