//! The rules by which an answer is changed so that a term holds.

use serde::{Deserialize, Serialize};
use strum::{EnumMessage, IntoStaticStr, VariantArray};

/// A rule of the rung `repair`: what it takes for a rendering of the term. They are tried in this order; the names stand
/// in files and must not change.
///
/// What each does, case by case, is in `src/enforce/rules/cases.tsv`.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    EnumMessage,
    IntoStaticStr,
    VariantArray,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RepairRule {
    #[strum(message = "a rendering that the entry lists under avoid")]
    Avoided,
    #[strum(message = "an accepted rendering in other capitals")]
    Capitals,
    #[strum(message = "an accepted rendering with other hyphens")]
    Hyphens,
    #[strum(message = "a name with the s of the German genitive")]
    BareS,
    #[strum(message = "the German words, left as they were")]
    LeftGerman,
    #[strum(message = "the words that the engine aligned to the term")]
    Aligned,
    #[strum(message = "the name in another transliteration")]
    Transliterated,
    #[strum(message = "an English word with the German spelling in it")]
    HalfGerman,
    #[strum(message = "an adjective for the genitive of a name")]
    Adjective,
    #[strum(message = "as many words, each the same or near; of three or more, one may be another")]
    NearWords,
    #[strum(message = "all words but one")]
    WordLess,
    #[strum(message = "the singular of a house form that is a plural")]
    Singular,
    #[strum(message = "the last word of the house form, standing alone")]
    HeadAlone,
    #[strum(message = "one of two words, beside another one")]
    OtherWord,
    #[strum(message = "two words, the first of which begins the house form")]
    Stem,
    #[strum(message = "a participle for a noun with its preposition")]
    Participle,
    #[strum(message = "the words of the house form with other marks between them")]
    Punctuation,
    #[strum(message = "an abbreviation with dots")]
    Dotted,
    #[strum(message = "the words of a rendering in another order")]
    WordOrder,
    #[strum(message = "another accepted rendering than the house form")]
    HouseForm,
}

impl RepairRule {
    /// The name used in files and output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// What it replaces, as a noun phrase.
    #[must_use]
    pub fn describe(self) -> &'static str {
        self.get_message().unwrap_or_default()
    }
}
