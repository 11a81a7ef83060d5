//! One article on its way through: ask for first answers, climb the ladders, put together.

use std::sync::Arc;

use futures::future::join_all;

use super::AskNext;
use super::compute::Cores;
use super::corrections::{CorrectedSegment, CorrectionsKnown, corrected as corrected_segment};
use super::desk::{Claim, Desk, Question, Reply, Unanswered};
use super::estimate::{Estimate, MostSent};
use super::event::{Event, Extent};
use super::line::normalise;
use super::makers::{Makers, Query};
use super::plan::{Need, Plan, PlannedSegment};
use super::queue::Surroundings;
use super::requests::{self, RequestPart, SentInline, SentTerms, joined};
use super::stats::Stats;
use crate::check::{Class, Renderings};
use crate::enforce::{Answer, Ask, Case, Enforcement, MostAsked, Rewritten, Step};
use crate::engine::Billing;
use crate::english::Sentence;
use crate::model::{
    BlockKind, FindingKind, InlineSpan, MakerRank, ParallelDocument, Rendition, Segment, SegmentedArticle,
    TermMatch, Translation, Translator, Unit,
};
use crate::write;

/// What can be said of English only.
const IN_ENGLISH: [FindingKind; 6] = [
    FindingKind::Untranslated,
    FindingKind::LeftGerman,
    FindingKind::Names,
    FindingKind::Negation,
    FindingKind::Direction,
    FindingKind::Spelling,
];

/// Sentences before a text that go along as its context: what a pronoun refers to is rarely further back.
const CONTEXT_SEGMENTS: usize = 3;
/// Segments among which the headline is looked for: before it there is at most some furniture.
const TITLE_SEGMENTS: usize = 10;

/// An article with all its files need.
pub(super) struct Finished {
    pub(super) document: ParallelDocument,
    pub(super) stats: Stats,
    /// How its names and terms are rendered.
    pub(super) renderings: Renderings,
    /// The corrections that were known when it was planned.
    pub(super) corrected: CorrectionsKnown,
    /// Whether something that was asked for to improve it was not answered, and is asked for again next time.
    pub(super) is_open: bool,
}

impl Finished {
    /// Whether the next run makes the same of it, sending nothing.
    pub(super) fn is_settled(&self) -> bool {
        !self.is_open && self.stats.failed == 0
    }

    /// The same with what was sent for its segments before it was made anew.
    pub(super) fn with_sent(mut self, before: &[bool]) -> Self {
        for (unit, sent) in self.document.units_mut().iter_mut().zip(before) {
            if let Unit::Translated(rendition @ Rendition { translator: Translator::Engine(_), .. }) = unit {
                rendition.is_sent |= *sent;
            }
        }
        let again = self.stats.again;
        Self { stats: Stats { again, ..Stats::of(&self.document) }, ..self }
    }
}

/// What became of an article, or its figures so far if the run was stopped before all of it was answered.
pub(super) type Translated<F> = Result<F, Box<Stats>>;

/// A text to be asked for.
struct AskedText<'a> {
    parts: &'a [RequestPart],
    surroundings: Surroundings,
    /// What progress counts when it is answered.
    counts: Extent,
    /// Whether it is asked for again, in another form, if the answer is no translation.
    insists: bool,
    /// Whether it is sent although the memory has an answer.
    afresh: bool,
}

/// A segment between its first answer and its unit.
enum Way {
    /// Nothing is left to be asked.
    Done(Unit),
    /// A person wrote its English.
    Given(Box<CorrectedSegment>),
    /// An engine answered.
    Climbing(Climber),
}

/// A segment that was answered.
struct Climber {
    step: Step,
    /// Whose answers count for the engine that was asked.
    makers: Arc<Makers>,
    /// What came of it with an engine before.
    before: Option<Box<Climber>>,
    /// Whether something was sent for it in this run.
    is_sent: bool,
    /// A weaker engine than that of the run that an answer was taken from.
    weaker: Option<MakerRank>,
    /// Whether it is sent although the memory has answers.
    afresh: bool,
}

/// An article whose segments have their first answers.
struct Climb {
    article: SegmentedArticle,
    ways: Vec<Way>,
    enforcement: Arc<Enforcement>,
    /// How many of its segments are sent although the memory has answers.
    again: u64,
    corrected: CorrectionsKnown,
    is_open: bool,
}

