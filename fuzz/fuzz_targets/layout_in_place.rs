//! The reader of a layout that is written in a scenario.
#![no_main]

mod common;

use libfuzzer_sys::fuzz_target;
use rolesim::layout::Layout;
use rolesim::source::SourceText;
use toml::de::DeTable;

fuzz_target!(|text: &str| {
    let source = SourceText::new("scenario.toml", text);
    if let Ok(document) = DeTable::parse(&source.text) {
        let layout = Layout::from_toml_table("fuzz", source.clone(), document.get_ref());
        common::judge(text, layout);
    }
});
