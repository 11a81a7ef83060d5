//! A language model from a GGUF file, as a local engine.
//!
//! One thread owns the model. Texts come to it through a channel, each with its own way back, so that a batch
//! that is given up takes its texts out of the model's work. Up to eight texts are decoded side by side. A text whose
//! terms do not hold is written on with them before it is answered.

mod answer;
mod attention;
mod cache;
mod decoder;
mod file;
mod fixed;
mod matrix;
mod model;
mod noisy_channel;
mod ops;
mod past;
mod probe;
mod prompt;
mod rivals;
mod shape;
mod state;
mod stop;
mod template;
mod threads;
mod tokens;
mod worker;
mod writing;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Sender;

use candle_core::utils::barrier_pool;
use futures::future::try_join_all;
use tokio::sync::oneshot;

use self::decoder::{DecodeJob, Decoder, SLOTS};
pub use self::probe::Probe;
use self::prompt::PromptStyle;
use self::state::PromptState;
use crate::engine::error::EngineError;
use crate::engine::fingerprint::Fingerprint;
use crate::engine::interface::{Abilities, Billing, Engine, EngineInfo, Limits, TranslateFuture};
use crate::engine::profile::{EngineKind, Tuning};
use crate::model::{Batch, Example, Request, TermMatch};

/// Changes whenever prompts or stop rules change what comes out.
const PROMPT_VERSION: u32 = 3;

/// How a model is to be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GgufOptions {
    /// The name of the profile.
    pub profile: String,
    /// The GGUF file.
    pub model: PathBuf,
    /// Tokens that a prompt and its answer may take together; never more than the model was trained for.
    /// 2,048 is enough for single sentences, of which the examples in the prompt take some 300.
    pub context: usize,
    /// Whether the text before a sentence goes along, where the model is asked in a way that takes it.
    pub neighbours: bool,
    /// Whether an answer is compared with what the model might have said instead: better English, in nearly three times the time.
    pub rerank: bool,
    /// A warning to be shown with every output, for models whose output is not fit for use.
    pub caveat: Option<String>,
    /// How it works; the answers stay the same.
    pub tuning: Tuning,
}

/// The engine.
#[derive(Debug)]
pub struct Gguf {
    info: EngineInfo,
    jobs: Sender<DecodeJob>,
    batches: AtomicU64,
}

impl Gguf {
    /// Loads a model and starts its thread. Takes seconds for a large file: call it off the async threads.
    ///
    /// How many threads compute is settled for the whole process when the first model is loaded, by the
    /// environment variable `CANDLE_NUM_THREADS`; without it all cores do.
    ///
    /// # Errors
    /// [`EngineError::Broken`] if the file cannot be read or its chat template fails, [`EngineError::Unusable`] if
    /// it is not a model of an architecture known here (llama, qwen2, qwen3, gemma3), or if the process computes
    /// with another number of threads than the options want.
    pub fn load(options: GgufOptions) -> Result<Self, EngineError> {
        check_threads(options.tuning)?;
        let (model, tokens) = Probe::load(&options.model)?.into_parts();
        let file = FileSample::take(&options.model)
            .map_err(|error| EngineError::broken(options.model.display(), error))?;
        let state = PromptState::beside(&options.model, file.stands_for());
        let decoder = Decoder::new(model, tokens, options.context, state, options.rerank)?;
        let abilities = Abilities {
            terms: true,
            constraints: true,
            context: options.neighbours && decoder.style() != PromptStyle::Completion,
            examples: decoder.takes_examples(),
            ..Abilities::default()
        };
        let tuning = options.tuning;
        let info = EngineInfo {
            fingerprint: fingerprint(&options, &file).to_string(),
            profile: options.profile,
            kind: EngineKind::Gguf.name(),
            limits: Limits {
                segments: tuning.segments.map_or(2 * SLOTS, NonZeroUsize::get),
                characters: 4 * options.context * SLOTS,
                bytes: usize::MAX,
            },
            concurrency: tuning.concurrency.map_or(2, NonZeroUsize::get),
            billing: Billing::None,
            prices: None,
            abilities,
            caveat: options.caveat,
        };
        Ok(Self { info, jobs: worker::start(decoder)?, batches: AtomicU64::new(0) })
    }

