//! Checks that look at the shape of a translation: empty, left in German, too long or short, repetitive.

use super::judge::{is_german, is_left_german};
use super::overlap::overlap;
use super::pair::Pair;
use super::repeats::most_repeats;
use crate::english::Word;
use crate::model::{Finding, FindingKind, Severity};

fn finding(kind: FindingKind, severity: Severity, message: impl Into<String>) -> Vec<Finding> {
    vec![Finding::new(kind, severity, message)]
}

/// Reports a translation without any text.
pub(super) fn empty(pair: Pair<'_>) -> Vec<Finding> {
    if pair.target.text().trim().is_empty() && !pair.source.text().trim().is_empty() {
        return finding(FindingKind::Empty, Severity::Error, "the English is empty");
    }
    Vec::new()
}

/// Reports a translation that is the German text, or in good part German.
///
/// Names and titles may stay as they are, so what counts is frequent German words that are none in English.
pub(super) fn untranslated(pair: Pair<'_>) -> Vec<Finding> {
    /// German words that a translation may quote.
    const QUOTED: usize = 2;
    /// One word in this many is a frequent one in any German sentence.
    const SHARE: usize = 5;
    /// From this number on, equal words are not a name that was kept but a sentence that was not translated.
    const LONG: usize = 7;
    let (source, target) = (pair.source.words(), pair.target.words());
    let german = target.iter().filter(|w| is_german(&w.folded)).count();
    let equal = source.len() > 1 && source.iter().map(|w| &w.folded).eq(target.iter().map(|w| &w.folded));
    if equal && (german > 0 || source.len() >= LONG) {
        return finding(FindingKind::Untranslated, Severity::Error, "the English is the German text");
    }
    if german > QUOTED && german * SHARE >= target.len() || is_german_but_for_terms(pair) {
        return finding(FindingKind::Untranslated, Severity::Warning, "the English is in good part German");
    }
    Vec::new()
}

/// Whether what is left is German when the terms are taken out on both sides: few words, a mark before them, or a sentence in
/// which nothing but its terms was put into English.
fn is_german_but_for_terms(pair: Pair<'_>) -> bool {
    let held = || pair.outcomes.iter().filter_map(|o| Some((&o.term.span, o.held.as_ref()?)));
    let source = pair.source.words().iter().filter(|w| !held().any(|(term, _)| overlap(term, &w.span)));
    let target = pair.target.words().iter().filter(|w| !held().any(|(_, place)| overlap(place, &w.span)));
    let (source, target): (Vec<&Word>, Vec<&Word>) = (source.collect(), target.collect());
    is_left_german(&source, pair.target.text(), &target)
}

/// Reports a translation that is much longer or shorter than its source.
pub(super) fn length(pair: Pair<'_>) -> Vec<Finding> {
    /// Characters that a short heading may differ by without anything being wrong.
    const SLACK: usize = 30;
    /// From this length on, in characters, a sentence and its translation are of like length.
    const LONG: usize = 60;
    const VERY_LONG: usize = 100;
    let (source, target) = (pair.source.text().chars().count(), pair.target.text().chars().count());
    if target == 0 {
        return Vec::new();
    }
    // Of 6,700 translations by services and people of sentences that are longer than that, two in a thousand leave these bounds.
    let is_long = source >= LONG;
    let long = target > source * 17 / 10 + SLACK || is_long && target * 100 > source * 148;
    // A sentence of one line is soon said in fewer words.
    let least = if source < VERY_LONG { 56 } else { 62 };
    let short = target * 2 + SLACK < source || is_long && target * 100 < source * least;
    if !long && !short {
        return Vec::new();
    }
    let message = format!("{target} characters for {source} of the German");
    finding(FindingKind::Length, Severity::Warning, message)
}

/// Reports words that follow one another over and over, unless they do so in the German.
pub(super) fn repetition(pair: Pair<'_>) -> Vec<Finding> {
    let (source, target) = (pair.source.words(), pair.target.words());
    // What the German says three times in one word may take two in the English.
    let own = || (1..=LONGEST_LOOP).map(|length| most_repeats(source, length).0).max().unwrap_or_default();
    for length in 1..=LONGEST_LOOP {
        let (times, at) = most_repeats(target, length);
        if times >= least_repeats(length) && times > own() {
            let span = target[at].span.start..target[at + length - 1].span.end;
            let message = format!("“{}” stands {times} times in a row", &pair.target.text()[span.clone()]);
            let finding = Finding::new(FindingKind::Repetition, Severity::Warning, message);
            return vec![Finding { target: Some(span), ..finding }];
        }
    }
    doubled(pair)
}

