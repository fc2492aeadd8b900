//! Advice for a command line that was not understood.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Error};

/// What clap has to say of a command line for `program`; of an option that only other subcommands have, which these are,
/// instead of what is spelt like it or how it would be passed as a value.
pub fn advise(mut error: Error, program: &Command) -> Error {
    if error.kind() == ErrorKind::ValueValidation {
        return in_words(error, program);
    }
    if error.kind() != ErrorKind::UnknownArgument {
        return error;
    }
    let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg) else { return error };
    let long = option.trim_start_matches("--").split('=').next().unwrap_or_default();
    let owners: Vec<String> = program
        .get_subcommands()
        .filter(|subcommand| subcommand.get_arguments().any(|argument| argument.get_long() == Some(long)))
        .map(|subcommand| format!("`{} {}`", program.get_name(), subcommand.get_name()))
        .collect();
    let owners = match owners.as_slice() {
        [] => return error,
        [only] => only.clone(),
        [some @ .., last] => format!("{} and {last}", some.join(", ")),
    };
    let tip = format!("'--{long}' is an option of {owners}");
    error.remove(ContextKind::SuggestedArg);
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    error
}

/// Rust's words for a text that is no number, in a user's.
fn in_words(error: Error, program: &Command) -> Error {
    let said = error.to_string();
    let Some((before, _)) = said.split_once(": invalid digit found in string") else { return error };
    let message = format!("{}: a whole number from 0 is expected", before.trim_start_matches("error: "));
    Error::raw(ErrorKind::ValueValidation, format!("{message}\n")).with_cmd(program)
}
