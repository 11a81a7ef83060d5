//! Taking out of an answer what is not its English.
//!
//! A service may send anything: escape sequences for a terminal, characters that turn the text around, line breaks
//! inside a sentence, HTML entities, remarks of a language model. [`tidy`] mends what can be mended without a doubt,
//! says so, and leaves the rest to those who judge.

use std::collections::HashSet;
use std::ops::Range;

use quick_xml::escape::resolve_html5_entity;

use super::chatter::{remark, unlabelled};
use super::ending::added_stop;
use super::torn::torn;
use crate::model::{Cut, SpanPairs, Translation};
use crate::text::characters::{breaks_line, is_control, is_invisible};

/// Of more remarks in one answer the rest stays: looking for each takes as long as the answer is.
const REMARKS: usize = 4;

/// An entity with a longer name is none.
const LONGEST_NAME: usize = 32;

/// A stretch of a text, and what stands in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Edit {
    span: Range<usize>,
    by: String,
}

/// Finds what one kind of mending changes in an answer: the German first, then the answer.
type Mending = fn(&str, &str) -> Vec<Edit>;

/// The answer to a German text without what is not its English, each kind of it noted in [`Translation::cuts`].
///
/// What the German has itself stays. The order counts: entities may stand for any of the characters that go after
/// them, and remarks are looked for in the text as it will stand.
#[must_use]
pub fn tidy(german: &str, answer: Translation) -> Translation {
    let steps: [(Cut, Mending); 8] = [
        (Cut::Entities, entities),
        (Cut::Controls, controls),
        (Cut::Invisible, invisible),
        (Cut::Chatter, label),
        (Cut::Breaks, breaks),
        (Cut::Chatter, remarks),
        (Cut::Torn, numbers),
        (Cut::Stop, stop),
    ];
    let ends = ends(&answer.text);
    let mut answer = edited(answer, &ends);
    for (cut, step) in steps {
        let edits = step(german, &answer.text);
        if !edits.is_empty() && !answer.cuts.contains(&cut) {
            answer.cuts.push(cut);
        }
        answer = edited(answer, &edits);
    }
    answer
}

/// The white space around a text, which is nobody's business.
fn ends(text: &str) -> Vec<Edit> {
    let inner = text.trim_ascii();
    let start = text.len() - text.trim_ascii_start().len();
    [0..start, start + inner.len()..text.len()]
        .into_iter()
        .filter(|span| !span.is_empty())
        .map(taken_out)
        .collect()
}

fn taken_out(span: Range<usize>) -> Edit {
    Edit { span, by: String::new() }
}

/// HTML entities, where the German has none.
fn entities(german: &str, text: &str) -> Vec<Edit> {
    let found = |text: &str| -> Vec<Edit> {
        let places = memchr::memchr_iter(b'&', text.as_bytes());
        places.filter_map(|at| entity(text, at)).collect()
    };
    if found(german).is_empty() { found(text) } else { Vec::new() }
}

/// The entity that begins at a place, and its character.
fn entity(text: &str, at: usize) -> Option<Edit> {
    let rest = &text[at + 1..];
    let head = &rest.as_bytes()[..rest.len().min(LONGEST_NAME)];
    let name = &rest[..memchr::memchr(b';', head)?];
    let by = match name.strip_prefix('#') {
        None => resolve_html5_entity(name)?.to_owned(),
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(number) => u32::from_str_radix(number, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?.to_string()
        }
    };
    Some(Edit { span: at..at + name.len() + 2, by })
}

/// Escape sequences and characters that drive a terminal or turn text around. Line breaks are left: they stand
/// between words.
fn controls(german: &str, text: &str) -> Vec<Edit> {
    let own: HashSet<char> = german.chars().filter(|c| is_control(*c) && !c.is_control()).collect();
    let mut edits = Vec::new();
    let mut end = 0;
    for (at, c) in text.char_indices() {
        if at < end || breaks_line(c) || !is_control(c) || own.contains(&c) {
            continue;
        }
        end = at + c.len_utf8() + escape(c, &text[at + c.len_utf8()..]);
        edits.push(taken_out(at..end));
    }
    edits
}

/// How many bytes behind an introducer belong to its escape sequence (ECMA-48). Of one that does not end, none: words
/// may follow it.
fn escape(introducer: char, rest: &str) -> usize {
    let (kind, head) = match introducer {
        '\u{1b}' => (rest.chars().next(), 1),
        '\u{9b}' => (Some('['), 0),
        '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => (Some(']'), 0),
        _ => return 0,
    };
    let body = rest.get(head..).unwrap_or_default().as_bytes();
    let length = match kind {
        Some('[') => {
            let parameters = body.iter().take_while(|byte| matches!(byte, 0x20..=0x3f)).count();
            body.get(parameters).filter(|byte| matches!(byte, 0x40..=0x7e)).map(|_| parameters + 1)
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            let ended = ["\u{7}", "\u{1b}\\", "\u{9c}"].iter().filter_map(|end| {
                let at = memchr::memmem::find(body, end.as_bytes())?;
                Some((at, at + end.len()))
            });
            ended.min().map(|(_, end)| end)
        }
        // A character set: one or more intermediate bytes, and a final one.
        Some(' '..='/') => {
            let between = body.iter().take_while(|byte| matches!(byte, 0x20..=0x2f)).count();
            body.get(between).filter(|byte| matches!(byte, 0x30..=0x7e)).map(|_| between + 1)
        }
        _ => None,
    };
    length.map_or(0, |length| head + length)
}

