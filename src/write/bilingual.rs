//! `tmx` and `xliff`: bilingual files for translation tools.

use super::document::{coded_source, coded_target};
use super::error::WriteError;
use super::view::{View, after, views};
use super::writer::{OutputFile, RecordFrame, Writer};
use crate::bilingual::{
    BilingualText, BilingualUnit, FindingMark, UnitBlock, UnitNote, UnitState, UnitTerm, XmlFormat,
};
use crate::model::{ArticleId, ParallelDocument, Translator, Unit};

/// One unit a segment.
#[derive(Debug)]
pub(super) struct BilingualFile {
    pub(super) format: XmlFormat,
    pub(super) ending: &'static str,
}

impl Writer for BilingualFile {
    fn files(&self, document: &ParallelDocument) -> Result<Vec<OutputFile>, WriteError> {
        let head = self.format.head();
        let units = self.format.body(&bilingual_units(document));
        Ok(vec![OutputFile::new(self.ending, [head, units, self.format.tail().to_owned()].concat())])
    }

    fn endings(&self, _: &ArticleId) -> Vec<String> {
        vec![self.ending.to_owned()]
    }

    fn record(&self, document: &ParallelDocument, first: bool) -> Result<Vec<Vec<u8>>, WriteError> {
        let head = if first { self.format.head() } else { String::new() };
        let units = bilingual_units(document);
        let body = if units.is_empty() { String::new() } else { self.format.body(&units) };
        Ok(vec![(head + &body).into_bytes()])
    }

    fn frame(&self) -> Option<RecordFrame> {
        let format = self.format;
        Some(RecordFrame { head: format.head(), none: format.body(&[]), tail: format.tail() })
    }
}

/// The units of a document, one for each segment in its order.
#[must_use]
pub fn bilingual_units(document: &ParallelDocument) -> Vec<BilingualUnit> {
    let mut units: Vec<BilingualUnit> =
        (1..).zip(views(document)).map(|(number, view)| unit(document, number, &view)).collect();
    if let Some(last) = units.last_mut() {
        after(document).clone_into(&mut last.after);
    }
    units
}

