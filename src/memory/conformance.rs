//! What every translation memory has to do, whatever it stores in.
//!
//! A store passes if [`conform`] returns. It is given a function that opens the same memory once more, as another process
//! would, or a new one that is empty.

use std::cell::Cell;
use std::collections::HashSet;

use futures::FutureExt as _;
use futures::executor::block_on;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::*;
use crate::check::Class;
use crate::model::{
    ArticleId, Form, HumanPair, Neighbours, PairKind, PairOrigin, PairPlace, Request, SegmentInContext,
    SpanPairs, StoredPair, TermHint, Timestamp, Translation,
};

/// A kind of memory, as the tests see it.
pub(super) trait TestedMemory {
    /// Makes an empty memory, and forgets the one before.
    fn make(&mut self) -> Box<dyn Memory>;

    /// Opens the memory that was made last once more.
    fn open(&self) -> Box<dyn Memory>;
}

/// Asks a kind of memory for everything that a memory does. One that is shared need not search, but has claims.
pub(super) fn conform(store: &mut dyn TestedMemory) {
    let further: [fn(&mut dyn TestedMemory); 3] = if store.make().is_shared() {
        [a_key_is_granted_to_one, a_claim_ends_with_an_answer, a_claim_ends_with_its_memory]
    } else {
        [
            what_is_near_comes_with_the_nearest_first,
            a_search_finds_words_on_both_sides,
            what_others_write_is_found,
        ]
    };
    for check in further {
        check(store);
    }
    for check in [
        answers_stay_as_they_came,
        the_terms_that_went_with_a_text_are_known,
        refusals_are_counted,
        pairs_are_kept_once_and_come_back_whole,
        the_nearest_correction_is_taken_then_the_newest,
        suggestions_and_pairs_taken_back_are_no_corrections,
        what_is_taken_back_stays_taken_back,
        the_last_correction_is_used_whatever_the_clock_does,
        what_was_learned_last_is_known_whatever_the_clock_does,
        pairs_are_found_by_the_beginning_of_their_id,
        a_change_of_pairs_is_seen_by_others,
        answers_are_found_by_the_beginning_of_their_id,
        what_was_read_is_known_by_its_texts,
        outputs_are_known,
        a_job_is_known_from_before_it_is_sent_until_it_is_settled,
        a_closed_memory_says_so,
    ] {
        check(store);
    }
}

pub(super) fn pair(source: &str, target: &str, at: i64) -> HumanPair {
    HumanPair {
        kind: PairKind::Correction,
        source: source.to_owned(),
        target: target.to_owned(),
        inlines: None,
        by: "Ada".to_owned(),
        at: Timestamp::from_seconds(at),
        place: None,
        context: Neighbours::default(),
        origin: None,
    }
}

fn record(text: &str, target: &str) -> StoredAnswer {
    let request = Request { text: text.to_owned(), terms: Vec::new(), inlines: Vec::new() };
    StoredAnswer {
        key: Key::new("double", &request),
        engine: "double".to_owned(),
        fingerprint: "double".to_owned(),
        request,
        translation: Translation::plain(target),
    }
}

fn segment(source: &str) -> SegmentInContext {
    SegmentInContext { source: source.to_owned(), place: None, context: Neighbours::default() }
}

fn place(article: &str, segment: usize) -> PairPlace {
    PairPlace { article: ArticleId::new(article), segment }
}

fn between(before: &str, after: &str) -> Neighbours {
    Neighbours { before: Some(before.to_owned()), after: Some(after.to_owned()) }
}

fn add(memory: &dyn Memory, pairs: &[HumanPair]) -> Vec<StoredPair> {
    let ids = block_on(memory.add_pairs(pairs.to_vec())).expect("added");
    let stored: Vec<StoredPair> = pairs.iter().cloned().map(StoredPair::new).collect();
    assert!(ids.iter().eq(stored.iter().map(|pair| &pair.id)));
    stored
}

fn correction(memory: &dyn Memory, segment: SegmentInContext) -> Option<String> {
    let found = block_on(memory.corrections(vec![segment])).expect("read");
    assert_eq!(found.len(), 1);
    found.into_iter().flatten().next().map(|found| found.pair.target)
}

