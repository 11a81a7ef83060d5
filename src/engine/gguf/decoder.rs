//! Decodes several texts side by side, greedily.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::answer;
use super::cache::{Cache, Positions};
use super::model::{Chunk, GgufModel};
use super::prompt::{ModelPrompt, PromptStyle, Prompter};
use super::state::PromptState;
use super::stop::bound;
use super::tokens::Tokens;
use crate::engine::error::EngineError;
use crate::engine::fault::Cause;
use crate::engine::repetition::{before_loop, first_loop};
use crate::model::{Cut, Example, Request, Translation};

/// Texts that are decoded side by side. The matrices are read from memory once for all of them.
pub(super) const SLOTS: usize = 8;

/// Tokens in one pass: bounds the memory that a pass takes.
const PASS_TOKENS: usize = 512;

/// The answer to a job.
pub(super) type DecodeReply = Result<Translation, EngineError>;

/// A text to be translated and who waits for it.
#[derive(Debug)]
pub(super) struct DecodeJob {
    pub(super) request: Request,
    /// German text before it.
    pub(super) context: Option<String>,
    /// Earlier translations of like texts.
    pub(super) examples: Vec<Example>,
    pub(super) reply: oneshot::Sender<DecodeReply>,
}

/// A model and the texts it is at work on.
pub(super) struct Decoder {
    model: GgufModel,
    tokens: Tokens,
    prompter: Prompter,
    /// Positions that a prompt and its answer may take together.
    context: usize,
    /// What the fixed part of the prompts has left behind, once it was needed.
    fixed: Option<Arc<Positions>>,
    /// Where that is kept from run to run.
    state: PromptState,
    slots: Vec<Slot>,
}

struct Slot {
    source: String,
    reply: oneshot::Sender<DecodeReply>,
    cache: Cache,
    /// Tokens that the model has not seen yet.
    pending: Vec<u32>,
    said: Vec<u32>,
    bound: usize,
    /// Whether the text repeats itself already in German.
    loops: bool,
}

/// What it takes to begin a text.
struct Start {
    cache: Cache,
    pending: Vec<u32>,
    bound: usize,
    loops: bool,
}

impl Decoder {
    /// Prepares a model. `context` is cut to what the model was trained for.
    pub(super) fn new(
        model: GgufModel,
        tokens: Tokens,
        context: usize,
        state: PromptState,
    ) -> Result<Self, EngineError> {
        let prompter = Prompter::new(&tokens)?;
        let context = context.min(model.context());
        Ok(Self { model, tokens, prompter, context, fixed: None, state, slots: Vec::with_capacity(SLOTS) })
    }

    /// How the model is asked.
    pub(super) fn style(&self) -> PromptStyle {
        self.prompter.style()
    }

    /// Whether the model can be shown examples.
    pub(super) fn takes_examples(&self) -> bool {
        self.prompter.takes_examples()
    }

    /// Whether a further text may be begun.
    pub(super) fn has_room(&self) -> bool {
        self.slots.len() < SLOTS
    }

    /// Whether no text is being worked on.
    pub(super) fn is_idle(&self) -> bool {
        self.slots.is_empty()
    }

    /// Begins a text; whoever waits for it gets the error if it cannot be begun.
    pub(super) fn begin(&mut self, job: DecodeJob) {
        match self.prepare(&job) {
            Ok(Start { cache, pending, bound, loops }) => {
                let (source, reply) = (job.request.text, job.reply);
                self.slots.push(Slot { source, reply, cache, pending, said: Vec::new(), bound, loops });
            }
            Err(error) => drop(job.reply.send(Err(error))),
        }
    }

    fn prepare(&mut self, job: &DecodeJob) -> Result<Start, EngineError> {
        let source = self.tokens.plain(&job.request.text)?;
        let bound = bound(source.len());
        let prompt = self.fitting(job, bound)?;
        let shared = match &self.fixed {
            Some(shared) => Arc::clone(shared),
            None => Arc::clone(self.fixed.insert(fixed(&self.model, &prompt.fixed, &self.state)?)),
        };
        Ok(Start {
            cache: Cache::after(shared),
            pending: prompt.own,
            bound,
            loops: first_loop(&source).is_some(),
        })
    }

