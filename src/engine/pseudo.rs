//! No translation at all: marks the German text, so that everything around an engine can be tried.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::FutureExt;
use futures::future::ready;

use super::fingerprint::Fingerprint;
use super::interface::{Abilities, Billing, Engine, EngineInfo, Limits, TranslateFuture};
use super::profile::{EngineKind, Profile};
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
        let fingerprint = Fingerprint {
            profile: profile.name.clone(),
            kind: EngineKind::Pseudo,
            // What memories have, down to the space behind it.
            options: "context=false ".to_owned(),
            server: None,
        };
        let info = EngineInfo {
            profile: profile.name.clone(),
            kind: EngineKind::Pseudo.name(),
            fingerprint: fingerprint.to_string(),
            limits: Limits {
                segments: profile.max_segments.map_or(50, NonZeroUsize::get),
                characters: usize::MAX,
                bytes: usize::MAX,
            },
            concurrency: profile.concurrency.map_or(4, NonZeroUsize::get),
            billing: Billing::None,
            prices: None,
            abilities: Abilities { marks: true, ..Abilities::default() },
            caveat: Some("no translation: the German text is only marked".to_owned()),
        };
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
