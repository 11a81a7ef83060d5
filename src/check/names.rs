//! Names that are in one of the two texts only.
//!
//! German writes every noun with a capital, so a name is known from a list, or by what stands before it: a first name or a
//! title (`Trainer Petersen`). English writes little but names with a capital.

use std::ops::Range;
use std::sync::LazyLock;

use foldhash::{HashMap, HashSet};

use super::overlap::overlap;
use super::pair::Pair;
use crate::english::{Heard, Sentence, Word};
use crate::model::{Finding, FindingKind, Severity};
use crate::tables::{self, Kinds, TableError, must, values};

/// The tables of `data/names.tsv`.
struct NameTables {
    /// English names by the beginnings of the German ones.
    places: HashMap<&'static str, Vec<&'static str>>,
    /// Those of the beginnings that are no names by themselves.
    parts: HashSet<&'static str>,
    /// All words of the English names, with the beginnings of the German ones.
    english: HashMap<&'static str, Vec<&'static str>>,
    /// English words that are no names.
    words: HashSet<&'static str>,
    capital_ending: Vec<&'static str>,
    /// First names, and names of towns and regions that both languages have.
    first: HashSet<&'static str>,
    shared: HashSet<&'static str>,
    /// Beginnings and endings of German words that stand before the name of a person.
    title: HashSet<&'static str>,
    title_ending: Vec<&'static str>,
    /// Endings of German nouns that are no names.
    german_noun: Vec<&'static str>,
    /// Abbreviations that English has another one for.
    abbreviation: HashSet<&'static str>,
}

static TABLES: LazyLock<NameTables> = LazyLock::new(|| must(NameTables::read()));

impl NameTables {
    fn read() -> Result<Self, TableError> {
        let kinds = [
            "name",
            "part",
            "capital_ending",
            "first",
            "shared",
            "title",
            "title_ending",
            "noun_ending",
            "abbreviation",
        ];
        let table = Kinds::read("check/data/names.tsv", include_str!("data/names.tsv"), &kinds)?;
        let (mut places, mut english) = (HashMap::default(), HashMap::default());
        let parts = table.rows::<2>("part")?;
        for row in table.rows::<2>("name")?.iter().chain(&parts) {
            let [german, names] = row.cells.map(|cell| values(cell).collect::<Vec<_>>());
            for name in &names {
                english.entry(*name).or_insert_with(Vec::new).extend(german.iter().copied());
            }
            for german in german {
                places.entry(german).or_insert_with(Vec::new).extend(names.iter().copied());
            }
        }
        let parts = parts.iter().flat_map(|row| values(row.cells[0])).collect();
        Ok(Self {
            places,
            parts,
            english,
            words: tables::words(include_str!("data/english_words.txt")).collect(),
            capital_ending: table.values("capital_ending")?,
            first: table.values("first")?,
            shared: table.values("shared")?,
            title: table.values("title")?,
            title_ending: table.values("title_ending")?,
            german_noun: table.values("noun_ending")?,
            abbreviation: table.values("abbreviation")?,
        })
    }
}

/// Reports names that only the English has, and those of the German that are nowhere in the English.
pub(super) fn findings(pair: Pair<'_>) -> Vec<Finding> {
    let names = NamesOfPair::of(pair);
    let (added, missing) = (names.added(), names.missing());
    let warning = |message: String| Finding::new(FindingKind::Names, Severity::Warning, message);
    let german = |word: &Word| pair.source.surface(word);
    let english = |word: &Word| pair.target.surface(word);
    if let ([missing], [added]) = (&missing[..], &added[..]) {
        let message = format!("“{}” reads “{}” in the English", german(missing), english(added));
        let (source, target) = (Some(missing.span.clone()), Some(added.span.clone()));
        return vec![Finding { source, target, ..warning(message) }];
    }
    let missing = missing.into_iter().map(|word| Finding {
        source: Some(word.span.clone()),
        ..warning(format!("the name “{}” is missing in the English", german(word)))
    });
    let added = added.into_iter().map(|word| Finding {
        target: Some(word.span.clone()),
        ..warning(format!("the name “{}” is not in the German", english(word)))
    });
    missing.chain(added).collect()
}

