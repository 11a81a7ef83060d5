//! Segmentation by rules in SRX 2.0, the format that LanguageTool, OmegaT and Okapi exchange.
//!
//! A rule says what must stand before a place and after it, and whether a sentence ends there; the first rule
//! of the file that matches a place decides. The rules behave as in the Java tools: a break rule finds its
//! places one after another, each search going on where the last match ended or the sentence began, and an
//! exception looks back over at most a hundred repetitions of each of its parts.

mod error;
mod java;
#[cfg(test)]
mod java_tests;
mod parse;
mod rule;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;

use fancy_regex::RegexBuilder;

pub use error::SrxError;

use super::segmenter::{Explanation, SegmentError, Segmenter};
use parse::SrxDocument;
use rule::{BreakMatch, SrxRule};

/// A larger file holds no rules that anybody wrote; LanguageTool's, for forty languages, has 400,000 bytes.
const LARGEST_FILE: u64 = 8 << 20;
/// The language whose rules are taken.
const LANGUAGE: &str = "de";
/// How many times a segmentation may search the text for each of its rules; only hostile rules need more.
const MOST_PASSES: usize = 16;

/// Cuts text by the German rules of an SRX file.
#[derive(Debug)]
pub struct Srx {
    rules: Vec<SrxRule>,
}

/// A break rule on its way through a text.
struct Walker<'a> {
    index: usize,
    rule: &'a SrxRule,
    /// Where the text begins that the rule sees.
    base: usize,
    found: Option<BreakMatch>,
}

/// A place where a break rule matched.
struct DecidedPlace {
    at: usize,
    /// The exception that holds there, or the break rule.
    rule: usize,
    boundary: bool,
}

impl Srx {
    /// Reads a file of rules.
    ///
    /// # Errors
    /// The file cannot be read, is not SRX, has a document type declaration, an expression that cannot be
    /// used, or no rules for German.
    pub fn load(path: &Path) -> Result<Self, SrxError> {
        let mut bytes = Vec::new();
        File::open(path)?.take(LARGEST_FILE + 1).read_to_end(&mut bytes)?;
        Self::from_bytes(&bytes)
    }

    /// Reads rules from the bytes of a file; a byte order mark or the XML declaration says the encoding.
    ///
    /// # Errors
    /// As [`Srx::load`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SrxError> {
        if bytes.len() as u64 > LARGEST_FILE {
            return Err(SrxError::TooLarge(LARGEST_FILE));
        }
        let encoding = declared(bytes).unwrap_or(encoding_rs::UTF_8);
        let (text, encoding, garbled) = encoding.decode(bytes);
        if garbled {
            return Err(SrxError::Encoding(encoding.name()));
        }
        Self::new(&parse::parse(&text)?)
    }

    /// Takes the rules for German, in order of precedence.
    fn new(document: &SrxDocument) -> Result<Self, SrxError> {
        let mut rules = Vec::new();
        let mut mapped = false;
        for (pattern, name, line) in &document.maps {
            let wrong = |source| SrxError::Pattern { line: *line, pattern: pattern.clone(), source };
            let java = java::translate(pattern).map_err(|error| wrong(error.into()))?;
            let regex = RegexBuilder::new(&format!("^(?i:{java})$")).build();
            let regex = regex.map_err(|error| wrong(error.into()))?;
            if !regex.is_match(LANGUAGE).map_err(|error| wrong(error.into()))? {
                continue;
            }
            mapped = true;
            for language in document.languages.iter().filter(|language| language.name == *name) {
                for (index, raw) in language.rules.iter().enumerate() {
                    rules.push(SrxRule::new(name, index + 1, raw)?);
                }
            }
            if !document.cascade {
                break;
            }
        }
        if mapped { Ok(Self { rules }) } else { Err(SrxError::NoGerman) }
    }

    /// Passes on each place where a break rule matches, and what holds there.
    fn walk(&self, text: &str, mut pass_on: impl FnMut(DecidedPlace)) -> Result<(), SegmentError> {
        let mut budget = text.len().saturating_add(1 << 16).saturating_mul(MOST_PASSES);
        let breaks = self.rules.iter().enumerate().filter(|(_, rule)| rule.breaks);
        let mut walkers: Vec<Walker<'_>> =
            breaks.map(|(index, rule)| Walker { index, rule, base: 0, found: None }).collect();
        for walker in &mut walkers {
            walker.search(text, 0, &mut budget)?;
        }
        budget = budget.saturating_mul(walkers.len().max(1));
        let mut sentence = 0;
        while let Some((at, breaking)) = nearest(&walkers) {
            if at > sentence {
                let exception = self.exception(text, at, breaking)?;
                pass_on(DecidedPlace {
                    at,
                    rule: exception.unwrap_or(breaking),
                    boundary: exception.is_none(),
                });
                if exception.is_none() {
                    sentence = at;
                    for walker in &mut walkers {
                        walker.cut(text, at, &mut budget)?;
                    }
                }
            }
            for walker in &mut walkers {
                walker.pass(text, at, &mut budget)?;
            }
        }
        Ok(())
    }

    /// The first exception before the rule `breaking` that holds at a place.
    fn exception(&self, text: &str, at: usize, breaking: usize) -> Result<Option<usize>, SegmentError> {
        for (index, rule) in self.rules[..breaking].iter().enumerate().filter(|(_, rule)| !rule.breaks) {
            if rule.holds(text, at)? {
                return Ok(Some(index));
            }
        }
        Ok(None)
    }
}

