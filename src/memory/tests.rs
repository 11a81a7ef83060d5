use std::path::Path;
use std::sync::Arc;

use futures::executor::block_on;
use futures::future::try_join_all;

use super::*;
use crate::check::Class;
use crate::model::{
    Alignment, ArticleId, Form, HumanPair, InlineKind, InlineSpan, Neighbours, PairOrigin, PairPlace,
    Request, SegmentInContext, SpanPairs, StoredPair, TermHint, Translation,
};

fn record(text: &str, target: &str) -> StoredAnswer {
    let request = Request {
        text: text.to_owned(),
        terms: vec![TermHint { source: "Rakete".into(), target: "rocket".into() }],
        inlines: Vec::new(),
    };
    StoredAnswer {
        key: Key::new("pseudo", &request),
        engine: "pseudo".to_owned(),
        fingerprint: "pseudo".to_owned(),
        translation: Translation::plain(target),
        request,
    }
}

fn numbered(range: std::ops::Range<usize>) -> Vec<StoredAnswer> {
    range.map(|n| record(&format!("Satz {n}."), &format!("Sentence {n}."))).collect()
}

fn keys(records: &[StoredAnswer]) -> Vec<Key> {
    records.iter().map(|record| record.key).collect()
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .collect();
    names.sort();
    names
}

#[test]
fn what_is_stored_comes_back_as_it_was_after_reopening() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("made/on the way/memory.db");
    let mut full = record("Die „Rakete“\u{0} flog.", "The rocket\u{0} flew\u{2028}.");
    full.translation.cuts = vec![crate::model::Cut::Loop];
    full.translation.alignment = Some(Alignment::Words(SpanPairs(vec![(0..3, 0..3), (4..16, 4..10)])));
    full.translation.billed = Some(17);
    let plain = record("", "");
    let absent = record("Nie gesendet.", "");

    let memory = SqliteMemory::open(&path).expect("made");
    block_on(memory.store(vec![full.clone(), plain.clone()])).expect("stored");
    drop(memory);
    assert_eq!(files(path.parent().expect("a folder")), ["memory.db"], "the log is checkpointed");

    let memory = SqliteMemory::open(&path).expect("opened");
    let found = block_on(memory.lookup(vec![plain.key, absent.key, full.key])).expect("read");
    assert_eq!(found, [Some(plain.translation), None, Some(full.translation)]);
}

#[test]
fn what_was_asked_tells_what_the_pairs_of_an_answer_are_of() {
    let pairs = SpanPairs(vec![(0..2, 0..3)]);
    let asked = |inlines: Vec<InlineSpan>, alignment| {
        let mut record = record("Ja.", "Yes.");
        record.request.inlines = inlines;
        record.key = Key::new("pseudo", &record.request);
        record.translation.alignment = Some(alignment);
        record
    };
    let styled =
        asked(vec![InlineSpan { kind: InlineKind::Range, span: 0..2 }], Alignment::Inlines(pairs.clone()));
    let records = [asked(Vec::new(), Alignment::Words(pairs)), styled];
    let memory = SqliteMemory::open_in_memory().expect("made");
    block_on(memory.store(records.to_vec())).expect("stored");
    let found = block_on(memory.lookup(keys(&records))).expect("read");
    assert_eq!(found, records.map(|record| Some(record.translation)));
}

#[test]
fn a_key_keeps_its_first_translation() {
    let memory = SqliteMemory::open_in_memory().expect("made");
    block_on(memory.store(vec![record("Ja.", "Yes."), record("Ja.", "Yep.")])).expect("stored");
    block_on(memory.store(vec![record("Ja.", "Yeah.")])).expect("stored");
    let found = block_on(memory.lookup(vec![record("Ja.", "").key])).expect("read");
    assert_eq!(found, [Some(Translation::plain("Yes."))]);
}

#[test]
fn a_new_translation_takes_the_place_of_the_old_one_only_if_it_is_to() {
    let memory = SqliteMemory::open_in_memory().expect("made");
    block_on(memory.store(vec![record("Ja.", "Yes.")])).expect("stored");
    block_on(memory.replace(vec![record("Ja.", "Yep."), record("Nein.", "No.")])).expect("replaced");
    let found = block_on(memory.lookup(keys(&[record("Ja.", ""), record("Nein.", "")]))).expect("read");
    assert_eq!(found, [Some(Translation::plain("Yep.")), Some(Translation::plain("No."))]);
}

/// An answer that is not a translation.
fn refused(text: &str, answer: &str, class: Class, form: Form) -> Refused {
    Refused { record: record(text, answer), class, form }
}

