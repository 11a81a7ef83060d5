//! What is sent to an engine.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// A term that an engine with a glossary of its own is told about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TermHint {
    /// The German words as they stand in the text.
    pub source: String,
    /// The English that is wanted.
    pub target: String,
}

/// One text to be translated.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Request {
    /// The German text: one line, white space normalised.
    pub text: String,
    /// Terms in it; empty for engines that take none.
    pub terms: Vec<TermHint>,
    /// Bytes of the text that look different from the rest, such as links, in order and disjoint; empty for
    /// engines that take no markup.
    pub styles: Vec<Range<usize>>,
}

/// An earlier translation of a text that is like one to be translated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The German text.
    pub source: String,
    /// Its English.
    pub target: String,
}

/// One request's worth of texts, within the limits of its engine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// The texts, at least one.
    pub requests: Vec<Request>,
    /// German text that precedes the first text, for engines that take context; not translated.
    pub context: Option<String>,
    /// Examples for each text, the nearest first, for engines that take examples; empty for others.
    pub examples: Vec<Vec<Example>>,
}