    fn takes_context(&self, before: &str) -> bool {
        self.info.abilities.context && !before.is_empty()
    }

    fn send(
        &self,
        request: &Request,
        context: Option<String>,
        examples: &[Example],
        wanted: &Arc<[TermMatch]>,
    ) -> Result<oneshot::Receiver<decoder::DecodeReply>, EngineError> {
        let (reply, receiver) = oneshot::channel();
        let job = DecodeJob {
            request: request.clone(),
            context,
            examples: examples.to_vec(),
            wanted: Arc::clone(wanted),
            reply,
        };
        self.jobs.send(job).map(|()| receiver).map_err(|_| stopped())
    }
}

impl Engine for Gguf {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn translate<'a>(&'a self, batch: &'a Batch) -> TranslateFuture<'a> {
        Box::pin(async move {
            self.batches.fetch_add(1, Ordering::Relaxed);
            let mut before = batch.context.clone().unwrap_or_default();
            let mut replies = Vec::with_capacity(batch.requests.len());
            let (no_examples, no_terms) = (Vec::new(), Arc::default());
            let examples = batch.examples.iter().chain(std::iter::repeat(&no_examples));
            let wanted = batch.wanted.iter().chain(std::iter::repeat(&no_terms));
            for ((request, examples), wanted) in batch.requests.iter().zip(examples).zip(wanted) {
                let context = Some(before.clone()).filter(|before| self.takes_context(before));
                let reply = self.send(request, context, examples, wanted)?;
                replies.push(async move { reply.await.map_err(|_| stopped())? });
                before.push(' ');
                before.push_str(&request.text);
            }
            try_join_all(replies).await
        })
    }

    fn encoded_len(&self, request: &Request) -> usize {
        request.text.len()
    }

    fn requests(&self) -> u64 {
        self.batches.load(Ordering::Relaxed)
    }
}

fn stopped() -> EngineError {
    EngineError::Unusable("the thread of the language model has stopped".to_owned())
}

/// Makes sure that the process computes with as many threads as are wanted.
fn check_threads(tuning: Tuning) -> Result<(), EngineError> {
    let there = barrier_pool().n_workers() + 1;
    match tuning.threads.map(NonZeroUsize::get) {
        Some(wanted) if wanted != there => Err(EngineError::Unusable(format!(
            "language models compute with {there} threads in this process, not with {wanted}: \
             CANDLE_NUM_THREADS says otherwise, or an earlier model"
        ))),
        _ => Ok(()),
    }
}

/// Names the model and what else changes its output.
fn fingerprint(options: &GgufOptions, file: &FileSample) -> Fingerprint {
    let FileSample { size, hash } = file;
    let alone = if options.neighbours { "" } else { " alone" };
    let reranked = if options.rerank { " reranked" } else { "" };
    let (hash, context) = (&hash.to_hex()[..16], options.context);
    let options_text = format!("{size} {hash} {PROMPT_VERSION} {context}{alone}{reranked}");
    Fingerprint {
        profile: options.profile.clone(),
        kind: EngineKind::Gguf,
        options: options_text,
        server: None,
    }
}

/// What a file is known by without all of it being read: its size, and its first and last mebibyte, which are the header with all
/// names and dimensions, and weights.
struct FileSample {
    size: u64,
    hash: blake3::Hash,
}

impl FileSample {
    fn take(path: &Path) -> std::io::Result<Self> {
        const SAMPLE: u64 = 1 << 20;
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        let mut bytes = Vec::new();
        file.by_ref().take(SAMPLE).read_to_end(&mut bytes)?;
        file.seek(SeekFrom::Start(size.saturating_sub(SAMPLE)))?;
        file.take(SAMPLE).read_to_end(&mut bytes)?;
        Ok(Self { size, hash: blake3::hash(&bytes) })
    }

    /// One hash for both.
    fn stands_for(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.size.to_le_bytes());
        hasher.update(self.hash.as_bytes());
        hasher.finalize()
    }
}
