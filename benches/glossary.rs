//! How fast a large glossary is prepared and found, beside plain Aho-Corasick over the same sources.

use std::collections::BTreeSet;
use std::path::Path;

use aho_corasick::AhoCorasick;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use wortlaut::glossary::{Glossary, Matcher};
use wortlaut::model::{Entry, Origin};

const SYLLABLES: [&str; 32] = [
    "be", "ver", "gang", "stein", "hof", "land", "ber", "ge", "rich", "ten", "wal", "der", "schu", "le",
    "mo", "na", "strom", "kraft", "zeug", "flug", "ha", "fen", "küs", "te", "bahn", "wei", "che", "netz",
    "dorf", "markt", "rat", "ung",
];

/// Syllables of words that are in no glossary.
const OTHERS: [&str; 16] = [
    "sa", "gen", "lo", "mit", "pro", "fi", "zum", "kön", "spie", "xen", "ju", "pla", "tor", "qui", "wis",
    "sel",
];

/// A small generator of numbers: the same ones in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % limit
    }

    fn word(&mut self) -> String {
        let word: String = (0..2 + self.below(3)).map(|_| SYLLABLES[self.below(SYLLABLES.len())]).collect();
        if self.below(3) > 0 { word[..1].to_uppercase() + &word[1..] } else { word }
    }
}

fn entry(source: &str, line: usize) -> Entry {
    Entry::new(source, &format!("target {line}"), Origin { path: "glossary.tsv".into(), line })
}

fn entries(count: usize) -> Vec<Entry> {
    let mut numbers = Numbers(1);
    let one = |line| {
        let mut source = numbers.word();
        while numbers.below(2) == 0 {
            source = format!("{source} {}", numbers.word());
        }
        entry(&source, line)
    };
    (0..count).map(one).collect()
}

/// The worst case: every word of the text is an entry, and every two and three words are.
fn own_words(text: &str, count: usize) -> Vec<Entry> {
    let words: Vec<&str> = text.split([' ', '.']).filter(|w| !w.is_empty()).collect();
    let all = (1..=3).flat_map(|length| words.windows(length).map(|w| w.join(" ")));
    let distinct: BTreeSet<String> = all.collect();
    distinct.into_iter().zip(1..=count).map(|(source, line)| entry(&source, line)).collect()
}

/// Words of no glossary, with a word in `every` that is made as those of the entries are.
fn text(bytes: usize, every: usize) -> String {
    let mut numbers = Numbers(2);
    let mut text = String::with_capacity(bytes + 100);
    while text.len() < bytes {
        // Running text is for the most part short words.
        let short = ["und", "die", "in", "der", "am", "nicht", "sich", "mit", "ein", "auf", "zu", "war"];
        text.push_str(&match () {
            () if numbers.below(every) == 0 => numbers.word(),
            () if numbers.below(2) == 0 => short[numbers.below(short.len())].to_owned(),
            () => (0..2 + numbers.below(3)).map(|_| OTHERS[numbers.below(OTHERS.len())]).collect(),
        });
        text.push_str(if numbers.below(12) == 0 { ". " } else { " " });
    }
    text
}

/// Two of the sample articles, again and again.
fn articles(bytes: usize) -> String {
    let all = concat!(include_str!("../seeds/01-wostotschny.txt"), include_str!("../seeds/03-hwasong.txt"));
    all.repeat(bytes / all.len() + 1)
}

fn glossary(c: &mut Criterion) {
    // The terms of the sample articles among many others.
    let Ok(samples) = Glossary::load(Path::new("glossary")) else { return };
    let samples = samples.entries().iter().map(|entry| Entry::clone(entry));
    let glossary = Glossary::of(samples.chain(entries(100_000)).collect());
    let news = articles(1 << 20);
    let (running, dense) = (text(1 << 20, 15), text(1 << 20, 2));
    let matcher = Matcher::new(&glossary);
    let sources = || glossary.entries().iter().map(|e| e.source.as_str());
    let mut group = c.benchmark_group("100000 entries");
    group.sample_size(10);
    group.bench_function("prepare", |b| b.iter(|| Matcher::new(&glossary)));
    group.bench_function("prepare aho-corasick", |b| b.iter(|| AhoCorasick::new(sources())));
    let Ok(plain) = AhoCorasick::new(sources()) else { return };
    let own = Matcher::new(&Glossary::of(own_words(&dense, 100_000)));
    for (name, text) in
        [("sample articles", &news), ("a term in 15 words", &running), ("every second word a term", &dense)]
    {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(format!("find, {name}"), |b| b.iter(|| matcher.find(text).len()));
        group.bench_function(format!("find, {name}, aho-corasick"), |b| {
            b.iter(|| plain.find_iter(text).count());
        });
    }
    group.bench_function("find, the words of the text", |b| b.iter(|| own.find(&dense).len()));
    group.finish();
}

criterion_group!(benches, glossary);
criterion_main!(benches);
