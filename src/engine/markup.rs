//! Inline markup in texts, for services that keep tags in their place.
//!
//! A range is sent as `<x1>…</x1>`, an atom that reads as something as `<k2>…</k2>`, one that reads as nothing or as white
//! space as `<x3/>`, numbered in the order of the text. What comes back is made into plain text again, and where the tags
//! stand says which words are which.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::Range;

use quick_xml::escape::partial_escape;

use crate::model::{Alignment, Batch, InlineKind, InlineSpan, Request, SpanPairs, Translation};

/// Longer tags, in bytes, are none of ours.
const LONGEST_TAG: usize = 16;

/// Whether a text of the batch has markup; then all of its texts are sent as such.
pub(super) fn has_markup(batch: &Batch) -> bool {
    batch.requests.iter().any(|request| !request.inlines.is_empty())
}

/// The texts of a batch as they are sent: with tags if any of them has markup.
pub(super) fn texts(batch: &Batch) -> Vec<Cow<'_, str>> {
    let is_marked = has_markup(batch);
    let text = |request| if is_marked { marked(request).into() } else { plain(request) };
    batch.requests.iter().map(text).collect()
}

/// The answer to a text of a batch that was sent in this way.
pub(super) fn read(text: &str, request: &Request, is_marked: bool) -> Translation {
    if is_marked { unmarked(text, request) } else { Translation::plain(text) }
}

fn plain(request: &Request) -> Cow<'_, str> {
    request.text.as_str().into()
}

/// The names of the tags whose content is not to be translated.
pub(super) fn atom_tags(batch: &Batch) -> Vec<String> {
    let of = |request: &Request| {
        let numbered = (1..).zip(&request.inlines);
        let atoms = numbered.filter(|(_, inline)| SentTag::of(inline, &request.text) == SentTag::Atom);
        atoms.map(|(number, _)| number).collect::<Vec<usize>>()
    };
    let numbers: BTreeSet<usize> = batch.requests.iter().flat_map(of).collect();
    numbers.into_iter().map(|number| format!("k{number}")).collect()
}

/// How a piece of markup is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SentTag {
    Range,
    Atom,
    Point,
}

impl SentTag {
    fn of(inline: &InlineSpan, text: &str) -> Self {
        let is_blank = text.get(inline.span.clone()).is_none_or(|text| text.trim().is_empty());
        match inline.kind {
            InlineKind::Range => Self::Range,
            InlineKind::Atom if is_blank => Self::Point,
            InlineKind::Atom => Self::Atom,
        }
    }

    fn letter(self) -> char {
        if self == Self::Atom { 'k' } else { 'x' }
    }
}

/// The text with its tags.
pub(super) fn marked(request: &Request) -> String {
    let mut out = String::with_capacity(request.text.len() + 16 * request.inlines.len());
    let mut at = 0;
    let mut text = |to: usize, out: &mut String| {
        out.push_str(&partial_escape(request.text.get(at..to).unwrap_or_default()));
        at = at.max(to);
    };
    let mut open: Vec<(usize, SentTag, usize)> = Vec::new();
    // Writing into a string does not fail.
    for (number, inline) in (1..).zip(&request.inlines) {
        let Range { start, end } = inline.span;
        while let Some((number, tag, end)) = open.pop_if(|(_, _, end)| *end <= start) {
            text(end, &mut out);
            let _ = write!(out, "</{}{number}>", tag.letter());
        }
        text(start, &mut out);
        let tag = SentTag::of(inline, &request.text);
        if tag == SentTag::Point {
            let _ = write!(out, "<x{number}/>");
        } else {
            let _ = write!(out, "<{}{number}>", tag.letter());
            open.push((number, tag, end));
        }
    }
    while let Some((number, tag, end)) = open.pop() {
        text(end, &mut out);
        let _ = write!(out, "</{}{number}>", tag.letter());
    }
    text(request.text.len(), &mut out);
    out
}

/// Makes the answer to a marked text plain. Tags that did not come back in pairs tell nothing; of a range that came back
/// in pieces, the longest one counts. What stands in an atom is what was sent in it, whatever came back.
pub(super) fn unmarked(answer: &str, request: &Request) -> Translation {
    let mut plain = Plain {
        request,
        text: String::new(),
        open: Vec::new(),
        found: vec![None; request.inlines.len()],
        broken: BTreeSet::new(),
    };
    let mut rest = answer;
    while let Some(at) = rest.find(['<', '&']) {
        plain.text.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = if rest.starts_with('<') { plain.tag(rest) } else { plain.entity(rest) };
        rest = &rest[length..];
    }
    plain.text.push_str(rest);
    let alignment = plain.alignment();
    Translation { alignment, ..Translation::plain(plain.text) }
}

/// An answer on its way to plain text.
struct Plain<'a> {
    request: &'a Request,
    text: String,
    /// The tags that are open, by their numbers, and where they began.
    open: Vec<(usize, usize)>,
    /// Where each piece of markup came back.
    found: Vec<Option<Range<usize>>>,
    /// The numbers of tags that cross others or lack their other half.
    broken: BTreeSet<usize>,
}

