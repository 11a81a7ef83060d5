//! The figures of a corpus, taken down segment by segment.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cores::on_all_cores;
use super::metric::Metric;
use super::resample::{Confidence, KeptCounts, Resampling};
use super::scoring::Scoring;
use super::terms::{AskedTerm, SegmentTermOutcome, TermFigures, TermTally};
use crate::glossary::Matcher;

/// A segment with its translations.
#[derive(Debug, Clone, Default)]
pub struct EvaluatedSegment {
    /// The English of each system, in the order of the systems.
    pub english: Vec<String>,
    pub references: Vec<String>,
    pub terms: SegmentTermSource,
    /// The part of the corpus that it belongs to, if that is looked at by parts.
    pub group: Option<String>,
}

/// Where the terms of a segment are from.
#[derive(Debug, Clone, Default)]
pub enum SegmentTermSource {
    #[default]
    None,
    /// Somebody says them.
    Given(Vec<AskedTerm>),
    /// They are those of the glossary in its German.
    German { article: String, text: String },
}

/// Scores translations of a corpus by one or more systems. Of the segments nothing is kept but sums, and where figures are to be resampled their
/// counts.
///
/// ```
/// use wortlaut::score::{EvaluatedSegment, Evaluation, Metric, Scoring};
///
/// let mut evaluation = Evaluation::new(Scoring::new(&[Metric::Chrf, Metric::Bleu], 1), 1);
/// let english = ["The icebreaker went on to the north.", "Nobody was on board."];
/// let references = ["The icebreaker sailed on to the north.", "Nobody was on board."];
/// let segments = english.iter().zip(references).map(|(english, reference)| EvaluatedSegment {
///     english: vec![(*english).to_owned()],
///     references: vec![reference.to_owned()],
///     ..EvaluatedSegment::default()
/// });
/// evaluation.add(&segments.collect::<Vec<_>>());
/// let figures = &evaluation.figures()[0];
/// assert_eq!(figures.segments, 2);
/// assert_eq!(figures.scores.iter().map(|(_, score)| score.round()).collect::<Vec<_>>(), [81.0, 73.0]);
/// ```
#[derive(Debug, Default)]
pub struct Evaluation {
    scoring: Scoring,
    systems: usize,
    matcher: Option<Arc<Matcher>>,
    whole: Tally,
    groups: BTreeMap<String, Tally>,
    kept: Option<KeptCounts>,
    /// Whether anything said what terms there are.
    has_terms: bool,
}

/// The figures of a system for a corpus or a part of it.
#[derive(Debug, Clone, PartialEq)]
pub struct SystemFigures {
    pub segments: u64,
    pub scores: Vec<(Metric, f64)>,
    /// `None` if nothing says what terms there are.
    pub terms: Option<TermFigures>,
}

/// How sure the scores of a system are.
#[derive(Debug, Clone, PartialEq)]
pub struct SystemConfidence {
    pub intervals: Vec<(Metric, Confidence)>,
    /// How likely it is that the system differs as much from the first one by chance; empty for the first one itself.
    pub p_values: Vec<(Metric, f64)>,
}

/// Sums over segments, of all systems.
#[derive(Debug, Clone, Default)]
struct Tally {
    segments: u64,
    sums: Vec<u64>,
    terms: Vec<TermTally>,
}

impl Tally {
    fn new(width: usize, systems: usize) -> Self {
        Self { segments: 0, sums: vec![0; width * systems], terms: vec![TermTally::default(); systems] }
    }

    fn add(&mut self, counts: &[u32], terms: &[SegmentTermOutcome]) {
        self.segments += 1;
        self.sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += u64::from(*count));
        self.terms.iter_mut().zip(terms).for_each(|(tally, segment)| tally.add(segment));
    }
}

impl Evaluation {
    /// Begins an evaluation of a number of systems.
    #[must_use]
    pub fn new(scoring: Scoring, systems: usize) -> Self {
        let whole = Tally::new(scoring.width(), systems);
        Self { scoring, systems, whole, ..Self::default() }
    }

