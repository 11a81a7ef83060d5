//! Finds the places where a sentence may end, and what stands around each of them.

use memchr::{memchr3, memmem};

use super::lists::LISTS;
use super::notes;
use super::quotes::{
    closes_bracket, is_lead, is_mark, is_pictograph, is_quote, is_word_sign, only_closes, only_opens,
    opens_bracket,
};

/// How far a candidate looks back for the two words before it, and ahead for the word after it, in bytes.
/// German words in news stay below it; the limit keeps hostile input linear.
const REACH: usize = 96;

/// How many characters behind a word are looked at for another one.
const NEAR: usize = 8;

const ELLIPSIS: &str = "…";

/// What kind of mark may end the sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Stop,
    /// A full stop with a footnote mark behind it.
    NotedStop,
    /// Two or more full stops, or the ellipsis character.
    Ellipsis,
    /// A run with a question or exclamation mark in it.
    Strong,
}

/// What the first character after the candidate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Lower,
    /// The small letter of the last word of all: a lone `dpa` at the end of a report opens no sentence.
    LowerLast,
    /// An upper-case letter, or a letter of a script without case.
    Upper,
    Digit,
    /// A sign that stands for a word: `§`, `#`, `€`.
    Sign,
    /// Nothing that could begin a sentence.
    Other,
}

/// A place where a sentence may end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BoundaryCandidate<'a> {
    /// Where the mark begins.
    pub(super) at: usize,
    /// Where the sentence would end: after the mark and everything that closes with it.
    pub(super) end: usize,
    /// Where the next sentence would begin: at its opening quote, if it has one.
    pub(super) resume: usize,
    /// The kind of mark.
    pub(super) mark: Mark,
    /// The word the mark stands at, without opening quotes and brackets; empty after a closing quote and an address.
    pub(super) word: &'a str,
    /// Whether the word is the first of its sentence.
    pub(super) first: bool,
    /// The word before [`Self::word`], with its punctuation.
    pub(super) prior: &'a str,
    /// Whether a quote opens directly before the word.
    pub(super) quoted: bool,
    /// What closes at the mark.
    pub(super) closers: Closers,
    /// Where a bracket that closes at the mark seems to open.
    pub(super) bracket: Bracket,
    /// Whether a quote or bracket opens the next word.
    pub(super) opens: bool,
    /// The next word, up to its first character that is not a letter, digit or hyphen.
    pub(super) next_word: &'a str,
    /// What the next word begins with.
    pub(super) next: Next,
}

/// Walks over the candidates of a text.
pub(super) struct CandidateScan<'a> {
    text: &'a str,
    position: usize,
    /// The next ellipsis character at or after `position`; the end of the text if there is none.
    ellipsis: usize,
}

/// Closing quotes and brackets beside a mark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Closers {
    /// A quote closes before or after the mark.
    pub(super) quote: bool,
    /// A bracket closes after the mark.
    pub(super) bracket: bool,
    /// Something closes after the mark and another mark comes after that: `usw.).`, `was?“.`
    pub(super) marked: bool,
}

/// Where a bracket seems to open, as far as the words nearby show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bracket {
    /// The sentence begins with it.
    Sentence,
    /// It opens before the word at the mark, or before the word before that.
    Word,
    /// Farther away, or nowhere.
    Elsewhere,
}

/// A run of marks and what closes with it.
struct Tail {
    mark: Mark,
    end: usize,
    closers: Closers,
}

impl<'a> CandidateScan<'a> {
    /// A scan from the beginning of `text`.
    pub(super) fn new(text: &'a str) -> Self {
        let ellipsis = memmem::find(text.as_bytes(), ELLIPSIS.as_bytes()).unwrap_or(text.len());
        Self { text, position: 0, ellipsis }
    }

