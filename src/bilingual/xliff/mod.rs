//! XLIFF: 1.2 and 2.x in, with what common tools make of them, and 1.2 and 2.1 out.
//!
//! A segment is a unit of its own, in a group for its block; articles are files. In 2.1, terms stand in the glossary module,
//! findings are notes, the text between segments is ignorable, and all else is metadata. In 1.2, which has no place for
//! most of that, it stands in context groups.

mod codes;
mod names;
mod read;
mod version1;
mod version1_out;
mod version2;
mod version2_out;
mod write;

pub(super) use read::XliffUnits;
pub(super) use write::{TAIL, XliffVersion, XliffWriter, body, head};
