//! What is sent to an engine.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

use super::{InlineSpan, TermMatch, Usage};

/// A term passed to an engine that has a glossary of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    /// Terms in it; empty for engines that take none. Several of the same source, one after the other, are the accepted
    /// targets of one, the house form first, for an engine that chooses among them.
    pub terms: Vec<TermHint>,
    /// The markup in the text, in order, an outer one before those in it; empty for engines that take no markup.
    pub inlines: Vec<InlineSpan>,
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
    /// The headline of the article, if the texts are not it; goes with the context.
    pub title: Option<String>,
    /// Examples for each text, the nearest first, for engines that take examples; empty for others.
    pub examples: Vec<Vec<Example>>,
    /// Whether other translations of its texts are of use, if they come with the answer: there are terms that are to hold.
    pub alternatives: bool,
    /// The terms of each text that are to hold, for engines that make them hold as they write; empty for others.
    pub wanted: Vec<Arc<[TermMatch]>>,
}

/// In which company a text is sent. A text whose answer was not a translation is sent in the next form, so that a service
/// that always answers alike is not asked the same thing twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, EnumString, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Form {
    /// With others.
    Batch,
    /// Without others, with what else goes along: context, examples.
    Alone,
    /// Without anything else.
    Bare,
    /// Without anything of its article, behind a short text whose answer nobody needs: a service that answers the same to
    /// the same may answer otherwise. There is no other form.
    Paired,
}

impl Form {
    /// The name used in the memory.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl Batch {
    /// The characters of its texts.
    #[must_use]
    pub fn characters(&self) -> Usage {
        let characters = self.requests.iter().map(|request| request.text.chars().count() as u64);
        Usage::of_characters(characters.sum())
    }

    /// The form in which its texts are sent; of [`Form::Paired`] only who made the batch knows.
    #[must_use]
    pub fn form(&self) -> Form {
        let has_company = self.context.is_some()
            || self.title.is_some()
            || self.examples.iter().any(|examples| !examples.is_empty());
        match self.requests.len() {
            0 | 1 if has_company => Form::Alone,
            0 | 1 => Form::Bare,
            _ => Form::Batch,
        }
    }
}
