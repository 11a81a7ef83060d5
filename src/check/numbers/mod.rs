//! Whether the numbers, dates and units of the German stand in the English, read as what they mean.
//!
//! `13 000`, `13,000` and *thirteen thousand* are one number, `1,3 Mrd.` and *1.3 million* are two. What is known of words
//! stands in `data/numbers.tsv`.

mod figures;
mod read;
mod table;
mod words;

use std::ops::Range;

use super::overlap::overlap;
use super::pair::Pair;
use crate::english::is_torn;
use crate::model::{Finding, FindingKind, MatchKind, Severity};
use figures::{NumeralStyle, in_english, is_same, with_english_marks};
use read::{CalendarWord, NumberReading, NumberRole, Quantity, Writing, read};
use table::{TABLE, WordPairs};

/// Reports numbers that the English lacks, or that only the English has; months, days and units that became others; and
/// German marks in English numbers.
///
/// Numbers in a term are those of its rendering. Numbers in words are only missed where another number stands: a language
/// has many ways not to count.
pub(super) fn findings(pair: Pair<'_>) -> Vec<Finding> {
    let texts = [pair.source.text(), pair.target.text()];
    if !texts.iter().any(|text| has_numbers(text)) {
        return Vec::new();
    }
    let (german, mut english) = (read(texts[0], NumeralStyle::German), read(texts[1], NumeralStyle::English));
    let torn = mend(pair, &german, &mut english);
    let numbers = Numbers { pair, german: &german, english: &english };
    let mut found = numbers.values();
    found.extend(numbers.units());
    found.extend(numbers.days_of_nothing());
    found.extend(numbers.calendar(&TABLE.months, &german.months, &english.months, "month"));
    found.extend(numbers.calendar(&TABLE.weekdays, &german.weekdays, &english.weekdays, "day"));
    found.extend(german_marks(pair, &german, &english));
    found.extend(torn);
    found.extend(numbers.direction());
    found
}

/// Whether a text may have numbers, or words that go with them: most have a letter at least.
fn has_numbers(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_alphanumeric())
}

/// What both texts say.
struct Numbers<'a> {
    pair: Pair<'a>,
    german: &'a NumberReading,
    english: &'a NumberReading,
}

/// The number of a month by its row.
fn month_of(row: usize) -> f64 {
    u8::try_from(row + 1).map_or(f64::INFINITY, f64::from)
}

/// Which numbers have a counterpart, by their places.
struct NumberSeats {
    german: Vec<bool>,
    english: Vec<bool>,
}

/// Whether an English number may stand for a German one.
fn renders(german: &Quantity, english: &Quantity) -> bool {
    let same = |a: f64| english.values.iter().any(|b| is_same(a, *b));
    let Some(hour) = german.values.first().copied().filter(|_| german.role == NumberRole::Hour) else {
        return german.values.iter().any(|value| same(*value));
    };
    match english.role {
        NumberRole::Morning => same(hour) && hour < 12.0 || hour % 12.0 == 0.0 && same(12.0),
        NumberRole::Afternoon => same(hour % 12.0) || same(hour) || hour % 12.0 == 0.0 && same(12.0),
        _ => same(hour) || same(hour % 12.0) || hour % 24.0 == 0.0 && (same(12.0) || same(24.0)),
    }
}

