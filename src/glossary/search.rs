//! A text under search: its words, and the whole words that are entries.

use std::ops::Range;

use super::compiled::Compiled;
use super::folding::{Folded, Gap};
use super::gender;
use super::index::{Posting, Spelling};
use super::inflection::{self, WordClass};
use super::pattern::{Capitals, Demand, Joint, Pattern, WordPattern};
use crate::model::MatchKind;
use crate::text::characters::{is_apostrophe, is_hyphen, is_invisible_in_word};

/// A place where an entry may be meant, before longer ones have pushed out shorter ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PatternMatch {
    pub(super) span: Range<usize>,
    pub(super) pattern: u32,
    pub(super) kind: MatchKind,
}

/// A text under search.
pub(super) struct IndexSearch<'a> {
    pub(super) glossary: &'a Compiled,
    pub(super) text: &'a str,
    pub(super) folded: Folded,
    /// The words of the glossary that the tokens are forms of, one token after another.
    words: Vec<u32>,
    /// Where the words of each token start, and the end of all.
    starts: Vec<usize>,
    /// The nodes of the pattern tree from which the search still goes on, each with the token that follows.
    open: Vec<(u32, usize)>,
    pub(super) found: Vec<PatternMatch>,
}

impl<'a> IndexSearch<'a> {
    #[inline]
    pub(super) fn new(glossary: &'a Compiled, text: &'a str) -> Self {
        let folded = Folded::new(text, inflection::is_conjunction);
        let starts = Vec::with_capacity(folded.tokens.len() + 1);
        let mut this =
            Self { glossary, text, folded, words: Vec::new(), starts, open: Vec::new(), found: Vec::new() };
        for token in 0..this.folded.tokens.len() {
            this.starts.push(this.words.len());
            for spelling in glossary.index.words_of(this.folded.word(token)) {
                if !spelling.hyphened || this.before_hyphen(token) {
                    this.words.push(spelling.word);
                }
            }
            if gender::may_be_gendered(text, this.folded.tokens[token].span.end) {
                this.gendered(token);
            }
        }
        this.starts.push(this.words.len());
        this
    }

    /// Adds the words that a gendered form is made of: `Kolleg:innen` of Kollege, `ÄrztInnen` of Arzt.
    fn gendered(&mut self, token: usize) {
        let index = &self.glossary.index;
        for word in gender::masculines(self.text, &self.folded, token) {
            let own = |spelling: &Spelling| {
                let own = index.word(spelling.word);
                own.letters.as_bytes() == word && matches!(own.class, WordClass::Noun | WordClass::Name)
            };
            let known = self.starts[token];
            for spelling in index.words_of(&word).filter(own) {
                if !self.words[known..].contains(&spelling.word) {
                    self.words.push(spelling.word);
                }
            }
        }
    }

