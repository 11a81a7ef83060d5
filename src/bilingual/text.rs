//! Text with the markup of its tool among the words.

use std::collections::HashMap;
use std::ops::Range;

use super::ids::UsedIds;
use crate::model::{InlineKind, InlineSpan, SpanPairs};

/// A stretch of words, or a piece of markup among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BilingualPiece {
    Text(String),
    /// Markup that spans words begins. What is the same in source and target has the same id.
    Open {
        id: String,
        /// What stands for it in the file that the text was taken from; empty if that is not known.
        native: String,
    },
    /// Markup that spans words ends.
    Close {
        id: String,
        native: String,
    },
    /// Markup that is no language.
    Atom {
        id: String,
        native: String,
        /// What stands for it where the text is read without markup.
        reads_as: String,
    },
}

/// The source or the target of a unit: its pieces in order. Each id begins once, and what begins ends; what ends may have
/// begun before something that is still open, as most formats allow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BilingualText {
    pieces: Vec<BilingualPiece>,
}

/// A piece of markup in a text as [`BilingualText::text`] gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeSpan {
    pub id: String,
    pub inline: InlineSpan,
}

impl BilingualText {
    /// A text without markup.
    #[must_use]
    pub fn plain(text: &str) -> Self {
        Self::new(vec![BilingualPiece::Text(text.to_owned())])
    }

    /// Puts pieces together. What has no other half becomes an atom that reads as nothing, and so does what has an id that
    /// was there already.
    #[must_use]
    pub fn new(pieces: Vec<BilingualPiece>) -> Self {
        let ends = pieces.iter().enumerate().filter_map(|(at, piece)| match piece {
            BilingualPiece::Close { id, .. } => Some((id.clone(), at)),
            _ => None,
        });
        let ends: HashMap<String, usize> = ends.collect();
        let mut begun = UsedIds::default();
        let mut open: HashMap<String, usize> = HashMap::new();
        let mut text = Self::default();
        for (at, piece) in pieces.into_iter().enumerate() {
            match piece {
                BilingualPiece::Text(words) => text.push_words(&words),
                BilingualPiece::Open { id, native } => {
                    let end = ends.get(&id).copied().filter(|end| *end > at);
                    match end.filter(|_| !begun.contains(&id)) {
                        Some(end) => {
                            open.insert(id.clone(), end);
                            begun.next(id.clone());
                            text.pieces.push(BilingualPiece::Open { id, native });
                        }
                        None => text.push_atom(id, native, String::new(), &mut begun),
                    }
                }
                BilingualPiece::Close { id, native } if open.get(&id) == Some(&at) => {
                    text.pieces.push(BilingualPiece::Close { id, native });
                }
                BilingualPiece::Close { id, native } => {
                    text.push_atom(id, native, String::new(), &mut begun);
                }
                BilingualPiece::Atom { id, native, reads_as } => {
                    text.push_atom(id, native, reads_as, &mut begun);
                }
            }
        }
        text
    }

    fn push_words(&mut self, words: &str) {
        match self.pieces.last_mut() {
            _ if words.is_empty() => {}
            Some(BilingualPiece::Text(before)) => before.push_str(words),
            _ => self.pieces.push(BilingualPiece::Text(words.to_owned())),
        }
    }

    fn push_atom(&mut self, id: String, native: String, reads_as: String, begun: &mut UsedIds) {
        self.pieces.push(BilingualPiece::Atom { id: begun.next(id), native, reads_as });
    }

    /// The pieces in order.
    #[must_use]
    pub fn pieces(&self) -> &[BilingualPiece] {
        &self.pieces
    }

    /// Whether there is nothing in it, markup included.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The words, with what atoms read as.
    #[must_use]
    pub fn text(&self) -> String {
        let words = self.pieces.iter().map(|piece| match piece {
            BilingualPiece::Text(words) | BilingualPiece::Atom { reads_as: words, .. } => words.as_str(),
            BilingualPiece::Open { .. } | BilingualPiece::Close { .. } => "",
        });
        words.collect()
    }

    /// The markup in [`BilingualText::text`], by where it begins, an outer one before those in it.
    #[must_use]
    pub fn codes(&self) -> Vec<CodeSpan> {
        let mut codes: Vec<CodeSpan> = Vec::new();
        let mut open: HashMap<&str, usize> = HashMap::new();
        let mut at = 0;
        for piece in &self.pieces {
            match piece {
                BilingualPiece::Text(words) => at += words.len(),
                BilingualPiece::Open { id, .. } => {
                    open.insert(id, codes.len());
                    codes.push(code(id, InlineKind::Range, at..at));
                }
                BilingualPiece::Close { id, .. } => {
                    if let Some(&begun) = open.get(id.as_str()) {
                        codes[begun].inline.span.end = at;
                    }
                }
                BilingualPiece::Atom { id, reads_as, .. } => {
                    codes.push(code(id, InlineKind::Atom, at..at + reads_as.len()));
                    at += reads_as.len();
                }
            }
        }
        codes
    }

    /// Where the markup of this source stands in a target, in the order of the source, as in
    /// [`Alignment::Inlines`](crate::model::Alignment::Inlines).
    #[must_use]
    pub fn pairs_with(&self, target: &Self) -> SpanPairs {
        let places: HashMap<String, Range<usize>> =
            target.codes().into_iter().map(|code| (code.id, code.inline.span)).collect();
        let pair = |code: CodeSpan| Some((code.inline.span, places.get(&code.id)?.clone()));
        SpanPairs(self.codes().into_iter().filter_map(pair).collect())
    }
}

fn code(id: &str, kind: InlineKind, span: Range<usize>) -> CodeSpan {
    CodeSpan { id: id.to_owned(), inline: InlineSpan { kind, span } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(words: &str) -> BilingualPiece {
        BilingualPiece::Text(words.to_owned())
    }

    fn open(id: &str) -> BilingualPiece {
        BilingualPiece::Open { id: id.to_owned(), native: String::new() }
    }

    fn close(id: &str) -> BilingualPiece {
        BilingualPiece::Close { id: id.to_owned(), native: String::new() }
    }

    fn atom(id: &str, reads_as: &str) -> BilingualPiece {
        BilingualPiece::Atom { id: id.to_owned(), native: String::new(), reads_as: reads_as.to_owned() }
    }

    #[test]
    fn markup_is_found_by_its_id_on_the_other_side() {
        let source =
            BilingualText::new(vec![open("1"), text("Der Hafen"), close("1"), text(" von "), atom("2", "X")]);
        let target =
            BilingualText::new(vec![atom("2", "X"), text("’s "), open("1"), text("port"), close("1")]);
        assert_eq!((source.text().as_str(), target.text().as_str()), ("Der Hafen von X", "X’s port"));
        assert_eq!(source.pairs_with(&target), SpanPairs(vec![(0..9, 6..10), (14..15, 0..1)]));
    }

    #[test]
    fn what_has_no_other_half_is_an_atom() {
        let broken =
            BilingualText::new(vec![close("1"), open("1"), text("a"), open("2"), text("b"), open("2")]);
        let atoms = broken.codes();
        assert!(atoms.iter().all(|code| code.inline.kind == InlineKind::Atom));
        let ids: Vec<_> = atoms.iter().map(|code| code.id.as_str()).collect();
        assert_eq!((broken.text().as_str(), ids), ("ab", vec!["1", "1-2", "2", "2-2"]));
    }
}
