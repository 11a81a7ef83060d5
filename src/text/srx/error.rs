//! What can be wrong with a file of segmentation rules, and with using one.

use std::io;

use thiserror::Error;

/// A file of segmentation rules that cannot be used.
#[derive(Debug, Error)]
pub enum SrxError {
    /// The file cannot be read.
    #[error("cannot read the rules")]
    File(#[from] io::Error),
    /// The file is larger than any file of rules.
    #[error("the file has more than {0} bytes")]
    TooLarge(u64),
    /// The bytes are not what the XML declaration says.
    #[error("the file is not {0}")]
    Encoding(&'static str),
    /// The file is not well-formed XML.
    #[error("line {line}: no XML: {reason}")]
    Xml {
        /// The line, counted from 1.
        line: usize,
        /// What the parser says.
        reason: String,
    },
    /// The file is XML, and something else than SRX.
    #[error("line {line}: {reason}")]
    Format {
        /// The line, counted from 1.
        line: usize,
        /// What is wrong.
        reason: &'static str,
    },
    /// A regular expression that cannot be used.
    #[error("line {line}: the pattern {pattern:?}: {reason}")]
    Pattern {
        /// The line of its rule, counted from 1.
        line: usize,
        /// The pattern as it stands in the file.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No rules are mapped to German.
    #[error("the file has no rules for German: no languagepattern of its maprules matches \"de\"")]
    NoGerman,
}