#[test]
fn answers_that_are_no_translations_are_counted() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("memory.db");
    let memory = SqliteMemory::open(&path).expect("made");
    block_on(memory.refuse(vec![refused("Ja.", "", Class::Empty, Form::Batch)])).expect("kept");
    block_on(memory.refuse(vec![refused("Ja.", "Ja.", Class::Echo, Form::Bare)])).expect("kept");
    drop(memory);
    let memory = SqliteMemory::open(&path).expect("opened");
    let keys = keys(&[record("Ja.", ""), record("Nein.", "")]);
    let found = block_on(memory.attempts(keys.clone())).expect("read");
    let attempt = Attempt { form: Form::Bare, class: Class::Echo, answer: "Ja.".into(), count: 2 };
    assert_eq!(found, [Some(attempt), None]);
    assert_eq!(block_on(memory.lookup(keys)).expect("read"), [None, None], "none is taken for a translation");
}

/// Memories of all earlier formats, made by the SQL of their versions, by format.
const EARLIER: [&str; 7] = [
    include_str!("../../tests/fixtures/memory/format-1.sql"),
    include_str!("../../tests/fixtures/memory/format-2.sql"),
    include_str!("../../tests/fixtures/memory/format-3.sql"),
    include_str!("../../tests/fixtures/memory/format-4.sql"),
    include_str!("../../tests/fixtures/memory/format-5.sql"),
    include_str!("../../tests/fixtures/memory/format-6.sql"),
    include_str!("../../tests/fixtures/memory/format-7.sql"),
];

/// What SQLite has for the tables of a file, and its format.
fn tables(path: &Path) -> (Vec<String>, i32) {
    let connection = rusqlite::Connection::open(path).expect("opened");
    let mut tables = connection
        .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
        .expect("prepared");
    let tables = tables.query_map([], |row| row.get(0)).expect("read").collect::<Result<_, _>>();
    let format = connection.query_row("PRAGMA user_version", [], |row| row.get(0));
    (tables.expect("read"), format.expect("read"))
}

#[test]
fn a_memory_of_every_earlier_format_is_read_as_it_is_and_brought_up_when_it_is_written() {
    let new = InFolder(tempfile::tempdir().expect("a folder"));
    drop(SqliteMemory::open(&new.path()).expect("made"));
    assert_eq!(
        tables(&new.path()).1,
        i32::try_from(EARLIER.len()).expect("few") + 1,
        "each format has a fixture"
    );
    let request = Request {
        text: "Der Start gelang.".into(),
        terms: vec![TermHint { source: "Start".into(), target: "launch".into() }],
        inlines: Vec::new(),
    };
    let key = Key::new("deepl", &request);
    let segment =
        SegmentInContext { source: request.text.clone(), place: None, context: Neighbours::default() };
    let article = ArticleId::new("a.txt");
    let file = PairOrigin { origin: "a.en.txt".into(), article: article.clone() };
    let learned = HumanPair {
        place: Some(PairPlace { article, segment: 2 }),
        context: Neighbours { before: Some(request.text.clone()), after: None },
        origin: Some(file.origin.clone()),
        ..conformance::pair("Der Start gelang nicht.", "The launch failed.", 1_795_702_000)
    };
    for (format, sql) in (1..).zip(EARLIER) {
        let old = InFolder(tempfile::tempdir().expect("a folder"));
        let path = old.path();
        let connection = rusqlite::Connection::open(&path).expect("made");
        connection.execute_batch(sql).expect("filled");
        drop(connection);
        let check = |memory: &dyn Memory| {
            let found = block_on(memory.lookup(vec![key])).expect("read");
            let found = found[0].as_ref().expect("there");
            assert_eq!((found.text.as_str(), found.billed), ("The launch succeeded.", Some(17)));
            assert!(found.alignment.is_some());
            let outputs = block_on(memory.outputs()).expect("read");
            assert_eq!(outputs.len(), usize::from(format >= 3));
            assert_eq!(block_on(memory.attempts(vec![key])).expect("read"), [None]);
            assert_eq!(block_on(memory.corrections(vec![segment.clone()])).expect("read"), [None]);
            let learned = (format >= 4).then(|| StoredPair::new(learned.clone()));
            let pairs = block_on(memory.pairs_after(None, 9)).expect("read");
            assert!(pairs.iter().eq(&learned), "{pairs:?}");
            let last = block_on(memory.last_learned(vec![file.clone()])).expect("read");
            assert!(last.iter().eq(&learned), "{last:?}");
            let revision = MemoryRevision(u64::from(format >= 4));
            assert_eq!(block_on(memory.revision()).expect("read"), revision);
            assert_eq!(
                block_on(memory.chosen(Selection::default())).expect("read").unusable,
                u64::from(format >= 2)
            );
            assert_eq!(block_on(memory.batch_jobs()).expect("read"), []);
            assert_eq!(block_on(memory.underway(vec![key])).expect("read"), [false]);
            assert_eq!(block_on(memory.near(segment.clone(), 9)).expect("searched")[0].score, 100);
        };
        check(&SqliteMemory::open_existing(&path).expect("opened").expect("there"));
        let merged = InFolder(tempfile::tempdir().expect("a folder"));
        SqliteMemory::merge(&path, &new.path(), &merged.path()).expect("merged");
        let merged = SqliteMemory::open_existing(&merged.path()).expect("opened").expect("there");
        assert_eq!(
            block_on(merged.lookup(vec![key])).expect("read")[0].as_ref().map(|found| found.billed),
            Some(Some(17))
        );
        assert_eq!(tables(&path).1, format, "reading changes nothing");
        check(&SqliteMemory::open(&path).expect("brought up"));
        assert_eq!(tables(&path), tables(&new.path()));
    }
}

