//! The articles that a glossary command looks at.

use std::io::{self, Write};
use std::path::PathBuf;

use super::super::failure::{Exit, Failure};
use super::super::own::Own;
use crate::config::Settings;
use crate::read::{self, ArticleFile, SourceSearch};
use crate::report::clean;

/// The articles in files and folders, in order, without the outputs of a run. What cannot be read is reported on
/// standard error.
pub(super) fn sources(settings: &Settings, paths: &[PathBuf]) -> Result<Vec<ArticleFile>, Failure> {
    let own = Own::open(settings)?;
    let mut all = Vec::new();
    for path in paths {
        let search = SourceSearch {
            excluded: &[&settings.translate.output],
            corpora: false,
            is_output: &|path| own.lists(path),
        };
        let found = read::sources(path, search).map_err(|error| Failure::new(Exit::Usage, error))?;
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
