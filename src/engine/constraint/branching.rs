//! An answer that lacks a term, written once more with the term in it.
//!
//! The term is inserted at each place where it could plausibly begin, and the model continues from there. All attempts share
//! the model's state up to that place, so none of it is computed twice.

use super::hypothesis::{Hypothesis, OpeningPlace};
use super::interface::{AnswerWriting, Past};
use super::wanted::WantedTerms;
use crate::engine::error::EngineError;
use crate::model::Translation;

/// Places in which a term is tried. More than one, since the likelihood of an opening says little about the rest of the term.
/// More than two cost time and gain little: see `tests/bench/decoder_terms.py`.
const PLACES: usize = 2;

/// How many tokens follow a term before the places are compared. The best is then written to its end, together with a
/// second one if it is close. The others wait, in case the checks reject it.
const PROBATION: usize = 3;

/// How far behind the likeliest of its kind a place may be and still be written on, in natural logarithms of probability.
const BEHIND: f32 = 6.0;

/// How close to the best a place must be to be written to its end with it: only the whole answer shows which is better.
const CLOSE: f32 = 1.0;

/// An answer and what is tried for a term that it lacks.
pub(in crate::engine) struct Branching<P> {
    base: CompleteAnswer<P>,
    /// The term.
    term: usize,
    /// Once they are ranked, the best is first.
    branches: Vec<Branch<P>>,
    /// How many of the first of them are written on. It is all of them until they are ranked.
    written: usize,
    is_ranked: bool,
    /// What came of places that were written to their end and did not do.
    in_vain: Vec<CompleteAnswer<P>>,
    before: TermAttempts<P>,
}

/// An answer that is complete, and the translation in it.
pub(in crate::engine) struct CompleteAnswer<P> {
    pub(in crate::engine) text: Hypothesis<P>,
    pub(in crate::engine) answer: Translation,
}

/// What came of the terms before.
struct TermAttempts<P> {
    /// Those for which it was in vain.
    given_up: Vec<usize>,
    /// The answer before a term was put into it at the price of another, and the term: it stands unless the other one
    /// can be put into it, too.
    traded: Option<(CompleteAnswer<P>, usize)>,
}

/// An answer with the term in one place.
struct Branch<P> {
    text: Hypothesis<P>,
    /// The tokens before the term.
    from: usize,
    /// Whether the answer without the term begins there to render its German.
    renders: bool,
    /// Tokens that were said when the term was complete.
    behind: Option<usize>,
    /// How much likelier it is, some tokens later, than as many tokens without the term.
    merit: Option<f32>,
}

/// What is known of a text.
pub(super) enum NextStage<P> {
    /// Its answer.
    Done(Box<CompleteAnswer<P>>),
    /// There is more to be written.
    Open(Box<Branching<P>>),
}

impl<P: Past> Branching<P> {
    /// Begins with an answer that is complete.
    pub(super) fn start(
        base: CompleteAnswer<P>,
        wanted: &WantedTerms,
        writing: &impl AnswerWriting<Past = P>,
    ) -> Result<NextStage<P>, EngineError> {
        Self::next(base, TermAttempts { given_up: Vec::new(), traded: None }, wanted, writing)
    }

    /// Puts the first of the terms that an answer lacks into it.
    fn next(
        mut base: CompleteAnswer<P>,
        before: TermAttempts<P>,
        wanted: &WantedTerms,
        writing: &impl AnswerWriting<Past = P>,
    ) -> Result<NextStage<P>, EngineError> {
        let mut first: Option<(usize, usize, Vec<OpeningPlace>)> = None;
        let lost = wanted.lost(&base.answer.text);
        for term in lost.into_iter().filter(|term| !before.given_up.contains(term)) {
            let places = wanted.places(term, &base.text, writing)?;
            let Some(at) = places.first().map(|place| place.tokens) else { continue };
            // What comes behind a term is written anew, so the terms there are looked at afterwards.
            if first.as_ref().is_none_or(|(earliest, ..)| at < *earliest) {
                first = Some((at, term, places));
            }
        }
        let Some((_, term, places)) = first else {
            return Ok(NextStage::Done(Box::new(before.traded.map_or(base, |(before, _)| before))));
        };
        let branch = |place| Branch::new(&mut base.text, place);
        let branches: Vec<Branch<P>> = places.into_iter().take(PLACES).map(branch).collect();
        Ok(NextStage::Open(Box::new(Self {
            base,
            term,
            written: branches.len(),
            is_ranked: false,
            branches,
            in_vain: Vec::new(),
            before,
        })))
    }