/// The names of a German text that its English is to have as they are: those beyond doubt, but for places that English may
/// call otherwise, and for what may have an ending.
#[must_use]
pub fn kept(source: &Sentence) -> Vec<Range<usize>> {
    let words = source.words().iter().enumerate();
    let is_kept = |(at, word): &(usize, &Word)| {
        let is_place = || TABLES.places.keys().any(|german| word.folded.contains(german));
        is_german_name(source, *at) && !word.folded.ends_with('s') && !is_place()
    };
    words.filter(is_kept).map(|(_, word)| word.span.clone()).collect()
}

/// Where names stand in the German of which the English has nothing.
#[must_use]
pub fn missing(pair: Pair<'_>) -> Vec<Range<usize>> {
    NamesOfPair::of(pair).missing().into_iter().map(|word| word.span.clone()).collect()
}

/// The words of both texts, as their names are compared.
struct NamesOfPair<'a> {
    pair: Pair<'a>,
    german: &'a [Heard],
    english: &'a [Heard],
}

/// Whether two words may be one name: they begin alike, or one is a part of the other.
fn may_be(a: &Heard, b: &Heard) -> bool {
    /// Letters at the beginning that two spellings share.
    const BEGINNING: usize = 4;
    /// The same of words of which one is hardly longer.
    const SHORT: usize = 3;
    /// Jaro-Winkler similarity of spellings of one name.
    const ALIKE: f64 = 0.84;
    let (short, long) = (a.length().min(b.length()), a.length().max(b.length()));
    let letters = if short < 6 { SHORT } else { BEGINNING };
    let begin_alike = || a.sounds().chars().take(letters).eq(b.sounds().chars().take(letters));
    a.sounds() == b.sounds()
        || short >= SHORT && begin_alike()
        || short >= 5 && short * 5 >= long * 4 && a.resembles(b, ALIKE)
}

/// Whether the beginning of a longer English word stands in a German compound: `Merkel` in `Merkelregierung`.
fn is_part(english: &Heard, german: &Heard) -> bool {
    const SHORTEST: usize = 4;
    let sounds = english.sounds();
    let end = sounds.char_indices().nth(SHORTEST - 1).map(|(at, last)| at + last.len_utf8());
    end.is_some_and(|end| german.sounds().contains(&sounds[..end]))
}

impl<'a> NamesOfPair<'a> {
    fn of(pair: Pair<'a>) -> Self {
        Self { pair, german: pair.source.heard(), english: pair.target.heard() }
    }

