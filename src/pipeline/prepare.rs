//! From an input to a planned article.

use std::ops::Range;
use std::path::Path;
use std::{fmt, fs};

use crate::model::{Article, ArticleId, BlockKind, InlineKind, InlineSpan, Segment, SegmentedArticle};
use crate::read::{self, ArticleFile, Corpus, ReadError};
use crate::text::characters::last_inside;
use crate::text::{self, Segmenter};

use super::makers::Makers;
use super::plan::Plan;
use super::{Options, Tools};

/// A segment is no longer than this, in bytes: what seems to be a longer sentence is a table or a list without full
/// stops, and is cut at clause ends. Checks and repair compare each word of a segment with each other one, so this is
/// also what makes the time that an article takes grow with its length and no faster.
const LONGEST: usize = 2 << 10;

/// What a run translates.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// Articles, each by itself.
    pub articles: Vec<Input>,
    /// Files of many articles.
    pub corpora: Vec<Corpus>,
}

/// An article to be translated.
#[derive(Debug, Clone)]
pub enum Input {
    /// A file.
    File(ArticleFile),
    /// The bytes of a pipe.
    Bytes(ArticleId, Vec<u8>),
    /// What was read already, such as a record of a corpus on its own.
    Read(Box<Article>),
}

impl Input {
    /// The name of the article.
    #[must_use]
    pub fn id(&self) -> &ArticleId {
        match self {
            Self::File(source) => &source.id,
            Self::Bytes(id, _) => id,
            Self::Read(article) => &article.id,
        }
    }

    /// Its bytes; none if that is not known.
    pub(super) fn size(&self) -> u64 {
        match self {
            Self::File(source) => file_size(&source.path),
            Self::Bytes(_, bytes) => bytes.len() as u64,
            Self::Read(article) => article.text.len() as u64,
        }
    }

    /// Reads it.
    fn read(&self, options: &read::ReadOptions) -> Result<Article, ReadError> {
        match self {
            Self::File(source) => read::open(source, options),
            Self::Bytes(id, bytes) => read::article(id, bytes, options),
            Self::Read(article) => Ok(article.as_ref().clone()),
        }
    }
}

/// Why an article is left out of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Skip {
    /// It cannot be read.
    Unreadable(String),
    /// It is in this language and not in German.
    Foreign(&'static str),
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(reason) => f.write_str(reason),
            Self::Foreign(language) => {
                write!(f, "it is {language}, not German; --force translates it all the same")
            }
        }
    }
}

/// Reads and segments an input.
///
/// # Errors
/// What is wrong with the input, in words: a run goes on without it.
pub fn segmented(
    input: &Input,
    segmenter: &dyn Segmenter,
    options: &read::ReadOptions,
) -> Result<SegmentedArticle, String> {
    let article = input.read(options).map_err(|error| error.to_string())?;
    segment(article, segmenter)
}

/// Segments an article.
///
/// # Errors
/// What is wrong with the article, in words: a run goes on without it.
pub fn segment(article: Article, segmenter: &dyn Segmenter) -> Result<SegmentedArticle, String> {
    let mut segments = Vec::new();
    for (block, place) in article.blocks.iter().enumerate() {
        let start = place.span.start;
        let block_text = &article.text[place.span.clone()];
        let layout = article.layout.as_ref();
        let sentences = if layout.is_some_and(|layout| layout.markup.is_bilingual()) {
            // What a tool has cut stays as it is.
            std::iter::once(0..block_text.len()).collect()
        } else {
            let sentences = segmenter.segment(block_text);
            let sentences = sentences.map_err(|error| format!("{}: {error}", article.id))?;
            let inlines = layout.map(|layout| layout.inlines(&place.span)).unwrap_or_default();
            between_atoms(block_text, sentences, &inlines)
        };
        for sentence in sentences {
            // Each line of a wrapped quotation has its marker, which is no part of a sentence that begins with the line.
            let begin = sentence.start;
            let whole = &block_text[sentence];
            let marker = whole.len() - whole.trim_start_matches(['>', ' ']).len();
            let marker = if place.kind == BlockKind::Quotation && marker < whole.len() { marker } else { 0 };
            let start = start + begin + marker;
            let parts = text::clauses(&whole[marker..], &[], &|part| part.len() <= LONGEST);
            let spans = parts.into_iter().map(|part| start + part.start..start + part.end);
            segments.extend(spans.map(|span| Segment { block, span }));
        }
    }
    SegmentedArticle::new(article, segments).map_err(|error| error.to_string())
}

