//! Glossaries at `DeepL` (`/v3/glossaries`), kept in step with that of the project.
//!
//! A glossary is named after its content, so that one that is there already is used as it is, from whatever machine it
//! came. One whose content changed is made anew before the old one is deleted: at no moment is there none.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};
use parking_lot::RwLock;
use reqwest::Method;
use serde_json::{Value, json};
use tracing::{debug, info};

use crate::engine::error::EngineError;
use crate::engine::http::{Endpoint, encode};
use crate::engine::lenient;
use crate::engine::server::Server;
use crate::engine::upkeep::TermSets;
use crate::model::{Batch, Request, TermHint};

/// Begins the names of glossaries that are ours; what somebody made by hand is never deleted.
const PREFIX: &str = "wortlaut";
/// Bytes of a dictionary, by the documentation.
const DICTIONARY: usize = 10 << 20;
/// Characters of a hash in a name: 16 of them are enough to tell a handful of glossaries apart.
const HASH: usize = 16;

/// The glossaries of one engine.
pub(super) struct Glossaries {
    /// `…/v3/glossaries`.
    server: Server,
    ready: RwLock<Vec<Arc<ReadyGlossary>>>,
}

/// A glossary that `DeepL` has.
struct ReadyGlossary {
    id: String,
    entries: BTreeMap<String, String>,
    /// Finds the German of its entries in a text.
    forms: AhoCorasick,
}

/// A glossary that `DeepL` is to have.
struct WantedGlossary {
    name: String,
    entries: BTreeMap<String, String>,
}

/// A glossary in the list of `DeepL`.
struct ListedGlossary {
    id: String,
    name: String,
}

impl Glossaries {
    pub(super) fn new(server: Server) -> Self {
        Self { server, ready: RwLock::default() }
    }

    /// Makes what is missing of some sets of terms, and deletes what an earlier state of them left.
    pub(super) async fn keep(&self, endpoint: &Endpoint, terms: &TermSets) -> Result<(), EngineError> {
        let wanted: Vec<WantedGlossary> =
            terms.sets.iter().filter_map(|set| WantedGlossary::new(&terms.owner, set)).collect();
        let listed = self.list(endpoint).await?;
        let mut ready = Vec::new();
        for wanted in &wanted {
            let known =
                listed.iter().find(|listed| listed.name == wanted.name).map(|listed| listed.id.clone());
            let id = match known {
                Some(id) => id,
                None => self.create(endpoint, wanted).await?,
            };
            debug!(name = wanted.name, entries = wanted.entries.len(), "the glossary is ready");
            ready.push(Arc::new(ReadyGlossary::new(id, wanted.entries.clone())?));
        }
        *self.ready.write() = ready;
        let ids: Vec<String> = self.ready.read().iter().map(|glossary| glossary.id.clone()).collect();
        // A second one of the same name is left by an answer that was lost on its way.
        let is_old =
            |listed: &&ListedGlossary| is_of(&listed.name, &terms.owner) && !ids.contains(&listed.id);
        for old in listed.iter().filter(is_old) {
            self.delete(endpoint, old).await?;
        }
        Ok(())
    }

    /// Deletes all glossaries of a project, or of all projects; gives back their names.
    pub(super) async fn clean(
        &self,
        endpoint: &Endpoint,
        owner: Option<&str>,
    ) -> Result<Vec<String>, EngineError> {
        let is_ours = |listed: &ListedGlossary| match owner {
            Some(owner) => is_of(&listed.name, owner),
            None => listed.name.split(' ').next() == Some(PREFIX),
        };
        let mut gone = Vec::new();
        for listed in self.list(endpoint).await?.into_iter().filter(is_ours) {
            self.delete(endpoint, &listed).await?;
            gone.push(listed.name);
        }
        Ok(gone)
    }

    /// The id of a glossary that says of all texts of a batch what the project's says of them; `None` if there is none, as
    /// in a batch of articles with terms of their own. Their terms are made to hold afterwards.
    pub(super) fn of(&self, batch: &Batch) -> Option<String> {
        if batch.requests.iter().all(|request| request.terms.is_empty()) {
            return None;
        }
        let ready = self.ready.read();
        let fits =
            |glossary: &&Arc<ReadyGlossary>| batch.requests.iter().all(|request| glossary.fits(request));
        ready.iter().find(fits).map(|glossary| glossary.id.clone())
    }

