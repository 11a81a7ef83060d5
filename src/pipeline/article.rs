//! One article on its way through: ask, enforce, put together.

use std::ops::Range;

use crate::check::{self, Check, Class, Renderings, Rewritten};
use crate::model::{
    Alignment, Finding, FindingKind, ParallelDocument, Rung, SegmentedArticle, Severity, Status, TermMatch,
    TermOutcome, Translation, Unit,
};

use super::Options;
use super::desk::{Answer, Ask, Desk, Unanswered};
use super::enforce::{Ladder, Step, is_required};
use super::event::{Event, Extent};
use super::parts::{self, Part, joined};
use super::peers::Makers;
use super::plan::{Need, Plan, normalise};
use super::queue::Place;
use super::stats::Stats;

/// Sentences before a text that go along as its context.
const CONTEXT_SEGMENTS: usize = 3;

/// What became of an article.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Its figures.
    pub stats: Stats,
    /// What the checks found, in the order of the segments.
    pub findings: Vec<Found>,
    /// For each segment, the rung on which each of its terms came to hold.
    pub rungs: Vec<Vec<Option<Rung>>>,
}

/// A finding with the segment that it is about.
#[derive(Debug, Clone)]
pub struct Found {
    /// The number of the segment, counted from 1.
    pub segment: usize,
    /// The finding.
    pub finding: Finding,
    /// The German of the segment.
    pub source: String,
    /// Its English, if it has any.
    pub target: Option<String>,
}

/// A text to be asked for.
struct Text<'a> {
    parts: &'a [Part],
    place: Place,
    /// What progress counts when it is answered.
    counts: Extent,
    /// Whether it is asked for again, in another form, if the answer is no translation.
    insists: bool,
    /// Whether it is sent although the memory has an answer.
    afresh: bool,
}

/// An article with all its files need, or what it came to if the run was stopped before all of it was answered.
pub(super) type Translated = Result<(ParallelDocument, Outcome), Box<Stats>>;

/// A segment that was answered.
struct Answered<'a> {
    index: usize,
    source: &'a str,
    ladder: Ladder<'a>,
    sent: bool,
    weaker: Option<usize>,
    /// Whether it is sent although the memory has answers.
    afresh: bool,
}

/// What became of a segment.
struct Done {
    unit: Unit,
    rungs: Vec<Option<Rung>>,
    /// Whether something was sent for it in this run.
    sent: bool,
    /// A weaker engine than that of the run that an answer was taken from: its place among the makers.
    weaker: Option<usize>,
}

/// Translates an article; the error is what it came to if the run was stopped before all of it was answered.
pub(super) async fn translate(
    desk: &Desk,
    checks: &[Box<dyn Check>],
    options: &Options,
    article: SegmentedArticle,
    plan: Plan,
) -> Translated {
    let mut done: Vec<Option<Done>> = Vec::new();
    let mut answered = Vec::new();
    let answers = first_answers(desk, &article, &plan).await;
    let so_far = so_far(&answers);
    for (index, (planned, answer)) in plan.segments.iter().zip(answers).enumerate() {
        let source = article.source(&article.segments()[index]);
        match (&planned.need, answer) {
            (Need::Keep(text), _) => done.push(Some(Done::kept(text))),
            (Need::Ask(..), Some(Answer { result: Ok(translation), sent, maker })) => {
                let by_word = desk.engine().info().abilities.alignment;
                let mut ladder = Ladder::new(checks, source, &planned.terms, &translation, (maker, by_word));
                if options.rungs.contains(&Rung::Repair) {
                    ladder.repair(checks, &translation, Step { rung: Rung::Repair, maker });
                }
                let weaker = desk.makers().is_weaker(maker).then_some(maker);
                let afresh = planned.afresh;
                answered.push(Answered { index, source, ladder, sent, weaker, afresh });
                done.push(None);
            }
            (Need::Ask(..), Some(Answer { result: Err(Unanswered::Failed(reason)), sent, .. })) => {
                done.push(Some(Done::failed(&reason, &planned.terms, sent)));
            }
            (
                Need::Ask(..),
                Some(Answer { result: Err(Unanswered::Unusable { class, answer }), sent, .. }),
            ) => {
                let place = format!("{}#{}", article.article().id, index + 1);
                done.push(Some(Done::failed(&unusable(class, &answer, &place), &planned.terms, sent)));
            }
            (Need::Ask(..), _) => return Err(so_far),
        }
    }
    for rung in [Rung::Inline, Rung::Placeholder] {
        if options.rungs.contains(&rung) {
            climb(desk, checks, &article, &mut answered, rung).await.ok_or_else(|| so_far.clone())?;
        }
    }
    for mut segment in answered {
        if options.house_form && options.rungs.contains(&Rung::Repair) {
            segment.ladder.house(checks);
        }
        let index = segment.index;
        done[index] = Some(Done::translated(segment, desk.makers()));
    }
    let done: Vec<Done> = done.into_iter().flatten().collect();
    let mut outcome = outcome(&article, &done, desk.makers());
    outcome.stats.again = plan.segments.iter().filter(|planned| planned.afresh).count() as u64;
    let units = done.into_iter().map(|done| done.unit).collect();
    Ok((ParallelDocument::new(article, units).ok_or(so_far)?, outcome))
}

