//! Findings as they are shown on a terminal.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use console::measure_text_width;

use super::clean;
use super::columns;
use crate::model::{ArticleId, SegmentFinding, Severity};

/// Columns where there is no terminal: narrow enough for a half of one.
const COLUMNS: usize = 60;

/// What all lines of a finding but the first begin with.
const INDENT: &str = "    ";

/// The worst findings of a run, and how many there are in all. It keeps no more than it shows, whatever the size of the
/// corpus, and the same ones in whatever order articles are finished.
#[derive(Debug)]
pub struct WorstFindings {
    least: Severity,
    shown: usize,
    /// By severity, article, segment, and place among those of the segment.
    kept: BTreeMap<(Reverse<Severity>, ArticleId, usize, usize), SegmentFinding>,
    seen: u64,
}

impl WorstFindings {
    /// Shows as many findings of at least this severity.
    #[must_use]
    pub fn new(least: Severity, shown: usize) -> Self {
        Self { least, shown, kept: BTreeMap::new(), seen: 0 }
    }

    /// Adds what was found in an article.
    pub fn add(&mut self, article: &ArticleId, findings: Vec<SegmentFinding>) {
        let told = findings.into_iter().filter(|found| found.finding.severity >= self.least);
        for (index, found) in told.enumerate() {
            self.seen += 1;
            let key = (Reverse(found.finding.severity), article.clone(), found.segment, index);
            self.kept.insert(key, found);
            if self.kept.len() > self.shown {
                self.kept.pop_last();
            }
        }
    }

    /// The lines of those that are shown, errors first, then by article and segment.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let lines = self.kept.iter().flat_map(|((_, article, ..), found)| finding_lines(article, found));
        lines.collect()
    }

    /// How many are not shown.
    #[must_use]
    pub fn more(&self) -> u64 {
        self.seen - self.kept.len() as u64
    }
}

/// The finding: where and how bad, what was found, and the German and the English sentence with the place in brackets,
/// shortened around it so that each takes a line.
#[must_use]
pub fn finding_lines(article: &ArticleId, found: &SegmentFinding) -> Vec<String> {
    placed_lines(&format!("{article}, segment {}", found.segment), found)
}

/// The same at a place that is named otherwise.
#[must_use]
pub fn placed_lines(place: &str, found: &SegmentFinding) -> Vec<String> {
    lines(place, found, columns().unwrap_or(COLUMNS))
}

fn lines(at: &str, found: &SegmentFinding, columns: usize) -> Vec<String> {
    let SegmentFinding { finding, source, target, .. } = found;
    // The last column stays free: some terminals break a line that fills it.
    let room = columns.saturating_sub(INDENT.len() + 1);
    let mut lines = vec![format!("{}: {at}", finding.severity.as_str())];
    lines.extend(wrapped(&clean(&finding.message), room).into_iter().map(|line| format!("{INDENT}{line}")));
    let room = room.saturating_sub("de: ".len());
    let place = finding.source.clone();
    lines.push(format!("{INDENT}de: {}", excerpt(source, &Spot::of(place.clone()), room)));
    if let Some(target) = target {
        // Where the place in the English is not known, the same share of the sentence comes near it.
        let near = place.map_or(0, |place| place.start * target.len() / source.len().max(1));
        let spot = match finding.target.clone() {
            None => Spot::Near(target.floor_char_boundary(near)),
            place => Spot::of(place),
        };
        lines.push(format!("{INDENT}en: {}", excerpt(target, &spot, room)));
    }
    lines
}

