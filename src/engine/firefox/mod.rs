//! Firefox's own translator, as a local engine.
//!
//! The crate `fxtranslate` reads the files and does the arithmetic. This room adds what a long run needs:
//! threads of its own behind a queue, so that async code is never blocked; batches by length; sentences longer
//! than the network's window are cut at clause ends and joined again; word alignment; terms that hold as it writes.
//!
//! A term of a sentence holds as far as that can be done. The network says by itself only
//! what its shortlist lets it say, with terms as without them: the tokens of a term come out while it is being written, and
//! nowhere else. The attention that the alignment is made of tells where the network renders the German of a term that is
//! missing: the term is tried there first. A term of a long sentence is one of the part in which it stands.

mod align;
mod decoder;
mod layers;
mod load;
mod network;
mod output;
mod queue;
mod tokens;
mod work;

#[cfg(test)]
mod tests;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;

use fxtranslate::segment::MAX_SOURCE_TOKENS;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::model::{Alignment, Batch, Cut, Request, SpanPairs, Translation};
use crate::text;

use super::error::EngineError;
use super::fault::AnswerFault;
use super::fingerprint::Fingerprint;
use super::interface::{Abilities, Billing, Engine, EngineInfo, Limits, TranslateFuture};
use super::profile::{EngineKind, Tuning};
use queue::WorkQueue;
use work::{Done, FirefoxTranslator, WorkAnswer, WorkJob, WorkText};

/// Which model to load and how to run it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirefoxOptions {
    /// The name of the profile in the configuration.
    pub profile: String,
    /// The network: Marian's binary format, int8 (`model.*.intgemm.alphas.bin`).
    pub model: PathBuf,
    /// The `SentencePiece` vocabulary of both languages (`vocab.*.spm`).
    pub vocabulary: PathBuf,
    /// The lexical shortlist (`lex.*.s2t.bin`). With it the network chooses as in Firefox, and faster.
    pub shortlist: Option<PathBuf>,
    /// How it works; the answers stay the same. Without a number of threads there is one a core.
    pub tuning: Tuning,
}

/// Texts in a batch: enough to fill all threads with parts of like length.
const SEGMENTS: usize = 128;
/// Characters in a batch, which bound the memory that a batch takes.
const CHARACTERS: usize = 60_000;
/// Batches in flight: one is translated while the next one is tokenised.
const CONCURRENCY: usize = 2;
/// Goes up whenever the same files begin to give other translations.
const REVISION: u32 = 3;

/// The engine of Firefox's own translator.
///
/// Dropping it stops its threads after what they are doing at the moment.
pub struct Firefox {
    info: EngineInfo,
    queue: Arc<WorkQueue<WorkJob>>,
    batches: AtomicU64,
}

impl Firefox {
    /// Loads a model and starts its threads. Blocks for as long as that takes (well under a second).
    ///
    /// # Errors
    /// [`EngineError::Broken`] names the file that cannot be read or is not what it should be.
    pub fn open(options: &FirefoxOptions) -> Result<Self, EngineError> {
        Self::open_limited(options, MAX_SOURCE_TOKENS)
    }

    fn open_limited(options: &FirefoxOptions, limit: usize) -> Result<Self, EngineError> {
        check_processor()?;
        let threads = options.tuning.threads.or_else(|| thread::available_parallelism().ok());
        let threads = threads.map_or(1, NonZeroUsize::get);
        let queue = Arc::new(WorkQueue::new());
        let (ready, loaded) = mpsc::sync_channel(1);
        let (theirs, files) = (Arc::clone(&queue), options.clone());
        // The packed weights may be shared but not moved between threads, so one thread loads them, lends them
        // to the others and frees them.
        thread::Builder::new()
            .name("firefox".to_owned())
            .spawn(move || run(&files, limit, threads, &theirs, &ready))
            .map_err(|error| EngineError::broken("cannot start a thread", error))?;
        let broken = |_| EngineError::Unusable(format!("{} cannot be loaded", options.model.display()));
        let digests = loaded.recv().map_err(broken)??;
        Ok(Self { info: describe(options, &digests), queue, batches: AtomicU64::new(0) })
    }
}

impl Drop for Firefox {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl Engine for Firefox {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn translate<'a>(&'a self, batch: &'a Batch) -> TranslateFuture<'a> {
        Box::pin(async move {
            let (answer, answers) = unbounded_channel();
            let no_terms = Arc::default();
            let wanted = batch.wanted.iter().chain(std::iter::repeat(&no_terms));
            let texts = batch.requests.iter().zip(wanted);
            let texts = texts
                .map(|(request, wanted)| WorkText { text: request.text.clone(), wanted: Arc::clone(wanted) });
            self.batches.fetch_add(1, Ordering::Relaxed);
            self.queue.push(WorkJob::Cut(texts.collect(), answer));
            let done = collect(answers).await?;
            Ok(assemble(&batch.requests, done))
        })
    }