    /// Names of the English for which nothing in the German accounts.
    fn added(&self) -> Vec<&'a Word> {
        let target = self.pair.target;
        let words = target.words().iter().enumerate();
        let is_heading = is_in_title_case(target);
        let is_added = |(at, word): &(usize, &Word)| {
            is_name(target, *at, word)
                && (!is_heading || is_listed(&word.folded))
                && !self.is_held(&word.span)
                && !self.is_known(*at, word)
                && !self.is_first_of_known(*at)
        };
        words.filter(is_added).map(|(_, word)| word).collect()
    }

    /// Whether a first name stands before a name that the German has: a translator may add it, or leave it out.
    fn is_first_of_known(&self, at: usize) -> bool {
        let (target, words) = (self.pair.target, self.pair.target.words());
        TABLES.first.contains(words[at].folded.as_str())
            && words
                .get(at + 1)
                .is_some_and(|next| is_capitalised(target, next) && self.is_known(at + 1, next))
    }

    /// The same in the German.
    fn is_first_of_kept(&self, at: usize) -> bool {
        let words = self.pair.source.words();
        let is_kept = |at: usize| {
            is_capitalised(self.pair.source, &words[at])
                && self.english.iter().any(|english| may_be(english, &self.german[at]))
        };
        TABLES.first.contains(words[at].folded.as_str()) && at + 1 < words.len() && is_kept(at + 1)
    }

    /// Whether a place is that of a term.
    fn is_held(&self, span: &Range<usize>) -> bool {
        self.pair.outcomes.iter().any(|outcome| outcome.held.as_ref().is_some_and(|held| overlap(held, span)))
    }

    /// Whether a German word may be what a name of the English stands for.
    fn is_known(&self, at: usize, word: &Word) -> bool {
        let own = &self.english[at];
        if self.german.iter().any(|german| may_be(german, own) || is_part(own, german)) {
            return true;
        }
        let stem = word.folded.strip_suffix('s').unwrap_or(&word.folded);
        let places =
            [word.folded.as_str(), stem].into_iter().filter_map(|name| TABLES.english.get(name)).flatten();
        let words = self.pair.source.words();
        places.into_iter().any(|german| words.iter().any(|word| word.folded.contains(german)))
    }

    /// Names of the German of which the English has nothing.
    fn missing(&self) -> Vec<&'a Word> {
        let source = self.pair.source;
        let words = source.words();
        let is_missing = |at: &usize| {
            (is_german_name(source, *at) || self.follows_name(*at))
                && !self.is_first_of_kept(*at)
                && !self.in_term(&words[*at].span)
                && !self
                    .english
                    .iter()
                    .any(|english| may_be(english, &self.german[*at]) || is_part(english, &self.german[*at]))
                && !self.is_place(&words[*at])
        };
        (0..words.len()).filter(is_missing).map(|at| &words[at]).collect()
    }

    /// Whether a word stands directly behind one that the English has as it is, as the name that it is: `Lutz Feller`.
    fn follows_name(&self, at: usize) -> bool {
        let (source, target) = (self.pair.source, self.pair.target);
        let Some(before) = at.checked_sub(1).map(|at| &source.words()[at]) else { return false };
        let word = &source.words()[at];
        let gap = &source.text()[before.span.end..word.span.start];
        let is_kept = |(at, own): (usize, &Word)| own.folded == before.folded && is_name(target, at, own);
        gap == " "
            && is_capitalised(source, before)
            && is_capitalised(source, word)
            && word.folded.chars().count() > 3
            && !before.folded.ends_with('s')
            && target.words().iter().enumerate().any(is_kept)
            && !is_title_word(&word.folded)
            && !TABLES.german_noun.iter().any(|ending| word.folded.ends_with(ending))
    }

    fn in_term(&self, span: &Range<usize>) -> bool {
        self.pair.outcomes.iter().any(|outcome| overlap(&outcome.term.span, span))
    }

    /// Whether the English has what a German name is called there.
    fn is_place(&self, word: &Word) -> bool {
        let names = TABLES
            .places
            .iter()
            .filter(|(german, _)| word.folded.contains(**german))
            .flat_map(|(_, names)| names);
        let english = self.pair.target.words();
        names.into_iter().any(|name| english.iter().any(|word| word.folded.starts_with(name)))
    }
}

fn is_capitalised(sentence: &Sentence, word: &Word) -> bool {
    let mut chars = sentence.surface(word).chars();
    chars.next().is_some_and(char::is_uppercase) && chars.all(char::is_lowercase)
}

/// Whether an English text is a heading in title case, where a capital does not tell a name from any other word.
fn is_in_title_case(target: &Sentence) -> bool {
    /// Prepositions, articles and conjunctions are shorter.
    const LONG: usize = 4;
    let words = || target.words().iter().filter(|word| word.folded.chars().count() >= LONG);
    let capitals = words().filter(|word| target.surface(word).starts_with(char::is_uppercase)).count();
    capitals >= 3
        && capitals >= 3 * (words().count() - capitals)
        && !target.text().trim_end().ends_with(['.', '!', '?'])
}