    /// Finds terms in German with this.
    #[must_use]
    pub fn with_terms_of(self, matcher: impl Into<Arc<Matcher>>) -> Self {
        Self { matcher: Some(matcher.into()), ..self }
    }

    /// Keeps what [`Evaluation::confidence`] needs, up to 216 bytes for each segment and system.
    #[must_use]
    pub fn with_resampling(self) -> Self {
        Self { kept: Some(KeptCounts::default()), ..self }
    }

    /// How the scores are made.
    #[must_use]
    pub fn scoring(&self) -> &Scoring {
        &self.scoring
    }

    /// Takes segments, on all cores.
    pub fn add(&mut self, segments: &[EvaluatedSegment]) {
        let counted = on_all_cores(segments.len(), |at| {
            let segment = &segments[at];
            let counts = self.scoring.counts(&segment.english, &segment.references);
            let found;
            let terms = match &segment.terms {
                SegmentTermSource::None => &[][..],
                SegmentTermSource::Given(terms) => terms,
                SegmentTermSource::German { article, text } => {
                    found = self.terms_in(article, text);
                    &found
                }
            };
            let outcome = |english: &String| SegmentTermOutcome::of(terms, english);
            (counts, segment.english.iter().map(outcome).collect::<Vec<_>>())
        });
        for (segment, (counts, terms)) in segments.iter().zip(counted) {
            self.has_terms |= !matches!(segment.terms, SegmentTermSource::None);
            self.whole.add(&counts, &terms);
            if let Some(group) = &segment.group {
                let new = || Tally::new(self.scoring.width(), self.systems);
                self.groups.entry(group.clone()).or_insert_with(new).add(&counts, &terms);
            }
            if let Some(kept) = &mut self.kept {
                kept.segments += 1;
                kept.counts.extend(counts);
            }
        }
    }

    /// The terms of the glossary that have to stand in the English of a segment.
    fn terms_in(&self, article: &str, german: &str) -> Vec<AskedTerm> {
        let found = self.matcher.as_ref().map(|matcher| matcher.find_in(article, german));
        let required = found.into_iter().flatten().filter(crate::model::TermMatch::is_required);
        let asked = required.map(|term| AskedTerm {
            source: term.entry.source.clone(),
            targets: term.entry.targets.clone(),
            unwanted: term.entry.avoid.clone(),
        });
        asked.collect()
    }

    /// The figures of each system.
    #[must_use]
    pub fn figures(&self) -> Vec<SystemFigures> {
        self.figures_of(&self.whole)
    }

    /// The figures of each system for each part of the corpus, by its name.
    pub fn groups(&self) -> impl Iterator<Item = (&str, Vec<SystemFigures>)> {
        self.groups.iter().map(|(name, tally)| (name.as_str(), self.figures_of(tally)))
    }

    fn figures_of(&self, tally: &Tally) -> Vec<SystemFigures> {
        let width = self.scoring.width();
        let figures = |system: usize| SystemFigures {
            segments: tally.segments,
            scores: self.by_metric(self.scoring.scores(&tally.sums[system * width..][..width])),
            terms: self.has_terms.then(|| tally.terms[system].figures()),
        };
        (0..self.systems).map(figures).collect()
    }

    /// How sure the figures of each system are; empty without [`Evaluation::with_resampling`], or without segments.
    #[must_use]
    pub fn confidence(&self, how: Resampling) -> Vec<SystemConfidence> {
        let Some(kept) = self.kept.as_ref().filter(|kept| kept.segments > 0) else { return Vec::new() };
        let sampled = kept.sample(&self.scoring, self.systems, how);
        let scores: Vec<Vec<f64>> = self
            .figures()
            .into_iter()
            .map(|own| own.scores.into_iter().map(|(_, score)| score).collect())
            .collect();
        let confidence = |system: usize| SystemConfidence {
            intervals: self.by_metric(sampled.confidence(system)),
            p_values: match system {
                0 => Vec::new(),
                _ => self.by_metric(sampled.p_values(system, [&scores[system], &scores[0]])),
            },
        };
        (0..self.systems).map(confidence).collect()
    }