/// Characters that cannot be seen, where the German has none of them.
fn invisible(german: &str, text: &str) -> Vec<Edit> {
    let own: HashSet<char> = german.chars().filter(|c| is_invisible(*c)).collect();
    let places = text.char_indices().filter(|(_, c)| is_invisible(*c) && !own.contains(c));
    places.map(|(at, c)| taken_out(at..at + c.len_utf8())).collect()
}

/// A label before the translation.
fn label(german: &str, text: &str) -> Vec<Edit> {
    let labelled = text.len() - unlabelled(german, text).len();
    (labelled > text.len() - text.trim_start().len()).then(|| taken_out(0..labelled)).into_iter().collect()
}

/// A blank for each stretch of white space with a line break or tab in it.
fn breaks(_: &str, text: &str) -> Vec<Edit> {
    let is_space = |c: char| c == ' ' || breaks_line(c);
    let mut edits: Vec<Edit> = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((start, c)) = rest.next() {
        if !is_space(c) {
            continue;
        }
        let (mut end, mut breaks) = (start + c.len_utf8(), breaks_line(c));
        while let Some((at, c)) = rest.next_if(|(_, c)| is_space(*c)) {
            end = at + c.len_utf8();
            breaks |= breaks_line(c);
        }
        if breaks {
            edits.push(Edit { span: start..end, by: " ".to_owned() });
        }
    }
    edits
}

/// Numbers whose groups were torn apart.
fn numbers(german: &str, text: &str) -> Vec<Edit> {
    torn(german, text).into_iter().map(|(span, by)| Edit { span, by }).collect()
}

/// The full stop of a heading.
fn stop(german: &str, text: &str) -> Vec<Edit> {
    added_stop(german, text).map(|at| taken_out(at..at + 1)).into_iter().collect()
}

/// Remarks in and behind the translation.
fn remarks(german: &str, text: &str) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    let mut from = 0;
    while edits.len() < REMARKS
        && let Some(place) = remark(german, &text[from..])
    {
        edits.push(taken_out(from + place.start..from + place.end));
        from += place.end;
    }
    edits
}