    /// The next candidate; `sentence` is where the current sentence begins.
    pub(super) fn next(&mut self, sentence: usize) -> Option<BoundaryCandidate<'a>> {
        loop {
            let at = self.find_mark()?;
            let mut tail = tail(self.text, at);
            let strong = tail.closers.quote || tail.mark == Mark::Strong;
            let note = notes::length(&self.text[..at], &self.text[tail.end..], strong);
            if note > 0 && tail.mark == Mark::Stop {
                tail.mark = Mark::NotedStop;
            }
            tail.end += note;
            self.position = tail.end;
            if tail.mark == Mark::Ellipsis && opens_sentence(&self.text[sentence.min(at)..at]) {
                continue;
            }
            let rest = &self.text[tail.end..];
            let following = rest.chars().next()?;
            let glued = only_opens(following) && self.text[..at].ends_with(char::is_alphabetic);
            if following.is_whitespace() || glued {
                let blank = rest.len() - rest.trim_start().len();
                let resume = stragglers(self.text, tail.end + blank, &mut tail);
                self.position = resume.max(self.position);
                if resume == self.text.len() {
                    return None;
                }
                return Some(self.candidate(at, resume, sentence, &tail));
            }
        }
    }

    /// The offset of the next mark. Ellipses are looked for apart: they share their first byte with quotes
    /// and dashes, which are many.
    fn find_mark(&mut self) -> Option<usize> {
        let bytes = self.text.as_bytes();
        if self.ellipsis < self.position {
            let next = memmem::find(&bytes[self.position..], ELLIPSIS.as_bytes());
            self.ellipsis = next.map_or(bytes.len(), |at| self.position + at);
        }
        let stop = memchr3(b'.', b'?', b'!', &bytes[self.position..self.ellipsis]);
        stop.map(|at| self.position + at).or_else(|| (self.ellipsis < bytes.len()).then_some(self.ellipsis))
    }

    fn candidate(&self, at: usize, resume: usize, sentence: usize, tail: &Tail) -> BoundaryCandidate<'a> {
        // Text out of PDFs has a blank before the stop: `am 3 . Mai`.
        let spaced = tail.mark == Mark::Stop && self.text[..at].ends_with(char::is_whitespace);
        let word_end = if spaced { self.text[..at].trim_end().len().max(sentence.min(at)) } else { at };
        let (word, prior) = words_before(self.text, word_end, sentence);
        let word_at = word_end - word.len();
        let before =
            &self.text[floor(self.text, word_at.saturating_sub(8)).max(sentence.min(word_at))..word_at];
        let reaches = before.len() == word_at.saturating_sub(sentence);
        let first = !word.is_empty() && reaches && !before.contains(char::is_alphanumeric);
        let (next_at, opens) = skip_openers(self.text, resume);
        let next_at = next_at + enumerator(&self.text[next_at..]);
        let bracket = if self.text[sentence..].starts_with(opens_bracket) {
            Bracket::Sentence
        } else if self.text[..word_at].ends_with(opens_bracket) || prior.starts_with(opens_bracket) {
            Bracket::Word
        } else {
            Bracket::Elsewhere
        };
        let next_word = word_at_start(&self.text[next_at..]);
        BoundaryCandidate {
            at,
            end: tail.end,
            resume,
            mark: tail.mark,
            word,
            first,
            prior,
            closers: Closers {
                quote: tail.closers.quote || self.text[..at].ends_with(is_quote),
                ..tail.closers
            },
            quoted: self.text[..word_at].ends_with(is_quote),
            bracket,
            opens,
            next_word,
            next: classify(self.text[next_at..].chars().next(), &self.text[next_at + next_word.len()..]),
        }
    }
}

/// Reads the run of marks at `at` and what closes with it. Stops after a closing quote or bracket do not
/// make an ellipsis of a stop before it.
fn tail(text: &str, at: usize) -> Tail {
    let mut tail = Tail { mark: Mark::Stop, end: at, closers: Closers::default() };
    for c in text[at..].chars() {
        let closed = tail.closers.quote || tail.closers.bracket;
        if is_mark(c) {
            tail.closers.marked |= closed;
            tail.mark = match c {
                '.' if tail.end == at || closed => tail.mark,
                '.' | '…' if tail.mark != Mark::Strong => Mark::Ellipsis,
                '.' | '…' => tail.mark,
                _ => Mark::Strong,
            };
        } else if closes_bracket(c) {
            tail.closers.bracket = true;
        } else if is_quote(c) && !only_opens(c) {
            tail.closers.quote = true;
        } else {
            break;
        }
        tail.end += c.len_utf8();
    }
    tail
}

