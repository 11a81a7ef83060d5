//! Documents for the tests of the formats.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use proptest::prelude::*;

use super::writer::OutputFile;
use crate::model::{
    Article, ArticleId, Block, BlockKind, CaseRule, Encoding, Entry, EntryKind, HeldTerm, Hold, MatchKind,
    Origin, ParallelDocument, Rendition, Rung, Segment, SegmentedArticle, TermMatch, Unit,
};
use crate::text::one_line;

/// A block whose segments stand in white space, which becomes gaps.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    kind: BlockKind,
    texts: Vec<String>,
    pub(super) segments: Vec<Unit>,
}

impl Sample {
    fn new(kind: BlockKind, text: &str) -> Self {
        Self { kind, texts: Vec::new(), segments: Vec::new() }.then(text)
    }

    pub(super) fn title(text: &str) -> Self {
        Self::new(BlockKind::Title, text)
    }

    pub(super) fn paragraph(text: &str) -> Self {
        Self::new(BlockKind::Paragraph, text)
    }

    pub(super) fn item(text: &str) -> Self {
        Self::new(BlockKind::ListItem, text)
    }

    pub(super) fn verbatim(text: &str) -> Self {
        Self::new(BlockKind::Verbatim, text)
    }

    pub(super) fn furniture(text: &str) -> Self {
        Self::new(BlockKind::Furniture, text).kept()
    }

    /// Text that belongs to no segment.
    pub(super) fn gap(text: &str) -> Self {
        Self { kind: BlockKind::Paragraph, texts: vec![text.to_owned()], segments: Vec::new() }
    }

    /// One more segment in the same block.
    pub(super) fn then(mut self, text: &str) -> Self {
        self.segments.push(Unit::Translated(Rendition::new(format!("EN({})", one_line(text)), "pseudo")));
        self.texts.push(text.to_owned());
        self
    }

    pub(super) fn kept(mut self) -> Self {
        for (unit, text) in self.segments.iter_mut().zip(&self.texts) {
            *unit = Unit::Kept { target: text.trim().to_owned() };
        }
        self
    }

    pub(super) fn failed(mut self, reason: &str) -> Self {
        for unit in &mut self.segments {
            *unit = Unit::Failed { reason: reason.to_owned(), terms: Vec::new() };
        }
        self
    }
}

/// The translation of a sample's segment, to be changed.
pub(super) fn translated(unit: &mut Unit) -> &mut Rendition {
    match unit {
        Unit::Translated(rendition) => rendition,
        other => panic!("not translated: {other:?}"),
    }
}

/// The document of the article `folder/a.txt` that consists of these blocks.
pub(super) fn document(samples: &[Sample]) -> ParallelDocument {
    let mut text = String::new();
    let (mut blocks, mut segments, mut units) = (vec![], vec![], vec![]);
    for sample in samples {
        let first = segments.len();
        for (index, piece) in sample.texts.iter().enumerate() {
            let start = text.len() + piece.len() - piece.trim_start().len();
            let span = start..start + piece.trim().len();
            text.push_str(piece);
            if let Some(unit) = sample.segments.get(index).filter(|_| !span.is_empty()) {
                segments.push(Segment { block: blocks.len(), span });
                units.push(unit.clone());
            }
        }
        if let [head, .., tail] | [head @ tail] = &segments[first..] {
            blocks.push(Block::new(sample.kind, head.span.start..tail.span.end));
        }
    }
    let id = ArticleId::new("folder/a.txt");
    let (encoding, fields) = (Encoding::utf8(), Vec::new());
    let article = Article { id, encoding, text, blocks, layout: None, fields, file_hash: None };
    let source = SegmentedArticle::new(article, segments).expect("valid spans");
    ParallelDocument::new(source, units).expect("a unit for each segment")
}

/// The text of the file with this ending.
pub(super) fn text_of(files: &[OutputFile], ending: &str) -> String {
    let file = files.iter().find(|file| file.ending == ending).expect("a file with this ending");
    String::from_utf8(file.contents.clone()).expect("UTF-8")
}

/// A term, and the bytes of the English that hold it.
pub(super) fn term(source: &str, target: &str, span: Range<usize>, held: Option<Range<usize>>) -> HeldTerm {
    let entry = Entry {
        source: source.into(),
        targets: target.split('|').map(str::to_owned).collect(),
        case: CaseRule::Auto,
        forms: vec![],
        avoid: vec![],
        kind: EntryKind::Term,
        note: String::new(),
        origin: Origin { path: PathBuf::from("terms.tsv"), line: 2 },
    };
    let at = |span| Hold { span, rung: Rung::Native, rule: None };
    HeldTerm { term: TermMatch { entry: Arc::new(entry), span, kind: MatchKind::Word }, hold: held.map(at) }
}

/// Any document: hostile texts, all kinds, all statuses.
pub(super) fn documents() -> impl Strategy<Value = ParallelDocument> {
    let text = prop_oneof![
        any::<String>(),
        "[ \t\r\n\u{c}=+@\"'-]{0,4}[a-zäß\\\\\t\r\n\u{2028}\u{1d}]{0,9}[.!?]?[ \r\n]{0,3}",
    ];
    let kind = prop::sample::select(vec![
        BlockKind::Title,
        BlockKind::Paragraph,
        BlockKind::ListItem,
        BlockKind::Furniture,
        BlockKind::Metadata,
        BlockKind::Verbatim,
    ]);
    let sample = (kind, prop::collection::vec(text, 1..4), 0..4_u8).prop_map(|(kind, texts, fate)| {
        let empty = Sample { kind, texts: Vec::new(), segments: Vec::new() };
        let sample = texts.iter().fold(empty, |sample, text| sample.then(text));
        match fate {
            0 => sample.kept(),
            1 => sample.failed("no\nanswer"),
            _ => sample,
        }
    });
    prop::collection::vec(sample, 0..6).prop_map(|samples| document(&samples))
}