    fn encoded_len(&self, request: &Request) -> usize {
        request.text.len()
    }

    fn requests(&self) -> u64 {
        self.batches.load(Ordering::Relaxed)
    }
}

/// The crate's kernel for x86-64 is compiled for AVX2, whatever the processor has.
fn check_processor() -> Result<(), EngineError> {
    #[cfg(target_arch = "x86_64")]
    if fxtranslate::gemm::backend() != "scalar" && !std::arch::is_x86_feature_detected!("avx2") {
        return Err(EngineError::Unusable(
            "this processor lacks AVX2, which the firefox engine needs".to_owned(),
        ));
    }
    Ok(())
}

fn describe(options: &FirefoxOptions, digests: &[String]) -> EngineInfo {
    let (profile, tuning) = (&options.profile, options.tuning);
    let fingerprint = Fingerprint {
        profile: profile.clone(),
        kind: EngineKind::Firefox,
        options: format!("r{REVISION} {}", digests.join(" ")),
        server: None,
    };
    EngineInfo {
        profile: profile.clone(),
        kind: EngineKind::Firefox.name(),
        fingerprint: fingerprint.to_string(),
        limits: Limits {
            segments: tuning.segments.map_or(SEGMENTS, NonZeroUsize::get),
            characters: CHARACTERS,
            bytes: usize::MAX,
        },
        concurrency: tuning.concurrency.map_or(CONCURRENCY, NonZeroUsize::get),
        billing: Billing::None,
        prices: None,
        abilities: Abilities { terms: true, constraints: true, ..Abilities::default() },
        caveat: None,
    }
}

type Ready = mpsc::SyncSender<Result<Vec<String>, EngineError>>;

/// The life of the thread that owns the model.
fn run(files: &FirefoxOptions, limit: usize, threads: usize, queue: &WorkQueue<WorkJob>, ready: &Ready) {
    let loaded = match load::load(&files.model, &files.vocabulary, files.shortlist.as_deref()) {
        Ok(loaded) => loaded,
        Err(error) => {
            // Nobody to tell means that nobody waits for the model.
            let _ = ready.send(Err(EngineError::Broken { message: error.to_string(), source: error.into() }));
            return;
        }
    };
    let digests = loaded.digests.clone();
    let translator = FirefoxTranslator::new(loaded, limit, threads);
    let _ = ready.send(Ok(digests));
    thread::scope(|scope| {
        for number in 1..threads {
            let helper = thread::Builder::new().name(format!("firefox-{number}"));
            // Without a helper the work is done by fewer threads.
            let _ = helper.spawn_scoped(scope, || translator.work(queue));
        }
        translator.work(queue);
    });
}

/// Waits for all parts of a batch.
async fn collect(mut answers: UnboundedReceiver<WorkAnswer>) -> Result<Vec<Done>, EngineError> {
    let (mut expected, mut done) = (None, Vec::new());
    while let Some(answer) = answers.recv().await {
        match answer {
            WorkAnswer::Parts(count) => expected = Some(count),
            WorkAnswer::Done(part) => done.push(part?),
        }
    }
    match expected {
        Some(sent) if sent == done.len() => Ok(done),
        Some(sent) => Err(AnswerFault::WrongCount { sent, got: done.len() }.into()),
        None => Err(EngineError::unreadable("the firefox engine gave up on the batch")),
    }
}

/// Puts parts together to one translation for each text.
fn assemble(requests: &[Request], mut done: Vec<Done>) -> Vec<Translation> {
    done.sort_by_key(|part| (part.text, part.range.start));
    let mut done = done.into_iter().peekable();
    let translation = |(number, request): (usize, &Request)| {
        let mut parts = Vec::new();
        while let Some(part) = done.next_if(|part| part.text == number) {
            parts.push(part);
        }
        join(&request.text, &parts)
    };
    requests.iter().enumerate().map(translation).collect()
}

fn join(source: &str, parts: &[Done]) -> Translation {
    let joints: Vec<text::TranslatedPart<'_>> = parts
        .iter()
        .map(|part| text::TranslatedPart {
            source: &source[part.range.clone()],
            target: &part.target,
            spaced: source[..part.range.start].ends_with(char::is_whitespace),
        })
        .collect();
    let (text, starts) = text::join(&joints);
    let mut words = SpanPairs::default();
    for (part, start) in parts.iter().zip(starts) {
        let shift = |range: &std::ops::Range<usize>, by: usize| range.start + by..range.end + by;
        let links = part.links.iter();
        words.0.extend(links.map(|(from, to)| (shift(from, part.range.start), shift(to, start))));
    }
    let mut cuts: Vec<Cut> = parts.iter().filter_map(|part| part.cut).collect();
    cuts.dedup();
    Translation { alignment: Some(Alignment::Words(words)), cuts, ..Translation::plain(text) }
}