/// Sentences as the markup of their block has them: none ends inside an atom, and each ends at a line break behind its end
/// mark, whatever word stands there.
fn between_atoms(text: &str, sentences: Vec<Range<usize>>, inlines: &[InlineSpan]) -> Vec<Range<usize>> {
    let atoms = || inlines.iter().filter(|inline| inline.kind == InlineKind::Atom).map(|inline| &inline.span);
    let mut breaks = atoms().filter(|atom| &text[(*atom).clone()] == "\n").peekable();
    let mut words = atoms().filter(|atom| atom.len() > 1).peekable();
    let mut cut: Vec<Range<usize>> = Vec::with_capacity(sentences.len());
    for mut sentence in sentences {
        while words.next_if(|atom| atom.end <= sentence.start).is_some() {}
        let is_inside = words.peek().is_some_and(|atom| atom.start < sentence.start);
        if is_inside && let Some(before) = cut.pop() {
            sentence.start = before.start;
        }
        while let Some(line_break) = breaks.next_if(|line_break| line_break.start < sentence.end) {
            let line = text[sentence.start.min(line_break.start)..line_break.start].trim_end();
            let rest = text[line_break.end..sentence.end].trim_start();
            let is_end = matches!(last_inside(line), Some('.' | '!' | '?' | '…'));
            if is_end && !rest.is_empty() && !rest.starts_with(char::is_lowercase) {
                cut.push(sentence.start..sentence.start + line.len());
                sentence.start = sentence.end - rest.len();
            }
        }
        cut.push(sentence);
    }
    cut
}

/// The language of an article that is not German; `None` if it is, or if that is uncertain.
#[must_use]
pub fn foreign_language(article: &Article) -> Option<&'static str> {
    let is_text = |kind| !matches!(kind, BlockKind::Verbatim | BlockKind::Metadata | BlockKind::Furniture);
    let blocks = article.blocks.iter().filter(|block| is_text(block.kind));
    text::foreign(blocks.map(|block| &article.text[block.span.clone()]))
}

/// Refuses an article that is not German, unless it is to be translated all the same.
fn check_language(article: &Article, options: &Options) -> Result<(), Skip> {
    match foreign_language(article).filter(|_| !options.any_language) {
        Some(language) => Err(Skip::Foreign(language)),
        None => Ok(()),
    }
}

/// Reads, segments and plans an input.
pub(super) fn planned(
    input: &Input,
    tools: &Tools,
    options: &Options,
    makers: &Makers,
) -> Result<(SegmentedArticle, Plan), Skip> {
    let article = input.read(&options.read).map_err(|error| Skip::Unreadable(error.to_string()))?;
    plan(article, tools, options, makers)
}

/// Segments and plans an article.
pub(super) fn plan(
    article: Article,
    tools: &Tools,
    options: &Options,
    makers: &Makers,
) -> Result<(SegmentedArticle, Plan), Skip> {
    check_language(&article, options)?;
    let article = segment(article, tools.segmenter.as_ref()).map_err(Skip::Unreadable)?;
    let plan = Plan::new(&article, &tools.matcher, tools.engine.as_ref(), makers, options);
    Ok((article, plan))
}

/// The bytes of all inputs; of one whose size is not known, none.
pub(super) fn size(inputs: &Inputs) -> u64 {
    let corpora = inputs.corpora.iter().map(|corpus| file_size(&corpus.path));
    inputs.articles.iter().map(Input::size).chain(corpora).sum()
}