#[test]
fn what_is_forgotten_is_what_was_chosen() {
    let memory = SqliteMemory::open_in_memory().expect("made");
    let mut other = record("Ja.", "Yup.");
    (other.engine, other.fingerprint) = ("other".into(), "other".into());
    other.key = Key::new("other", &other.request);
    block_on(memory.store(vec![record("Ja.", "Yes."), record("Nein.", "No."), other])).expect("stored");
    let no = |class| refused("Vielleicht.", "", class, Form::Bare);
    block_on(memory.refuse(vec![no(Class::Empty)])).expect("kept");
    let nothing = Selection::default();
    let all = Forgotten { translations: 3, unusable: 1 };
    assert_eq!(block_on(memory.chosen(nothing.clone())).expect("counted"), all);
    let unusable = Selection { unusable_only: true, ..nothing.clone() };
    assert_eq!(
        block_on(memory.chosen(unusable)).expect("counted"),
        Forgotten { translations: 0, unusable: 1 }
    );
    let yes = Selection { sources: Some(vec!["Ja.".into(), "Vielleicht.".into()]), ..nothing.clone() };
    let own = Selection { engine: Some("pseudo".into()), ..yes.clone() };
    assert_eq!(block_on(memory.forget(own)).expect("forgotten"), Forgotten { translations: 1, unusable: 1 });
    assert_eq!(block_on(memory.forget(yes)).expect("forgotten"), Forgotten { translations: 1, unusable: 0 });
    assert_eq!(
        block_on(memory.chosen(nothing)).expect("counted"),
        Forgotten { translations: 1, unusable: 0 }
    );
}

#[test]
fn the_engines_are_told_in_the_order_in_which_they_came() {
    let memory = SqliteMemory::open_in_memory().expect("made");
    let by = |engine: &str, fingerprint: &str| {
        let request = Request { text: "Ja.".into(), terms: Vec::new(), inlines: Vec::new() };
        StoredAnswer {
            key: Key::new(fingerprint, &request),
            engine: engine.into(),
            fingerprint: fingerprint.into(),
            ..record("Ja.", "Yes.")
        }
    };
    block_on(memory.store(vec![by("b", "b 1"), by("a", "a 1")])).expect("stored");
    block_on(memory.store(vec![by("b", "b 2"), by("a", "a 1")])).expect("stored");
    let makers = block_on(memory.makers()).expect("read");
    let fingerprints: Vec<_> = makers.into_iter().map(|maker| maker.fingerprint).collect();
    assert_eq!(fingerprints, ["b 1", "a 1", "b 2"]);
}

#[test]
fn earlier_answers_are_counted_until_something_is_decided_about_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("memory.db");
    let succession = Succession { fingerprint: "pseudo server=x".into(), earlier: "pseudo".into() };
    for (taken, decided) in [(true, Adoption::Taken), (false, Adoption::Declined)] {
        let memory = SqliteMemory::open(&path).expect("opened");
        if taken {
            block_on(memory.store(numbered(0..3))).expect("stored");
            let undecided = block_on(memory.adoption(succession.clone())).expect("read");
            assert_eq!(undecided, Adoption::Undecided { answers: 3 });
        }
        block_on(memory.decide(succession.clone(), taken)).expect("decided");
        drop(memory);
        let memory = SqliteMemory::open_existing(&path).expect("opened").expect("there");
        assert_eq!(block_on(memory.adoption(succession.clone())).expect("read"), decided);
        let other = Succession { fingerprint: "pseudo server=y".into(), ..succession.clone() };
        let undecided = block_on(memory.adoption(other)).expect("read");
        assert_eq!(undecided, Adoption::Undecided { answers: 3 });
    }
}

#[test]
fn many_stores_at_once_are_all_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("memory.db");
    let memory = SqliteMemory::open(&path).expect("made");
    let stores: Vec<_> = (0..40).map(|n| memory.store(numbered(n * 50..(n + 1) * 50))).collect();
    block_on(try_join_all(stores)).expect("stored");
    let stats = block_on(memory.stats()).expect("counted");
    assert_eq!(stats.rows, 2000);
    assert!(stats.bytes > 100_000);
    let found = block_on(memory.lookup(keys(&numbered(0..2000)))).expect("read");
    assert!(found.iter().all(Option::is_some));
}

#[test]
fn a_store_that_nobody_waits_for_is_kept_all_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("memory.db");
    let memory = SqliteMemory::open(&path).expect("made");
    drop(memory.store(numbered(0..10)));
    drop(memory);
    let memory = SqliteMemory::open(&path).expect("opened");
    assert_eq!(block_on(memory.stats()).expect("counted").rows, 10);
}

