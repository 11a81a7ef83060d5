//! Reading the numbers of a text, whatever they are written in.

use std::ops::Range;

use super::figures::{NumeralStyle, is_divided, numeral, roman, value};
use super::table::{NumberWords, TABLE};
use super::words;

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Writing {
    Figures,
    Words,
}

/// What a number is besides its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumberRole {
    Plain,
    /// The day before or behind the name of a month.
    Day,
    /// The hour of a time of day.
    Hour,
    /// The hour of a time before noon, and after it.
    Morning,
    Afternoon,
}

/// A number of a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Quantity {
    /// With the word that multiplies it.
    pub(super) span: Range<usize>,
    /// What it may be worth; the first is what it says.
    pub(super) values: Vec<f64>,
    pub(super) writing: Writing,
    pub(super) role: NumberRole,
    /// Rows of units that stand beside it.
    pub(super) units: Vec<usize>,
}

/// A month or a day of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CalendarWord {
    pub(super) span: Range<usize>,
    pub(super) rows: Vec<usize>,
}

/// All that a text says of numbers.
#[derive(Debug, Default)]
pub(super) struct NumberReading {
    pub(super) quantities: Vec<Quantity>,
    pub(super) months: Vec<CalendarWord>,
    pub(super) weekdays: Vec<CalendarWord>,
    /// Months by number, as in 3.10.2024.
    pub(super) numbered_months: Vec<f64>,
    /// Values of words that may go with a number of the other language, and are none themselves.
    pub(super) loose: Vec<f64>,
}

/// A piece of a text.
#[derive(Debug)]
struct NumberToken<'a> {
    span: Range<usize>,
    text: &'a str,
    /// In lower case; empty for figures.
    word: String,
}

impl NumberToken<'_> {
    fn is_figures(&self) -> bool {
        self.word.is_empty()
    }
}

/// Figures and words, without what stands between them.
fn tokens(text: &str, style: NumeralStyle) -> Vec<NumberToken<'_>> {
    let mut out = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some(&(at, c)) = chars.peek() {
        let span = if c.is_ascii_digit() {
            numeral(text, at, style)
        } else if c.is_alphabetic() {
            let end = text[at..].find(|c: char| !c.is_alphabetic()).map_or(text.len(), |length| at + length);
            at..end
        } else {
            chars.next();
            continue;
        };
        while chars.peek().is_some_and(|(next, _)| *next < span.end) {
            chars.next();
        }
        let piece = &text[span.clone()];
        let word = if c.is_ascii_digit() { String::new() } else { piece.to_lowercase() };
        out.push(NumberToken { text: piece, span, word });
    }
    out
}

/// A text of one language while its numbers are read.
struct NumberReader<'a> {
    text: &'a str,
    style: NumeralStyle,
    words: &'static NumberWords,
    tokens: Vec<NumberToken<'a>>,
    out: NumberReading,
}

/// Reads all numbers of a text.
pub(super) fn read(text: &str, style: NumeralStyle) -> NumberReading {
    let is_german = style == NumeralStyle::German;
    let words = if is_german { &TABLE.german } else { &TABLE.english };
    let tokens = tokens(text, style);
    let mut reader = NumberReader { text, style, words, tokens, out: NumberReading::default() };
    let mut at = 0;
    while at < reader.tokens.len() {
        at += reader.step(at).max(1);
    }
    reader.share_scales();
    reader.out
}

impl<'a> NumberReader<'a> {
    fn is_german(&self) -> bool {
        self.style == NumeralStyle::German
    }

