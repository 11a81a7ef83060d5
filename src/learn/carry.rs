//! What a person made of each segment of a text: the borders of the segments are carried over through what stayed the same.

use std::ops::Range;

use super::align::{AlignedStretch, align};
use super::words::{TextWord, Vocabulary, WordSpace, on_one_line};

/// What became of the English of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SegmentFate {
    /// It is as it was, white space aside; or it cannot be found in what was written.
    Same,
    /// It reads otherwise: on one line, and where it stands in the changed text.
    Changed { text: String, span: Range<usize> },
    /// Nothing is left of it.
    Gone,
}

/// What a person made of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CarriedText {
    /// One for each segment.
    pub(super) fates: Vec<SegmentFate>,
    /// Lines of the changed text with something that belongs to no segment, and lines of the old one of which something that
    /// belongs to none is no more.
    pub(super) strays: usize,
}

/// Finds the English of segments in a text and what became of it in the changed text.
pub(super) fn carried_over(segments: &[String], written: &str, changed: &str) -> CarriedText {
    let mut vocabulary = Vocabulary::default();
    let old = SideText::new(written, &mut vocabulary);
    let new = SideText::new(changed, &mut vocabulary);
    let places = places(segments, &old, &mut vocabulary);
    let known: Vec<Range<usize>> = places.iter().flatten().cloned().collect();
    let stretches = stretches(&old, &new);
    let carry = Carry { old: &old, new: &new, stretches: &stretches };
    let mut found = carry.places(&known);
    let mut strays = carry.strays(&known, &found);
    for (place, found) in known.iter().zip(&mut found).filter(|(_, found)| found.start == found.end) {
        // What was moved as a whole is as it was.
        let is_it =
            |stray: &StrayWords| stray.is_new && old.ids[place.clone()] == new.ids[stray.words.clone()];
        if let Some(at) = strays.iter().position(is_it) {
            *found = strays.remove(at).words;
        }
    }
    let mut fates = known.iter().zip(&found).map(|(place, found)| fate(&old, place, &new, found));
    let of_place = |place: &Option<Range<usize>>| place.as_ref().and_then(|_| fates.next());
    let fates = places.iter().map(of_place).map(|fate| fate.unwrap_or(SegmentFate::Same)).collect();
    CarriedText { fates, strays: strays.len() }
}

/// How a text reads now that another one stood for, on one line; `None` if it reads as it did.
pub(super) fn rewritten(before: &str, after: &str) -> Option<String> {
    let mut vocabulary = Vocabulary::default();
    let (old, new) = (SideText::new(before, &mut vocabulary), SideText::new(after, &mut vocabulary));
    match fate(&old, &(0..old.words.len()), &new, &(0..new.words.len())) {
        SegmentFate::Same => None,
        SegmentFate::Changed { text, .. } => Some(text),
        SegmentFate::Gone => (!old.words.is_empty()).then(String::new),
    }
}

/// A text in words.
struct SideText<'a> {
    text: &'a str,
    words: Vec<TextWord>,
    ids: Vec<u32>,
}

impl<'a> SideText<'a> {
    fn new(text: &'a str, vocabulary: &mut Vocabulary) -> Self {
        let words = vocabulary.words(text);
        let ids = words.iter().map(|word| word.id).collect();
        Self { text, words, ids }
    }

    /// The lines, as ranges of words.
    fn lines(&self) -> Vec<Range<usize>> {
        let mut lines: Vec<Range<usize>> = Vec::new();
        for (at, word) in self.words.iter().enumerate() {
            match lines.last_mut() {
                Some(last) if self.words[last.start].line == word.line => last.end = at + 1,
                _ => lines.push(at..at + 1),
            }
        }
        lines
    }

    /// What stands before a word; behind the last one the text ends.
    fn space_at(&self, word: usize) -> WordSpace {
        self.words.get(word).map_or(WordSpace::BlankLine, |word| word.space)
    }

    /// Whether a line begins at a word.
    fn breaks_at(&self, word: usize) -> bool {
        self.space_at(word) >= WordSpace::Break
    }

    /// Whether a sentence ends before a word.
    fn ends_before(&self, word: usize) -> bool {
        let before = word.checked_sub(1).map(|before| &self.text[self.words[before].span.clone()]);
        before.is_some_and(|before| {
            matches!(before, "." | "!" | "?" | "…" | "”" | "\"" | "»" | "’" | ":" | ")")
        })
    }
}

