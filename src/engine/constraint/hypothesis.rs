//! An answer as far as it is written.

use std::ops::Range;

use super::interface::{AnswerWriting, ModelVocabulary as _, Past};
use super::scores::Scores;
use crate::engine::error::EngineError;
use crate::model::{Cut, Translation};

/// How many equal tokens in a row count as having rejoined another answer.
const REJOINED: usize = 3;

/// A place in an answer where a term may begin.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::engine) struct OpeningPlace {
    /// How many tokens stand before it.
    pub(in crate::engine) tokens: usize,
    /// What begins there.
    pub(in crate::engine) opening: u32,
    /// The logarithm of how likely that is.
    pub(super) likelihood: f32,
    /// Whether the text begins there to render the German of the term, as far as the model tells.
    pub(super) renders: bool,
    /// What may follow: one of these.
    pub(super) rest: Vec<Vec<u32>>,
}

/// What the model would have said in the place of a token.
#[derive(Debug, Clone, Copy, PartialEq)]
struct RunnerUp {
    token: u32,
    /// How much less likely it is than what was said, as the difference of the logarithms.
    behind: f32,
}

/// An answer in the making.
pub(in crate::engine) struct Hypothesis<P> {
    past: P,
    said: Vec<u32>,
    /// What is to be said next, whatever is likelier: one of these.
    forced: Vec<Vec<u32>>,
    /// Where terms are wanted or rivals are tried, the logarithm of how likely each token was, the one that ended it too.
    likelihoods: Vec<f32>,
    /// Where rivals are tried, what might have been said in the place of each token, unless it would have ended the answer.
    runners_up: Vec<Option<RunnerUp>>,
    /// The same of each opening in the place of each of these tokens.
    openings: Vec<Vec<f32>>,
    has_ended: bool,
    /// What was cut off at its end.
    cut: Option<Cut>,
}

impl<P: Past> Hypothesis<P> {
    /// Nothing said yet.
    pub(in crate::engine) fn new(past: P) -> Self {
        Self {
            past,
            said: Vec::new(),
            forced: Vec::new(),
            likelihoods: Vec::new(),
            runners_up: Vec::new(),
            openings: Vec::new(),
            has_ended: false,
            cut: None,
        }
    }

    /// The same up to a place, and then an opening and one of its continuations.
    pub(in crate::engine) fn fork(&mut self, place: OpeningPlace) -> Self {
        let OpeningPlace { tokens, opening, likelihood, rest, .. } = place;
        Self { forced: rest, ..self.branch(tokens, opening, likelihood) }
    }

    /// The same up to a token, and then what the model would have said in its place, if it is known.
    pub(in crate::engine) fn rival(&mut self, at: usize) -> Option<Self> {
        let RunnerUp { token, behind } = self.runners_up.get(at).copied().flatten()?;
        Some(self.branch(at, token, self.likelihoods[at] - behind))
    }

    /// The tokens in the place of which another one might have been said, the least sure first.
    pub(in crate::engine) fn doubts(&self) -> Vec<usize> {
        let runners_up = self.runners_up.iter().take(self.said.len()).enumerate();
        let behind = runners_up.filter_map(|(at, runner_up)| Some((at, runner_up.as_ref()?.behind)));
        let mut doubts: Vec<(usize, f32)> = behind.collect();
        doubts.sort_by(|(_, one), (_, other)| one.total_cmp(other));
        doubts.into_iter().map(|(at, _)| at).collect()
    }

    /// The same up to a token, and then another one.
    fn branch(&mut self, at: usize, token: u32, likelihood: f32) -> Self {
        let mut past = self.past.fork(at);
        past.say(token);
        Self {
            past,
            said: self.said[..at].iter().copied().chain([token]).collect(),
            forced: Vec::new(),
            likelihoods: self.likelihoods[..at].iter().copied().chain([likelihood]).collect(),
            runners_up: self.runners_up.iter().take(at).copied().chain([None]).collect(),
            openings: self.openings[..=at].to_vec(),
            has_ended: false,
            cut: None,
        }
    }

    /// Copies the rest of another answer once this one has rejoined it, that is, once the last tokens here, after the first
    /// `behind`, also stand in the other answer after its first `from`. After several equal tokens the model nearly always
    /// continues as it did before, so the rest need not be computed again.
    pub(in crate::engine) fn rejoin(&mut self, other: &Self, from: usize, behind: usize) {
        if !P::DEFERS || self.has_ended || other.cut.is_some() {
            return;
        }
        let Some(last) = self.said[behind..].last_chunk::<REJOINED>() else { return };
        let mut places = other.said[from..].windows(REJOINED);
        let Some(place) = places.position(|tokens| tokens == last) else { return };
        let place = from + place + REJOINED;
        for token in &other.said[place..] {
            self.said.push(*token);
            self.past.say(*token);
        }
        self.likelihoods.extend_from_slice(&other.likelihoods[place..]);
        self.runners_up.extend_from_slice(other.runners_up.get(place..).unwrap_or_default());
        self.openings.extend_from_slice(&other.openings[place..]);
        self.has_ended = true;
    }

