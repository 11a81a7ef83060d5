//! `jsonl`: everything that is known about a segment, one object a line.
//!
//! `before` and `de` of all lines in order and `after` of the last one, joined, are the decoded source.
//! An article in which there is text but no segment has one line with `article` and `after` only.

use serde::{Serialize, Serializer};

use super::error::WriteError;
use super::view::{Characters, View, after, views};
use super::writer::{OutputFile, Writer};
use crate::model::{
    ArticleId, BlockKind, EntryKind, Finding, FindingKind, Hold, MatchKind, ParallelDocument, RecordField,
    RepairRule, Rung, Severity, Status, TermMatch, Timestamp,
};

/// One object a segment.
#[derive(Debug)]
pub(super) struct Jsonl;

impl Writer for Jsonl {
    fn files(&self, document: &ParallelDocument) -> Result<Vec<OutputFile>, WriteError> {
        let article = &document.source().article().id;
        let rest = after(document);
        let last = document.units().len();
        let mut out = Vec::new();
        for (number, view) in (1..).zip(views(document)) {
            let findings = view.unit.findings();
            let mut line = Line::new(article, number, view, &findings);
            line.after = (number == last).then_some(rest);
            line.fields = &document.source().article().fields;
            push_line(&mut out, &line);
        }
        if last == 0 && !rest.is_empty() {
            push_line(&mut out, &Rest { article, after: rest });
        }
        Ok(vec![OutputFile::new(".jsonl", out)])
    }

    fn endings(&self, _: &ArticleId) -> Vec<String> {
        vec![".jsonl".to_owned()]
    }
}

/// A segment. The order of the fields is the order in the file.
#[derive(Serialize)]
struct Line<'a> {
    article: &'a ArticleId,
    #[serde(flatten)]
    known: SegmentFields<'a>,
    terms: Vec<TermFields<'a>>,
    findings: Vec<FindingFields<'a>>,
    before: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<&'a str>,
    /// Those of the record that are kept.
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "as_object")]
    fields: &'a [RecordField],
}

/// What is known of a segment beside its terms and findings.
#[derive(Serialize)]
pub(super) struct SegmentFields<'a> {
    /// Counted from 1.
    segment: usize,
    /// Counted from 1; blocks without a segment are counted too.
    block: usize,
    kind: BlockKind,
    /// Why a block of furniture or metadata is no text of the article's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    status: Status,
    de: &'a str,
    en: Option<&'a str>,
    engine: Option<&'a str>,
    /// What to know of all that the engine writes, if that is not fit for use as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    caveat: Option<&'a str>,
    rung: Option<Rung>,
    /// Who approved the English, if a person did.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
}

fn as_object<S: Serializer>(fields: &[RecordField], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(fields.iter().map(|field| (&field.name, &field.value)))
}

/// A term match; `start` and `end` count the Unicode characters of `de`, `en_start` and `en_end` those of `en`.
#[derive(Serialize)]
pub(super) struct TermFields<'a> {
    source: &'a str,
    target: &'a str,
    surface: &'a str,
    start: usize,
    end: usize,
    held: bool,
    /// Where it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    en_start: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    en_end: Option<usize>,
    kind: MatchKind,
    /// The rule that put the rendering there; `null` if the engine wrote it.
    rule: Option<RepairRule>,
    /// All accepted targets, if there are several.
    #[serde(skip_serializing_if = "has_one")]
    accepted: &'a [String],
    /// The kind of the entry, if it is no term.
    #[serde(skip_serializing_if = "is_term")]
    entry: EntryKind,
}

fn has_one(accepted: &[String]) -> bool {
    accepted.len() == 1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_term(kind: &EntryKind) -> bool {
    *kind == EntryKind::Term
}

/// A finding; `start` and `end` count the Unicode characters of `de`.
#[derive(Serialize)]
pub(super) struct FindingFields<'a> {
    kind: FindingKind,
    severity: Severity,
    message: &'a str,
    start: Option<usize>,
    end: Option<usize>,
    /// What stands in `en`.
    #[serde(skip_serializing_if = "Option::is_none")]
    is: Option<&'a str>,
    /// What should stand there.
    #[serde(skip_serializing_if = "Option::is_none")]
    should: Option<&'a str>,
}

