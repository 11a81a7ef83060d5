//! The stages an article passes through, as plain data without I/O.
//!
//! ```text
//! bytes → Article → SegmentedArticle → TermMatch → Batch → Translation → Finding → ParallelDocument → files
//! ```
//!
//! All spans are byte ranges into the decoded text of the article ([`Article::text`]) or, for a
//! [`TermMatch`], into the text of its segment. One coordinate system for blocks and segments makes
//! "nothing lost" a property of the type: what no segment covers is a gap, so segments and gaps
//! joined are the text, whatever the segmenter did.

mod article;
mod batch;
mod correction;
mod document;
mod finding;
mod layout;
mod record;
mod rule;
mod term;
mod translation;
mod usage;

pub use article::{
    Article, ArticleId, Block, BlockKind, Encoding, Segment, SegmentedArticle, SpanError, TextPiece,
};
pub use batch::{Batch, Example, Form, Request, TermHint};
pub use correction::{
    Approval, HumanPair, InvalidPairId, InvalidTimestamp, Neighbours, PairId, PairKind, PairOrigin,
    PairPlace, SegmentInContext, StoredPair, Timestamp,
};
pub use document::{
    HeldTerm, Hold, ParallelDocument, Rendition, Rung, SegmentFinding, Status, TermOutcome, Translator, Unit,
};
pub use finding::{Finding, FindingKind, Severity};
pub use layout::{
    Inline, InlineKind, InlineSpan, Layout, Markup, MarkupPart, Notation, TargetPlace, TextNode,
};
pub use record::{CORPUS_EXTENSIONS, CorpusRow, CorpusShape, RecordField, TableLayout};
pub use rule::RepairRule;
pub use term::{CaseRule, Entry, EntryKind, MatchKind, Origin, TermMatch};
pub use translation::{Alignment, Cut, MakerRank, SpanPairs, Translation};
pub use usage::Usage;
