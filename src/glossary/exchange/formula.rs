//! Cells that a spreadsheet would run.

use std::borrow::Cow;

/// What begins a formula, in half and full width, or what a spreadsheet takes away before it looks for one.
const STARTS: [char; 10] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r'];

/// Whether a spreadsheet would take a cell for a formula once the apostrophes before it are gone.
fn is_formula(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(STARTS)
}

/// Puts an apostrophe before a cell that a spreadsheet would run, and before one that has some apostrophes before what
/// would be run, so that [`unguarded`] gives back every cell.
#[must_use]
pub fn guarded(cell: &str) -> Cow<'_, str> {
    if is_formula(cell) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// A cell that reads `="007"`, which makes a spreadsheet leave the zeros, as the spreadsheet shows it.
#[must_use]
pub(super) fn unwrapped(cell: &str) -> Cow<'_, str> {
    match cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        Some(inside) => Cow::Owned(inside.replace("\"\"", "\"")),
        None => Cow::Borrowed(cell),
    }
}

/// Takes the apostrophe off again.
#[must_use]
pub fn unguarded(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| is_formula(rest)).unwrap_or(cell)
}