    /// Uses a glossary no more.
    pub(super) fn forget(&self, id: &str) {
        self.ready.write().retain(|glossary| glossary.id != id);
    }

    async fn list(&self, endpoint: &Endpoint) -> Result<Vec<ListedGlossary>, EngineError> {
        let reply = endpoint.ask(Method::GET, &self.server, None).await?;
        let items = reply
            .get("glossaries")
            .and_then(Value::as_array)
            .ok_or_else(|| EngineError::unreadable("it lists no glossaries"))?;
        let listed = |item: &Value| ListedGlossary {
            id: lenient::text(item, "glossary_id"),
            name: lenient::text(item, "name"),
        };
        Ok(items.iter().map(listed).collect())
    }

    async fn create(&self, endpoint: &Endpoint, wanted: &WantedGlossary) -> Result<String, EngineError> {
        let body = encode(&json!({
            "name": wanted.name,
            "dictionaries": [{
                "source_lang": "de",
                // Glossaries have no American or British English.
                "target_lang": "en",
                "entries": wanted.tsv(),
                "entries_format": "tsv",
            }],
        }))?;
        let reply = endpoint.ask(Method::POST, &self.server, Some(body)).await?;
        let id = lenient::text(&reply, "glossary_id");
        if id.is_empty() {
            return Err(EngineError::unreadable("it names no glossary"));
        }
        info!(name = wanted.name, entries = wanted.entries.len(), "made a glossary");
        Ok(id)
    }

    async fn delete(&self, endpoint: &Endpoint, glossary: &ListedGlossary) -> Result<(), EngineError> {
        let server = self.server.endpoint(&[&glossary.id]);
        endpoint.ask(Method::DELETE, &server, None).await?;
        info!(name = glossary.name, "deleted a glossary");
        Ok(())
    }
}

impl WantedGlossary {
    /// The glossary for a set of terms; `None` if there are none. What `DeepL` refuses in a dictionary is left out, and so is
    /// what would make it too large: those terms are made to hold afterwards.
    fn new(owner: &str, set: &BTreeSet<TermHint>) -> Option<Self> {
        let mut entries = BTreeMap::new();
        let mut size = 0;
        for TermHint { source, target } in set {
            let is_plain = |text: &str| !text.trim().is_empty() && !text.contains(['\t', '\n', '\r']);
            size += source.len() + target.len() + 2;
            if is_plain(source) && is_plain(target) && size <= DICTIONARY {
                entries.entry(source.trim().to_owned()).or_insert_with(|| target.trim().to_owned());
            }
        }
        if entries.is_empty() {
            return None;
        }
        let mut wanted = Self { name: String::new(), entries };
        let hash = blake3::hash(wanted.tsv().as_bytes()).to_hex();
        wanted.name = format!("{PREFIX} {owner} {}", &hash[..HASH]);
        Some(wanted)
    }

    fn tsv(&self) -> String {
        let lines: Vec<String> =
            self.entries.iter().map(|(source, target)| format!("{source}\t{target}\n")).collect();
        lines.concat()
    }
}

impl ReadyGlossary {
    fn new(id: String, entries: BTreeMap<String, String>) -> Result<Self, EngineError> {
        let forms = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(entries.keys());
        let forms = forms.map_err(|error| EngineError::broken("the glossary is too large", error))?;
        Ok(Self { id, entries, forms })
    }

    /// Whether it has the terms of a text, and nothing else for any word of it.
    fn fits(&self, request: &Request) -> bool {
        let has = |term: &TermHint| self.entries.get(&term.source) == Some(&term.target);
        if !request.terms.iter().all(has) {
            return false;
        }
        let text = &request.text;
        let is_word = |span: &aho_corasick::Span| {
            let before = text[..span.start].chars().next_back();
            let after = text[span.end..].chars().next();
            ![before, after].into_iter().flatten().any(char::is_alphanumeric)
        };
        let found = self.forms.find_iter(text).map(|found| found.span()).filter(is_word);
        let mut found = found.map(|span| &text[span.range()]);
        found.all(|form| request.terms.iter().any(|term| term.source.contains(form)))
    }
}

/// Whether a glossary of this name was made for a project.
fn is_of(name: &str, owner: &str) -> bool {
    let mut parts = name.split(' ');
    parts.next() == Some(PREFIX) && parts.next() == Some(owner)
}