fn answers_stay_as_they_came(store: &mut dyn TestedMemory) {
    let memory = store.make();
    let (mut yes, no) = (record("Ja.", "Yes."), record("Nein.", "No."));
    yes.translation.alternatives = vec!["Yeah.".to_owned(), "Yup, \"yes\".".to_owned()];
    block_on(memory.store(vec![yes.clone(), no.clone()])).expect("stored");
    block_on(memory.store(vec![record("Ja.", "Yep.")])).expect("stored");
    block_on(memory.replace(vec![record("Nein.", "Nope.")])).expect("stored");
    let keys = vec![no.key, record("Oh.", "Oh.").key, yes.key];
    let found = block_on(store.open().lookup(keys)).expect("read");
    assert_eq!(found, [Some(Translation::plain("Nope.")), None, Some(yes.translation)]);
    let makers = block_on(memory.makers()).expect("read");
    assert_eq!(makers, [Maker { profile: "double".into(), fingerprint: "double".into() }]);
    let all = Selection { engine: Some("double".into()), ..Selection::default() };
    let amount = Forgotten { translations: 2, unusable: 0 };
    assert_eq!(block_on(memory.chosen(all.clone())).expect("read"), amount);
    assert_eq!(block_on(memory.forget(all)).expect("written"), amount);
    assert_eq!(block_on(memory.lookup(vec![yes.key])).expect("read"), [None]);
}

fn the_terms_that_went_with_a_text_are_known(store: &mut dyn TestedMemory) {
    let memory = store.make();
    // Texts that are alike at both ends and of one length.
    let text = |middle: &str| format!("Am Morgen lag der {middle} noch weit draußen vor der Küste.");
    let told = |text: &str, targets: &[&str], fingerprint: &str| {
        let hint = |target: &&str| TermHint { source: "Kahn".into(), target: (*target).into() };
        let terms = targets.iter().map(hint).collect();
        let request = Request { text: text.to_owned(), terms, inlines: Vec::new() };
        let key = Key::new(fingerprint, &request);
        StoredAnswer { key, request, fingerprint: fingerprint.into(), ..record(text, "In the morning.") }
    };
    let (boat, barge) = (text("Kahn"), text("Kuhn"));
    let answers = [
        told(&boat, &["boat"], "double"),
        told(&boat, &[], "double"),
        told(&boat, &["barge"], "double"),
        told(&boat, &["skiff"], "single"),
        told(&barge, &["punt"], "double"),
    ];
    block_on(memory.store(answers.to_vec())).expect("stored");
    let asked =
        |text: &str, fingerprint: &str| TextOfEngine { fingerprint: fingerprint.into(), text: text.into() };
    let asked = vec![asked("Nichts.", "double"), asked(&boat, "double"), asked(&boat, "single")];
    let found = block_on(store.open().terms_told(asked)).expect("read");
    let targets = |lists: &[Vec<TermHint>]| {
        let mut targets: Vec<String> = lists.iter().flatten().map(|hint| hint.target.clone()).collect();
        targets.sort();
        targets
    };
    let found: Vec<_> = found.iter().map(|lists| targets(lists)).collect();
    assert_eq!(found, [vec![], vec!["barge".to_owned(), "boat".to_owned()], vec!["skiff".to_owned()]]);
}

fn refusals_are_counted(store: &mut dyn TestedMemory) {
    let memory = store.make();
    let refused = Refused { record: record("Ja.", ""), class: Class::Empty, form: Form::Batch };
    let again = Refused { form: Form::Alone, ..refused.clone() };
    let key = refused.record.key;
    block_on(memory.refuse(vec![refused])).expect("stored");
    block_on(memory.refuse(vec![again])).expect("stored");
    let found = block_on(store.open().attempts(vec![key])).expect("read");
    let expected = Attempt { form: Form::Alone, class: Class::Empty, answer: String::new(), count: 2 };
    assert_eq!(found, [Some(expected)]);
    assert_eq!(block_on(memory.lookup(vec![key])).expect("read"), [None]);
}

