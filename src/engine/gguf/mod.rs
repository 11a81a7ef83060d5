//! A language model inside the process, from a GGUF file.
//!
//! One thread owns the model. Texts come to it through a channel, each with its own way back, so that a batch
//! that is given up takes its texts out of the model's work. Up to eight texts are decoded side by side.

mod answer;
mod attention;
mod cache;
mod decoder;
mod file;
mod model;
mod ops;
mod probe;
mod prompt;
mod shape;
mod stop;
mod template;
mod tokens;
mod widen;
mod worker;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;

use futures::future::try_join_all;
use tokio::sync::oneshot;

use self::decoder::{Decoder, Job, SLOTS};
pub use self::probe::Probe;
use self::prompt::Style;
use crate::engine::{Abilities, Billing, Engine, EngineError, EngineInfo, Limits, TranslateFuture};
use crate::model::{Batch, Request};

/// Changes whenever prompts or stop rules change what comes out.
const PROMPT_VERSION: u32 = 1;

/// How a model is to be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The name of the profile.
    pub profile: String,
    /// The GGUF file.
    pub model: PathBuf,
    /// Tokens that a prompt and its answer may take together; never more than the model was trained for.
    /// 2,048 is enough for single sentences, of which the examples in the prompt take some 300.
    pub context: usize,
    /// A warning to be shown with every output, for models whose output is not fit for use.
    pub caveat: Option<String>,
}

/// The engine.
#[derive(Debug)]
pub struct Gguf {
    info: EngineInfo,
    jobs: Sender<Job>,
}

impl Gguf {
    /// Loads a model and starts its thread. Takes seconds for a large file: call it off the async threads.
    ///
    /// How many threads compute is up to the environment variable `CANDLE_NUM_THREADS`; all cores do without it.
    ///
    /// # Errors
    /// [`EngineError::Unusable`] if the file is no model of an architecture known here (llama, qwen2, gemma3) or
    /// its chat template cannot be used.
    pub fn load(options: Options) -> Result<Self, EngineError> {
        let (model, tokens) = Probe::load(&options.model)?.into_parts();
        let decoder = Decoder::new(model, tokens, options.context)?;
        let abilities =
            Abilities { terms: true, context: decoder.style() != Style::Completion, ..Abilities::default() };
        let info = EngineInfo {
            fingerprint: fingerprint(&options)?,
            profile: options.profile,
            kind: "gguf",
            limits: Limits {
                segments: 2 * SLOTS,
                characters: 4 * options.context * SLOTS,
                bytes: usize::MAX,
            },
            concurrency: 2,
            billing: Billing::None,
            abilities,
            caveat: options.caveat,
        };
        Ok(Self { info, jobs: worker::start(decoder)? })
    }

    fn send(
        &self,
        request: &Request,
        context: Option<String>,
    ) -> Result<oneshot::Receiver<decoder::Reply>, EngineError> {
        let (reply, receiver) = oneshot::channel();
        let job = Job { request: request.clone(), context, reply };
        self.jobs.send(job).map(|()| receiver).map_err(|_| stopped())
    }
}

impl Engine for Gguf {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn translate<'a>(&'a self, batch: &'a Batch) -> TranslateFuture<'a> {
        Box::pin(async move {
            let mut before = batch.context.clone().unwrap_or_default();
            let mut replies = Vec::with_capacity(batch.requests.len());
            for request in &batch.requests {
                let context = Some(before.clone()).filter(|before| !before.is_empty());
                let reply = self.send(request, context)?;
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
}

fn stopped() -> EngineError {
    EngineError::Unusable("the thread of the language model has stopped".to_owned())
}

/// Names the model and what else changes its output. The file is known by its size and by its first and last
/// mebibyte: the header with all names and dimensions, and weights.
fn fingerprint(options: &Options) -> Result<String, EngineError> {
    let wrong = |e: std::io::Error| EngineError::Unusable(format!("{}: {e}", options.model.display()));
    let (size, hash) = sample(&options.model).map_err(wrong)?;
    Ok(format!(
        "{} gguf {size} {} {PROMPT_VERSION} {}",
        options.profile,
        &hash.to_hex()[..16],
        options.context
    ))
}

fn sample(path: &Path) -> std::io::Result<(u64, blake3::Hash)> {
    const SAMPLE: u64 = 1 << 20;
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    let mut bytes = Vec::new();
    file.by_ref().take(SAMPLE).read_to_end(&mut bytes)?;
    file.seek(SeekFrom::Start(size.saturating_sub(SAMPLE)))?;
    file.take(SAMPLE).read_to_end(&mut bytes)?;
    Ok((size, blake3::hash(&bytes)))
}
