//! The pairs of the memory that are nearest to a text: what an engine may take as an example.
//!
//! They come from a pool, an index of words in the same file. It is filled when a run begins and not while it
//! goes on, so an answer does not depend on which others came before it. Should the run be broken off, the
//! pool stays as it is for the run that takes it up. Only runs that want examples have a pool.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::database::Database;
use super::error::MemoryError;
use super::words::{common, sorted_words};
use crate::enforce::has_placeholder;
use crate::model::{Example, Request};

/// What share of their words two texts must have in common.
const SIMILARITY: f64 = 0.6;
/// A translation that has this share of its words in common with its source was left German.
const UNTRANSLATED: f64 = 0.5;
/// Examples of a text. They are read by the engine before it begins, so more of them cost more than they help.
const EXAMPLES: usize = 2;
/// Unicode characters in a source and in its translation; nothing longer is an example.
const LONGEST: u16 = 240;
/// Words in a source; what is shorter is near to everything and teaches nothing.
const FEWEST_WORDS: usize = 3;
/// Words in a text that can be near to an example: 0.6 of Dice's coefficient with 120 words.
const MOST_WORDS: usize = 280;
/// A word in more texts than this says nothing of what is near: it is not looked at, and costs no more than this.
const COMMON: u16 = 400;
/// The most texts that are compared word by word for one request.
const CANDIDATES: usize = 48;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS example (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE -- of the translation
) STRICT;
CREATE VIRTUAL TABLE IF NOT EXISTS example_words
    USING fts5(words, content = '', detail = none, columnsize = 0, tokenize = 'ascii');
CREATE TABLE IF NOT EXISTS pool (
    until INTEGER NOT NULL,   -- number of the newest translation that was looked at
    in_use INTEGER NOT NULL   -- whether a run has begun with it and not ended
) STRICT;
INSERT INTO pool (until, in_use) SELECT 0, 0 WHERE NOT EXISTS (SELECT * FROM pool);
";
/// In the order of keys, which is the same whenever answers came.
const FRESH: &str = "
SELECT key, source, target, number FROM translation
WHERE substr(key, 1, 4) >= substr(?2, 1, 4) AND key > ?2 AND number > (SELECT until FROM pool) AND cuts IS NULL
  AND length(source) <= ?1 AND length(target) <= ?1
ORDER BY substr(key, 1, 4), key LIMIT ?3";
/// Translations that are looked at in one commit: what people say is not kept waiting for all of them.
const CHUNK: usize = 5_000;
const ADD: &str = "INSERT INTO example (key) VALUES (?1) ON CONFLICT DO NOTHING RETURNING id";
const ADD_WORDS: &str = "INSERT INTO example_words (rowid, words) VALUES (?1, ?2)";
const WITH_WORD: &str = "SELECT rowid FROM example_words WHERE example_words MATCH ?1 LIMIT ?2";
const PAIR: &str = "
SELECT source, target FROM example JOIN translation
    ON substr(translation.key, 1, 4) = substr(example.key, 1, 4) AND translation.key = example.key
WHERE id = ?1";

impl Database {
    /// Fills the pool for a run, unless a run that was broken off has left it for this one.
    pub(super) fn open_pool(&self) -> Result<(), MemoryError> {
        let in_use = self.write(|connection| {
            connection.execute_batch(SCHEMA)?;
            connection.query_row("SELECT in_use FROM pool", [], |row| row.get::<_, bool>(0))
        })?;
        if in_use {
            return Ok(());
        }
        // Before all keys; of an empty one SQLite takes no part.
        let mut reached = Reached { key: vec![0], until: 0 };
        while self.write(|connection| fill(connection, &mut reached))? {}
        let open = "UPDATE pool SET until = max(until, ?1), in_use = 1";
        self.write(|connection| connection.execute(open, [reached.until]).map(drop))
    }

    /// Says that the run is over: the next one gets a pool with all that came meanwhile.
    pub(super) fn close_pool(&self) -> Result<(), MemoryError> {
        self.run(|connection| connection.execute("UPDATE pool SET in_use = 0", []).map(drop))
    }

    /// The examples in the pool for each request, the nearest first.
    pub(super) fn nearest(&self, requests: &[Request]) -> Result<Vec<Vec<Example>>, MemoryError> {
        self.run(|connection| {
            let transaction = connection.unchecked_transaction()?;
            requests.iter().map(|request| nearest(&transaction, request)).collect()
        })
    }
}

/// How far a pool is filled.
struct Reached {
    key: Vec<u8>,
    /// The number of the newest translation so far.
    until: i64,
}

