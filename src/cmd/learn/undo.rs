//! What was learned last is taken back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::changed::ChangedFolder;
use super::lesson::is_current;
use super::report::Reporter;
use super::rewrite::{ArticleFiles, RewrittenFiles, Workshop, formats, rewrite};
use crate::model::{ArticleId, PairOrigin, StoredPair, Timestamp};
use crate::pipeline::Input;
use crate::report::counted;
use crate::write::{Ledger as _, Manifest, WrittenFile};

use super::super::failure::{Exit, Failure};
use super::super::offline::Offline;
use super::super::output::tell;
use super::super::project::Project;
use super::super::project_memory::{existing_memory, open_memory};
use super::super::runtime::runtime;

/// Takes back what one `wortlaut learn` learned last from the files of the output folder.
pub(super) fn undo(project: &Project, reporter: &Reporter) -> Result<Exit, Failure> {
    let settings = &project.settings;
    if existing_memory(settings)?.is_none() {
        reporter.nothing("nothing was learned yet")?;
        return Ok(Exit::Ok);
    }
    let memory = open_memory(settings)?;
    let folder = settings.translate.output.clone();
    let real = folder.canonicalize().unwrap_or_else(|_| folder.clone());
    let manifest = Arc::new(Manifest::load(&real)?);
    let listed = manifest.files().map_err(|error| Failure::new(Exit::Partial, error))?;
    let files: BTreeMap<String, WrittenFile> =
        listed.into_iter().map(|file| (file.path.clone(), file)).collect();
    let runtime = runtime()?;
    let origins =
        files.values().map(|file| PairOrigin { origin: file.path.clone(), article: file.article.clone() });
    let mut last = runtime.block_on(memory.last_learned(origins.collect()))?;
    if last.is_empty() {
        reporter.nothing("nothing was learned from these files")?;
        return Ok(Exit::Ok);
    }
    last.sort_by_key(|stored| stored.pair.place.clone());
    reporter.undone(&last)?;
    if reporter.dry_run {
        return Ok(Exit::Ok);
    }
    let offline = Offline::new(project, Arc::clone(&memory), &runtime)?;
    let workshop = Workshop { offline: &offline, memory: &memory, runtime: &runtime };
    let folder = ChangedFolder { manifest: Arc::clone(&manifest), shown: folder, files: Vec::new() };
    let mut rewritten = RewrittenFiles::default();
    let articles = articles(&last, &folder, &files, &workshop, &mut rewritten)?;
    let ids = last.iter().map(|stored| stored.id).collect();
    let count = runtime.block_on(memory.withdraw(ids, Timestamp::now()))?;
    rewrite(articles, &workshop, &mut rewritten)?;
    reporter.files(&format!("took back {}", counted(count, "correction")), &rewritten)?;
    runtime.block_on(memory.close())?;
    Ok(if rewritten.left.is_empty() { Exit::Ok } else { Exit::Partial })
}

/// The articles that pairs were made in, as far as the memory has all that was written of them.
fn articles(
    pairs: &[StoredPair],
    folder: &ChangedFolder,
    files: &BTreeMap<String, WrittenFile>,
    workshop: &Workshop<'_>,
    rewritten: &mut RewrittenFiles,
) -> Result<Vec<ArticleFiles>, Failure> {
    let ids: BTreeSet<&ArticleId> =
        pairs.iter().filter_map(|stored| stored.pair.place.as_ref()).map(|place| &place.article).collect();
    let of = |id: &ArticleId| files.values().find(|file| file.article == *id);
    let inputs = ids.iter().filter_map(|id| folder.input(of(id)?)).map(Input::File).collect();
    let made = workshop.offline.articles(inputs, workshop.runtime)?;
    let mut articles = Vec::new();
    for id in ids {
        let entry =
            of(id).filter(|entry| made.documents.get(id).is_some_and(|document| is_current(entry, document)));
        match entry.and_then(|entry| folder.input(entry)) {
            Some(input) => articles.push(ArticleFiles {
                folder: folder.shown.clone(),
                input: Input::File(input),
                formats: formats(&folder.manifest, id),
                taken: Vec::new(),
            }),
            None => drop(rewritten.waiting.insert(id.clone())),
        }
    }
    Ok(articles)
}

impl Reporter {
    /// What is taken back.
    fn undone(&self, pairs: &[StoredPair]) -> Result<(), Failure> {
        if self.quiet {
            return Ok(());
        }
        for StoredPair { id, pair, .. } in pairs {
            let place = pair.place.as_ref();
            if self.json {
                let object = serde_json::json!({
                    "article": place.map(|place| place.article.as_str()),
                    "segment": place.map(|place| place.segment),
                    "de": pair.source,
                    "taken_back": pair.target,
                    "id": id,
                });
                tell(&object.to_string())?;
            } else {
                let place = place
                    .map(|place| format!("{}, segment {}", place.article, place.segment))
                    .unwrap_or_default();
                tell(&crate::report::clean(&format!("{place}: {}", pair.target)))?;
            }
        }
        Ok(())
    }
}