/// What is to be done next for an article.
enum Stage {
    /// Some ladders ask for something.
    Asking(Box<Climb>),
    /// The next engine is to be asked for some segments.
    PassedOn(Box<Climb>),
    Finished(Box<Finished>),
    /// There are not as many units as segments.
    Mismatched,
}

/// A stage after a finished article was given to who takes it.
enum HandedOver<F, T> {
    /// Who takes it waits for what the ladders ask for.
    Asking(Box<Climb>, F),
    /// Or for the next engine.
    PassedOn(Box<Climb>, F),
    Finished(T),
    Mismatched,
}

impl Stage {
    /// Gives the article to who takes it, if it is finished.
    fn hand_over<T, F: FnOnce(Finished) -> T>(self, finish: F) -> HandedOver<F, T> {
        match self {
            Self::Asking(climb) => HandedOver::Asking(climb, finish),
            Self::PassedOn(climb) => HandedOver::PassedOn(climb, finish),
            Self::Finished(finished) => HandedOver::Finished(finish(*finished)),
            Self::Mismatched => HandedOver::Mismatched,
        }
    }
}

/// An article whose first answers are claimed.
pub(super) struct ClaimedArticle {
    pub(super) article: SegmentedArticle,
    pub(super) plan: Plan,
    pub(super) claim: Claim,
}

/// An article with its first replies, and what it comes to if nothing more is answered.
struct AnsweredArticle {
    article: SegmentedArticle,
    plan: Plan,
    replies: Vec<Option<Reply>>,
    so_far: Box<Stats>,
}

/// Translates an article; the error is its figures if the run was stopped before all of it was answered. `finish` takes
/// it on the thread where it was put together, and may wait there for a disk: no core is held for it.
pub(super) async fn translate<T: Send + 'static>(
    desk: &Desk,
    cores: &Cores,
    ClaimedArticle { article, plan, claim }: ClaimedArticle,
    finish: impl FnOnce(Finished) -> T + Send + 'static,
) -> Translated<T> {
    let replies = desk.replies(claim).await;
    let AnsweredArticle { article, plan, replies, so_far } =
        answered(desk, article, plan, &mut replies.into_iter());
    if so_far.remaining > 0 {
        return Err(so_far);
    }
    let (makers, enforcement, on) =
        (Arc::clone(desk.makers()), Arc::clone(desk.enforcement()), desk.asks_next());
    let start = move || Climb::start(article, plan, replies, &makers, enforcement).next(on);
    let handed = cores.run_then(start, |stage| stage.hand_over(finish)).await;
    climb(desk, cores, handed, so_far).await
}

/// Translates several articles, in their order: what the memory knows is looked up and worked through in one go, so that
/// articles of a sentence each cost little more than the sentences of one.
pub(super) async fn translate_together(
    desk: &Desk,
    cores: &Cores,
    articles: Vec<ClaimedArticle>,
) -> Vec<Translated<Finished>> {
    let mut all = Claim::default();
    let mut planned = Vec::with_capacity(articles.len());
    for ClaimedArticle { article, plan, claim } in articles {
        all.extend(claim);
        planned.push((article, plan));
    }
    let mut replies = desk.replies(all).await.into_iter();
    let answered: Vec<AnsweredArticle> =
        planned.into_iter().map(|(article, plan)| answered(desk, article, plan, &mut replies)).collect();
    let (makers, enforcement, on) =
        (Arc::clone(desk.makers()), Arc::clone(desk.enforcement()), desk.asks_next());
    let start = move |AnsweredArticle { article, plan, replies, so_far }: AnsweredArticle| {
        if so_far.remaining > 0 {
            return Err(so_far);
        }
        let stage = Climb::start(article, plan, replies, &makers, Arc::clone(&enforcement)).next(on);
        Ok((stage.hand_over(|finished| finished), so_far))
    };
    let started = cores.run(move || answered.into_iter().map(start).collect::<Vec<_>>()).await;
    let finish = started.into_iter().map(async |started| match started {
        Ok((handed, so_far)) => climb(desk, cores, handed, so_far).await,
        Err(so_far) => Err(so_far),
    });
    join_all(finish).await
}

