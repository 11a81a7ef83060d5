//! Finding entries in German text.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use super::Glossary;
use super::fold::{Folded, Gap, fold, is_apostrophe, is_hyphen};
use super::index::{Index, Posting, Prefix};
use super::local::Local;
use super::morph::{self, WordClass};
use super::pattern::{Capitals, Joint, Pattern, WordPattern, patterns};
use super::{compound, joined};
use crate::model::{Entry, MatchKind, TermMatch};

/// Finds the entries of a glossary in German text, in every form they take.
///
/// Built once for a glossary; finding needs no lock and takes time linear in the text.
#[derive(Debug, Default)]
pub struct Matcher {
    pub(super) entries: Vec<Arc<Entry>>,
    pub(super) patterns: Vec<Pattern>,
    /// The entry of each pattern.
    pub(super) owners: Vec<u32>,
    index: Index,
    /// The patterns of one word only, which may stand inside other words.
    pub(super) single: Index,
    local: Local,
}

/// A place where an entry may be meant, before longer ones have pushed out shorter ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) span: Range<usize>,
    pub(super) pattern: u32,
    pub(super) kind: MatchKind,
}

/// A text under search.
pub(super) struct Search<'a> {
    pub(super) matcher: &'a Matcher,
    pub(super) text: &'a str,
    pub(super) folded: Folded,
    pub(super) found: Vec<Candidate>,
}

impl Matcher {
    /// Prepares the entries of a glossary for finding.
    #[must_use]
    pub fn new(glossary: &Glossary) -> Self {
        let local = glossary.local.clone();
        Self { local, ..Self::of(glossary.entries().to_vec()) }
    }

    fn of(entries: Vec<Arc<Entry>>) -> Self {
        let mut all = Vec::with_capacity(entries.len() * 2);
        let mut owners = Vec::with_capacity(entries.len() * 2);
        // Of entries that are found in the same places the first one is taken, so the others need not be looked for.
        let mut known = HashSet::with_capacity(entries.len());
        for (owner, entry) in (0_u32..).zip(&entries) {
            if !known.insert((&entry.source, entry.case, entry.kind, &entry.forms, &entry.avoid)) {
                continue;
            }
            let own = patterns(entry);
            owners.extend(std::iter::repeat_n(owner, own.len()));
            all.extend(own);
        }
        let index = Index::new(&all, |_| true);
        let single = Index::new(&all, |pattern| pattern.words.len() == 1);
        Self { entries, patterns: all, owners, index, single, local: Local::default() }
    }

    /// The entries in a segment of an article, with those that apply to it only, which go before others.
    #[must_use]
    pub fn find_in(&self, article: &str, segment: &str) -> Vec<TermMatch> {
        let mut found = self.find(segment);
        if self.local.is_empty() {
            return found;
        }
        let own = Self::of(self.local.entries(article, segment)).find(segment);
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
        let mut search = Search {
            matcher: self,
            text,
            folded: Folded::new(text, morph::is_conjunction),
            found: Vec::new(),
        };
        for token in 0..search.folded.tokens.len() {
            search.whole_words(token);
            joined::find(&mut search, token);
        }
        let (parts, whole) =
            std::mem::take(&mut search.found).into_iter().partition(|c| c.kind == MatchKind::Part);
        let mut taken = BTreeMap::new();
        self.place(text, whole, &mut taken);
        search.found = parts;
        for token in 0..search.folded.tokens.len() {
            // What would stand inside a longer match is not looked for.
            if is_free(&taken, &search.folded.tokens[token].span) {
                compound::find(&mut search, token);
            }
        }
        self.place(text, search.found, &mut taken);
        let term =
            |c: Candidate| TermMatch { entry: Arc::clone(self.entry(c.pattern)), span: c.span, kind: c.kind };
        taken.into_values().map(term).collect()
    }

    /// Puts candidates beside those that are taken already, the best first, and drops what overlaps.
    fn place(&self, text: &str, mut found: Vec<Candidate>, taken: &mut BTreeMap<usize, Candidate>) {
        let rank = |c: &Candidate| {
            let entry = self.entry(c.pattern);
            let exact = text.get(c.span.clone()).is_some_and(|s| s.starts_with(&*entry.source));
            (std::cmp::Reverse(c.span.len()), !exact, c.pattern, c.span.start)
        };
        found.sort_by_cached_key(rank);
        for candidate in found {
            if is_free(taken, &candidate.span) {
                taken.insert(candidate.span.start, candidate);
            }
        }
    }

    pub(super) fn entry(&self, pattern: u32) -> &Arc<Entry> {
        &self.entries[self.owners[pattern as usize] as usize]
    }
}

/// Whether no candidate is taken at a place.
fn is_free(taken: &BTreeMap<usize, Candidate>, span: &Range<usize>) -> bool {
    let before = taken.range(..span.end).next_back();
    before.is_none_or(|(_, other)| other.span.end <= span.start)
}

