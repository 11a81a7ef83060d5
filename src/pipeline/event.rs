//! What a run tells while it goes on.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::model::ArticleId;

use super::article::Outcome;

/// Something that happened in a run.
#[derive(Debug, Clone)]
pub enum Event {
    /// The articles to come.
    Started {
        /// How many; `None` if that is not known, as with corpora.
        articles: Option<usize>,
    },
    /// All articles have been counted.
    Counted {
        /// Segments of all articles.
        segments: usize,
    },
    /// An article was read and cut.
    Read {
        /// The article.
        article: ArticleId,
    },
    /// Something about an article, or a corpus, may be wrong; it is translated all the same.
    Noted {
        /// The article.
        article: ArticleId,
        /// What may be wrong, and what to do about it.
        note: String,
    },
    /// An article cannot be translated; the others go on.
    Skipped {
        /// The article.
        article: ArticleId,
        /// Why.
        reason: String,
    },
    /// Segments have their first answer.
    Segments {
        /// How many.
        done: usize,
    },
    /// A request was answered.
    Billed {
        /// Characters charged for it.
        characters: u64,
    },
    /// Sending pauses.
    Waiting {
        /// Why.
        reason: String,
        /// For how long.
        pause: Duration,
    },
    /// An article is done and its files are written; the files of a record are those of its corpus, which are in
    /// their place when all records are.
    Written {
        /// The article.
        article: ArticleId,
        /// What became of it.
        outcome: Box<Outcome>,
        /// The files.
        files: Vec<PathBuf>,
    },
    /// The engine is out of use; what is under way ends.
    Stopped {
        /// Why.
        reason: String,
    },
}

/// Called with every event, from any thread.
pub type OnEvent = Arc<dyn Fn(Event) + Send + Sync>;
