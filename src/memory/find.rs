//! Finding entries by their words: those that are near to a text, and those that have all words of a query.

use std::collections::HashMap;

use rusqlite::{OptionalExtension, Row};

use super::database::Database;
use super::entry::{AnswerEntry, EntrySort, MemoryEntry, NearEntry, SearchQuery};
use super::error::MemoryError;
use super::index::{IndexedEntry, SearchIndex};
use super::nearness::Nearness;
use super::words::{likeness, words};
use crate::enforce::has_placeholder;
use crate::model::{SegmentInContext, Timestamp};

/// The least likeness that is offered, in per cent: below it, translators write a sentence faster than they mend one.
const LEAST: u8 = 50;
/// A word in more texts than this says little of what is near: it is looked at only where there is no rarer one.
const COMMON: usize = 400;
/// The most texts that are compared word by word.
const COMPARED: usize = 64;
/// Entries with the same source that are compared; the newest of them.
const SAME: usize = 200;
/// Distinct words of a text that are looked up; a longer one is found by them as well.
const ASKED: usize = 40;
/// A text of at most so many words may have none that is rare; all but one of its words are looked for at once.
const SHORT: usize = 8;
/// The newest entries with all words of a query that are looked at.
const LOOKED_AT: usize = 2_000;
/// A shorter word is found as a whole only: it begins too many others.
const BEGINNING: usize = 3;

const ANSWER: &str = "
SELECT lower(hex(key)), source, target, profile, created_at
FROM translation JOIN engine ON engine.id = translation.engine
WHERE substr(key, 1, 4) = substr(?1, 1, 4) AND key = ?1";

impl Database {
    /// The entries whose German is most like that of a segment, the likest first, at most so many.
    pub(super) fn near(
        &self,
        segment: &SegmentInContext,
        limit: usize,
    ) -> Result<Vec<NearEntry>, MemoryError> {
        let index = self.index()?;
        let wanted = words(&segment.source);
        let numbers = self.run_on_index(|| candidates(index, &segment.source, &wanted))?;
        let mut found = Vec::new();
        for number in numbers {
            let Some(entry) = self.entry(index, number)? else { continue };
            let score = score(&entry, segment, &wanted);
            if score >= LEAST && !has_placeholder(entry.source()) {
                found.push(NearEntry { score, entry });
            }
        }
        found.sort_by_cached_key(|near| (101 - near.score, rank(&near.entry)));
        Ok(without_repetitions(found, |near| &near.entry, limit))
    }

    /// The entries that a query finds: those that have its words side by side first, then what people said, then the
    /// newest.
    pub(super) fn search(&self, query: &SearchQuery) -> Result<Vec<MemoryEntry>, MemoryError> {
        let index = self.index()?;
        let asked = words(&query.words);
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let all: Vec<String> = asked.iter().map(|word| begins_with(word)).collect();
        let numbers = self.run_on_index(|| index.matching(&all.join(" AND "), LOOKED_AT))?;
        let phrase = format!(" {}", asked.join(" "));
        let has = |entry: &MemoryEntry| {
            let fits_engine = query.engine.as_ref().is_none_or(
                |engine| matches!(entry, MemoryEntry::Answer(answer) if answer.engine == *engine),
            );
            fits_engine && (query.sorts.is_empty() || query.sorts.contains(&entry.sort()))
        };
        let mut found = Vec::new();
        for number in numbers {
            found.extend(self.entry(index, number)?.filter(has));
        }
        found.sort_by_cached_key(|entry| {
            let is_phrase = [entry.source(), entry.target()]
                .iter()
                .any(|text| format!(" {}", words(text).join(" ")).contains(&phrase));
            (!is_phrase, rank(entry))
        });
        Ok(without_repetitions(found, |entry| entry, query.limit))
    }

