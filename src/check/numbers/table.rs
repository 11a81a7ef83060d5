//! The words of `data/numbers.tsv`.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::sync::LazyLock;

use foldhash::HashMap;

use crate::tables::{Kinds, TableError, TableRow, must, values};

/// Words of one language with their values.
type Values = HashMap<&'static str, f64>;

/// Words with what they mean, by the byte they begin with.
type Beginnings<T> = HashMap<u8, Vec<(&'static str, T)>>;

/// Words of both languages that mean the same, each with the number of its row.
#[derive(Debug, Default)]
pub(super) struct WordPairs {
    pub(super) german: HashMap<&'static str, Vec<usize>>,
    pub(super) english: HashMap<&'static str, Vec<usize>>,
    /// What a row is called.
    pub(super) names: Vec<&'static str>,
}

/// The words of one language.
#[derive(Debug)]
pub(super) struct NumberWords {
    pub(super) cardinals: Values,
    pub(super) ordinals: Values,
    pub(super) loose: HashMap<&'static str, Vec<f64>>,
    pub(super) scales: Values,
    /// Cardinals by the byte they begin with, the longest first.
    beginnings: Beginnings<f64>,
    /// The same of `loose`.
    loose_beginnings: Beginnings<Vec<f64>>,
}

/// All of them.
#[derive(Debug)]
pub(super) struct NumberTable {
    pub(super) german: NumberWords,
    pub(super) english: NumberWords,
    /// Beginnings of German words that count something, and how much.
    pub(super) times: Vec<(&'static str, f64)>,
    pub(super) months: WordPairs,
    pub(super) weekdays: WordPairs,
    pub(super) units: WordPairs,
    pub(super) vague: Vec<&'static str>,
    pub(super) clock: Vec<&'static str>,
    pub(super) morning: Vec<&'static str>,
    pub(super) afternoon: Vec<&'static str>,
    pub(super) no_roman: Vec<&'static str>,
}

pub(super) static TABLE: LazyLock<NumberTable> = LazyLock::new(|| must(NumberTable::read()));

impl NumberTable {
    pub(super) fn read() -> Result<Self, TableError> {
        let kinds = [
            "de",
            "en",
            "de_ordinal",
            "en_ordinal",
            "de_loose",
            "en_loose",
            "de_times",
            "de_scale",
            "en_scale",
            "month",
            "weekday",
            "unit",
            "vague",
            "clock",
            "morning",
            "afternoon",
            "roman",
        ];
        let table = Kinds::read("check/data/numbers.tsv", include_str!("../data/numbers.tsv"), &kinds)?;
        Ok(Self {
            german: NumberWords::read(&table, ["de", "de_ordinal", "de_loose", "de_scale"])?,
            english: NumberWords::read(&table, ["en", "en_ordinal", "en_loose", "en_scale"])?,
            times: times(&table.rows::<2>("de_times")?)?,
            months: WordPairs::read(&table, "month")?,
            weekdays: WordPairs::read(&table, "weekday")?,
            units: WordPairs::read(&table, "unit")?,
            vague: table.values("vague")?,
            clock: table.values("clock")?,
            morning: table.values("morning")?,
            afternoon: table.values("afternoon")?,
            no_roman: table.values("roman")?,
        })
    }
}

impl NumberWords {
    fn read(
        table: &Kinds,
        [cardinals, ordinals, loose, scales]: [&'static str; 4],
    ) -> Result<Self, TableError> {
        let mut many: HashMap<&'static str, Vec<f64>> = HashMap::default();
        for row in table.rows::<2>(loose)? {
            let value = row.parsed::<f64>(1)?;
            values(row.cells[0]).for_each(|word| many.entry(word).or_default().push(value));
        }
        let cardinals = single(&table.rows::<2>(cardinals)?)?;
        Ok(Self {
            beginnings: beginnings(&cardinals),
            loose_beginnings: beginnings(&many),
            cardinals,
            ordinals: single(&table.rows::<2>(ordinals)?)?,
            loose: many,
            scales: single(&table.rows::<2>(scales)?)?,
        })
    }

    /// The longest cardinal with which some letters begin.
    pub(super) fn longest(&self, text: &str) -> Option<(&'static str, f64)> {
        let words = self.beginnings.get(text.as_bytes().first()?)?;
        words.iter().find(|(word, _)| text.starts_with(word)).copied()
    }

    /// The words of `loose` with which some letters begin, the longest first.
    pub(super) fn loose_at(&self, text: &str) -> impl Iterator<Item = &(&'static str, Vec<f64>)> {
        let words = text.as_bytes().first().and_then(|first| self.loose_beginnings.get(first));
        words.into_iter().flatten().filter(move |(word, _)| text.starts_with(word))
    }
}

/// Words by the byte they begin with, the longest first.
fn beginnings<T: Clone>(words: &HashMap<&'static str, T>) -> Beginnings<T> {
    let mut all: Beginnings<T> = HashMap::default();
    for (word, value) in words {
        word.bytes().take(1).for_each(|first| all.entry(first).or_default().push((word, value.clone())));
    }
    for alike in all.values_mut() {
        alike.sort_by_key(|(word, _)| Reverse(word.len()));
    }
    all
}

/// Beginnings of words with their values.
fn times(rows: &[TableRow<2>]) -> Result<Vec<(&'static str, f64)>, TableError> {
    let mut all = Vec::new();
    for row in rows {
        let value = row.parsed::<f64>(1)?;
        all.extend(values(row.cells[0]).map(|word| (word, value)));
    }
    Ok(all)
}

/// Words that have one value each.
fn single(rows: &[TableRow<2>]) -> Result<Values, TableError> {
    let mut all = Values::default();
    for row in rows {
        let value = row.parsed::<f64>(1)?;
        for word in values(row.cells[0]) {
            match all.entry(word) {
                Entry::Vacant(entry) => drop(entry.insert(value)),
                Entry::Occupied(_) => return Err(row.error(format!("{word:?} has a value already"))),
            }
        }
    }
    Ok(all)
}

impl WordPairs {
    fn read(table: &Kinds, kind: &'static str) -> Result<Self, TableError> {
        let mut pairs = Self::default();
        for (number, row) in table.rows::<3>(kind)?.into_iter().enumerate() {
            let [name, german, english] = row.cells;
            pairs.names.push(name);
            values(german).for_each(|word| pairs.german.entry(word).or_default().push(number));
            values(english).for_each(|word| pairs.english.entry(word).or_default().push(number));
        }
        Ok(pairs)
    }
}
