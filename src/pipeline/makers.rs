//! Whose answers count: those of the engine of the run, and of others that may stand for them.

use std::sync::Arc;

use crate::check::{Class, Verdict, judge, misplaced};
use crate::enforce::{self, Answer, Case, Step};
use crate::engine::EngineInfo;
use crate::english::tidy;
use crate::memory::Key;
use crate::model::{MakerRank, Request, TermHint, TermMatch, Translation};

use super::line::normalise;

/// An engine whose answers in the memory are taken in a run of another engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// The name of its profile.
    pub profile: String,
    /// All that changes its output.
    pub fingerprint: String,
    /// Whether it takes the terms of a text along.
    pub terms: bool,
    /// Whether it makes them hold as it writes, with any of their accepted targets.
    pub constraints: bool,
    /// What to know about its output.
    pub caveat: Option<String>,
}

impl Peer {
    /// An engine as a peer of itself.
    #[must_use]
    pub fn of(engine: &EngineInfo) -> Self {
        Self {
            profile: engine.profile.clone(),
            fingerprint: engine.fingerprint.clone(),
            terms: engine.abilities.terms,
            constraints: engine.abilities.constraints,
            caveat: engine.caveat.clone(),
        }
    }
}

/// The engines beside that of the run whose answers in the memory are taken, each list with the best first.
///
/// An answer of a better one goes before the engine's own, an answer of a weaker one is taken where there is no
/// other: what was paid for is not paid for again. Engines that are merely different are no peers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Peers {
    /// Engines that are better than that of the run.
    pub better: Vec<Peer>,
    /// The engine of the run by another fingerprint: answers of an earlier version that were taken over.
    pub adopted: Option<Peer>,
    /// Engines that are not as good.
    pub weaker: Vec<Peer>,
}

/// The engine of a run among its peers, the best first.
#[derive(Debug)]
pub(super) struct Makers {
    all: Vec<Peer>,
    own: usize,
    first_weaker: usize,
    /// Whether the engine of the run only marks what it is sent.
    marks: bool,
}

/// A request, and what its answer may be found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Query {
    /// What the engine of the run is asked.
    pub(super) request: Request,
    /// The key of its answer.
    pub(super) key: Key,
    /// The keys of answers that may be taken, in the order of preference; [`Self::key`] is one of them.
    pub(super) keys: Vec<Key>,
    /// What was sent if the accepted targets of a term stood in another order, in the order of preference.
    pub(super) others: Arc<[OtherRequest]>,
    /// The terms of the text that are to hold in an answer of these.
    pub(super) terms: Arc<[TermMatch]>,
}

/// A request that differs from another one in the order of accepted targets, or in the terms that go with it: if the terms
/// hold in its answer, that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OtherRequest {
    pub(super) request: Request,
    pub(super) maker: MakerRank,
    pub(super) key: Key,
}

impl Makers {
    /// Puts an engine among its peers.
    pub(super) fn new(engine: &EngineInfo, peers: &Peers) -> Self {
        let own = Peer::of(engine);
        let all = peers.better.iter().chain(std::iter::once(&own)).chain(&peers.adopted).chain(&peers.weaker);
        let first_weaker = peers.better.len() + 1 + usize::from(peers.adopted.is_some());
        let marks = engine.abilities.marks;
        Self { all: all.cloned().collect(), own: peers.better.len(), first_weaker, marks }
    }

    /// What a request with and without its terms is found by; `others` are the same with the accepted targets in other
    /// orders, `terms` what is to hold in answers to those.
    pub(super) fn query(&self, with_terms: &Request, others: &[Request], terms: Vec<TermMatch>) -> Query {
        let sent_to = |peer: &Peer| sent_to(peer, with_terms, &terms);
        let keys: Vec<Key> =
            self.all.iter().map(|peer| Key::new(&peer.fingerprint, &sent_to(peer))).collect();
        let request = sent_to(&self.all[self.own]);
        let others = self.others(others, &terms, &keys);
        Query { key: keys[self.own], request, keys, others, terms: terms.into() }
    }

    /// What a request is found by whose terms go to the engine's dictionary. Only an engine that was sent the same has an
    /// answer to it.
    pub(super) fn dictionary_query(&self, request: Request) -> Query {
        let keys: Vec<Key> = self.all.iter().map(|peer| Key::new(&peer.fingerprint, &request)).collect();
        Query { key: keys[self.own], request, keys, others: Arc::default(), terms: Arc::default() }
    }

    /// What each maker was sent, as far as it is none of the known keys.
    fn others(&self, requests: &[Request], terms: &[TermMatch], known: &[Key]) -> Arc<[OtherRequest]> {
        let mut others: Vec<OtherRequest> = Vec::new();
        for (rank, peer) in self.all.iter().enumerate() {
            for request in requests {
                let request = sent_to(peer, request, terms);
                let key = Key::new(&peer.fingerprint, &request);
                if !known.contains(&key) && others.iter().all(|other| other.key != key) {
                    others.push(OtherRequest { request, maker: MakerRank(rank), key });
                }
            }
        }
        others.into()
    }