/// The nearest place that a rule found, and the first rule that found it.
fn nearest(walkers: &[Walker<'_>]) -> Option<(usize, usize)> {
    walkers.iter().filter_map(|walker| Some((walker.found?.at, walker.index))).min()
}

impl Walker<'_> {
    fn search(&mut self, text: &str, from: usize, budget: &mut usize) -> Result<(), SegmentError> {
        self.found = self.rule.find(text, self.base, from)?;
        let end = self.found.map_or(text.len(), |found| found.at);
        let spent = end.saturating_sub(from).max(1);
        *budget = budget
            .checked_sub(spent)
            .ok_or_else(|| SegmentError::TooLong { rule: self.rule.label.clone() })?;
        Ok(())
    }

    /// Begins again at the border of a sentence if the last match reaches over it.
    fn cut(&mut self, text: &str, border: usize, budget: &mut usize) -> Result<(), SegmentError> {
        if self.found.is_some_and(|found| found.start < border) {
            self.base = border;
            self.search(text, border, budget)?;
        }
        Ok(())
    }

    /// Goes on beyond a place.
    fn pass(&mut self, text: &str, place: usize, budget: &mut usize) -> Result<(), SegmentError> {
        while let Some(found) = self.found.filter(|found| found.at <= place) {
            self.search(text, found.next, budget)?;
        }
        Ok(())
    }
}

impl Segmenter for Srx {
    fn segment(&self, text: &str) -> Result<Vec<Range<usize>>, SegmentError> {
        let mut spans = Vec::new();
        let mut start = 0;
        let mut add = |range: Range<usize>| {
            let part = &text[range.clone()];
            let inner = part.trim();
            let lead = range.start + part.len() - part.trim_start().len();
            if !inner.is_empty() {
                spans.push(lead..lead + inner.len());
            }
        };
        self.walk(text, |place| {
            if place.boundary {
                add(start..place.at);
                start = place.at;
            }
        })?;
        add(start..text.len());
        Ok(spans)
    }

    fn explain(&self, text: &str) -> Result<Vec<Explanation>, SegmentError> {
        let mut explanations = Vec::new();
        self.walk(text, |DecidedPlace { at, rule, boundary }| {
            let reason = self.rules[rule].label.clone().into();
            explanations.push(Explanation { at, boundary, reason });
        })?;
        Ok(explanations)
    }
}

/// The encoding that an XML declaration names.
fn declared(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let head = bytes.get(..bytes.len().min(200))?;
    let declaration = head.strip_prefix(b"<?xml")?.split(|&byte| byte == b'>').next()?;
    let declaration = std::str::from_utf8(declaration).ok()?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    encoding_rs::Encoding::for_label(value[1..].split(quote).next()?.as_bytes())
}