/// Asks for what the ladders of an article ask for, until it is finished.
async fn climb<T: Send + 'static, F: FnOnce(Finished) -> T + Send + 'static>(
    desk: &Desk,
    cores: &Cores,
    mut handed: HandedOver<F, T>,
    so_far: Box<Stats>,
) -> Translated<T> {
    let (mut desk, mut on) = (desk, desk.asks_next());
    loop {
        match handed {
            HandedOver::Asking(climb, finish) => {
                desk.tell(Event::Holding { article: climb.article.article().id.clone() });
                let Some(replies) = climb.send(desk).await else { return Err(so_far) };
                let answer = move || climb.answer(replies).next(on);
                handed = cores.run_then(answer, |stage| stage.hand_over(finish)).await;
            }
            HandedOver::PassedOn(climb, finish) => {
                let Some(next) = desk.next() else { return Err(so_far) };
                let open = climb.open(on);
                desk = next;
                on = desk.asks_next();
                let Some(replies) = climb.pass_on(desk, &open).await else { return Err(so_far) };
                let makers = Arc::clone(desk.makers());
                let answer = move || climb.answer_of_next(open, replies, &makers).next(on);
                handed = cores.run_then(answer, |stage| stage.hand_over(finish)).await;
            }
            HandedOver::Finished(finished) => return Ok(finished),
            // A plan has one segment for each of its article, so this cannot be; what was answered is in the memory.
            HandedOver::Mismatched => return Err(so_far),
        }
    }
}

/// What would be sent for an article. Of a segment that is sent in parts, those are counted that no equal text before had;
/// the segment is reused if it has none, and fails if one of its parts cannot be asked for any more.
pub(super) fn estimate(
    desk: &Desk,
    article: &SegmentedArticle,
    plan: &Plan,
    replies: &mut impl Iterator<Item = Reply>,
) -> Estimate {
    let mut estimate = Estimate { articles: 1, ..Estimate::default() };
    for planned in &plan.segments {
        estimate.segments += 1;
        estimate.terms += planned.terms.iter().filter(|term| term.is_required()).count() as u64;
        estimate.kept += u64::from(matches!(planned.need, Need::Keep(_)));
        estimate.corrected += u64::from(matches!(planned.need, Need::Correction(_)));
    }
    let mut first = PlacedQueries::new();
    // Segments that the first engine is asked for, and those that the next ones may be.
    let (mut sent, mut passed) = (Vec::new(), Vec::new());
    for (index, planned) in plan.segments.iter().enumerate() {
        let Need::Ask(parts) = &planned.need else { continue };
        let replies: Vec<Reply> = replies.by_ref().take(parts.len()).collect();
        let to_send = parts.iter().zip(&replies).filter(|(_, reply)| reply.is_sent);
        let before = first.len();
        first.extend(to_send.map(|(part, _)| (index, part.query.clone())));
        let is_sent = first.len() > before;
        let is_failed = |reply: &Reply| matches!(&reply.result, Err(reason) if *reason != Unanswered::Unsent);
        let is_unknown = replies.iter().any(|reply| reply.result.is_err());
        if is_sent {
            sent.push(index);
        }
        // An equal text is sent once.
        let is_first = is_sent || replies.iter().any(is_failed) || !is_unknown;
        if is_first && (is_unknown || desk.asks_next() == Some(AskNext::Findings)) {
            passed.push(index);
        }
        if replies.iter().any(is_failed) && desk.next().is_some() {
            estimate.passed_on += 1;
        } else if replies.iter().any(is_failed) {
            estimate.failed += 1;
        } else if replies.iter().any(|reply| reply.is_sent) {
            estimate.to_send += 1;
        } else {
            estimate.reused += 1;
            let known = replies.iter().filter(|reply| reply.result.is_ok()).map(|reply| reply.maker);
            if let Some(weaker) = known.max().filter(|maker| desk.makers().is_weaker(*maker)) {
                let profile = desk.makers().profile(weaker).to_owned();
                *estimate.upgradable.entry(profile).or_default() += 1;
            }
        }
    }
    estimate.most.push(most_sent(desk, article, plan, &sent, first));
    for next in std::iter::successors(desk.next(), |desk| desk.next()) {
        let of_segment = |&index: &usize| {
            let parts = source_parts(next, article, index, &plan.segments[index].terms);
            parts.into_iter().map(move |part| (index, part.query))
        };
        let queries = passed.iter().flat_map(of_segment).collect();
        estimate.most.push(most_sent(next, article, plan, &passed, queries));
    }
    estimate.characters = estimate.most[0].characters;
    if desk.engine().info().billing == Billing::Characters {
        estimate.billed_characters = estimate.most[0].first.likely.characters;
    }
    estimate
}