/// Adds to the pool what can be an example and is not in it; returns whether there may be more.
fn fill(connection: &Connection, reached: &mut Reached) -> rusqlite::Result<bool> {
    let mut fresh = connection.prepare_cached(FRESH)?;
    let mut rows = fresh.query(params![LONGEST, reached.key, i64::try_from(CHUNK).unwrap_or(i64::MAX)])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let (key, source, target): (Vec<u8>, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        count += 1;
        reached.until = row.get::<_, i64>(3)?.max(reached.until);
        reached.key.clone_from(&key);
        let sorted = sorted_words(&source);
        if sorted.len() < FEWEST_WORDS
            || has_placeholder(&source)
            || similarity(&sorted, &sorted_words(&target)) >= UNTRANSLATED
        {
            continue;
        }
        let id = connection.prepare_cached(ADD)?.query_row([key], |row| row.get::<_, i64>(0)).optional()?;
        if let Some(id) = id {
            connection.prepare_cached(ADD_WORDS)?.execute(params![id, sorted.join(" ")])?;
        }
    }
    Ok(count == CHUNK)
}

/// The examples for one request.
fn nearest(connection: &Connection, request: &Request) -> rusqlite::Result<Vec<Example>> {
    let wanted = sorted_words(&request.text);
    if !(FEWEST_WORDS..=MOST_WORDS).contains(&wanted.len()) {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for id in candidates(connection, &wanted)? {
        let mut pair = connection.prepare_cached(PAIR)?;
        let example = pair.query_row([id], |row| Ok(Example { source: row.get(0)?, target: row.get(1)? }));
        if let Some(example) = example.optional()? {
            let near = similarity(&wanted, &sorted_words(&example.source));
            if near >= SIMILARITY && agrees(&example, request) {
                found.push((near, example));
            }
        }
    }
    // By their texts where they are equally near: the numbers of rows must not show.
    found.sort_by(|(a, left), (b, right)| {
        b.total_cmp(a).then_with(|| (&left.source, &left.target).cmp(&(&right.source, &right.target)))
    });
    found.dedup_by(|(_, later), (_, first)| later.source == first.source);
    Ok(found.into_iter().take(EXAMPLES).map(|(_, example)| example).collect())
}

/// The rows that have most of the less common words, these first.
fn candidates(connection: &Connection, wanted: &[String]) -> rusqlite::Result<Vec<i64>> {
    let mut shared: HashMap<i64, usize> = HashMap::new();
    let mut with_word = connection.prepare_cached(WITH_WORD)?;
    let mut distinct: Vec<&String> = wanted.iter().collect();
    distinct.dedup();
    for word in distinct {
        let rows = with_word.query_map(params![format!("\"{word}\""), COMMON + 1], |row| row.get(0))?;
        let rows: Vec<i64> = rows.collect::<rusqlite::Result<_>>()?;
        if rows.len() <= usize::from(COMMON) {
            for row in rows {
                *shared.entry(row).or_default() += 1;
            }
        }
    }
    let mut rows: Vec<(i64, usize)> = shared.into_iter().collect();
    rows.sort_unstable_by_key(|(row, count)| (std::cmp::Reverse(*count), *row));
    Ok(rows.into_iter().take(CANDIDATES).map(|(row, _)| row).collect())
}

/// Whether an example says nothing against the terms of a request.
fn agrees(example: &Example, request: &Request) -> bool {
    let has = |text: &str, part: &str| text.to_lowercase().contains(&part.to_lowercase());
    request.terms.iter().all(|term| !has(&example.source, &term.source) || has(&example.target, &term.target))
}

/// What share of their words two texts have in common, from 0 to 1 (Dice's coefficient).
fn similarity(left: &[String], right: &[String]) -> f64 {
    let count = |words: usize| f64::from(u32::try_from(words).unwrap_or(u32::MAX));
    let all = left.len() + right.len();
    if all == 0 { 0.0 } else { count(2 * common(left, right)) / count(all) }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::memory::key::Key;
    use crate::memory::records::StoredAnswer;
    use crate::memory::{Memory, SqliteMemory};
    use crate::model::{Cut, TermHint, Translation};

    fn request(text: &str) -> Request {
        Request { text: text.to_owned(), terms: Vec::new(), inlines: Vec::new() }
    }

    fn record(source: &str, target: &str) -> StoredAnswer {
        StoredAnswer {
            key: Key::new("double", &request(source)),
            engine: "double".to_owned(),
            fingerprint: "double".to_owned(),
            request: request(source),
            translation: Translation::plain(target),
        }
    }

    fn memory(pairs: &[(&str, &str)]) -> SqliteMemory {
        let memory = SqliteMemory::open_in_memory().expect("made");
        keep(&memory, pairs);
        block_on(memory.open_pool()).expect("filled");
        memory
    }

    fn keep(memory: &dyn Memory, pairs: &[(&str, &str)]) {
        let records = pairs.iter().map(|(source, target)| record(source, target)).collect();
        block_on(memory.store(records)).expect("stored");
    }

    fn near(memory: &dyn Memory, request: Request) -> Vec<String> {
        let found = block_on(memory.nearest(vec![request])).expect("read").remove(0);
        found.into_iter().map(|example| example.target).collect()
    }

    const HARBOUR: (&str, &str) = ("Der Hafen von Emden ist seit Montag gesperrt.", "Emden 1");
    const HARBOUR_TWO: (&str, &str) = ("Der Hafen von Husum ist seit Dienstag gesperrt.", "Husum 2");
    const HARBOUR_THREE: (&str, &str) =
        ("Der alte Hafen von Emden ist seit Montag ganz gesperrt.", "Emden 3");
    const MILL: (&str, &str) = ("Die Mühle am Deich dreht sich wieder.", "The mill turns.");

    #[test]
    fn the_nearest_two_come_with_the_nearest_first() {
        let memory = memory(&[HARBOUR, HARBOUR_TWO, HARBOUR_THREE, MILL]);
        let text = "Der Hafen von Emden ist seit Montag wieder gesperrt.";
        assert_eq!(near(&memory, request(text)), ["Emden 1", "Emden 3"]);
        assert_eq!(near(&memory, request("DIE MÜHLE AM DEICH DREHT SICH.")), ["The mill turns."]);
        assert!(near(&memory, request("Im Hafen von Emden brannte am Abend noch Licht.")).is_empty());
        assert!(near(&memory, request("Der \"Hafen\" OR NOT * (")).is_empty());
    }

    #[test]
    fn what_comes_while_a_run_goes_on_is_no_example_in_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("memory.db");
        let open = || {
            let memory = SqliteMemory::open(&path).expect("opened");
            block_on(memory.open_pool()).expect("filled");
            memory
        };
        let text = "Der Hafen von Emden ist seit Montag wieder gesperrt.";
        let memory = open();
        keep(&memory, &[HARBOUR]);
        assert!(near(&memory, request(text)).is_empty());
        // Broken off: the run that goes on from here sees what this one saw.
        drop(memory);
        let memory = open();
        assert!(near(&memory, request(text)).is_empty());
        block_on(memory.close_pool()).expect("closed");
        drop(memory);
        let memory = open();
        keep(&memory, &[HARBOUR_THREE]);
        assert_eq!(near(&memory, request(text)), ["Emden 1"]);
        block_on(memory.close_pool()).expect("closed");
        block_on(memory.open_pool()).expect("filled");
        assert_eq!(near(&memory, request(text)), ["Emden 1", "Emden 3"]);
    }

    #[test]
    fn what_goes_against_a_term_is_left_out() {
        let memory = memory(&[
            ("Die Fähre nach Amrum fährt heute nicht.", "The ferry to Amrum is off."),
            ("Die Fähre nach Juist fährt heute nicht.", "The boat to Juist is off."),
        ]);
        let terms = vec![TermHint { source: "Fähre".into(), target: "Ferry".into() }];
        let request =
            Request { text: "Die Fähre nach Föhr fährt heute nicht.".into(), terms, inlines: Vec::new() };
        assert_eq!(near(&memory, request), ["The ferry to Amrum is off."]);
    }

    #[test]
    fn marked_german_cut_answers_and_long_texts_are_no_examples() {
        let long = format!("{} {}", HARBOUR.0, "sehr ".repeat(60));
        let marked = format!("[de] {}", HARBOUR.0);
        let memory = SqliteMemory::open_in_memory().expect("made");
        let mut cut = record(HARBOUR_TWO.0, "The the the");
        cut.translation.cuts = vec![Cut::Loop];
        let records = vec![record(HARBOUR.0, &marked), cut, record(&long, "Long")];
        block_on(memory.store(records)).expect("stored");
        let token = "Die ZQX10 nach Husum fährt heute nicht.";
        keep(&memory, &[(token, "The ZQX10 to Husum is off.")]);
        block_on(memory.open_pool()).expect("filled");
        for text in [HARBOUR.0, HARBOUR_TWO.0, &long, token] {
            assert!(near(&memory, request(text)).is_empty(), "{text}");
        }
    }

    #[test]
    fn rare_words_find_what_common_ones_hide() {
        let memory = SqliteMemory::open_in_memory().expect("made");
        let crowd: Vec<StoredAnswer> =
            (0..2 * COMMON).map(|n| record(&format!("Das ist der Satz mit der Nummer {n}."), "x")).collect();
        block_on(memory.store(crowd)).expect("stored");
        block_on(memory.open_pool()).expect("filled");
        let found = block_on(memory.nearest(vec![request("Das ist der Satz mit der Nummer 7 hier.")]));
        assert_eq!(found.expect("read")[0][0].source, "Das ist der Satz mit der Nummer 7.");
    }
}
