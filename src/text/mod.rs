//! Reading German text: blocks, sentences, and the clauses of over-long sentences.

mod blocks;
pub mod characters;
mod clauses;
mod german;
mod json_line;
mod language;
mod segmenter;
mod separator;
mod srx;
mod unwrap;

pub use blocks::blocks;
pub use characters::one_line;
pub use clauses::{TranslatedPart, clauses, join};
pub use german::{BoundaryRule, Decision, German};
pub use json_line::json_fault;
pub use language::foreign;
pub use segmenter::{Explanation, SegmentError, Segmenter};
pub use separator::SeparatorLine;
pub use srx::{Srx, SrxError};
pub use unwrap::unwrapped;

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
