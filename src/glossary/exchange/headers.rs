//! What the columns of a table hold, by the names that people and programs give them.

use std::collections::HashMap;
use std::sync::LazyLock;

use strum::VariantArray as _;

use crate::tables::{Kinds, TableError, must};

/// A name of more words says something of its own.
const WORDS: usize = 4;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColumnRole {
    Source,
    Target,
    Case,
    Forms,
    Avoid,
    Kind,
    Note,
    /// The code of the language of the source.
    From,
    /// The code of the language of the target.
    To,
    /// Something that is no part of an entry and that nobody misses.
    Aside,
    /// Something that is not known.
    Unknown,
}

/// What the name of a column says, the first of several words of a name that counts first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "lowercase")]
enum HeaderWord {
    Aside,
    From,
    To,
    Note,
    Forms,
    Avoid,
    Case,
    Kind,
    German,
    English,
    Source,
    Target,
}

impl HeaderWord {
    fn is_language(self) -> bool {
        matches!(self, Self::German | Self::English)
    }
}

/// Whether a cell may be the code of a language: `de`, `EN-US`, `de_CH`.
pub(super) fn is_code(cell: &str) -> bool {
    let parts = || cell.trim().split(['-', '_']);
    parts().count() <= 2
        && parts().all(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

/// The columns of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) names: Vec<String>,
    pub(super) roles: Vec<ColumnRole>,
}

impl Columns {
    /// The columns that a row names, if it is a header: it has one for either language. The names of languages decide which
    /// is which, whatever the order.
    pub(super) fn of_header(cells: &[String]) -> Option<Self> {
        let words: Vec<Option<HeaderWord>> = cells.iter().map(|cell| word(cell)).collect();
        let has = |wanted| words.contains(&Some(wanted));
        let (source, target) = match (has(HeaderWord::German), has(HeaderWord::English)) {
            (true, true) => (HeaderWord::German, HeaderWord::English),
            // What is not the German side, whatever it is called, is the English one; and the other way round.
            (true, false) if has(HeaderWord::Target) => (HeaderWord::German, HeaderWord::Target),
            (true, false) => (HeaderWord::German, HeaderWord::Source),
            (false, true) if has(HeaderWord::Source) => (HeaderWord::Source, HeaderWord::English),
            (false, true) => (HeaderWord::Target, HeaderWord::English),
            (false, false) => (HeaderWord::Source, HeaderWord::Target),
        };
        if !has(source) || !has(target) {
            return None;
        }
        // A row of DeepL: two terms, and the codes of their languages.
        let is_code = |cell: &String| word(cell).is_some_and(HeaderWord::is_language) && is_code(cell);
        let filled = cells.iter().rposition(|cell| !cell.trim().is_empty()).map_or(0, |last| last + 1);
        if filled == 4 && words[..2] == [None, None] && cells[2..4].iter().all(is_code) {
            return None;
        }
        let mut has_source = false;
        let role = |word: Option<HeaderWord>| match word {
            Some(word) if word == target => ColumnRole::Target,
            // Another German column has other forms of the term.
            Some(word) if word == source && std::mem::replace(&mut has_source, true) => ColumnRole::Forms,
            Some(word) if word == source => ColumnRole::Source,
            Some(HeaderWord::Case) => ColumnRole::Case,
            Some(HeaderWord::Forms) => ColumnRole::Forms,
            Some(HeaderWord::Avoid) => ColumnRole::Avoid,
            Some(HeaderWord::Kind) => ColumnRole::Kind,
            Some(HeaderWord::Note) => ColumnRole::Note,
            Some(HeaderWord::From) => ColumnRole::From,
            Some(HeaderWord::To) => ColumnRole::To,
            Some(HeaderWord::Aside) => ColumnRole::Aside,
            _ => ColumnRole::Unknown,
        };
        Some(Self {
            names: cells.iter().map(|cell| cell.trim().to_owned()).collect(),
            roles: words.into_iter().map(role).collect(),
        })
    }

    /// Whether a row reads as a header that lacks the column of one side: three names or more, of which some are known.
    pub(super) fn is_half_header(cells: &[String]) -> bool {
        let sides = [HeaderWord::German, HeaderWord::English, HeaderWord::Source, HeaderWord::Target];
        let filled: Vec<&String> = cells.iter().filter(|cell| !cell.trim().is_empty()).collect();
        if filled.iter().any(|cell| is_code(cell) && word(cell).is_some_and(HeaderWord::is_language)) {
            return false;
        }
        let known = filled.iter().filter_map(|cell| word(cell)).collect::<Vec<_>>();
        filled.len() > 2 && known.iter().any(|word| sides.contains(word)) && known.len() * 2 >= filled.len()
    }

    /// The columns of a table without a header, the first two being the terms.
    pub(super) fn placed(roles: Vec<ColumnRole>) -> Self {
        Self { names: vec![String::new(); roles.len()], roles }
    }

    /// The names of the columns of a role.
    pub(super) fn named(&self, role: ColumnRole) -> Vec<&str> {
        self.names
            .iter()
            .zip(&self.roles)
            .filter(|(_, r)| **r == role)
            .map(|(name, _)| name.as_str())
            .collect()
    }
}

/// Which columns of a header name German and English texts, in this order, whatever they are called and wherever they stand;
/// `None` if the row is no header.
#[must_use]
pub fn german_and_english(cells: &[String]) -> Option<(usize, usize)> {
    let columns = Columns::of_header(cells)?;
    let place = |wanted: ColumnRole| columns.roles.iter().position(|role| *role == wanted);
    place(ColumnRole::Source).zip(place(ColumnRole::Target))
}

/// What a name says.
fn word(name: &str) -> Option<HeaderWord> {
    let lower = name.trim().to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !(c.is_alphanumeric() || c == '#')).filter(|word| !word.is_empty()).collect();
    if words.len() > WORDS {
        return None;
    }
    if let Some(word) = NAMES.get(words.join(" ").as_str()) {
        return Some(*word);
    }
    // `from` and `to` are words of any name.
    let known = words.iter().filter_map(|word| NAMES.get(word).copied());
    known.filter(|word| !matches!(word, HeaderWord::From | HeaderWord::To)).min()
}

