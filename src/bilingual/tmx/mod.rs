//! TMX 1.4b: a translation unit a unit.
//!
//! What TMX has no element for stands in properties, which other programs pass over: those of wortlaut begin with
//! `x-wortlaut-`, the sentences before and after are where memoQ has them. All other properties are fields.

mod names;
mod read;
mod segment;
mod write;

pub(super) use read::TmxUnits;
pub(super) use write::{TAIL, TmxWriter, body, head};