/// The text of an article without segments.
#[derive(Serialize)]
struct Rest<'a> {
    article: &'a ArticleId,
    after: &'a str,
}

impl<'a> Line<'a> {
    fn new(article: &'a ArticleId, segment: usize, view: View<'a>, findings: &'a [Finding]) -> Self {
        Self {
            article,
            known: SegmentFields::new(segment, view),
            terms: terms_of(view),
            findings: findings_of(view, findings),
            before: view.before,
            after: None,
            fields: &[],
        }
    }
}

impl<'a> SegmentFields<'a> {
    /// Those of the segment with this number, counted from 1.
    pub(super) fn new(segment: usize, view: View<'a>) -> Self {
        let View { unit, source, .. } = view;
        let rendition = unit.rendition();
        let approval = rendition.and_then(|rendition| rendition.translator.approval());
        Self {
            segment,
            block: view.segment.block + 1,
            kind: view.kind,
            reason: view.reason,
            status: unit.status(),
            de: source,
            en: unit.target(),
            engine: rendition.and_then(|rendition| rendition.translator.engine()),
            caveat: rendition.and_then(|rendition| rendition.caveat.as_deref()),
            rung: rendition.map(|rendition| rendition.rung),
            by: approval.map(|approval| approval.by.as_str()),
            at: approval.map(|approval| approval.at),
        }
    }
}