/// A text in lines, broken between words. A command at its end stays whole, so that it can be copied.
fn wrapped(text: &str, room: usize) -> Vec<String> {
    let command = text.find(": wortlaut ").map_or(text.len(), |at| at + ": ".len());
    let (text, command) = text.split_at(command);
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace().chain((!command.is_empty()).then_some(command)) {
        match lines.last_mut() {
            Some(line) if measure_text_width(line) + 1 + measure_text_width(word) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// What an excerpt of a text is to show.
#[derive(Debug, Clone)]
enum Spot {
    /// This place, in brackets.
    Marked(Range<usize>),
    /// What stands around a byte.
    Near(usize),
}

impl Spot {
    fn of(place: Option<Range<usize>>) -> Self {
        place.filter(|place| !place.is_empty()).map_or(Self::Near(0), Self::Marked)
    }
}

/// A piece of a text around a place, cut between words, that takes at most `room` columns.
fn excerpt(text: &str, spot: &Spot, room: usize) -> String {
    let characters: Vec<ShownCharacter> = text.chars().map(ShownCharacter::of).collect();
    let width = |of: Range<usize>| characters[of].iter().map(|shown| shown.width).sum::<usize>();
    let at = |byte: usize| text.get(..byte).map_or(0, |before| before.chars().count());
    let (place, open, close) = match spot {
        Spot::Marked(place) => (at(place.start)..at(place.end), "[", "]"),
        Spot::Near(byte) => (at(*byte)..at(*byte), "", ""),
    };
    // Each mark and each ellipsis takes a column.
    let room = room.saturating_sub(open.len() + close.len());
    let span = if width(0..characters.len()) <= room {
        0..characters.len()
    } else {
        widest(&characters, &place, room.saturating_sub(2))
    };
    let shown = |of: Range<usize>| characters[of].iter().map(|shown| shown.character).collect::<String>();
    let before = if span.start > 0 { "…" } else { "" };
    let behind = if span.end < characters.len() { "…" } else { "" };
    let end = place.end.min(span.end);
    format!(
        "{before}{}{open}{}{close}{}{behind}",
        shown(span.start..place.start),
        shown(place.start..end),
        shown(end..span.end)
    )
}

/// The widest stretch around a place that the room has space for.
fn widest(characters: &[ShownCharacter], place: &Range<usize>, room: usize) -> Range<usize> {
    let (mut start, mut end, mut left) = (place.start, place.start, room);
    let mut fits = |index: Option<usize>| {
        let width = index.and_then(|index| characters.get(index)).map(|shown| shown.width);
        let rest = width.and_then(|width| left.checked_sub(width));
        left = rest.unwrap_or(left);
        rest.is_some()
    };
    while end < place.end && fits(Some(end)) {
        end += 1;
    }
    loop {
        let is_before = fits(start.checked_sub(1));
        start -= usize::from(is_before);
        let is_behind = end >= place.end && fits(Some(end));
        end += usize::from(is_behind);
        if !is_before && !is_behind {
            break;
        }
    }
    let is_blank = |at: &usize| characters[*at].character == ' ';
    // A word that is cut is left out, unless it is the one that is to be seen.
    if start > 0 {
        start = (start - 1..place.start).find(is_blank).map_or(start, |blank| blank + 1);
    }
    if end < characters.len() {
        end = (place.end.max(start)..=end).rev().find(is_blank).unwrap_or(end);
    }
    start..end
}

/// A character as a line shows it.
struct ShownCharacter {
    character: char,
    width: usize,
}

impl ShownCharacter {
    fn of(c: char) -> Self {
        let character = if c.is_whitespace() { ' ' } else { clean::shown(c) };
        Self { character, width: measure_text_width(character.encode_utf8(&mut [0; 4])) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Finding, FindingKind, Severity};

    fn found(
        source: &str,
        target: Option<&str>,
        place: Option<(Range<usize>, Range<usize>)>,
    ) -> SegmentFinding {
        let (german, english) = place.unzip();
        SegmentFinding {
            segment: 3,
            finding: Finding {
                kind: FindingKind::TermNotHeld,
                severity: Severity::Error,
                message: "“Fähre” should read “ferry”".to_owned(),
                source: german,
                target: english,
                should: Some("ferry".to_owned()),
            },
            source: source.to_owned(),
            target: target.map(str::to_owned),
        }
    }

    #[test]
    fn the_sentence_is_shown_around_the_place() {
        let source = "Am Morgen fuhr die Fähre, auf die alle gewartet hatten, endlich aus dem kleinen Hafen.";
        let target =
            "In the morning the steamer that everyone had been waiting for left the small harbour at last.";
        let german = source.find("Fähre").expect("stands there");
        let english = target.find("steamer").expect("stands there");
        let found = found(source, Some(target), Some((german..german + 6, english..english + 7)));
        assert_eq!(
            lines("a.txt, segment 3", &found, 49),
            [
                "error: a.txt, segment 3",
                "    “Fähre” should read “ferry”",
                "    de: …Morgen fuhr die [Fähre], auf die alle…",
                "    en: …morning the [steamer] that everyone…",
            ]
        );
        let whole = [source.replace("Fähre", "[Fähre]"), target.replace("steamer", "[steamer]")];
        assert_eq!(
            lines("a.txt, segment 3", &found, 200)[2..],
            [format!("    de: {}", whole[0]), format!("    en: {}", whole[1])]
        );
    }

    #[test]
    fn a_segment_without_english_shows_its_german() {
        let shown = lines("a.txt, segment 3", &found("Die\nFähre.", None, None), 80);
        assert_eq!(shown[2..], ["    de: Die Fähre."]);
    }

    #[test]
    fn a_message_is_broken_between_words_and_a_command_is_not() {
        let message =
            "no usable answer: the answer breaks off; to ask again: wortlaut translate --again 'a b#3'";
        assert_eq!(
            wrapped(message, 30),
            [
                "no usable answer: the answer",
                "breaks off; to ask again:",
                "wortlaut translate --again 'a b#3'"
            ]
        );
    }

    #[test]
    fn the_worst_are_kept_in_the_same_order_whatever_is_finished_first() {
        let of = |segment, severity| {
            let mut found = found("Die Fähre.", Some("The ferry."), None);
            (found.segment, found.finding.severity) = (segment, severity);
            found
        };
        let [a, b, c] = ["a", "b", "c"].map(ArticleId::new);
        let all = [
            (&c, vec![of(2, Severity::Error), of(3, Severity::Info)]),
            (&a, vec![of(1, Severity::Warning), of(9, Severity::Error)]),
            (&b, vec![of(4, Severity::Warning), of(5, Severity::Warning)]),
        ];
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
            let mut worst = WorstFindings::new(Severity::Warning, 3);
            for (article, findings) in order.map(|index| all[index].clone()) {
                worst.add(article, findings);
            }
            let heads: Vec<_> = worst.lines().into_iter().filter(|line| !line.starts_with(INDENT)).collect();
            assert_eq!(heads, ["error: a, segment 9", "error: c, segment 2", "warning: a, segment 1"]);
            assert_eq!(worst.more(), 2);
        }
    }

    proptest! {
        #[test]
        fn an_excerpt_fits_and_shows_what_it_is_about(
            before in "([a-zäß港\u{1b}]{1,9} ){0,20}",
            word in "[a-zäöü]{1,12}",
            after in "( [a-zäß港]{1,9}){0,20}",
            room in 18_usize..90,
            marked in any::<bool>(),
        ) {
            let text = format!("{before}{word}{after}");
            let place = before.len()..before.len() + word.len();
            let spot = if marked { Spot::Marked(place) } else { Spot::Near(before.len()) };
            let shown = excerpt(&text, &spot, room);
            prop_assert!(measure_text_width(&shown) <= room, "{shown}");
            prop_assert_eq!(shown.find('\u{1b}'), None);
            prop_assert!(!marked || shown.contains(&format!("[{word}]")), "{shown}");
        }

        #[test]
        fn no_place_of_any_text_breaks_an_excerpt(
            text in any::<String>(),
            from in 0_usize..40,
            length in 0_usize..40,
            room in 0_usize..30,
        ) {
            let from = text.floor_char_boundary(from);
            let to = text.floor_char_boundary(from + length).max(from);
            let shown = excerpt(&text, &Spot::of(Some(from..to)), room);
            // The marks alone take four columns.
            prop_assert!(measure_text_width(&shown) <= room.max(4), "{shown:?}");
            prop_assert_eq!(clean(&shown), shown.as_str());
        }
    }
}