#[test]
fn what_is_asked_behind_a_store_sees_it_though_the_store_still_waits() {
    let memory = SqliteMemory::open_in_memory().expect("made");
    let (go, held) = std::sync::mpsc::channel::<()>();
    // All that follows waits together.
    let holding = memory.task(move |_| {
        let _ = held.recv();
        Ok(())
    });
    let records = numbered(0..3);
    let stored = memory.store(records[..2].to_vec());
    let first = memory.lookup(keys(&records));
    let replaced = memory.replace(vec![StoredAnswer { key: records[0].key, ..record("Satz 0.", "Zero.") }]);
    let then = memory.lookup(keys(&records[..1]));
    drop(go);
    block_on(holding).expect("held");
    let texts = |found: Vec<Option<Translation>>| -> Vec<_> {
        found.into_iter().map(|found| found.map(|translation| translation.text)).collect()
    };
    let first = texts(block_on(first).expect("read"));
    assert_eq!(first, [Some("Sentence 0.".to_owned()), Some("Sentence 1.".to_owned()), None]);
    assert_eq!(texts(block_on(then).expect("read")), [Some("Zero.".to_owned())]);
    block_on(stored).expect("stored");
    block_on(replaced).expect("stored");
}

#[test]
fn a_closed_memory_is_whole_in_its_one_file_whoever_still_holds_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("memory.db");
    let memory = Arc::new(SqliteMemory::open(&path).expect("made"));
    let held = Arc::clone(&memory);
    drop(memory.store(numbered(0..50)));
    assert_eq!(block_on(memory.close()).expect("closed"), Log::Merged);
    assert_eq!(files(folder.path()), ["memory.db"]);
    let copy = folder.path().join("copy.db");
    std::fs::copy(&path, &copy).expect("copied");
    let copy = SqliteMemory::open_existing(&copy).expect("opened").expect("there");
    assert_eq!(block_on(copy.stats()).expect("counted").rows, 50);
    let late = block_on(held.store(numbered(50..51)));
    assert!(matches!(late, Err(MemoryError::Gone)), "{late:?}");
}

#[test]
fn a_log_that_another_process_reads_is_left_and_said_to_be() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("memory.db");
    let memory = SqliteMemory::open(&path).expect("made");
    block_on(memory.store(numbered(0..1))).expect("stored");
    let reader = rusqlite::Connection::open(&path).expect("opened");
    reader.execute_batch("BEGIN; SELECT count(*) FROM translation").expect("reading");
    block_on(memory.store(numbered(1..2))).expect("stored");
    assert_eq!(block_on(memory.close()).expect("closed"), Log::Left);
    drop(reader);
    let memory = SqliteMemory::open(&path).expect("opened");
    assert_eq!(block_on(memory.stats()).expect("counted").rows, 2);
    assert_eq!(block_on(memory.close()).expect("closed"), Log::Merged);
    assert_eq!(files(folder.path()), ["memory.db"]);
}

#[test]
fn what_was_confirmed_outlives_a_killed_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("memory.db");
    let memory = SqliteMemory::open(&path).expect("made");
    block_on(memory.store(numbered(0..100))).expect("stored");
    // What a killed process leaves: database and log as they are at this moment, nothing closed.
    let left = folder.path().join("left");
    std::fs::create_dir(&left).expect("made");
    for name in ["memory.db", "memory.db-wal"] {
        std::fs::copy(folder.path().join(name), left.join(name)).expect("copied");
    }
    // A commit that was cut off in the middle is as if it had never been.
    let log = left.join("memory.db-wal");
    let mut bytes = std::fs::read(&log).expect("read");
    bytes.extend_from_slice(&[7; 1000]);
    std::fs::write(&log, bytes).expect("written");

    let reader = SqliteMemory::open_existing(&left.join("memory.db")).expect("opened").expect("there");
    assert_eq!(block_on(reader.stats()).expect("counted").rows, 100);
    drop(reader);
    let reopened = SqliteMemory::open(&left.join("memory.db")).expect("opened");
    block_on(reopened.store(numbered(100..110))).expect("stored");
    let found = block_on(reopened.lookup(keys(&numbered(0..110)))).expect("read");
    assert!(found.iter().all(Option::is_some));
}

#[test]
fn half_a_page_that_a_full_disk_left_is_whole_in_the_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("memory.db");
    let records = numbered(0..2000);
    let memory = SqliteMemory::open(&path).expect("made");
    block_on(memory.store(records.clone())).expect("stored");
    let left = tempfile::tempdir().expect("a folder");
    for name in ["memory.db", "memory.db-wal"] {
        std::fs::copy(folder.path().join(name), left.path().join(name)).expect("copied");
    }
    let path = left.path().join("memory.db");
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).expect("opened");
    std::io::Write::write_all(&mut file, &[7; 2048]).expect("written");
    drop(file);
    assert!(all_found(&path, &keys(&records)).expect("no damage"));
    let memory = SqliteMemory::open(&path).expect("no damage");
    assert_eq!(block_on(memory.problems()).expect("read"), []);
    block_on(memory.close()).expect("closed");
    assert!(all_found(&path, &keys(&records)).expect("whole"));
}