    fn by_metric<T>(&self, values: Vec<T>) -> Vec<(Metric, T)> {
        self.scoring.metrics().iter().copied().zip(values).collect()
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact, or the same operations")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "([a-cA-C]{1,3}|[0-9]{1,4}[.,][0-9]|[-.,!'’\"]|ä|—| ){0,30}";

    fn segment(english: &[&str], reference: &str, group: &str) -> EvaluatedSegment {
        EvaluatedSegment {
            english: english.iter().map(|&english| english.to_owned()).collect(),
            references: vec![reference.to_owned()],
            terms: SegmentTermSource::Given(vec![AskedTerm {
                source: "A".into(),
                targets: vec!["a".into()],
                unwanted: Vec::new(),
            }]),
            group: Some(group.to_owned()),
        }
    }

    fn segments() -> impl Strategy<Value = Vec<EvaluatedSegment>> {
        let one = ([TEXT, TEXT, TEXT], 0..3_usize);
        let make = |([one, other, reference], group): ([String; 3], usize)| {
            segment(&[&one, &other], &reference, ["x", "y", "z"][group])
        };
        prop::collection::vec(one.prop_map(make), 1..40)
    }

    fn evaluated(chunks: &[&[EvaluatedSegment]]) -> Evaluation {
        let mut evaluation = Evaluation::new(Scoring::default(), 2).with_resampling();
        for chunk in chunks {
            evaluation.add(chunk);
        }
        evaluation
    }

    proptest! {
        #[test]
        fn what_comes_in_pieces_comes_to_the_same(segments in segments(), cut in any::<prop::sample::Index>()) {
            let (before, after) = segments.split_at(cut.index(segments.len()));
            let (whole, pieces) = (evaluated(&[&segments]), evaluated(&[before, after]));
            prop_assert_eq!(whole.figures(), pieces.figures());
            prop_assert!(whole.groups().eq(pieces.groups()));
            let how = Resampling { samples: 5, seed: 1 };
            prop_assert_eq!(whole.confidence(how), pieces.confidence(how));
        }

        #[test]
        fn parts_are_what_they_would_be_alone_and_add_up(segments in segments()) {
            let whole = evaluated(&[&segments]);
            let mut count = 0;
            for (name, figures) in whole.groups() {
                let own: Vec<_> =
                    segments.iter().filter(|segment| segment.group.as_deref() == Some(name)).cloned().collect();
                prop_assert_eq!(&figures, &evaluated(&[&own]).figures());
                count += figures[0].segments;
            }
            prop_assert_eq!(count, segments.len() as u64);
            let sums = whole.groups.values().fold(vec![0; whole.whole.sums.len()], |mut sums, part| {
                sums.iter_mut().zip(&part.sums).for_each(|(sum, own)| *sum += own);
                sums
            });
            prop_assert_eq!(sums, whole.whole.sums);
        }

        #[test]
        fn a_reference_is_the_best_translation_of_itself(texts in prop::collection::vec(TEXT, 1..20)) {
            let mut all: Vec<_> = texts.iter().map(|text| segment(&[text, text], text, "x")).collect();
            all.push(segment(&["so it is done", "So it is done"], "so it is done", "x"));
            let evaluation = evaluated(&[&all]);
            for (metric, score) in &evaluation.figures()[0].scores {
                let best = if metric.rises() { 100.0 } else { 0.0 };
                prop_assert!((score - best).abs() < 1e-9, "{metric:?} {score}");
            }
        }
    }

    #[test]
    fn systems_that_write_the_same_do_not_differ() {
        let all = [
            segment(&["The ship left.", "The ship left."], "The ship sailed.", "x"),
            segment(&["It came back.", "It came back."], "It returned.", "x"),
        ];
        let confidence = evaluated(&[&all]).confidence(Resampling::default());
        assert!(confidence[0].p_values.is_empty());
        assert!(confidence[1].p_values.iter().all(|(_, p)| *p == 1.0));
        assert_eq!(confidence[0].intervals, confidence[1].intervals);
    }

    #[test]
    fn without_segments_there_is_nothing_to_draw() {
        assert!(evaluated(&[]).confidence(Resampling::default()).is_empty());
    }
}
