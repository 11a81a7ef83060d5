//! Finding entries in German text.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::Glossary;
use super::folding::{Folded, Gap, fold, is_apostrophe, is_hyphen};
use super::index::{PatternIndex, Posting};
use super::inflection::{self, WordClass};
use super::overlaps::{Occurrence, Placed};
use super::pattern::{Capitals, Demand, Joint, Pattern, WordPattern, patterns};
use super::segment_terms::Local;
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
    /// The folded forms that each entry says are not it.
    avoided: Vec<Vec<Vec<u8>>>,
    /// Whether there are any for the entry of each pattern.
    guarded: Vec<bool>,
    pub(super) index: PatternIndex,
    local: Local,
}

/// A text under search.
pub(super) struct Search<'a> {
    pub(super) matcher: &'a Matcher,
    pub(super) text: &'a str,
    pub(super) folded: Folded,
    /// The words of the glossary that the tokens are forms of, one token after another.
    words: Vec<u32>,
    /// Where the words of each token start, and the end of all.
    starts: Vec<usize>,
    /// The nodes of the pattern tree that are still to be gone on from, each with the token that follows.
    open: Vec<(u32, usize)>,
    pub(super) found: Vec<Occurrence>,
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
        let index = PatternIndex::new(&all);
        let avoided: Vec<_> = entries.iter().map(|entry| avoided(entry)).collect();
        let guarded = owners.iter().map(|owner: &u32| !avoided[*owner as usize].is_empty()).collect();
        Self { entries, patterns: all, owners, avoided, guarded, index, local: Local::default() }
    }

    /// Whether there is no entry at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.local.is_empty()
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
        let mut search = Search::new(self, text);
        for token in 0..search.folded.tokens.len() {
            search.whole_words(token);
            joined::find(&mut search, token);
        }
        let (parts, whole) =
            std::mem::take(&mut search.found).into_iter().partition(|c| c.kind == MatchKind::Part);
        let mut placed = Placed::new(text);
        self.place(text, whole, &mut placed);
        search.found = parts;
        for token in 0..search.folded.tokens.len() {
            // What would stand inside a longer match is not looked for.
            if placed.is_free(&search.folded.tokens[token].span) {
                compound::find(&mut search, token);
            }
        }
        self.place(text, search.found, &mut placed);
        let term = |c: Occurrence| TermMatch {
            entry: Arc::clone(self.entry(c.pattern)),
            span: c.span,
            kind: c.kind,
        };
        placed.in_order().into_iter().map(term).collect()
    }

    pub(super) fn entry(&self, pattern: u32) -> &Arc<Entry> {
        &self.entries[self.owners[pattern as usize] as usize]
    }
}

/// The folded forms that an entry says are not it.
fn avoided(entry: &Entry) -> Vec<Vec<u8>> {
    // The term left as it was is a rendering to avoid and still the term to be found.
    let wanted: Vec<_> = match entry.avoid[..] {
        [] => return Vec::new(),
        [..] => std::iter::once(&entry.source).chain(&entry.forms).map(|form| fold(form)).collect(),
    };
    entry.avoid.iter().map(|form| fold(form)).filter(|form| !wanted.contains(form)).collect()
}

impl<'a> Search<'a> {
    fn new(matcher: &'a Matcher, text: &'a str) -> Self {
        let folded = Folded::new(text, inflection::is_conjunction);
        let starts = Vec::with_capacity(folded.tokens.len() + 1);
        let mut this =
            Self { matcher, text, folded, words: Vec::new(), starts, open: Vec::new(), found: Vec::new() };
        for token in 0..this.folded.tokens.len() {
            this.starts.push(this.words.len());
            for spelling in matcher.index.words_of(this.folded.word(token)) {
                if !spelling.hyphened || this.before_hyphen(token) {
                    this.words.push(spelling.word);
                }
            }
        }
        this.starts.push(this.words.len());
        this
    }

    /// Looks for patterns whose first word is the token.
    fn whole_words(&mut self, token: usize) {
        let index = &self.matcher.index;
        for at in self.starts[token]..self.starts[token + 1] {
            self.open.push((self.words[at], token + 1));
        }
        while let Some((node, next)) = self.open.pop() {
            for posting in index.patterns(node) {
                self.verify(token..next, *posting);
            }
            if index.goes_on(node) && next + 1 < self.starts.len() {
                let words = &self.words[self.starts[next]..self.starts[next + 1]];
                let nodes = words.iter().filter_map(|word| index.next(node, *word));
                self.open.extend(nodes.map(|node| (node, next + 1)));
            }
        }
    }