#[test]
fn reading_only_makes_no_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a #1 100% ö?.db");
    assert!(SqliteMemory::open_existing(&path).expect("no error").is_none());
    assert!(files(folder.path()).is_empty());

    let memory = SqliteMemory::open(&path).expect("made");
    block_on(memory.store(numbered(0..3))).expect("stored");
    drop(memory);
    let before = files(folder.path());
    assert_eq!(before.len(), 1);
    let reader = SqliteMemory::open_existing(&path).expect("opened").expect("there");
    assert!(block_on(reader.lookup(keys(&numbered(2..3)))).expect("read")[0].is_some());
    block_on(reader.store(numbered(3..4))).expect_err("for reading only");
    drop(reader);
    assert_eq!(files(folder.path()), before);
}

#[test]
fn two_processes_may_have_it_open() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("memory.db");
    let first = SqliteMemory::open(&path).expect("made");
    let second = SqliteMemory::open(&path).expect("opened");
    block_on(first.store(numbered(0..1))).expect("stored");
    block_on(second.store(numbered(1..2))).expect("stored");
    assert_eq!(block_on(first.stats()).expect("counted").rows, 2);
    let reader = SqliteMemory::open_existing(&path).expect("opened").expect("there");
    assert_eq!(block_on(reader.stats()).expect("counted").rows, 2);
}

#[test]
fn a_file_that_is_something_else_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = folder.path().join("text.db");
    std::fs::write(&text, "Das ist keine Datenbank, nur ein Text. ".repeat(40)).expect("written");
    let other = folder.path().join("other.db");
    let connection = rusqlite::Connection::open(&other).expect("made");
    connection.execute_batch("CREATE TABLE notes (note TEXT)").expect("made");
    drop(connection);
    for path in [text, other] {
        let before = std::fs::read(&path).expect("read");
        for error in [SqliteMemory::open(&path).err(), SqliteMemory::open_existing(&path).err()] {
            let error = error.expect("refused");
            assert!(matches!(error, MemoryError::Foreign { .. }), "{error}");
            assert!(error.to_string().contains("move it away"), "{error}");
        }
        assert_eq!(std::fs::read(&path).expect("read"), before);
    }
}

/// What comes of opening a memory and looking for what was in it.
fn all_found(path: &Path, keys: &[Key]) -> Result<bool, MemoryError> {
    let Some(memory) = SqliteMemory::open_existing(path)? else { return Ok(false) };
    let found = block_on(memory.lookup(keys.to_vec()))?;
    drop(memory);
    let memory = SqliteMemory::open(path)?;
    Ok(found == block_on(memory.lookup(keys.to_vec()))? && found.iter().all(Option::is_some))
}

#[test]
fn a_memory_that_lost_something_is_damaged_and_never_an_empty_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("memory.db");
    let records = numbered(0..400);
    let memory = SqliteMemory::open(&path).expect("made");
    block_on(memory.store(records.clone())).expect("stored");
    block_on(memory.close()).expect("closed");
    let whole = std::fs::read(&path).expect("read");
    let keys = keys(&records);
    assert!(all_found(&path, &keys).expect("whole"));
    let page = 4096;
    let zeros = |at: usize| [&whole[..at], &vec![0; page], &whole[at + page..]].concat();
    let cut = [0, 1, page, whole.len() / 2, whole.len() - page, whole.len() - 1];
    let damaged = cut.map(|length| whole[..length].to_vec()).into_iter();
    // The pages that hold these answers; their German may stand in an index, too.
    let page_of = |record: &StoredAnswer| {
        let text = record.translation.text.as_bytes();
        whole.windows(text.len()).position(|bytes| bytes == text).expect("in the file") / page * page
    };
    for bytes in damaged.chain([zeros(0), zeros(page_of(&records[0])), zeros(page_of(&records[200]))]) {
        std::fs::write(&path, &bytes).expect("written");
        let error = all_found(&path, &keys).expect_err("damaged");
        assert!(matches!(error, MemoryError::Damaged { .. } | MemoryError::Foreign { .. }), "{error:?}");
        assert!(error.to_string().contains("damaged"), "{error}");
        assert_eq!(std::fs::read(&path).expect("read").len(), bytes.len(), "it is left as it is");
    }
}

#[test]
fn an_alignment_that_does_not_fit_its_text_is_damage() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("memory.db");
    let mut record = record("Ja.", "Yes – no.");
    record.translation.alignment = Some(Alignment::Words(SpanPairs(vec![(0..2, 0..3)])));
    let memory = SqliteMemory::open(&path).expect("made");
    block_on(memory.store(vec![record.clone()])).expect("stored");
    block_on(memory.close()).expect("closed");
    for broken in ["[[0,2,0,99]]", "[[0,2,3,1]]", "[[0,2,0,5]]", "[[2,0,0,3]]", "[[0,2,0"] {
        let connection = rusqlite::Connection::open(&path).expect("opened");
        connection.execute("UPDATE translation SET alignment = ?1", [broken]).expect("written");
        drop(connection);
        let memory = SqliteMemory::open(&path).expect("opened");
        let error = block_on(memory.lookup(vec![record.key])).expect_err("refused");
        assert!(matches!(error, MemoryError::Damaged { .. }), "{broken}: {error}");
    }
}

