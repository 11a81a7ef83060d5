//! A rule, ready for use: what must stand before a place and after it.

use std::error::Error as StdError;

use fancy_regex::{Regex, RegexBuilder, RegexInput};

use super::error::SrxError;
use super::java;
use super::parse::RawRule;
use crate::text::segmenter::SegmentError;

/// How many bytes after a place a rule sees. Without an end, `.*` would make the time grow with the square of
/// the text.
const AHEAD: usize = 1024;
/// The most bytes before a place that an exception sees.
const BEHIND: usize = 1024;
/// How often an expression with look-around may backtrack in one search; only hostile ones come near it.
const MOST_BACKTRACKS: usize = 5_000_000;
/// The compiled form of one expression takes no more bytes than this, nor does its cache.
const LARGEST: usize = 16 << 20;

/// A rule of the file.
#[derive(Debug)]
pub(super) struct SrxRule {
    /// How it is named to users.
    pub(super) label: String,
    pub(super) breaks: bool,
    before: Before,
    after: Option<After>,
}

/// What a break rule looks for, or what an exception looks back at.
#[derive(Debug)]
enum Before {
    Empty,
    /// Found by going through the text.
    Search(Regex),
    /// Looked at from a place.
    Behind(Behind),
}

/// An expression that must end at a place.
#[derive(Debug)]
struct Behind {
    /// With an end mark, for text that ends at the place.
    ended: Regex,
    /// Without one, if the end of the expression asks for what comes after.
    open: Option<Regex>,
    /// The most bytes that it can match.
    width: usize,
}

/// An expression that must begin at a place.
#[derive(Debug)]
struct After(Regex);

/// A place that a break rule found.
#[derive(Debug, Clone, Copy)]
pub(super) struct BreakMatch {
    /// Where the match of its first expression begins.
    pub(super) start: usize,
    pub(super) at: usize,
    /// Where the search goes on.
    pub(super) next: usize,
}

impl SrxRule {
    pub(super) fn new(language: &str, number: usize, raw: &RawRule) -> Result<Self, SrxError> {
        let wrong = |pattern: &str, source: Box<dyn StdError + Send + Sync>| SrxError::Pattern {
            line: raw.line,
            pattern: pattern.to_owned(),
            source,
        };
        let before = match raw.before.as_str() {
            "" => Before::Empty,
            pattern if raw.breaks => {
                let regex = translated(pattern);
                Before::Search(regex.map_err(|reason| wrong(pattern, reason))?)
            }
            pattern => Before::Behind(Behind::new(pattern).map_err(|reason| wrong(pattern, reason))?),
        };
        let after = match raw.after.as_str() {
            "" => None,
            pattern => {
                let regex = translated(pattern);
                Some(After(regex.map_err(|reason| wrong(pattern, reason))?))
            }
        };
        let kind = if raw.breaks { "break" } else { "no break" };
        let label = format!(
            "{language} rule {number}, line {}: {kind} between {:?} and {:?}",
            raw.line, raw.before, raw.after
        );
        Ok(Self { label, breaks: raw.breaks, before, after })
    }

    /// For a break rule: the next place at or after `from` in the part of the text that begins at `base`.
    /// Nothing before `base` is seen.
    pub(super) fn find(
        &self,
        text: &str,
        base: usize,
        mut from: usize,
    ) -> Result<Option<BreakMatch>, SegmentError> {
        let part = &text[base..];
        while from <= text.len() {
            let found = match &self.before {
                Before::Search(regex) => {
                    let found = regex.find_from_pos(part, from - base).map_err(|_| self.too_long())?;
                    found.map(|found| (base + found.start(), base + found.end()))
                }
                // Only what stands after the place counts: look for that.
                _ => match &self.after {
                    Some(After(regex)) => {
                        let found = regex.find_from_pos(part, from - base).map_err(|_| self.too_long())?;
                        found.map(|found| (base + found.start(), base + found.start()))
                    }
                    None => Some((from, from)),
                },
            };
            let Some((start, at)) = found else { return Ok(None) };
            let next = if start == at { after_character(text, at) } else { at };
            if self.goes_on(text, at, false)? {
                return Ok(Some(BreakMatch { start, at, next }));
            }
            from = next;
        }
        Ok(None)
    }

    /// For an exception: whether it holds at a place.
    pub(super) fn holds(&self, text: &str, at: usize) -> Result<bool, SegmentError> {
        if !self.goes_on(text, at, true)? {
            return Ok(false);
        }
        match &self.before {
            Before::Behind(behind) => behind.matches(text, at).map_err(|_| self.too_long()),
            _ => Ok(true),
        }
    }

    /// Whether the text goes on after a place as the rule wants it; only exceptions see what stands before.
    fn goes_on(&self, text: &str, at: usize, sees_before: bool) -> Result<bool, SegmentError> {
        let Some(After(regex)) = &self.after else { return Ok(true) };
        let end = text.floor_char_boundary(at.saturating_add(AHEAD));
        let input = if sees_before {
            RegexInput::new(&text[..end]).from_pos(at)
        } else {
            RegexInput::new(&text[at..end])
        };
        let found = regex.find_input(input.anchored(true)).map_err(|_| self.too_long())?;
        Ok(found.is_some())
    }

    fn too_long(&self) -> SegmentError {
        SegmentError::TooLong { rule: self.label.clone() }
    }
}

impl Behind {
    fn new(pattern: &str) -> Result<Self, Box<dyn StdError + Send + Sync>> {
        let finite = java::finite(pattern)?;
        let properties = regex_syntax::parse(&finite).ok().map(|hir| hir.properties().clone());
        let width = properties
            .as_ref()
            .and_then(regex_syntax::hir::Properties::maximum_len)
            .unwrap_or(BEHIND)
            .min(BEHIND);
        let looks_ahead = properties.is_none_or(|known| !known.look_set_suffix_any().is_empty());
        Ok(Self {
            ended: compile(&format!("(?:{finite})\\z"))?,
            open: if looks_ahead { Some(compile(&finite)?) } else { None },
            width,
        })
    }

    fn matches(&self, text: &str, at: usize) -> Result<bool, fancy_regex::Error> {
        let mut from = text.ceil_char_boundary(at.saturating_sub(self.width));
        if self.ended.find_from_pos(&text[..at], from)?.is_some() {
            return Ok(true);
        }
        let Some(open) = &self.open else { return Ok(false) };
        // Each beginning is tried; the match may see what comes after the place but not go there.
        while from <= at {
            let Some(found) = open.find_input(RegexInput::new(text).range(from..at))? else { break };
            if found.end() == at {
                return Ok(true);
            }
            from = after_character(text, found.start());
        }
        Ok(false)
    }
}

fn translated(pattern: &str) -> Result<Regex, Box<dyn StdError + Send + Sync>> {
    Ok(compile(&java::translate(pattern)?)?)
}

fn compile(regex: &str) -> Result<Regex, fancy_regex::Error> {
    RegexBuilder::new(regex).backtrack_limit(MOST_BACKTRACKS).delegate_size_limit(LARGEST).build()
}

/// The place after the character at `at`; one beyond the end of the text if there is none.
fn after_character(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(text.len() + 1, |c| at + c.len_utf8())
}