impl Numbers<'_> {
    fn german_text(&self, span: &Range<usize>) -> &str {
        &self.pair.source.text()[span.clone()]
    }

    fn english_text(&self, span: &Range<usize>) -> &str {
        &self.pair.target.text()[span.clone()]
    }

    /// What stands for terms: `HIV-1` may be the English of a word without a number.
    fn term_values(&self) -> Vec<f64> {
        let terms = self.pair.outcomes.iter().filter(|outcome| outcome.term.kind != MatchKind::Part);
        let targets = terms.flat_map(|outcome| &outcome.term.entry.targets);
        targets
            .flat_map(|target| read(target, NumeralStyle::English).quantities)
            .flat_map(|q| q.values)
            .collect()
    }

    fn is_in_term(&self, german: &Quantity) -> bool {
        let terms = self.pair.outcomes.iter().map(|outcome| &outcome.term);
        terms.filter(|term| term.kind != MatchKind::Part).any(|term| overlap(&term.span, &german.span))
    }

    /// Whether some word of the English says what a German number says.
    fn is_said(&self, german: &Quantity) -> bool {
        let loose = &self.english.loose;
        let is_part = |english: &Quantity| {
            let parts = self.english_text(&english.span).split([',', '.']);
            self.is_of_two(english)
                && parts.flat_map(str::parse::<f64>).any(|part| german.values.contains(&part))
        };
        self.english.quantities.iter().any(|english| renders(german, english) || is_part(english))
            || self.is_loosely_said(german)
            || german.role == NumberRole::Hour
                && german
                    .values
                    .iter()
                    .any(|hour| loose.contains(&(hour % 12.0 + if hour % 12.0 == 0.0 { 12.0 } else { 0.0 })))
            || self.is_numbered_month(german)
    }

    /// Whether a word of the English that is no number says it: *both*.
    fn is_loosely_said(&self, german: &Quantity) -> bool {
        let loose = &self.english.loose;
        german.values.iter().any(|value| loose.iter().any(|word| is_same(*value, *word)))
    }

    /// `im 10. Monat` and `10/2024` say a month that the English names.
    fn is_numbered_month(&self, german: &Quantity) -> bool {
        let months = self.english.months.iter().flat_map(|month| &month.rows);
        german.writing == Writing::Figures
            && months.map(|row| month_of(*row)).any(|month| german.values.first() == Some(&month))
    }

    /// Numbers that are missing, were added, or stand in each other's place.
    fn values(&self) -> Vec<Finding> {
        let seats = self.seats();
        let (mut missing, mut words) = (Vec::new(), Vec::new());
        for (german, is_seated) in self.german.quantities.iter().zip(&seats.german) {
            let is_repeat = german.writing == Writing::Words && !is_seated;
            if (!self.is_said(german) || is_repeat && !self.is_loosely_said(german))
                && !self.is_in_term(german)
            {
                if german.writing == Writing::Figures { missing.push(german) } else { words.push(german) }
            }
        }
        let (figures, in_words): (Vec<&Quantity>, Vec<&Quantity>) =
            self.unaccounted(&seats).into_iter().partition(|english| english.writing == Writing::Figures);
        let finding = |german: Option<&Quantity>, english: Option<&Quantity>| self.finding(german, english);
        match (&missing[..], &figures[..]) {
            // One for one, it stands in its place.
            ([german], [english]) => vec![finding(Some(german), Some(english))],
            ([german], []) if in_words.len() == 1 => vec![finding(Some(german), Some(in_words[0]))],
            ([], []) => match (&words[..], &in_words[..]) {
                ([german, ..], [english, ..]) => vec![finding(Some(german), Some(english))],
                _ => Vec::new(),
            },
            ([], [english]) if words.len() == 1 => vec![finding(Some(words[0]), Some(english))],
            ([], added) => added.iter().map(|english| finding(None, Some(english))).collect(),
            (missing, _) => missing.iter().map(|german| finding(Some(german), None)).collect(),
        }
    }

    /// Which numbers of both texts belong together, each with one other; those in figures choose first.
    fn seats(&self) -> NumberSeats {
        let mut seats = NumberSeats {
            german: vec![false; self.german.quantities.len()],
            english: vec![false; self.english.quantities.len()],
        };
        let mut order: Vec<usize> = (0..seats.english.len()).collect();
        order.sort_by_key(|at| self.english.quantities[*at].writing == Writing::Words);
        for at in order {
            let english = &self.english.quantities[at];
            let mut free = (0..seats.german.len()).filter(|german| !seats.german[*german]);
            if let Some(german) = free.find(|german| renders(&self.german.quantities[*german], english)) {
                (seats.german[german], seats.english[at]) = (true, true);
            }
        }
        seats
    }

    /// Numbers of the English for which nothing in the German accounts. One in words that stands more often than in the
    /// German is too many, too.
    fn unaccounted(&self, seats: &NumberSeats) -> Vec<&Quantity> {
        let is_alone =
            |english: &Quantity| !self.german.quantities.iter().any(|german| renders(german, english));
        let quantities = self.english.quantities.iter().zip(&seats.english);
        let open: Vec<&Quantity> = quantities
            .filter(|(english, is_seated)| {
                !**is_seated && (english.writing == Writing::Words || is_alone(english))
            })
            .map(|(english, _)| english)
            .collect();
        if open.is_empty() {
            return open;
        }
        let mut known = self.term_values();
        known.extend(&self.german.loose);
        known.extend(&self.german.numbered_months);
        known.extend(self.pair.source.words().iter().flat_map(|word| words::loose(&word.folded)));
        let months = self.german.months.iter().flat_map(|month| &month.rows).map(|row| month_of(*row));
        known.extend(months);
        // What words of the German count as a whole is no reason for one that stands too often.
        let own: Vec<f64> =
            self.german.quantities.iter().flat_map(|german| &german.values).copied().collect();
        known.retain(|value| !own.iter().any(|own| is_same(*own, *value)));
        let times: Vec<f64> =
            self.pair.source.words().iter().flat_map(|word| words::times(&word.folded)).collect();
        let is_known = |value: f64| {
            let is_product = |own: f64| times.iter().any(|word| is_same(own * word, value));
            known.iter().any(|word| is_same(*word, value)) || own.iter().any(|own| is_product(*own))
        };
        let parts = |english: &Quantity| self.is_of_two(english);
        open.into_iter()
            .filter(|english| !english.values.iter().any(|value| is_known(*value)) && !parts(english))
            .collect()
    }

    /// Whether a number of the English is two of the German that stand too close: `(3,5)` for `(3, 5)`.
    fn is_of_two(&self, english: &Quantity) -> bool {
        let text = self.english_text(&english.span);
        let has = |part: &str| {
            part.parse::<f64>().is_ok_and(|value| {
                self.german
                    .quantities
                    .iter()
                    .any(|german| german.values.iter().any(|own| is_same(*own, value)))
            })
        };
        text.split_once([',', '.']).is_some_and(|(one, other)| has(one) && has(other))
    }

    /// Days of a month where the German names the month without one: `Mitte September` is no September 15.
    fn days_of_nothing(&self) -> Vec<Finding> {
        let is_vague = |month: &CalendarWord| {
            let before = self.pair.source.text()[..month.span.start].trim_end();
            let word = before.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default().to_lowercase();
            TABLE.vague.contains(&word.as_str())
        };
        let of_days = |english: &&Quantity| {
            english.role == NumberRole::Day
                && !self.german.quantities.iter().any(|german| renders(german, english))
        };
        let Some(month) = self.german.months.iter().find(|month| is_vague(month)) else { return Vec::new() };
        let added = self.english.quantities.iter().filter(of_days);
        // What is reported as added already is not reported twice.
        let reported = self.unaccounted(&self.seats());
        let added = added.filter(|english| !reported.contains(english));
        let message = |english: &Quantity| {
            let (german, english) = (self.german_text(&month.span), self.english_text(&english.span));
            format!("the German says no day of {german}, the English says “{english}”")
        };
        added
            .map(|english| Finding {
                source: Some(month.span.clone()),
                target: Some(english.span.clone()),
                ..mistake(message(english), None)
            })
            .collect()
    }

    /// Units that became others.
    fn units(&self) -> Vec<Finding> {
        let other = |german: &Quantity| {
            let same = || self.english.quantities.iter().filter(|english| renders(german, english));
            let fits = |english: &Quantity| english.units.iter().any(|unit| german.units.contains(unit));
            let english = same().find(|english| !english.units.is_empty())?;
            let is_other = !german.units.is_empty() && !same().any(|e| fits(e) || e.units.is_empty());
            is_other.then(|| {
                let units = |rows: &[usize]| TABLE.units.names[rows[0]];
                let message = format!(
                    "“{}” is in {}, “{}” in the English in {}",
                    self.german_text(&german.span),
                    units(&german.units),
                    self.english_text(&english.span),
                    units(&english.units)
                );
                let (source, target) = (Some(german.span.clone()), Some(english.span.clone()));
                Finding { source, target, ..mistake(message, None) }
            })
        };
        self.german.quantities.iter().filter_map(other).collect()
    }

    /// Months or days of the week that became others: one is missing, and one is there that the German does not have.
    fn calendar(
        &self,
        pairs: &WordPairs,
        german: &[CalendarWord],
        english: &[CalendarWord],
        name: &str,
    ) -> Vec<Finding> {
        let shares = |a: &CalendarWord, b: &CalendarWord| a.rows.iter().any(|row| b.rows.contains(row));
        let numbered = |word: &CalendarWord| {
            name == "month"
                && word.rows.iter().any(|row| self.german.numbered_months.contains(&(month_of(*row))))
        };
        let missing = german.iter().find(|own| !english.iter().any(|other| shares(own, other)));
        let added =
            english.iter().find(|own| !german.iter().any(|other| shares(own, other)) && !numbered(own));
        let of_number = || {
            let month = self.german.numbered_months.iter().find(|month| {
                !english.iter().any(|own| own.rows.iter().any(|row| is_same(month_of(*row), **month)))
            });
            month.filter(|_| name == "month" && german.is_empty()).map(|month| format!("{month}"))
        };
        let (was, source) = match (missing, added) {
            (Some(missing), Some(_)) => {
                (self.german_text(&missing.span).to_owned(), Some(missing.span.clone()))
            }
            (None, Some(_)) => match of_number() {
                Some(month) => (month, None),
                None => return Vec::new(),
            },
            _ => return Vec::new(),
        };
        let Some(added) = added else { return Vec::new() };
        let should = missing.and_then(|missing| {
            let row = missing.rows.first()?;
            let of_row = pairs.english.iter().filter(|(_, rows)| rows.contains(row)).map(|(word, _)| *word);
            let longest = of_row.filter(|word| !word.ends_with("ys")).max_by_key(|word| word.len())?;
            Some(longest[..1].to_uppercase() + &longest[1..])
        });
        let message = format!("the {name} “{was}” reads “{}” in the English", self.english_text(&added.span));
        vec![Finding { source, target: Some(added.span.clone()), ..mistake(message, should) }]
    }

    /// `Von 3 auf 5` that became *from 5 to 3*.
    fn direction(&self) -> Vec<Finding> {
        let before = |text: &str, quantity: &Quantity| {
            let before = text[..quantity.span.start].trim_end_matches(|c: char| !c.is_alphabetic());
            before.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default().to_lowercase()
        };
        let (source, target) = (self.pair.source.text(), self.pair.target.text());
        let german = &self.german.quantities;
        let turned = german.windows(2).find_map(|two| {
            let [from, to] = two else { return None };
            let is_path =
                before(source, from) == "von" && matches!(before(source, to).as_str(), "auf" | "nach");
            let english = |german: &Quantity, word: &str| {
                let said = |english: &&Quantity| renders(german, english) && before(target, english) == word;
                self.english.quantities.iter().find(said)
            };
            let is_turned = is_path && !renders(from, to);
            let (start, end) = (english(to, "from")?, english(from, "to")?);
            is_turned.then(|| {
                (
                    from.span.start..to.span.end,
                    start.span.start.min(end.span.start)..start.span.end.max(end.span.end),
                )
            })
        });
        let finding = |(source, target): (Range<usize>, Range<usize>)| {
            let message = format!(
                "“{}” reads “{}” in the English: the direction is turned around",
                self.german_text(&source),
                self.english_text(&target)
            );
            let finding = Finding::new(FindingKind::Direction, Severity::Warning, message);
            Finding { source: Some(source), target: Some(target), ..finding }
        };
        turned.map(finding).into_iter().collect()
    }

    /// What there is to say of a number that is missing, one that was added, or one that stands for another.
    fn finding(&self, missing: Option<&Quantity>, added: Option<&Quantity>) -> Finding {
        let source = missing.map(|number| number.span.clone());
        let target = added.map(|number| number.span.clone());
        let german = source.as_ref().map(|span| self.german_text(span));
        let english = target.as_ref().map(|span| self.english_text(span));
        let message = match (german, english) {
            // German marks that English has for other values: 272.000.
            (Some(german), Some(english)) if german == english => {
                format!("“{english}” should read “{}”", with_english_marks(english))
            }
            (Some(german), Some(english)) => format!("“{german}” reads “{english}” in the English"),
            (Some(german), None) => format!("“{german}” is missing in the English"),
            (None, english) => format!("“{}” is not in the German", english.unwrap_or_default()),
        };
        let should = german.and_then(in_english);
        Finding { source, target, ..mistake(message, should) }
    }
}