/// Whether a word is a name of the lists.
fn is_listed(folded: &str) -> bool {
    let stem = folded.strip_suffix('s').unwrap_or(folded);
    [folded, stem].iter().any(|word| {
        TABLES.shared.contains(word) || TABLES.first.contains(word) || TABLES.english.contains_key(word)
    })
}

/// Whether an English word is no name, whatever its capital says: a word of the list or a form of one, or one of a known
/// ending.
fn is_ordinary(folded: &str) -> bool {
    let stem = folded.strip_suffix('s').unwrap_or(folded);
    let forms = [Some(folded), Some(stem), folded.strip_suffix("es"), folded.strip_suffix("ed")];
    let singular = folded.strip_suffix("ies").map(|stem| format!("{stem}y"));
    let mut forms = forms.into_iter().flatten().chain(singular.as_deref());
    forms.any(|form| TABLES.words.contains(form))
        || TABLES.capital_ending.iter().any(|ending| stem.ends_with(ending))
}

/// Whether a word of the English is written as a name is, and is not the first of a sentence, a title or a quotation.
fn is_name(target: &Sentence, at: usize, word: &Word) -> bool {
    /// Shorter ones are initials and abbreviations.
    const SHORTEST: usize = 4;
    let folded = word.folded.as_str();
    if !is_capitalised(target, word) || folded.chars().count() < SHORTEST || is_ordinary(folded) {
        return false;
    }
    let before = &target.text()[..word.span.start];
    at > 0
        && before.ends_with([' ', '\u{a0}', '-', '’', '\''])
        && !before.trim_end().ends_with(|c: char| {
            matches!(
                c,
                '.' | '!'
                    | '?'
                    | '…'
                    | ':'
                    | ';'
                    | '"'
                    | '“'
                    | '”'
                    | '„'
                    | '«'
                    | '»'
                    | '‘'
                    | '('
                    | '–'
                    | '—'
                    | '|'
                    | '/'
                    | '•'
                    | '*'
            )
        })
}

/// Whether a word of the German is beyond doubt a name: a known one, an abbreviation in capitals, or what stands behind a
/// first name or a title.
fn is_german_name(source: &Sentence, at: usize) -> bool {
    const SHORTEST: usize = 4;
    let words = source.words();
    let (word, folded) = (&words[at], words[at].folded.as_str());
    let surface = source.surface(word);
    if surface.len() > 2 && surface.chars().all(char::is_uppercase) {
        return !TABLES.abbreviation.contains(folded) && is_in_small_letters(source);
    }
    let stem = folded.strip_suffix('s').unwrap_or(folded);
    let is_known = |word: &str| TABLES.shared.contains(word) || TABLES.first.contains(word);
    if !is_capitalised(source, word) || folded.chars().count() < SHORTEST {
        return false;
    }
    if is_known(folded) || is_known(stem) || is_country(folded) {
        return true;
    }
    let Some(before) = at.checked_sub(1).map(|at| &words[at]) else { return false };
    let gap = &source.text()[before.span.end..word.span.start];
    let title = before.folded.as_str();
    // `Trainer Adi Hütter`: what stands between a title and a name is one, too.
    let is_titled = at >= 2 && is_title_word(&words[at - 2].folded) && is_capitalised(source, &words[at - 2]);
    let is_title = is_titled
        || TABLES.title.contains(title)
        || TABLES.title_ending.iter().any(|ending| title.ends_with(ending));
    gap == " "
        && is_capitalised(source, before)
        && (TABLES.first.contains(title) || is_title)
        && !is_title_word(folded)
}

/// Whether a word is a title itself: `Ministerin Frau Petersen`.
fn is_title_word(folded: &str) -> bool {
    TABLES.title.contains(folded) || TABLES.title_ending.iter().any(|ending| folded.ends_with(ending))
}