/// What an article comes to if the run is stopped once its segments have these first answers.
fn so_far(answers: &[Option<Answer>]) -> Box<Stats> {
    let mut stats = Box::new(Stats { unfinished: 1, ..Stats::default() });
    for answer in answers {
        stats.segments += 1;
        match answer {
            None => stats.kept += 1,
            Some(Answer { result: Ok(_), sent: true, .. }) => stats.translated += 1,
            Some(Answer { result: Ok(_), .. }) => stats.reused += 1,
            Some(Answer { result: Err(Unanswered::Stopped), .. }) => stats.remaining += 1,
            Some(Answer { result: Err(_), .. }) => stats.failed += 1,
        }
    }
    stats
}

/// What came back for a segment, and what to do about it. German is not shown: it must not stand where the English
/// belongs, not even in a mark that says so.
fn unusable(class: Class, answer: &str, place: &str) -> String {
    /// Characters of an answer that are shown.
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

/// Asks for all parts of some texts; one answer for each text.
async fn ask_all(desk: &Desk, texts: Vec<Text<'_>>) -> Vec<Answer> {
    let asks = texts.iter().flat_map(|text| {
        text.parts.iter().enumerate().map(move |(index, part)| Ask {
            query: part.query.clone(),
            place: text.place.clone(),
            counts: if index + 1 == text.parts.len() { text.counts } else { Extent::default() },
            insists: text.insists,
            afresh: text.afresh,
        })
    });
    let mut answers = desk.ask(asks.collect()).await.into_iter();
    let own = desk.makers().own();
    texts.iter().map(|text| answer(text.parts, answers.by_ref().take(text.parts.len()), own)).collect()
}

/// The answer to a text from those to its parts, made by the weakest maker among theirs.
fn answer(parts: &[Part], answers: impl Iterator<Item = Answer>, own: usize) -> Answer {
    let answers: Vec<Answer> = answers.collect();
    let maker = answers.iter().map(|answer| answer.maker).max().unwrap_or(own);
    let sent = answers.iter().any(|answer| answer.sent);
    let stopped = answers.iter().any(|answer| answer.result == Err(Unanswered::Stopped));
    // From the memory as from the engine, and before the parts are joined: a remark behind one of them ends there.
    let tidied = answers.into_iter().zip(parts).map(|(answer, part)| {
        answer.result.map(|translation| check::tidy(&part.query.request.text, translation))
    });
    let translations: Result<Vec<Translation>, _> = tidied.collect();
    let result = match translations {
        _ if stopped => Err(Unanswered::Stopped),
        Ok(translations) => Ok(joined(parts, translations)),
        Err(failed) => Err(failed),
    };
    Answer { result, sent, maker }
}

/// The first answers; `None` for segments that need none.
async fn first_answers(desk: &Desk, article: &SegmentedArticle, plan: &Plan) -> Vec<Option<Answer>> {
    let texts = plan.segments.iter().enumerate().filter_map(|(index, planned)| match &planned.need {
        Need::Ask(parts) => Some(Text {
            parts,
            place: place(desk, article, index),
            counts: Extent::of(article.source(&article.segments()[index])),
            insists: true,
            afresh: planned.afresh,
        }),
        Need::Keep(_) => None,
    });
    let mut answers = ask_all(desk, texts.collect()).await.into_iter();
    plan.segments
        .iter()
        .map(|planned| if matches!(planned.need, Need::Ask(..)) { answers.next() } else { None })
        .collect()
}

/// Where a segment stands and, if the engine takes it, what stands before it.
fn place(desk: &Desk, article: &SegmentedArticle, index: usize) -> Place {
    let context = desk.engine().info().abilities.context.then(|| {
        let before = &article.segments()[index.saturating_sub(CONTEXT_SEGMENTS)..index];
        let before: Vec<_> = before.iter().map(|segment| normalise(article.source(segment))).collect();
        before.join(" ")
    });
    Place { article: article.article().id.clone(), context: context.filter(|text| !text.is_empty()) }
}

/// Sends the segments with open terms once more, the terms put into them as the rung says. Those where other terms
/// are the price go again, with these put in too.
async fn climb(
    desk: &Desk,
    checks: &[Box<dyn Check>],
    article: &SegmentedArticle,
    answered: &mut [Answered<'_>],
    rung: Rung,
) -> Option<()> {
    let open = answered.iter().enumerate().filter(|(_, segment)| segment.ladder.is_open());
    let mut wanted: Vec<_> =
        open.map(|(position, segment)| (position, segment.ladder.open_terms())).collect();
    if !wanted.is_empty() {
        desk.tell(Event::Holding { article: article.article().id.clone() });
    }
    for _ in 0..2 {
        send_again(desk, checks, article, answered, (rung, &wanted)).await?;
        let with_lost = |(position, terms): (usize, Vec<TermMatch>)| {
            Some((position, answered[position].ladder.with_lost(&terms)?))
        };
        wanted = wanted.into_iter().filter_map(with_lost).collect();
    }
    Some(())
}

/// Sends segments with some of their terms put into them as a rung says, and offers the answers to their ladders.
async fn send_again(
    desk: &Desk,
    checks: &[Box<dyn Check>],
    article: &SegmentedArticle,
    answered: &mut [Answered<'_>],
    (rung, wanted): (Rung, &[(usize, Vec<TermMatch>)]),
) -> Option<()> {
    let mut asks = Vec::new();
    let mut open = Vec::new();
    let takes_markup = desk.engine().info().abilities.markup;
    for (position, terms) in wanted {
        let segment = &answered[*position];
        let (rewritten, tokens) = match rung {
            Rung::Inline => (check::inline(segment.source, terms), Vec::new()),
            _ => check::placeholders(segment.source, terms),
        };
        // The other terms still go along for an engine that takes them: they held, and are to hold again.
        let others = segment.ladder.held_terms().filter(|term| !terms.contains(term));
        let hints = parts::hints(segment.source, others);
        let styles =
            if takes_markup { article.styles(&article.segments()[segment.index]) } else { Vec::new() };
        let styles = moved(styles, &rewritten);
        let parts = parts::of_rung(&rewritten.text, &hints, styles, (desk.engine(), desk.makers()));
        asks.push((parts, place(desk, article, segment.index), segment.afresh));
        open.push((*position, (rewritten, tokens)));
    }
    let texts = asks.iter().map(|(parts, place, afresh)| Text {
        parts,
        place: place.clone(),
        counts: Extent::default(),
        insists: false,
        afresh: *afresh,
    });
    for ((position, sent), answer) in open.into_iter().zip(ask_all(desk, texts.collect()).await) {
        let segment = &mut answered[position];
        segment.sent |= answer.sent;
        match answer.result {
            Ok(translation) => {
                let step = Step { rung, maker: answer.maker };
                segment.weaker =
                    segment.weaker.or_else(|| desk.makers().is_weaker(answer.maker).then_some(answer.maker));
                offer(checks, &mut segment.ladder, &translation, &sent, step);
            }
            // The first answer stands; that a term does not hold in it is a finding already.
            Err(Unanswered::Failed(_) | Unanswered::Unusable { .. }) => {}
            Err(Unanswered::Stopped) => return None,
        }
    }
    Some(())
}

/// The styles of a text in which terms were replaced. One that is in a term has all of it, so of two in one term the
/// first is left.
fn moved(styles: Vec<Range<usize>>, rewritten: &Rewritten) -> Vec<Range<usize>> {
    let mut end = 0;
    let moved = styles.into_iter().map(|style| rewritten.there(&style));
    moved.filter(|style| (end <= style.start).then(|| end = style.end).is_some()).collect()
}

/// Offers an answer of rung 3 or 4 to its ladder, as it is and repaired.
fn offer(
    checks: &[Box<dyn Check>],
    ladder: &mut Ladder<'_>,
    translation: &Translation,
    (rewritten, tokens): &(Rewritten, Vec<(String, String)>),
    step: Step,
) {
    let restored = match step.rung {
        Rung::Placeholder => check::restore(&translation.text, tokens),
        _ => Some(translation.text.clone()),
    };
    if let Some(text) = restored {
        let alignment = translation.alignment.as_ref().map(|known| {
            let Alignment(pairs) = known.carried_over(&translation.text, &text);
            Alignment(pairs.into_iter().map(|(from, to)| (rewritten.back(&from), to)).collect())
        });
        let answer = Translation { text, alignment, ..translation.clone() };
        ladder.offer(checks, &answer, step);
        ladder.repair(checks, &answer, step);
    }
}

impl Done {
    /// A segment that needs no translation.
    fn kept(text: &str) -> Self {
        let unit = Unit {
            status: Status::Kept,
            target: Some(text.to_owned()),
            engine: None,
            rung: None,
            alignment: None,
            terms: Vec::new(),
            findings: Vec::new(),
        };
        Self { unit, rungs: Vec::new(), sent: false, weaker: None }
    }

    /// A segment that has no translation.
    fn failed(reason: &str, terms: &[TermMatch], sent: bool) -> Self {
        let finding = Finding {
            kind: FindingKind::Failed,
            severity: Severity::Error,
            message: reason.to_owned(),
            source: None,
            target: None,
        };
        let unit = Unit {
            status: Status::Failed,
            target: None,
            engine: None,
            rung: None,
            alignment: None,
            terms: terms.iter().map(|term| TermOutcome { term: term.clone(), held: None }).collect(),
            findings: vec![finding],
        };
        Self { unit, rungs: vec![None; terms.len()], sent, weaker: None }
    }

    /// A segment at the end of its ladder.
    fn translated(segment: Answered<'_>, makers: &Makers) -> Self {
        let (mut best, rungs) = segment.ladder.finish();
        best.findings.extend(makers.caveat(best.step.maker).map(|caveat| Finding {
            kind: FindingKind::Makeshift,
            severity: Severity::Info,
            message: caveat.to_owned(),
            source: None,
            target: None,
        }));
        let unit = Unit {
            status: Status::Translated,
            target: Some(best.text),
            engine: Some(makers.profile(best.step.maker).to_owned()),
            rung: Some(best.step.rung),
            alignment: best.alignment,
            terms: best.outcomes,
            findings: best.findings,
        };
        Self { unit, rungs, sent: segment.sent, weaker: segment.weaker }
    }
}

/// How the names and terms of a document are rendered.
pub(super) fn renderings(document: &ParallelDocument) -> Renderings {
    let mut seen = Renderings::default();
    let article = document.source();
    for ((segment, unit), number) in article.segments().iter().zip(document.units()).zip(1..) {
        if let (Status::Translated, Some(target)) = (unit.status, &unit.target) {
            seen.observe((&article.article().id, number), (article.source(segment), target), &unit.terms);
        }
    }
    seen
}

/// Adds up an article.
fn outcome(article: &SegmentedArticle, done: &[Done], makers: &Makers) -> Outcome {
    let mut outcome = Outcome::default();
    outcome.stats.articles = 1;
    for (index, segment) in done.iter().enumerate() {
        let stats = &mut outcome.stats;
        stats.segments += 1;
        match segment.unit.status {
            Status::Kept => stats.kept += 1,
            Status::Failed => stats.failed += 1,
            Status::Translated if segment.sent => stats.translated += 1,
            Status::Translated => stats.reused += 1,
        }
        if let Some(weaker) = segment.weaker {
            *stats.upgradable.entry(makers.profile(weaker).to_owned()).or_default() += 1;
        }
        for (term, rung) in
            segment.unit.terms.iter().zip(&segment.rungs).filter(|(term, _)| is_required(&term.term))
        {
            stats.terms.found += 1;
            if let (Some(rung), Some(_)) = (rung, &term.held) {
                stats.terms.hold(*rung);
            }
        }
        for finding in &segment.unit.findings {
            match finding.severity {
                Severity::Error if finding.kind != FindingKind::Failed => stats.errors += 1,
                Severity::Warning => stats.warnings += 1,
                _ => {}
            }
            outcome.findings.push(Found {
                segment: index + 1,
                finding: finding.clone(),
                source: article.source(&article.segments()[index]).to_owned(),
                target: segment.unit.target.clone(),
            });
        }
        outcome.rungs.push(segment.rungs.clone());
    }
    outcome
}