/// Numbers that have the German marks in the English: `7,5 percent`. Their value is understood, but the marks are wrong.
fn german_marks(pair: Pair<'_>, german: &NumberReading, english: &NumberReading) -> Vec<Finding> {
    let figures = |text: &str, number: &Quantity| {
        let text = &text[number.span.clone()];
        let end = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ',')).unwrap_or(text.len());
        text[..end].to_owned()
    };
    let left = english.quantities.iter().filter_map(|number| {
        let numeral = figures(pair.target.text(), number);
        let own = german.quantities.iter().find(|own| figures(pair.source.text(), own) == numeral)?;
        let (at, mark) = numeral.char_indices().rfind(|(_, c)| !c.is_ascii_digit())?;
        // Three digits behind a comma are a group in English, and of another value.
        let is_decimal = mark == ',' && numeral.len() - at - mark.len_utf8() != 3;
        is_decimal.then(|| {
            let should = with_english_marks(&numeral);
            let target = number.span.start..number.span.start + numeral.len();
            Finding {
                source: Some(own.span.clone()),
                target: Some(target),
                ..mistake(format!("“{numeral}” should read “{should}”"), Some(should))
            }
        })
    });
    left.collect()
}

/// Puts numbers together whose groups were torn apart (`20, 000`), where the German has their value, and reports them.
fn mend(pair: Pair<'_>, german: &NumberReading, english: &mut NumberReading) -> Vec<Finding> {
    let text = pair.target.text();
    let mut found = Vec::new();
    let mut at = 1;
    while at < english.quantities.len() {
        let (first, second) = (&english.quantities[at - 1], &english.quantities[at]);
        let head = &text[first.span.clone()];
        let group = text[second.span.clone()].split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        let gap = text.get(first.span.end..second.span.start).unwrap_or_default();
        let is_torn = is_torn(gap)
            && group.len() == 3
            && head.bytes().all(|b| b.is_ascii_digit() || b == b',')
            && head.rsplit(',').next().is_some_and(|last| last.len() <= 3);
        let factor =
            group.parse::<f64>().ok().filter(|own| *own > 0.0).map_or(1.0, |own| second.values[0] / own);
        let digits: String = head.chars().filter(char::is_ascii_digit).chain(group.chars()).collect();
        let value = digits.parse::<f64>().ok().map(|value| value * factor);
        let has = |quantities: &[Quantity], value: f64| {
            quantities.iter().any(|quantity| quantity.values.iter().any(|own| is_same(*own, value)))
        };
        let Some(value) = value
            .filter(|value| is_torn && has(&german.quantities, *value) && !has(&english.quantities, *value))
        else {
            at += 1;
            continue;
        };
        let span = first.span.start..second.span.end;
        let torn = first.span.start..second.span.start + group.len();
        let should = format!("{head},{group}");
        let message = format!("“{}” should read “{should}”", &text[torn.clone()]);
        let finding = mistake(message, Some(should));
        found.push(Finding { target: Some(torn), ..finding });
        let units = english.quantities[at].units.clone();
        english.quantities[at - 1] =
            Quantity { span, values: vec![value], writing: Writing::Figures, role: NumberRole::Plain, units };
        english.quantities.remove(at);
    }
    found
}

