//! Reading German text: blocks and sentences.

mod blocks;
mod german;
mod language;

use std::ops::Range;

pub use blocks::blocks;
pub use german::{Decision, German, Rule};
pub use language::foreign;

/// Cuts the text of a block into sentences.
pub trait Segmenter: Send + Sync {
    /// The byte spans of the sentences of `text`, in order and disjoint, without the white space between
    /// them. Every character that is not white space is in exactly one span.
    fn segment(&self, text: &str) -> Vec<Range<usize>>;
}

/// The sentences of a plain-text article: its blocks, cut by `segmenter`.
///
/// Unlike the segments of an article they hold every character that is not white space: a list marker
/// stands at the beginning of its item. `wrap` is that of [`blocks()`].
#[must_use]
pub fn sentences<'a>(text: &'a str, wrap: Option<bool>, segmenter: &dyn Segmenter) -> Vec<&'a str> {
    let mut sentences = Vec::new();
    let mut end = 0;
    for block in blocks(text, wrap) {
        for span in segmenter.segment(&text[block.span.clone()]) {
            let start = block.span.start + span.start;
            let marker = text[end..start].trim_start().len();
            end = block.span.start + span.end;
            sentences.push(&text[start - marker..end]);
        }
    }
    sentences
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn markers_stand_at_the_beginning_of_their_item() {
        let text = "Was zu tun ist\n\n- Warten. Hoffen.\n- Beten.\n";
        let found = sentences(text, None, &German::default());
        assert_eq!(found, ["Was zu tun ist", "- Warten.", "Hoffen.", "- Beten."]);
    }

    proptest! {
        #[test]
        fn every_character_is_in_a_sentence(text in "([-*•>#1. a)A„“.!?\r\n]{0,12}[A-Zäß ]{0,8}){0,10}|.*") {
            let squeezed = |text: &str| text.split_whitespace().collect::<String>();
            let found = sentences(&text, None, &German::default()).concat();
            prop_assert_eq!(squeezed(&found), squeezed(&text));
        }
    }
}
