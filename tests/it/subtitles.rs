//! Subtitles as they are in the wild, through reader and writer: every number, time and tag comes back once.

use proptest::prelude::*;
use wortlaut::model::{ArticleId, BlockKind, ParallelDocument, Rendition, Unit};
use wortlaut::text::German;
use wortlaut::{pipeline, read, write};

/// What stands in a line of a cue; `§` is a word of its own.
const LINES: [&str; 28] = [
    "§",
    "§ §",
    "§, § §.",
    "§ § § § § § § § §.",
    "§?",
    "- §.",
    "-§ §",
    "– § §!",
    "<i>§ §</i>",
    "<i>§.</i> §",
    "§ <b>§</b> §",
    "<i>§",
    "§</i>.",
    "{\\an8}§",
    "{\\an8}<font color=\"#fff\">§ <u>§</u></font>",
    "{y:i}§ §.",
    "§\\N§",
    "§\\h§ <i>§</i>",
    "♪ § § ♪",
    "<i>- §</i>",
    "[§]",
    "3 < 4 §",
    "<b>§ <i>§</b> §</i>",
    "</u>§ <I>§</I>",
    "§<i>§</i> §",
    "2024 §",
    "{§ §}",
    "",
];

/// A file of subtitles; how its lines end, and what stands in its cues, and milliseconds before each.
#[derive(Debug, Clone)]
struct Subtitles {
    line_end: &'static str,
    cues: Vec<(u64, Vec<usize>)>,
    /// Blank lines between cues.
    blank: usize,
}

fn subtitles() -> impl Strategy<Value = Subtitles> {
    let gap = prop::sample::select(vec![0_u64, 40, 900, 5000]);
    let lines = prop::collection::vec(0..LINES.len(), 1..4);
    let cues = prop::collection::vec((gap, lines), 1..6);
    let line_end = prop::sample::select(vec!["\n", "\r\n"]);
    (line_end, cues, 1..3_usize).prop_map(|(line_end, cues, blank)| Subtitles { line_end, cues, blank })
}

impl Subtitles {
    fn written(&self) -> String {
        let mut out = String::new();
        let (mut clock, mut word) = (0, 0);
        for (number, (gap, lines)) in self.cues.iter().enumerate() {
            let (from, to) = (clock + gap, clock + gap + 1500);
            clock = to;
            let (number, end) = (number + 1, self.line_end);
            let head = format!("{number}{end}{} --> {}{end}", time(from), time(to));
            out += &head;
            for &line in lines {
                for piece in LINES[line].split_inclusive('§') {
                    out += &piece.replace('§', &format!("Wort{word}x"));
                    word += usize::from(piece.ends_with('§'));
                }
                out += self.line_end;
            }
            out += &self.line_end.repeat(self.blank);
        }
        out
    }
}

fn time(ms: u64) -> String {
    format!("{:02}:{:02}:{:02},{:03}", ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000)
}

/// A file as a player sees it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Parsed {
    /// The number and the times of each cue, and how many blank lines stand in it.
    cues: Vec<String>,
    /// Tags and the marks of speakers and songs, in order.
    tags: Vec<String>,
    words: Vec<String>,
}

fn parsed(markup: &str) -> Parsed {
    let mut found = Parsed::default();
    let lines: Vec<_> = markup.lines().collect();
    for (index, line) in lines.iter().enumerate() {
        let is_number = lines.get(index + 1).is_some_and(|next| next.contains("-->"));
        if line.contains("-->") || is_number {
            found.cues.push((*line).to_owned());
            continue;
        }
        let mut text = String::new();
        let mut rest = *line;
        while let Some(c) = rest.chars().next() {
            let is_tag = rest.starts_with("{\\")
                || rest.starts_with("{y:")
                || rest
                    .strip_prefix('<')
                    .is_some_and(|rest| rest.starts_with(|c: char| c == '/' || c.is_alphabetic()));
            let length = if is_tag {
                rest.find(['>', '}']).map_or(rest.len(), |end| end + 1)
            } else if rest.starts_with("\\N") || rest.starts_with("\\h") {
                text.push(' ');
                2
            } else if matches!(c, '-' | '–' | '♪') {
                c.len_utf8()
            } else {
                text.push(c);
                rest = &rest[c.len_utf8()..];
                continue;
            };
            found.tags.push(rest[..length].to_owned());
            rest = &rest[length..];
        }
        found.words.extend(text.split_whitespace().map(str::to_owned));
    }
    found
}

