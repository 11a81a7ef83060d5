//! How terms are rendered.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use serde::Serialize;

use super::phrase::{folded, places, plain};

/// A term of a segment that is to be rendered in one of some ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedTerm {
    /// The term as the glossary has it.
    pub source: String,
    /// What may stand for it. Never empty.
    pub targets: Vec<String>,
    /// What must not stand for it, but may: it tells which other rendering there is.
    pub unwanted: Vec<String>,
}

/// The figures of terms; shares are parts of 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TermFigures {
    /// Segments, and how many of them have terms.
    pub rows: u64,
    pub rows_with_terms: u64,
    /// Terms in segments, each counted where it occurs.
    pub occurrences: u64,
    /// Different terms.
    pub distinct_source_terms: u64,
    /// Occurrences whose rendering stands in the English.
    pub present: u64,
    /// Their share of all. The same words may serve several occurrences.
    pub success: f64,
    /// The share of those that have words of their own.
    pub exclusive: f64,
    /// The share of those in the asked capitals; at the beginning of a text the first letter may be a capital.
    pub case_exact: f64,
    /// The share of segments with terms in which all are present.
    pub rows_all_terms: f64,
    /// Occurrences of terms that occur more than once.
    pub recurring_occurrences: u64,
    /// The share of these that have the most frequent rendering of their term; `None` if there are none.
    pub consistency: Option<f64>,
    /// The share of these that have an asked rendering.
    pub predefined: Option<f64>,
}

/// What became of the terms of a segment.
#[derive(Debug, Default)]
pub(super) struct SegmentTermOutcome {
    occurrences: Vec<OccurrenceOutcome>,
    exclusive: u64,
}

#[derive(Debug)]
struct OccurrenceOutcome {
    /// The term without regard to capitals.
    source: String,
    rendering: FoundRendering,
    is_case_exact: bool,
}

/// How an occurrence is rendered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum FoundRendering {
    Asked(String),
    Unwanted(String),
    /// Nobody knows how: as no other occurrence is.
    Unknown,
}

impl SegmentTermOutcome {
    /// Looks at the English of a segment.
    pub(super) fn of(terms: &[AskedTerm], english: &str) -> Self {
        if terms.is_empty() {
            return Self::default();
        }
        let cased = plain(english);
        let text = folded(&cased);
        let (mut occurrences, mut found) = (Vec::new(), Vec::new());
        for term in terms {
            let targets: Vec<String> = term.targets.iter().map(|target| folded(&plain(target))).collect();
            let mut own: Vec<_> = Vec::new();
            let mut rendering = FoundRendering::Unknown;
            for target in targets {
                let places = places(&target, &text);
                if own.is_empty() && !places.is_empty() {
                    rendering = FoundRendering::Asked(target);
                }
                own.extend(places);
            }
            if own.is_empty() {
                let unwanted = term.unwanted.iter().map(|other| folded(&plain(other)));
                let standing = unwanted.into_iter().find(|other| !places(other, &text).is_empty());
                rendering = standing.map_or(FoundRendering::Unknown, FoundRendering::Unwanted);
            }
            found.push(own);
            let is_case_exact = term.targets.iter().any(|target| stands_exactly(target, &cased));
            occurrences.push(OccurrenceOutcome {
                source: folded(&plain(&term.source)),
                rendering,
                is_case_exact,
            });
        }
        Self { occurrences, exclusive: disjoint(found) }
    }
}

/// Whether a rendering stands in a text in its capitals, or with one at its beginning where the text begins with one.
fn stands_exactly(target: &str, text: &str) -> bool {
    let stands = |target: &str| !places(&plain(target), text).is_empty();
    let capitalised = || {
        let mut rest = target.chars();
        rest.next().map(|first| first.to_uppercase().chain(rest).collect::<String>())
    };
    stands(target)
        || text.starts_with(char::is_uppercase) && capitalised().is_some_and(|target| stands(&target))
}

/// Beyond as many occurrences in a segment, longer renderings take places first instead of all ways being tried.
const TRIED: usize = 14;

