//! Files and formats out: from a [`ParallelDocument`](crate::model::ParallelDocument) to files.
//!
//! An [`OutputFormat`] makes the bytes of its files in memory ([`Writer::files`]); [`Outputs`] brings them to the
//! disk so that a file is there completely or not at all, and nothing that a person made is overwritten: a
//! [`Ledger`], in a folder its [`Manifest`], knows which files are wortlaut's. [`Outputs::look`] says before
//! anything is sent what stands in the way. A [`CorpusWriter`] brings the articles of a corpus into one file
//! a format, record by record.

mod before_manifests;
mod bilingual;
mod changes;
mod corpus;
mod document;
mod earlier_records;
mod error;
mod format;
mod index;
mod jsonl;
mod ledger;
mod lines;
mod manifest;
mod md;
mod merged;
mod named_path;
mod obstacles;
mod output_mark;
mod outputs;
pub mod page;
mod path;
mod plain;
mod proof;
mod prune;
mod record;
mod save;
mod seal;
mod shown;
mod stand;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod tsv;
#[cfg(test)]
mod turns_tests;
mod view;
mod writer;
mod xlsx;

pub use bilingual::bilingual_units;
pub use changes::{ChangeCause, ChangedSentence, EarlierEnglish};
pub use corpus::{CorpusSink, CorpusWriter};
pub use document::markup_findings;
pub use earlier_records::EarlierRecords;
pub use error::WriteError;
pub use format::{OutputFormat, UnknownFormat};
pub use ledger::{Ledger, LedgerTurn, WrittenFile, segment_digits, segment_hash};
pub use manifest::{MANIFEST, Manifest, is_own_mark};
pub use merged::MergedFiles;
pub use named_path::{NamedPath, open_stream};
pub use obstacles::{Obstacle, ObstacleKind};
pub use output_mark::{OutputMark, SettledFiles};
pub use outputs::{LeftFile, Outputs, Ownership, Planned};
pub use path::{output_path, path_from, real_path};
pub use proof::{Proof, ProofHasher, entry_hash};
pub use prune::{GoneOutput, Pruned};
pub use record::{RECORD_FIELDS, RecordWriter};
pub use save::replace;
pub use seal::Seal;
pub use shown::segment_texts;
pub use view::SegmentTexts;
pub use writer::{OutputFile, RecordFrame, Writer};

pub use crate::disk::hash_of;
