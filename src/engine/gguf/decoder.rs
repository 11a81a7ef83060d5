//! Decodes several texts side by side. What a model says of a text by itself may be compared with what it might have said instead.
//! Where a term does not hold in the better one, the text goes on with the term in it.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::cache::Cache;
use super::fixed::{FixedPart, PASS_TOKENS};
use super::model::{GgufModel, NextScores, failed};
use super::noisy_channel::NoisyChannel;
use super::past::ModelPast;
use super::prompt::{ModelPrompt, PromptStyle, Prompter};
use super::rivals::Rivals;
use super::state::PromptState;
use super::stop::bound;
use super::tokens::Tokens;
use super::writing::WritingRules;
use crate::engine::constraint::{AnswerDraft, Hypothesis, Scores, WantedTerms};
use crate::engine::error::EngineError;
use crate::engine::repetition::first_loop;
use crate::model::{Example, Request, TermMatch, Translation};

/// Texts that are decoded side by side. The matrices are read from memory once for all of them.
pub(super) const SLOTS: usize = 8;

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
    /// The terms that are to hold.
    pub(super) wanted: Arc<[TermMatch]>,
    pub(super) reply: oneshot::Sender<DecodeReply>,
}

/// A model and the texts it is at work on.
pub(super) struct Decoder {
    model: GgufModel,
    tokens: Tokens,
    prompter: Prompter,
    /// Positions that a prompt and its answer may take together.
    context: usize,
    fixed: FixedPart,
    /// `None` if answers are not compared, or if nobody knows how to ask the model in the other direction.
    channel: Option<NoisyChannel>,
    slots: Vec<Slot>,
}

struct Slot {
    asked: AnswerTask,
    reply: oneshot::Sender<DecodeReply>,
    stage: DecodeStage,
}

/// What is asked for.
struct AnswerTask {
    german: String,
    terms: Arc<[TermMatch]>,
    /// `None` where all that is said is an answer.
    wanted: Option<WantedTerms>,
    /// Whether other answers are tried, too.
    has_rivals: bool,
    /// The most tokens of an answer.
    bound: usize,
    /// Whether the text repeats itself already in German.
    loops: bool,
}

impl AnswerTask {
    /// How the answer is written.
    fn writing<'a>(&'a self, tokens: &'a Tokens) -> WritingRules<'a> {
        let Self { german, wanted, has_rivals, bound, loops, .. } = self;
        let openings = wanted.as_ref().map_or(&[][..], WantedTerms::openings);
        WritingRules {
            source: german,
            tokens,
            openings,
            has_rivals: *has_rivals,
            bound: *bound,
            loops: *loops,
        }
    }
}

/// How far a text is.
enum DecodeStage {
    /// What the model says by itself, and what it might have said instead.
    Rivals(Rivals),
    /// The best of these, and then its terms.
    Draft(AnswerDraft<ModelPast>),
}

