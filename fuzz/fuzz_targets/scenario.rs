//! The reader of scenarios; files that they name are looked for in an empty folder.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rolesim::scenario::Scenario;
use rolesim::source::SourceText;
use std::path::Path;

fuzz_target!(|text: &str| {
    if let Err(problem) = Scenario::parse(SourceText::new("scenario.toml", text), Path::new("fuzz/no-such-folder")) {
        assert!(!problem.message.is_empty() && !problem.help.is_empty());
        if let Some(source) = &problem.source {
            assert!(problem.span.start <= problem.span.end && problem.span.end <= source.text.len());
        }
    }
});