/// How many occurrences can have one of their places to themselves.
fn disjoint(occurrences: Vec<Vec<Range<usize>>>) -> u64 {
    let mut occurrences: Vec<_> = occurrences.into_iter().filter(|places| !places.is_empty()).collect();
    if occurrences.len() > TRIED {
        let longest = |places: &Vec<Range<usize>>| places.iter().map(Range::len).max();
        occurrences.sort_by_key(|places| std::cmp::Reverse(longest(places)));
        let mut taken: Vec<Range<usize>> = Vec::new();
        for places in &mut occurrences {
            places.sort_by_key(|place| (place.start, place.end));
            let is_free =
                |place: &&Range<usize>| taken.iter().all(|t| place.end <= t.start || t.end <= place.start);
            taken.extend(places.iter().find(is_free).cloned());
        }
        return taken.len() as u64;
    }
    // For each set of occurrences, where the text goes on behind their places, from left to right, at the earliest.
    let mut ends: Vec<Option<usize>> = vec![None; 1 << occurrences.len()];
    ends[0] = Some(0);
    let mut most = 0;
    for set in 0..ends.len() {
        let Some(end) = ends[set] else { continue };
        most = most.max(set.count_ones());
        for (at, places) in occurrences.iter().enumerate().filter(|(at, _)| set >> at & 1 == 0) {
            let next = places.iter().filter(|place| place.start >= end).map(|place| place.end).min();
            let with = &mut ends[set | 1 << at];
            *with = match (*with, next) {
                (Some(known), Some(next)) => Some(known.min(next)),
                (known, next) => known.or(next),
            };
        }
    }
    u64::from(most)
}

/// Sums of what became of terms.
#[derive(Debug, Clone, Default)]
pub(super) struct TermTally {
    rows: u64,
    rows_with_terms: u64,
    rows_all_terms: u64,
    occurrences: u64,
    present: u64,
    exclusive: u64,
    case_exact: u64,
    terms: BTreeMap<String, TermRenderings>,
}

/// How a term is rendered, and how often.
#[derive(Debug, Clone, Default)]
struct TermRenderings {
    occurrences: u64,
    asked: u64,
    each: HashMap<FoundRendering, u64>,
}

impl TermTally {
    pub(super) fn add(&mut self, segment: &SegmentTermOutcome) {
        self.rows += 1;
        if segment.occurrences.is_empty() {
            return;
        }
        let count =
            |is: fn(&OccurrenceOutcome) -> bool| segment.occurrences.iter().filter(|o| is(o)).count() as u64;
        let all = segment.occurrences.len() as u64;
        let present = count(|o| matches!(o.rendering, FoundRendering::Asked(_)));
        self.rows_with_terms += 1;
        self.rows_all_terms += u64::from(present == all);
        self.occurrences += all;
        self.present += present;
        self.exclusive += segment.exclusive;
        self.case_exact += count(|o| o.is_case_exact);
        for OccurrenceOutcome { source, rendering, .. } in &segment.occurrences {
            let term = self.terms.entry(source.clone()).or_default();
            term.occurrences += 1;
            term.asked += u64::from(matches!(rendering, FoundRendering::Asked(_)));
            *term.each.entry(rendering.clone()).or_default() += 1;
        }
    }

