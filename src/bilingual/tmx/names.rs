//! Names of properties and types.

/// What the names of wortlaut's own properties begin with.
pub(super) const PREFIX: &str = "x-wortlaut-";

/// The sentences before and after, as memoQ names them.
pub(super) const CONTEXT: [&str; 2] = ["x-context-pre", "x-context-post"];

/// The type of a pair of codes around what an atom reads as.
pub(super) const ATOM: &str = "x-atom";
