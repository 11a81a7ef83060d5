//! An article as a page shows it: German and English side by side, terms and findings marked in both.
//!
//! [`ArticlePage`] is the article as plain data. It knows nothing of HTML, so that whatever shows an article shows it alike.
//! Its parts as HTML ([`ArticleBody`], [`MarkedText`] and so on) print themselves escaped.

mod article;
mod figures;
mod format;
mod html;
mod pieces;

pub use article::{ArticlePage, FindingCounts, ShownBlock, ShownSegment};
pub use html::{ArticleBody, BlockText, MarkedText, POLICY, PageHead, STYLE, SegmentNotes, made, name};
pub use pieces::{ShownPiece, shown};

pub(super) use figures::{PageFigures, figures_of};
pub(super) use format::BilingualHtml;