/// What is asked of an engine, with the places of its segments.
type PlacedQueries = Vec<(usize, Query)>;

/// What may go to an engine for some segments of an article.
fn most_sent(
    desk: &Desk,
    article: &SegmentedArticle,
    plan: &Plan,
    segments: &[usize],
    queries: PlacedQueries,
) -> MostSent {
    let characters = queries.iter().map(|(_, query)| query.request.text.chars().count() as u64).sum();
    let most = MostSent { segments: segments.len() as u64, characters, ..MostSent::default() };
    if desk.engine().info().billing == Billing::None {
        return most;
    }
    let placed = |(index, query)| (query, surroundings(desk, article, index));
    let mut most = MostSent { first: desk.foresee(queries.into_iter().map(placed).collect()), ..most };
    for &index in segments {
        let (terms, segment) = (&plan.segments[index].terms, &article.segments()[index]);
        let source = article.source(segment);
        let MostAsked { times, added } = MostAsked::of(source, terms, desk.enforcement());
        if times == 0 {
            continue;
        }
        let request = requests::longest_of_rung(source, added, terms, inlines(desk, article, segment));
        let makers = desk.makers();
        let query = if desk.enforcement().dictionary {
            makers.dictionary_query(request)
        } else {
            makers.query(&request, &[], Vec::new())
        };
        let alone = desk.foresee(vec![(query, surroundings(desk, article, index))]);
        most.asked_again += times;
        (0..times).for_each(|_| most.again += alone.most);
    }
    most
}

/// The markup of a segment, for an engine that takes that.
fn inlines(desk: &Desk, article: &SegmentedArticle, segment: &Segment) -> Vec<InlineSpan> {
    if desk.engine().info().abilities.markup { article.inlines(segment) } else { Vec::new() }
}

/// The requests for a segment as it stands in its article.
fn source_parts(
    desk: &Desk,
    article: &SegmentedArticle,
    index: usize,
    terms: &[TermMatch],
) -> Vec<RequestPart> {
    let segment = &article.segments()[index];
    let inlines = inlines(desk, article, segment);
    requests::of_source(article.source(segment), terms, inlines, desk.engine(), desk.makers())
}

/// What an article comes to if the run is stopped once its segments have these first replies.
fn so_far(plan: &Plan, replies: &[Option<Reply>]) -> Box<Stats> {
    let mut stats = Box::new(Stats { unfinished: 1, ..Stats::default() });
    for (planned, reply) in plan.segments.iter().zip(replies) {
        stats.segments += 1;
        match reply {
            None if matches!(planned.need, Need::Correction(_)) => stats.corrected += 1,
            None => stats.kept += 1,
            Some(Reply { result: Ok(_), is_sent: true, .. }) => stats.translated += 1,
            Some(Reply { result: Ok(_), .. }) => stats.reused += 1,
            Some(Reply { result: Err(Unanswered::Stopped), .. }) => stats.remaining += 1,
            Some(Reply { result: Err(_), .. }) => stats.failed += 1,
        }
    }
    stats
}

impl Way {
    /// The better one of what two engines gave: that with the lesser findings, or the first.
    fn better(self) -> Self {
        match self {
            Self::Climbing(Climber {
                step: Step::Held(held),
                before: Some(mut before),
                is_sent,
                makers,
                weaker,
                afresh,
            }) => {
                let is_lesser = match &before.step {
                    Step::Held(first) => held.weight() < first.weight(),
                    Step::Ask(_) => true,
                };
                if !is_lesser {
                    before.is_sent |= is_sent;
                    return Self::Climbing(*before);
                }
                let is_sent = is_sent || before.is_sent;
                Self::Climbing(Climber {
                    step: Step::Held(held),
                    before: None,
                    is_sent,
                    makers,
                    weaker,
                    afresh,
                })
            }
            way => way,
        }
    }
}