fn pairs_are_kept_once_and_come_back_whole(store: &mut dyn TestedMemory) {
    let memory = store.make();
    let whole = HumanPair {
        inlines: Some(SpanPairs(vec![(0..2, 0..3), (3..3, 4..4)])),
        place: Some(place("folder/ä.txt", 7)),
        context: Neighbours { before: Some("Zuvor.".into()), after: None },
        origin: Some("Büro.tmx".into()),
        ..pair("Ja doch.", "Yes it is. \u{1f600}", 1_795_702_000)
    };
    let mut stored = add(&*memory, &[whole.clone(), pair("", "", 0), whole]);
    add(&*store.open(), &[pair("", "", 0)]);
    stored.sort_by_key(|pair| pair.id);
    stored.dedup();
    assert_eq!(stored.len(), 2);
    assert_eq!(block_on(store.open().pairs_after(None, 9)).expect("read"), stored);
    assert_eq!(block_on(memory.pairs_after(None, 1)).expect("read"), stored[..1]);
    assert_eq!(block_on(memory.pairs_after(Some(stored[0].id), 9)).expect("read"), stored[1..]);
}

fn the_nearest_correction_is_taken_then_the_newest(store: &mut dyn TestedMemory) {
    let memory = store.make();
    let wanted = SegmentInContext {
        place: Some(place("a.txt", 5)),
        context: between("Zuvor.", "Danach."),
        ..segment("Er geht.")
    };
    // From the farthest to the nearest: each one is taken although those before it are newer.
    let pairs = [
        HumanPair { place: Some(place("b.txt", 5)), ..pair("Er geht.", "anywhere", 90) },
        HumanPair { place: Some(place("a.txt", 5)), ..pair("Er geht.", "same article", 80) },
        HumanPair { context: between("Zuvor.", "Nie."), ..pair("Er geht.", "one neighbour", 70) },
        HumanPair { context: between("Zuvor.", "Danach."), ..pair("Er geht.", "both neighbours", 60) },
        HumanPair {
            place: Some(place("a.txt", 9)),
            context: between("Zuvor.", "Danach."),
            ..pair("Er geht.", "same place", 50)
        },
    ];
    for pair in &pairs {
        add(&*memory, std::slice::from_ref(pair));
        assert_eq!(correction(&*memory, wanted.clone()).as_deref(), Some(pair.target.as_str()));
        let newer = HumanPair {
            at: Timestamp::from_seconds(pair.at.seconds() + 1),
            target: "newer".into(),
            ..pair.clone()
        };
        let newer = add(&*memory, &[newer]);
        assert_eq!(correction(&*memory, wanted.clone()).as_deref(), Some("newer"));
        block_on(memory.withdraw(vec![newer[0].id], Timestamp::from_seconds(1))).expect("withdrawn");
    }
    assert_eq!(correction(&*memory, segment("Er geht.")).as_deref(), Some("anywhere"));
    assert_eq!(correction(&*memory, segment("Er ging.")), None);
    let twins = add(&*memory, &[pair("Sie geht.", "one", 5), pair("Sie geht.", "two", 5)]);
    let highest = twins.into_iter().max_by_key(|pair| pair.id).map(|twin| twin.pair.target);
    assert_eq!(correction(&*memory, segment("Sie geht.")), highest);
}

fn suggestions_and_pairs_taken_back_are_no_corrections(store: &mut dyn TestedMemory) {
    let memory = store.make();
    add(&*memory, &[HumanPair { kind: PairKind::Suggestion, ..pair("Ja.", "suggested", 9) }]);
    assert_eq!(correction(&*memory, segment("Ja.")), None);
    add(&*memory, &[pair("Ja.", "first", 1)]);
    let second = add(&*memory, &[pair("Ja.", "second", 2)]);
    assert_eq!(correction(&*memory, segment("Ja.")).as_deref(), Some("second"));
    block_on(memory.withdraw(vec![second[0].id], Timestamp::from_seconds(3))).expect("withdrawn");
    assert_eq!(correction(&*store.open(), segment("Ja.")).as_deref(), Some("first"));
}

fn what_is_taken_back_stays_taken_back(store: &mut dyn TestedMemory) {
    let memory = store.make();
    let ids: Vec<_> = add(&*memory, &[pair("Ja.", "Yes.", 1)]).into_iter().map(|pair| pair.id).collect();
    let withdrawn = |memory: &dyn Memory| {
        let pairs = block_on(memory.pairs_after(None, 9)).expect("read");
        pairs[0].withdrawn.map(Timestamp::seconds)
    };
    assert_eq!(withdrawn(&*memory), None);
    for (at, in_use, expected) in [(5, 1, 5), (7, 0, 7), (6, 0, 7)] {
        let was = block_on(memory.withdraw(ids.clone(), Timestamp::from_seconds(at))).expect("withdrawn");
        assert_eq!((was, withdrawn(&*memory)), (in_use, Some(expected)));
    }
    add(&*memory, &[pair("Ja.", "Yes.", 1)]);
    assert_eq!(withdrawn(&*memory), Some(7));
}

