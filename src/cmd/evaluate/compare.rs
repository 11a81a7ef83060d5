//! The figures of engines that translated the same sample.

use std::sync::Arc;

use crate::glossary::Matcher;
use crate::model::{Finding, ParallelDocument, TextPiece};
use crate::report::{DifferingSegment, EngineQuality, EngineVersion, FindingTally, SystemReport};
use crate::score::{EvaluatedSegment, Evaluation, Metric, Resampling, Scoring, SegmentTermSource, signature};

use super::files::GermanSegment;

/// Segments that are shown: as many as somebody reads.
const SHOWN: usize = 20;

/// What an engine made of each segment of a sample, in its order; `None` where it made nothing.
pub(super) type Translations = Vec<Option<ParallelDocument>>;

/// Engines that translated a sample, and what that is to be compared with.
pub(super) struct Comparison<'a> {
    sample: &'a [&'a GermanSegment],
    references: usize,
    /// None without references.
    metrics: &'a [Metric],
    engines: Vec<EngineTexts<'a>>,
}

/// What an engine made of a sample.
struct EngineTexts<'a> {
    name: String,
    documents: &'a Translations,
    /// Their English; nothing where there is none.
    english: Vec<String>,
}

impl<'a> Comparison<'a> {
    /// Of engines by their names.
    pub(super) fn new(
        sample: &'a [&'a GermanSegment],
        references: usize,
        metrics: &'a [Metric],
        engines: Vec<(String, &'a Translations)>,
    ) -> Self {
        let texts = |(name, documents): (String, &'a Translations)| {
            let english = |document: &Option<ParallelDocument>| document.as_ref().map(english);
            let english = documents.iter().map(|document| english(document).unwrap_or_default()).collect();
            EngineTexts { name, documents, english }
        };
        let metrics = if references > 0 { metrics } else { &[] };
        Self { sample, references, metrics, engines: engines.into_iter().map(texts).collect() }
    }

    /// The same with the engines in the order of their first score; without references as they are.
    pub(super) fn best_first(self) -> Self {
        let Some(first) = self.metrics.first() else { return self };
        let mut evaluation = Evaluation::new(Scoring::new(&[*first], self.references), self.engines.len());
        evaluation.add(&self.segments(|_| SegmentTermSource::None));
        let figures = evaluation.figures().into_iter();
        let scores = figures.map(|figures| figures.scores.first().map_or(0.0, |(_, score)| *score));
        let mut engines: Vec<(f64, EngineTexts<'a>)> = scores.zip(self.engines).collect();
        engines.sort_by(
            |(one, _), (other, _)| {
                if first.rises() { other.total_cmp(one) } else { one.total_cmp(other) }
            },
        );
        Self { engines: engines.into_iter().map(|(_, engine)| engine).collect(), ..self }
    }

    /// How good each engine is, with its difference from the first one; also how scores were made.
    pub(super) fn quality(&self, matcher: &Arc<Matcher>) -> (Vec<EngineQuality>, Vec<(Metric, String)>) {
        let scoring = Scoring::new(self.metrics, self.references);
        let mut evaluation =
            Evaluation::new(scoring, self.engines.len()).with_terms_of(Arc::clone(matcher)).with_resampling();
        evaluation.add(&self.segments(|segment| segment.terms.clone()));
        let resampling = Resampling::default();
        let has_scores = !self.metrics.is_empty();
        let confidence = if has_scores { evaluation.confidence(resampling) } else { Vec::new() };
        let mut confidence = confidence.into_iter();
        let mut agreement = self.agreement().into_iter();
        let quality = |(engine, figures): (&EngineTexts<'_>, _)| EngineQuality {
            system: SystemReport {
                name: engine.name.clone(),
                figures,
                confidence: confidence.next(),
                groups: Vec::new(),
            },
            agreement: agreement.next(),
            findings: engine.findings(),
        };
        let quality = self.engines.iter().zip(evaluation.figures()).map(quality).collect();
        let scoring = evaluation.scoring();
        let named = |metric: &Metric| (*metric, signature(*metric, self.references, Some(resampling)));
        (quality, scoring.metrics().iter().map(named).collect())
    }

    fn segments(&self, terms: impl Fn(&GermanSegment) -> SegmentTermSource) -> Vec<EvaluatedSegment> {
        let segment = |(place, segment): (usize, &&GermanSegment)| EvaluatedSegment {
            english: self.english_of(place),
            references: segment.references.clone(),
            terms: terms(segment),
            group: None,
        };
        self.sample.iter().enumerate().map(segment).collect()
    }

    fn english_of(&self, place: usize) -> Vec<String> {
        self.engines.iter().map(|engine| engine.english[place].clone()).collect()
    }

    /// The mean chrF of each engine against the others; nothing if there are none.
    fn agreement(&self) -> Vec<f64> {
        if self.engines.len() < 2 {
            return Vec::new();
        }
        agreement(&(0..self.sample.len()).map(|place| self.english_of(place)).collect::<Vec<_>>())
    }

    /// The segments in which engines agree least, or in which the only one is the farthest from the references.
    pub(super) fn differing(&self) -> Vec<DifferingSegment> {
        let likeness = |place: usize| {
            let mut texts = self.english_of(place);
            if texts.len() == 1 {
                texts.extend(self.sample[place].references.iter().cloned());
            }
            let is_one = texts.iter().all(|text| *text == texts[0]);
            let agreement = agreement(&[texts]);
            (!is_one).then(|| agreement.iter().sum::<f64>())
        };
        let mut found: Vec<(f64, usize)> =
            (0..self.sample.len()).filter_map(|place| Some((likeness(place)?, place))).collect();
        found.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
        found.truncate(SHOWN);
        let segment = |(_, place): (f64, usize)| DifferingSegment {
            german: self.sample[place].german.clone(),
            references: self.sample[place].references.clone(),
            english: self.engines.iter().map(|engine| engine.version(place)).collect(),
        };
        found.into_iter().map(segment).collect()
    }
}

impl EngineTexts<'_> {
    fn findings(&self) -> FindingTally {
        let mut findings = FindingTally::default();
        for document in self.documents {
            match document {
                Some(document) => findings.add(document),
                None => findings.failed += 1,
            }
        }
        findings
    }