#[test]
fn a_newer_format_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("memory.db");
    drop(SqliteMemory::open(&path).expect("made"));
    let connection = rusqlite::Connection::open(&path).expect("opened");
    connection.pragma_update(None, "user_version", 99).expect("written");
    drop(connection);
    let error = SqliteMemory::open(&path).expect_err("refused");
    assert!(error.to_string().contains("format 99"), "{error}");
}

#[test]
fn a_file_in_the_way_of_a_folder_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("written");
    let error = SqliteMemory::open(&file.join("memory.db")).expect_err("refused");
    assert!(error.to_string().contains("file"), "{error}");
    let error = SqliteMemory::open(folder.path()).expect_err("a folder is no memory");
    assert!(error.to_string().contains(&folder.path().display().to_string()), "{error}");
}

fn output(path: &str, hash: &str) -> OutputRecord {
    OutputRecord {
        path: path.to_owned(),
        hash: hash.to_owned(),
        article: "a.txt".to_owned(),
        format: "text".to_owned(),
        segments: Some("0123abcd".to_owned()),
    }
}

#[test]
fn an_output_that_is_being_replaced_is_known_in_both_forms_until_it_is_settled() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("memory.db");
    let (other, old, new) = (output("/a", "00"), output("/b", "11"), output("/b", "22"));
    let memory = SqliteMemory::open(&path).expect("made");
    for settled in [&other, &old] {
        block_on(memory.settle_output(settled.clone())).expect("stored");
    }
    block_on(memory.announce_output(new.clone())).expect("stored");
    drop(memory);
    let memory = SqliteMemory::open(&path).expect("opened");
    let known = || block_on(memory.outputs()).expect("read");
    assert_eq!(known(), [other.clone(), old, new.clone()]);
    block_on(memory.settle_output(new.clone())).expect("stored");
    assert_eq!(known(), [other, new]);
}

/// A memory in a folder of its own.
struct InFolder(tempfile::TempDir);

impl InFolder {
    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("memory.db")
    }
}

impl conformance::TestedMemory for InFolder {
    fn make(&mut self) -> Box<dyn Memory> {
        self.0 = tempfile::tempdir().expect("a folder");
        self.open()
    }

    fn open(&self) -> Box<dyn Memory> {
        Box::new(SqliteMemory::open(&self.path()).expect("opened"))
    }
}

#[test]
fn sqlite_conforms() {
    conformance::conform(&mut InFolder(tempfile::tempdir().expect("a folder")));
}

/// The run lock is for those who pay: what people say is kept beside a run that stores answers.
#[test]
fn people_are_not_kept_waiting_by_a_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("memory.db");
    let _lock = RunLock::acquire(&path).expect("free");
    let run = SqliteMemory::open(&path).expect("made");
    std::thread::scope(|scope| {
        let paying = scope.spawn(|| {
            for number in 0..200 {
                block_on(run.store(vec![record(&format!("Satz {number}."), "x")])).expect("stored");
            }
        });
        for number in 0..20 {
            let person = SqliteMemory::open(&path).expect("opened beside a run");
            let pair = conformance::pair("Ja.", "Yes.", number);
            block_on(person.add_pairs(vec![pair])).expect("added");
            block_on(person.close()).expect("closed");
        }
        paying.join().expect("the run ends");
    });
    assert_eq!(block_on(run.pairs_after(None, 99)).expect("read").len(), 20);
    assert_eq!(block_on(run.stats()).expect("counted").rows, 200);
}

#[test]
fn a_search_index_that_is_none_stays_and_one_of_another_version_is_made_anew() {
    let memory = InFolder(tempfile::tempdir().expect("a folder"));
    let index = memory.0.path().join("memory.db.search");
    let search = || {
        let memory = SqliteMemory::open(&memory.path()).expect("opened");
        block_on(memory.add_pairs(vec![conformance::pair("Der Hafen.", "harbour", 1)])).expect("added");
        let query = SearchQuery { words: "hafen".into(), limit: 9, ..SearchQuery::default() };
        block_on(memory.search(query)).map(|found| found.len())
    };
    assert_eq!(search().expect("searched"), 1);
    let other = rusqlite::Connection::open(&index).expect("opened");
    other.execute_batch("DROP TABLE entry; PRAGMA user_version = 99;").expect("another version");
    drop(other);
    assert_eq!(search().expect("made anew"), 1);
    for (name, foreign) in
        [("text", &b"A letter to the editor, longer than a page of a database.\n"[..]), ("empty", b"")]
    {
        std::fs::remove_file(&index).expect("removed");
        std::fs::write(&index, foreign.repeat(100)).expect("written");
        match search() {
            Ok(found) => assert_eq!((name, found), ("empty", 1)),
            Err(error) => assert!(error.to_string().contains("memory.db.search"), "{error}"),
        }
        if name == "text" {
            assert_eq!(std::fs::read(&index).expect("read"), foreign.repeat(100), "it stays as it is");
        }
    }
    std::fs::remove_file(&index).expect("removed");
    let other = rusqlite::Connection::open(&index).expect("opened");
    other.execute_batch("CREATE TABLE letters (text); PRAGMA user_version = 7;").expect("foreign");
    drop(other);
    assert!(matches!(search(), Err(MemoryError::NoIndex { .. })));
}