fn unit(document: &ParallelDocument, number: usize, view: &View<'_>) -> BilingualUnit {
    let article = document.source().article();
    let (layout, span) = (article.layout.as_deref(), &view.segment.span);
    let source = match layout {
        Some(layout) => coded_source(layout, span, view.source),
        None => BilingualText::plain(view.source),
    };
    let (target, state) = match view.unit {
        Unit::Translated(rendition) => {
            let target = match layout {
                Some(layout) => coded_target(layout, span, view.source, rendition),
                None => BilingualText::plain(&rendition.target),
            };
            let state = match rendition.translator {
                Translator::Engine(_) => UnitState::Translated,
                Translator::Person(_) => UnitState::Approved,
            };
            (Some(target), state)
        }
        // It stays as it is, with its markup, or is left out.
        Unit::Kept { target } if *target == source.text() => (Some(source.clone()), UnitState::Kept),
        Unit::Kept { target } => (Some(BilingualText::plain(target)), UnitState::Kept),
        Unit::Failed { .. } => (None, UnitState::Initial),
    };
    let mut unit = BilingualUnit::new(source, target.filter(|target| !target.is_empty()), state);
    unit.id = format!("s{number}");
    unit.article = Some(article.id.clone());
    unit.segment = Some(number);
    unit.block = Some(UnitBlock { number: view.segment.block + 1, kind: view.kind });
    view.before.clone_into(&mut unit.before);
    if let Some(rendition) = view.unit.rendition() {
        match &rendition.translator {
            Translator::Engine(engine) => unit.fields.push(("engine".to_owned(), engine.clone())),
            Translator::Person(approval) => {
                (unit.by, unit.at) = (Some(approval.by.clone()), Some(approval.at));
            }
        }
        unit.fields.push(("rung".to_owned(), rendition.rung.as_str().to_owned()));
        unit.fields.extend(rendition.caveat.iter().map(|caveat| ("caveat".to_owned(), caveat.clone())));
    }
    unit.notes = view
        .unit
        .findings()
        .iter()
        .map(|finding| {
            let mark = FindingMark { kind: finding.kind, severity: finding.severity };
            UnitNote { text: finding.message.clone(), finding: Some(mark) }
        })
        .collect();
    unit.terms = view
        .unit
        .terms()
        .map(|(term, hold)| UnitTerm {
            source: term.entry.source.clone(),
            target: term.entry.target().to_owned(),
            is_held: hold.is_some(),
        })
        .collect();
    unit
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::path::Path;

    use proptest::prelude::*;
    use strum::VariantArray as _;

    use super::*;
    use crate::bilingual::{BilingualFormat, BilingualPiece};
    use crate::model::{Approval, PairId, Timestamp};
    use crate::write::testing::{Sample, document, documents, term, text_of, translated};

    fn written(format: XmlFormat, document: &ParallelDocument) -> String {
        let files = BilingualFile { format, ending: ".file" }.files(document).expect("files");
        text_of(&files, ".file")
    }

    fn read(format: XmlFormat, file: String) -> Vec<BilingualUnit> {
        let units = BilingualFormat::from(format)
            .read(Path::new("units"), Cursor::new(file.into_bytes()))
            .expect("read");
        units.map(|unit| BilingualUnit { line: 0, ..unit.expect("a unit") }).collect()
    }

    #[test]
    fn a_unit_says_what_became_of_its_segment() {
        let mut sample = Sample::paragraph("Die Rakete & der Mond.");
        let rendition = translated(&mut sample.segments[0]);
        rendition.terms = vec![term("Rakete", "rocket", 4..10, None)];
        rendition.findings = vec![crate::model::Finding::new(
            crate::model::FindingKind::TermNotHeld,
            crate::model::Severity::Error,
            "no rocket",
        )];
        let document = document(&[
            sample.then("Morgen."),
            Sample::furniture("\n\nTeilen\n\n"),
            Sample::paragraph("Nein.").failed("quota"),
        ]);
        let xliff = written(XmlFormat::Xliff, &document);
        for expected in [
            "original=\"folder/a.txt\"",
            "<group id=\"b1\" type=\"wortlaut:paragraph\">",
            "<gls:glossEntry w:held=\"no\"><gls:term>Rakete</gls:term><gls:translation>rocket</gls:translation>",
            "<note category=\"wortlaut:term_not_held\" priority=\"1\">no rocket</note>",
            "<segment state=\"translated\">\n<source>Die Rakete &amp; der Mond.</source>\n<target>EN(Die Rakete &amp; der Mond.)</target>",
            "translate=\"no\"",
            "<segment state=\"initial\">\n<source>Nein.</source>\n</segment>",
        ] {
            assert!(xliff.contains(expected), "{expected} is not in {xliff}");
        }
        let states: Vec<_> = read(XmlFormat::Tmx, written(XmlFormat::Tmx, &document))
            .into_iter()
            .map(|unit| (unit.state, unit.target.map(|target| target.text())))
            .collect();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            states,
            [
                (UnitState::Translated, text("EN(Die Rakete & der Mond.)")),
                (UnitState::Translated, text("EN(Morgen.)")),
                (UnitState::Kept, text("Teilen")),
                (UnitState::Initial, None),
            ]
        );
    }

    #[test]
    fn what_a_person_approved_says_who_and_when() {
        let mut sample = Sample::paragraph("Der Hafen.");
        let at = Timestamp::from_seconds(1_795_702_000);
        let pair = PairId::from_bytes([7; 32]);
        translated(&mut sample.segments[0]).translator =
            Translator::Person(Approval { by: "Anna & Ben".to_owned(), at, pair });
        let document = document(&[sample]);
        for format in XmlFormat::VARIANTS {
            let unit = read(*format, written(*format, &document)).remove(0);
            let said = (unit.state, unit.by.as_deref(), unit.at);
            assert_eq!(said, (UnitState::Approved, Some("Anna & Ben"), Some(at)), "{format:?}");
        }
    }

    /// A unit as a format without a place for it has what XML cannot hold: left out.
    fn without_controls(unit: BilingualUnit) -> BilingualUnit {
        let clean = |text: &str| -> String {
            let is_allowed = |c: &char| !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
            text.chars().filter(is_allowed).collect()
        };
        let texts = |text: &BilingualText| {
            BilingualText::new(
                text.pieces()
                    .iter()
                    .map(|piece| match piece {
                        BilingualPiece::Text(words) => BilingualPiece::Text(clean(words)),
                        other => other.clone(),
                    })
                    .collect(),
            )
        };
        BilingualUnit {
            source: texts(&unit.source),
            target: unit.target.as_ref().map(texts).filter(|text| !text.is_empty()),
            before: clean(&unit.before),
            after: clean(&unit.after),
            ..unit
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back_without_loss(document in documents()) {
            let units = bilingual_units(&document);
            let whole = read(XmlFormat::Xliff, written(XmlFormat::Xliff, &document));
            prop_assert_eq!(&whole, &units);
            let joined: String =
                whole.iter().flat_map(|unit| [unit.before.clone(), unit.source.text(), unit.after.clone()]).collect();
            if !units.is_empty() {
                prop_assert_eq!(joined, document.source().article().text.as_str());
            }
            let with_words = |units: Vec<BilingualUnit>| -> Vec<BilingualUnit> {
                units.into_iter().map(without_controls).filter(|unit| !unit.source.is_empty()).collect()
            };
            let units = with_words(units);
            for format in XmlFormat::VARIANTS {
                let found = with_words(read(*format, written(*format, &document)));
                prop_assert_eq!(&found, &units, "{:?}", format);
            }
        }
    }
}