impl Plain<'_> {
    /// Reads what begins with `<`; returns how long it is.
    fn tag(&mut self, rest: &str) -> usize {
        let end = rest.bytes().take(LONGEST_TAG).position(|byte| byte == b'>');
        let tag = end.and_then(|end| rest.get(..=end));
        let Some((tag, (number, form))) = tag.and_then(|tag| known(tag).map(|known| (tag, known))) else {
            self.text.push('<');
            return 1;
        };
        match form {
            TagForm::Opens => self.open.push((number, self.text.len())),
            TagForm::Empty => self.close(number, self.text.len()),
            TagForm::Closes => match self.open.pop() {
                Some((open, start)) if open == number => self.close(number, start),
                Some(other) => {
                    self.broken.insert(number);
                    self.open.push(other);
                    if let Some(at) = self.open.iter().rposition(|(open, _)| *open == number) {
                        self.broken.extend(self.open.drain(at..).map(|(open, _)| open));
                    }
                }
                None => drop(self.broken.insert(number)),
            },
        }
        tag.len()
    }

    /// A piece of markup has come back whole.
    fn close(&mut self, number: usize, start: usize) {
        let Some(index) = number.checked_sub(1).filter(|&index| index < self.found.len()) else { return };
        let inline = &self.request.inlines[index];
        if inline.kind == InlineKind::Atom && self.found[index].is_none() {
            let sent = self.request.text.get(inline.span.clone()).unwrap_or_default();
            self.text.truncate(start);
            self.text.push_str(if sent.trim().is_empty() { "" } else { sent });
            // What else came back in it has no place of its own.
            for inner in &mut self.found {
                *inner = inner.take().filter(|place| place.end <= start);
            }
        }
        let known = &mut self.found[index];
        let place = start..self.text.len();
        let is_longer = |known: &Range<usize>| inline.kind == InlineKind::Range && known.len() < place.len();
        if known.as_ref().is_none_or(is_longer) {
            *known = Some(place);
        }
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

    /// What the tags say.
    fn alignment(&self) -> Option<Alignment> {
        let open: BTreeSet<usize> = self.open.iter().map(|(number, _)| *number).collect();
        let found =
            self.request.inlines.iter().zip(&self.found).zip(1..).filter_map(|((inline, place), number)| {
                let is_broken = self.broken.contains(&number) || open.contains(&number);
                // A range without words says nothing of where its words are.
                let place =
                    place.clone().filter(|place| inline.kind == InlineKind::Atom || !place.is_empty())?;
                (!is_broken).then(|| (inline.span.clone(), place))
            });
        let pairs: Vec<_> = found.collect();
        (!pairs.is_empty()).then_some(Alignment::Inlines(SpanPairs(pairs)))
    }
}

/// The form of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TagForm {
    Opens,
    Closes,
    Empty,
}

