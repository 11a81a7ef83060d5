//! The lines of an article and the markers that stand before them.

use std::ops::Range;

use super::pages;
use crate::text::german::LISTS;

/// What a marker before a line makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marker {
    None,
    /// `-`, `•`, `1.`, `a)`.
    Item,
    /// `#`, `##` and so on.
    Heading,
    /// `>`.
    Quote,
}

/// A line that is not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TextLine {
    /// Its text without the marker and the white space around it.
    pub(super) span: Range<usize>,
    pub(super) marker: Marker,
    /// Whether an empty line, or nothing, stands before it.
    pub(super) after_blank: bool,
    /// Whether a page begins with it.
    pub(super) after_page: bool,
}

/// The lines of `text` that are not empty. A number counts as a marker only within a run of numbers.
pub(super) fn lines(text: &str) -> Vec<TextLine> {
    let mut found: Vec<TextLine> = Vec::new();
    let mut numbers: Vec<(usize, u32, usize)> = Vec::new();
    let mut after_blank = true;
    let mut after_page = false;
    for span in raw_lines(text) {
        let line = &text[span.clone()];
        let trimmed = line.trim();
        after_page |= line.starts_with('\u{c}');
        if trimmed.is_empty() {
            after_blank = true;
            continue;
        }
        let start = span.start + (line.len() - line.trim_start().len());
        let (marker, width) = marker(trimmed);
        if let Some((number, width)) = number(trimmed) {
            numbers.push((found.len(), number, width));
        }
        found.push(TextLine { span: start + width..start + trimmed.len(), marker, after_blank, after_page });
        (after_blank, after_page) = (false, line.ends_with('\u{c}'));
    }
    mark_numbers(&mut found, &numbers);
    found
}

/// Spans between line ends; a carriage return before a line feed leaves an empty span that means nothing.
fn raw_lines(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    text.split_inclusive(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}', '\u{c}']).filter_map(move |line| {
        let span = start..start + line.len();
        start = span.end;
        (line != "\n" || span.start == 0 || !text[..span.start].ends_with('\r')).then_some(span)
    })
}

/// The marker at the beginning of a line and the bytes up to the text after it.
fn marker(line: &str) -> (Marker, usize) {
    let first = line.chars().next().unwrap_or(' ');
    let kind = match first {
        '-' | '*' | '•' | '·' | '‣' | '▪' | '◦' | '●' | '–' | '—' | '■' | '►' => {
            Marker::Item
        }
        '#' => Marker::Heading,
        '>' => Marker::Quote,
        _ if is_lettered(line) => return (Marker::Item, 2 + blanks(&line[2..])),
        _ => return (Marker::None, 0),
    };
    let run = match kind {
        Marker::Heading => line.len() - line.trim_start_matches('#').len(),
        _ => first.len_utf8(),
    };
    let rest = &line[run..];
    let glued = matches!(first, '•' | '·' | '‣' | '▪' | '◦' | '●' | '■');
    // `- 3 -` is the number of a page.
    let page = rest.ends_with(first) && pages::is_number_alone(line);
    let separate = !page && (rest.starts_with(char::is_whitespace) || glued);
    if separate && run <= 6 && rest.contains(char::is_alphanumeric) {
        (kind, run + blanks(rest))
    } else {
        (Marker::None, 0)
    }
}

/// `a) text`
fn is_lettered(line: &str) -> bool {
    let bytes = line.as_bytes();
    bytes.len() > 3 && bytes[0].is_ascii_lowercase() && bytes[1] == b')' && bytes[2] == b' '
}

fn blanks(rest: &str) -> usize {
    rest.len() - rest.trim_start().len()
}

/// A number with a stop or bracket before a capital that is no month and no noun ordinals count, and the
/// bytes up to the text.
fn number(line: &str) -> Option<(u32, usize)> {
    let digits = line.bytes().take(4).take_while(u8::is_ascii_digit).count();
    let value = line[..digits].parse().ok().filter(|_| digits < 4)?;
    let rest = line[digits..].strip_prefix(['.', ')'])?;
    let text = rest.trim_start();
    let word = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let opens = rest.starts_with(char::is_whitespace) && !text.starts_with(char::is_lowercase);
    let ordinal = LISTS.is_month(word) || LISTS.is_ordinal_noun(word);
    (opens && !ordinal).then_some((value, line.len() - text.len()))
}

/// Makes list items of lines whose numbers follow one another.
fn mark_numbers(lines: &mut [TextLine], numbers: &[(usize, u32, usize)]) {
    for (index, &(line, number, width)) in numbers.iter().enumerate() {
        let follows = index > 0 && numbers[index - 1].1 + 1 == number;
        let leads = numbers.get(index + 1).is_some_and(|next| next.1 == number + 1);
        if follows || leads {
            lines[line].marker = Marker::Item;
            lines[line].span.start += width;
        }
    }
}
