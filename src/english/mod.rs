//! Reading English: its words, how they inflect and are spelt, where a rendering stands, and what an engine wrote that is
//! not English.
//!
//! A text is taken apart once, into a [`Sentence`]; that is what travels to the checks and to enforcement. The word lists
//! are data: `data/english.tsv`, `data/transliteration.tsv`, `data/chatter.tsv`,
//! `data/endings.tsv`.

mod capitals;
mod chatter;
mod ending;
mod inflection;
mod lexicon;
mod possessive;
mod rendering;
mod tidy;
mod torn;
mod transliteration;
mod words;

pub(crate) use capitals::{capitalised, starts_sentence};
pub use chatter::{declines, remark, unlabelled};
pub(crate) use ending::{SentenceEnd, is_abbreviated};
pub use inflection::forms;
pub(crate) use inflection::{
    article, has_postmodifier, is_derived, is_inflected, is_mass, is_plural, is_plural_form, is_spelt_out,
    plural,
};
pub(crate) use lexicon::{
    FORMS, asks_for_singular, is_be, is_determiner, is_edge, is_function_word, is_german_adjective,
    is_german_function_word, is_german_genitive, is_german_pronoun, is_plural_verb, is_pronoun,
    is_singular_verb, neutral, precedes_german_plural, preposition_of_state,
};
pub(crate) use possessive::{possessive, with_apostrophes_of};
#[cfg(test)]
pub(crate) use rendering::steps;
pub(crate) use rendering::{Occurrence, Rendering, Strictness};
pub use tidy::tidy;
pub(crate) use torn::is_torn;
pub(crate) use transliteration::{Heard, is_alike};
pub use words::{Sentence, Word};
pub(crate) use words::{first_word, fold, last_word, words};