/// What a person does on the page, with what the clock does meanwhile: it goes on, stands still or goes back.
#[derive(Debug, Clone)]
enum Doing {
    /// Writes one of few texts, so that the same one comes again.
    Correct {
        target: u8,
        seconds: i64,
    },
    Undo {
        seconds: i64,
    },
}

fn doings() -> impl Strategy<Value = Vec<Doing>> {
    let correct = (0..3_u8, -2..2_i64).prop_map(|(target, seconds)| Doing::Correct { target, seconds });
    proptest::collection::vec(
        prop_oneof![2 => correct, 1 => (-2..2_i64).prop_map(|seconds| Doing::Undo { seconds })],
        1..9,
    )
}

fn the_last_correction_is_used_whatever_the_clock_does(store: &mut dyn TestedMemory) {
    let memory = store.make();
    let wanted = |case: u32| SegmentInContext {
        place: Some(place("a.txt", 2)),
        context: between("Zuvor.", "Danach."),
        ..segment(&format!("Satz {case}."))
    };
    let case = Cell::new(0);
    let holds = |doings: Vec<Doing>| {
        case.set(case.get() + 1);
        let wanted = wanted(case.get());
        let imported = HumanPair {
            place: wanted.place.clone(),
            context: wanted.context.clone(),
            ..pair(&wanted.source, "0", 102)
        };
        let mut used = vec![(add(&*memory, std::slice::from_ref(&imported))[0].id, "0".to_owned())];
        let mut now = 100;
        for doing in doings {
            match doing {
                Doing::Correct { target, seconds } => {
                    now += seconds;
                    let target = target.to_string();
                    let said = HumanPair {
                        target: target.clone(),
                        at: Timestamp::from_seconds(now),
                        ..imported.clone()
                    };
                    let ids = block_on(memory.correct(vec![said])).expect("kept");
                    used.push((ids[0], target));
                }
                Doing::Undo { seconds } => {
                    now += seconds;
                    let Some((id, _)) = used.pop() else { continue };
                    let count = block_on(memory.withdraw(vec![id], Timestamp::from_seconds(now)));
                    prop_assert_eq!(count.expect("taken back"), 1);
                }
            }
            let found = block_on(memory.corrections(vec![wanted.clone()])).expect("read").remove(0);
            let found = found.map(|stored| (stored.id, stored.pair.target));
            prop_assert_eq!(found.as_ref(), used.last());
        }
        Ok(())
    };
    TestRunner::default().run(&doings(), holds).expect("the last one is used");
}

fn what_was_learned_last_is_known_whatever_the_clock_does(store: &mut dyn TestedMemory) {
    let memory = store.make();
    let file = |number: usize| PairOrigin {
        origin: format!("{number}.en.txt"),
        article: ArticleId::new(&format!("{number}.txt")),
    };
    let learned = |source: usize, target: &str, at: i64| HumanPair {
        place: Some(PairPlace { article: file(source).article, segment: 1 }),
        origin: Some(file(source).origin),
        ..pair(&format!("Satz {source}."), target, at)
    };
    let last = |files: Vec<PairOrigin>| {
        let last = block_on(memory.last_learned(files)).expect("read");
        last.into_iter().map(|stored| stored.id).collect::<HashSet<_>>()
    };
    let files: Vec<PairOrigin> = (0..4).map(file).collect();
    assert!(last(files.clone()).is_empty());
    let mut lessons = Vec::new();
    for (sources, at) in [(0..2, 9), (1..4, 9), (2..3, 5), (0..4, 9)] {
        let pairs = sources.map(|source| learned(source, "learned", at)).collect();
        lessons.push(block_on(memory.correct(pairs)).expect("kept").into_iter().collect::<HashSet<_>>());
        assert_eq!(last(files.clone()), lessons[lessons.len() - 1]);
    }
    // What was written on the page, imported, or learned from files of somewhere else is no lesson of these files.
    block_on(memory.correct(vec![pair("Satz 1.", "written", 99)])).expect("kept");
    add(&*memory, &[HumanPair { origin: Some("agency.tmx".into()), ..pair("Satz 1.", "imported", 999) }]);
    block_on(memory.correct(vec![learned(7, "elsewhere", 9)])).expect("kept");
    while let Some(lesson) = lessons.pop() {
        assert_eq!(last(files.clone()), lesson);
        assert!(last(Vec::new()).is_empty());
        let taken_back = block_on(memory.withdraw(lesson.into_iter().collect(), Timestamp::from_seconds(1)));
        assert!(taken_back.expect("taken back") > 0);
    }
    assert!(last(files).is_empty());
}