/// Words that may well stand twice.
const TWICE: [&str; 12] = ["that", "had", "is", "very", "no", "ha", "bye", "so", "who", "in", "on", "long"];

/// A word that stands twice side by side: `the the`.
fn doubled(pair: Pair<'_>) -> Vec<Finding> {
    let (source, target) = (pair.source.words(), pair.target.words());
    let text = pair.target.text();
    let twice = target.windows(2).find(|two| {
        let (first, second) = (&two[0], &two[1]);
        first.folded == second.folded
            && text[first.span.end..second.span.start].chars().all(char::is_whitespace)
            && text[second.span.clone()].starts_with(char::is_lowercase)
            && !TWICE.contains(&first.folded.as_str())
            // `the seven-time time trial`
            && !text[..first.span.start].ends_with('-')
    });
    let is_so_in_german = || source.windows(2).any(|two| two[0].folded == two[1].folded);
    match twice {
        Some(two) if !is_so_in_german() => {
            let span = two[0].span.start..two[1].span.end;
            let should = Some(text[two[0].span.clone()].to_owned());
            let message = format!("“{}” stands twice", &text[two[1].span.clone()]);
            let finding = Finding::new(FindingKind::Repetition, Severity::Warning, message);
            vec![Finding { target: Some(span), should, ..finding }]
        }
        _ => Vec::new(),
    }
}

/// Words of the longest loop that is looked for.
const LONGEST_LOOP: usize = 12;

/// How often words must stand in a row to be a loop: single words more often than phrases.
fn least_repeats(length: usize) -> usize {
    if length == 1 { 4 } else { 3 }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{looked, term};
    use super::*;

    fn says(check: fn(Pair<'_>) -> Vec<Finding>, source: &str, target: &str) -> bool {
        !looked(source, target, &[], check).is_empty()
    }

    #[test]
    fn german_left_standing_is_told_from_names() {
        assert!(says(untranslated, "Der Hund bellt nicht.", "Der Hund bellt nicht."));
        assert!(says(untranslated, "Der Hund bellt.", "The news: und der Hund ist nicht hier."));
        assert!(says(untranslated, "Werft entlässt Schlosser", "EN Werft entlässt Schlosser"));
        assert!(says(untranslated, "Danach blieb es dunkel.", "[en] Danach blieb es dunkel."));
        assert!(!says(untranslated, "Royal Opera House London", "Royal Opera House London"));
        assert!(!says(untranslated, "Er las „Der Zauberberg“.", "He read “Der Zauberberg”."));
    }

    #[test]
    fn a_sentence_of_which_only_the_terms_are_english_is_german() {
        let source = "Lotte Berg besuchte die Werft Nordsund.";
        let terms = [term("Werft Nordsund", "Nordsund Shipyard", 24)];
        let found = |target| looked(source, target, &terms, untranslated).len();
        assert_eq!(found("Lotte Berg besuchte die Nordsund Shipyard."), 1);
        assert_eq!(found("Lotte Berg visited the Nordsund Shipyard."), 0);
    }

    #[test]
    fn empty_and_odd_lengths_are_reported() {
        assert!(says(empty, "Ja.", " ") && !says(empty, "Ja.", "Yes."));
        let long =
            "Ein ziemlich langer Satz, der gar nichts weiter sagt, als dass er lang ist und lang bleibt.";
        assert!(says(length, long, "A sentence.") && says(length, "Ja.", long));
        assert!(!says(length, "Ja.", "Yes, of course."));
    }

    #[test]
    fn loops_are_reported_unless_the_german_has_them() {
        assert!(says(repetition, "Das ist so.", "It is so it is so it is so."));
        assert!(!says(repetition, "Nein, nein, nein, nein!", "No, no, no, no!"));
        assert!(!says(repetition, "„Werft, Werft, Werft!“", "“The yard, the yard, the yard!”"));
        assert!(!says(repetition, "Er sagte, dass das falsch ist.", "He said that that is wrong."));
        assert!(says(repetition, "Der Hafen ist leer.", "The the port is empty."));
        assert!(!says(repetition, "Duran Duran kamen.", "Duran Duran came."));
    }
}
