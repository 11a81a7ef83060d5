//! An answer as far as it is written.

use super::answer;
use super::cache::Cache;
use super::model::Chunk;
use super::ops::{likeliest, likeliest_of, log_sum};
use super::shape::real;
use super::tokens::Tokens;
use crate::engine::error::EngineError;
use crate::engine::repetition::before_loop;
use crate::model::{Cut, Translation};

/// A place in an answer where a term may begin.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OpeningPlace {
    /// How many tokens stand before it.
    pub(super) tokens: usize,
    /// What begins there.
    pub(super) opening: u32,
    /// The logarithm of how likely that is.
    pub(super) likelihood: f32,
    /// What may follow: one of these.
    pub(super) rest: Vec<Vec<u32>>,
}

/// What is the same for all that is written for a text.
#[derive(Clone, Copy)]
pub(super) struct WritingRules<'a> {
    pub(super) tokens: &'a Tokens,
    /// Tokens that terms may begin with: how likely they are is kept.
    pub(super) openings: &'a [u32],
    /// The most tokens of an answer.
    pub(super) bound: usize,
    /// Whether the text repeats itself already in German.
    pub(super) loops: bool,
}

/// An answer in the making.
pub(super) struct Hypothesis {
    cache: Cache,
    /// The positions that its prompt takes.
    prompt: usize,
    /// Tokens that the model has not seen yet.
    pending: Vec<u32>,
    said: Vec<u32>,
    /// What is to be said next, whatever is likelier: one of these.
    forced: Vec<Vec<u32>>,
    /// Where terms are wanted, the logarithm of how likely each token was, the one that ended it too.
    likelihoods: Vec<f32>,
    /// The same of each opening in the place of each of these tokens.
    openings: Vec<Vec<f32>>,
    has_ended: bool,
    /// What was cut off at its end.
    cut: Option<Cut>,
}

impl Hypothesis {
    /// Nothing said yet to a prompt of which the cache has seen the beginning.
    pub(super) fn new(cache: Cache, pending: Vec<u32>) -> Self {
        Self {
            prompt: cache.count() + pending.len(),
            cache,
            pending,
            said: Vec::new(),
            forced: Vec::new(),
            likelihoods: Vec::new(),
            openings: Vec::new(),
            has_ended: false,
            cut: None,
        }
    }

    /// The same up to a place, and then an opening and one of its continuations.
    pub(super) fn fork(&mut self, place: OpeningPlace) -> Self {
        let OpeningPlace { tokens: at, opening, likelihood, rest } = place;
        let with = |of: &[f32]| of[..at].iter().copied().chain([likelihood]).collect();
        Self {
            cache: self.cache.fork(self.prompt + at),
            prompt: self.prompt,
            pending: vec![opening],
            said: self.said[..at].iter().copied().chain([opening]).collect(),
            forced: rest,
            likelihoods: with(&self.likelihoods),
            openings: self.openings[..=at].to_vec(),
            has_ended: false,
            cut: None,
        }
    }

    /// What the model is to see next, at most so many tokens.
    pub(super) fn chunk(&mut self, most: usize) -> Chunk<'_> {
        let most = most.min(self.pending.len());
        Chunk { tokens: &self.pending[..most], cache: &mut self.cache }
    }

    /// Goes on when the model has seen some tokens.
    pub(super) fn seen(&mut self, count: usize, scores: &[f32], writing: &WritingRules<'_>) {
        self.pending.drain(..count);
        if !self.pending.is_empty() {
            return;
        }
        let token = self.next(scores, writing.tokens);
        if !writing.openings.is_empty() {
            let whole = log_sum(scores);
            let likelihood = |token: u32| scores[token as usize] - whole;
            self.likelihoods.push(likelihood(token));
            self.openings.push(writing.openings.iter().copied().map(likelihood).collect());
        }
        self.say(token, writing);
    }

    /// The next token: the likeliest, of those that are wanted if something is.
    fn next(&mut self, scores: &[f32], tokens: &Tokens) -> u32 {
        if self.forced.is_empty() {
            return likeliest(scores);
        }
        let score = |token: u32| scores[token as usize];
        let wanted = self.forced.iter().filter_map(|rest| rest.first()).copied();
        let wanted = wanted.max_by(|one, other| score(*one).total_cmp(&score(*other)));
        let is_complete = self.forced.iter().any(Vec::is_empty);
        let token = match wanted {
            Some(token) if !is_complete => token,
            // A word that is complete is not written on.
            wanted => likeliest_of(scores, |token| Some(token) == wanted || !tokens.continues_word(token)),
        };
        let rests = std::mem::take(&mut self.forced).into_iter();
        let rests = rests.filter_map(|rest| rest.strip_prefix(&[token]).map(<[u32]>::to_vec));
        self.forced = rests.collect();
        token
    }

    /// Says a token, with which the answer may end.
    fn say(&mut self, token: u32, writing: &WritingRules<'_>) {
        self.has_ended = writing.tokens.ends(token);
        if self.has_ended {
            return;
        }
        self.said.push(token);
        self.pending.push(token);
        if let Some(length) = before_loop(&self.said).filter(|_| !writing.loops) {
            self.said.truncate(length);
            self.likelihoods.truncate(length);
            self.openings.truncate(length);
            self.cut = Some(Cut::Loop);
        } else if writing.tokens.text(&self.said).is_ok_and(|text| !answer::complete(&text)) {
            self.cut = (self.said.len() >= writing.bound).then_some(Cut::Runaway);
        } else {
            // Its line has ended; what cannot be read is an error when it is asked for.
            self.has_ended = true;
        }
        self.has_ended |= self.cut.is_some();
    }

    /// Whether nothing more is to be said.
    pub(super) fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// The translation in it.
    pub(super) fn answer(&self, source: &str, tokens: &Tokens) -> Result<Translation, EngineError> {
        answer::translation(source, &tokens.text(&self.said)?, self.cut)
    }

    /// What is said so far.
    pub(super) fn said(&self) -> &[u32] {
        &self.said
    }

    /// Whether a term is being written.
    pub(super) fn is_forced(&self) -> bool {
        !self.forced.is_empty()
    }

    /// The logarithm of how likely each token was, the one that ended it too; nothing where no terms are wanted.
    pub(super) fn likelihoods(&self) -> &[f32] {
        &self.likelihoods
    }

    /// The logarithm of how likely all of it is, with the penalty of Wu et al. (2016) for being short.
    pub(super) fn likelihood(&self) -> f32 {
        const PENALTY: f32 = 0.6;
        self.likelihoods.iter().sum::<f32>() / (real(5 + self.likelihoods.len()) / 6.0).powf(PENALTY)
    }

    /// The same of each opening, in the place of each token.
    pub(super) fn openings(&self) -> &[Vec<f32>] {
        &self.openings
    }
}
