//! Whether the terms of a row stand where it says.

use std::collections::HashMap;
use std::ops::Range;

use super::places::BytePlaces;
use super::row::{Row, RowTerm};
use crate::english::{Rendering, Sentence, Strictness, is_pronoun};
use crate::model::EntryKind;

/// What was found of the terms of a row.
#[derive(Debug, Default)]
pub(super) struct TermsFound {
    /// How many hold and stand where they are said to.
    pub(super) proved: u64,
    /// What is said of the others.
    pub(super) wrong: Vec<String>,
    /// Those that do not hold, as the row says.
    pub(super) not_held: Vec<String>,
    /// How many hold, but it is not said where.
    pub(super) without_place: u64,
}

/// Renderings that were made ready to be looked for.
#[derive(Default)]
pub(super) struct KnownRenderings(HashMap<(String, bool), Rendering>);

impl KnownRenderings {
    fn of(&mut self, accepted: &str, kind: EntryKind) -> &Rendering {
        let is_name = kind != EntryKind::Term;
        self.0.entry((accepted.to_owned(), is_name)).or_insert_with(|| {
            Rendering::spelt(accepted, if is_name { Strictness::Name } else { Strictness::Term })
        })
    }
}

/// How a term stands in the English.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TermStanding {
    /// One of its accepted targets stands there.
    Rendered,
    /// A pronoun stands there.
    Pronoun,
    Not,
}

/// Looks at the terms of a row.
pub(super) fn look(
    row: &Row<'_>,
    german: &str,
    english: &str,
    renderings: &mut KnownRenderings,
) -> TermsFound {
    let mut found = TermsFound::default();
    if row.terms.is_empty() {
        return found;
    }
    let (mut de, mut en) = (BytePlaces::new(german), BytePlaces::new(english));
    let mut sentence = None;
    let mut standing: Vec<(&RowTerm<'_>, Range<usize>, TermStanding)> = Vec::new();
    for term in &row.terms {
        let surface = term.surface.as_str();
        let there = de.range(term.start..term.end).map(|place| &german[place]);
        if there != Some(surface) {
            let (start, end) = (term.start, term.end);
            found.wrong.push(format!(
                "“{surface}” is said to stand at {start}–{end} of the German, where “{}” stands",
                there.unwrap_or_default()
            ));
        } else if !term.held {
            if term.is_required() && !row.is_failed() {
                found.not_held.push(format!("“{surface}” does not stand as “{}”", of(term)));
            }
        } else if let (Some(start), Some(end)) = (term.en_start, term.en_end) {
            let place = en.range(start..end).unwrap_or_default();
            let how = stands(term, english, &place, &mut sentence, renderings);
            standing.push((term, place, how));
        } else {
            found.without_place += 1;
        }
    }
    // The second time, a pronoun may stand for it; what it stands for is said before or behind.
    let is_rendered = |term: &RowTerm<'_>| {
        let same = |other: &RowTerm<'_>| other.source.as_str() == term.source.as_str();
        standing.iter().any(|(other, _, how)| *how == TermStanding::Rendered && same(other))
    };
    let shared = shared(&standing);
    for (at, (term, place, how)) in standing.iter().enumerate() {
        let there = &english[place.clone()];
        let surface = term.surface.as_str();
        if *how == TermStanding::Not || *how == TermStanding::Pronoun && !is_rendered(term) {
            found
                .wrong
                .push(format!("“{surface}” is said to stand as “{}” where “{there}” stands", of(term)));
        } else if shared.contains(&at) {
            found.wrong.push(format!("“{surface}” is said to stand at “{there}”, where another term stands"));
        } else {
            found.proved += 1;
        }
    }
    found
}

/// The accepted targets of a term, for people.
fn of(term: &RowTerm<'_>) -> String {
    term.accepted().iter().map(AsRef::as_ref).collect::<Vec<&str>>().join("” or “")
}