    /// Proves a pattern whose words the tokens are: its capitals, the gaps, the ending.
    fn verify(&mut self, tokens: Range<usize>, posting: Posting) {
        let last = tokens.end - 1;
        match posting.demand {
            // A name may be asked for more of a word that ends so before a hyphen.
            Demand::Capitals(capitals)
                if !(self.folded.word(last).ends_with(b"s") && self.before_hyphen(last)) =>
            {
                if self.apart(&tokens) && self.have_capitals(&tokens, capitals) {
                    let bounds = &self.folded.tokens;
                    let span = bounds[tokens.start].span.start..bounds[last].span.end;
                    self.accept_span(tokens, span, posting.pattern, true);
                }
            }
            _ => {
                if self.fits(&tokens, &self.matcher.patterns[posting.pattern as usize]) {
                    self.accept(tokens, posting.pattern);
                }
            }
        }
    }

    /// Whether spaces or hyphens stand between tokens.
    fn apart(&self, tokens: &Range<usize>) -> bool {
        let gap = |token| self.folded.gap(self.text, token);
        (tokens.start..tokens.end - 1).all(|token| matches!(gap(token), Some(Gap::Space | Gap::Hyphen)))
    }

    /// Whether the tokens whose bit is set begin with a capital, save inside a hyphen compound.
    fn have_capitals(&self, tokens: &Range<usize>, bits: u16) -> bool {
        let fits = |token| {
            self.capitals_fit(token, &Capitals::Initial) || (token > tokens.start && self.after_hyphen(token))
        };
        tokens.clone().enumerate().all(|(at, token)| bits >> at & 1 == 0 || fits(token))
    }

    /// Whether tokens that are the words of a pattern fit it in the rest.
    fn fits(&self, tokens: &Range<usize>, pattern: &Pattern) -> bool {
        let Pattern { words, joints, .. } = pattern;
        let first = tokens.start;
        let capitals = |(i, word): (usize, &WordPattern)| {
            self.capitals_fit(first + i, &word.capitals) || (i > 0 && self.after_hyphen(first + i))
        };
        let gap_fits = |(i, joint): (usize, &Joint)| {
            self.folded.gap(self.text, first + i).is_some_and(|gap| joint.fits(gap))
        };
        words.last().is_some_and(|word| self.ending_fits(tokens.end - 1, word))
            && words.iter().enumerate().all(capitals)
            && joints.iter().enumerate().all(gap_fits)
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
        self.text[end..].chars().find(|c| !super::folding::is_invisible(*c)).is_some_and(is_hyphen)
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
        let Some(span) = with_marks(self.text, first.span.start..last.span.end, found) else { return };
        self.accept_span(tokens, span, pattern, found.behind.is_empty());
    }

    /// Takes tokens whose place in the text is known; an apostrophe and `s` may belong to it if it is open.
    fn accept_span(&mut self, tokens: Range<usize>, mut span: Range<usize>, pattern: u32, open: bool) {
        let Some(possessive) = self.apostrophe(tokens.end - 1) else { return };
        if open {
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
        self.found.push(Occurrence { span, pattern, kind });
    }

    /// How an entry sits in the half of an elided compound that ends at a token: in `Raketen- und Bombenlager`
    /// as a part, in `Merkel- und Schröder-Jahre` as in a hyphen compound.
    fn elision(&self, token: usize) -> Option<MatchKind> {
        let Some(Gap::Other(between)) = self.folded.gap(self.text, token) else { return None };
        let elided = between.starts_with(is_hyphen) && between.ends_with(char::is_whitespace);
        let conjunction =
            std::str::from_utf8(self.folded.word(token + 1)).is_ok_and(inflection::is_conjunction);
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
        let surface = || fold(self.text.get(span.clone()).unwrap_or_default());
        let owner = || self.matcher.owners[pattern as usize] as usize;
        self.matcher.guarded[pattern as usize] && self.matcher.avoided[owner()].contains(&surface())
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