    /// What stands between a token and the next one, if there is one.
    fn gap(&self, at: usize) -> Option<&'a str> {
        let next = self.tokens.get(at + 1)?;
        Some(&self.text[self.tokens[at].span.end..next.span.start])
    }

    /// Whether two tokens stand side by side: with a blank, a hyphen or nothing in between.
    fn joins(&self, at: usize) -> bool {
        matches!(self.gap(at), Some("" | " " | "-" | "\u{a0}" | "\u{202f}" | "‑" | ". "))
    }

    /// The word that follows a token directly.
    fn next_word(&self, at: usize) -> &str {
        if self.joins(at) { &self.tokens[at + 1].word } else { "" }
    }

    /// Reads what begins at a token; gives the number of tokens that it takes.
    fn step(&mut self, at: usize) -> usize {
        if self.tokens[at].is_figures() {
            return self.figures(at);
        }
        if self.calendar(at) {
            return 1;
        }
        let taken = if self.is_german() { self.german_words(at) } else { self.english_words(at) };
        if taken > 0 {
            return taken;
        }
        let own = &self.tokens[at];
        if own.text.len() > 1
            && own.text.bytes().all(|b| b.is_ascii_uppercase())
            && !TABLE.no_roman.contains(&own.word.as_str())
            && let Some(value) = roman(own.text)
        {
            let span = own.span.clone();
            self.push(span, vec![value], Writing::Figures, NumberRole::Plain);
        } else if let Some(values) = self.words.loose.get(own.word.as_str()) {
            self.out.loose.extend(values);
        }
        1
    }

    fn push(&mut self, span: Range<usize>, values: Vec<f64>, writing: Writing, role: NumberRole) {
        let units = self.units(&span);
        self.out.quantities.push(Quantity { span, values, writing, role, units });
    }

    /// The rows of the units beside a number.
    fn units(&self, span: &Range<usize>) -> Vec<usize> {
        let known = if self.is_german() { &TABLE.units.german } else { &TABLE.units.english };
        let behind = self.text[span.end..].trim_start_matches([' ', '\u{a0}', '\u{202f}', '-']);
        let word = |text: &str| {
            let end =
                text.find(|c: char| !c.is_alphabetic() && !matches!(c, '²' | '/')).unwrap_or(text.len());
            text[..end].to_lowercase()
        };
        let mut rows = Vec::new();
        let sign =
            |c: Option<char>| c.filter(|c| !c.is_alphanumeric() && !c.is_whitespace()).map(String::from);
        let before = self.text[..span.start].trim_end_matches([' ', '\u{a0}', '\u{202f}']);
        let candidates = [Some(word(behind)), sign(behind.chars().next()), sign(before.chars().next_back())];
        for candidate in candidates.into_iter().flatten() {
            rows.extend(known.get(candidate.as_str()).into_iter().flatten());
        }
        rows
    }

    /// A month or a day of the week.
    fn calendar(&mut self, at: usize) -> bool {
        let token = &self.tokens[at];
        // The names of both are written with a capital in either language; `may` and `sun` are words, too.
        if !token.text.starts_with(char::is_uppercase) && !token.word.ends_with('s') {
            return false;
        }
        let language = |pairs: &'static super::table::WordPairs| {
            if self.is_german() { &pairs.german } else { &pairs.english }
        };
        let word = |rows: &Vec<usize>| CalendarWord { span: token.span.clone(), rows: rows.clone() };
        if let Some(month) = language(&TABLE.months).get(token.word.as_str()).map(word) {
            self.out.months.push(month);
            return true;
        }
        let day = language(&TABLE.weekdays).get(token.word.as_str()).map(word);
        let is_day = day.is_some();
        self.out.weekdays.extend(day);
        is_day
    }

    /// Whether a token is the name of a month.
    fn is_month(&self, at: usize) -> bool {
        let months = if self.is_german() { &TABLE.months.german } else { &TABLE.months.english };
        self.tokens.get(at).is_some_and(|token| {
            token.text.starts_with(char::is_uppercase) && months.contains_key(token.word.as_str())
        })
    }

    /// A number in figures with all that belongs to it.
    fn figures(&mut self, at: usize) -> usize {
        let NumberToken { text, span, .. } = &self.tokens[at];
        let (text, span) = (*text, span.clone());
        if let Some(taken) = self.clock(at) {
            return taken;
        }
        if is_divided(text) {
            self.date(at);
            return 1;
        }
        let Some(value) = value(text, self.style) else { return 1 };
        let (factor, taken, is_certain) = self.scale(at);
        let end = self.tokens[at + taken].span.end;
        let mut values = vec![value * factor];
        if !is_certain {
            values.push(value);
        }
        let is_attached = self.tokens.get(at + 1).is_some_and(|next| next.span.start == span.end);
        let suffix = if is_attached { self.tokens[at + 1].word.as_str() } else { "" };
        if matches!(suffix, "s" | "er" | "ern") && (10.0..100.0).contains(&value) {
            values.extend([1900.0 + value, 2000.0 + value]);
        }
        if let Some(century) = self.century(at) {
            values.push(century + value);
        }
        let is_day = taken == 0 && text.len() <= 2 && (1.0..=31.0).contains(&value);
        let role = if is_day && self.is_day(at) { NumberRole::Day } else { NumberRole::Plain };
        self.push(span.start..end, values, Writing::Figures, role);
        taken + 1
    }

    /// The century of the year before, for the second of `1939–45`.
    fn century(&self, at: usize) -> Option<f64> {
        let before = at.checked_sub(1)?;
        let is_short =
            self.tokens[at].text.len() == 2 && self.tokens[at].text.bytes().all(|b| b.is_ascii_digit());
        let year: f64 = self.tokens[before].text.parse().ok()?;
        let is_range = matches!(self.gap(before), Some("-" | "–" | "/" | "‑"));
        (is_short && is_range && (1000.0..2100.0).contains(&year)).then(|| (year / 100.0).floor() * 100.0)
    }

    /// Whether a number stands before or behind the name of a month as its day.
    fn is_day(&self, at: usize) -> bool {
        let suffix = usize::from(matches!(self.next_word(at), "st" | "nd" | "rd" | "th"));
        let next = at + suffix;
        let before_month = self.is_month(next + 1)
            && matches!(self.gap(next), Some(" " | ". " | "\u{a0}" | ".\u{a0}" | "."));
        let of_month = !self.is_german()
            && self.tokens.get(next + 1).is_some_and(|token| token.word == "of")
            && self.is_month(next + 2);
        let behind_month = !self.is_german()
            && at > 0
            && self.is_month(at - 1)
            && matches!(self.gap(at - 1), Some(" " | ". "));
        before_month || of_month || behind_month
    }

    /// What the words behind a number multiply it by, how many they are, and whether they can mean nothing else.
    fn scale(&self, at: usize) -> (f64, usize, bool) {
        let (mut factor, mut taken, mut is_certain) = (1.0, 0, true);
        while self.joins(at + taken)
            && let Some(scale) = self.words.scales.get(self.tokens[at + taken + 1].word.as_str())
        {
            let is_letter = self.tokens[at + taken + 1].text.len() == 1;
            let is_attached = self.gap(at + taken) == Some("");
            if is_letter && !is_attached {
                break;
            }
            is_certain &= !is_letter;
            factor *= scale;
            taken += 1;
        }
        (factor, taken, is_certain)
    }

    /// The pieces of a date in figures: day, month and year.
    fn date(&mut self, at: usize) {
        let NumberToken { text, span, .. } = &self.tokens[at];
        let (text, mut start) = (*text, span.start);
        let pieces: Vec<&str> = text.split(['.', ',']).collect();
        for (place, piece) in pieces.iter().enumerate() {
            let own = start..start + piece.len();
            start = own.end + 1;
            let Ok(value) = piece.parse::<f64>() else { continue };
            let is_month = place == 1 && pieces.len() == 3 && (1.0..=12.0).contains(&value);
            if is_month && self.is_german() {
                self.out.numbered_months.push(value);
            } else {
                let role = if place == 0 && pieces.len() == 3 { NumberRole::Day } else { NumberRole::Plain };
                self.push(own, vec![value], Writing::Figures, role);
            }
        }
    }

    /// A time of day; gives the number of tokens that it takes.
    fn clock(&mut self, at: usize) -> Option<usize> {
        let token = &self.tokens[at];
        let (hour, mut minute, mut last) = match token.text.split_once('.') {
            Some((hour, minute)) if minute.len() == 2 && hour.len() <= 2 => (hour, Some(minute), at),
            Some(_) => return None,
            None => (token.text, None, at),
        };
        if minute.is_none() && self.gap(at) == Some(":") && self.tokens[at + 1].text.len() == 2 {
            minute = Some(self.tokens[at + 1].text);
            last = at + 1;
        }
        let value: f64 = hour.parse().ok().filter(|hour| (0.0..=24.0).contains(hour))?;
        let rest = self.text[self.tokens[last].span.end..]
            .trim_start_matches([' ', '\u{a0}', '\u{202f}'])
            .to_lowercase();
        let is_word =
            |word: &str| rest.strip_prefix(word).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric));
        let says = |words: &[&'static str]| words.iter().any(|word| is_word(word));
        let role = if self.is_german() {
            says(&TABLE.clock).then_some(NumberRole::Hour)?
        } else if says(&TABLE.morning) {
            NumberRole::Morning
        } else if says(&TABLE.afternoon) {
            NumberRole::Afternoon
        } else {
            return None;
        };
        let minutes: Option<f64> = minute.and_then(|minute| minute.parse().ok());
        let start = self.tokens[at].span.start;
        let hour_span = start..start + hour.len();
        let end = self.tokens[last].span.end;
        self.push(hour_span, vec![value], Writing::Figures, role);
        match minutes {
            Some(minutes) if minutes > 0.0 => {
                self.push(end - 2..end, vec![minutes], Writing::Figures, NumberRole::Plain);
            }
            Some(_) => self.out.loose.push(0.0),
            None => {}
        }
        Some(last - at + 1)
    }

    /// A number in German words.
    fn german_words(&mut self, at: usize) -> usize {
        let word = self.tokens[at].word.as_str();
        let is_one = matches!(word, "ein" | "eine" | "einer" | "einem" | "einen" | "eines");
        let is_half = is_one && self.next_word(at).starts_with("halbe");
        let value = match words::german(word) {
            Some(value) => value,
            None if is_half => 0.5,
            None if is_one => 1.0,
            None => {
                let Some(value) = words::german_ordinal(word) else { return 0 };
                let span = self.tokens[at].span.clone();
                self.push(span, vec![value], Writing::Words, NumberRole::Plain);
                return 1;
            }
        };
        let (factor, scales, _) = self.scale(at + usize::from(is_half));
        let taken = usize::from(is_half) + scales;
        if is_one && scales == 0 {
            self.out.loose.push(1.0);
            return if is_half { 2 } else { 1 };
        }
        let span = self.tokens[at].span.start..self.tokens[at + taken].span.end;
        self.push(span, vec![value * factor], Writing::Words, NumberRole::Plain);
        taken + 1
    }

    /// A number in English words.
    fn english_words(&mut self, at: usize) -> usize {
        let word = |at: usize| self.tokens.get(at).map_or("", |token| token.word.as_str());
        let follows = |at: usize| self.joins(at);
        let (mut total, mut current, mut next) = (0.0, 0.0, at);
        let mut is_number = false;
        if matches!(word(at), "a" | "an" | "half" | "quarter") && follows(at) {
            let is_half = word(at) == "half";
            let article = if is_half && matches!(word(at + 1), "a" | "an") { at + 1 } else { at };
            if let Some(scale) = self
                .words
                .scales
                .get(word(article + 1))
                .filter(|_| follows(article) && word(article + 1).len() > 2)
            {
                let value = if is_half { scale / 2.0 } else { *scale };
                let span = self.tokens[at].span.start..self.tokens[article + 1].span.end;
                self.push(span, vec![value], Writing::Words, NumberRole::Plain);
                return article + 2 - at;
            }
        }
        while next == at || follows(next - 1) {
            let here = word(next);
            if let Some(value) = self.words.cardinals.get(here) {
                if current % 100.0 != 0.0 && !(current % 10.0 == 0.0 && *value < 10.0) {
                    break;
                }
                current += value;
            } else if is_number && let Some(scale) = self.words.scales.get(here).filter(|_| here.len() > 2) {
                current *= scale;
                if *scale >= 1000.0 {
                    total += current;
                    current = 0.0;
                }
            } else if is_number
                && here == "and"
                && follows(next)
                && (current >= 100.0 || total > 0.0)
                && self.words.cardinals.contains_key(word(next + 1))
            {
                next += 1;
                continue;
            } else if is_number && here == "and" && word(next + 1) == "a" && word(next + 2) == "half" {
                current += 0.5;
                next += 3;
                continue;
            } else {
                break;
            }
            is_number = true;
            next += 1;
        }
        if !is_number {
            let Some(value) = self.words.ordinals.get(word(at)).copied() else { return 0 };
            let span = self.tokens[at].span.clone();
            self.push(span, vec![value], Writing::Words, NumberRole::Plain);
            return 1;
        }
        let mut value = total + current;
        // forty-fifth
        if let Some(ordinal) =
            self.words.ordinals.get(word(next)).filter(|_| follows(next - 1) && value % 10.0 == 0.0)
        {
            value += ordinal;
            next += 1;
        }
        let span = self.tokens[at].span.start..self.tokens[next - 1].span.end;
        self.push(span, vec![value], Writing::Words, NumberRole::Plain);
        next - at
    }

    /// The first of `5 bis 10 Millionen` may be millions, too.
    fn share_scales(&mut self) {
        for at in (1..self.out.quantities.len()).rev() {
            let (before, after) = (&self.out.quantities[at - 1], &self.out.quantities[at]);
            let gap = self.text[before.span.end..after.span.start.max(before.span.end)].trim().to_lowercase();
            let is_range = matches!(
                gap.as_str(),
                "-" | "–"
                    | "—"
                    | "bis"
                    | "und"
                    | "oder"
                    | "to"
                    | "and"
                    | "or"
                    | ","
                    | "/"
                    | "beziehungsweise"
            );
            let own = before.values.first().copied().unwrap_or_default();
            let unscaled = value(
                self.text[after.span.clone()]
                    .split(|c: char| c.is_alphabetic() || c == ' ')
                    .next()
                    .unwrap_or_default(),
                self.style,
            );
            let factor = unscaled.filter(|value| *value > 0.0).map(|value| after.values[0] / value);
            match factor {
                Some(factor) if is_range && factor > 1.0 => {
                    self.out.quantities[at - 1].values.push(own * factor);
                }
                _ => {}
            }
        }
    }
}