    /// The entry with a number of the index; `None` if it is no more, or was taken back.
    fn entry(&self, index: &SearchIndex, number: i64) -> Result<Option<MemoryEntry>, MemoryError> {
        let IndexedEntry { hash, is_answer } = self.run_on_index(|| index.posting(number))?;
        if is_answer {
            self.run(|connection| {
                connection
                    .prepare_cached(ANSWER)?
                    .query_row([hash], answer)
                    .optional()
                    .map(|found| found.map(MemoryEntry::Answer))
            })
        } else {
            let pair = self.pair(&hash)?.filter(|pair| pair.withdrawn.is_none());
            Ok(pair.map(MemoryEntry::Pair))
        }
    }
}

/// An answer of a row with its key, source, target, profile and time.
pub(super) fn answer(row: &Row<'_>) -> rusqlite::Result<AnswerEntry> {
    Ok(AnswerEntry {
        id: row.get(0)?,
        source: row.get(1)?,
        target: row.get(2)?,
        engine: row.get(3)?,
        at: Timestamp::from_seconds(row.get(4)?),
    })
}

/// The order among entries that fit equally well; the last of it only says that there is one.
fn rank(entry: &MemoryEntry) -> (EntrySort, std::cmp::Reverse<Timestamp>, String) {
    (entry.sort(), std::cmp::Reverse(entry.at()), entry.id())
}

/// The first of those that say the same, at most so many.
fn without_repetitions<T>(found: Vec<T>, entry: impl Fn(&T) -> &MemoryEntry, limit: usize) -> Vec<T> {
    let mut seen = std::collections::HashSet::new();
    let is_new = |one: &T| {
        let entry = entry(one);
        seen.insert((entry.source().to_owned(), entry.target().to_owned()))
    };
    let mut is_new = is_new;
    found.into_iter().filter(|one| is_new(one)).take(limit).collect()
}

/// How much an entry is like a segment, in per cent.
fn score(entry: &MemoryEntry, segment: &SegmentInContext, wanted: &[String]) -> u8 {
    if entry.source() != segment.source {
        // The same words with other punctuation are not the same text.
        return likeness(wanted, &words(entry.source())).min(99);
    }
    match entry {
        MemoryEntry::Pair(stored) if Nearness::of(&stored.pair, segment) <= Nearness::BothNeighbours => 101,
        _ => 100,
    }
}

/// The entries that are worth comparing: those with the same text, then those that share most of the rarer words.
fn candidates(index: &SearchIndex, source: &str, wanted: &[String]) -> rusqlite::Result<Vec<i64>> {
    let mut numbers = index.with_source(source, SAME)?;
    let mut distinct = wanted.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    // Longer words are rarer.
    distinct.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    distinct.truncate(ASKED);
    let mut shared: HashMap<i64, usize> = HashMap::new();
    for word in &distinct {
        let rows = index.matching(&in_source(word), COMMON + 1)?;
        if rows.len() <= COMMON {
            for row in rows {
                *shared.entry(row).or_default() += 1;
            }
        }
    }
    if distinct.len() <= SHORT && shared.len() < COMPARED {
        for left_out in 0..distinct.len() {
            let others = distinct.iter().enumerate().filter(|(at, _)| *at != left_out || distinct.len() == 1);
            let all: Vec<String> = others.map(|(_, word)| in_source(word)).collect();
            for row in index.matching(&all.join(" AND "), COMPARED / SHORT)? {
                *shared.entry(row).or_default() += distinct.len() - 1;
            }
        }
    }
    let mut near: Vec<(i64, usize)> = shared.into_iter().collect();
    near.sort_unstable_by_key(|(number, count)| std::cmp::Reverse((*count, *number)));
    near.truncate(COMPARED);
    numbers.extend(near.into_iter().map(|(number, _)| number));
    numbers.sort_unstable();
    numbers.dedup();
    Ok(numbers)
}

/// Words have letters and digits only: nothing in them means something to the index.
fn in_source(word: &str) -> String {
    format!("source : \"{word}\"")
}

fn begins_with(word: &str) -> String {
    let star = if word.chars().count() >= BEGINNING { " *" } else { "" };
    format!("\"{word}\"{star}")
}
