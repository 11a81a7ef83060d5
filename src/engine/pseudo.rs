//! No translation at all: marks the German text, so that everything around an engine can be tried.

use std::sync::atomic::{AtomicU64, Ordering};

use futures::FutureExt;
use futures::future::ready;

use super::profile::KindInfo;
use super::{Abilities, Billing, Engine, EngineInfo, Profile, TranslateFuture};
use crate::model::{Batch, Request, Translation};

/// Stands before every text; nobody takes that for English.
const MARK: &str = "[de] ";

/// The engine.
pub(super) struct Pseudo {
    info: EngineInfo,
    batches: AtomicU64,
}

impl Pseudo {
    /// The engine of a profile.
    pub(super) fn new(profile: &Profile) -> Self {
        let info = profile.info(&KindInfo {
            endpoint: None,
            options: String::new(),
            segments: 50,
            characters: usize::MAX,
            body: usize::MAX,
            overhead: 0,
            concurrency: 4,
            billing: Billing::None,
            abilities: Abilities { marks: true, ..Abilities::default() },
            caveat: Some("no translation: the German text is only marked"),
        });
        Self { info, batches: AtomicU64::new(0) }
    }
}

impl Engine for Pseudo {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn translate<'a>(&'a self, batch: &'a Batch) -> TranslateFuture<'a> {
        self.batches.fetch_add(1, Ordering::Relaxed);
        let mark = |request: &Request| Translation::plain(format!("{MARK}{}", request.text));
        ready(Ok(batch.requests.iter().map(mark).collect())).boxed()
    }

    fn encoded_len(&self, request: &Request) -> usize {
        request.text.len()
    }

    fn requests(&self) -> u64 {
        self.batches.load(Ordering::Relaxed)
    }
}
