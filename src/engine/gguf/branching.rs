//! An answer that lacks a term, written once more with the term in it.
//!
//! The term is put into the answer in each of the places where it is likeliest to begin, and the model writes on from
//! there. All of this shares what the model has seen: the prompt, and the answer up to the place.

use super::hypothesis::{Hypothesis, OpeningPlace, WritingRules};
use super::shape::real;
use super::wanted::WantedTerms;
use crate::engine::error::EngineError;
use crate::model::Translation;

/// Places in which a term is tried.
const PLACES: usize = 4;

/// How many tokens are written on behind a term before the unlikelier places are given up.
const PROBATION: usize = 4;

/// Places that are left then: one more than is needed, for the checks may find something in the likeliest.
const KEPT: usize = 2;

/// How far a place may be behind the likeliest to be left, as the logarithm of how many times less likely it is.
const BEHIND: f32 = 6.0;

/// An answer and what is tried for a term that it lacks.
pub(super) struct Branching {
    base: CompleteAnswer,
    /// The term.
    term: usize,
    branches: Vec<Branch>,
    before: TermAttempts,
}

/// An answer that is complete, and the translation in it.
struct CompleteAnswer {
    text: Hypothesis,
    answer: Translation,
}

/// What came of the terms before.
#[derive(Default)]
struct TermAttempts {
    /// Those for which it was in vain.
    given_up: Vec<usize>,
    /// The answer before a term was put into it at the price of another, and the term: it stands unless the other one
    /// can be put into it, too.
    traded: Option<(CompleteAnswer, usize)>,
}

/// An answer with the term in one place.
struct Branch {
    text: Hypothesis,
    /// The tokens before the term.
    from: usize,
    /// Tokens that were said when the term was complete.
    behind: Option<usize>,
    /// How much likelier it is, some tokens later, than as many tokens without the term.
    merit: Option<f32>,
}

/// What is known of a text.
pub(super) enum NextStage {
    /// Its answer.
    Done(Translation),
    /// There is more to be written.
    Open(Box<Branching>),
}

impl Branching {
    /// Begins with an answer that is complete.
    pub(super) fn start(
        text: Hypothesis,
        answer: Translation,
        wanted: &WantedTerms,
        writing: &WritingRules<'_>,
    ) -> Result<NextStage, EngineError> {
        Self::next(CompleteAnswer { text, answer }, TermAttempts::default(), wanted, writing)
    }

    /// Puts the first of the terms that an answer lacks into it.
    fn next(
        mut base: CompleteAnswer,
        before: TermAttempts,
        wanted: &WantedTerms,
        writing: &WritingRules<'_>,
    ) -> Result<NextStage, EngineError> {
        let mut first: Option<(usize, usize, Vec<OpeningPlace>)> = None;
        let lost = wanted.lost(&base.answer.text);
        for term in lost.into_iter().filter(|term| !before.given_up.contains(term)) {
            let places = wanted.places(term, &base.text, writing.tokens)?;
            let Some(at) = places.first().map(|place| place.tokens) else { continue };
            // What comes behind a term is written anew, so the terms there are looked at afterwards.
            if first.as_ref().is_none_or(|(earliest, ..)| at < *earliest) {
                first = Some((at, term, places));
            }
        }
        let Some((_, term, places)) = first else {
            let CompleteAnswer { answer, .. } = before.traded.map_or(base, |(before, _)| before);
            return Ok(NextStage::Done(answer));
        };
        let branch = |place| Branch::new(&mut base.text, place);
        let branches = places.into_iter().take(PLACES).map(branch).collect();
        Ok(NextStage::Open(Box::new(Self { base, term, branches, before })))
    }

    /// What is being written.
    pub(super) fn open(&mut self) -> impl Iterator<Item = &mut Hypothesis> {
        self.branches.iter_mut().map(|branch| &mut branch.text).filter(|text| !text.has_ended())
    }

    /// Goes on when each of them has said a further token.
    pub(super) fn go_on(
        mut self: Box<Self>,
        source: &str,
        wanted: &WantedTerms,
        writing: &WritingRules<'_>,
    ) -> Result<NextStage, EngineError> {
        self.give_up_the_unlikely();
        if self.open().next().is_some() {
            return Ok(NextStage::Open(self));
        }
        let Self { base, term, branches, mut before } = *self;
        let mut others: Vec<CompleteAnswer> = Vec::new();
        for Branch { text, .. } in branches {
            // One that is no answer is only one place less.
            let answer = text.answer(source, writing.tokens).ok();
            others.extend(
                answer.filter(|answer| answer.cuts.is_empty()).map(|answer| CompleteAnswer { text, answer }),
            );
        }
        others.sort_by(|one, other| other.likelihood().total_cmp(&one.likelihood()));
        let texts: Vec<String> = others.iter().map(|other| other.answer.text.clone()).collect();
        let sure = before.traded.as_ref().map_or(&base, |(sure, _)| sure);
        if let Some(place) = wanted.better(&sure.answer.text, &texts) {
            before.traded = None;
            return Self::next(others.swap_remove(place), before, wanted, writing);
        }
        if let Some((sure, term)) = before.traded.take() {
            before.given_up.push(term);
            return Self::next(sure, before, wanted, writing);
        }
        if let Some(place) = texts.iter().position(|other| wanted.is_traded(term, &base.answer.text, other)) {
            before.traded = Some((base, term));
            return Self::next(others.swap_remove(place), before, wanted, writing);
        }
        before.given_up.push(term);
        Self::next(base, before, wanted, writing)
    }

    /// Leaves the likeliest places once enough is written in all of them.
    fn give_up_the_unlikely(&mut self) {
        let base = self.base.text.likelihoods();
        self.branches.iter_mut().for_each(|branch| branch.weigh(base));
        // Each is weighed when it is as far as the others were, whatever else the passes are shared with.
        let merits: Option<Vec<f32>> = self.branches.iter().map(|branch| branch.merit).collect();
        if let Some(most) = merits.and_then(|merits| merits.into_iter().max_by(f32::total_cmp)) {
            let merit = |branch: &Branch| branch.merit.unwrap_or(f32::NEG_INFINITY);
            self.branches.sort_by(|one, other| merit(other).total_cmp(&merit(one)));
            self.branches.truncate(KEPT);
            self.branches.retain(|branch| merit(branch) >= most - BEHIND);
        }
    }
}

impl CompleteAnswer {
    /// The logarithm of how likely all of it is, with the penalty of Wu et al. (2016) for being short.
    fn likelihood(&self) -> f32 {
        const PENALTY: f32 = 0.6;
        let likelihoods = self.text.likelihoods();
        likelihoods.iter().sum::<f32>() / (real(5 + likelihoods.len()) / 6.0).powf(PENALTY)
    }
}

impl Branch {
    fn new(base: &mut Hypothesis, place: OpeningPlace) -> Self {
        Self { from: place.tokens, text: base.fork(place), behind: None, merit: None }
    }

    /// Compares it with the answer without the term, once enough is written.
    fn weigh(&mut self, base: &[f32]) {
        let said = self.text.said().len();
        if self.behind.is_none() && !self.text.is_forced() {
            self.behind = Some(said);
        }
        let is_on_probation = self.behind.is_none_or(|behind| said < behind + PROBATION);
        if self.merit.is_some() || is_on_probation && !self.text.has_ended() {
            return;
        }
        let own = self.text.likelihoods().iter().skip(self.from);
        let others = base.iter().skip(self.from).take(own.len());
        self.merit = Some(own.sum::<f32>() - others.sum::<f32>());
    }
}
