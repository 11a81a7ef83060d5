//! What was learned, for people and programs.

use std::io::{self, Write as _};

use serde_json::json;

use super::lesson::{LearnedCorrection, Lesson};
use super::rewrite::RewrittenFiles;
use crate::report::{clean, counted};

use super::super::failure::Failure;
use super::super::output::tell;

/// How it is reported.
pub(super) struct Reporter {
    pub(super) json: bool,
    pub(super) quiet: bool,
    pub(super) dry_run: bool,
}

impl Reporter {
    /// That there is nothing to report.
    pub(super) fn nothing(&self, message: &str) -> Result<(), Failure> {
        if self.json || self.quiet { Ok(()) } else { tell(message) }
    }

    /// What a file teaches.
    pub(super) fn lesson(&self, lesson: &Lesson) -> Result<(), Failure> {
        let path = lesson.path.display().to_string();
        if self.json {
            for LearnedCorrection { pair, old, .. } in &lesson.corrections {
                let place = pair.place.as_ref();
                tell(
                    &json!({
                        "file": path,
                        "article": place.map(|place| place.article.as_str()),
                        "segment": place.map(|place| place.segment),
                        "de": pair.source,
                        "old": old,
                        "new": pair.target,
                        "by": pair.by,
                        "at": pair.at,
                        "id": pair.id(),
                    })
                    .to_string(),
                )?;
            }
            return tell(
                &json!({
                    "file": path,
                    "learned": lesson.corrections.len(),
                    "approved": lesson.corrections.iter().filter(|correction| correction.is_approval).count(),
                    "dry_run": self.dry_run,
                    "problems": lesson.problems,
                })
                .to_string(),
            );
        }
        if !self.quiet {
            let count = match lesson.corrections.len() {
                0 if lesson.is_complete() => "only the form was changed".to_owned(),
                0 => "nothing is learned".to_owned(),
                _ => taught(&lesson.corrections),
            };
            tell(&clean(&format!("{path}: {count}")))?;
            for correction in &lesson.corrections {
                let (old, new) = (&correction.old, &correction.pair.target);
                tell(&clean(&format!("  segment {}: {}", correction.segment(), correction.pair.source)))?;
                if correction.is_approval {
                    tell(&clean(&format!("    = {new}")))?;
                } else {
                    tell(&clean(&format!("    - {old}")))?;
                    tell(&clean(&format!("    + {new}")))?;
                }
            }
        }
        for problem in &lesson.problems {
            let _ = writeln!(io::stderr(), "{}", clean(&format!("{path}: {problem}")));
        }
        Ok(())
    }

    /// What became of the files.
    pub(super) fn learned(&self, lessons: &[Lesson], rewritten: &RewrittenFiles) -> Result<(), Failure> {
        let taught = taught(lessons.iter().flat_map(|lesson| &lesson.corrections));
        self.files(&format!("learned {taught}"), rewritten)
    }

    /// What was written again.
    pub(super) fn files(&self, done: &str, rewritten: &RewrittenFiles) -> Result<(), Failure> {
        for left in &rewritten.left {
            let (path, reason) = (left.path.display(), left.ownership.describe());
            let _ = writeln!(io::stderr(), "{}", clean(&format!("left {path} as it is: {reason}")));
        }
        if self.quiet || self.json {
            return Ok(());
        }
        let files = counted(rewritten.files.len() as u64, "file");
        let are = if rewritten.files.len() == 1 { "is" } else { "are" };
        tell(&format!("{done}; {files} {are} as the memory has them now"))?;
        for article in &rewritten.waiting {
            tell(&clean(&format!("{article}: the next `wortlaut translate` writes its files")))?;
        }
        Ok(())
    }
}

/// How many sentences were corrected, and how many approved: `2 corrections, 3 approved as they are`.
fn taught<'a>(corrections: impl IntoIterator<Item = &'a LearnedCorrection>) -> String {
    let (approved, corrected): (Vec<_>, Vec<_>) =
        corrections.into_iter().partition(|correction| correction.is_approval);
    let corrections = counted(corrected.len() as u64, "correction");
    let approvals = match approved.len() {
        0 => return corrections,
        1 => "1 approved as it is".to_owned(),
        count => format!("{count} approved as they are"),
    };
    if corrected.is_empty() { approvals } else { format!("{corrections}, {approvals}") }
}
