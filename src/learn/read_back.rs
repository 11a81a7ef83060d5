//! From a changed file to the segments that read otherwise.

use std::ops::Range;
use std::path::Path;

use super::carry::{SegmentFate, carried_over};
use super::outcome::{LearnError, ReadBack, SegmentEdit};
use super::units::{UnitReader, compare};
use super::words::TextMap;
use crate::model::{Alignment, Article, ArticleId, InlineKind, ParallelDocument, SpanPairs, Unit};
use crate::read::{self, ReadOptions};
use crate::write::{OutputFormat, segment_texts};

/// A file that is not as wortlaut wrote it.
#[derive(Debug, Clone, Copy)]
pub struct ChangedFile<'a> {
    pub format: OutputFormat,
    /// What its name has behind that of the article, such as `.en.txt`.
    pub ending: &'a str,
    pub bytes: &'a [u8],
}

/// Compares a changed file with the document as wortlaut wrote it.
///
/// # Errors
/// The file cannot be read, or its format is not read back.
pub fn read_back(
    document: &ParallelDocument,
    changed: ChangedFile<'_>,
    options: &ReadOptions,
) -> Result<ReadBack, LearnError> {
    let ChangedFile { format, ending, bytes } = changed;
    let files = format.writer().files(document)?;
    // Of a format with two files, the English comes second.
    let is_english = files.last().is_some_and(|file| file.ending == ending);
    if !is_english {
        return Ok(ReadBack { is_german: true, ..ReadBack::default() });
    }
    let written = files.last().map_or(&[][..], |file| &file.contents);
    if let Some(reader) = UnitReader::of(format) {
        return compare(reader, Path::new(ending), written, bytes);
    }
    let id = match format {
        OutputFormat::Document => document.source().article().id.clone(),
        // Line by line, whatever the article is.
        OutputFormat::Lines | OutputFormat::Text => ArticleId::new("english.txt"),
        _ => return Err(LearnError::Format(format)),
    };
    let text = |bytes: &[u8]| read::article(&id, bytes, options);
    let (written, found) = (text(written)?, text(bytes)?);
    let texts = segment_texts(format, document);
    let carried = carried_over(&texts, &written.text, &found.text);
    let mut back = ReadBack { strays: carried.strays, ..ReadBack::default() };
    for (segment, (fate, old)) in carried.fates.into_iter().zip(texts).enumerate() {
        back.lines += usize::from(!old.is_empty());
        match fate {
            SegmentFate::Same => {}
            SegmentFate::Gone => back.gone.push(segment),
            SegmentFate::Changed { text, span } => {
                let inlines = inlines(document, segment, &found, &span);
                back.edits.push(SegmentEdit { segment, old, new: text, is_approved: false, inlines });
            }
        }
    }
    Ok(back)
}

/// Where the markup of a segment stands in its new English, if there is as much of it as in the German.
fn inlines(
    document: &ParallelDocument,
    segment: usize,
    found: &Article,
    span: &Range<usize>,
) -> Option<SpanPairs> {
    let source = document.source();
    let own = source.inlines(&source.segments()[segment]);
    let theirs = found.layout.as_ref()?.inlines(span);
    let kinds = |kind: InlineKind| {
        own.iter().filter(|inline| inline.kind == kind).count()
            == theirs.iter().filter(|inline| inline.kind == kind).count()
    };
    if own.is_empty() || !(kinds(InlineKind::Range) && kinds(InlineKind::Atom)) {
        return None;
    }
    let map = TextMap::new(&found.text[span.clone()]);
    // In the order that they have in the English, which is another one where the engine said so.
    let placed = match document.units().get(segment) {
        Some(Unit::Translated(rendition)) => rendition.alignment.as_ref().and_then(Alignment::inlines),
        _ => None,
    };
    let place = |own: &Range<usize>| {
        let placed = placed.and_then(|pairs| pairs.0.iter().find(|(from, _)| from == own));
        placed.map_or((0, 0), |(_, to)| (to.start, usize::MAX - to.end))
    };
    let mut pairs = vec![None; own.len()];
    for kind in [InlineKind::Range, InlineKind::Atom] {
        let mut order: Vec<usize> = (0..own.len()).filter(|&at| own[at].kind == kind).collect();
        order.sort_by_key(|&at| place(&own[at].span));
        for (at, inline) in order.into_iter().zip(theirs.iter().filter(|inline| inline.kind == kind)) {
            pairs[at] = Some((own[at].span.clone(), map.there(&inline.span)));
        }
    }
    pairs.into_iter().collect::<Option<Vec<_>>>().map(SpanPairs)
}
