//! What other programs do to the memory while the page is open: `wortlaut learn`, another page, a colleague's run.

use std::time::Duration;

use super::reviewed::Reviewed;
use crate::memory::MemoryRevision;

/// How often the memory is asked whether somebody else changed it; asking costs as much as looking up one key.
const INTERVAL: Duration = Duration::from_secs(1);

impl Reviewed {
    /// Notes that this page changed pairs once. If others did so at the same time, that is seen by [`Self::watch`].
    pub(super) async fn note_own_change(&self) {
        if let Ok(now) = self.material.memory.revision().await {
            let mut seen = self.revision.lock();
            if seen.is_none_or(|seen| now.0 == seen.0 + 1) {
                *seen = Some(now);
            }
        }
    }

    /// Brings everything up to date whenever somebody else changed pairs; never ends.
    pub(super) async fn watch(&self) {
        loop {
            tokio::time::sleep(INTERVAL).await;
            if self.is_changed_by_others().await {
                let articles = self.shelf(|shelf| shelf.cards.iter().map(|card| card.id.clone()).collect());
                self.follow(articles, None).await;
            }
        }
    }

    async fn is_changed_by_others(&self) -> bool {
        // Between a change of this page and its note.
        let _turn = self.changing.lock().await;
        let Ok(now) = self.material.memory.revision().await else { return false };
        let before: Option<MemoryRevision> = self.revision.lock().replace(now);
        before.is_some_and(|before| before != now)
    }
}
