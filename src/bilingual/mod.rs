//! Bilingual files: German and English side by side, as other tools exchange them.
//!
//! A file is a stream of [`BilingualUnit`]s, of which only one is in memory: [`units`] reads them, whichever tool wrote the
//! file, and a [`UnitWriter`] of a [`BilingualFormat`] writes them. What a format has no place for is left out of its files;
//! texts, markup, states and notes stay whole in all of them.

mod decode;
mod error;
mod format;
mod ids;
mod language;
mod lines;
mod table;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod text;
mod tmx;
mod unit;
mod writer;
mod xliff;
mod xml;

pub use error::BilingualError;
pub use format::{BilingualFormat, Units, XmlFormat, units, units_in};
pub use language::{is_english, is_german};
pub use lines::{json_units, line_units};
pub use table::{BYTE_ORDER_MARK, SheetLook, SheetWriter, table_cell};
pub use text::{BilingualPiece, BilingualText, CodeSpan};
pub use unit::{BilingualUnit, FindingMark, UnitBlock, UnitNote, UnitState, UnitTerm};
pub use writer::UnitWriter;