impl Climb {
    /// Looks at the first replies and repairs what can be repaired.
    fn start(
        article: SegmentedArticle,
        plan: Plan,
        replies: Vec<Option<Reply>>,
        makers: &Arc<Makers>,
        enforcement: Arc<Enforcement>,
    ) -> Self {
        let again = plan.segments.iter().filter(|planned| planned.afresh).count() as u64;
        let corrected = plan.corrected;
        let segments = article.segments().iter().zip(plan.segments).zip(replies).zip(1..);
        let ways = segments.map(|(((segment, planned), reply), number)| {
            let PlannedSegment { terms, need, afresh } = planned;
            let case = |terms| {
                let source = Sentence::new(article.source(segment));
                Case { source, terms, enforcement: Arc::clone(&enforcement) }
            };
            let Reply { result, is_sent, maker } = match (need, reply) {
                (Need::Keep(target), _) => return Way::Done(Unit::Kept { target }),
                (Need::Correction(stored), _) => {
                    return Way::Given(Box::new(corrected_segment(&article, segment, case(terms), &stored)));
                }
                (Need::Ask(_), None) => return Way::Done(unanswered(terms)),
                (Need::Ask(_), Some(reply)) => reply,
            };
            match result {
                Ok(translation) => {
                    let case = case(terms);
                    let step = makers.start(case, Answer { translation, maker });
                    let weaker = makers.is_weaker(maker).then_some(maker);
                    let makers = Arc::clone(makers);
                    Way::Climbing(Climber { step, makers, before: None, is_sent, weaker, afresh })
                }
                Err(reason) => {
                    let place = format!("{}#{number}", article.article().id);
                    Way::Done(Unit::Failed { reason: failed(&reason, &place), terms })
                }
            }
        });
        let ways = ways.collect();
        Self { article, ways, enforcement, again, corrected, is_open: false }
    }

    /// The segments that the next engine is to be asked for, with their terms.
    fn open(&self, on: Option<AskNext>) -> Vec<(usize, Vec<TermMatch>)> {
        let terms = |way: &Way| match (on?, way) {
            (_, Way::Done(Unit::Failed { terms, .. })) => Some(terms.clone()),
            (AskNext::Findings, Way::Climbing(Climber { step: Step::Held(held), .. })) => {
                let outcomes = held.pair().outcomes.iter();
                (held.weight() > 0).then(|| outcomes.map(|outcome| outcome.term.clone()).collect())
            }
            _ => None,
        };
        let ways = self.ways.iter().enumerate();
        ways.filter_map(|(index, way)| Some((index, terms(way)?))).collect()
    }

    /// Asks the next engine for segments; `None` if the run was stopped.
    async fn pass_on(&self, desk: &Desk, open: &[(usize, Vec<TermMatch>)]) -> Option<Vec<Reply>> {
        let parts: Vec<(usize, Vec<RequestPart>)> = open
            .iter()
            .map(|(index, terms)| (*index, source_parts(desk, &self.article, *index, terms)))
            .collect();
        let texts = parts.iter().map(|(index, parts)| AskedText {
            parts,
            surroundings: surroundings(desk, &self.article, *index),
            counts: Extent::default(),
            insists: true,
            afresh: false,
        });
        let mut replies = desk.ask(questions(&texts.collect::<Vec<_>>())).await.into_iter();
        let own = desk.makers().own();
        let replies = parts.iter().map(|(_, parts)| reply(parts, replies.by_ref().take(parts.len()), own));
        let replies: Vec<Reply> = replies.collect();
        (!replies.iter().any(|reply| reply.result == Err(Unanswered::Stopped))).then_some(replies)
    }

