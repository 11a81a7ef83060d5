//! Questions to whoever sits before the terminal.

use std::io::{self, IsTerminal, Write};

use super::failure::{Exit, Failure};

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
