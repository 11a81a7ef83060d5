//! Which files would overwrite each other, known before anything is sent.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};

use unicode_normalization::UnicodeNormalization;

use super::corpus::endings;
use super::{Format, WriteError, output_path};
use crate::model::ArticleId;

/// A file that cannot be written without harm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collision {
    /// The output file.
    pub path: PathBuf,
    /// The articles that would write it, at least one.
    pub articles: Vec<ArticleId>,
    /// The input file it would overwrite, if it is one.
    pub input: Option<PathBuf>,
}

impl fmt::Display for Collision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let articles: Vec<_> = self.articles.iter().map(ArticleId::as_str).collect();
        match &self.input {
            Some(input) => write!(
                f,
                "the output of {} would overwrite the input {}",
                articles.join(", "),
                input.display()
            ),
            None => write!(f, "{} would all write {}", articles.join(", "), self.path.display()),
        }
    }
}

/// The outputs of `articles` (name and input file) below `dir` that would overwrite each other or an input.
///
/// Names that differ only in capitals or in the composition of their letters count as equal, because on
/// many file systems they are. The result is sorted by path.
///
/// # Errors
/// [`WriteError::Outside`] names an article whose outputs would not stay inside `dir`.
pub fn collisions<'a>(
    dir: &Path,
    articles: impl Iterator<Item = (&'a ArticleId, &'a Path)> + Clone,
    formats: &[Format],
) -> Result<Vec<Collision>, WriteError> {
    let mut folders = Folders::default();
    let inputs: HashMap<String, &Path> =
        articles.clone().map(|(_, input)| (folders.key(input), input)).collect();

    let mut outputs: HashMap<String, Collision> = HashMap::new();
    for (article, _) in articles {
        let base = folders.key(&output_path(dir, article, "")?);
        let endings: BTreeSet<_> = formats.iter().flat_map(|format| endings(*format, article)).collect();
        for ending in &endings {
            // Endings are in lower case and ASCII, so they can be put behind the key of the name.
            let output = outputs.entry(format!("{base}{ending}")).or_insert_with_key(|key| Collision {
                path: PathBuf::new(),
                articles: Vec::new(),
                input: inputs.get(key).map(|&input| input.to_owned()),
            });
            output.articles.push(article.clone());
            if output.articles.len() == 1 && output.input.is_none() {
                continue;
            }
            output.path = output_path(dir, &output.articles[0], ending)?;
        }
    }
    let mut harm: Vec<_> =
        outputs.into_values().filter(|output| !output.path.as_os_str().is_empty()).collect();
    harm.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(harm)
}

/// Resolves folders, each one once: a corpus has many files in few folders.
#[derive(Default)]
struct Folders {
    resolved: HashMap<PathBuf, PathBuf>,
}

impl Folders {
    /// What two paths have in common if they may name the same file.
    fn key(&mut self, path: &Path) -> String {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !self.resolved.contains_key(folder) {
            self.resolved.insert(folder.to_owned(), resolve(folder));
        }
        let folder = self.resolved.get(folder).map_or(folder, PathBuf::as_path);
        folder.join(path.file_name().unwrap_or_default()).to_string_lossy().to_lowercase().nfc().collect()
    }
}

/// The real path of a folder, as far as it is there already.
fn resolve(folder: &Path) -> PathBuf {
    let mut missing = Vec::new();
    let mut known = folder;
    loop {
        let place = if known.as_os_str().is_empty() { Path::new(".") } else { known };
        if let Ok(real) = place.canonicalize() {
            return missing.iter().rev().fold(real, |path, name| path.join(name));
        }
        let (Some(parent), Some(name)) = (known.parent(), known.file_name()) else {
            return folder.to_owned();
        };
        missing.push(name);
        known = parent;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(
        dir: &Path,
        inputs: &Path,
        ids: &[&str],
        formats: &[Format],
    ) -> Vec<(String, Vec<String>, bool)> {
        let articles: Vec<_> = ids.iter().map(|id| (ArticleId::new(id), inputs.join(id))).collect();
        let pairs = articles.iter().map(|(id, path)| (id, path.as_path()));
        let collisions = collisions(dir, pairs, formats).expect("inside");
        let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
        let ids = |collision: &Collision| collision.articles.iter().map(ToString::to_string).collect();
        collisions.iter().map(|found| (name(&found.path), ids(found), found.input.is_some())).collect()
    }

    #[test]
    fn names_that_differ_only_in_extension_capitals_or_composition_collide() {
        let (out, input) = (Path::new("/nowhere/out"), Path::new("/nowhere/in"));
        for ids in [["a.txt", "a.md"], ["a.txt", "A.TXT"], ["ä.txt", "a\u{308}.txt"], ["x/a.txt", "X/a.md"]]
        {
            let all = found(out, input, &ids, &[Format::Tsv, Format::Tsv]);
            assert_eq!(all.len(), 1, "{ids:?}");
            assert_eq!(all[0].1, ids);
        }
        assert!(found(out, input, &["a.txt", "b.txt", "x/a.txt"], &Format::ALL).is_empty());
    }

    #[test]
    fn an_output_that_is_an_input_is_found() {
        let dir = tempfile::tempdir().expect("a folder");
        let ids = ["a.txt", "a.de.txt", "b.txt"];
        let all = found(&dir.path().join("."), dir.path(), &ids, &[Format::Lines]);
        assert_eq!(all, [("a.de.txt".to_owned(), vec!["a.txt".to_owned()], true)]);
        assert!(found(&dir.path().join("out"), dir.path(), &ids, &[Format::Lines]).is_empty());
        assert!(found(dir.path(), dir.path(), &ids, &[Format::Jsonl]).is_empty());
    }

    #[test]
    fn endings_that_run_into_each_other_are_found() {
        let ids = ["a.txt", "a.english.txt", "a.english.english.md"];
        let all = found(Path::new("/nowhere/out"), Path::new("/nowhere/in"), &ids, &[Format::Text]);
        assert!(all.is_empty(), "each has its own file: {all:?}");
        let all = found(Path::new("/nowhere"), Path::new("/nowhere"), &ids, &[Format::Text]);
        assert_eq!(all.len(), 1, "a.english.txt is an input: {all:?}");
    }
}