    /// Goes on with what the next engine answered.
    fn answer_of_next(
        mut self,
        open: Vec<(usize, Vec<TermMatch>)>,
        replies: Vec<Reply>,
        makers: &Arc<Makers>,
    ) -> Self {
        self.is_open |= replies.iter().any(Reply::is_open);
        for ((index, terms), Reply { result, is_sent, maker }) in open.into_iter().zip(replies) {
            let place = format!("{}#{}", self.article.article().id, index + 1);
            let before = match &mut self.ways[index] {
                Way::Climbing(_) => match result {
                    // The answer of the engine before stands.
                    Err(_) => continue,
                    Ok(_) => {
                        Some(std::mem::replace(&mut self.ways[index], Way::Done(unanswered(Vec::new()))))
                    }
                },
                _ => None,
            };
            let before = match before {
                Some(Way::Climbing(climber)) => Some(Box::new(climber)),
                _ => None,
            };
            let way = match result {
                Ok(translation) => {
                    let source = Sentence::new(self.article.source(&self.article.segments()[index]));
                    let case = Case { source, terms, enforcement: Arc::clone(&self.enforcement) };
                    let step = makers.start(case, Answer { translation, maker });
                    let weaker = makers.is_weaker(maker).then_some(maker);
                    let makers = Arc::clone(makers);
                    Way::Climbing(Climber { step, makers, before, is_sent, weaker, afresh: false })
                }
                Err(reason) => {
                    let earlier = match &self.ways[index] {
                        Way::Done(Unit::Failed { reason, .. }) => reason.as_str(),
                        _ => "",
                    };
                    let engine = makers.profile(makers.own());
                    let reason = format!("{earlier}; then {engine}: {}", failed(&reason, &place));
                    Way::Done(Unit::Failed { reason, terms })
                }
            };
            self.ways[index] = way;
        }
        self
    }

    /// Segments that ask for something, with their places in the article.
    fn asks(&self) -> impl Iterator<Item = (usize, &Ask, &Climber)> {
        self.ways.iter().enumerate().filter_map(|(index, way)| match way {
            Way::Climbing(climber @ Climber { step: Step::Ask(ask), .. }) => Some((index, &**ask, climber)),
            Way::Climbing(_) | Way::Done(_) | Way::Given(_) => None,
        })
    }

    /// Sends what the ladders ask for; `None` if the run was stopped.
    async fn send(&self, desk: &Desk) -> Option<Vec<Reply>> {
        let engine = desk.engine();
        let parts: Vec<(Vec<RequestPart>, usize, bool)> = self
            .asks()
            .map(|(index, ask, climber)| {
                // The other terms still go along for an engine that takes them: they held, and are to hold again.
                let hints = match ask.dictionary() {
                    [] => SentTerms::new(ask.source(), ask.held_terms()),
                    dictionary => SentTerms::of_dictionary(dictionary),
                };
                let inlines = inlines(desk, &self.article, &self.article.segments()[index]);
                let inlines = moved(inlines, ask.rewritten());
                let text = &ask.rewritten().text;
                let others = ask.in_other_orders();
                let parts = requests::of_rung(text, &others, &hints, &inlines, engine, desk.makers());
                (parts, index, climber.afresh)
            })
            .collect();
        let texts = parts.iter().map(|(parts, index, afresh)| AskedText {
            parts,
            surroundings: surroundings(desk, &self.article, *index),
            counts: Extent::default(),
            insists: false,
            afresh: *afresh,
        });
        let mut replies = desk.ask(questions(&texts.collect::<Vec<_>>())).await.into_iter();
        let own = desk.makers().own();
        let replies = parts.iter().map(|(parts, ..)| reply(parts, replies.by_ref().take(parts.len()), own));
        let replies: Vec<Reply> = replies.collect();
        let is_stopped = |reply: &Reply| reply.result == Err(Unanswered::Stopped);
        (!replies.iter().any(is_stopped)).then_some(replies)
    }

    /// Gives the ladders that asked their replies, in order.
    fn answer(mut self, replies: Vec<Reply>) -> Self {
        self.is_open |= replies.iter().any(Reply::is_open);
        let mut replies = replies.into_iter();
        let answered = |way| match way {
            Way::Climbing(Climber { step: Step::Ask(ask), makers, before, is_sent, weaker, afresh }) => {
                let Some(reply) = replies.next() else {
                    let step = ask.answer(None);
                    return Way::Climbing(Climber { step, makers, before, is_sent, weaker, afresh });
                };
                let is_sent = is_sent || reply.is_sent;
                // Without an answer the first one stands; that a term does not hold in it is a finding already.
                let answer = reply.result.ok().map(|translation| Answer { translation, maker: reply.maker });
                let is_weaker = answer.as_ref().is_some_and(|answer| makers.is_weaker(answer.maker));
                let weaker = weaker.or_else(|| is_weaker.then_some(reply.maker));
                Way::Climbing(Climber { step: ask.answer(answer), makers, before, is_sent, weaker, afresh })
            }
            way => way,
        };
        self.ways = self.ways.into_iter().map(answered).collect();
        self
    }

