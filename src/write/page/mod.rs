//! An article as a page shows it: German and English side by side, terms and findings marked in both.
//!
//! [`ArticlePage`] is the article as plain data. It knows nothing of HTML, so that whatever shows an article shows it alike.

mod article;
mod pieces;

pub use article::{ArticlePage, FindingCounts, ShownBlock, ShownSegment};
pub use pieces::ShownPiece;
