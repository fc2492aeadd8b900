//! Layouts are read as the server reads them. Expected assignments come from the server facts,
//! sections 1.1 to 1.3, not from the program.

#[path = "layout/mutation.rs"]
mod mutation;
#[path = "layout/objects.rs"]
mod objects;
#[path = "layout/spellings.rs"]
mod spellings;
