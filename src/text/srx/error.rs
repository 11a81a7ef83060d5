//! What can be wrong with a file of segmentation rules, and with using one.

use std::error::Error as StdError;
use std::io;

use thiserror::Error;

/// A file of segmentation rules that cannot be used.
#[derive(Debug, Error)]
pub enum SrxError {
    #[error("cannot read the rules")]
    File(#[from] io::Error),
    #[error("the file has more than {0} bytes")]
    TooLarge(u64),
    #[error("the file is not {0}")]
    Encoding(&'static str),
    #[error("line {line}: not XML: {source}")]
    Xml { line: usize, source: Box<dyn StdError + Send + Sync> },
    #[error("line {line}: {reason}")]
    Format { line: usize, reason: &'static str },
    #[error("line {line}: the pattern {pattern:?}: {source}")]
    Pattern {
        /// The line of its rule, counted from 1.
        line: usize,
        /// The pattern as it stands in the file.
        pattern: String,
        source: Box<dyn StdError + Send + Sync>,
    },
    #[error("the file has no rules for German: no languagepattern of its maprules matches \"de\"")]
    NoGerman,
}
