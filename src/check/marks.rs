//! Marks that a translation keeps: the end of a sentence, brackets, addresses.

use std::sync::LazyLock;

use super::pair::Pair;
use crate::english::{SentenceEnd, is_abbreviated};
use crate::model::{Finding, FindingKind, Severity};
use crate::tables::{Kinds, TableError, must};

/// Last labels of addresses: `data/marks.tsv`.
static DOMAINS: LazyLock<Vec<&'static str>> = LazyLock::new(|| must(domains()));

fn domains() -> Result<Vec<&'static str>, TableError> {
    Kinds::read("check/data/marks.tsv", include_str!("data/marks.tsv"), &["domain"])?.values("domain")
}

fn warning(kind: FindingKind, message: impl Into<String>) -> Finding {
    Finding::new(kind, Severity::Warning, message)
}

/// Reports a sentence that lost its end mark, a heading that got one, and questions that are none any more.
pub(super) fn ends(pair: Pair<'_>) -> Vec<Finding> {
    let (german, english) = (pair.source.text(), pair.target.text());
    let is_short = |text: &str| is_abbreviated(text);
    let message = match (SentenceEnd::of(german), SentenceEnd::of(english)) {
        // Many translators do that to headings.
        (SentenceEnd::None, SentenceEnd::Stop)
            if !is_short(english) && !english.trim_end().ends_with(['!', '…']) =>
        {
            let message = "the English ends with a full stop, the German does not";
            return vec![Finding::new(FindingKind::EndMark, Severity::Info, message)];
        }
        (SentenceEnd::Stop, SentenceEnd::None) if !is_short(german) => {
            "the mark at the end of the sentence is missing in the English"
        }
        (SentenceEnd::Question, SentenceEnd::Stop | SentenceEnd::None) => {
            "the question mark is missing in the English"
        }
        (SentenceEnd::Stop, SentenceEnd::Question) => "the English is a question, the German is none",
        _ => return Vec::new(),
    };
    vec![warning(FindingKind::EndMark, message)]
}

/// Reports brackets that were dropped, or that are not closed where the German closes them.
pub(super) fn brackets(pair: Pair<'_>) -> Vec<Finding> {
    let count = |text: &str, marks: [char; 2]| marks.map(|mark| text.matches(mark).count());
    for marks in [['(', ')'], ['[', ']'], ['{', '}']] {
        let ([opened, closed], [in_english, closed_in_english]) =
            (count(pair.source.text(), marks), count(pair.target.text(), marks));
        // Of an enumeration, `a)`, or of a bracket over several segments.
        if opened != closed {
            continue;
        }
        let [open, close] = marks;
        let message = if in_english != closed_in_english {
            format!("a bracket {open} or {close} has no counterpart in the English")
        } else if in_english < opened && marks[0] != '[' {
            format!("brackets {open}{close} of the German are missing in the English")
        } else {
            continue;
        };
        return vec![warning(FindingKind::Brackets, message)];
    }
    Vec::new()
}

/// The addresses of a text: of the web, of mail, names and tags of networks.
fn links(text: &str) -> Vec<&str> {
    /// Every address has one of these.
    const MARKS: [char; 4] = ['@', '#', '.', ':'];
    if !text.contains(MARKS) {
        return Vec::new();
    }
    let is_around = |c: char| !c.is_alphanumeric() && !matches!(c, '/' | '@' | '#' | '_' | '=' | '%');
    let pieces =
        text.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '„' | '“' | '”' | '»' | '«'));
    let pieces = pieces.map(|piece| piece.trim_matches(is_around));
    pieces.filter(|piece| piece.contains(MARKS) && is_link(piece)).collect()
}

fn is_link(piece: &str) -> bool {
    let lower = piece.to_lowercase();
    if lower.contains("://") || lower.starts_with("www.") {
        return true;
    }
    if let Some(name) = piece.strip_prefix(['@', '#']) {
        return name.chars().count() > 1
            && name.starts_with(char::is_alphabetic)
            && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    }
    let host = lower.rsplit('@').next().unwrap_or_default();
    let host = host.split(['/', '?', ':']).next().unwrap_or_default();
    let mut labels = host.rsplit('.');
    let is_domain = labels.next().is_some_and(|top| DOMAINS.contains(&top));
    let names: Vec<&str> = labels.collect();
    let is_name = |label: &&str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    is_domain
        && !names.is_empty()
        && names.iter().all(is_name)
        && (piece.contains('@') || names.last().is_some_and(|name| name.len() > 2))
        && piece.split('@').count() <= 2
}