/// The file with the English that `english` makes of the words of each segment, and all that English.
fn translated(markup: &str, english: impl Fn(Vec<&str>) -> String) -> (String, String) {
    let id = ArticleId::new("a.srt");
    let article = read::article(&id, markup.as_bytes(), &read::ReadOptions::default()).expect("read");
    let source = pipeline::segment(article, &German::default()).expect("segments");
    let unit = |segment| {
        let german = source.source(segment);
        if source.kind(segment) == BlockKind::Verbatim {
            return Unit::Kept { target: german.to_owned() };
        }
        Unit::Translated(Rendition::new(english(german.split_whitespace().collect()), "pseudo"))
    };
    let units: Vec<_> = source.segments().iter().map(unit).collect();
    let given: Vec<_> = units.iter().filter_map(Unit::target).map(str::to_owned).collect();
    let document = ParallelDocument::new(source, units).expect("a unit for each segment");
    let files = write::OutputFormat::Document.writer().files(&document).expect("files");
    (String::from_utf8(files[0].contents.clone()).expect("UTF-8"), given.join(" "))
}

fn sorted(mut items: Vec<String>) -> Vec<String> {
    items.retain(|item| !item.is_empty());
    items.sort();
    items
}

fn check_line_ends(markup: &str, line_end: &str) {
    let ends = markup.matches('\n').count();
    assert_eq!(markup.matches("\r\n").count(), if line_end == "\n" { 0 } else { ends }, "{markup:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn cues_come_back_in_their_order_with_the_words_of_the_engine(subtitles in subtitles()) {
        let markup = subtitles.written();
        let (english, given) = translated(&markup, |words| format!("[de] {}", words.join(" ")));
        let (before, after) = (parsed(&markup), parsed(&english));
        prop_assert_eq!(&before.cues, &after.cues, "{}\n{}", markup, english);
        prop_assert_eq!(&before.tags, &after.tags, "{}\n{}", markup, english);
        let given: Vec<_> = given.split_whitespace().collect();
        prop_assert_eq!(&after.words, &given, "{}\n{}", markup, english);
        let own: Vec<_> = after.words.iter().filter(|word| *word != "[de]").collect();
        prop_assert_eq!(before.words.iter().collect::<Vec<_>>(), own, "{}\n{}", markup, english);
        check_line_ends(&english, subtitles.line_end);
    }

    #[test]
    fn cues_outlive_whatever_an_engine_makes_of_their_words(subtitles in subtitles(), doubles in any::<bool>()) {
        let markup = subtitles.written();
        let (english, given) = translated(&markup, |words| {
            let times = if doubles { 2 } else { 1 };
            words.iter().rev().flat_map(|word| vec![*word; times]).collect::<Vec<_>>().join(" ")
        });
        let (before, after) = (parsed(&markup), parsed(&english));
        prop_assert_eq!(&before.cues, &after.cues, "{}\n{}", markup, english);
        prop_assert_eq!(sorted(before.tags), sorted(after.tags), "{}\n{}", markup, english);
        // Marks may come to stand beside another word.
        let bare = |text: &str| text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect();
        let (own, given): (Vec<_>, Vec<_>) = (bare(&after.words.join(" ")), bare(&given));
        prop_assert_eq!(sorted(own), sorted(given), "{}\n{}", markup, english);
        check_line_ends(&english, subtitles.line_end);
    }
}