/// Where the words of the segments stand in a text.
fn places(segments: &[String], old: &SideText<'_>, vocabulary: &mut Vocabulary) -> Vec<Option<Range<usize>>> {
    let (mut ids, mut ends) = (Vec::new(), Vec::new());
    for segment in segments {
        ids.extend(vocabulary.words(segment).iter().map(|word| word.id));
        ends.push(ids.len());
    }
    let mut there: Vec<Option<usize>> = vec![None; ids.len()];
    for AlignedStretch { old: from, new: to, is_same } in align(&ids, &old.ids) {
        if is_same {
            for (from, to) in from.zip(to) {
                there[from] = Some(to);
            }
        }
    }
    let mut start = 0;
    let place = |end: &usize| {
        let words = start..*end;
        start = *end;
        let first = there.get(words.start).copied().flatten()?;
        let is_whole = words.clone().all(|word| there[word] == Some(first + word - words.start));
        (!words.is_empty() && is_whole).then(|| first..first + words.len())
    };
    ends.iter().map(place).collect()
}

/// Which stretches of words are the same: lines that are alike part the texts, and between them words are compared.
fn stretches(old: &SideText<'_>, new: &SideText<'_>) -> Vec<AlignedStretch> {
    let mut numbers = std::collections::HashMap::new();
    let mut line_ids = |side: &SideText<'_>, lines: &[Range<usize>]| -> Vec<u32> {
        let id = |line: &Range<usize>| {
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            *numbers.entry(side.ids[line.clone()].to_vec()).or_insert(next)
        };
        lines.iter().map(id).collect()
    };
    let (old_lines, new_lines) = (old.lines(), new.lines());
    let (old_ids, new_ids) = (line_ids(old, &old_lines), line_ids(new, &new_lines));
    let words = |lines: &[Range<usize>], part: &Range<usize>, all: usize| {
        let at = |line: usize| lines.get(line).map_or(all, |line| line.start);
        at(part.start)..at(part.end)
    };
    let mut stretches: Vec<AlignedStretch> = Vec::new();
    for AlignedStretch { old: from, new: to, is_same } in align(&old_ids, &new_ids) {
        let from = words(&old_lines, &from, old.words.len());
        let to = words(&new_lines, &to, new.words.len());
        if is_same {
            stretches.push(AlignedStretch { old: from, new: to, is_same });
            continue;
        }
        for inner in align(&old.ids[from.clone()], &new.ids[to.clone()]) {
            stretches.push(AlignedStretch {
                old: from.start + inner.old.start..from.start + inner.old.end,
                new: to.start + inner.new.start..to.start + inner.new.end,
                is_same: inner.is_same,
            });
        }
    }
    stretches
}

/// Words that belong to no segment.
#[derive(Debug)]
struct StrayWords {
    words: Range<usize>,
    /// Of the changed text; otherwise of the old one, where they are no more.
    is_new: bool,
}

/// Which side of a border a segment is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BorderSide {
    Start,
    End,
}

/// Carries borders from one text to the other.
struct Carry<'a> {
    old: &'a SideText<'a>,
    new: &'a SideText<'a>,
    stretches: &'a [AlignedStretch],
}