/// Takes lone closing quotes, smileys and pictographs after the mark into the sentence that ends; returns
/// where the next one would begin.
fn stragglers(text: &str, mut from: usize, tail: &mut Tail) -> usize {
    loop {
        let token = token(&text[from..]);
        let lone_quote = token.chars().all(|c| only_closes(c) || matches!(c, '“' | '‘'));
        if token.is_empty() || !(lone_quote || is_smiley(token) || token.chars().all(is_pictograph)) {
            return from;
        }
        tail.closers.quote |= lone_quote;
        tail.end = from + token.len();
        let rest = &text[tail.end..];
        from = tail.end + rest.len() - rest.trim_start().len();
    }
}

/// Whether an ellipsis behind this begins its sentence: nothing but quotes and dashes stand before it.
fn opens_sentence(before: &str) -> bool {
    before.len() <= REACH / 8 && before.chars().all(|c| is_quote(c) || is_lead(c) || c.is_whitespace())
}

/// The bytes of the letter or number of an enumeration that goes on inside a line, and the blank behind it: `b) Die`.
fn enumerator(rest: &str) -> usize {
    let number = rest.bytes().take_while(u8::is_ascii_digit).count();
    let letters = rest.bytes().take_while(u8::is_ascii_lowercase).count();
    let numeral = |letters: &str| letters.bytes().all(|b| matches!(b, b'i' | b'v' | b'x'));
    let marker = match (number, letters) {
        (1 | 2, 0) => number,
        (0, 1) => 1,
        (0, 2) if rest.as_bytes()[0] == rest.as_bytes()[1] => 2,
        (0, 2..=4) if numeral(&rest[..letters]) => letters,
        _ => return 0,
    };
    // A letter with a stop may be an abbreviation or a name's initial: a word that opens sentences must follow.
    let stop = letters == 1 && rest[marker..].starts_with('.');
    let Some(behind) = rest[marker..].strip_prefix(if stop { '.' } else { ')' }) else { return 0 };
    let words = behind.trim_start();
    let opens = if stop {
        LISTS.is_starter(word_at_start(words))
    } else {
        words.starts_with(|c: char| c.is_uppercase() || c.is_numeric() || is_quote(c))
    };
    if opens && words.len() < behind.len() { rest.len() - words.len() } else { 0 }
}

/// The characters up to the next white space, if there are few of them.
fn token(rest: &str) -> &str {
    let end = rest.char_indices().take(9).find(|(_, c)| c.is_whitespace());
    match end {
        Some((at, _)) => &rest[..at],
        None if rest.chars().nth(9).is_none() => rest,
        None => "",
    }
}

/// `:)`, `;-)`, `:-D`, `:'-(`, `xD`, `^^`, `<3`, `:-))` and the like, with a stop after them or not.
fn is_smiley(token: &str) -> bool {
    /// Faces without a mouth behind the eyes, and what else is typed for a picture.
    const WHOLE: [&str; 17] = [
        "^^", "^_^", "^.^", "-_-", "-.-", "o_O", "O_o", "o.O", "O.o", "<3", "</3", "*g*", "xD", "XD", "xd",
        "\\o/", ">:(",
    ];
    let token = token.trim_end_matches(['.', '!']);
    let mut chars = token.chars();
    let eyes = chars.next().is_some_and(|c| matches!(c, ':' | ';' | '=' | '8'));
    let mouth = chars.as_str().trim_start_matches(['-', '\'', 'o', ',', '^']);
    let is_mouth = |c| {
        matches!(
            c,
            ')' | '('
                | ']'
                | '['
                | '}'
                | '{'
                | 'D'
                | 'P'
                | 'p'
                | 'O'
                | '/'
                | '\\'
                | '*'
                | '|'
                | '3'
                | '>'
                | '<'
        )
    };
    WHOLE.contains(&token) || (eyes && !mouth.is_empty() && mouth.chars().all(is_mouth))
}

