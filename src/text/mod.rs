//! Reading German text: blocks, sentences, and the clauses of over-long sentences.

mod blocks;
pub mod characters;
mod clauses;
mod german;
mod language;
mod srx;

use std::borrow::Cow;
use std::ops::Range;

use thiserror::Error;

pub use blocks::{blocks, explain_blocks};
pub use characters::one_line;
pub use clauses::{TranslatedPart, clauses, join};
pub use german::{BoundaryRule, Decision, German};
pub use language::foreign;
pub use srx::{Srx, SrxError};

/// Text that cannot be segmented.
#[derive(Debug, Error)]
pub enum SegmentError {
    /// A rule of the user's own needs more time than any sensible rule does.
    #[error("a segmentation rule takes too long: {rule}")]
    TooLong { rule: String },
}

/// Why there is or is no border at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The place in the text, in bytes.
    pub at: usize,
    /// Whether a sentence ends here.
    pub boundary: bool,
    /// The rule that decided.
    pub reason: Cow<'static, str>,
}

/// Cuts the text of a block into sentences.
pub trait Segmenter: Send + Sync {
    /// The byte spans of the sentences of `text`, in order and disjoint, without the white space between
    /// them. Every character that is not white space is in exactly one span.
    ///
    /// # Errors
    /// Only rules of the user's own can fail, on text that would take them too long.
    fn segment(&self, text: &str) -> Result<Vec<Range<usize>>, SegmentError>;

    /// The places where a sentence might end, in order, and what decided at each.
    ///
    /// # Errors
    /// As [`Segmenter::segment`].
    fn explain(&self, text: &str) -> Result<Vec<Explanation>, SegmentError>;
}

/// The sentences of a plain-text article: its blocks, cut by `segmenter`.
///
/// Unlike the segments of an article they hold every character that is not white space: a list marker
/// stands at the beginning of its item. `wrap` is that of [`blocks()`].
///
/// # Errors
/// As [`Segmenter::segment`].
pub fn sentences<'a>(
    text: &'a str,
    wrap: Option<bool>,
    segmenter: &dyn Segmenter,
) -> Result<Vec<&'a str>, SegmentError> {
    let mut sentences = Vec::new();
    let mut end = 0;
    for block in blocks(text, wrap) {
        for span in segmenter.segment(&text[block.span.clone()])? {
            let start = block.span.start + span.start;
            let marker = text[end..start].trim_start().len();
            end = block.span.start + span.end;
            sentences.push(&text[start - marker..end]);
        }
    }
    Ok(sentences)
}

/// A number of things, in the singular or the plural: `1 cell`, `2 cells`.
#[must_use]
pub fn counted(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_is_singular() {
        assert_eq!([0, 1, 2].map(|number| counted(number, "cell")), ["0 cells", "1 cell", "2 cells"]);
    }

    #[test]
    fn markers_stand_at_the_beginning_of_their_item() {
        let text = "Was zu tun ist\n\n- Warten. Hoffen.\n- Beten.\n";
        let found = sentences(text, None, &German::default()).expect("no rules of its own");
        assert_eq!(found, ["Was zu tun ist", "- Warten.", "Hoffen.", "- Beten."]);
    }

    proptest! {
        #[test]
        fn every_character_is_in_a_sentence(text in "([-*•>#1. a)A„“.!?\r\n]{0,12}[A-Zäß ]{0,8}){0,10}|.*") {
            let squeezed = |text: &str| text.split_whitespace().collect::<String>();
            let found = sentences(&text, None, &German::default()).expect("no rules of its own").concat();
            prop_assert_eq!(squeezed(&found), squeezed(&text));
        }
    }
}