    /// The finished article, unless a ladder asks for something more, or the next engine is to be asked.
    fn next(mut self, on: Option<AskNext>) -> Stage {
        if self.asks().next().is_some() {
            return Stage::Asking(Box::new(self));
        }
        self.ways = self.ways.into_iter().map(Way::better).collect();
        if !self.open(on).is_empty() {
            return Stage::PassedOn(Box::new(self));
        }
        let Self { article, ways, again, corrected, is_open, .. } = self;
        let mut renderings = Renderings::default();
        let id = article.article().id.clone();
        let segments = article.segments().iter().zip(1..);
        let units = ways.into_iter().zip(segments).map(|(way, (segment, number))| match way {
            Way::Done(unit) => unit,
            Way::Given(given) => {
                renderings.observe(&id, number, given.held.pair());
                Unit::Translated(given.into_rendition(&article, segment))
            }
            Way::Climbing(Climber { step: Step::Held(held), makers, is_sent, weaker, .. }) => {
                renderings.observe(&id, number, held.pair());
                let (maker, enforcement) = (held.maker(), held.enforcement());
                let mut rendition = Rendition {
                    is_sent,
                    weaker: weaker.map(|maker| makers.profile(maker).to_owned()),
                    caveat: makers.caveat(maker).map(str::to_owned),
                    ..held.into_rendition(makers.profile(maker))
                };
                if makers.only_marks(maker) {
                    // That its English is German is what its caveat says.
                    rendition.findings.retain(|finding| !IN_ENGLISH.contains(&finding.kind));
                }
                rendition.findings.extend(write::markup_findings(&article, segment, &rendition));
                rendition.findings = enforcement.checks.graded(rendition.findings);
                Unit::Translated(rendition)
            }
            Way::Climbing(Climber { step: Step::Ask(_), .. }) => unanswered(Vec::new()),
        });
        let units: Vec<Unit> = units.collect();
        let Some(document) = ParallelDocument::new(article, units) else { return Stage::Mismatched };
        let stats = Stats { again, ..Stats::of(&document) };
        Stage::Finished(Box::new(Finished { document, stats, renderings, corrected, is_open }))
    }
}

/// Why a segment failed that nothing came back for.
const NO_ANSWER: &str = "no answer came back";

/// The unit of a segment that nothing came back for.
fn unanswered(terms: Vec<TermMatch>) -> Unit {
    Unit::Failed { reason: NO_ANSWER.to_owned(), terms }
}

/// Why a segment failed.
fn failed(reason: &Unanswered, place: &str) -> String {
    match reason {
        Unanswered::Failed(reason) => reason.clone(),
        Unanswered::Unusable { class, answer } => unusable(*class, answer, place),
        Unanswered::Unsent | Unanswered::Stopped => NO_ANSWER.to_owned(),
    }
}

/// What came back for a segment, and what to do about it. German is not shown: it must not stand where the English
/// belongs, not even in a mark that says so.
fn unusable(class: Class, answer: &str, place: &str) -> String {
    /// Characters of an answer that are shown: enough to recognise it in a line of a terminal.
    const SHOWN: usize = 60;
    let start: String = normalise(answer.trim()).chars().take(SHOWN).collect();
    let quoted = match class {
        Class::Echo | Class::German => String::new(),
        _ if start.is_empty() => String::new(),
        _ if start.len() < answer.trim().len() => format!(" (“{start}…”)"),
        _ => format!(" (“{start}”)"),
    };
    let place = place.replace('\'', "'\\''");
    format!(
        "no usable answer: {}{quoted}; to ask again: wortlaut translate --again '{place}'",
        class.describe()
    )
}

