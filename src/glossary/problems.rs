//! What in a glossary is likely to be a mistake.

use std::collections::HashMap;
use std::sync::Arc;

use super::common_words::{self, CommonWord};
use super::folding::fold;
use super::inflection::{WordClass, stems};
use super::load::Glossary;
use super::matcher::Matcher;
use crate::model::{Entry, EntryKind, Origin, Severity};

/// A remark about one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub severity: Severity,
    pub origin: Origin,
    pub message: String,
}

/// Duplicates, conflicts, chains, entries that others hide, suspicious cells, and forms that collide with common
/// words; in the order of the entries.
#[must_use]
pub fn problems(glossary: &Glossary) -> Vec<Problem> {
    let review = Review::new(glossary);
    glossary.entries().iter().enumerate().flat_map(|(at, entry)| review.entry(at, entry)).collect()
}

/// The entries that are found in no text.
#[cfg(feature = "documents")]
#[must_use]
pub fn unfindable(glossary: &Glossary) -> Vec<Problem> {
    let matcher = Matcher::new(glossary);
    let missed = glossary.entries().iter().filter(|entry| matcher.find(&entry.source).is_empty());
    let problem = |entry: &Arc<Entry>| Problem {
        severity: Severity::Error,
        origin: entry.origin.clone(),
        message: never_found(entry),
    };
    missed.map(problem).collect()
}

fn never_found(entry: &Entry) -> String {
    format!("“{}” can never be found", entry.source)
}

/// The entries by what they are looked up by.
struct Review<'a> {
    entries: &'a [Arc<Entry>],
    matcher: Matcher,
    /// The first entry with a folded spelling, sources and forms.
    spellings: HashMap<Vec<u8>, usize>,
    sources: HashMap<&'a str, usize>,
}

impl<'a> Review<'a> {
    fn new(glossary: &'a Glossary) -> Self {
        let entries = glossary.entries();
        let mut spellings = HashMap::with_capacity(entries.len());
        let mut sources = HashMap::with_capacity(entries.len());
        for (at, entry) in entries.iter().enumerate() {
            for spelling in entry.forms.iter().chain([&entry.source]) {
                spellings.entry(fold(spelling)).or_insert(at);
            }
            sources.entry(entry.source.as_str()).or_insert(at);
        }
        Self { entries, matcher: Matcher::new(glossary), spellings, sources }
    }

    fn entry(&self, at: usize, entry: &Entry) -> Vec<Problem> {
        let all = [
            self.double(at, entry),
            self.chain(at, entry),
            self.hidden(entry),
            cells(entry),
            leak(entry),
            collision(entry),
        ];
        let problem = |(severity, message)| Problem { severity, origin: entry.origin.clone(), message };
        all.into_iter().flatten().map(problem).collect()
    }

    /// Another entry before this one with the same spelling.
    fn double(&self, at: usize, entry: &Entry) -> Option<(Severity, String)> {
        let spellings = entry.forms.iter().chain([&entry.source]);
        let (spelling, first) = spellings
            .filter_map(|s| Some((s, *self.spellings.get(&fold(s))?)))
            .find(|(_, first)| *first != at)?;
        let other = &self.entries[first];
        if other.targets == entry.targets {
            let same = other.source == entry.source;
            let severity = if same { Severity::Warning } else { Severity::Info };
            return Some((
                severity,
                format!("“{spelling}” is at {} already, with the same target", other.origin),
            ));
        }
        // Kiefer and KIEFER may be two things; they are if their capitals are looked at.
        let severity = if other.source == entry.source { Severity::Error } else { Severity::Warning };
        let target = other.target();
        Some((severity, format!("“{spelling}” is at {} already, with the target “{target}”", other.origin)))
    }

    /// A target that is the source of another entry with another target.
    fn chain(&self, at: usize, entry: &Entry) -> Option<(Severity, String)> {
        let other = *self.sources.get(entry.target())?;
        let next = &self.entries[other];
        let leads_on = other != at && next.target() != entry.target();
        leads_on.then(|| {
            let message = format!("the target “{}” is a source at {}", entry.target(), next.origin);
            (Severity::Warning, message)
        })
    }

    /// A source whose every occurrence another entry takes.
    fn hidden(&self, entry: &Entry) -> Option<(Severity, String)> {
        let found = self.matcher.find(&entry.source);
        if found.is_empty() {
            return Some((Severity::Error, never_found(entry)));
        }
        let other = &found.iter().find(|m| m.entry.targets != entry.targets)?.entry;
        if fold(&other.source) == fold(&entry.source) {
            return None;
        }
        Some((
            Severity::Warning,
            format!("“{}” at {} takes the place of this entry", other.source, other.origin),
        ))
    }
}

