//! Whole runs: the layout of the server's documentation on six nodes.

use rolesim::cluster::setup::Setup;
use rolesim::scenario::Scenario;
use rolesim::source::SourceText;
use std::path::Path;

/// The example of the documentation with this many accounts.
pub fn docs_example(accounts: u32, minutes: u32) -> Setup {
    let text = format!(
        "start = 2026-03-02T09:00:00Z\nduration = \"{minutes}m\"\n[nodes]\nids = \"1-6\"\n[workload]\naccounts = {accounts}\n\
         [layouts]\ndocs = \"layouts/docs-example.toml\"\n"
    );
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    match Scenario::parse(SourceText::new("bench.toml", text), &folder) {
        Ok(scenario) => scenario.setup(&scenario.layouts[0]),
        Err(problem) => panic!("{problem}"),
    }
}
