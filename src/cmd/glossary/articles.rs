//! The articles that a glossary command looks at.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::super::failure::{Exit, Failure};
use crate::read::{self, Source};
use crate::report::clean;

/// The articles at paths, in order. What cannot be looked at is told on standard error.
///
/// Folders in `except` (outputs of a run) are passed over.
pub(super) fn sources(paths: &[PathBuf], except: &Path) -> Result<Vec<Source>, Failure> {
    let mut all = Vec::new();
    for path in paths {
        let found =
            read::sources(path, &[except], false).map_err(|error| Failure::new(Exit::Usage, error))?;
        for problem in &found.problems {
            let _ = writeln!(io::stderr(), "{}", clean(&problem.to_string()));
        }
        all.extend(found.articles);
    }
    if all.is_empty() {
        let hint = "articles are .txt, .md, .html, .docx and .srt files";
        return Err(Failure::new(Exit::Usage, "there are no articles").hint(hint));
    }
    Ok(all)
}
