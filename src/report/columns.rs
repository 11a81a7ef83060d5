//! How wide the terminal is.

use console::Term;

/// The columns of standard error; `None` if it is no terminal.
#[must_use]
pub fn columns() -> Option<usize> {
    Term::stderr().size_checked().map(|(_, columns)| usize::from(columns))
}
