//! Inline markup in texts, for services that keep tags in their place.
//!
//! A styled stretch is sent as `<x1>…</x1>`, numbered in the order of the text. What comes back is made into
//! plain text again, and where the tags stand says which words are which.

use std::fmt::Write as _;
use std::ops::Range;

use quick_xml::escape::partial_escape;

use crate::model::{Alignment, Batch, Request, SpanPairs, Translation};

/// Longer tags, in bytes, are none of ours.
const LONGEST_TAG: usize = 16;

/// Whether a text of the batch has styles; then all of its texts are sent as markup.
pub(super) fn has_styles(batch: &Batch) -> bool {
    batch.requests.iter().any(|request| !request.styles.is_empty())
}

/// The text with its tags.
pub(super) fn marked(request: &Request) -> String {
    let mut out = String::with_capacity(request.text.len() + 16 * request.styles.len());
    let mut at = 0;
    for (number, style) in (1..).zip(&request.styles) {
        let (Some(before), Some(inside)) =
            (request.text.get(at..style.start), request.text.get(style.clone()))
        else {
            continue;
        };
        out.push_str(&partial_escape(before));
        // Writing into a string does not fail.
        let _ = write!(out, "<x{number}>");
        out.push_str(&partial_escape(inside));
        let _ = write!(out, "</x{number}>");
        at = style.end;
    }
    out.push_str(&partial_escape(&request.text[at..]));
    out
}

/// Makes the answer to a marked text plain. If its tags are not those that were sent, each once and in pairs,
/// they are taken out and tell nothing.
pub(super) fn unmarked(answer: &str, request: &Request) -> Translation {
    let mut plain = Plain::default();
    let mut rest = answer;
    while let Some(at) = rest.find(['<', '&']) {
        plain.text.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = if rest.starts_with('<') { plain.tag(rest) } else { plain.entity(rest) };
        rest = &rest[length..];
    }
    plain.text.push_str(rest);
    let alignment = plain.alignment(request);
    Translation { alignment, ..Translation::plain(plain.text) }
}

/// An answer on its way to plain text.
#[derive(Default)]
struct Plain {
    text: String,
    /// The tag that is open, and where it began.
    open: Option<(usize, usize)>,
    /// The stretches that were tagged.
    found: Vec<(usize, Range<usize>)>,
    broken: bool,
}

impl Plain {
    /// Reads what begins with `<`; returns how long it is.
    fn tag(&mut self, rest: &str) -> usize {
        let end = rest.bytes().take(LONGEST_TAG).position(|byte| byte == b'>');
        let tag = end.and_then(|end| rest.get(..=end));
        let Some((tag, number, closes)) = tag.and_then(|tag| known(tag).map(|(n, c)| (tag, n, c))) else {
            self.text.push('<');
            return 1;
        };
        match (self.open.take(), closes) {
            (None, false) => self.open = Some((number, self.text.len())),
            (Some((open, start)), true) if open == number => {
                self.found.push((number, start..self.text.len()));
            }
            _ => self.broken = true,
        }
        tag.len()
    }

    /// Reads what begins with `&`; returns how long it is.
    fn entity(&mut self, rest: &str) -> usize {
        const ENTITIES: [(&str, char); 7] = [
            ("&amp;", '&'),
            ("&lt;", '<'),
            ("&gt;", '>'),
            ("&quot;", '"'),
            ("&apos;", '\''),
            ("&#39;", '\''),
            ("&#x27;", '\''),
        ];
        let known = ENTITIES.iter().find(|(name, _)| rest.starts_with(name));
        self.text.push(known.map_or('&', |(_, character)| *character));
        known.map_or(1, |(name, _)| name.len())
    }

    /// What the tags say; text outside of them stands for no styled stretch, which an empty range means.
    fn alignment(&self, request: &Request) -> Option<Alignment> {
        let mut numbers: Vec<usize> = self.found.iter().map(|(number, _)| *number).collect();
        numbers.sort_unstable();
        let complete = numbers.iter().copied().eq(1..=request.styles.len());
        if self.broken || self.open.is_some() || !complete || numbers.is_empty() {
            return None;
        }
        let mut pairs = Vec::new();
        let mut end = 0;
        for (number, place) in &self.found {
            if end < place.start {
                pairs.push((0..0, end..place.start));
            }
            if !place.is_empty() {
                pairs.push((request.styles[number - 1].clone(), place.clone()));
            }
            end = place.end;
        }
        if end < self.text.len() {
            pairs.push((0..0, end..self.text.len()));
        }
        Some(Alignment::Styles(SpanPairs(pairs)))
    }
}

/// The number of one of our tags, and whether it closes.
fn known(tag: &str) -> Option<(usize, bool)> {
    let inner = tag.strip_prefix('<')?.strip_suffix('>')?.trim();
    let (inner, closes) = inner.strip_prefix('/').map_or((inner, false), |inner| (inner.trim_start(), true));
    let digits = inner.strip_prefix(['x', 'X'])?;
    let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| digits.parse().ok()).flatten().map(|number| (number, closes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn request() -> Request {
        let text = "Der Kanzler & die Union".to_owned();
        Request { text, terms: Vec::new(), styles: vec![4..11, 18..23] }
    }

    #[test]
    fn styled_stretches_are_tagged_and_marks_escaped() {
        assert_eq!(marked(&request()), "Der <x1>Kanzler</x1> &amp; die <x2>Union</x2>");
    }

    #[test]
    fn tags_that_come_back_say_which_words_are_which() {
        let got = unmarked("The <x2>Union</x2> &amp; the < 3 <x1>chancellor</x1>", &request());
        assert_eq!(got.text, "The Union & the < 3 chancellor");
        let pairs = vec![(0..0, 0..4), (18..23, 4..9), (0..0, 9..20), (4..11, 20..30)];
        assert_eq!(got.alignment, Some(Alignment::Styles(SpanPairs(pairs))));
    }

    #[test]
    fn broken_tags_are_taken_out_and_tell_nothing() {
        for answer in [
            "The <x1>chancellor & the <x2>Union</x2>",
            "The <x1>chancellor</x1> & the Union",
            "The <x1>chancellor</x2> & the <x2>Union</x1>",
            "The <x1>chancellor</x1> & the <x1>Union</x1><x2></x2>",
            "The <x1><x2>chancellor</x2></x1> & the Union",
        ] {
            let got = unmarked(answer, &request());
            assert_eq!((got.text.as_str(), got.alignment), ("The chancellor & the Union", None), "{answer}");
        }
    }

    proptest! {
        #[test]
        fn what_is_echoed_comes_back_as_it_was(text in "[a-cß&<>;#x1/ ]{0,20}", a in 0..20_usize, b in 0..20_usize) {
            let (a, b) = (text.floor_char_boundary(a.min(b)), text.floor_char_boundary(a.max(b)));
            let styles = (a < b).then_some(a..b).into_iter().collect();
            let request = Request { text, terms: Vec::new(), styles };
            let got = unmarked(&marked(&request), &request);
            prop_assert_eq!(&got.text, &request.text);
            let tagged = got.alignment.into_iter().flat_map(|alignment| alignment.pairs().0.clone());
            let tagged: Vec<_> = tagged.filter(|(from, _)| !from.is_empty()).collect();
            prop_assert!(tagged.iter().all(|(from, to)| from == to));
            prop_assert_eq!(tagged.len(), request.styles.len());
        }

        #[test]
        fn any_answer_gives_text(answer in "(</?[xX]?[0-9]{0,2} ?>|[<>&;/a-c]|&amp;|ß){0,20}") {
            unmarked(&answer, &request());
        }
    }
}