    pub(super) fn figures(&self) -> TermFigures {
        let share = |part: u64| fraction(part, self.occurrences).unwrap_or_default();
        let recurring = self.terms.values().filter(|term| term.occurrences > 1);
        let (mut all, mut most, mut asked) = (0, 0, 0);
        for term in recurring {
            all += term.occurrences;
            asked += term.asked;
            let agreeing = |(rendering, count): (&FoundRendering, &u64)| {
                if *rendering == FoundRendering::Unknown { 1 } else { *count }
            };
            most += term.each.iter().map(agreeing).max().unwrap_or_default();
        }
        TermFigures {
            rows: self.rows,
            rows_with_terms: self.rows_with_terms,
            occurrences: self.occurrences,
            distinct_source_terms: self.terms.len() as u64,
            present: self.present,
            success: share(self.present),
            exclusive: share(self.exclusive),
            case_exact: share(self.case_exact),
            rows_all_terms: fraction(self.rows_all_terms, self.rows_with_terms).unwrap_or_default(),
            recurring_occurrences: all,
            consistency: fraction(most, all),
            predefined: fraction(asked, all),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "no corpus has 2^53 terms")]
fn fraction(part: u64, all: u64) -> Option<f64> {
    (all > 0).then(|| part as f64 / all as f64)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact, or the same operations")]
mod tests {
    use super::*;

    fn term(source: &str, targets: &[&str]) -> AskedTerm {
        let targets = targets.iter().map(|&target| target.to_owned()).collect();
        AskedTerm { source: source.into(), targets, unwanted: vec!["vessel".into()] }
    }

    fn figures(segments: &[(&[AskedTerm], &str)]) -> TermFigures {
        let mut tally = TermTally::default();
        for (terms, english) in segments {
            tally.add(&SegmentTermOutcome::of(terms, english));
        }
        tally.figures()
    }

    #[test]
    fn words_serve_several_terms_but_only_one_exclusively() {
        let terms = [
            term("Hafen", &["harbour", "port"]),
            term("Hafenamt", &["port authority"]),
            term("Amt", &["authority"]),
        ];
        let found = figures(&[(&terms, "The port authority"), (&[], "No term")]);
        assert_eq!((found.rows, found.rows_with_terms, found.occurrences, found.present), (2, 1, 3, 3));
        assert!(found.success == 1.0 && found.rows_all_terms == 1.0);
        // Two of three: the port and the authority, not all of it besides.
        assert!((found.exclusive - 2.0 / 3.0).abs() < 1e-9);
        let twice = [term("Hafen", &["port"]), term("Hafen", &["port"])];
        assert!(figures(&[(&twice, "A port.")]).exclusive == 0.5);
        assert!(figures(&[(&twice, "A port beside a port.")]).exclusive == 1.0);
    }

    #[test]
    fn a_place_is_left_to_whom_it_alone_can_serve() {
        let places =
            |list: &[(usize, usize)]| list.iter().map(|(start, end)| *start..*end).collect::<Vec<_>>();
        assert_eq!(disjoint(vec![places(&[(0, 3), (5, 8)]), places(&[(0, 3)]), places(&[(4, 9)])]), 2);
        assert_eq!(disjoint(vec![places(&[(0, 3), (10, 13)]), places(&[(0, 3)]), places(&[(4, 9)])]), 3);
        assert_eq!(disjoint(vec![Vec::new(), Vec::new()]), 0);
        // The longest go first where there are many: it takes the room of two others.
        let mut many: Vec<_> = (0..15).map(|at| places(&[(10 * at, 10 * at + 5)])).collect();
        many.push(places(&[(0, 15)]));
        assert_eq!(disjoint(many), 14);
    }

    #[test]
    fn capitals_count_for_one_figure_only() {
        let terms = [term("Elbe", &["Elbe"]), term("Hafen", &["port"]), term("UNO", &["UN"])];
        let found = figures(&[(&terms, "Ports on the elbe, says the un")]);
        assert!(found.success == 1.0);
        assert!((found.case_exact - 1.0 / 3.0).abs() < 1e-9, "only at the beginning a capital is right");
    }

    #[test]
    fn consistency_is_the_share_of_the_most_frequent_rendering() {
        let ship = || [term("Schiff", &["ship", "boat"])];
        let all = |texts: &[&str]| {
            let terms = ship();
            figures(&texts.iter().map(|text| (&terms[..], *text)).collect::<Vec<_>>())
        };
        assert_eq!(all(&["A ship."]).consistency, None);
        let found = all(&["A ship.", "Ships.", "Boats.", "A vessel.", "Its vessels", "vessel"]);
        assert_eq!((found.recurring_occurrences, found.distinct_source_terms), (6, 1));
        assert_eq!((found.consistency, found.predefined), (Some(0.5), Some(0.5)));
        // What nobody knows agrees with nothing.
        assert_eq!(all(&["It.", "He.", "She."]).consistency, Some(1.0 / 3.0));
    }
}
