//! What the commands of the memory have in common.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use crate::memory::SqliteMemory;

use super::super::failure::{Exit, Failure};

/// The memory at a path, for reading; an error if there is none yet.
pub(super) fn existing(path: &Path) -> Result<SqliteMemory, Failure> {
    SqliteMemory::open_existing(path)?.ok_or_else(|| none_yet(path))
}

/// That there is no memory yet.
pub(super) fn none_yet(path: &Path) -> Failure {
    Failure::new(Exit::Usage, format!("there is no translation memory {} yet", path.display()))
        .hint("`wortlaut translate` and `wortlaut memory import` make one")
}

/// Asks whether to go on with what is said in `question`; what `would` be done is for an error where nobody can be asked.
pub(super) fn confirm(question: &str, would: &str) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        let message = format!("{would}, and there is no terminal to confirm it on");
        return Err(Failure::new(Exit::Usage, message).hint("add --yes"));
    }
    write!(io::stderr(), "{question} [y/N] ")?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
