//! The records of a stream: each comes back with all that is known of it, as soon as its turn is there.
//!
//! A record keeps its bytes, and what is added stands behind its own fields. A line that takes no fields, such as one that is no
//! JSON, comes back inside an object, so that there is one line out for each one in.

use std::borrow::Cow;
use std::io::Write;
use std::path::PathBuf;

use serde::Serialize;

use super::corpus::{CorpusSink, english, with_members};
use super::error::WriteError;
use super::jsonl::{FindingFields, SegmentFields, TermFields, findings_of, terms_of};
use super::view::views;
use crate::model::{CorpusRow, Finding, ParallelDocument, Status};
use crate::text::counted;

/// The fields that are added to a record, which it must not have already.
pub const RECORD_FIELDS: &[&str] = &["en", "status", "segments", "terms", "findings", "error"];

/// Writes records to a stream.
pub struct RecordWriter<W> {
    out: W,
    /// How the stream is called in errors.
    name: PathBuf,
}

/// What is added to a record. The order of the fields is the order in the line.
#[derive(Serialize)]
struct AddedFields<'a> {
    /// The line as it came, if it takes no fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<Cow<'a, str>>,
    en: Option<&'a str>,
    status: Status,
    segments: Vec<SegmentFields<'a>>,
    terms: Vec<OfSegment<TermFields<'a>>>,
    findings: Vec<OfSegment<FindingFields<'a>>>,
    /// Why there is no English, or not all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Cow<'a, str>>,
}

/// Something with the number of its segment, counted from 1.
#[derive(Serialize)]
struct OfSegment<T> {
    segment: usize,
    #[serde(flatten)]
    known: T,
}

impl<W: Write> RecordWriter<W> {
    /// A writer to a stream that is called so in errors.
    pub fn new(out: W, name: impl Into<PathBuf>) -> Self {
        Self { out, name: name.into() }
    }
}

impl<W: Write + Send> CorpusSink for RecordWriter<W> {
    fn write(
        &mut self,
        row: Option<&CorpusRow>,
        document: Result<&ParallelDocument, &str>,
    ) -> Result<(), WriteError> {
        let mut line = line(row, document)?;
        line.push(b'\n');
        // Whoever sent it may wait for it.
        let written = self.out.write_all(&line).and_then(|()| self.out.flush());
        written.map_err(|source| WriteError::File { path: self.name.clone(), source })
    }

    fn finish(self: Box<Self>, _: [u8; 32]) -> Result<Vec<PathBuf>, WriteError> {
        Ok(Vec::new())
    }

    fn keeps_each(&self) -> bool {
        true
    }
}

/// The line of a record.
fn line(row: Option<&CorpusRow>, document: Result<&ParallelDocument, &str>) -> Result<Vec<u8>, WriteError> {
    let place = row.and_then(|row| Some((row, row.insert?)));
    let input = row.filter(|_| place.is_none()).map(|row| String::from_utf8_lossy(&row.bytes));
    let text = document.ok().map(english).transpose()?;
    let findings: Vec<Vec<Finding>> = document
        .map(|document| document.units().iter().map(|unit| unit.findings().into_owned()).collect())
        .unwrap_or_default();
    let added = AddedFields { input, en: text.as_deref(), ..AddedFields::of(document, &findings) };
    let added = json(&added);
    Ok(match place {
        // Without its braces, an object is a list of members.
        Some((row, at)) => with_members(&row.bytes, at, &added[1..added.len() - 1]),
        None => added,
    })
}

impl<'a> AddedFields<'a> {
    /// What is added for a document, or for the reason why there is none.
    fn of(document: Result<&'a ParallelDocument, &'a str>, findings: &'a [Vec<Finding>]) -> Self {
        let mut added = Self {
            input: None,
            en: None,
            status: Status::Failed,
            segments: Vec::new(),
            terms: Vec::new(),
            findings: Vec::new(),
            error: document.err().map(Cow::Borrowed),
        };
        let Ok(document) = document else { return added };
        for (segment, (view, findings)) in (1..).zip(views(document).zip(findings)) {
            added.segments.push(SegmentFields::new(segment, view));
            added.terms.extend(terms_of(view).into_iter().map(|known| OfSegment { segment, known }));
            added
                .findings
                .extend(findings_of(view, findings).into_iter().map(|known| OfSegment { segment, known }));
        }
        let count = |status| document.units().iter().filter(|unit| unit.status() == status).count();
        let failed = count(Status::Failed);
        if failed > 0 {
            let all = counted(document.units().len(), "segment");
            let verb = if failed == 1 { "has" } else { "have" };
            added.error = Some(Cow::Owned(format!("{failed} of {all} {verb} no translation")));
        }
        added.status = match (failed, count(Status::Translated)) {
            (0, 0) => Status::Kept,
            (0, _) => Status::Translated,
            _ => Status::Failed,
        };
        added
    }
}

