//! How fast a memory of a million entries is opened, looked up and searched.
//!
//! `WORTLAUT_PAIRS` takes another number of entries. The memory is made below the target folder and stays there for the next
//! time.

#![expect(
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a benchmark stops where it cannot go on, and tells its figures"
)]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use futures::executor::block_on;
use wortlaut::memory::{Key, Memory, SearchQuery, SqliteMemory, StoredAnswer};
use wortlaut::model::{HumanPair, Neighbours, PairKind, Request, SegmentInContext, Timestamp, Translation};

const SYLLABLES: [&str; 32] = [
    "be", "ver", "gang", "stein", "hof", "land", "ber", "ge", "rich", "ten", "wal", "der", "schu", "le",
    "mo", "na", "strom", "kraft", "zeug", "flug", "ha", "fen", "küs", "te", "bahn", "wei", "che", "netz",
    "dorf", "markt", "rat", "ung",
];

/// The most common words of German: half of every text.
const COMMON: [&str; 16] = [
    "der", "die", "und", "in", "den", "von", "zu", "das", "mit", "sich", "des", "auf", "für", "ist", "im",
    "nicht",
];

/// Keys and segments of a batch, as many as an article of a newspaper's archive has.
const BATCH: usize = 2_000;

/// A small generator of numbers: the same ones in every run.
struct BenchNumbers(u64);

impl BenchNumbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % limit
    }

    /// A word: some are everywhere, the longer ones are rare, as in texts.
    fn word(&mut self) -> String {
        if self.below(2) == 0 {
            return COMMON[self.below(COMMON.len())].to_owned();
        }
        let few = 1 + self.below(4);
        (0..few).map(|_| SYLLABLES[self.below(SYLLABLES.len())]).collect()
    }
}

/// The German with a number; its words depend on nothing else.
fn sentence(number: usize) -> String {
    let mut numbers = BenchNumbers(number as u64);
    let words: Vec<String> = (0..6 + numbers.below(14)).map(|_| numbers.word()).collect();
    format!("{}.", words.join(" "))
}

fn record(number: usize) -> StoredAnswer {
    let request = Request { text: sentence(number), terms: Vec::new(), inlines: Vec::new() };
    StoredAnswer {
        key: Key::new("bench", &request),
        engine: "bench".to_owned(),
        fingerprint: "bench".to_owned(),
        translation: Translation::plain(format!("English of number {number}, as long as a sentence is.")),
        request,
    }
}

fn pair(number: usize) -> HumanPair {
    HumanPair {
        kind: PairKind::Correction,
        source: sentence(number),
        target: format!("A person's English of number {number}."),
        inlines: None,
        by: "Ada".to_owned(),
        at: Timestamp::from_seconds(1_795_702_000),
        place: None,
        context: Neighbours::default(),
        origin: None,
    }
}

fn segment(number: usize) -> SegmentInContext {
    SegmentInContext { source: sentence(number), place: None, context: Neighbours::default() }
}

/// How many entries there are: half of them answers, half of them corrections.
fn entries() -> usize {
    std::env::var("WORTLAUT_PAIRS").ok().and_then(|number| number.parse().ok()).unwrap_or(1_000_000)
}

/// The memory with all entries; `from` is the number of the first.
fn made(name: &str, from: usize) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("memory-bench");
    let path = folder.join(format!("{name}-{}.db", entries()));
    if path.exists() {
        return path;
    }
    let started = Instant::now();
    let part = folder.join("part.db");
    let _ = std::fs::remove_file(&part);
    let memory = SqliteMemory::open(&part).expect("made");
    let half = entries() / 2;
    for start in (from..from + half).step_by(10_000) {
        block_on(memory.store((start..start + 10_000).map(record).collect())).expect("stored");
        block_on(memory.add_pairs((start + half..start + half + 10_000).map(pair).collect()))
            .expect("stored");
    }
    block_on(memory.close()).expect("closed");
    drop(memory);
    std::fs::rename(&part, &path).expect("named");
    eprintln!("{} entries were made in {:.1} s", entries(), started.elapsed().as_secs_f64());
    path
}

fn million(criterion: &mut Criterion) {
    let path = made("memory", 0);
    let half = entries() / 2;
    let mut group = criterion.benchmark_group("a million");
    group.sample_size(20);
    group.bench_function("open", |bencher| {
        bencher.iter(|| SqliteMemory::open(&path).expect("opened"));
    });
    let memory = SqliteMemory::open(&path).expect("opened");
    let mut numbers = BenchNumbers(7);
    group.throughput(Throughput::Elements(BATCH as u64));
    group.bench_function("answers by key", |bencher| {
        let keys = || (0..BATCH).map(|_| record(numbers.below(half)).key).collect::<Vec<_>>();
        bencher.iter_batched(
            keys,
            |keys| block_on(memory.lookup(keys)).expect("read"),
            BatchSize::LargeInput,
        );
    });
    group.bench_function("corrections by segment", |bencher| {
        let segments = || (0..BATCH).map(|_| segment(half + numbers.below(half))).collect::<Vec<_>>();
        bencher.iter_batched(
            segments,
            |segments| block_on(memory.corrections(segments)).expect("read"),
            BatchSize::LargeInput,
        );
    });
    group.throughput(Throughput::Elements(1));
    group.bench_function("revision", |bencher| {
        bencher.iter(|| block_on(memory.revision()).expect("read"));
    });
    let started = Instant::now();
    block_on(memory.near(segment(1), 5)).expect("indexed");
    eprintln!("the first search took {:.1} s", started.elapsed().as_secs_f64());
    // One word of a sentence that is there is another one.
    let mut changed = || {
        let text = sentence(numbers.below(2 * half));
        let words: Vec<&str> = text.split(' ').collect();
        let at = numbers.below(words.len());
        let word = |(index, word): (usize, &&str)| {
            if index == at { "gänzlich".to_owned() } else { (*word).to_owned() }
        };
        SegmentInContext {
            source: words.iter().enumerate().map(word).collect::<Vec<_>>().join(" "),
            ..segment(0)
        }
    };
    group.bench_function("the five nearest", |bencher| {
        bencher.iter_batched(
            &mut changed,
            |segment| black_box(block_on(memory.near(segment, 5)).expect("searched")),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("search for a word", |bencher| {
        let query = || SearchQuery { words: "hafenmarkt".to_owned(), limit: 20, ..SearchQuery::default() };
        bencher.iter_batched(
            query,
            |query| block_on(memory.search(query)).expect("searched"),
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

/// Two memories of a million entries each, of which half are in both.
fn merge(criterion: &mut Criterion) {
    let (left, right) = (made("memory", 0), made("other", entries() / 4));
    let out = left.with_file_name("merged.db");
    let mut group = criterion.benchmark_group("merge");
    group.sample_size(10);
    group.bench_function("two memories", |bencher| {
        bencher.iter(|| {
            let _ = std::fs::remove_file(&out);
            SqliteMemory::merge(&left, &right, &out).expect("merged")
        });
    });
    group.finish();
}

criterion_group!(benches, million, merge);
criterion_main!(benches);