/// Whether a word is the name of a country itself, and no compound or people of it.
fn is_country(folded: &str) -> bool {
    /// Bytes of the beginning that say it at least.
    const SHORTEST: usize = 5;
    /// What stands behind the beginning that its forms share.
    const ENDINGS: [&str; 14] =
        ["", "s", "land", "lands", "reich", "reichs", "ien", "iens", "en", "ens", "ei", "ine", "a", "e"];
    let beginnings = ENDINGS.iter().filter_map(|ending| folded.strip_suffix(ending));
    beginnings
        .filter(|beginning| beginning.len() >= SHORTEST && !TABLES.parts.contains(beginning))
        .any(|beginning| TABLES.places.contains_key(beginning))
}

/// Whether a text is not in capitals altogether.
fn is_in_small_letters(sentence: &Sentence) -> bool {
    sentence.text().chars().filter(|c| c.is_lowercase()).count() > 10
}

#[cfg(test)]
mod tests {
    use super::super::testing::looked;
    use super::*;

    fn says(source: &str, target: &str) -> Vec<String> {
        looked(source, target, &[], findings).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn names_that_english_has_as_they_are_are_beyond_doubt() {
        let kept = |german: &str| {
            let source = Sentence::new(german);
            let names = kept(&source).into_iter();
            names.map(|span| german[span].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(kept("Trainer Petersen und Ministerin Lührs lobten Dortmund."), ["Petersen", "Dortmund"]);
        assert_eq!(kept("Der Trainer flog am Montag nach Italien."), [""; 0]);
        for (german, english) in [
            ("Er sprach von einem Mittel.", "He spoke of a way."),
            ("Der Ober kam an den Tisch.", "The waiter came to the table."),
            ("Das Unter sticht den König nicht.", "The jack does not beat the king."),
            ("Der Süden bleibt trocken.", "It stays dry down there."),
        ] {
            assert_eq!(says(german, english), [""; 0], "{german}");
        }
    }

    #[test]
    fn the_tables_can_be_read() {
        assert_eq!(NameTables::read().err(), None);
    }

    #[test]
    fn names_that_went_or_came_are_reported() {
        let german = "Im Hafen von Bremen sagte Trainer Petersen, er komme aus Schweden.";
        assert_eq!(
            says(german, "In the port of Bremen, coach Petersen said he came from Sweden."),
            Vec::<String>::new()
        );
        for (target, message) in [
            (
                "In the port of Bremen, coach Larsen said he came from Sweden.",
                "“Petersen” reads “Larsen” in the English",
            ),
            (
                "In the port of Bremen, the coach said he came from Sweden.",
                "the name “Petersen” is missing in the English",
            ),
            (
                "In the port of Bremen, coach Petersen said he came from Norway.",
                "“Schweden” reads “Norway” in the English",
            ),
            (
                "In the port of Hamburg, coach Petersen said he came from Sweden.",
                "“Bremen” reads “Hamburg” in the English",
            ),
        ] {
            assert_eq!(says(german, target), [message], "{target}");
        }
    }

    #[test]
    fn names_have_other_forms_in_english() {
        for (source, target) in [
            ("Der Vertreter aus München kam.", "The delegate from Munich came."),
            ("Die deutschen Werften hoffen.", "The German shipyards are hopeful."),
            ("Gestern kam Präsident Gorbatschow.", "Yesterday President Gorbachev came."),
            ("Das Petersen-Haus ist leer.", "The house of Petersen is empty."),
            ("Ein Treffen am Montag mit dem Minister", "A meeting on Monday with the Foreign Minister"),
            ("Ein Einbrecher stiehlt Getränke", "Thirsty Burglar Steals Lemonades from Snackbar"),
            ("Juventus Meister in Italien", "Juventus champions in Italy"),
            (
                "Es kamen drei Millionen Kinder und Liter Wasser.",
                "Three million children and litres of water came.",
            ),
        ] {
            assert_eq!(says(source, target), Vec::<String>::new(), "{target}");
        }
    }
}