/// The word that ends at `at` and the word before it, neither reaching over `sentence`; of an address, no word.
fn words_before(text: &str, at: usize, sentence: usize) -> (&str, &str) {
    let lowest = floor(text, at.saturating_sub(REACH).max(sentence));
    let window = &text[lowest..at];
    let token = window.rsplit(char::is_whitespace).next().unwrap_or_default();
    let prior_end = window.len() - token.len();
    let prior = window[..prior_end].trim_end().rsplit(char::is_whitespace).next().unwrap_or_default();
    // The last letters of an address are no word that could be short for another.
    if is_address(token) {
        return ("", prior);
    }
    let cuts = |c: char| is_quote(c) || opens_bracket(c) || closes_bracket(c) || matches!(c, '/' | '–' | '—');
    let apostrophe = |at: usize, c: char| {
        is_quote(c)
            && token[..at].ends_with(char::is_alphanumeric)
            && token[at + c.len_utf8()..].starts_with(char::is_alphanumeric)
    };
    let cut = token.char_indices().rev().find(|&(at, c)| cuts(c) && !apostrophe(at, c));
    let word = cut.map_or(token, |(at, c)| &token[at + c.len_utf8()..]);
    (word, prior)
}

/// Steps over dashes, opening quotes and brackets before a word; returns whether a quote or bracket was there.
fn skip_openers(text: &str, from: usize) -> (usize, bool) {
    let mut opens = false;
    let mut at = from;
    if text[at..].starts_with("...") {
        at += text[at..].len() - text[at..].trim_start_matches('.').trim_start_matches(' ').len();
    }
    for c in text[at..].chars().take(8) {
        let comma = c == ',' && opening_comma(text, from, at);
        opens |= is_quote(c) || opens_bracket(c) || comma;
        let space = c == ' ' && text[from..at].ends_with(|c: char| is_lead(c));
        if !(is_quote(c) || opens_bracket(c) || is_lead(c) || comma || space) {
            break;
        }
        at += c.len_utf8();
    }
    (at, opens)
}

/// Whether the comma at `at` stands for an opening quote: `,,Wort“`, `,Wort'`.
fn opening_comma(text: &str, from: usize, at: usize) -> bool {
    let rest = &text[at + 1..];
    rest.starts_with(',') || rest.starts_with(char::is_alphabetic) || text[from..at].ends_with(',')
}

/// The letters, digits and hyphens that `rest` begins with.
fn word_at_start(rest: &str) -> &str {
    let end = rest
        .char_indices()
        .find(|&(at, c)| at >= REACH || !(c.is_alphanumeric() || c == '-'))
        .map_or(rest.len(), |(at, _)| at);
    &rest[..end]
}

/// What a word begins with; `behind` is the text after it.
fn classify(first: Option<char>, behind: &str) -> Next {
    match first {
        Some(c) if c.is_lowercase() => {
            let last = !behind.chars().take(NEAR).any(char::is_alphanumeric);
            if last { Next::LowerLast } else { Next::Lower }
        }
        Some(c) if c.is_alphabetic() => Next::Upper,
        Some(c) if c.is_numeric() => Next::Digit,
        Some(c) if is_word_sign(c) => Next::Sign,
        _ => Next::Other,
    }
}

/// The nearest character border at or below `at`.
fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Whether characters without white space among them are the address of a page or a mailbox, or a path.
fn is_address(token: &str) -> bool {
    let token = token.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '/');
    let Some((host, path)) = token.split_once(['/', '@']) else { return token.starts_with("www.") };
    let is_domain = host.rsplit_once('.').is_some_and(|(name, top)| {
        let letters =
            |part: &str, least: usize| part.len() >= least && part.bytes().all(|b| b.is_ascii_alphanumeric());
        letters(name.rsplit(['.', '-']).next().unwrap_or_default(), 2) && letters(top, 2)
    });
    let is_mailbox = token[host.len()..].starts_with('@') && path.contains('.');
    let is_path = host.is_empty() && path.contains('/');
    token.contains("://") || is_domain || is_mailbox || is_path
}