    /// What is being written.
    pub(super) fn open(&mut self) -> impl Iterator<Item = &mut Hypothesis<P>> {
        self.branches
            .iter_mut()
            .take(self.written)
            .map(|branch| &mut branch.text)
            .filter(|text| !text.has_ended())
    }

    /// Goes on when each of them has said a further token.
    pub(super) fn go_on(
        mut self: Box<Self>,
        wanted: &WantedTerms,
        writing: &impl AnswerWriting<Past = P>,
    ) -> Result<NextStage<P>, EngineError> {
        self.rank();
        self.rejoin();
        while self.open().next().is_none() {
            if self.branches.is_empty() {
                return self.settle(wanted, writing);
            }
            let likelihood = |branch: &Branch<P>| branch.text.likelihood();
            self.branches[..self.written].sort_by(|one, other| likelihood(other).total_cmp(&likelihood(one)));
            let text = self.branches.remove(0).text;
            self.written = self.branches.len().min((self.written - 1).max(1));
            // One that is no answer is only one place less.
            let answer = text.answer(writing).ok().filter(|answer| answer.cuts.is_empty());
            let Some(answer) = answer else { continue };
            let sure = self.before.traded.as_ref().map_or(&self.base, |(sure, _)| sure);
            let is_better = wanted.is_better(&sure.answer.text, &answer.text);
            let complete = CompleteAnswer { text, answer };
            if is_better {
                let before = TermAttempts { traded: None, ..self.before };
                return Self::next(complete, before, wanted, writing);
            }
            self.in_vain.push(complete);
        }
        Ok(NextStage::Open(self))
    }

    /// Completes the branches that have rejoined the answer without the term. Not before the places are compared: a branch that
    /// ends early would be compared by fewer tokens.
    fn rejoin(&mut self) {
        if !self.is_ranked {
            return;
        }
        for branch in self.branches.iter_mut().take(self.written) {
            if let Some(behind) = branch.behind {
                branch.text.rejoin(&self.base.text, branch.from, behind);
            }
        }
    }

    /// Goes on when no place did: with an answer that holds the term at the price of another, or without the term.
    fn settle(
        self,
        wanted: &WantedTerms,
        writing: &impl AnswerWriting<Past = P>,
    ) -> Result<NextStage<P>, EngineError> {
        let Self { base, term, in_vain, mut before, .. } = self;
        if let Some((sure, term)) = before.traded.take() {
            before.given_up.push(term);
            return Self::next(sure, before, wanted, writing);
        }
        let is_traded =
            |other: &CompleteAnswer<P>| wanted.is_traded(term, &base.answer.text, &other.answer.text);
        let Some(other) = in_vain.into_iter().find(is_traded) else {
            before.given_up.push(term);
            return Self::next(base, before, wanted, writing);
        };
        before.traded = Some((base, term));
        Self::next(other, before, wanted, writing)
    }

    /// Sorts the places once enough is written in each of them, and drops the unlikely ones. Places that render the German
    /// come first, however likely the others are: a term put elsewhere would repeat what the answer already says in other
    /// words, and no check would notice.
    fn rank(&mut self) {
        if self.is_ranked {
            return;
        }
        let base = self.base.text.likelihoods();
        self.branches.iter_mut().for_each(|branch| branch.weigh(base));
        // Each is weighed when it is as far as the others were, whatever else the passes are shared with.
        if self.branches.iter().any(|branch| branch.merit.is_none()) {
            return;
        }
        let merit = |branch: &Branch<P>| branch.merit.unwrap_or(f32::NEG_INFINITY);
        self.branches
            .sort_by(|one, other| other.renders.cmp(&one.renders).then(merit(other).total_cmp(&merit(one))));
        keep_near(&mut self.branches, |branch| (branch.renders, merit(branch)));
        if let Some(best) = self.branches.first() {
            let (renders, most) = (best.renders, merit(best));
            let is_close = |branch: &&Branch<P>| branch.renders == renders && merit(branch) >= most - CLOSE;
            self.written = self.branches.iter().filter(is_close).take(2).count();
        }
        self.is_ranked = true;
    }
}

/// Drops what is too far behind the first item of its kind. The items are sorted, the best first.
fn keep_near<T>(items: &mut Vec<T>, rated: impl Fn(&T) -> (bool, f32)) {
    let mut best = [None; 2];
    items.retain(|item| {
        let (renders, value) = rated(item);
        value >= *best[usize::from(renders)].get_or_insert(value) - BEHIND
    });
}

impl<P: Past> Branch<P> {
    fn new(base: &mut Hypothesis<P>, place: OpeningPlace) -> Self {
        let OpeningPlace { tokens: from, renders, .. } = place;
        Self { from, renders, text: base.fork(place), behind: None, merit: None }
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
