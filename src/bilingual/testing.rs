//! Units for the tests of the formats.

use proptest::prelude::*;

use super::text::{BilingualPiece, BilingualText};
use super::unit::{BilingualUnit, FindingMark, UnitBlock, UnitNote, UnitState, UnitTerm};
use crate::model::{ArticleId, BlockKind, FindingKind, Neighbours, Severity, Timestamp};
use strum::VariantArray as _;

/// Text with all that is special to XML, and no character that it cannot hold.
fn words() -> impl Strategy<Value = String> {
    prop_oneof!["[a-zäß<>&\"' \\]\\[;]{1,9}", "[\u{9}\n\r\u{20}-\u{7f}\u{a0}\u{2028}\u{202e}🚀]{1,6}",]
}

/// A text with markup whose ids are among these numbers.
fn text() -> impl Strategy<Value = BilingualText> {
    let piece = (0..6_u8, 1..6_u8, words(), words()).prop_map(|(kind, id, one, two)| {
        let id = id.to_string();
        match kind {
            0 | 1 => BilingualPiece::Text(one),
            2 => BilingualPiece::Open { id, native: one },
            3 => BilingualPiece::Close { id, native: one },
            4 => BilingualPiece::Atom { id, native: format!("{one}{two}{one}"), reads_as: two },
            _ => BilingualPiece::Atom { id, native: one, reads_as: String::new() },
        }
    });
    // Ids that are used twice become other ones.
    let text = prop::collection::vec(piece, 1..9).prop_map(BilingualText::new);
    text.prop_filter("ids are numbers", |text| text.codes().iter().all(|code| !code.id.contains('-')))
}

/// Any unit with the texts and all that every format can hold.
pub(super) fn units() -> impl Strategy<Value = Vec<BilingualUnit>> {
    let name = || "[a-zä/<&\"' ]{0,8}[a-z]";
    let about = (
        prop::option::of((name(), 1..99_usize)),
        prop::option::of((1..9_usize, prop::sample::select(BlockKind::VARIANTS))),
        prop::option::of(name()),
        prop::option::of(0..2_000_000_000_i64),
        (prop::option::of(words()), prop::option::of(words())),
    );
    let note = (words(), prop::option::of((prop::sample::select(FindingKind::VARIANTS), 0..3_u8)));
    let note = note.prop_map(|(text, finding)| {
        let severity = [Severity::Info, Severity::Warning, Severity::Error];
        let finding = finding.map(|(kind, of)| FindingMark { kind, severity: severity[usize::from(of)] });
        UnitNote { text, finding }
    });
    let term = (name(), name(), any::<bool>());
    let term = term.prop_map(|(source, target, is_held)| UnitTerm { source, target, is_held });
    let field = ("[a-z]{1,5}", words());
    let lists = (
        prop::collection::vec(note, 0..3),
        prop::collection::vec(term, 0..3),
        prop::collection::btree_map(field.0, field.1, 0..3),
    );
    let texts = (text(), prop::option::of(text()), prop::sample::select(UnitState::VARIANTS));
    let unit = (texts, about, lists).prop_map(|((source, target, state), about, (notes, terms, fields))| {
        let (place, block, by, at, (before, after)) = about;
        let target = target.filter(|target| !target.is_empty());
        // Without a target, nothing is translated or approved.
        let state = match state {
            UnitState::Translated | UnitState::Approved if target.is_none() => UnitState::Initial,
            state => state,
        };
        let mut unit = BilingualUnit::new(source, target, state);
        if let Some((article, segment)) = place {
            unit.article = Some(ArticleId::of_record(&article));
            unit.segment = Some(segment);
        }
        unit.block = block.map(|(number, kind)| UnitBlock { number, kind });
        (unit.by, unit.at) = (by, at.map(Timestamp::from_seconds));
        unit.context = Neighbours { before, after };
        (unit.notes, unit.terms) = (notes, terms);
        unit.fields = fields.into_iter().collect();
        unit
    });
    prop::collection::vec(unit, 0..6).prop_map(|mut units| {
        for (number, unit) in (1..).zip(&mut units) {
            unit.id = format!("s{number}");
        }
        units
    })
}