/// A finding without its places.
fn mistake(message: String, should: Option<String>) -> Finding {
    Finding { should, ..Finding::new(FindingKind::Numbers, Severity::Warning, message) }
}
#[cfg(test)]
mod tests {
    use super::super::testing::{looked, term};
    use super::*;

    #[test]
    fn the_tables_can_be_read() {
        assert_eq!(table::NumberTable::read().err(), None);
    }

    fn findings(source: &str, target: &str) -> Vec<String> {
        looked(source, target, &[], super::findings).into_iter().map(|f| f.message).collect()
    }

    #[test]
    fn the_two_ways_of_writing_a_number_are_one() {
        for (source, target) in [
            ("Es kostet 1,3 Millionen.", "It costs 1.3 million."),
            ("Es kostet 2,5 Mrd. Euro.", "It costs €2.5bn."),
            ("Rund 13 000 kamen, 20.000 gingen.", "Some 13,000 came, 20,000 left."),
            ("Am 8. Oktober um 15 Uhr", "On October 8th at 3 p.m."),
            ("Am 3.10.1990", "On 3 October 1990"),
            ("Genau 1.234,56 Meter", "Exactly 1,234.56 metres"),
            ("Nur 4 von 45 kamen.", "Only four of forty-five came."),
            ("Der 2. Platz", "Second place"),
            ("Zum Preis von 1 Million", "At the price of 1,000,000"),
            ("zweihundert Leute", "200 people"),
        ] {
            assert_eq!(findings(source, target), Vec::<String>::new(), "{source}");
        }
    }

