//! The glossary: entries, files, and finding terms in German text.
//!
//! A glossary is a TSV file, or a folder of them, with a header line: `source` and `target`, then in any order
//! `case`, `forms`, `avoid`, `kind`, `note` and columns of one's own. Lines that start with `#` are comments;
//! several values in a cell are separated by `|`.
//!
//! A `.jsonl` file is a glossary of terms that apply to single segments or articles.

pub mod bounds;
mod cells;
mod common_words;
mod compare;
mod compiled;
mod compound;
#[cfg(feature = "documents")]
pub mod edit;
#[cfg(feature = "documents")]
mod edit_lock;
mod entry_pair;
mod error;
#[cfg(feature = "documents")]
pub mod exchange;
mod folding;
mod forms;
mod gender;
mod index;
mod inflection;
mod joined;
mod line_ends;
mod load;
mod matcher;
mod overlaps;
mod pattern;
mod problems;
#[cfg(feature = "documents")]
mod replace;
mod scope;
mod search;
mod segment_terms;
pub mod suggest;
mod table;
#[cfg(feature = "documents")]
mod undo;

pub use compare::{Difference, compare};
pub use entry_pair::{Cell, EntryPair, GlossarySide};
pub use error::{BoxedError, GlossaryError, LineError, LineFault};
pub use forms::forms;
pub use load::Glossary;
pub use matcher::Matcher;
#[cfg(feature = "documents")]
pub use problems::unfindable;
pub use problems::{Problem, problems};
pub use scope::ArticlePattern;

#[cfg(test)]
#[cfg(feature = "documents")]
mod edit_tests;
#[cfg(test)]
mod tests;