fn pairs_are_found_by_the_beginning_of_their_id(store: &mut dyn TestedMemory) {
    let memory = store.make();
    let pairs: Vec<HumanPair> = (0..40).map(|n| pair("Ja.", "Yes.", n)).collect();
    let mut stored = add(&*memory, &pairs);
    stored.sort_by_key(|pair| pair.id);
    let named = |digits: &str, limit| block_on(memory.pairs_named(digits.to_owned(), limit)).expect("read");
    for length in [0, 1, 2, 63, 64] {
        let digits = &stored[7].id.to_string()[..length];
        let expected: Vec<_> =
            stored.iter().filter(|pair| pair.id.to_string().starts_with(digits)).cloned().collect();
        assert_eq!(named(digits, 99), expected, "{digits:?}");
        assert_eq!(named(&digits.to_uppercase(), 1), expected[..1]);
    }
    for wrong in ["x", "%", "0g", "ä", &"0".repeat(65)] {
        assert!(named(wrong, 9).is_empty(), "{wrong}");
    }
}

fn answers_are_found_by_the_beginning_of_their_id(store: &mut dyn TestedMemory) {
    let memory = store.make();
    let mut stored: Vec<StoredAnswer> = (0..40).map(|n| record(&format!("Satz {n}."), "Sentence.")).collect();
    block_on(memory.store(stored.clone())).expect("stored");
    stored.sort_by_key(|answer| answer.key);
    let ids: Vec<String> = stored.iter().map(|answer| answer.key.to_string()).collect();
    let named = |digits: &str, limit| -> Vec<String> {
        let found = block_on(memory.answers_named(digits.to_owned(), limit)).expect("read");
        found.into_iter().map(|answer| answer.id).collect()
    };
    for length in [0, 1, 32] {
        let digits = &ids[7][..length];
        let expected: Vec<_> = ids.iter().filter(|id| id.starts_with(digits)).cloned().collect();
        assert_eq!(named(digits, 99), expected, "{digits:?}");
    }
    // As earlier versions showed it: with the other half of the hash.
    assert_eq!(named(&format!("{}{}", ids[7], "ab".repeat(16)), 9), ids[7..8]);
    let after = |id: Option<&String>| -> Vec<String> {
        let found = block_on(memory.answers_after(id.cloned(), 30)).expect("read");
        found.into_iter().map(|answer| answer.id).collect()
    };
    assert_eq!(after(None), ids[..30]);
    assert_eq!(after(ids.get(29)), ids[30..]);
}

fn a_key_is_granted_to_one(store: &mut dyn TestedMemory) {
    let memory = store.make();
    let other = store.open();
    let [one, two, three] = ["Eins.", "Zwei.", "Drei."].map(|text| record(text, "").key);
    let claim = |memory: &dyn Memory, keys: &[Key]| block_on(memory.claim(keys.to_vec())).expect("asked");
    assert_eq!(claim(&*memory, &[one, two, one]), [true; 3]);
    assert_eq!(claim(&*memory, &[two]), [true], "what is granted is granted again");
    assert_eq!(claim(&*other, &[three, two]), [true, false]);
    assert_eq!(claim(&*memory, &[three, one]), [false, true]);
    block_on(other.released(vec![three])).expect("its own");
    let mut released = other.released(vec![one, two]);
    assert!((&mut released).now_or_never().is_none());
    block_on(other.release(vec![one, two])).expect("nothing of its own");
    assert!((&mut released).now_or_never().is_none());
    block_on(memory.release(vec![two])).expect("released");
    block_on(released).expect("told");
    assert_eq!(claim(&*other, &[one, two]), [false, true]);
}

