//! From an input to a planned article.

use crate::model::{Article, ArticleId, Segment, SegmentedArticle};
use crate::read::{self, ReadError, Source};
use crate::text::Segmenter;

use super::peers::Makers;
use super::plan::Plan;
use super::{Options, Tools};

/// Something to be translated.
#[derive(Debug, Clone)]
pub enum Input {
    /// A file.
    File(Source),
    /// The bytes of a pipe.
    Bytes(ArticleId, Vec<u8>),
}

impl Input {
    /// The name of the article.
    #[must_use]
    pub fn id(&self) -> &ArticleId {
        match self {
            Self::File(source) => &source.id,
            Self::Bytes(id, _) => id,
        }
    }

    /// Reads it.
    fn read(&self, options: &read::Options) -> Result<Article, ReadError> {
        match self {
            Self::File(source) => read::open(source, options),
            Self::Bytes(id, bytes) => read::article(id, bytes, options),
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
    options: &read::Options,
) -> Result<SegmentedArticle, String> {
    let article = input.read(options).map_err(|error| error.to_string())?;
    segment(article, segmenter)
}

/// Segments an article.
///
/// # Errors
/// As [`segmented`].
pub fn segment(article: Article, segmenter: &dyn Segmenter) -> Result<SegmentedArticle, String> {
    let mut segments = Vec::new();
    for (block, place) in article.blocks.iter().enumerate() {
        let start = place.span.start;
        let sentences = segmenter.segment(&article.text[place.span.clone()]);
        let sentences = sentences.map_err(|error| format!("{}: {error}", article.id))?;
        let spans = sentences.into_iter().map(|span| start + span.start..start + span.end);
        segments.extend(spans.map(|span| Segment { block, span }));
    }
    SegmentedArticle::new(article, segments).map_err(|error| error.to_string())
}

/// Reads, segments and plans an input.
pub(super) fn planned(
    input: &Input,
    tools: &Tools,
    options: &Options,
    makers: &Makers,
) -> Result<(SegmentedArticle, Plan), String> {
    let article = segmented(input, tools.segmenter.as_ref(), &options.read)?;
    let plan = Plan::new(&article, &tools.matcher, (tools.engine.as_ref(), makers), options.furniture);
    Ok((article, plan))
}