impl Decoder {
    /// Prepares a model. `context` is cut to what the model was trained for. With `reranks`, answers are compared with rivals.
    pub(super) fn new(
        model: GgufModel,
        tokens: Tokens,
        context: usize,
        state: PromptState,
        reranks: bool,
    ) -> Result<Self, EngineError> {
        let prompter = Prompter::new(&tokens)?;
        let channel = if reranks { NoisyChannel::new(&prompter, &tokens, state.reversed())? } else { None };
        let context = context.min(model.context());
        let (fixed, slots) = (FixedPart::new(state), Vec::with_capacity(SLOTS));
        Ok(Self { model, tokens, prompter, context, fixed, channel, slots })
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
            Ok((text, bound, loops)) => {
                let wanted = WantedTerms::new(&job.request.text, &job.wanted, &self.tokens);
                let DecodeJob { request: Request { text: german, .. }, wanted: terms, reply, .. } = job;
                let has_rivals = self.channel.is_some();
                let asked = AnswerTask { german, terms, wanted, has_rivals, bound, loops };
                let stage = if has_rivals {
                    DecodeStage::Rivals(Rivals::new(text))
                } else {
                    DecodeStage::Draft(AnswerDraft::Free(text))
                };
                self.slots.push(Slot { asked, reply, stage });
            }
            Err(error) => drop(job.reply.send(Err(error))),
        }
    }

    /// An answer before its first token, the most tokens that it may have, and whether the text repeats itself.
    fn prepare(&mut self, job: &DecodeJob) -> Result<(Hypothesis<ModelPast>, usize, bool), EngineError> {
        let source = self.tokens.plain(&job.request.text)?;
        let bound = bound(source.len());
        let prompt = self.fitting(job, bound)?;
        let shared = self.fixed.seen(&self.model, &prompt.fixed)?;
        let past = ModelPast::new(Cache::after(shared), prompt.own);
        Ok((Hypothesis::new(past), bound, first_loop(&source).is_some()))
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
        let mut takes = Vec::new();
        let mut chunks = Vec::new();
        for text in self.slots.iter_mut().flat_map(|slot| slot.stage.open()) {
            let chunk = text.past_mut().chunk(room);
            room -= chunk.tokens.len();
            takes.push(chunk.tokens.len());
            if !chunk.tokens.is_empty() {
                chunks.push(chunk);
            }
        }
        if chunks.is_empty() {
            return;
        }
        match self.model.next(&mut chunks) {
            Ok(scores) => self.take_in(&takes, &scores),
            Err(error) => {
                let error = Arc::new(error);
                for slot in self.slots.drain(..) {
                    drop(slot.reply.send(Err(failed(Arc::clone(&error)))));
                }
            }
        }
    }

    fn take_in(&mut self, takes: &[usize], scores: &NextScores) {
        let (mut takes, mut scores) = (takes.iter(), scores.of_rows());
        for slot in &mut self.slots {
            slot.take_in(&mut takes, &mut scores, &self.tokens);
        }
        for mut slot in std::mem::replace(&mut self.slots, Vec::with_capacity(SLOTS)) {
            match self.go_on(&mut slot) {
                // Who no longer waits for an answer has dropped the receiver.
                Some(reply) => drop(slot.reply.send(reply)),
                None => self.slots.push(slot),
            }
        }
    }

    /// Goes on with a text whose tokens have been taken in; gives the answer if it is complete with that.
    fn go_on(&mut self, slot: &mut Slot) -> Option<DecodeReply> {
        let Slot { asked, stage, .. } = slot;
        let (writing, wanted) = (asked.writing(&self.tokens), asked.wanted.as_ref());
        let mut draft = match std::mem::replace(stage, DecodeStage::Draft(AnswerDraft::Done)) {
            DecodeStage::Draft(draft) => draft,
            DecodeStage::Rivals(mut rivals) => {
                if !rivals.go_on() {
                    *stage = DecodeStage::Rivals(rivals);
                    return None;
                }
                let best = rivals.chosen(&asked.terms, &writing).and_then(|chosen| {
                    match (chosen, &mut self.channel) {
                        ((free, Some(other)), Some(channel)) => channel.better(
                            &self.model,
                            &self.tokens,
                            self.context,
                            &asked.german,
                            [free, other],
                        ),
                        ((free, _), _) => Ok(free),
                    }
                });
                match best {
                    Ok(best) => AnswerDraft::Free(best.text),
                    Err(error) => return Some(Err(error)),
                }
            }
        };
        let complete = draft.go_on(wanted, &writing);
        *stage = DecodeStage::Draft(draft);
        complete.map(|complete| complete.map(|complete| complete.answer))
    }
}

impl DecodeStage {
    /// What is to say a further token.
    fn open(&mut self) -> Box<dyn Iterator<Item = &mut Hypothesis<ModelPast>> + '_> {
        match self {
            Self::Rivals(rivals) => Box::new(rivals.open()),
            Self::Draft(draft) => draft.open(),
        }
    }
}

impl Slot {
    /// Takes in what the model has seen of this text and says next.
    fn take_in<'a>(
        &mut self,
        takes: &mut impl Iterator<Item = &'a usize>,
        scores: &mut impl Iterator<Item = &'a [f32]>,
        tokens: &Tokens,
    ) {
        let writing = self.asked.writing(tokens);
        for (text, take) in self.stage.open().zip(takes) {
            if let Some(scores) = (*take > 0).then(|| scores.next()).flatten()
                && text.past_mut().seen(*take)
            {
                text.go_on(Scores::of_all(scores), &writing);
            }
        }
    }
}