/// The questions for all parts of some texts.
fn questions(texts: &[AskedText<'_>]) -> Vec<Question> {
    let questions = texts.iter().flat_map(|text| {
        text.parts.iter().enumerate().map(move |(index, part)| Question {
            query: part.query.clone(),
            surroundings: text.surroundings.clone(),
            counts: if index + 1 == text.parts.len() { text.counts } else { Extent::default() },
            insists: text.insists,
            afresh: text.afresh,
        })
    });
    questions.collect()
}

/// The reply to a text from those to its parts, by the weakest maker among theirs.
fn reply(parts: &[RequestPart], replies: impl Iterator<Item = Reply>, own: MakerRank) -> Reply {
    let replies: Vec<Reply> = replies.collect();
    let maker = replies.iter().map(|reply| reply.maker).max().unwrap_or(own);
    let is_sent = replies.iter().any(|reply| reply.is_sent);
    let stopped = replies.iter().any(|reply| reply.result == Err(Unanswered::Stopped));
    let translations: Result<Vec<Translation>, _> = replies.into_iter().map(|reply| reply.result).collect();
    let result = match translations {
        _ if stopped => Err(Unanswered::Stopped),
        Ok(translations) => Ok(joined(parts, translations)),
        Err(failed) => Err(failed),
    };
    Reply { result, is_sent, maker }
}

/// Claims the first answers to an article's segments; progress counts them unless it did before.
pub(super) fn claim(desk: &Desk, article: &SegmentedArticle, plan: &Plan, is_counted: bool) -> Claim {
    let extent = |index: usize| {
        if is_counted { Extent::of(article.source(&article.segments()[index])) } else { Extent::default() }
    };
    let texts = plan.segments.iter().enumerate().filter_map(|(index, planned)| match &planned.need {
        Need::Ask(parts) => Some(AskedText {
            parts,
            surroundings: surroundings(desk, article, index),
            counts: extent(index),
            insists: true,
            afresh: planned.afresh,
        }),
        Need::Keep(_) | Need::Correction(_) => None,
    });
    desk.claim(questions(&texts.collect::<Vec<_>>()))
}

/// Gives an article its first replies; `None` for segments that need none.
fn answered(
    desk: &Desk,
    article: SegmentedArticle,
    plan: Plan,
    replies: &mut impl Iterator<Item = Reply>,
) -> AnsweredArticle {
    let own = desk.makers().own();
    let reply = |planned: &PlannedSegment| match &planned.need {
        Need::Ask(parts) => Some(reply(parts, replies.by_ref().take(parts.len()), own)),
        Need::Keep(_) | Need::Correction(_) => None,
    };
    let replies: Vec<Option<Reply>> = plan.segments.iter().map(reply).collect();
    let so_far = so_far(&plan, &replies);
    AnsweredArticle { article, plan, replies, so_far }
}

/// Where a segment stands and, if the engine takes it, what stands before it.
fn surroundings(desk: &Desk, article: &SegmentedArticle, index: usize) -> Surroundings {
    let context = desk.engine().info().abilities.context.then(|| {
        let before = &article.segments()[index.saturating_sub(CONTEXT_SEGMENTS)..index];
        let before: Vec<_> = before.iter().map(|segment| normalise(article.source(segment))).collect();
        before.join(" ")
    });
    let title = desk.engine().info().abilities.title.then(|| title(article, index)).flatten();
    Surroundings {
        article: article.article().id.clone(),
        context: context.filter(|text| !text.is_empty()),
        title,
    }
}

/// The headline of an article, for its other segments.
fn title(article: &SegmentedArticle, index: usize) -> Option<String> {
    let is_title = |segment: &&Segment| article.kind(segment) == BlockKind::Title;
    let title = article.segments().iter().take(TITLE_SEGMENTS).find(is_title)?;
    (article.segments()[index] != *title).then(|| normalise(article.source(title)).into_owned())
}

/// The markup of a text in which terms were replaced. What begins or ends inside a term has no place in what was put
/// there: it is not sent, and alignment finds its place.
fn moved(inlines: Vec<InlineSpan>, rewritten: &Rewritten) -> Vec<SentInline> {
    let moved = inlines.into_iter().filter_map(|InlineSpan { kind, span }| {
        let sent = InlineSpan { kind, span: rewritten.there(&span)? };
        Some(SentInline { own: span, sent })
    });
    moved.collect()
}