impl Search<'_> {
    /// Looks for patterns whose rarest word is the token.
    fn whole_words(&mut self, token: usize) {
        let matcher = self.matcher;
        let length = self.folded.word(token).len();
        let from = length.saturating_sub(morph::longest_ending());
        let upto = length.min(matcher.index.longest());
        let mut prefix = Prefix::EMPTY;
        for at in 0..upto {
            prefix = prefix.then(self.folded.word(token)[at]);
            if !matcher.index.goes_on(prefix, at + 1) {
                break;
            }
            if at + 1 < from {
                continue;
            }
            for posting in matcher.index.get(prefix) {
                if !self.beside_fits(token, *posting) {
                    continue;
                }
                self.verify(token, *posting, at + 1);
            }
        }
    }

    /// Whether the words beside a token begin as those of a pattern do.
    fn beside_fits(&self, token: usize, posting: Posting) -> bool {
        let letter = |at: Option<usize>| at.and_then(|at| self.folded.word(at).first().copied());
        let [before, behind] = posting.beside;
        (before.is_none() || before == letter(token.checked_sub(1)))
            && (behind.is_none() || behind == letter(Some(token + 1)))
    }

    /// Proves one posting: the anchor's letters and ending, its capitals, the words and gaps around it.
    fn verify(&mut self, token: usize, posting: Posting, stem_length: usize) {
        let matcher = self.matcher;
        let pattern = &matcher.patterns[posting.pattern as usize];
        let anchor = usize::from(posting.word);
        let stem = &pattern.words[anchor].stems[usize::from(posting.stem)];
        if stem.letters.len() != stem_length || !self.folded.word(token).starts_with(stem.letters.as_bytes())
        {
            return;
        }
        let Some(first) = token.checked_sub(anchor) else { return };
        let last = first + pattern.words.len() - 1;
        if last >= self.folded.tokens.len() {
            return;
        }
        let words = self.is_form(token, &pattern.words[anchor], anchor > 0)
            && pattern
                .words
                .iter()
                .enumerate()
                .all(|(i, w)| i == anchor || self.is_form(first + i, w, i > 0));
        let gap_fits = |(i, joint): (usize, &Joint)| {
            self.folded.gap(self.text, first + i).is_some_and(|gap| joint.fits(gap))
        };
        if words
            && pattern.joints.iter().enumerate().all(gap_fits)
            && self.ending_fits(last, &pattern.words[last - first])
        {
            self.accept(first..last + 1, posting.pattern);
        }
    }

    /// Whether a token is a form of a word, capitals included.
    fn is_form(&self, token: usize, word: &WordPattern, inside: bool) -> bool {
        let letters = self.folded.word(token);
        let inflected = word.stems.iter().any(|stem| {
            letters.strip_prefix(stem.letters.as_bytes()).is_some_and(|rest| {
                stem.endings.iter().any(|e| e.as_bytes() == rest)
                    || (rest == b"s" && word.class == WordClass::Noun && self.before_hyphen(token))
            })
        });
        inflected
            && (*letters == *word.word.as_bytes()
                || !std::str::from_utf8(letters).is_ok_and(|form| morph::is_other_word(&word.word, form)))
            && (self.capitals_fit(token, &word.capitals) || (inside && self.after_hyphen(token)))
    }

    /// Names take no ending as the first member of a compound: `Dumas-Roman` is not about the Duma.
    fn ending_fits(&self, token: usize, word: &WordPattern) -> bool {
        word.class != WordClass::Name
            || self.folded.word(token) == word.word.as_bytes()
            || !self.folded.word(token).ends_with(b"s")
            || !(self.before_hyphen(token) && self.folded.gap(self.text, token) == Some(Gap::Hyphen))
    }

    fn capitals_fit(&self, token: usize, capitals: &Capitals) -> bool {
        let Some(token) = self.folded.tokens.get(token) else { return false };
        self.spelling_fits(token.span.clone(), capitals)
    }

    /// Whether the capitals of a stretch of text are as a pattern asks, or it is all capitals.
    pub(super) fn spelling_fits(&self, span: Range<usize>, capitals: &Capitals) -> bool {
        let surface = self.text.get(span.clone()).unwrap_or_default();
        let first_upper = surface.chars().next().is_some_and(char::is_uppercase);
        let fits = match capitals {
            Capitals::Any => true,
            Capitals::Initial => first_upper,
            Capitals::Lower => !first_upper || self.starts_sentence(span.start),
            Capitals::Exact(shape) => shape_fits(shape, surface),
        };
        fits || is_all_capitals(surface)
    }

    /// Whether a sentence starts at a byte: at the start of the text, or after its end mark.
    fn starts_sentence(&self, at: usize) -> bool {
        let before =
            self.text[..at].trim_end_matches(|c: char| c.is_whitespace() || "„“\"»«(‚‘'".contains(c));
        before.is_empty() || before.ends_with(['.', '!', '?', ':', '…'])
    }

    fn before_hyphen(&self, token: usize) -> bool {
        let end = self.folded.tokens.get(token).map_or(0, |t| t.span.end);
        self.text[end..].chars().find(|c| !super::fold::is_invisible(*c)).is_some_and(is_hyphen)
    }

    fn after_hyphen(&self, token: usize) -> bool {
        token.checked_sub(1).is_some_and(|before| self.folded.gap(self.text, before) == Some(Gap::Hyphen))
    }

    /// Takes the tokens of a proven pattern as a candidate, unless what stands around them forbids it.
    pub(super) fn accept(&mut self, tokens: Range<usize>, pattern: u32) {
        let (Some(first), Some(last)) =
            (self.folded.tokens.get(tokens.start), self.folded.tokens.get(tokens.end - 1))
        else {
            return;
        };
        let found = &self.matcher.patterns[pattern as usize];
        let Some(mut span) = with_marks(self.text, first.span.start..last.span.end, found) else { return };
        let Some(possessive) = self.apostrophe(tokens.end - 1) else { return };
        if found.behind.is_empty() {
            span.end += possessive;
        }
        if is_address(self.text, &span) || self.is_avoided(&span, pattern) {
            return;
        }
        let hyphened = self.after_hyphen(tokens.start)
            || (possessive == 0 && self.folded.gap(self.text, tokens.end - 1) == Some(Gap::Hyphen));
        let kind = match self.elision(tokens.end - 1) {
            Some(kind) => kind,
            None if hyphened => MatchKind::Compound,
            None => MatchKind::Word,
        };
        self.found.push(Candidate { span, pattern, kind });
    }

    /// How an entry sits in the half of an elided compound that ends at a token: in `Raketen- und Bombenlager`
    /// as a part, in `Merkel- und Schröder-Jahre` as in a hyphen compound.
    fn elision(&self, token: usize) -> Option<MatchKind> {
        let Some(Gap::Other(between)) = self.folded.gap(self.text, token) else { return None };
        let elided = between.starts_with(is_hyphen) && between.ends_with(char::is_whitespace);
        let conjunction = std::str::from_utf8(self.folded.word(token + 1)).is_ok_and(morph::is_conjunction);
        let hyphened = self.folded.gap(self.text, token + 2) == Some(Gap::Hyphen);
        (elided && conjunction).then_some(if hyphened { MatchKind::Compound } else { MatchKind::Part })
    }

    /// The bytes of an apostrophe and `s` behind a token; `None` if other letters follow the apostrophe.
    fn apostrophe(&self, token: usize) -> Option<usize> {
        if self.folded.gap(self.text, token) != Some(Gap::Apostrophe) {
            return Some(0);
        }
        let end = self.folded.tokens.get(token)?.span.end;
        let next = self.folded.tokens.get(token + 1)?;
        (self.folded.word(token + 1) == b"s").then(|| next.span.end - end)
    }

    /// Whether the entry names the surface among the forms that are not it.
    pub(super) fn is_avoided(&self, span: &Range<usize>, pattern: u32) -> bool {
        let entry = self.matcher.entry(pattern);
        if entry.avoid.is_empty() {
            return false;
        }
        let surface = fold(self.text.get(span.clone()).unwrap_or_default());
        let is_surface = |form: &String| fold(form) == surface;
        // The term left as it was is a rendering to avoid and still the term to be found.
        let wanted = || std::iter::once(&entry.source).chain(&entry.forms).any(is_surface);
        entry.avoid.iter().any(is_surface) && !wanted()
    }
}

