//! What a translation is found by.

use std::fmt;
use std::ops::Range;

use blake3::Hasher;

use crate::model::{Alignment, InlineKind, InlineSpan, Request, SpanPairs};

/// The bytes of a key: enough that no two questions ever have the same one, and half of what the first memories took for it.
pub(super) const KEY_BYTES: usize = 16;

/// Changes when the meaning of a key changes, so that old rows are never taken for new ones.
const CONTEXT: &str = "wortlaut 2026-11 translation memory key, format 1";

/// What a translation is found by: a hash of all that decides what an engine answers.
///
/// That is the fingerprint of the engine, the text, its term hints and its markup, and nothing else: not the article,
/// not the neighbours, not the time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    hash: [u8; KEY_BYTES],
    has_markup: bool,
}

impl Key {
    /// The key of a request to the engine with this fingerprint.
    #[must_use]
    pub fn new(fingerprint: &str, request: &Request) -> Self {
        let mut hasher = Hasher::new_derive_key(CONTEXT);
        framed(&mut hasher, fingerprint);
        framed(&mut hasher, &request.text);
        for term in &request.terms {
            framed(&mut hasher, &term.source);
            framed(&mut hasher, &term.target);
        }
        // Terms are two texts each; these are three, so that none can be taken for the other.
        if !request.inlines.is_empty() {
            let places =
                request.inlines.iter().map(|InlineSpan { kind, span: Range { start, end } }| match kind {
                    InlineKind::Range => format!("{start}-{end}"),
                    InlineKind::Atom => format!("{start}={end}"),
                });
            // As the first memories have it.
            framed(&mut hasher, "styles");
            framed(&mut hasher, "");
            framed(&mut hasher, &places.collect::<Vec<_>>().join(" "));
        }
        let mut hash = [0; KEY_BYTES];
        hasher.finalize_xof().fill(&mut hash);
        Self { hash, has_markup: !request.inlines.is_empty() }
    }

    /// The bytes of the hash.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; KEY_BYTES] {
        &self.hash
    }

    /// What the pairs of an answer are of. The rows do not say: engines that take markup tell what became of it and
    /// nothing of words, and are sent it where there is any; others are sent none.
    pub(super) fn alignment(&self, pairs: SpanPairs) -> Alignment {
        if self.has_markup { Alignment::Inlines(pairs) } else { Alignment::Words(pairs) }
    }
}

/// Hashes a text with its length before it, so that no two lists of texts give the same bytes.
fn framed(hasher: &mut Hasher, text: &str) {
    hasher.update(&(text.len() as u64).to_le_bytes());
    hasher.update(text.as_bytes());
}

/// A key in hexadecimal digits.
pub(super) fn digits(key: &[u8; KEY_BYTES]) -> String {
    format!("{:032x}", u128::from_be_bytes(*key))
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&digits(&self.hash))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TermHint;

    fn request(text: &str, terms: &[(&str, &str)]) -> Request {
        let terms = terms
            .iter()
            .map(|(source, target)| TermHint { source: (*source).into(), target: (*target).into() })
            .collect();
        Request { text: text.to_owned(), terms, inlines: Vec::new() }
    }

    /// A text with markup.
    fn marked(kind: InlineKind) -> Request {
        Request { inlines: vec![InlineSpan { kind, span: 0..1 }], ..request("b", &[]) }
    }

    #[test]
    fn every_part_counts_and_none_runs_into_the_next() {
        let keys = [
            Key::new("a", &request("bc", &[])),
            Key::new("ab", &request("c", &[])),
            Key::new("a", &request("b", &[("c", "")])),
            Key::new("a", &request("b", &[("", "c")])),
            Key::new("a", &request("b", &[("c", "d"), ("e", "f")])),
            Key::new("a", &request("b", &[("e", "f"), ("c", "d")])),
            Key::new("a", &marked(InlineKind::Range)),
            Key::new("a", &marked(InlineKind::Atom)),
            Key::new("a", &request("b", &[])),
        ];
        for (index, key) in keys.iter().enumerate() {
            assert!(!keys[..index].contains(key), "key {index} is not its own");
        }
    }

    #[test]
    fn a_key_stays_the_same_from_version_to_version() {
        let key = Key::new("deepl", &request("Der Start gelang.", &[("Start", "launch")]));
        assert_eq!(key.to_string(), "6336d8c8aad6db37a1d9d41c81e349a2");
    }
}