/// Cells that look like a mistake.
fn cells(entry: &Entry) -> Option<(Severity, String)> {
    let targets = || entry.targets.iter();
    let cells = || targets().chain([&entry.source]);
    let odd = |c: char| c.is_control() || c == '\u{fffd}';
    if let Some(cell) = cells().find(|c| c.contains(odd)) {
        return Some((
            Severity::Error,
            format!("“{}” has characters that cannot be seen", cell.escape_debug()),
        ));
    }
    if let Some(cell) = cells().find(|c| c.matches(['(', '[']).count() != c.matches([')', ']']).count()) {
        return Some((Severity::Warning, format!("“{cell}” has an open bracket")));
    }
    if let Some(avoided) = entry.avoid.iter().find(|a| targets().any(|t| t == *a)) {
        return Some((Severity::Error, format!("“{avoided}” is wanted and to be avoided")));
    }
    let kept = entry.kind == EntryKind::Keep && entry.target() != entry.source;
    if kept {
        return Some((
            Severity::Warning,
            "an entry to be kept has another target than its source".to_owned(),
        ));
    }
    None
}

/// German that is left in a target.
fn leak(entry: &Entry) -> Option<(Severity, String)> {
    let german_looks =
        |target: &str, why: String| (Severity::Warning, format!("the target “{target}” looks German: {why}"));
    let translated = || entry.targets.iter().filter(|target| **target != entry.source);
    let german = |word: &str| {
        common_words::get(&word.to_lowercase()) == Some(CommonWord { name: false, english: false })
    };
    // Particles stand in names in any language: Ursula von der Leyen.
    let target = translated().filter(|_| entry.kind == EntryKind::Term);
    let mut words = target.flat_map(|t| t.split(|c: char| !c.is_alphabetic()).map(move |w| (t, w)));
    if let Some((target, word)) = words.find(|(_, word)| german(word)) {
        return Some(german_looks(target, format!("“{word}” is a German word")));
    }
    let target = translated().find(|t| t.contains(['ä', 'ö', 'ü', 'ß', 'Ä', 'Ö', 'Ü']))?;
    // Names keep their letters: Saarbrücken, Andøya.
    let kept = target.split(' ').filter(|w| !w.is_ascii()).all(|w| entry.source.contains(w));
    let is_name = kept && entry.kind == EntryKind::Name;
    (!is_name).then(|| german_looks(target, "it has letters that English does not have".to_owned()))
}

/// A form that is a common word.
fn collision(entry: &Entry) -> Option<(Severity, String)> {
    if entry.source.contains([' ', '-']) {
        return None;
    }
    let folded = String::from_utf8(fold(&entry.source)).ok()?;
    let capital = entry.source.chars().next().is_some_and(char::is_uppercase);
    let class = if capital { WordClass::Noun } else { WordClass::Word };
    let is_name = entry.kind == EntryKind::Name || (capital && entry.targets.contains(&entry.source));
    let forms = stems(&folded, class)
        .into_iter()
        .flat_map(|s| s.endings.iter().map(move |e| format!("{}{e}", s.letters)));
    let mut found = forms.filter_map(|form| Some((common_words::get(&form)?, form)));
    let (_, form) = found.find(|(common, _)| is_name || !common.name)?;
    let message =
        format!("its form “{form}” is a common word; the column case or other words may distinguish them");
    Some((if capital { Severity::Info } else { Severity::Warning }, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(rows: &[(&str, &str)]) -> Vec<(usize, String)> {
        let entry = |(line, (source, target)): (usize, &(&str, &str))| {
            Entry::new(source, target, Origin { path: "g.tsv".into(), line: line + 2 })
        };
        let glossary = Glossary::of(rows.iter().enumerate().map(entry).collect());
        problems(&glossary).into_iter().map(|p| (p.origin.line, p.message)).collect()
    }

    #[test]
    fn a_sound_glossary_has_no_problems() {
        assert_eq!(
            messages(&[
                ("Elbe", "Elbe"),
                ("Angela Merkel", "Angela Merkel"),
                ("Merkel", "Merkel"),
                ("Otto von Bismarck", "Otto von Bismarck"),
                ("Koch", "cook"),
                ("Fall der Mauer", "fall of the Wall|die was also man"),
            ]),
            []
        );
    }

    #[test]
    fn mistakes_are_reported_with_their_line() {
        for (rows, line, piece) in [
            ([("Straße", "road"), ("Strasse", "street")], 3, "g.tsv:2 already"),
            ([("Wehr", "weir"), ("Feuer", "Wehr")], 3, "is a source at g.tsv:2"),
            ([("Elbe", "Elbe"), ("???", "x")], 3, "never be found"),
            ([("Elbe", "Elbe"), ("Oder", "Oder")], 3, "common word"),
            ([("Elbe", "Elbe"), ("Koch", "Koch")], 3, "common word"),
            ([("Elbe", "Elbe"), ("Ried", "reed (plant")], 3, "bracket"),
            ([("Elbe", "Elbe"), ("Amt für Wasser", "Office für Water")], 3, "“für” is a German word"),
            ([("Elbe", "Elbe"), ("Wehr", "Wehränlage")], 3, "looks German"),
        ] {
            let found = messages(&rows);
            assert!(found.iter().any(|(l, m)| *l == line && m.contains(piece)), "{piece}: {found:?}");
        }
    }
}
