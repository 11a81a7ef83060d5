//! TMX 1.4b: a translation unit a unit.
//!
//! What TMX has no element for stands in properties, which other programs pass over: those of wortlaut begin with
//! `x-wortlaut-`, the sentences before and after are where memoQ has them. All other properties are fields.

mod read;
mod segment;
mod write;

pub(super) use read::TmxUnits;
pub(super) use write::TmxWriter;

/// What the names of wortlaut's own properties begin with.
const PREFIX: &str = "x-wortlaut-";

/// The sentences before and after, as memoQ names them.
const CONTEXT: [&str; 2] = ["x-context-pre", "x-context-post"];

/// What stands between the two sides of a term.
const ARROW: &str = " → ";

/// The type of a pair of codes around what an atom reads as.
const ATOM: &str = "x-atom";
