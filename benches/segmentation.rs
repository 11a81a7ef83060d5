//! Sentence segmentation in megabytes a second on one thread, beside `icu_segmenter` on the same text, and
//! the finding of blocks.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use icu_segmenter::{SentenceSegmenter, options::SentenceBreakInvariantOptions};
use wortlaut::text::{German, Segmenter, blocks};

/// Sentences as news has them: quotes, ordinals, dates, abbreviations, amounts.
const SENTENCES: [&str; 12] = [
    "Der Stadtrat hat am Dienstagabend nach langer Debatte den Bau einer neuen Brücke über den Fluss beschlossen.",
    "„Wir haben viel zu lange gewartet“, sagte die Bürgermeisterin, die seit dem 3. Mai im Amt ist.",
    "Die Kosten werden auf ca. 45 Mio. Euro geschätzt, von denen das Land rund 12,5 Mio. Euro übernimmt.",
    "Gegner des Vorhabens, u. a. der Naturschutzbund, kündigten eine Klage an.",
    "„Das letzte Wort ist nicht gesprochen.“",
    "Dr. Lang, der das Gutachten schrieb, hält die Pläne für vertretbar, z. B. wegen der breiten Uferstreifen.",
    "Was aber geschieht mit der alten Brücke aus dem 19. Jahrhundert?",
    "Sie steht seit 1987 unter Schutz.",
    "Bis zum 30. September können Einwände vorgebracht werden, danach beginnt die Ausschreibung!",
    "Im Haushalt des Jahres 2026 ist das Geld noch nicht vorgesehen, doch der Kämmerer ist zuversichtlich.",
    "Der Verein der Anwohner fordert ein Tempolimit auf der Uferstraße, mehr Bäume und weniger Lärm.",
    "Entschieden wird im Herbst …",
];

/// About a megabyte, without or with line breaks.
fn text(joint: &str) -> String {
    let once = SENTENCES.join(joint);
    let times = (1 << 20) / once.len();
    vec![once; times].join(joint)
}

fn segmentation(criterion: &mut Criterion) {
    let (running, lines) = (text(" "), text("\n"));
    let german = German::default();
    let icu = SentenceSegmenter::new(SentenceBreakInvariantOptions::default());
    let mut group = criterion.benchmark_group("sentences");
    group.throughput(Throughput::Bytes(running.len() as u64));
    group.bench_function(BenchmarkId::from_parameter("wortlaut"), |b| {
        b.iter(|| german.segment(black_box(&running)).map_err(|error| error.to_string()));
    });
    group.bench_function(BenchmarkId::from_parameter("icu_segmenter"), |b| {
        b.iter(|| icu.segment_str(black_box(&running)).collect::<Vec<_>>());
    });
    group.finish();
    let mut group = criterion.benchmark_group("blocks");
    group.throughput(Throughput::Bytes(lines.len() as u64));
    group.bench_function("lines", |b| b.iter(|| blocks(black_box(&lines), None)));
    group.finish();
}

criterion_group!(benches, segmentation);
criterion_main!(benches);