/// Reports addresses that do not stand in the English as they stand in the German.
pub(super) fn addresses(pair: Pair<'_>) -> Vec<Finding> {
    let (german, english) = (links(pair.source.text()), links(pair.target.text()));
    let lacks = |all: &[&str], link: &&&str| !all.iter().any(|other| other.eq_ignore_ascii_case(link));
    let place = |text: &str, link: &str| text.find(link).map(|at| at..at + link.len());
    let missing: Vec<&&str> = german.iter().filter(|link| lacks(&english, link)).collect();
    let mut added = english.iter().filter(|link| lacks(&german, link));
    let finding = |missing: &&&str| {
        let other = added.next();
        let message = match other {
            Some(other) => format!("“{missing}” reads “{other}” in the English"),
            None => format!("“{missing}” is missing in the English"),
        };
        Finding {
            source: place(pair.source.text(), missing),
            target: other.and_then(|other| place(pair.target.text(), other)),
            should: Some((**missing).to_owned()),
            ..warning(FindingKind::Links, message)
        }
    };
    missing.iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::looked;
    use super::*;

    fn says(check: fn(Pair<'_>) -> Vec<Finding>, source: &str, target: &str) -> bool {
        !looked(source, target, &[], check).is_empty()
    }

    #[test]
    fn the_tables_can_be_read() {
        assert_eq!(domains().err(), None);
    }

    #[test]
    fn sentences_and_headings_end_as_the_german_does() {
        for (source, target) in [
            ("Der Hafen ist leer.", "The port is empty."),
            ("Der Hafen ist leer!", "The port is empty."),
            ("„Der Hafen ist leer.“", "“The port is empty.”"),
            ("Werft in den USA", "Shipyard in the U.S."),
            ("Beginn um 15 Uhr", "Starts at 3 p.m."),
            ("Taue, Netze usw.", "Ropes, nets and so on"),
            ("Am 3.", "On the 3rd"),
        ] {
            assert!(!says(ends, source, target), "{target}");
        }
        for (source, target) in [
            ("Der Hafen ist leer.", "The port is empty"),
            ("Hafen leer", "Port empty."),
            ("Ist der Hafen leer?", "The port is empty."),
            ("Der Hafen ist leer.", "The port is empty?"),
        ] {
            assert!(says(ends, source, target), "{target}");
        }
    }

    #[test]
    fn brackets_stay_and_are_closed() {
        let german = "Die Werft (Bremen) schließt.";
        assert!(!says(brackets, german, "The shipyard (Bremen) is closing."));
        assert!(says(brackets, german, "The Bremen shipyard is closing."));
        assert!(says(brackets, german, "The shipyard (Bremen is closing."));
        assert!(!says(brackets, "a) Die Werft", "a) The shipyard"));
    }

    #[test]
    fn addresses_stay_as_they_are() {
        for (address, is_one) in [
            ("https://hafen.example/a?b=c", true),
            ("www.hafen.example", true),
            ("hafen.de", true),
            ("Meister@Hafen.de", true),
            ("#Hafenfest", true),
            ("@hafenmeister", true),
            ("z.B.", false),
            ("3.10.2024", false),
            ("#1", false),
            ("Ende.Der", false),
        ] {
            let source = format!("Näheres unter {address}.");
            assert!(!says(addresses, &source, &format!("More at {address}.")), "{address}");
            assert_eq!(says(addresses, &source, "More there."), is_one, "{address}");
        }
        let found = looked("Siehe hafen.de.", "See port.com.", &[], addresses);
        assert_eq!(found[0].message, "“hafen.de” reads “port.com” in the English");
        assert_eq!(found[0].should.as_deref(), Some("hafen.de"));
    }
}