/// An answer with some of its text replaced; its alignment goes along. The edits are in order and do not overlap.
fn edited(answer: Translation, edits: &[Edit]) -> Translation {
    if edits.is_empty() {
        return answer;
    }
    let mut text = String::with_capacity(answer.text.len());
    let mut end = 0;
    // Behind each edit, the place in the old text and in the new.
    let mut places = Vec::with_capacity(edits.len());
    for Edit { span, by } in edits {
        text.push_str(&answer.text[end..span.start]);
        text.push_str(by);
        end = span.end;
        places.push((span.end, text.len()));
    }
    text.push_str(&answer.text[end..]);
    let moved = |at: usize| {
        let edit = edits.partition_point(|edit| edit.span.start < at);
        let Some((old, new)) = edit.checked_sub(1).map(|edit| places[edit]) else { return at };
        new + at.saturating_sub(old)
    };
    let pair = |(from, to): (Range<usize>, Range<usize>)| {
        let was_empty = to.is_empty();
        let to = moved(to.start)..moved(to.end);
        (was_empty || !to.is_empty()).then_some((from, to))
    };
    let alignment = answer
        .alignment
        .map(|known| known.map(|pairs| SpanPairs(pairs.0.iter().cloned().filter_map(pair).collect())));
    Translation { text, alignment, ..answer }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Alignment;

    fn tidied(german: &str, answer: &str) -> (String, Vec<Cut>) {
        let Translation { text, cuts, .. } = tidy(german, Translation::plain(answer));
        (text, cuts)
    }

    #[test]
    fn what_is_not_english_goes_and_is_told() {
        for (answer, cut) in [
            ("It \u{1b}[1;31mrained\u{1b}[0m\u{0} \u{9b}2Jhere.", Cut::Controls),
            ("It rained \u{1b}]8;;http://example.org\u{1b}\\here\u{1b}]8;;\u{7}.", Cut::Controls),
            ("It \u{202e}rained\u{202c} \u{1b}(Bhere\u{8}.", Cut::Controls),
            ("It \u{200b}rai\u{ad}ned he\u{feff}re.", Cut::Invisible),
            ("It rained\r\nhere.\n", Cut::Breaks),
            ("It\trained \u{2028} here.", Cut::Breaks),
            ("It rained&#32;here&period;", Cut::Entities),
            ("Translation: It rained here.", Cut::Chatter),
            ("It rained here. (Note: or poured.)", Cut::Chatter),
            ("It rained (note: or poured) here.", Cut::Chatter),
        ] {
            assert_eq!(
                tidied("Es regnete hier.", answer),
                ("It rained here.".to_owned(), vec![cut]),
                "{answer:?}"
            );
        }
        let all = "Translation:\n&#27;[7mIt&nbsp;rained\u{200b}\there. (Note: &quot;rain&quot;)\r\n";
        let cuts = vec![Cut::Entities, Cut::Controls, Cut::Invisible, Cut::Chatter, Cut::Breaks];
        assert_eq!(tidied("Es regnete hier.", all), ("It\u{a0}rained here.".to_owned(), cuts));
    }

    #[test]
    fn numbers_are_whole_and_told() {
        let expected = ("Some 20,000 came.".to_owned(), vec![Cut::Torn]);
        assert_eq!(tidied("Rund 20.000 kamen.", "Some 20, 000 came."), expected);
    }

    #[test]
    fn a_heading_gets_no_full_stop() {
        let expected = ("New ferry for Amrum".to_owned(), vec![Cut::Stop]);
        assert_eq!(tidied("Neue Fähre für Amrum", "New ferry for Amrum."), expected);
    }

    #[test]
    fn what_the_german_has_itself_stays() {
        for (german, answer) in [
            ("Das Zeichen &amp; steht hier.", "The sign &amp; stands here."),
            ("AT&T; R&D; &kein; 5 & 6", "AT&T; R&D; &kein; 5 & 6"),
            ("\u{2067}שלום\u{2069} – Fa\u{ad}den", "\u{2067}שלום\u{2069} – thre\u{ad}ads"),
            ("Familie 👨\u{200d}👩", "Family 👨\u{200d}👩"),
            ("13\u{a0}000 Mann", "13\u{a0}000 men"),
            ("(Hinweis: leer)", "(Note: empty)"),
        ] {
            assert_eq!(tidied(german, answer), (answer.to_owned(), vec![]));
        }
    }

    #[test]
    fn a_sequence_that_does_not_end_takes_no_word_with_it() {
        assert_eq!(tidied("Ja.", "\u{1b}]0;Yes it is.").0, "]0;Yes it is.");
        assert_eq!(tidied("Ja.", "\u{1b}Yes.").0, "Yes.");
        assert_eq!(tidied("Ja.", "\u{1b}[31;").0, "[31;");
        assert_eq!(tidied("Ja.", "\u{1b}ä\u{1b}").0, "ä");
    }

    #[test]
    fn the_alignment_stays_on_its_words() {
        let text = "&quot;It\r\nrained&quot; \u{1b}[1mhere\u{1b}[0m.";
        let place = |word: &str| text.find(word).map(|at| at..at + word.len()).unwrap();
        let pairs = [(0..2, place("It")), (3..9, place("rained")), (10..14, place("here")), (20..21, 22..25)];
        let answer = Translation {
            alignment: Some(Alignment::Words(SpanPairs(pairs.to_vec()))),
            ..Translation::plain(text)
        };
        let Translation { text, alignment, .. } = tidy("Es regnete hier.", answer);
        assert_eq!(text, "\"It rained\" here.");
        let words: Vec<_> =
            alignment.unwrap().pairs().0.iter().map(|(from, to)| (from.start, &text[to.clone()])).collect();
        assert_eq!(words[..3], [(0, "It"), (3, "rained"), (10, "here")]);
    }

    proptest! {
        #[test]
        fn nothing_that_drives_a_terminal_is_left(
            german in "[A-Za-zä (:.&;]{0,20}",
            answer in "([a-z]{1,4}|[ \t\r\n]|[\u{0}-\u{1f}\u{7f}-\u{9f}]|\u{1b}[\\[\\]P(]|\u{202e}|\u{2067}|\u{200b}|&#[0-9]{1,3};|&[a-z]{2,4};|\\(Note: |[:;.&]){0,20}|.*",
            pair in (0_usize..60, 0_usize..60),
        ) {
            let floor = |at: usize| answer.floor_char_boundary(at.min(answer.len()));
            let span = floor(pair.0.min(pair.1))..floor(pair.0.max(pair.1));
            let translation = Translation { alignment: Some(Alignment::Words(SpanPairs(vec![(0..1, span)]))), ..Translation::plain(&*answer) };
            let Translation { text, alignment, .. } = tidy(&german, translation);
            prop_assert!(!text.contains(|c| is_control(c) || is_invisible(c) || breaks_line(c)), "{:?}", text);
            for (_, to) in alignment.unwrap().pairs().0.clone() {
                prop_assert!(text.get(to).is_some());
            }
        }
    }
}