fn file_size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |found| found.len())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::enforce::{self, Answer, Case, Enforcement};
    use crate::english::{Sentence, steps};
    use crate::glossary::{Glossary, Matcher};
    use crate::model::{Entry, MakerRank, Origin, Translation};
    use crate::text::German;

    fn cut(text: &str) -> SegmentedArticle {
        let article = read::article(&ArticleId::new("a.txt"), text.as_bytes(), &read::ReadOptions::default());
        segment(article.expect("read"), &German::default()).expect("cut")
    }

    fn sources(name: &str, text: &str) -> Vec<String> {
        let article = read::article(&ArticleId::new(name), text.as_bytes(), &read::ReadOptions::default());
        let article = segment(article.expect("read"), &German::default()).expect("cut");
        article.segments().iter().map(|segment| article.source(segment).to_owned()).collect()
    }

    #[test]
    fn a_sentence_ends_at_a_line_break_behind_its_end_mark_and_never_inside_an_atom() {
        for (text, expected) in [
            ("Im Werk a.<br>Der Rest folgt.", &["Im Werk a.", "Der Rest folgt."][..]),
            ("(Siehe S. 5.)<br>„So?“<br>Ja.", &["(Siehe S. 5.)", "„So?“", "Ja."]),
            ("Er wohnt hier:<br>Am Ufer 3<br>Bonn.", &["Er wohnt hier:\nAm Ufer 3\nBonn."]),
            ("Das heißt z. B.<br>so.", &["Das heißt z. B.\nso."]),
            ("<b>&nbsp;</b><b><br><code>x1</code></b>ä gilt.", &["x1ä gilt."]),
            ("Es gilt so.<b><br><code>X</code></b> gilt.", &["Es gilt so.", "X gilt."]),
            ("Es gilt <code>x(). Sonst</code> nicht. Gut.", &["Es gilt x(). Sonst nicht.", "Gut."]),
            ("Mit <code>a. B. Ob. Da</code>. Und nun?", &["Mit a. B. Ob. Da.", "Und nun?"]),
        ] {
            assert_eq!(sources("a.html", &format!("<p>{text}</p>")), expected, "{text}");
        }
        let breaks = "Er verweist auf <https://example.org/a>.  \nDanach geht es weiter.";
        assert_eq!(
            sources("a.md", breaks),
            ["Er verweist auf https://example.org/a.", "Danach geht es weiter."]
        );
    }

    #[test]
    fn no_segment_is_beyond_measure_and_nothing_is_lost() {
        for text in ["am 3. Mai ".repeat(2000), "a".repeat(20_000), "ä, ö; ".repeat(3000)] {
            let article = cut(&text);
            let sources: Vec<&str> =
                article.segments().iter().map(|segment| article.source(segment)).collect();
            assert!(sources.len() > 1 && sources.iter().all(|source| source.len() <= LONGEST));
            let bare = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(bare(&sources.concat()), bare(&text));
        }
        let text = format!("Das ist {} lang.", "sehr ".repeat(300));
        assert_eq!(cut(&text).segments().len(), 1);
    }

    #[test]
    fn a_text_twice_as_long_takes_twice_as_many_steps_whatever_stands_in_it() {
        let origin = Origin { path: "g.tsv".into(), line: 2 };
        let matcher = Matcher::new(&Glossary::of(vec![Entry::new("Mai", "May|month of May", origin)]));
        let enforcement = Arc::new(Enforcement::default());
        let steps = |times: usize| {
            let article = cut(&"am 3. Mai ".repeat(times));
            steps::of(|| {
                for segment in article.segments() {
                    let source = article.source(segment);
                    let terms = matcher.find(source);
                    let enforcement = Arc::clone(&enforcement);
                    let case = Case { source: Sentence::new(source), terms, enforcement };
                    // The German stands for what an engine may answer: every third word is to be repaired.
                    let answer = Answer { translation: Translation::plain(source), maker: MakerRank(0) };
                    let _ = enforce::start(case, answer);
                }
            })
        };
        let [one, two, four] = [200, 400, 800].map(steps);
        assert!(one > 0 && two <= one * 23 / 10 && four <= two * 23 / 10, "{one}, {two}, {four}");
    }
}
