//! Checks that look at the shape of a translation: empty, left in German, too long or short, repetitive.

use super::english::{Word, words};
use super::judge::is_german;
use super::{Check, Pair};
use crate::model::{Finding, FindingKind, Severity};

fn finding(kind: FindingKind, severity: Severity, message: impl Into<String>) -> Vec<Finding> {
    vec![Finding { kind, severity, message: message.into(), source: None, target: None }]
}

/// Reports a translation without any text.
#[derive(Debug, Clone, Copy)]
pub struct Empty;

impl Check for Empty {
    fn check(&self, pair: Pair<'_>) -> Vec<Finding> {
        if pair.target.trim().is_empty() && !pair.source.trim().is_empty() {
            return finding(FindingKind::Empty, Severity::Error, "the English is empty");
        }
        Vec::new()
    }
}

/// Reports a translation that is the German text, or in good part German.
///
/// Names and titles may stay as they are, so what counts is frequent German words that are none in English.
#[derive(Debug, Clone, Copy)]
pub struct Untranslated;

impl Check for Untranslated {
    fn check(&self, pair: Pair<'_>) -> Vec<Finding> {
        /// German words that a translation may quote.
        const QUOTED: usize = 2;
        /// One word in this many is a frequent one in any German sentence.
        const SHARE: usize = 5;
        /// So many equal words are no name any more, whatever they are.
        const LONG: usize = 7;
        let target = words(pair.target);
        let german = target.iter().filter(|w| is_german(&w.folded)).count();
        let source = words(pair.source);
        let equal = source.len() > 1 && source.iter().map(|w| &w.folded).eq(target.iter().map(|w| &w.folded));
        if equal && (german > 0 || source.len() >= LONG) {
            return finding(FindingKind::Untranslated, Severity::Error, "the English is the German text");
        }
        if german > QUOTED && german * SHARE >= target.len() {
            return finding(
                FindingKind::Untranslated,
                Severity::Warning,
                "the English is in good part German",
            );
        }
        Vec::new()
    }
}

/// Reports a translation that is much longer or shorter than its source.
#[derive(Debug, Clone, Copy)]
pub struct Length;

impl Check for Length {
    fn check(&self, pair: Pair<'_>) -> Vec<Finding> {
        /// Characters that a short heading may differ by without anything being wrong.
        const SLACK: usize = 30;
        let (source, target) = (pair.source.chars().count(), pair.target.chars().count());
        if target == 0 {
            return Vec::new();
        }
        // Of 5,000 translations by services and people, one in a thousand leaves these bounds.
        let long = target > source * 17 / 10 + SLACK;
        let short = target * 2 + SLACK < source;
        if !long && !short {
            return Vec::new();
        }
        let message = format!("{target} characters for {source} of the German");
        finding(FindingKind::Length, Severity::Warning, message)
    }
}

/// Reports words that follow one another over and over, unless they do so in the German.
#[derive(Debug, Clone, Copy)]
pub struct Repetition;

impl Check for Repetition {
    fn check(&self, pair: Pair<'_>) -> Vec<Finding> {
        let (target, source) = (words(pair.target), words(pair.source));
        for length in 1..=LONGEST_LOOP {
            let (times, at) = most_repeats(&target, length);
            if times >= least_repeats(length) && times > most_repeats(&source, length).0 {
                let span = target[at].span.start..target[at + length - 1].span.end;
                let message = format!("“{}” stands {times} times in a row", &pair.target[span]);
                return finding(FindingKind::Repetition, Severity::Warning, message);
            }
        }
        Vec::new()
    }
}

/// Words of the longest loop that is looked for.
const LONGEST_LOOP: usize = 12;

/// How often words must stand in a row to be a loop: single words more often than phrases.
fn least_repeats(length: usize) -> usize {
    if length == 1 { 4 } else { 3 }
}

/// How often `length` words stand in a row at most, and where they first do.
fn most_repeats(words: &[Word], length: usize) -> (usize, usize) {
    let (mut best, mut run) = ((1, 0), 0);
    for at in length..words.len() {
        run = if words[at].folded == words[at - length].folded { run + 1 } else { 0 };
        if run / length + 1 > best.0 {
            best = (run / length + 1, at + 1 - length);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(check: &dyn Check, source: &str, target: &str) -> bool {
        !check.check(Pair { source, target, terms: &[] }).is_empty()
    }

    #[test]
    fn german_left_standing_is_told_from_names() {
        assert!(says(&Untranslated, "Der Hund bellt nicht.", "Der Hund bellt nicht."));
        assert!(says(&Untranslated, "Der Hund bellt.", "The news: und der Hund ist nicht hier."));
        assert!(!says(&Untranslated, "Royal Opera House London", "Royal Opera House London"));
        assert!(!says(&Untranslated, "Er las „Der Zauberberg“.", "He read “Der Zauberberg”."));
    }

    #[test]
    fn empty_and_odd_lengths_are_reported() {
        assert!(says(&Empty, "Ja.", " ") && !says(&Empty, "Ja.", "Yes."));
        let long =
            "Ein ziemlich langer Satz, der gar nichts weiter sagt, als dass er lang ist und lang bleibt.";
        assert!(says(&Length, long, "A sentence.") && says(&Length, "Ja.", long));
        assert!(!says(&Length, "Ja.", "Yes, of course."));
    }

    #[test]
    fn loops_are_reported_unless_the_german_has_them() {
        assert!(says(&Repetition, "Das ist so.", "It is so it is so it is so."));
        assert!(!says(&Repetition, "Nein, nein, nein, nein!", "No, no, no, no!"));
        assert!(!says(&Repetition, "Er sagte, dass dass falsch ist.", "He said that that is wrong."));
    }
}
