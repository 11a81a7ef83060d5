//! The target in pieces that are never split.

use std::collections::BTreeSet;
use std::ops::Range;

/// What a token is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A word, a number, or several joined by marks: `U.S.`, `Ariane-6`, `3.5`.
    Word,
    /// A mark before or behind a word.
    Mark,
    Space,
}

/// A piece of the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TargetToken {
    pub(super) kind: TokenKind,
    pub(super) span: Range<usize>,
}

/// The tokens of a text; joined they are the text.
pub(super) fn tokens(text: &str) -> Vec<TargetToken> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let space = rest.len() - rest.trim_start().len();
        if space > 0 {
            push(&mut found, TokenKind::Space, at..at + space);
            at += space;
            continue;
        }
        let chunk = &rest[..rest.find(char::is_whitespace).unwrap_or(rest.len())];
        let end = at + chunk.len();
        let head = chunk.find(char::is_alphanumeric).map_or(end, |head| at + head);
        let tail = at + chunk.trim_end_matches(|c: char| !c.is_alphanumeric()).len();
        marks(&mut found, text, at..head);
        push(&mut found, TokenKind::Word, head..tail.max(head));
        marks(&mut found, text, tail.max(head)..end);
        at = end;
    }
    found
}

/// The tokens of a text, cut at these bytes as well.
pub(super) fn tokens_cut(text: &str, cuts: &BTreeSet<usize>) -> Vec<TargetToken> {
    let mut found = Vec::new();
    for token in tokens(text) {
        let mut start = token.span.start;
        for &cut in cuts.range(start + 1..token.span.end) {
            push(&mut found, kind(&text[start..cut]), start..cut);
            start = cut;
        }
        push(&mut found, kind(&text[start..token.span.end]), start..token.span.end);
    }
    found
}

/// What a piece is made of.
fn kind(piece: &str) -> TokenKind {
    if piece.contains(char::is_alphanumeric) {
        TokenKind::Word
    } else if piece.trim().is_empty() {
        TokenKind::Space
    } else {
        TokenKind::Mark
    }
}

/// Marks that stand side by side belong to markup each for itself: `“` to a link, the full stop behind it to none.
fn marks(found: &mut Vec<TargetToken>, text: &str, span: Range<usize>) {
    let start = span.start;
    for (at, c) in text[span].char_indices() {
        push(found, TokenKind::Mark, start + at..start + at + c.len_utf8());
    }
}

fn push(found: &mut Vec<TargetToken>, kind: TokenKind, span: Range<usize>) {
    if !span.is_empty() {
        found.push(TargetToken { kind, span });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_keep_their_inner_marks_and_lose_the_outer_ones() {
        let text = "The “Ariane-6” (3.5 t). – ";
        let cut: Vec<_> = tokens(text).into_iter().map(|token| &text[token.span]).collect();
        assert_eq!(
            cut,
            ["The", " ", "“", "Ariane-6", "”", " ", "(", "3.5", " ", "t", ")", ".", " ", "–", " "]
        );
    }

    proptest! {
        #[test]
        fn joined_they_are_the_text(text in any::<String>()) {
            let joined: String = tokens(&text).into_iter().map(|token| text[token.span].to_owned()).collect();
            prop_assert_eq!(joined, text);
        }
    }
}
