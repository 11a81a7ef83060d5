//! A finding as it is shown on a terminal.

use std::ops::Range;

use crate::model::ArticleId;
use crate::model::SegmentFinding;

use super::columns;

/// Columns where standard error is no terminal.
const COLUMNS: usize = 80;

/// The finding, and below it the German and the English sentence, shortened around the place so that each takes a line.
#[must_use]
pub fn finding_lines(article: &ArticleId, found: &SegmentFinding) -> Vec<String> {
    lines(article, found, columns().unwrap_or(COLUMNS))
}

fn lines(article: &ArticleId, found: &SegmentFinding, columns: usize) -> Vec<String> {
    const INDENT: &str = "    ";
    let SegmentFinding { segment, finding, source, target } = found;
    let mut lines = vec![format!("{article}, segment {segment}: {}", finding.message)];
    // The last column stays free: some terminals break a line that fills it.
    let room = columns.saturating_sub(INDENT.len() + "de: ".len() + 1);
    let place = finding.source.clone();
    lines.push(format!("{INDENT}de: {}", excerpt(source, place.as_ref(), room)));
    if let Some(target) = target {
        // Where the place in the English is not known, the same share of the sentence comes near it.
        let likely = place.map(|place| {
            let at = target.floor_char_boundary(place.start * target.len() / source.len().max(1));
            at..at
        });
        let place = finding.target.clone().or(likely);
        lines.push(format!("{INDENT}en: {}", excerpt(target, place.as_ref(), room)));
    }
    lines
}

/// A piece of a text around a place, cut between words, of at most `room` characters; the beginning if there is no place.
fn excerpt(text: &str, place: Option<&Range<usize>>, room: usize) -> String {
    let characters: Vec<char> = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    if characters.len() <= room {
        return characters.into_iter().collect();
    }
    let at = |byte: usize| text.get(..byte).map_or(0, |before| before.chars().count());
    let place = place.map_or(0..0, |place| at(place.start)..at(place.end));
    // Two characters are those of the ellipses.
    let room = room.saturating_sub(2);
    let before = room.saturating_sub(place.len()) / 2;
    let start = place.start.saturating_sub(before).min(characters.len() - room);
    let end = start + room;
    let is_blank = |at: &usize| characters[*at] == ' ';
    // A word that is cut is left out, unless it is the one that is to be seen.
    let start = match start {
        0 => 0,
        start => (start - 1..place.start).find(is_blank).map_or(start, |blank| blank + 1),
    };
    let end = match end {
        end if end == characters.len() => end,
        end => (place.end.max(start)..=end).rev().find(is_blank).unwrap_or(end),
    };
    let (open, close) = (if start > 0 { "…" } else { "" }, if end < characters.len() { "…" } else { "" });
    format!("{open}{}{close}", characters[start..end].iter().collect::<String>())
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
        let article = ArticleId::new("a.txt");
        assert_eq!(
            lines(&article, &found, 49),
            [
                "a.txt, segment 3: “Fähre” should read “ferry”",
                "    de: …Morgen fuhr die Fähre, auf die alle…",
                "    en: …morning the steamer that everyone…",
            ]
        );
        assert_eq!(
            lines(&article, &found, 200)[1..],
            [format!("    de: {source}"), format!("    en: {target}")]
        );
    }

    #[test]
    fn a_segment_without_english_shows_its_german() {
        let shown = lines(&ArticleId::new("a.txt"), &found("Die\nFähre.", None, None), 80);
        assert_eq!(shown[1..], ["    de: Die Fähre."]);
    }

    proptest! {
        #[test]
        fn an_excerpt_fits_and_shows_what_it_is_about(
            before in "([a-zäß]{1,9} ){0,20}",
            word in "[a-zäöü]{1,12}",
            after in "( [a-zäß]{1,9}){0,20}",
            room in 16_usize..90,
        ) {
            let text = format!("{before}{word}{after}");
            let shown = excerpt(&text, Some(&(before.len()..before.len() + word.len())), room);
            prop_assert!(shown.chars().count() <= room, "{shown}");
            prop_assert!(shown.contains(&word), "{shown}");
        }
    }
}