/// The number of one of our tags, and its form.
fn known(tag: &str) -> Option<(usize, TagForm)> {
    let inner = tag.strip_prefix('<')?.strip_suffix('>')?.trim();
    let (inner, form) = match (inner.strip_prefix('/'), inner.strip_suffix('/')) {
        (Some(inner), _) => (inner.trim_start(), TagForm::Closes),
        (None, Some(inner)) => (inner.trim_end(), TagForm::Empty),
        (None, None) => (inner, TagForm::Opens),
    };
    let digits = inner.strip_prefix(['x', 'X', 'k', 'K'])?;
    let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| digits.parse().ok()).flatten().map(|number| (number, form))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn request(text: &str, inlines: &[(InlineKind, Range<usize>)]) -> Request {
        let inlines = inlines.iter().map(|(kind, span)| InlineSpan { kind: *kind, span: span.clone() });
        Request { text: text.to_owned(), terms: Vec::new(), inlines: inlines.collect() }
    }

    fn two_ranges() -> Request {
        request("Der Kanzler & die Union", &[(InlineKind::Range, 4..11), (InlineKind::Range, 18..23)])
    }

    fn pairs(translation: &Translation) -> Vec<(Range<usize>, Range<usize>)> {
        translation.alignment.iter().flat_map(|alignment| alignment.pairs().0.clone()).collect()
    }

    #[test]
    fn ranges_are_tagged_and_marks_escaped() {
        assert_eq!(marked(&two_ranges()), "Der <x1>Kanzler</x1> &amp; die <x2>Union</x2>");
    }

    #[test]
    fn ranges_are_sent_nested_and_atoms_as_what_is_not_translated() {
        use InlineKind::{Atom, Range};
        let inlines = [(Range, 4..14), (Range, 4..11), (Atom, 11..12), (Atom, 15..16), (Atom, 16..21)];
        let request = request("Der Kanzler² a: Stahl.", &[]);
        assert_eq!(request.text.len(), 23);
        let sent = self::request("Der Kanzler2 a: Stahl.", &inlines);
        assert_eq!(marked(&sent), "Der <x1><x2>Kanzler</x2><k3>2</k3> a</x1>:<x4/> <k5>Stahl</k5>.");
        let batch = Batch { requests: vec![sent], ..Batch::default() };
        assert_eq!(atom_tags(&batch), ["k3", "k5"]);
    }

    #[test]
    fn tags_that_come_back_say_which_words_are_which() {
        let got = unmarked("The <x2>Union</x2> &amp; the < 3 <x1>chancellor</x1>", &two_ranges());
        assert_eq!(got.text, "The Union & the < 3 chancellor");
        assert_eq!(pairs(&got), [(4..11, 20..30), (18..23, 4..9)]);
    }

    #[test]
    fn an_atom_comes_back_as_it_was_sent() {
        let sent = request("Mit git: los", &[(InlineKind::Atom, 4..7), (InlineKind::Atom, 8..9)]);
        let got = unmarked("Go<x2/> with <k1>Git tool</k1>", &sent);
        assert_eq!(got.text, "Go with git");
        assert_eq!(pairs(&got), [(4..7, 8..11), (8..9, 2..2)]);
    }

    #[test]
    fn broken_tags_are_taken_out_and_tell_nothing() {
        for (answer, told) in [
            ("The <x1>chancellor & the <x2>Union</x2>", vec![(18..23, 21..26)]),
            ("The <x1>chancellor</x1> & the Union", vec![(4..11, 4..14)]),
            ("The <x1>chancellor</x2> & the <x2>Union</x1>", Vec::new()),
            ("The <x1>chan</x1><x1>cellor</x1> & the Union<x2></x2>", vec![(4..11, 8..14)]),
            ("The chancellor & the Union<x7/></x1>", Vec::new()),
        ] {
            let got = unmarked(answer, &two_ranges());
            assert_eq!((got.text.as_str(), pairs(&got)), ("The chancellor & the Union", told), "{answer}");
        }
    }

    proptest! {
        #[test]
        fn what_is_echoed_comes_back_as_it_was(text in "[a-cß&<>;#x1/ ]{0,20}", a in 0..20_usize, b in 0..20_usize, is_atom: bool) {
            let (a, b) = (text.floor_char_boundary(a.min(b)), text.floor_char_boundary(a.max(b)));
            let kind = if is_atom { InlineKind::Atom } else { InlineKind::Range };
            let inlines: Vec<_> = (a < b).then_some((kind, a..b)).into_iter().collect();
            let request = request(&text, &inlines);
            let got = unmarked(&marked(&request), &request);
            prop_assert_eq!(&got.text, &request.text);
            let pairs = pairs(&got);
            prop_assert_eq!(pairs.len(), request.inlines.len());
            prop_assert!(pairs.iter().all(|(from, to)| from == to || to.is_empty() && text[from.clone()].trim().is_empty()));
        }

        #[test]
        fn tags_in_any_order_give_the_words_of_the_answer_and_places_in_them(
            pieces in prop::collection::vec(
                prop_oneof![
                    3 => "[a-cß]{1,3} ?",
                    2 => "</?x[12]>",
                    2 => "</?k[35]>",
                    1 => "<x4/>",
                    2 => prop::sample::select(vec!["<x1>", "<x2>Kanzler</x2>", "<k3>2</k3>", "<k5>Stahl</k5>", "</x1>", "<k5>steel</k5>"]).prop_map(str::to_owned),
                ],
                0..14,
            ),
        ) {
            use InlineKind::{Atom, Range};
            let inlines = [(Range, 4..14), (Range, 4..11), (Atom, 11..12), (Atom, 15..16), (Atom, 16..21)];
            let request = request("Der Kanzler2 a: Stahl.", &inlines);
            let got = unmarked(&pieces.concat(), &request);
            prop_assert!(!got.text.contains('<'), "{}", got.text);
            let pairs = pairs(&got);
            for (from, to) in &pairs {
                let Some(text) = got.text.get(to.clone()) else { panic!("{to:?} of {}", got.text) };
                let is_atom = inlines.iter().any(|(kind, span)| *kind == Atom && span == from);
                prop_assert!(!is_atom || text == request.text[from.clone()].trim(), "{text}");
            }
            for (at, (_, one)) in pairs.iter().enumerate() {
                for (_, other) in &pairs[at + 1..] {
                    let is_apart = one.end <= other.start || other.end <= one.start;
                    let is_inside = |a: &std::ops::Range<usize>, b: &std::ops::Range<usize>| b.start <= a.start && a.end <= b.end;
                    prop_assert!(is_apart || is_inside(one, other) || is_inside(other, one), "{pairs:?}");
                }
            }
            // Words outside of atoms are all there.
            if !pieces.iter().any(|piece| piece.contains('k')) {
                let words: String = pieces.iter().filter(|piece| !piece.starts_with('<')).cloned().collect();
                let tagged = pieces.iter().any(|piece| piece.contains("Kanzler"));
                prop_assert!(tagged || got.text == words, "{} {words}", got.text);
            }
        }

        #[test]
        fn any_answer_gives_text(answer in "(</?[xXk]?[0-9]{0,2} ?/?>|[<>&;/a-c]|&amp;|ß){0,20}") {
            unmarked(&answer, &two_ranges());
        }
    }
}