    /// Says the next token, by what the model gives for each.
    pub(in crate::engine) fn go_on(&mut self, scores: Scores<'_>, writing: &impl AnswerWriting<Past = P>) {
        let token = self.next(scores, writing);
        let openings = writing.openings();
        if writing.has_rivals() {
            let score = scores.of_token(token);
            let runner_up = scores.runner_up(token).filter(|(token, _)| !writing.tokens().ends(*token));
            self.runners_up.push(runner_up.map(|(token, other)| RunnerUp { token, behind: score - other }));
        }
        if writing.has_rivals() || !openings.is_empty() {
            let whole = scores.log_sum();
            let likelihood = |token: u32| scores.of_token(token) - whole;
            self.likelihoods.push(likelihood(token));
            self.openings.push(openings.iter().copied().map(likelihood).collect());
        }
        self.say(token, writing);
    }

    /// The next token: the likeliest, of those that are wanted if something is.
    fn next(&mut self, scores: Scores<'_>, writing: &impl AnswerWriting<Past = P>) -> u32 {
        if self.forced.is_empty() {
            return scores.likeliest();
        }
        let score = |token: u32| scores.of_token(token);
        let wanted = self.forced.iter().filter_map(|rest| rest.first()).copied();
        let wanted = wanted.max_by(|one, other| score(*one).total_cmp(&score(*other)));
        let is_complete = self.forced.iter().any(Vec::is_empty);
        let token = match wanted {
            Some(token) if !is_complete => token,
            // A word that is complete is not written on.
            wanted => scores.likeliest_of(wanted, |token| !writing.tokens().continues_word(token)),
        };
        let rests = std::mem::take(&mut self.forced).into_iter();
        let rests = rests.filter_map(|rest| rest.strip_prefix(&[token]).map(<[u32]>::to_vec));
        self.forced = rests.collect();
        token
    }

    /// Says a token, with which the answer may end.
    fn say(&mut self, token: u32, writing: &impl AnswerWriting<Past = P>) {
        self.has_ended = writing.tokens().ends(token);
        if self.has_ended {
            return;
        }
        self.said.push(token);
        self.past.say(token);
        if let Some(end) = writing.end(&self.said) {
            self.said.truncate(end.length);
            self.likelihoods.truncate(end.length);
            self.runners_up.truncate(end.length);
            self.openings.truncate(end.length);
            self.cut = end.cut;
            self.has_ended = true;
        }
    }

    /// Whether nothing more is to be said.
    pub(in crate::engine) fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// What the model has behind it.
    pub(in crate::engine) fn past(&self) -> &P {
        &self.past
    }

    /// The same, for what the model is shown next.
    pub(in crate::engine) fn past_mut(&mut self) -> &mut P {
        &mut self.past
    }

    /// What is said so far.
    pub(in crate::engine) fn said(&self) -> &[u32] {
        &self.said
    }

    /// Why it was cut off, if it was.
    pub(in crate::engine) fn cut(&self) -> Option<Cut> {
        self.cut
    }

    /// The translation in it.
    pub(in crate::engine) fn answer(
        &self,
        writing: &impl AnswerWriting<Past = P>,
    ) -> Result<Translation, EngineError> {
        writing.answer(&self.said, self.cut)
    }

    /// The tokens with which it begins to render some bytes of the text, as far as the model tells.
    pub(super) fn rendering(
        &self,
        span: &Range<usize>,
        writing: &impl AnswerWriting<Past = P>,
    ) -> Vec<usize> {
        writing.rendering(&self.past, &self.said, span)
    }

    /// Whether a term is being written.
    pub(super) fn is_forced(&self) -> bool {
        !self.forced.is_empty()
    }

    /// The logarithm of how likely each token was, the one that ended it too; nothing where no terms are wanted and no rivals are
    /// tried.
    pub(super) fn likelihoods(&self) -> &[f32] {
        &self.likelihoods
    }

    /// The logarithm of how likely all of it is, with the penalty of Wu et al. (2016) for being short.
    pub(super) fn likelihood(&self) -> f32 {
        const PENALTY: f32 = 0.6;
        #[expect(clippy::cast_precision_loss, reason = "an answer has few tokens")]
        let length = (5 + self.likelihoods.len()) as f32;
        self.likelihoods.iter().sum::<f32>() / (length / 6.0).powf(PENALTY)
    }

    /// The logarithm of how much likelier its tokens are than as many of another one.
    pub(in crate::engine) fn lead(&self, other: &Self) -> f32 {
        let pairs = self.likelihoods.iter().zip(&other.likelihoods);
        pairs.map(|(own, other)| own - other).sum()
    }

    /// The logarithm of how likely its tokens were in the mean.
    pub(in crate::engine) fn mean_likelihood(&self) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "an answer has few tokens")]
        let length = self.likelihoods.len().max(1) as f32;
        self.likelihoods.iter().sum::<f32>() / length
    }

    /// The same of each opening, in the place of each token.
    pub(super) fn openings(&self) -> &[Vec<f32>] {
        &self.openings
    }
}
