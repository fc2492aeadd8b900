//! `rolesim schema`: the JSON schema of the scenario file.

use super::common::print;
use crate::scenario::schema;
use crate::source::Problem;
use clap::Args;

/// Print the JSON schema of the scenario file.
#[derive(Debug, Args)]
#[command(
    after_help = "Editors complete and check scenario files with it: keep it beside them, and begin each with the \
                        line\n#:schema ./schema.json\n(Taplo, Even Better TOML)."
)]
pub struct SchemaArgs {}

/// Runs the command.
///
/// # Errors
/// Standard output cannot be written.
pub fn run(_: &SchemaArgs) -> Result<u8, Problem> {
    print(&format!("{:#}\n", schema())).map(|()| 0)
}
