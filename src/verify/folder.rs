//! An output folder as a whole: its manifest, the files that it lists, and those that it does not.

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use walkdir::WalkDir;

use super::article::{self, ArticleFound};
use super::flaw::{Flaw, FlawKind};
use super::input;
use crate::model::{ArticleId, Severity};
use crate::text::counted;
use crate::write::{Ledger as _, MANIFEST, Manifest, Seal, WriteError, WrittenFile, is_own_mark};

/// What to do about outputs of an earlier version.
const RENEWS: &str = "`wortlaut translate` renews it";

/// What an output folder proves.
#[derive(Debug, Default)]
pub struct Proven {
    /// What stands in the way, by file and place.
    pub flaws: Vec<Flaw>,
    /// Files that are as they were written.
    pub files: u64,
    /// Files that were written.
    pub of_files: u64,
    /// Segments of files that are as they were written.
    pub segments: u64,
    /// Terms that stand where they are said to.
    pub terms: u64,
}

impl Proven {
    /// How many flaws have a severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> u64 {
        self.flaws.iter().filter(|flaw| flaw.severity() == severity).count() as u64
    }
}

/// Proves an output folder again.
///
/// # Errors
/// The folder cannot be listed.
pub fn verify(folder: &Path) -> io::Result<Proven> {
    let folder = folder.canonicalize()?;
    let (there, manifest) = rayon::join(|| listed(&folder), || Manifest::load(&folder));
    let manifest = match manifest {
        Ok(manifest) => manifest,
        Err(error) => return Ok(Proven { flaws: vec![unreadable(error)], ..Proven::default() }),
    };
    let Some(seal) = manifest.seal() else {
        let message = "there is none: wortlaut wrote nothing to this folder, or it was removed";
        let flaw = Flaw::new(FlawKind::Manifest, MANIFEST, message);
        let flaw = flaw.advised("name a folder that `wortlaut translate` wrote to, or run it again");
        return Ok(Proven { flaws: vec![flaw], ..Proven::default() });
    };
    let files = manifest.files()?;
    let mut articles: BTreeMap<&ArticleId, Vec<&WrittenFile>> = BTreeMap::new();
    for file in &files {
        articles.entry(&file.article).or_default().push(file);
    }
    let groups: Vec<&Vec<&WrittenFile>> = articles.values().collect();
    let found: Vec<ArticleFound> = groups
        .par_iter()
        .map(|files| {
            let mut found = article::look(&folder, &manifest, files);
            found.flaws.extend(input::look(&folder, files));
            found
        })
        .collect();
    let mut proven = Proven { of_files: files.len() as u64, ..Proven::default() };
    proven.flaws.extend(sealed(seal, &files));
    proven.flaws.extend(gaps(&found));
    for ArticleFound { flaws, files, segments, terms, .. } in found {
        proven.flaws.extend(flaws);
        proven.files += files;
        proven.segments += segments;
        proven.terms += terms;
    }
    proven.flaws.extend(foreign(&folder, &there?, &files));
    proven.flaws.sort();
    Ok(proven)
}

fn unreadable(error: WriteError) -> Flaw {
    let message = match error {
        WriteError::Manifest { source, .. } => format!("it cannot be read: {source}"),
        other => other.to_string(),
    };
    let flaw = Flaw::new(FlawKind::Manifest, MANIFEST, message);
    flaw.advised("move it away and run `wortlaut translate`, with --overwrite if it asks for that")
}

/// What the seal of the manifest says.
fn sealed(seal: Seal, files: &[WrittenFile]) -> Option<Flaw> {
    let is_old = files.iter().all(|file| file.proof.is_none());
    let message = match seal {
        _ if files.is_empty() => "it lists no file",
        Seal::Whole => return None,
        Seal::Absent if is_old => {
            let message =
                "an earlier version wrote it, so it is not proved that the manifest itself was not changed";
            return Some(Flaw::new(FlawKind::Unproved, MANIFEST, message));
        }
        Seal::Absent | Seal::Open => {
            "it has no seal at its end: a run is at work or was killed, or its end is gone"
        }
        Seal::Broken => "it was changed since wortlaut wrote it",
    };
    Some(Flaw::new(FlawKind::Manifest, MANIFEST, message))
}

/// What is not proved of articles although nothing is wrong with them.
fn gaps(found: &[ArticleFound]) -> Vec<Flaw> {
    let count = |is_it: fn(&ArticleFound) -> bool| found.iter().filter(|found| is_it(found)).count();
    let old = (count(|found| found.is_old), "of an earlier version", RENEWS);
    let bare = (count(|found| found.is_bare && !found.is_old), "without jsonl", "add jsonl to the formats");
    let gaps = [old, bare].into_iter().filter(|(count, ..)| *count > 0);
    let flaws = gaps.map(|(count, which, advice)| {
        let articles = counted(count, "article");
        let message =
            format!("{articles} {which}: that nothing was lost, and where terms stand, is not proved");
        Flaw::new(FlawKind::Unproved, MANIFEST, message).advised(advice)
    });
    flaws.collect()
}

/// The files in a folder, as seen from it, without what wortlaut keeps there for itself.
fn listed(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).min_depth(1) {
        let entry = entry.map_err(io::Error::from)?;
        let relative = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        if !(entry.file_type().is_dir() || is_own_mark(relative)) {
            files.push(relative.to_owned());
        }
    }
    Ok(files)
}

/// The files in the folder that the manifest does not list; articles among them are no outputs.
fn foreign(folder: &Path, there: &[PathBuf], files: &[WrittenFile]) -> Vec<Flaw> {
    let known: HashSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let inputs: HashSet<&str> = files.iter().filter_map(|file| file.input.as_deref()).collect();
    let inputs: HashSet<PathBuf> = inputs.into_iter().map(|input| folder.join(input)).collect();
    let foreign = there.iter().filter_map(|relative| {
        let key = relative.components().map(|part| part.as_os_str().to_string_lossy());
        let key = key.collect::<Vec<_>>().join("/");
        let is_known = known.contains(key.as_str()) || inputs.contains(&folder.join(relative));
        (!is_known).then(|| Flaw::new(FlawKind::Foreign, &key, "wortlaut did not write it"))
    });
    foreign.collect()
}
