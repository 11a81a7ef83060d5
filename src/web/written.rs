//! What was written to the output folder, as far as the page has seen it.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use crate::model::ArticleId;
use crate::write::{Ledger, MANIFEST, Manifest};

/// The outputs that are known, by the manifest of their folder.
#[derive(Debug)]
pub(super) struct SeenOutputs {
    folder: PathBuf,
    /// Size and time of the manifest when it was read last: a look that costs nothing tells that nothing happened.
    stamp: Option<(u64, SystemTime)>,
    manifest: Option<Manifest>,
    /// The hash of all that was written for an article.
    written: HashMap<ArticleId, blake3::Hash>,
}

impl SeenOutputs {
    /// What is there now.
    pub(super) fn of(folder: PathBuf) -> Self {
        let mut seen = Self { folder, stamp: None, manifest: None, written: HashMap::new() };
        seen.changed();
        seen
    }

    /// The articles whose outputs are others than at the last look. A manifest that cannot be read changes nothing: the run that
    /// writes it says so.
    pub(super) fn changed(&mut self) -> HashSet<ArticleId> {
        let stamp = self.stamp_now();
        if stamp == self.stamp {
            return HashSet::new();
        }
        let Some(now) = self.read() else { return HashSet::new() };
        self.stamp = stamp;
        let before = std::mem::replace(&mut self.written, now);
        let ids = before.keys().chain(self.written.keys());
        ids.filter(|id| before.get(*id) != self.written.get(*id)).cloned().collect()
    }

    fn stamp_now(&self) -> Option<(u64, SystemTime)> {
        let found = fs::metadata(self.folder.join(MANIFEST)).ok()?;
        Some((found.len(), found.modified().ok()?))
    }

    fn read(&mut self) -> Option<HashMap<ArticleId, blake3::Hash>> {
        if self.manifest.is_none() {
            self.manifest = Manifest::load(&self.folder).ok();
        }
        // In the order of their paths.
        let files = self.manifest.as_ref()?.files().ok()?;
        let mut hashers: HashMap<ArticleId, blake3::Hasher> = HashMap::new();
        for file in files {
            let hasher = hashers.entry(file.article).or_default();
            hasher.update(blake3::hash(file.path.as_bytes()).as_bytes());
            hasher.update(file.hash.as_bytes());
        }
        Some(hashers.into_iter().map(|(id, hasher)| (id, hasher.finalize())).collect())
    }
}