/// What a memory holds, as an export shows it.
fn contents(path: &Path) -> (Vec<StoredPair>, Vec<AnswerEntry>, u64) {
    let memory = SqliteMemory::open_existing(path).expect("opened").expect("there");
    (
        block_on(memory.pairs_after(None, 1000)).expect("read"),
        block_on(memory.answers_after(None, 1000)).expect("read"),
        block_on(memory.stats()).expect("read").unusable,
    )
}

/// What is done to one of three memories.
#[derive(Debug, Clone)]
enum MemoryStep {
    Answer { text: u8, target: u8, engine: bool },
    Replace { text: u8, target: u8 },
    Refuse { text: u8 },
    Pair { source: u8, target: u8, at: u8 },
    Withdraw { source: u8, target: u8, at: u8, withdrawn: u8 },
}

fn steps() -> impl proptest::strategy::Strategy<Value = Vec<(usize, MemoryStep)>> {
    use proptest::prelude::*;

    let step = prop_oneof![
        (0..4_u8, 0..3_u8, any::<bool>()).prop_map(|(text, target, engine)| MemoryStep::Answer {
            text,
            target,
            engine
        }),
        (0..4_u8, 0..3_u8).prop_map(|(text, target)| MemoryStep::Replace { text, target }),
        (0..4_u8).prop_map(|text| MemoryStep::Refuse { text }),
        (0..3_u8, 0..3_u8, 0..3_u8).prop_map(|(source, target, at)| MemoryStep::Pair { source, target, at }),
        (0..3_u8, 0..3_u8, 0..3_u8, 1..4_u8).prop_map(|(source, target, at, withdrawn)| {
            MemoryStep::Withdraw { source, target, at, withdrawn }
        }),
    ];
    proptest::collection::vec((0..3_usize, step), 0..24)
}

fn take(memory: &SqliteMemory, step: &MemoryStep) {
    let said = |source: u8, target: u8, at: u8| {
        conformance::pair(&format!("Satz {source}."), &format!("pair {target}"), i64::from(at))
    };
    match step {
        MemoryStep::Answer { text, target, engine } => {
            let mut record = record(&format!("Satz {text}."), &format!("answer {target}"));
            if *engine {
                record.engine = "other".into();
                record.fingerprint = "other".into();
                record.key = Key::new("other", &record.request);
            }
            block_on(memory.store(vec![record])).expect("stored");
        }
        MemoryStep::Replace { text, target } => {
            let record = record(&format!("Satz {text}."), &format!("again {target}"));
            block_on(memory.replace(vec![record])).expect("stored");
        }
        MemoryStep::Refuse { text } => {
            let refused = refused(&format!("Satz {text}."), "", Class::Empty, Form::Batch);
            block_on(memory.refuse(vec![refused])).expect("stored");
        }
        MemoryStep::Pair { source, target, at } => {
            block_on(memory.add_pairs(vec![said(*source, *target, *at)])).expect("added");
        }
        MemoryStep::Withdraw { source, target, at, withdrawn } => {
            let pair = said(*source, *target, *at);
            let ids = block_on(memory.add_pairs(vec![pair])).expect("added");
            let at = crate::model::Timestamp::from_seconds(i64::from(*withdrawn));
            block_on(memory.withdraw(ids, at)).expect("withdrawn");
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]

    #[test]
    fn merging_has_no_direction_and_no_order_and_loses_nothing(steps in steps()) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str| folder.path().join(name);
        let names = ["a", "b", "c"];
        for (index, name) in names.iter().enumerate() {
            let memory = SqliteMemory::open(&file(name)).expect("made");
            for (_, step) in steps.iter().filter(|(of, _)| *of == index) {
                take(&memory, step);
            }
            block_on(memory.close()).expect("closed");
        }
        let merge = |left: &str, right: &str, out: &str| {
            SqliteMemory::merge(&file(left), &file(right), &file(out)).expect("merged");
            contents(&file(out))
        };
        let both = merge("a", "b", "ab");
        proptest::prop_assert_eq!(&both, &merge("b", "a", "ba"));
        merge("b", "c", "bc");
        proptest::prop_assert_eq!(merge("ab", "c", "ab-c"), merge("a", "bc", "a-bc"));
        proptest::prop_assert_eq!(&both, &merge("ab", "ab", "twice"));
        proptest::prop_assert_eq!(&both, &merge("ab", "a", "again"));
        for name in ["a", "b"] {
            let (pairs, answers, _) = contents(&file(name));
            for pair in pairs {
                let kept = both.0.iter().find(|kept| kept.id == pair.id).expect("kept");
                proptest::prop_assert_eq!(&kept.pair, &pair.pair);
                proptest::prop_assert!(kept.withdrawn >= pair.withdrawn);
            }
            for answer in answers {
                proptest::prop_assert!(both.1.iter().any(|kept| kept.id == answer.id && kept.at >= answer.at));
            }
        }
        let again = SqliteMemory::open(&file("ab")).expect("a memory like any other");
        proptest::prop_assert_eq!(block_on(again.problems()).expect("checked"), []);
        proptest::prop_assert_eq!(tables(&file("ab")).0.len(), tables(&file("a")).0.len());
    }
}