    /// Looks for patterns whose first word is the token.
    #[inline]
    pub(super) fn whole_words(&mut self, token: usize) {
        let index = &self.glossary.index;
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
                last_word(self, node, token..next);
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
                if self.fits(&tokens, &self.glossary.patterns[posting.pattern as usize]) {
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

    /// Whether the tokens whose bit is set begin with a capital, except inside a hyphen compound.
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
        self.text[end..].chars().find(|c| !is_invisible_in_word(*c)).is_some_and(is_hyphen)
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
        let found = &self.glossary.patterns[pattern as usize];
        let Some(span) = with_marks(self.text, first.span.start..last.span.end, found) else { return };
        self.accept_span(tokens, span, pattern, found.behind.is_empty());
    }

    /// Takes tokens whose place in the text is known; an apostrophe and `s` may belong to it if it is open.
    fn accept_span(&mut self, tokens: Range<usize>, mut span: Range<usize>, pattern: u32, open: bool) {
        let Some(possessive) = self.apostrophe(tokens.end - 1) else { return };
        if open {
            span.end += possessive;
            span.end += gender::suffix(&self.text[span.end..]);
        }
        if is_address(self.text, &span)
            || is_inside_number(self.text, &span)
            || self.is_ruled_out(&span, pattern)
        {
            return;
        }
        let hyphened = self.after_hyphen(tokens.start)
            || (possessive == 0 && self.folded.gap(self.text, tokens.end - 1) == Some(Gap::Hyphen));
        let kind = match self.elision(tokens.end - 1) {
            Some(kind) => kind,
            None if hyphened => MatchKind::Compound,
            None => MatchKind::Word,
        };
        self.found.push(PatternMatch { span, pattern, kind });
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

    /// Whether the entry of a pattern rules out what stands at a place.
    #[inline]
    pub(super) fn is_ruled_out(&self, span: &Range<usize>, pattern: u32) -> bool {
        self.glossary.rules_out(pattern, self.text.get(span.clone()).unwrap_or_default())
    }
}

/// The most members of a hyphen compound that are read as the last word of an entry.
const LAST_MEMBERS: usize = 4;

/// Reads the last word of an entry in the members of a hyphen compound: `UN-Sicherheits-Rat`. `tokens` are the words before
/// it, which lead to `node`.
fn last_word(search: &mut IndexSearch<'_>, node: u32, tokens: Range<usize>) {
    let first = tokens.end;
    if search.folded.gap(search.text, first) != Some(Gap::Hyphen) {
        return;
    }
    let mut word = search.folded.word(first).to_vec();
    for last in first + 1..first + LAST_MEMBERS {
        if search.folded.gap(search.text, last - 1) != Some(Gap::Hyphen) {
            return;
        }
        word.extend_from_slice(search.folded.word(last));
        let index = &search.glossary.index;
        let spellings = index.words_of(&word).filter(|spelling| !spelling.hyphened);
        for node in spellings.filter_map(|spelling| index.next(node, spelling.word)) {
            for posting in index.patterns(node) {
                search.verify(tokens.start..last + 1, *posting);
            }
        }
    }
}

/// Widens a span by the characters that the spelling has before and behind its words.
fn with_marks(text: &str, span: Range<usize>, pattern: &Pattern) -> Option<Range<usize>> {
    let start = pattern.before.ending(&text[..span.start])?;
    Some(start..span.end + pattern.behind.beginning(&text[span.end..])?)
}

/// Whether a span is a piece of a mail address, a file name or a web address.
fn is_address(text: &str, span: &Range<usize>) -> bool {
    let mut before = text[..span.start].chars().rev();
    let mut behind = text[span.end..].chars();
    let (last, next) = (before.next(), behind.next());
    // An underscore that stands outside words is emphasis: `_Merkel_`.
    let joined = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    last == Some('@')
        || next == Some('@')
        || (last == Some('_') && joined(before.next()))
        || match next {
            Some('_') => joined(behind.next()),
            Some('.') => behind.next().is_some_and(char::is_lowercase),
            _ => false,
        }
}

/// Whether a span that begins or ends with a digit is a piece of a longer number: `5 %` in `1,5 %`.
fn is_inside_number(text: &str, span: &Range<usize>) -> bool {
    let bytes = text.as_bytes();
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let point = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(|b| matches!(b, b'.' | b','));
    let before = |back: usize| span.start.checked_sub(back);
    let begins = digit(Some(span.start)) && point(before(1)) && digit(before(2));
    let ends = digit(span.end.checked_sub(1)) && point(Some(span.end)) && digit(Some(span.end + 1));
    begins || ends
}

/// Whether the letters begin with those of `shape`; what follows may be an ending.
fn shape_fits(shape: &str, surface: &str) -> bool {
    let mut own = surface.chars().filter(|c| c.is_alphanumeric());
    let letters = shape.chars().filter(|c| c.is_alphanumeric());
    let spoken = is_spoken(shape);
    // A first lower-case letter may be a capital at the start of a sentence (iPhone, IPhone).
    letters.enumerate().all(|(at, s)| {
        own.next().is_some_and(|c| {
            c == s
                || (at == 0 && s.is_lowercase() && s.to_uppercase().eq([c]))
                || (at > 0 && spoken && s.to_lowercase().eq([c]))
        })
    })
}

/// Whether an acronym is spoken as a word, which the press writes as one (NATO and Nato, UNO and Uno): capitals that go from
/// consonant to vowel and back, or that begin and end with a vowel if they are but three.
fn is_spoken(shape: &str) -> bool {
    let vowels: Vec<bool> = shape.chars().map(|c| "AEIOUÄÖÜY".contains(c)).collect();
    let alternating = vowels.windows(2).filter(|pair| pair[0] != pair[1]).count() >= 2;
    shape.chars().all(char::is_uppercase)
        && alternating
        && (vowels.len() > 3 || vowels[..] == [true, false, true])
}

/// Whether a word of two letters or more is written in capitals.
fn is_all_capitals(surface: &str) -> bool {
    let mut letters = surface.chars().filter(|c| c.is_alphabetic() && !is_apostrophe(*c));
    let count = letters.clone().take(2).count();
    count == 2 && letters.all(|c| !c.is_lowercase() || c == 'ß')
}