    #[test]
    fn numbers_in_terms_are_those_of_their_renderings() {
        let terms = [term("Erreger", "HIV-1", 4), term("die 50-Kilo-Säcke", "all sacks", 23)];
        let source = "Der Erreger kam durch die 50-Kilo-Säcke, 7 Stück.";
        let found = |target| looked(source, target, &terms, super::findings).len();
        assert_eq!(found("HIV-1 came by all sacks, 7 of them."), 0);
        assert_eq!(found("HIV-2 came by all sacks, 7 of them."), 1);
        assert_eq!(found("HIV-1 came by all sacks."), 1);
    }

    #[test]
    fn german_marks_left_in_the_english_are_reported() {
        for (source, target, expected) in [
            ("Um 3,4 Grad wärmer", "Warmer by 3,4 degrees", &["“3,4” should read “3.4”"][..]),
            ("Genau 1.234,56 Meter", "Exactly 1.234,56 metres", &["“1.234,56” should read “1,234.56”"]),
            ("Um 3,4 Grad wärmer", "Warmer by 3.4 degrees", &[]),
            ("Genau 12.000 Meter", "Exactly 12,000 metres", &[]),
        ] {
            assert_eq!(findings(source, target), expected, "{source} {target}");
        }
    }

    #[test]
    fn lost_and_added_numbers_are_reported() {
        for (source, target, expected) in [
            ("Es waren 27 Schafe.", "There were 72 sheep.", &["“27” reads “72” in the English"][..]),
            ("Es sind 1,3 Liter.", "It is 13 litres.", &["“1,3” reads “13” in the English"]),
            ("Es waren 27 Schafe.", "There were sheep.", &["“27” is missing in the English"]),
            ("Es waren Schafe.", "There were 72 sheep.", &["“72” is not in the German"]),
            // Which of the two it stands for cannot be known.
            (
                "Es waren 27 Schafe und 14 Ziegen.",
                "There were 72 sheep and goats.",
                &["“27” is missing in the English", "“14” is missing in the English"],
            ),
        ] {
            assert_eq!(findings(source, target), expected, "{source} {target}");
        }
    }
}