    /// What the engine of the run may have been sent with a text under another glossary: with each of the terms it was told,
    /// and without any. Only with terms of today: what the glossary says nothing of any more is let go.
    pub(super) fn told(&self, query: &Query, maker: MakerRank, told: &[Vec<TermHint>]) -> Vec<OtherRequest> {
        let now = &query.request.terms;
        let is_known = |hint: &TermHint| now.iter().any(|term| term.source == hint.source);
        let bare = Vec::new();
        let lists = told.iter().chain(std::iter::once(&bare));
        let lists = lists.filter(|terms| *terms != now && terms.iter().all(is_known));
        let other = |terms: &Vec<TermHint>| {
            let request = Request { terms: terms.clone(), ..query.request.clone() };
            let key = Key::new(&self.all[maker.0].fingerprint, &request);
            OtherRequest { request, maker, key }
        };
        lists.map(other).collect()
    }

    /// The engine of the run by each of its names, if it takes terms.
    pub(super) fn own_with_terms(&self) -> impl Iterator<Item = (MakerRank, &str)> {
        let own = (self.own..self.first_weaker).map(|rank| (MakerRank(rank), &self.all[rank]));
        own.filter(|(_, peer)| peer.terms).map(|(rank, peer)| (rank, peer.fingerprint.as_str()))
    }

    /// An answer as it enters an article, without what is not its English, and the verdict on that. What an engine only
    /// marks is not meant to be a translation.
    pub(super) fn received(&self, question: &Request, answer: &Translation) -> (Translation, Verdict) {
        let tidied = tidy(&question.text, answer.clone());
        let verdict = if self.marks { Verdict::Usable } else { judge(question, &tidied.text) };
        (tidied, verdict)
    }

    /// Looks at a first answer. A maker that makes terms hold as it writes is not asked again for their sake.
    pub(super) fn start(&self, case: Case, answer: Answer) -> Step {
        let did_all = self.all[answer.maker.0].constraints;
        let mut step = enforce::start(case, answer);
        while let Step::Ask(ask) = step {
            if !did_all {
                return Step::Ask(ask);
            }
            step = ask.answer(None);
        }
        step
    }

    /// The answers to several texts as they enter an article, each with its verdict: none that may be the answer to another of
    /// the texts is used.
    pub(super) fn received_together(
        &self,
        answers: &[(&Request, &Translation)],
    ) -> Vec<(Translation, Verdict)> {
        let mut received: Vec<_> =
            answers.iter().map(|(question, answer)| self.received(question, answer)).collect();
        if self.marks {
            return received;
        }
        let (places, pairs): (Vec<usize>, Vec<(&str, &str)>) = (0..received.len())
            .filter(|place| received[*place].1 == Verdict::Usable)
            .map(|place| (place, (answers[place].0.text.as_str(), received[place].0.text.as_str())))
            .unzip();
        let misplaced = misplaced(&pairs);
        for (place, _) in places.into_iter().zip(misplaced).filter(|(_, is_misplaced)| *is_misplaced) {
            received[place].1 = Verdict::Unusable(Class::Missing);
        }
        received
    }

    /// The profile of a maker.
    pub(super) fn profile(&self, maker: MakerRank) -> &str {
        &self.all[maker.0].profile
    }

    /// What to know about the output of a maker.
    pub(super) fn caveat(&self, maker: MakerRank) -> Option<&str> {
        self.all[maker.0].caveat.as_deref()
    }

    /// The engine of the run.
    pub(super) fn own(&self) -> MakerRank {
        MakerRank(self.own)
    }

    /// Whether a maker is the engine of the run, be it under an earlier name.
    pub(super) fn is_own(&self, maker: MakerRank) -> bool {
        self.own <= maker.0 && maker.0 < self.first_weaker
    }

    /// Whether a maker only marks what it is sent.
    pub(super) fn only_marks(&self, maker: MakerRank) -> bool {
        self.marks && self.is_own(maker)
    }

    /// Whether a maker is weaker than the engine of the run.
    pub(super) fn is_weaker(&self, maker: MakerRank) -> bool {
        maker.0 >= self.first_weaker
    }
}

/// A request as a maker is sent it: `request` has the house forms of the terms, or what stood in their place.
fn sent_to(peer: &Peer, request: &Request, terms: &[TermMatch]) -> Request {
    let hints = match request.terms.as_slice() {
        hints if peer.constraints => {
            hints.iter().flat_map(|hint| accepted(hint, &request.text, terms)).collect()
        }
        hints if peer.terms => hints.to_vec(),
        _ => Vec::new(),
    };
    Request { terms: hints, ..request.clone() }
}

/// A hint, and one for each of the other accepted targets of its term, in an order that does not depend on the glossary's.
fn accepted(hint: &TermHint, text: &str, terms: &[TermMatch]) -> Vec<TermHint> {
    let is_its = |term: &&TermMatch| normalise(term.surface(text)) == hint.source;
    let targets = terms.iter().find(is_its).map_or(&[][..], |term| &term.entry.targets);
    let mut others: Vec<&String> = targets.iter().filter(|target| **target != hint.target).collect();
    others.sort_unstable();
    let other = |target: &String| TermHint { source: hint.source.clone(), target: target.clone() };
    std::iter::once(hint.clone()).chain(others.into_iter().map(other)).collect()
}