#[test]
fn what_came_with_an_answer_is_merged_with_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name);
    let mut yes = record("Ja.", "Yes.");
    yes.translation.alternatives = vec!["Yeah.".to_owned()];
    for (name, answer) in [("a", yes.clone()), ("b", record("Nein.", "No."))] {
        let memory = SqliteMemory::open(&file(name)).expect("made");
        block_on(memory.store(vec![answer])).expect("stored");
        block_on(memory.close()).expect("closed");
    }
    SqliteMemory::merge(&file("b"), &file("a"), &file("both")).expect("merged");
    let both = SqliteMemory::open_existing(&file("both")).expect("opened").expect("there");
    assert_eq!(block_on(both.lookup(vec![yes.key])).expect("read"), [Some(yes.translation)]);
}

#[test]
fn a_merge_writes_over_nothing_and_needs_both() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name);
    for name in ["a", "b"] {
        drop(SqliteMemory::open(&file(name)).expect("made"));
    }
    std::fs::write(file("text"), "theirs").expect("written");
    for out in ["a", "text"] {
        let error = SqliteMemory::merge(&file("a"), &file("b"), &file(out)).expect_err("refused");
        assert!(matches!(error, MemoryError::Exists { .. }), "{error}");
    }
    assert_eq!(std::fs::read_to_string(file("text")).expect("read"), "theirs");
    for (left, right) in [("a", "none"), ("none", "a"), ("a", "text")] {
        assert!(SqliteMemory::merge(&file(left), &file(right), &file("out")).is_err());
        assert!(!file("out").exists());
    }
}

#[test]
fn what_can_be_read_of_a_damaged_memory_is_saved_and_the_file_is_kept() {
    let memory = InFolder(tempfile::tempdir().expect("a folder"));
    let path = memory.path();
    let made = SqliteMemory::open(&path).expect("made");
    block_on(made.store(numbered(0..400))).expect("stored");
    block_on(made.add_pairs((0..99).map(|n| conformance::pair("Ja.", "Yes.", n)).collect())).expect("added");
    block_on(made.close()).expect("closed");
    let whole = std::fs::read(&path).expect("read");
    let page = 4096;
    let text = b"Sentence 200";
    let at = whole.windows(text.len()).position(|bytes| bytes == text).expect("there") / page * page;
    let broken = [&whole[..at], &vec![0; page], &whole[at + page..]].concat();
    std::fs::write(&path, &broken).expect("written");
    let opened = SqliteMemory::open_existing(&path).expect("opened").expect("there");
    assert!(matches!(block_on(opened.problems()).expect("checked")[..], [MemoryProblem::Damage { .. }, ..]));
    drop(opened);
    let RepairedMemory { set_aside, stats } = SqliteMemory::repair(&path).expect("repaired");
    assert!(stats.rows > 300 && stats.rows < 400, "{stats:?}");
    assert_eq!(stats.corrections, 99);
    assert_eq!(std::fs::read(&set_aside).expect("kept"), broken);
    assert!(set_aside.to_string_lossy().contains("damaged"));
    let new = SqliteMemory::open(&path).expect("opened");
    assert_eq!(block_on(new.problems()).expect("checked"), []);
    // A file that is none of ours stays where it is.
    let other = memory.0.path().join("letters.db");
    rusqlite::Connection::open(&other)
        .and_then(|made| made.execute_batch("CREATE TABLE letters (text)"))
        .expect("made");
    assert!(matches!(SqliteMemory::repair(&other), Err(MemoryError::Foreign { .. })));
    assert!(other.exists());
}

#[test]
fn pairs_that_somebody_changed_in_the_file_are_told() {
    let memory = InFolder(tempfile::tempdir().expect("a folder"));
    let made = SqliteMemory::open(&memory.path()).expect("made");
    let ids = block_on(made.add_pairs(vec![conformance::pair("Ja.", "Yes.", 1)])).expect("added");
    block_on(made.close()).expect("closed");
    let connection = rusqlite::Connection::open(memory.path()).expect("opened");
    connection.execute("UPDATE pair SET target = 'No.'", []).expect("changed");
    drop(connection);
    let opened = SqliteMemory::open(&memory.path()).expect("opened");
    assert_eq!(block_on(opened.problems()).expect("checked"), [MemoryProblem::WrongId { id: ids[0] }]);
}