    /// The prompt of a job, without the examples if these leave no room for an answer of `bound` tokens.
    pub(super) fn fitting(&self, job: &DecodeJob, bound: usize) -> Result<ModelPrompt, EngineError> {
        let DecodeJob { request, context, examples, .. } = job;
        for examples in [examples.as_slice(), &[]] {
            let prompt = self.prompter.prompt(&self.tokens, request, context.as_deref(), examples)?;
            if prompt.fixed.len() + prompt.own.len() + bound <= self.context {
                return Ok(prompt);
            }
        }
        Err(EngineError::TooLarge)
    }

    /// Takes every text a token further, or through a part of its prompt; answers those that are done.
    pub(super) fn step(&mut self) {
        self.slots.retain(|slot| !slot.reply.is_closed());
        let mut room = PASS_TOKENS;
        let mut takes = Vec::with_capacity(self.slots.len());
        let mut chunks = Vec::with_capacity(self.slots.len());
        for slot in &mut self.slots {
            let take = slot.pending.len().min(room);
            room -= take;
            takes.push(take);
            if take > 0 {
                chunks.push(Chunk { tokens: &slot.pending[..take], cache: &mut slot.cache });
            }
        }
        if chunks.is_empty() {
            return;
        }
        match self.model.advance(&mut chunks) {
            Ok(next) => self.take_in(&takes, next),
            Err(error) => {
                let error = Arc::new(error);
                for slot in self.slots.drain(..) {
                    drop(slot.reply.send(Err(failed(Arc::clone(&error)))));
                }
            }
        }
    }

    fn take_in(&mut self, takes: &[usize], next: Vec<u32>) {
        let mut next = next.into_iter();
        let mut done = Vec::new();
        for (index, (slot, take)) in self.slots.iter_mut().zip(takes).enumerate() {
            if *take == 0 {
                continue;
            }
            slot.pending.drain(..take);
            if let (Some(token), true) = (next.next(), slot.pending.is_empty())
                && let Some(reply) = slot.hear(token, &self.tokens)
            {
                done.push((index, reply));
            }
        }
        for (index, reply) in done.into_iter().rev() {
            // Who no longer waits for an answer has dropped the receiver.
            drop(self.slots.remove(index).reply.send(reply));
        }
    }
}

impl Slot {
    /// Takes in the next token; gives the answer if it is complete with it.
    fn hear(&mut self, token: u32, tokens: &Tokens) -> Option<DecodeReply> {
        if tokens.ends(token) {
            return Some(self.answer(tokens, None));
        }
        self.said.push(token);
        self.pending.push(token);
        if let Some(length) = before_loop(&self.said).filter(|_| !self.loops) {
            self.said.truncate(length);
            return Some(self.answer(tokens, Some(Cut::Loop)));
        }
        match tokens.text(&self.said) {
            Ok(text) if answer::complete(&text) => Some(self.answer(tokens, None)),
            Ok(_) if self.said.len() >= self.bound => Some(self.answer(tokens, Some(Cut::Runaway))),
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        }
    }

    fn answer(&self, tokens: &Tokens, ended: Option<Cut>) -> DecodeReply {
        answer::translation(&self.source, &tokens.text(&self.said)?, ended)
    }
}

/// What the fixed part of the prompts leaves behind, from the last run if it is kept.
pub(super) fn fixed(
    model: &GgufModel,
    tokens: &[u32],
    state: &PromptState,
) -> Result<Arc<Positions>, EngineError> {
    let (layers, width) = model.cached();
    if let Some(kept) = state.load(tokens, layers, width) {
        return Ok(kept);
    }
    let computed = compute(model, tokens)?;
    state.save(tokens, &computed);
    Ok(computed)
}

/// Shows the fixed part of a prompt to a model.
fn compute(model: &GgufModel, fixed: &[u32]) -> Result<Arc<Positions>, EngineError> {
    let mut cache = model.cache();
    for tokens in fixed.chunks(PASS_TOKENS) {
        model.advance(&mut [Chunk { tokens, cache: &mut cache }]).map_err(failed)?;
    }
    Ok(cache.share())
}

/// An error of the arithmetic: this model can give nothing.
pub(super) fn failed(error: impl Into<Cause>) -> EngineError {
    EngineError::broken("the model cannot be computed", error)
}