/// An object as JSON.
fn json(added: &AddedFields<'_>) -> Vec<u8> {
    // Texts, numbers and names always serialise.
    serde_json::to_vec(added).unwrap_or_else(|error| {
        debug_assert!(false, "{error}");
        b"{\"status\":\"failed\"}".to_vec()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::{FindingKind, Severity};
    use crate::write::testing::{Sample, document, term, translated};

    fn row(text: &str, takes_fields: bool) -> CorpusRow {
        let insert = text.rfind('}').filter(|_| takes_fields);
        CorpusRow { bytes: text.as_bytes().to_vec(), insert }
    }

    fn written(row: Option<&CorpusRow>, document: Result<&ParallelDocument, &str>) -> String {
        let mut out = Vec::new();
        let mut writer = RecordWriter::new(&mut out, "standard output");
        writer.write(row, document).expect("written");
        String::from_utf8(out).expect("text")
    }

    fn object(line: &str) -> Value {
        serde_json::from_str(line).expect("an object")
    }

    #[test]
    fn a_record_keeps_its_bytes_and_gets_all_that_is_known() {
        let mut sample = Sample::paragraph("Über der Rakete.");
        let rendition = translated(&mut sample.segments[0]);
        rendition.terms = vec![term("Rakete", "rocket", 10..16, None)];
        rendition.findings = vec![Finding {
            kind: FindingKind::TermNotHeld,
            severity: Severity::Error,
            message: "no rocket".into(),
            source: Some(10..16),
            target: None,
            should: None,
        }];
        let line = written(Some(&row("{\"id\": 1.50e2 }", true)), Ok(&document(&[sample])));
        assert!(
            line.starts_with("{\"id\": 1.50e2,\"en\":\"EN(Über der Rakete.)\",\"status\":\"translated\","),
            "{line}"
        );
        assert!(line.ends_with(" }\n") && line.lines().count() == 1, "{line}");
        let record = object(&line);
        let segments = json!([{"segment": 1, "block": 1, "kind": "paragraph", "status": "translated",
            "de": "Über der Rakete.", "en": "EN(Über der Rakete.)", "engine": "pseudo", "rung": "native"}]);
        assert_eq!(record["segments"], segments);
        let terms = json!([{"segment": 1, "source": "Rakete", "target": "rocket", "surface": "Rakete", "start": 9,
            "end": 15, "held": false, "kind": "word", "rule": null}]);
        assert_eq!(record["terms"], terms);
        let findings = json!([{"segment": 1, "kind": "term_not_held", "severity": "error", "message": "no rocket",
            "start": 9, "end": 15}]);
        assert_eq!(record["findings"], findings);
        assert_eq!(record.get("error"), None);
    }

    #[test]
    fn a_record_with_a_failed_segment_has_failed_and_says_how_much() {
        let samples = [Sample::paragraph("Morgen."), Sample::paragraph("Abend.").failed("quota")];
        let record = object(&written(Some(&row("{\"id\":1}", true)), Ok(&document(&samples))));
        assert_eq!(
            (&record["status"], &record["error"]),
            (&json!("failed"), &json!("1 of 2 segments has no translation"))
        );
        assert_eq!(record["segments"][1]["status"], "failed");
        assert!(
            record["en"].as_str().is_some_and(|english| english.contains("not translated: quota")),
            "{record}"
        );
    }

    #[test]
    fn a_record_without_words_is_kept() {
        let record = object(&written(Some(&row("{\"id\":1}", true)), Ok(&document(&[]))));
        assert_eq!((&record["status"], &record["en"]), (&json!("kept"), &json!("")));
    }

    #[test]
    fn a_line_that_takes_no_fields_comes_back_inside_an_object() {
        let failed = json!({"en": null, "status": "failed", "segments": [], "terms": [], "findings": []});
        let with = |more: Value| {
            let mut object = failed.clone();
            object.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            object
        };
        let line = row("{\"en\": \u{1b}\"", false);
        assert_eq!(
            object(&written(Some(&line), Err("no JSON"))),
            with(json!({"input": "{\"en\": \u{1b}\"", "error": "no JSON"}))
        );
        assert_eq!(object(&written(None, Err("too large"))), with(json!({"error": "too large"})));
        let line = row("{\"body\": 1}", true);
        assert_eq!(
            object(&written(Some(&line), Err("no text"))),
            with(json!({"body": 1, "error": "no text"}))
        );
    }
}
