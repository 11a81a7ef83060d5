//! What people changed in files that wortlaut wrote, read back.
//!
//! [`read_back()`] compares a changed file with what wortlaut wrote to it and says which segments read otherwise. Where a
//! format names its segments, they are found by their names; elsewhere the words that stayed the same carry the borders
//! of the segments over, wherever lines were moved, split or merged.

mod align;
mod carry;
#[cfg(test)]
mod carry_tests;
mod outcome;
mod read_back;
mod units;
mod words;

pub use align::matched;
pub use outcome::{LearnError, ReadBack, SegmentEdit};
pub use read_back::{ChangedFile, read_back};