fn a_claim_ends_with_an_answer(store: &mut dyn TestedMemory) {
    let memory = store.make();
    let other = store.open();
    let (kept, replaced) = (record("Eins.", "One."), record("Zwei.", "Two."));
    for (answer, is_replaced) in [(kept, false), (replaced, true)] {
        let keys = vec![answer.key];
        assert_eq!(block_on(memory.claim(keys.clone())).expect("asked"), [true]);
        let released = other.released(keys.clone());
        let stored = vec![answer.clone()];
        block_on(if is_replaced { memory.replace(stored) } else { memory.store(stored) }).expect("stored");
        block_on(released).expect("told");
        assert_eq!(block_on(other.lookup(keys.clone())).expect("read"), [Some(answer.translation)]);
        assert_eq!(block_on(other.claim(keys)).expect("asked"), [true]);
    }
}

fn a_claim_ends_with_its_memory(store: &mut dyn TestedMemory) {
    let memory = store.make();
    let keys = vec![record("Eins.", "").key];
    let dropped = store.open();
    assert_eq!(block_on(dropped.claim(keys.clone())).expect("asked"), [true]);
    assert_eq!(block_on(memory.claim(keys.clone())).expect("asked"), [false]);
    drop(dropped);
    assert_eq!(block_on(memory.claim(keys.clone())).expect("asked"), [true]);
    block_on(memory.close()).expect("closed");
    assert_eq!(block_on(store.open().claim(keys)).expect("asked"), [true]);
}

fn a_change_of_pairs_is_seen_by_others(store: &mut dyn TestedMemory) {
    let memory = store.make();
    let other = store.open();
    let revision = || block_on(memory.revision()).expect("read");
    let mut seen = vec![revision()];
    let ids: Vec<_> = add(&*other, &[pair("Ja.", "Yes.", 1)]).into_iter().map(|pair| pair.id).collect();
    seen.push(revision());
    block_on(other.withdraw(ids.clone(), Timestamp::from_seconds(1))).expect("withdrawn");
    seen.push(revision());
    assert!(seen.windows(2).all(|two| two[0] != two[1]), "{seen:?}");
    // What changes nothing costs nobody a second look.
    add(&*other, &[pair("Ja.", "Yes.", 1)]);
    block_on(other.withdraw(ids, Timestamp::from_seconds(1))).expect("withdrawn");
    block_on(other.store(vec![record("Ja.", "Yes.")])).expect("stored");
    assert_eq!(revision(), seen[2]);
}

/// Scores and targets of what is near a segment.
fn near(memory: &dyn Memory, segment: SegmentInContext) -> Vec<(u8, String)> {
    let found = block_on(memory.near(segment, 5)).expect("searched");
    found.into_iter().map(|near| (near.score, near.entry.target().to_owned())).collect()
}

/// The targets of what is found.
fn found(memory: &dyn Memory, query: SearchQuery) -> Vec<String> {
    let found = block_on(memory.search(query)).expect("searched");
    found.iter().map(|entry| entry.target().to_owned()).collect()
}

fn query(words: &str) -> SearchQuery {
    SearchQuery { words: words.to_owned(), limit: 9, ..SearchQuery::default() }
}

