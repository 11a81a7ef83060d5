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
            for LearnedCorrection { pair, old } in &lesson.corrections {
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
                    "dry_run": self.dry_run,
                    "problems": lesson.problems,
                })
                .to_string(),
            );
        }
        if !self.quiet {
            let count = match lesson.corrections.len() as u64 {
                0 if lesson.is_complete() => "only the form was changed".to_owned(),
                0 => "nothing is learned".to_owned(),
                count => counted(count, "correction"),
            };
            tell(&clean(&format!("{path}: {count}")))?;
            for correction in &lesson.corrections {
                let (old, new) = (&correction.old, &correction.pair.target);
                tell(&clean(&format!("  segment {}: {}", correction.segment(), correction.pair.source)))?;
                tell(&clean(&format!("    - {old}")))?;
                tell(&clean(&format!("    + {new}")))?;
            }
        }
        for problem in &lesson.problems {
            let _ = writeln!(io::stderr(), "{}", clean(&format!("{path}: {problem}")));
        }
        Ok(())
    }

    /// What became of the files.
    pub(super) fn learned(&self, lessons: &[Lesson], rewritten: &RewrittenFiles) -> Result<(), Failure> {
        let count: usize = lessons.iter().map(|lesson| lesson.corrections.len()).sum();
        self.files(&format!("learned {}", counted(count as u64, "correction")), rewritten)
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
