//! What is known of articles from the run before, so that those of which nothing changed are neither read nor made again.
//!
//! A memo is of an article whose files were written, and stands for making them once more as long as its file holds the
//! same, its files stand as they were written, and all else is the same that they were made with: the program, the
//! settings, the glossary, the engine and the memory. The caller answers for these; it keeps memos only of such runs.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use blake3::Hash;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::article::Finished;
use super::event::Extent;
use super::prepare::Input;
use super::run::extent;
use super::stats::Stats;
use crate::check::Renderings;
use crate::disk::{FileMark, Links};
use crate::model::{ArticleId, SegmentFinding};
use crate::write::{OutputMark, Outputs, SettledFiles};

/// The memos of the articles of an output folder.
pub struct Memos {
    outputs: Arc<Outputs>,
    /// What the output folder remembers of its files, once it is asked for.
    settled: OnceLock<SettledFiles>,
    state: Mutex<MemoState>,
}

#[derive(Default)]
struct MemoState {
    /// Those of the run before, as they are kept.
    earlier: HashMap<ArticleId, String>,
    /// Those that hold now.
    current: HashMap<ArticleId, String>,
    /// Whether there is another one than before.
    is_changed: bool,
}

/// What is known of an article.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ArticleMemo {
    article: ArticleId,
    /// Its file.
    source: FileMark,
    /// The files that it became.
    files: Vec<OutputMark>,
    pub(super) extent: Extent,
    pub(super) stats: Stats,
    pub(super) renderings: Renderings,
    pub(super) notes: Vec<String>,
    pub(super) findings: Vec<SegmentFinding>,
}

/// Whose memo a line is.
#[derive(Deserialize)]
struct MemoHead {
    article: ArticleId,
}

impl Memos {
    /// Memos as [`Self::take_lines`] gave them. What is none is left out: its article is made again.
    pub fn new<'a>(outputs: Arc<Outputs>, lines: impl IntoIterator<Item = &'a str>) -> Self {
        let head = |line: &str| Some((serde_json::from_str::<MemoHead>(line).ok()?.article, line.to_owned()));
        let earlier = lines.into_iter().filter_map(head).collect();
        Self {
            outputs,
            settled: OnceLock::new(),
            state: Mutex::new(MemoState { earlier, ..MemoState::default() }),
        }
    }

    /// All memos that hold, a line each; `None` if they are those of the run before, unless they are wanted all the same. Of articles that the run did not look
    /// at, what was known still is: what a run sends does not change what others come to.
    #[must_use]
    pub fn take_lines(&self, is_wanted: bool) -> Option<Vec<String>> {
        let MemoState { earlier, current, is_changed } = std::mem::take(&mut *self.state.lock());
        (is_changed || is_wanted).then(|| {
            let mut lines: Vec<(ArticleId, String)> = earlier.into_iter().chain(current).collect();
            lines.sort_unstable();
            lines.into_iter().map(|(_, line)| line).collect()
        })
    }

    /// The memo of an input, if nothing of it changed.
    pub(super) fn unchanged(&self, input: &Input) -> Option<ArticleMemo> {
        let Input::File(source) = input else { return None };
        let line = self.state.lock().earlier.remove(&source.id)?;
        let found = serde_json::from_str::<ArticleMemo>(&line).ok().and_then(|mut memo| {
            let is_same = memo.source.is_at(&source.path, Links::Followed).unwrap_or(false)
                && self.outputs.stand(&memo.article, &mut memo.files, self.settled()).unwrap_or(false);
            is_same.then_some(memo)
        });
        let Some(memo) = found else {
            self.state.lock().is_changed = true;
            return None;
        };
        // By now it may be known without reading.
        let now = serde_json::to_string(&memo).ok()?;
        let mut state = self.state.lock();
        state.is_changed |= now != line;
        state.current.insert(source.id.clone(), now);
        Some(memo)
    }

    fn settled(&self) -> &SettledFiles {
        // What cannot be read is reported when something is written.
        self.settled.get_or_init(|| self.outputs.settled().unwrap_or_default())
    }

    /// Keeps a memo of an article whose files were written.
    pub(super) fn keep(&self, finished: &Finished, findings: &[SegmentFinding], notes: Vec<String>) {
        let source = finished.document.source();
        let article = source.article();
        let files = self.outputs.take_marks(&article.id);
        let (Some(files), Some(hash), true) = (files, article.file_hash, finished.is_settled()) else {
            return;
        };
        let memo = ArticleMemo {
            article: article.id.clone(),
            source: FileMark::of_hash(Hash::from_bytes(hash)),
            files,
            extent: extent(source),
            stats: finished.stats.clone().sent_before(),
            renderings: finished.renderings.clone(),
            notes,
            findings: findings.to_vec(),
        };
        // One that cannot be written is made again.
        let Ok(line) = serde_json::to_string(&memo) else { return };
        let mut state = self.state.lock();
        state.is_changed = true;
        state.current.insert(memo.article, line);
    }
}