fn what_is_near_comes_with_the_nearest_first(store: &mut dyn TestedMemory) {
    let memory = store.make();
    block_on(memory.store(vec![
        record("Der alte Hafen von Emden ist leer.", "answer"),
        record("Der alte Hafen von Husum ist leer.", "Husum"),
        record("Die Mühle am Deich dreht sich.", "mill"),
        record("ZQX10 der alte Hafen von Emden ist leer.", "token"),
    ]))
    .expect("stored");
    let text = "Der alte Hafen von Emden ist leer.";
    let here = HumanPair {
        place: Some(place("a.txt", 2)),
        context: between("Zuvor.", "Danach."),
        ..pair(text, "here", 1)
    };
    let suggested = HumanPair { kind: PairKind::Suggestion, ..pair(text, "suggested", 9) };
    let gone = pair(text, "gone", 99);
    add(&*memory, &[here.clone(), suggested, pair(text, "corrected", 5), gone.clone()]);
    block_on(memory.withdraw(vec![gone.id()], Timestamp::from_seconds(1))).expect("withdrawn");
    let wanted = SegmentInContext { place: here.place, context: here.context, ..segment(text) };
    let expected: Vec<(u8, String)> =
        [(101, "here"), (100, "corrected"), (100, "suggested"), (100, "answer"), (85, "Husum")]
            .map(|(score, target)| (score, target.to_owned()))
            .into();
    assert_eq!(near(&*memory, wanted), expected);
    assert_eq!(near(&*memory, segment("DER ALTE HAFEN VON EMDEN IST LEER!"))[0].0, 99);
    assert_eq!(near(&*memory, segment("Die Mühlen am Deich drehten sich.")), [(75, "mill".to_owned())]);
    for nothing in ["", "  ", "?!", "Ganz etwas anderes.", "\" OR * NEAR(", "a:b"] {
        assert!(near(&*memory, segment(nothing)).is_empty(), "{nothing}");
    }
}

fn a_search_finds_words_on_both_sides(store: &mut dyn TestedMemory) {
    let memory = store.make();
    block_on(
        memory.store(vec![record("Der Hafen ist alt.", "answer"), record("Alte Häfen.", "Old harbours.")]),
    )
    .expect("stored");
    let suggested = HumanPair { kind: PairKind::Suggestion, ..pair("Hafenstadt", "suggested old", 9) };
    add(&*memory, &[pair("Ist der Hafen alt?", "corrected", 1), suggested]);
    assert_eq!(found(&*memory, query("hafen")), ["corrected", "suggested old", "answer"]);
    assert_eq!(found(&*memory, query("der Hafen ist")), ["answer", "corrected"]);
    assert_eq!(found(&*memory, query("OLD")), ["suggested old", "Old harbours."]);
    assert_eq!(found(&*memory, query("hafen old")), ["suggested old"]);
    assert_eq!(found(&*memory, SearchQuery { limit: 1, ..query("hafen") }), ["corrected"]);
    assert_eq!(found(&*memory, SearchQuery { engine: Some("double".into()), ..query("hafen") }), ["answer"]);
    let sorts = vec![EntrySort::Suggestion, EntrySort::Answer];
    assert_eq!(found(&*memory, SearchQuery { sorts, ..query("hafen") }), ["suggested old", "answer"]);
    for nothing in ["", "*", "\"", "fen", "hafen fehlt", "source : hafen)"] {
        assert!(found(&*memory, query(nothing)).is_empty(), "{nothing}");
    }
}

/// After the first search, what comes, goes and changes is seen by the next one.
fn what_others_write_is_found(store: &mut dyn TestedMemory) {
    let memory = store.make();
    let other = store.open();
    assert!(found(&*memory, query("hafen")).is_empty());
    block_on(other.store(vec![record("Der Hafen.", "first")])).expect("stored");
    add(&*other, &[pair("Hafen", "pair", 1)]);
    assert_eq!(found(&*memory, query("hafen")), ["pair", "first"]);
    block_on(other.replace(vec![record("Der Hafen.", "second")])).expect("stored");
    assert_eq!(found(&*memory, query("hafen")), ["pair", "second"]);
    let sources = Some(vec!["Der Hafen.".to_owned()]);
    block_on(other.forget(Selection { sources, ..Selection::default() })).expect("forgotten");
    assert_eq!(found(&*memory, query("hafen")), ["pair"]);
    assert_eq!(found(&*store.open(), query("hafen")), ["pair"]);
}

fn outputs_are_known(store: &mut dyn TestedMemory) {
    let memory = store.make();
    let output = |hash: &str| OutputRecord {
        path: "/a".to_owned(),
        hash: hash.to_owned(),
        article: "a.txt".to_owned(),
        format: "text".to_owned(),
        segments: None,
    };
    block_on(memory.settle_output(output("00"))).expect("stored");
    block_on(memory.announce_output(output("11"))).expect("stored");
    assert_eq!(block_on(store.open().outputs()).expect("read"), [output("00"), output("11")]);
    block_on(memory.settle_output(output("11"))).expect("stored");
    assert_eq!(block_on(store.open().outputs()).expect("read"), [output("11")]);
}