/// How a term stands at a place of the English.
fn stands(
    term: &RowTerm<'_>,
    english: &str,
    place: &Range<usize>,
    sentence: &mut Option<Sentence>,
    renderings: &mut KnownRenderings,
) -> TermStanding {
    let there = &english[place.clone()];
    if there.is_empty() {
        return TermStanding::Not;
    }
    // Most terms stand there letter by letter, between blanks.
    if is_bounded(english, place) && term.accepted().iter().any(|accepted| accepted.as_str() == there) {
        return TermStanding::Rendered;
    }
    let sentence = sentence.get_or_insert_with(|| Sentence::new(english));
    let is_rendered = term.accepted().iter().any(|accepted| {
        let rendering = renderings.of(accepted.as_str(), term.entry);
        let places = rendering.find(sentence).into_iter().chain(rendering.find_elided(sentence));
        places.into_iter().any(|found| found.span == *place && found.deviation.is_none())
    });
    if is_rendered {
        return TermStanding::Rendered;
    }
    let is_word = |word: &crate::english::Word| word.span == *place && is_pronoun(&word.folded);
    if sentence.words().iter().any(is_word) { TermStanding::Pronoun } else { TermStanding::Not }
}

/// Whether what stands at a place begins and ends with a letter or digit, and none stands beside it. What is not plain is left
/// to whoever knows words.
fn is_bounded(text: &str, place: &Range<usize>) -> bool {
    let plain = |c: char| c.is_ascii() && !c.is_ascii_alphanumeric() || matches!(c, '\u{2010}'..='\u{201e}');
    let own = &text[place.clone()];
    text[..place.start].chars().next_back().is_none_or(plain)
        && text[place.end..].chars().next().is_none_or(plain)
        && own.starts_with(char::is_alphanumeric)
        && own.ends_with(char::is_alphanumeric)
}

