//! Entries of a memory as units of bilingual files, and back.

use crate::bilingual::{BilingualText, BilingualUnit, UnitState};
use crate::memory::AnswerEntry;
use crate::model::{HumanPair, PairKind, PairPlace, SpanPairs, StoredPair, Timestamp};
use crate::pipeline::normalise;

/// Names of the fields that say what a unit has no place for.
const KIND: &str = "x-pair-kind";
const ORIGIN: &str = "x-pair-origin";
const INLINES: &str = "x-pair-inlines";
const WITHDRAWN: &str = "x-pair-withdrawn";

/// What stands for things that a file does not say.
#[derive(Debug, Clone)]
pub(super) struct ImportDefaults {
    /// What all pairs become, whatever the file says.
    pub(super) kind: Option<PairKind>,
    pub(super) by: String,
    pub(super) at: Timestamp,
    pub(super) origin: String,
}

/// A pair as a unit that says all of it.
pub(super) fn of_pair(stored: &StoredPair) -> BilingualUnit {
    let StoredPair { id, pair, withdrawn } = stored;
    let mut fields = vec![(KIND.to_owned(), pair.kind.as_str().to_owned())];
    let mut field = |name: &str, value: Option<String>| {
        fields.extend(value.map(|value| (name.to_owned(), value)));
    };
    field(ORIGIN, pair.origin.clone());
    field(INLINES, pair.inlines.as_ref().and_then(|inlines| serde_json::to_string(inlines).ok()));
    field(WITHDRAWN, withdrawn.map(|at| at.to_string()));
    let state = match pair.kind {
        PairKind::Correction if withdrawn.is_none() => UnitState::Approved,
        _ => UnitState::Translated,
    };
    let target = Some(BilingualText::plain(&pair.target));
    BilingualUnit {
        id: id.to_string(),
        article: pair.place.as_ref().map(|place| place.article.clone()),
        segment: pair.place.as_ref().map(|place| place.segment),
        by: Some(pair.by.clone()).filter(|by| !by.is_empty()),
        at: Some(pair.at),
        context: pair.context.clone(),
        fields,
        ..BilingualUnit::new(BilingualText::plain(&pair.source), target, state)
    }
}

/// An answer as a unit.
pub(super) fn of_answer(answer: &AnswerEntry) -> BilingualUnit {
    let target = Some(BilingualText::plain(&answer.target));
    BilingualUnit {
        id: answer.id.clone(),
        by: Some(answer.engine.clone()),
        at: Some(answer.at),
        ..BilingualUnit::new(BilingualText::plain(&answer.source), target, UnitState::Translated)
    }
}

/// The pair that a unit says, and when it was taken back; `None` if there is no English, or nothing German.
pub(super) fn to_pair(
    unit: &BilingualUnit,
    defaults: &ImportDefaults,
) -> Option<(HumanPair, Option<Timestamp>)> {
    let source = normalise(unit.source.text().trim()).into_owned();
    let target = unit.target.as_ref()?.text();
    if source.is_empty() || target.trim().is_empty() {
        return None;
    }
    // A pair that was exported says its kind; what it does not say it does not have.
    let own_kind = unit.field(KIND).and_then(|kind| kind.parse::<PairKind>().ok());
    let is_own = own_kind.is_some();
    let by = unit.by.clone().unwrap_or_else(|| if is_own { String::new() } else { defaults.by.clone() });
    let origin = unit.field(ORIGIN).map(str::to_owned);
    let place = unit.article.clone().zip(unit.segment);
    let pair = HumanPair {
        kind: defaults.kind.or(own_kind).unwrap_or(PairKind::Suggestion),
        source,
        target,
        inlines: unit.field(INLINES).and_then(|inlines| serde_json::from_str::<SpanPairs>(inlines).ok()),
        by,
        at: unit.at.unwrap_or(defaults.at),
        place: place.map(|(article, segment)| PairPlace { article, segment }),
        context: unit.context.clone(),
        origin: if is_own { origin } else { Some(defaults.origin.clone()) },
    };
    let withdrawn = unit.field(WITHDRAWN).and_then(|at| at.parse().ok());
    Some((pair, withdrawn))
}