fn a_job_is_known_from_before_it_is_sent_until_it_is_settled(store: &mut dyn TestedMemory) {
    let memory = store.make();
    let text = |text: &str, place| BatchText {
        place,
        request: Request { text: text.to_owned(), terms: Vec::new(), inlines: Vec::new() },
        replaces: place > 0,
    };
    let request = |number, texts| BatchRequest { number, form: Form::Batch, companions: number, texts };
    let job = |nonce: &str| BatchJob {
        nonce: nonce.to_owned(),
        profile: "night".to_owned(),
        fingerprint: "night 1".to_owned(),
        host: "mt.example".to_owned(),
        service_id: None,
        created_at: Timestamp::from_seconds(1_795_702_000),
        cancelled: false,
        requests: 2,
        open: 2,
    };
    let requests =
        vec![request(0, vec![text("Ja.", 0), text("Nein.", 1)]), request(1, vec![text("Doch.", 0)])];
    let keys = ["Ja.", "Doch.", "Nie."].map(|word| Key::new("night 1", &text(word, 0).request));
    let underway = |memory: &dyn Memory| block_on(memory.underway(keys.to_vec())).expect("read");
    block_on(memory.add_job(job("one"), requests.clone())).expect("kept");
    assert_eq!(block_on(store.open().batch_jobs()).expect("read"), [job("one")]);
    assert_eq!(underway(store.open().as_ref()), [true, true, false]);
    // No text is bought in two jobs, and nothing of the second one is kept.
    let again = vec![request(0, vec![text("Nie.", 0)]), request(1, vec![text("Doch.", 0)])];
    block_on(memory.add_job(job("two"), again)).expect_err("a text is in another job");
    assert_eq!(block_on(memory.batch_jobs()).expect("read"), [job("one")]);
    assert_eq!(underway(memory.as_ref()), [true, true, false]);
    block_on(memory.name_job("one".into(), "batch_7".into())).expect("kept");
    block_on(memory.cancel_job("one".into())).expect("kept");
    let found = block_on(memory.job_requests("one".into(), vec![1, 9, 0])).expect("read");
    assert_eq!(found, [requests[1].clone(), requests[0].clone()]);
    block_on(memory.settle_requests("one".into(), vec![0, 9])).expect("settled");
    let left = BatchJob { service_id: Some("batch_7".into()), cancelled: true, open: 1, ..job("one") };
    assert_eq!(block_on(memory.batch_jobs()).expect("read"), [left]);
    assert_eq!(underway(memory.as_ref()), [false, true, false]);
    assert_eq!(block_on(memory.job_requests("one".into(), vec![0])).expect("read"), []);
    block_on(memory.settle_job("one".into())).expect("settled");
    assert_eq!(block_on(memory.batch_jobs()).expect("read"), []);
    assert_eq!(underway(store.open().as_ref()), [false; 3]);
}

fn what_was_read_is_known_by_its_texts(store: &mut dyn TestedMemory) {
    let memory = store.make();
    let [a, b] = ["a.txt", "b.txt"].map(ArticleId::new);
    let texts = [ReadText::new("Der Hafen.", "The harbour."), ReadText::new("Der Kran.", "The crane.")];
    assert_ne!(ReadText::new("ab", "c"), ReadText::new("a", "bc"));
    block_on(memory.mark_read(a.clone(), texts.to_vec(), true)).expect("kept");
    block_on(memory.mark_read(a.clone(), texts[..1].to_vec(), true)).expect("kept");
    let other = store.open();
    let read = || block_on(other.read_marks(vec![b.clone(), a.clone()])).expect("read");
    assert_eq!(read(), [HashSet::new(), HashSet::from(texts)]);
    block_on(memory.mark_read(a.clone(), texts[..1].to_vec(), false)).expect("kept");
    assert_eq!(read()[1], HashSet::from([texts[1]]));
}

fn a_closed_memory_says_so(store: &mut dyn TestedMemory) {
    let memory = store.make();
    let answer = record("Ja.", "Yes.");
    // Handed over, and kept although nobody waits for it.
    drop(memory.store(vec![answer.clone()]));
    block_on(memory.close()).expect("closed");
    assert!(matches!(block_on(memory.revision()), Err(MemoryError::Gone)));
    assert_eq!(block_on(store.open().lookup(vec![answer.key])).expect("read"), [Some(answer.translation)]);
}
