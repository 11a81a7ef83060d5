//! How wide the terminal is.

use console::Term;

/// The columns of standard error; `None` if it is no terminal.
#[must_use]
pub fn columns() -> Option<usize> {
    Term::stderr().size_checked().map(|(_, columns)| usize::from(columns))
}

/// The columns of standard output; `None` if it is no terminal.
#[must_use]
pub fn output_columns() -> Option<usize> {
    let term = Term::stdout();
    term.is_term().then(|| term.size_checked()).flatten().map(|(_, columns)| usize::from(columns))
}