static NAMES: LazyLock<HashMap<&'static str, HeaderWord>> = LazyLock::new(|| must(names()));

fn names() -> Result<HashMap<&'static str, HeaderWord>, TableError> {
    let kinds: Vec<&'static str> = HeaderWord::VARIANTS.iter().map(|word| (*word).into()).collect();
    let table = Kinds::read("data/headers.tsv", include_str!("../data/headers.tsv"), &kinds)?;
    let mut names = HashMap::new();
    for word in HeaderWord::VARIANTS {
        for name in table.values::<Vec<_>>((*word).into())? {
            names.insert(name, *word);
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ColumnRole::{Aside, Forms, Note, Source, Target, Unknown};

    fn roles(header: &str) -> Option<Vec<ColumnRole>> {
        let cells: Vec<String> = header.split(';').map(str::to_owned).collect();
        Columns::of_header(&cells).map(|columns| columns.roles)
    }

    #[test]
    fn no_name_of_a_column_says_two_things() {
        let table = names().expect("the file is understood");
        let rows = crate::tables::lines(include_str!("../data/headers.tsv"));
        let all: usize = rows.map(|(_, row)| row.split(['|', '\t']).skip(1).count()).sum();
        assert_eq!(all, table.len());
    }

    #[test]
    fn headers_are_known_in_either_language_and_order() {
        for (header, wanted) in [
            ("source;target", vec![Source, Target]),
            ("Deutsch;Englisch", vec![Source, Target]),
            ("de-DE;EN-US", vec![Source, Target]),
            ("English;German", vec![Target, Source]),
            ("Englisch (UK);Deutsch (Deutschland);Anmerkung", vec![Target, Source, Note]),
            ("Nr.;Begriff;Übersetzung", vec![Aside, Source, Target]),
            ("Term;Wortart;Übersetzung", vec![Source, Unknown, Target]),
            ("Source (EN);Target (DE)", vec![Target, Source]),
            ("Source;German", vec![Target, Source]),
            ("term_de;term_en;definition_de", vec![Source, Target, Note]),
            ("Deutsch;Deutsch Plural;Englisch 1;Englisch 2", vec![Source, Forms, Target, Target]),
            ("Deutsch;Deutsch 2;Englisch", vec![Source, Forms, Target]),
            ("Nr;Ressort;DE;EN;Stand", vec![Aside, Unknown, Source, Target, Unknown]),
            ("Ressort;Stand;Quelle;DE;EN", vec![Unknown, Unknown, Unknown, Source, Target]),
            ("original;translated", vec![Source, Target]),
        ] {
            assert_eq!(roles(header), Some(wanted), "{header}");
        }
    }

    #[test]
    fn entries_about_languages_are_no_headers() {
        for row in [
            "Deutsch;German",
            "Begriff;term",
            "Übersetzung;translation",
            "Deutsch lernen;learn German",
            "deutsche Botschaft;German embassy",
            "Elbe;Elbe",
            "Zielsprache;target language",
            "Anmerkung;note",
            "Deich;dyke;DE;en-GB",
            "Deich;dyke;DE;en-GB;",
        ] {
            assert_eq!(roles(row), None, "{row}");
        }
        let half =
            |row: &str| Columns::is_half_header(&row.split(';').map(str::to_owned).collect::<Vec<_>>());
        assert!(half("Deutsch;Französisch;Bemerkung") && !half("Deutsch;German") && !half("Elbe;Elbe;note"));
    }
}
