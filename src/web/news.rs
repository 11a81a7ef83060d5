//! What a page that is open is told as it happens.

use serde::Serialize;

use crate::model::ArticleId;

/// Something that happened.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "news", rename_all = "lowercase")]
pub(super) enum News {
    /// There are more articles in the list, or others than before.
    Listed,
    /// The German of an article is another one, so its segments are others.
    Rewritten { article: ArticleId },
    /// Something is to be said, such as of files that were left as they are.
    Remark { text: String },
    /// Segments of an article are no longer what they were.
    Changed {
        article: ArticleId,
        /// Counted from 1.
        numbers: Vec<usize>,
        /// The page that did it, which knows already.
        page: Option<String>,
    },
}
