//! Wrapped text: lines that were broken where they were full, not where a thought ends.

use super::lines::{Marker, TextLine};
use crate::text::characters::last_inside;
use crate::text::german::LISTS;

/// Lines longer than this, in characters, are not the work of a wrapping program.
const WIDEST: usize = 120;
/// Text wrapped more narrowly than this may be verse or a list; it must show by its line ends that it is neither.
const NARROW: usize = 40;
/// Columns of print are not narrower.
const NARROWEST: usize = 20;
/// The fewest lines inside paragraphs that prove that a text is wrapped; fewer may have one width by chance.
const FEWEST: usize = 4;
/// A lone pair of lines is joined only if the first is at least this long: shorter lines were not full.
const FULL_LINE: usize = 60;

/// Groups lines into paragraphs: each item is the range of the lines that belong together.
pub(super) fn paragraphs(text: &str, lines: &[TextLine], wrap: Option<bool>) -> Vec<(usize, usize)> {
    let layout = LineWidths::of(text, lines);
    let wrapped = wrap.unwrap_or_else(|| layout.is_wrapped(text, lines));
    let mut groups: Vec<(usize, usize)> = Vec::new();
    // The end of a paragraph that is wrapped in a text that is not.
    let mut within = 0;
    for (index, line) in lines.iter().enumerate() {
        let joined = index > 0 && wrap != Some(false) && may_join(&lines[index - 1], line);
        if !wrapped && !joined {
            within = layout.wrapped_paragraph(text, lines, index).unwrap_or(within);
        }
        let joins = joined
            && match () {
                () if wrapped => layout.goes_on(text, lines, index),
                () if index < within => true,
                () => layout.pair(text, lines, index),
            };
        match groups.last_mut() {
            Some(group) if joins => group.1 = index + 1,
            _ => groups.push((index, index + 1)),
        }
    }
    groups
}

/// Whether the layout allows that `line` continues `before`. Each line of a wrapped quotation has its marker.
fn may_join(before: &TextLine, line: &TextLine) -> bool {
    let markers = match line.marker {
        Marker::None => matches!(before.marker, Marker::None | Marker::Item),
        marker => marker == Marker::Quote && before.marker == marker,
    };
    markers && !line.after_blank
}

/// Widths of the lines, in characters.
struct LineWidths {
    widths: Vec<usize>,
    widest: usize,
}

impl LineWidths {
    fn of(text: &str, lines: &[TextLine]) -> Self {
        let widths: Vec<_> = lines.iter().map(|line| text[line.span.clone()].chars().count()).collect();
        let widest = widths.iter().copied().max().unwrap_or(0);
        Self { widths, widest }
    }

    /// Most lines inside paragraphs are nearly as wide as the widest and end in mid-sentence.
    fn is_wrapped(&self, text: &str, lines: &[TextLine]) -> bool {
        if !(NARROWEST..=WIDEST).contains(&self.widest) {
            return false;
        }
        let inner = || (1..lines.len()).filter(|&index| may_join(&lines[index - 1], &lines[index]));
        let count = inner().count();
        let full = inner().filter(|&index| self.is_full(text, lines, index)).count();
        let open = inner().filter(|&index| !ends_sentence(text, &lines[index - 1])).count();
        // Verse begins its lines with capitals and ends them with a phrase.
        let prose = || {
            let certain = inner().filter(|&index| Self::continues(text, lines, index)).count();
            certain * 10 >= count * 4
        };
        count >= FEWEST
            && full * 10 >= count * 7
            && open * 10 >= count * 6
            && (self.widest >= NARROW || prose())
    }

    /// The end of the paragraph that begins with the line `start` if that is wrapped though the text as a whole does not
    /// show it: each line but the last is long and full, a third of them can be nothing but continued, and a sentence ends it.
    fn wrapped_paragraph(&self, text: &str, lines: &[TextLine], start: usize) -> Option<usize> {
        if self.widest > WIDEST {
            return None;
        }
        let mut certain = 0;
        let mut end = start + 1;
        while end < lines.len() && may_join(&lines[end - 1], &lines[end]) {
            let full = self.widths[end - 1] + 1 + first_word(text, &lines[end]) > self.widest;
            if self.widths[end - 1] < FULL_LINE || !full {
                return None;
            }
            certain += usize::from(Self::continues(text, lines, end));
            end += 1;
        }
        let wrapped = certain > 0 && certain * 3 >= end - start - 1 && ends_sentence(text, &lines[end - 1]);
        wrapped.then_some(end)
    }

    /// Whether the line can be nothing but the continuation of the one before.
    fn continues(text: &str, lines: &[TextLine], index: usize) -> bool {
        let before = &lines[index - 1];
        opens_phrase(text, before) || (ends_open(text, before) && starts_small(text, &lines[index]))
    }

    /// Whether the line before `index` was full: its next word would have come near the widest line.
    fn is_full(&self, text: &str, lines: &[TextLine], index: usize) -> bool {
        let slack = self.widest / 8;
        self.widths[index - 1] + 1 + first_word(text, &lines[index]) + slack > self.widest
    }

    /// In wrapped text a line goes on unless it was cut short deliberately.
    fn goes_on(&self, text: &str, lines: &[TextLine], index: usize) -> bool {
        let half = self.widths[index - 1] * 2 >= self.widest && !ends_sentence(text, &lines[index - 1]);
        half || self.is_full(text, lines, index) || starts_small(text, &lines[index])
    }

    /// In other text only two lines are joined of which the second can be nothing but a continuation, and
    /// only if no line is wider than a wrapping program makes it.
    fn pair(&self, text: &str, lines: &[TextLine], index: usize) -> bool {
        let before = &lines[index - 1];
        if self.widest > WIDEST || !ends_open(text, before) {
            return false;
        }
        if starts_small(text, &lines[index]) {
            return self.widths[index - 1] * 2 > FULL_LINE;
        }
        let full = self.widths[index - 1] + 1 + first_word(text, &lines[index]) > self.widest;
        if full && self.widths[index - 1] >= FULL_LINE && opens_phrase(text, before) {
            return true;
        }
        let alike = self.widths[index - 1] >= FULL_LINE && self.widths[index] >= FULL_LINE;
        full && alike && ends_in_phrase(text, before) && ends_sentence(text, &lines[index])
    }
}

/// Whether the line ends in a word after which its phrase goes on: an article, a preposition, a conjunction.
fn opens_phrase(text: &str, line: &TextLine) -> bool {
    let last = text[line.span.clone()].rsplit(char::is_whitespace).next().unwrap_or_default();
    LISTS.opens_phrase(last)
}

/// Whether the line ends inside a phrase, where no heading ends: at a comma or an attribute in `-e`.
fn ends_in_phrase(text: &str, line: &TextLine) -> bool {
    let last = text[line.span.clone()].rsplit(char::is_whitespace).next().unwrap_or_default();
    last.starts_with(char::is_lowercase) && last.ends_with(['e', ','])
}

fn first_word(text: &str, line: &TextLine) -> usize {
    text[line.span.clone()].split(char::is_whitespace).next().map_or(0, |word| word.chars().count())
}

fn starts_small(text: &str, line: &TextLine) -> bool {
    text[line.span.clone()].starts_with(char::is_lowercase)
}

fn ends_open(text: &str, line: &TextLine) -> bool {
    text[line.span.clone()].ends_with(|c: char| c.is_lowercase() || matches!(c, ',' | '-' | '\u{ad}'))
}

fn ends_sentence(text: &str, line: &TextLine) -> bool {
    matches!(last_inside(&text[line.span.clone()]), Some('.' | '!' | '?' | ':' | '…'))
}