/// The terms of a segment.
pub(super) fn terms_of(view: View<'_>) -> Vec<TermFields<'_>> {
    let View { unit, source, .. } = view;
    let mut characters = Characters::new(source);
    let mut english = Characters::new(unit.target().unwrap_or_default());
    let terms = unit.terms();
    terms.map(|(term, hold)| TermFields::new(term, hold, source, &mut characters, &mut english)).collect()
}

/// The findings of a segment.
pub(super) fn findings_of<'a>(view: View<'a>, findings: &'a [Finding]) -> Vec<FindingFields<'a>> {
    let mut characters = Characters::new(view.source);
    let target = view.unit.target();
    findings.iter().map(|finding| FindingFields::new(finding, target, &mut characters)).collect()
}

impl<'a> TermFields<'a> {
    fn new(
        term: &'a TermMatch,
        hold: Option<&Hold>,
        source: &'a str,
        characters: &mut Characters<'_>,
        english: &mut Characters<'_>,
    ) -> Self {
        let place = characters.range(&term.span);
        let there = hold.map(|hold| english.range(&hold.span));
        Self {
            source: &term.entry.source,
            target: term.entry.target(),
            surface: term.surface(source),
            start: place.start,
            end: place.end,
            held: hold.is_some(),
            en_start: there.as_ref().map(|there| there.start),
            en_end: there.as_ref().map(|there| there.end),
            kind: term.kind,
            rule: hold.and_then(|hold| hold.rule),
            accepted: &term.entry.targets,
            entry: term.entry.kind,
        }
    }
}

impl<'a> FindingFields<'a> {
    fn new(finding: &'a Finding, english: Option<&'a str>, characters: &mut Characters<'_>) -> Self {
        let place = finding.source.as_ref().map(|bytes| characters.range(bytes));
        Self {
            kind: finding.kind,
            severity: finding.severity,
            message: &finding.message,
            start: place.as_ref().map(|place| place.start),
            end: place.as_ref().map(|place| place.end),
            is: english.and_then(|english| finding.stands(english)),
            should: finding.should.as_deref(),
        }
    }
}

fn push_line(out: &mut Vec<u8>, line: &impl Serialize) {
    let start = out.len();
    if let Err(error) = serde_json::to_writer(&mut *out, line) {
        // Texts, numbers and names always serialise; should that change, no half a line is left.
        debug_assert!(false, "{error}");
        out.truncate(start);
        return;
    }
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::model::{Approval, PairId, Translator};
    use crate::write::testing::{Sample, document, documents, term, text_of, translated};

    fn lines(document: &ParallelDocument) -> Vec<Value> {
        let text = text_of(&Jsonl.files(document).expect("files"), ".jsonl");
        text.split_terminator('\n').map(|line| serde_json::from_str(line).expect("an object")).collect()
    }

    fn joined(lines: &[Value]) -> String {
        lines
            .iter()
            .flat_map(|line| ["before", "de", "after"].map(|key| line[key].as_str().unwrap_or("")))
            .collect()
    }

    #[test]
    fn a_line_says_everything() {
        let mut sample = Sample::paragraph("\u{c}Über der Rakete.\n");
        let rendition = translated(&mut sample.segments[0]);
        rendition.terms =
            vec![term("Rakete", "rocket", 10..16, None), term("Über", "over|above", 0..5, Some(3..8))];
        rendition.findings = vec![Finding {
            kind: FindingKind::TermNotHeld,
            severity: Severity::Error,
            message: "no rocket".into(),
            source: Some(10..16),
            target: Some(3..8),
            should: Some("rocket".into()),
        }];
        let expected = json!({
            "article": "folder/a.txt", "segment": 1, "block": 1, "kind": "paragraph", "status": "translated",
            "de": "Über der Rakete.", "en": "EN(Über der Rakete.)", "engine": "pseudo", "rung": "native",
            "terms": [{"source": "Rakete", "target": "rocket", "surface": "Rakete", "start": 9, "end": 15,
                       "held": false, "kind": "word", "rule": null},
                      {"source": "Über", "target": "over", "surface": "Über", "start": 0, "end": 4,
                       "held": true, "en_start": 3, "en_end": 7, "kind": "word", "rule": null,
                       "accepted": ["over", "above"]}],
            "findings": [{"kind": "term_not_held", "severity": "error", "message": "no rocket",
                          "start": 9, "end": 15, "is": "Über", "should": "rocket"}],
            "before": "\u{c}", "after": "\n",
        });
        assert_eq!(lines(&document(&[sample])), [expected]);
    }

    #[test]
    fn a_line_says_who_corrected_it() {
        let mut sample = Sample::paragraph("Morgen.");
        let rendition = translated(&mut sample.segments[0]);
        let (at, pair) = (Timestamp::from_seconds(1_795_702_000), PairId::from_bytes([7; 32]));
        rendition.translator = Translator::Person(Approval { by: "Ada \u{1b}".into(), at, pair });
        rendition.rung = Rung::Correction;
        let line = &lines(&document(&[sample]))[0];
        assert_eq!(line["engine"], Value::Null);
        assert_eq!(
            [&line["rung"], &line["by"], &line["at"]],
            ["correction", "Ada \u{1b}", "2026-11-26T14:06:40Z"]
        );
    }

    #[test]
    fn a_failed_segment_has_no_english() {
        let lines = lines(&document(&[Sample::paragraph("Morgen.").failed("quota")]));
        assert_eq!(lines[0]["en"], Value::Null);
        assert_eq!(lines[0]["status"], "failed");
    }

    #[test]
    fn text_without_segments_is_not_lost() {
        assert_eq!(joined(&lines(&document(&[Sample::gap("\r\n \n")]))), "\r\n \n");
        assert!(lines(&document(&[])).is_empty());
    }

    proptest! {
        #[test]
        fn nothing_is_lost(document in documents()) {
            let lines = lines(&document);
            prop_assert_eq!(joined(&lines), document.source().article().text.as_str());
            if !document.units().is_empty() {
                prop_assert_eq!(lines.len(), document.units().len());
            }
        }
    }
}
