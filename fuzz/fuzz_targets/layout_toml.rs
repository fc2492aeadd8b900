//! The reader of an operator's config.toml.
#![no_main]

mod common;

use libfuzzer_sys::fuzz_target;
use rolesim::layout::Layout;
use rolesim::source::SourceText;

fuzz_target!(|text: &str| {
    common::judge(text, Layout::parse("fuzz", SourceText::new("config.toml", text)));
});
