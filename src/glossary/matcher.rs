//! Finding entries in German text.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use parking_lot::Mutex;

use super::compiled::Compiled;
use super::load::{EntriesUnder, Glossary};
use super::overlaps::DisjointMatches;
use super::scope::GlossaryScope;
use super::search::{IndexSearch, PatternMatch};
use super::segment_terms::{LineId, SegmentTerms};
use super::{compound, joined};
use crate::model::{Entry, MatchKind, TermMatch};

/// How many sets of terms given for single segments or articles are kept ready. The segments of an article come one after
/// another and mostly share their terms; more articles than this are hardly planned at the same time.
const KEPT_READY: usize = 16;

/// Finds the entries of a glossary in German text, in every form they take.
///
/// Built once for a glossary; finding takes time linear in the text.
#[derive(Debug, Default)]
pub struct Matcher {
    glossary: Compiled,
    segment_terms: SegmentTerms,
    scopes: Vec<GlossaryScope>,
    /// The glossaries of articles that scopes include, by the indices of these.
    scoped: Mutex<HashMap<Vec<usize>, Arc<Compiled>>>,
    /// The terms of single segments and articles that were looked for last, made ready.
    ready: Mutex<VecDeque<(Vec<LineId>, Arc<Compiled>)>>,
}

impl Matcher {
    /// Prepares the entries of a glossary for finding.
    #[must_use]
    pub fn new(glossary: &Glossary) -> Self {
        Self {
            glossary: Compiled::new(glossary.entries().to_vec()),
            segment_terms: glossary.segment_terms.clone(),
            scopes: glossary.scopes.clone(),
            scoped: Mutex::default(),
            ready: Mutex::default(),
        }
    }

    /// Whether there is no entry at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.glossary.is_empty() && self.segment_terms.is_empty() && self.scopes.is_empty()
    }

    /// The entries in a segment of an article, with those that apply to it only, which go before others.
    #[must_use]
    pub fn find_in(&self, article: &str, segment: &str) -> Vec<TermMatch> {
        let mut found = match self.scoped(article) {
            Some(scoped) => find(&scoped, segment),
            None => self.find(segment),
        };
        let Some(own) = self.own_terms(article, segment) else { return found };
        let own = find(&own, segment);
        found
            .retain(|term| !own.iter().any(|o| o.span.start < term.span.end && term.span.start < o.span.end));
        found.extend(own);
        found.sort_by_key(|term| term.span.start);
        found
    }

    /// The entries in `text`: sorted by place, disjoint, of overlapping ones the longest.
    ///
    /// [`MatchKind::Part`] matches yield to others however long they are, since they are not enforced.
    #[must_use]
    pub fn find(&self, text: &str) -> Vec<TermMatch> {
        if self.glossary.is_empty() { Vec::new() } else { find(&self.glossary, text) }
    }

    /// Which further glossaries count for an article: articles with the same ones share all their entries, but for those of
    /// single segments.
    #[must_use]
    pub fn scopes_of(&self, article: &str) -> Vec<usize> {
        let including = self.scopes.iter().enumerate().filter(|(_, scope)| scope.includes(article));
        including.map(|(index, _)| index).collect()
    }

    /// The entries that count for articles with some further glossaries.
    #[must_use]
    pub fn entries_in(&self, scopes: &[usize]) -> Vec<Arc<Entry>> {
        let mut entries = self.glossary.entries().to_vec();
        for scope in scopes {
            let later = &self.scopes[*scope].entries;
            entries = EntriesUnder::new(&entries, later).stay;
            entries.extend(later.iter().cloned());
        }
        entries
    }

    /// The glossary for an article that scopes include, made ready; `None` if none does.
    fn scoped(&self, article: &str) -> Option<Arc<Compiled>> {
        let scopes = self.scopes_of(article);
        if scopes.is_empty() {
            return None;
        }
        if let Some(known) = self.scoped.lock().get(&scopes) {
            return Some(Arc::clone(known));
        }
        let entries = self.entries_in(&scopes);
        // Without the lock, as below.
        let compiled = Arc::new(Compiled::new(entries));
        Some(Arc::clone(self.scoped.lock().entry(scopes).or_insert(compiled)))
    }

    /// What applies to a segment only, made ready; `None` if nothing does.
    fn own_terms(&self, article: &str, segment: &str) -> Option<Arc<Compiled>> {
        let lines = self.segment_terms.lines(article, segment);
        if lines.is_empty() {
            return None;
        }
        if let Some((_, compiled)) = self.ready.lock().iter().find(|(known, _)| *known == lines) {
            return Some(Arc::clone(compiled));
        }
        // Without the lock: others find meanwhile. Two may make the same ready, which changes nothing.
        let compiled = Arc::new(Compiled::new(self.segment_terms.entries(&lines)));
        let mut ready = self.ready.lock();
        ready.push_front((lines, Arc::clone(&compiled)));
        ready.truncate(KEPT_READY);
        Some(compiled)
    }
}

// What runs for each word of a text stands in several files, and so mostly in several codegen units, between which hardly
// anything is inlined that is not marked. Without `#[inline]` on what is called from here, finding takes 8% more instructions.
fn find(glossary: &Compiled, text: &str) -> Vec<TermMatch> {
    let mut search = IndexSearch::new(glossary, text);
    for token in 0..search.folded.tokens.len() {
        search.whole_words(token);
        joined::find(&mut search, token);
    }
    let (parts, whole) =
        std::mem::take(&mut search.found).into_iter().partition(|c| c.kind == MatchKind::Part);
    let mut taken = DisjointMatches::new(glossary, text);
    taken.add(whole);
    search.found = parts;
    for token in 0..search.folded.tokens.len() {
        // What would stand inside a longer match is not looked for.
        if taken.is_free(&search.folded.tokens[token].span) {
            compound::find(&mut search, token);
        }
    }
    taken.add(search.found);
    let term = |PatternMatch { span, pattern, kind }| TermMatch {
        entry: Arc::clone(glossary.entry(pattern)),
        span,
        kind,
    };
    taken.in_order().into_iter().map(term).collect()
}