/// The required terms that stand where another one begins before them and has not ended.
fn shared(standing: &[(&RowTerm<'_>, Range<usize>, TermStanding)]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..standing.len()).filter(|at| standing[*at].0.is_required()).collect();
    order.sort_by_key(|at| standing[*at].1.start);
    let pairs = order.windows(2).filter(|pair| standing[pair[1]].1.start < standing[pair[0]].1.end);
    pairs.map(|pair| pair[1]).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// A term of the German, in brackets, and where it is said to stand in the English, in brackets, too.
    fn found(german: &str, english: &str, terms: &[(&str, Value)]) -> TermsFound {
        let place = |text: &str, number: usize| {
            let start = text.match_indices('[').nth(number).map(|(at, _)| text[..at].chars().count());
            let end = text.match_indices(']').nth(number).map(|(at, _)| text[..at].chars().count());
            start.zip(end).map(|(start, end)| (start - 2 * number, end - 2 * number - 1))
        };
        let bare = |text: &str| text.replace(['[', ']'], "");
        let (de, en) = (bare(german), bare(english));
        let terms: Vec<Value> = terms.iter().enumerate().map(|(number, (source, more))| {
            let (start, end) = place(german, number).expect("in brackets");
            let surface: String = de.chars().skip(start).take(end - start).collect();
            let mut term = json!({
                "source": source, "target": "", "surface": surface, "start": start, "end": end, "kind": "word", "rule": null,
            });
            let held = place(english, number);
            term["held"] = held.is_some().into();
            if let Some((start, end)) = held {
                (term["en_start"], term["en_end"]) = (start.into(), end.into());
            }
            for (key, value) in more.as_object().expect("fields") {
                term[key] = value.clone();
            }
            term
        }).collect();
        let row = json!({
            "article": "a.txt", "segment": 1, "block": 1, "kind": "paragraph", "status": "translated",
            "de": de, "en": en, "terms": terms, "findings": [], "before": "",
        });
        let line = row.to_string();
        let row: Row<'_> = serde_json::from_str(&line).expect("a row");
        look(&row, &de, &en, &mut KnownRenderings::default())
    }

    fn is_proved(english: &str, fields: &Value) -> bool {
        let found = found("Über die [Rakete] hinweg.", english, &[("Rakete", fields.clone())]);
        assert_eq!(found.proved == 1, found.wrong.is_empty(), "{found:?}");
        found.proved == 1
    }

    #[test]
    fn a_term_stands_where_one_of_its_targets_does() {
        let rocket = json!({"target": "rocket", "accepted": ["rocket", "launch vehicle"]});
        for (english, expected) in [
            ("Über the [rocket].", true),
            ("Two [rockets] flew.", true),
            ("The [rocket]’s start", true),
            ("[Rocket] science", true),
            ("The [launch vehicle] flew.", true),
            ("The [launch-vehicles] flew.", true),
            ("The [missile] flew.", false),
            ("The sk[rocket] flew.", false),
            ("The [rocket]ry flew.", false),
            ("The [rocke]t flew.", false),
            ("The[ rocket] flew.", false),
            ("The rocket [flew].", false),
            ("[It] flew.", false),
            ("The rocket[] flew.", false),
        ] {
            assert_eq!(is_proved(english, &rocket), expected, "{english}");
        }
    }

    #[test]
    fn a_name_stands_as_it_is_spelt() {
        let name = json!({"target": "Sea Rocket", "entry": "name"});
        for (english, expected) in [
            ("The [Sea Rocket] flew.", true),
            ("THE [SEA ROCKET] FLEW", true),
            ("The [sea rocket] flew.", false),
            ("The [Sea-Rocket] flew.", false),
        ] {
            assert_eq!(is_proved(english, &name), expected, "{english}");
        }
    }

    #[test]
    fn places_that_the_texts_do_not_have_are_wrong() {
        let place = |field: &str, value: usize| json!({"target": "rocket", field: value});
        assert!(is_proved("The [rocket] flew.", &json!({"target": "rocket"})));
        for (field, value) in [("en_end", 99), ("en_start", 99), ("en_start", 11), ("start", 8), ("end", 99)]
        {
            assert!(!is_proved("The [rocket] flew.", &place(field, value)), "{field}");
        }
    }

    #[test]
    fn a_pronoun_stands_for_a_term_that_is_named_beside_it() {
        let sea = || ("See", json!({"target": "lake"}));
        let twice = "Am [See] und im [See]";
        let proved = |english: &str| found(twice, english, &[sea(), sea()]).proved;
        assert_eq!(proved("By the [lake] and in [it]"), 2);
        assert_eq!(proved("By the [lake] and in [mud]"), 1);
        assert_eq!(proved("By [them] and in [it]"), 0);
        let other = ("Teich", json!({"target": "pond"}));
        assert_eq!(found("Am [See] und im [Teich]", "By the [lake] and in [it]", &[sea(), other]).proved, 1);
    }

    #[test]
    fn no_two_terms_stand_at_one_place() {
        let fish = |source, target, kind| (source, json!({"target": target, "kind": kind}));
        let german = "[Tief]- und [Hochseefische]";
        let deep = |english| {
            let terms =
                [fish("Tief-", "deep-sea fish", "word"), fish("Hochseefische", "high-sea fish", "word")];
            found(german, english, &terms).proved
        };
        assert_eq!(deep("[Deep]- and [high-sea fish]"), 2);
        let lake = |kind| fish("See", "lake", kind);
        let same = json!({"target": "lake", "en_start": 7, "en_end": 11});
        let twice = |kind| {
            let mut second = lake(kind);
            second.1["en_start"] = same["en_start"].clone();
            second.1["en_end"] = same["en_end"].clone();
            second.1["held"] = true.into();
            found("Am [See] und im [See]", "By the [lake]", &[lake("word"), second])
        };
        assert_eq!((twice("word").proved, twice("word").wrong.len()), (1, 1));
        // A part of a closed compound shares it.
        assert_eq!(twice("part").proved, 2);
    }

    #[test]
    fn what_does_not_hold_or_has_no_place_is_told() {
        let told = found("Die [Rakete].", "The missile.", &[("Rakete", json!({"target": "rocket"}))]);
        assert_eq!((told.proved, told.wrong.len(), told.not_held.len()), (0, 0, 1));
        let part = json!({"target": "rocket", "kind": "part"});
        assert!(found("Die [Rakete].", "The missile.", &[("Rakete", part)]).not_held.is_empty());
        let old = json!({"target": "rocket", "held": true});
        let old = found("Die [Rakete].", "The rocket.", &[("Rakete", old)]);
        assert_eq!((old.proved, old.wrong.len(), old.without_place), (0, 0, 1));
    }
}