    fn version(&self, place: usize) -> EngineVersion {
        let findings = |document: &ParallelDocument| -> Vec<Finding> {
            document.units().iter().flat_map(|unit| unit.findings().into_owned()).collect()
        };
        EngineVersion {
            text: self.english[place].clone(),
            findings: self.documents[place].as_ref().map(findings).unwrap_or_default(),
        }
    }
}

/// The mean chrF of each system against each of the others; `texts` are those of the systems, segment by segment.
fn agreement(texts: &[Vec<String>]) -> Vec<f64> {
    let systems = texts.first().map_or(0, Vec::len);
    let mut sums = vec![0.0; systems];
    for other in 0..systems {
        let segment = |texts: &Vec<String>| EvaluatedSegment {
            english: texts.clone(),
            references: vec![texts[other].clone()],
            ..EvaluatedSegment::default()
        };
        let mut evaluation = Evaluation::new(Scoring::new(&[Metric::Chrf], 1), systems);
        evaluation.add(&texts.iter().map(segment).collect::<Vec<_>>());
        for (system, figures) in
            evaluation.figures().iter().enumerate().filter(|(system, _)| *system != other)
        {
            sums[system] += figures.scores.first().map_or(0.0, |(_, score)| *score);
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "there are a few systems")]
    let others = systems.saturating_sub(1).max(1) as f64;
    sums.into_iter().map(|sum| sum / others).collect()
}

/// The English of a document, with what stands between its sentences.
fn english(document: &ParallelDocument) -> String {
    let piece = |piece: TextPiece<'_>| match piece {
        TextPiece::Gap(gap) => gap.to_owned(),
        TextPiece::Segment(index, _) => document.units()[index].target().unwrap_or_default().to_owned(),
    };
    document.source().pieces().map(piece).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engines_agree_as_far_as_their_texts_are_alike() {
        let row = |texts: [&str; 3]| texts.map(str::to_owned).to_vec();
        let texts = [
            row(["The ship left.", "The ship left.", "A boat has sailed."]),
            row(["Nobody saw it.", "Nobody saw it.", "It was seen by no one."]),
        ];
        let [one, two, third] = agreement(&texts)[..] else { panic!("three systems") };
        assert!((one - two).abs() < 1e-9 && third < one, "{one}, {two}, {third}");
        assert!(agreement(&[row(["a b c", "a b c", "a b c"])]).iter().all(|own| (own - 100.0).abs() < 1e-9));
    }
}