impl Carry<'_> {
    /// Where the segments stand in the changed text.
    fn places(&self, places: &[Range<usize>]) -> Vec<Range<usize>> {
        let mut last = 0;
        let mut carried = Vec::with_capacity(places.len());
        for (at, place) in places.iter().enumerate() {
            let follows = at > 0 && places[at - 1].end == place.start;
            let start = self.border(place.start, BorderSide::Start, follows, last);
            let is_followed = places.get(at + 1).is_some_and(|next| next.start == place.end);
            let end = self.border(place.end, BorderSide::End, is_followed, start);
            last = end;
            carried.push(start..end);
        }
        carried
    }

    /// Where a border is in the changed text, not before another one. One that is shared by two segments is found twice, at
    /// the same place.
    fn border(&self, border: usize, side: BorderSide, is_shared: bool, from: usize) -> usize {
        // The first stretch that reaches to the border, and the one behind it.
        let first = self.stretches.partition_point(|stretch| stretch.old.end < border);
        let Some(stretch) = self.stretches.get(first) else { return self.new.words.len().max(from) };
        // What was only put in has no words in the old text; it stands right before or behind the border.
        let mut inserted = None;
        for stretch in self.stretches[first..].iter().take_while(|stretch| stretch.old.start <= border) {
            if stretch.old.is_empty() {
                inserted = Some(stretch.new.clone());
            } else if stretch.old.start < border && border < stretch.old.end {
                let place = if stretch.is_same {
                    stretch.new.start + border - stretch.old.start
                } else {
                    self.inside(border, stretch, from)
                };
                return place.max(from);
            }
        }
        let plain = if stretch.old.end == border { stretch.new.end } else { stretch.new.start };
        let place = match (inserted, side) {
            (None, _) => plain,
            (Some(new), _) if self.stands_alone(border, &new) => match side {
                BorderSide::Start => new.end,
                BorderSide::End => new.start,
            },
            (Some(new), _) if is_shared => self.split(border, &new),
            (Some(new), BorderSide::Start) => new.start,
            (Some(new), BorderSide::End) => new.end,
        };
        place.max(from)
    }

    /// Whether what was put in at a border between two lines has lines of its own.
    fn stands_alone(&self, border: usize, new: &Range<usize>) -> bool {
        self.old.breaks_at(border) && self.new.breaks_at(new.start) && self.new.breaks_at(new.end)
    }

    /// Which of the words that were put in between two segments belong to the first one: up to a line break, otherwise all.
    fn split(&self, border: usize, new: &Range<usize>) -> usize {
        let breaks = |at: &usize| self.old.breaks_at(border) && self.new.breaks_at(*at);
        (new.start..=new.end).find(breaks).unwrap_or(new.end)
    }

    /// Where a border is in words that stand for others: where the old one was at a line break or behind the end of a
    /// sentence, the new one is, too; otherwise where it was in proportion.
    #[expect(clippy::cast_precision_loss, reason = "no text has 2^52 words")]
    fn inside(&self, border: usize, stretch: &AlignedStretch, from: usize) -> usize {
        let AlignedStretch { old, new, .. } = stretch;
        let share = |at: usize, all: &Range<usize>| (at - all.start) as f64 / all.len().max(1) as f64;
        let wanted = share(border, old);
        let mut best = (f64::MIN, new.end);
        for at in new.start.max(from).min(new.end)..=new.end {
            // Lines stay lines, and paragraphs paragraphs.
            let breaks = match (self.old.space_at(border), self.new.space_at(at)) {
                (old, new) if old < WordSpace::Break || new < WordSpace::Break => 0.0,
                (old, new) if old == new => 3.0,
                _ => 1.0,
            };
            let ends = self.old.ends_before(border) && self.new.ends_before(at);
            let score = breaks + f64::from(u8::from(ends)) - (share(at, new) - wanted).abs();
            if score > best.0 {
                best = (score, at);
            }
        }
        best.1
    }

    /// What belongs to no segment: in the changed text, and in the old one where it is no more. A line counts once.
    fn strays(&self, places: &[Range<usize>], found: &[Range<usize>]) -> Vec<StrayWords> {
        let mut strays: Vec<StrayWords> = Vec::new();
        let uncovered = |part: &Range<usize>, places: &[Range<usize>]| -> Vec<Range<usize>> {
            let (mut at, mut rest) = (part.start, Vec::new());
            let first = places.partition_point(|place| place.end <= part.start);
            for place in places[first..].iter().take_while(|place| place.start < part.end) {
                if place.start > at {
                    rest.push(at..place.start);
                }
                at = at.max(place.end);
            }
            if at < part.end {
                rest.push(at..part.end);
            }
            rest
        };
        for stretch in self.stretches.iter().filter(|stretch| !stretch.is_same) {
            for (part, places, side, is_new) in
                [(&stretch.new, found, self.new, true), (&stretch.old, places, self.old, false)]
            {
                for words in uncovered(part, places) {
                    for line in side.lines_of(&words) {
                        strays.push(StrayWords { words: line, is_new });
                    }
                }
            }
        }
        strays
    }
}

impl SideText<'_> {
    /// Words line by line.
    fn lines_of(&self, words: &Range<usize>) -> Vec<Range<usize>> {
        let mut lines: Vec<Range<usize>> = Vec::new();
        for at in words.clone() {
            match lines.last_mut() {
                Some(last) if self.words[last.start].line == self.words[at].line => last.end = at + 1,
                _ => lines.push(at..at + 1),
            }
        }
        lines
    }
}

/// What became of words.
fn fate(old: &SideText<'_>, place: &Range<usize>, new: &SideText<'_>, found: &Range<usize>) -> SegmentFate {
    let (before, after) = (&old.words[place.clone()], &new.words[found.clone()]);
    let (Some(first), Some(last)) = (after.first(), after.last()) else { return SegmentFate::Gone };
    let is_same = old.ids[place.clone()] == new.ids[found.clone()]
        // A line that was broken elsewhere reads as it did.
        && before.iter().zip(after).skip(1).all(|(before, after)| {
            before.space == after.space || before.space.max(after.space) >= WordSpace::Break
        });
    if is_same {
        return SegmentFate::Same;
    }
    SegmentFate::Changed { text: on_one_line(new.text, after), span: first.span.start..last.span.end }
}