/// Widens a span by the characters that the spelling has before and behind its words.
fn with_marks(text: &str, span: Range<usize>, pattern: &Pattern) -> Option<Range<usize>> {
    let start = text[..span.start].strip_suffix(&*pattern.before)?.len();
    let rest = text[span.end..].strip_prefix(&*pattern.behind)?;
    Some(start..text.len() - rest.len())
}

/// Whether a span is a piece of a mail address, a file name or a web address.
fn is_address(text: &str, span: &Range<usize>) -> bool {
    let before = text[..span.start].chars().next_back();
    let mut behind = text[span.end..].chars();
    let next = behind.next();
    matches!(before, Some('_' | '@'))
        || matches!(next, Some('_' | '@'))
        || (next == Some('.') && behind.next().is_some_and(char::is_lowercase))
}

/// Whether the letters begin with those of `shape`; what follows may be an ending.
fn shape_fits(shape: &str, surface: &str) -> bool {
    let mut own = surface.chars().filter(|c| c.is_alphanumeric());
    let letters = shape.chars().filter(|c| c.is_alphanumeric());
    // A first lower-case letter may be a capital at the start of a sentence (iPhone, IPhone).
    letters.enumerate().all(|(at, s)| {
        own.next().is_some_and(|c| c == s || (at == 0 && s.is_lowercase() && s.to_uppercase().eq([c])))
    })
}

/// Whether a word of two letters or more is written in capitals.
fn is_all_capitals(surface: &str) -> bool {
    let mut letters = surface.chars().filter(|c| c.is_alphabetic() && !is_apostrophe(*c));
    let count = letters.clone().take(2).count();
    count == 2 && letters.all(|c| !c.is_lowercase() || c == 'ß')
}
