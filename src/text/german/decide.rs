//! One decision per candidate.

use super::candidates::{BoundaryCandidate, Bracket, Mark, Next};
use super::lists::{Abbreviation, LISTS};
use super::rule::BoundaryRule;

/// Years are written with four digits from here on.
const FIRST_YEAR: u32 = 1000;
/// The largest number that is read as an ordinal without an article before it.
const LAST_BARE_ORDINAL: u32 = 31;

/// What the word before a full stop is.
enum WordBeforeStop {
    Plain,
    Integer(u32),
    /// A number with a comma, colon or stop inside, or too long to be an ordinal.
    Amount,
    /// A day and a month: `24.12`.
    Date,
    Letter(char),
    Abbreviation(Abbreviation),
    /// Letters with stops between them that no list knows.
    Parts,
    Roman,
}

/// Decides whether a sentence ends at the candidate, and by which rule.
pub(super) fn decide(candidate: &BoundaryCandidate<'_>, is_extra: impl Fn(&str) -> bool) -> BoundaryRule {
    match candidate.next {
        Next::Other => return BoundaryRule::NothingBegins,
        Next::Lower | Next::LowerLast if !is_small_name(candidate) => {
            return BoundaryRule::SmallLetterFollows;
        }
        _ => {}
    }
    if candidate.closers.bracket && candidate.bracket == Bracket::Sentence {
        return BoundaryRule::BracketEnd;
    }
    if candidate.closers.marked {
        return if candidate.mark == Mark::Strong {
            BoundaryRule::StrongMark
        } else {
            BoundaryRule::QuoteEnd
        };
    }
    match candidate.mark {
        Mark::Strong => strong(candidate),
        Mark::Ellipsis if is_omission(candidate) => BoundaryRule::BracketInside,
        Mark::Ellipsis => BoundaryRule::EllipsisEnd,
        Mark::Stop | Mark::NotedStop => stop(candidate, is_extra),
    }
}

/// A name or compound that begins with a small letter wherever it stands: `iPhone`, `dpa`, `dpa-Bericht`, `al-Assad`.
fn is_small_name(candidate: &BoundaryCandidate<'_>) -> bool {
    let word = candidate.next_word;
    let (first, rest) = word.split_once('-').unwrap_or((word, ""));
    let listed =
        || candidate.next == Next::Lower && (LISTS.is_small_name(word) || LISTS.is_small_name(first));
    is_mixed_case(word) || rest.starts_with(char::is_uppercase) || listed()
}

/// `iPhone`, `meinVZ`: a name that begins with a small letter and has a capital in its first member.
fn is_mixed_case(word: &str) -> bool {
    word.split('-').next().is_some_and(|member| member.chars().skip(1).any(char::is_uppercase))
}

fn strong(candidate: &BoundaryCandidate<'_>) -> BoundaryRule {
    if candidate.closers.bracket
        && !candidate.opens
        && !starts_sentence(candidate)
        && candidate.next == Next::Upper
    {
        return BoundaryRule::BracketInside;
    }
    if LISTS.has_own_mark(candidate.word) && !starts_sentence(candidate) {
        return BoundaryRule::NameWithMark;
    }
    BoundaryRule::StrongMark
}

/// `[…]` inside a sentence.
fn is_omission(candidate: &BoundaryCandidate<'_>) -> bool {
    let alone = candidate.word.is_empty() && candidate.bracket == Bracket::Word && candidate.closers.bracket;
    alone && !candidate.prior.ends_with(['.', '?', '!', '“', '"'])
}

fn starts_sentence(candidate: &BoundaryCandidate<'_>) -> bool {
    LISTS.is_starter(candidate.next_word)
}

fn stop(candidate: &BoundaryCandidate<'_>, is_extra: impl Fn(&str) -> bool) -> BoundaryRule {
    let starter = || starts_sentence(candidate);
    match classify(candidate, is_extra) {
        WordBeforeStop::Plain if candidate.closers.quote => BoundaryRule::QuoteEnd,
        WordBeforeStop::Plain => BoundaryRule::PlainWord,
        _ if candidate.closers.bracket && !candidate.closers.quote => BoundaryRule::BracketInside,
        WordBeforeStop::Abbreviation(Abbreviation::NeverFinal) => BoundaryRule::Abbreviation,
        _ if candidate.mark == Mark::NotedStop => BoundaryRule::Footnote,
        _ if candidate.closers.quote && !candidate.quoted => BoundaryRule::QuoteEnd,
        WordBeforeStop::Integer(number) => integer(candidate, number),
        WordBeforeStop::Date if starter() => BoundaryRule::NumberThenStarter,
        WordBeforeStop::Date => BoundaryRule::NumberGoesOn,
        WordBeforeStop::Amount if candidate.next == Next::Upper && LISTS.is_month(candidate.next_word) => {
            BoundaryRule::Month
        }
        WordBeforeStop::Amount => BoundaryRule::CardinalNumber,
        WordBeforeStop::Letter(letter) => single_letter(candidate, letter),
        WordBeforeStop::Abbreviation(Abbreviation::UsuallyFinal) if candidate.next == Next::Upper => {
            BoundaryRule::FinalAbbreviation
        }
        WordBeforeStop::Abbreviation(_) | WordBeforeStop::Parts if starter() => {
            BoundaryRule::AbbreviationThenStarter
        }
        WordBeforeStop::Abbreviation(_) | WordBeforeStop::Parts => BoundaryRule::Abbreviation,
        WordBeforeStop::Roman if candidate.first => BoundaryRule::ListMarker,
        WordBeforeStop::Roman if starter() || candidate.opens => BoundaryRule::RomanThenStarter,
        WordBeforeStop::Roman => BoundaryRule::RomanNumeral,
    }
}

fn integer(candidate: &BoundaryCandidate<'_>, number: u32) -> BoundaryRule {
    let starter = starts_sentence(candidate);
    let is_year = (FIRST_YEAR..10_000).contains(&number);
    if (candidate.first && !is_year) || (number == 1 && candidate.prior.ends_with(':')) {
        return BoundaryRule::ListMarker;
    }
    let of_noun = counts_noun(candidate.prior);
    if candidate.next == Next::Digit {
        // `250. 000 Einwohner`: thousands set apart by a stop and a blank.
        if candidate.next_word.starts_with("000") {
            return BoundaryRule::NumberGoesOn;
        }
        let goes_on = number <= LAST_BARE_ORDINAL && !of_noun;
        return if goes_on { BoundaryRule::NumberGoesOn } else { BoundaryRule::CardinalNumber };
    }
    if starter {
        return BoundaryRule::NumberThenStarter;
    }
    if number <= LAST_BARE_ORDINAL && LISTS.is_month(candidate.next_word) {
        return BoundaryRule::Month;
    }
    if is_year && !is_article(candidate.prior) {
        return BoundaryRule::CardinalNumber;
    }
    if LISTS.is_ordinal_noun(candidate.next_word) {
        return BoundaryRule::OrdinalNoun;
    }
    if LISTS.is_determiner(candidate.prior) || (is_attribute(candidate.prior) && !of_noun) {
        return BoundaryRule::OrdinalAfterDeterminer;
    }
    if of_noun {
        return BoundaryRule::NumberOfNoun;
    }
    if number > LAST_BARE_ORDINAL || candidate.prior.ends_with(char::is_alphabetic) {
        return BoundaryRule::CardinalNumber;
    }
    BoundaryRule::OrdinalAfterDeterminer
}

/// Whether a number after the word belongs to it: `Platz 3`, `iPhone 15`, `§ 5`.
fn counts_noun(prior: &str) -> bool {
    let name = prior.starts_with(char::is_uppercase) || is_mixed_case(prior);
    (name && prior.ends_with(char::is_alphabetic)) || prior == "§"
}

/// An article that agrees with an ordinal: `der 1000. Besucher`.
fn is_article(word: &str) -> bool {
    matches!(word, "der" | "die" | "das" | "den" | "dem" | "des")
}

/// An inflected attribute before an ordinal: `seinen letzten 5. Platz`, `das frühe 5. Jahrhundert`.
fn is_attribute(word: &str) -> bool {
    let ending = ["e", "en", "er", "es", "em", "ens"].iter().any(|ending| word.ends_with(ending));
    ending && word.starts_with(char::is_lowercase) && word.len() > 4
}

fn single_letter(candidate: &BoundaryCandidate<'_>, letter: char) -> BoundaryRule {
    if candidate.first {
        return BoundaryRule::ListMarker;
    }
    if LISTS.is_label(candidate.prior) && candidate.next == Next::Upper {
        return BoundaryRule::LetterOfNoun;
    }
    let prior_is_part = candidate.prior.ends_with('.');
    let unit = letter.is_lowercase() && candidate.prior.ends_with(|c: char| c.is_ascii_digit());
    // Symbols of units have no stop of their own; `f.` after a page and `n.` before `Chr.` are none.
    if unit && "ghlmt".contains(letter) && candidate.next == Next::Upper {
        return BoundaryRule::Unit;
    }
    let name = letter.is_uppercase() && !prior_is_part;
    if (unit || name) && starts_sentence(candidate) {
        return BoundaryRule::LetterThenStarter;
    }
    BoundaryRule::Initial
}

fn classify(candidate: &BoundaryCandidate<'_>, is_extra: impl Fn(&str) -> bool) -> WordBeforeStop {
    let word = candidate.word;
    let mut chars = word.chars();
    let Some(first) = chars.next() else { return WordBeforeStop::Plain };
    if first.is_ascii_digit() {
        return if is_thousands(candidate) { WordBeforeStop::Amount } else { number(word) };
    }
    if is_extra(word) {
        return WordBeforeStop::Abbreviation(Abbreviation::NeverFinal);
    }
    if let Some(class) = abbreviation(candidate) {
        return match class {
            Abbreviation::Word => WordBeforeStop::Plain,
            Abbreviation::BeforeNumbers if !counts(candidate) => WordBeforeStop::Plain,
            _ => WordBeforeStop::Abbreviation(class),
        };
    }
    if is_roman(word) {
        return WordBeforeStop::Roman;
    }
    if chars.as_str().is_empty() && first.is_alphabetic() {
        return WordBeforeStop::Letter(first);
    }
    if let Some(letter) = initial_of_double_name(word) {
        return WordBeforeStop::Letter(letter);
    }
    if word.split('.').all(|part| (1..=2).contains(&part.chars().count())) && word.contains('.') {
        return WordBeforeStop::Parts;
    }
    if is_clipped(word) || has_odd_tail(word) {
        return WordBeforeStop::Abbreviation(Abbreviation::MayBeFinal);
    }
    WordBeforeStop::Plain
}

/// The initial in `Hans-J.` or `K.-H.`
fn initial_of_double_name(word: &str) -> Option<char> {
    let (first, last) = word.rsplit_once('-')?;
    let mut chars = last.chars();
    let letter = chars.next().filter(|letter| letter.is_uppercase() && chars.as_str().is_empty())?;
    let name =
        first.starts_with(char::is_uppercase) && first.chars().skip(1).all(|c| c.is_lowercase() || c == '.');
    name.then_some(letter)
}

/// Whether a number follows, in digits or Roman.
fn counts(candidate: &BoundaryCandidate<'_>) -> bool {
    candidate.next == Next::Digit || (candidate.next == Next::Upper && is_roman(candidate.next_word))
}

fn number(word: &str) -> WordBeforeStop {
    let ordinal = word.bytes().all(|b| b.is_ascii_digit()) && word.len() <= 4;
    match word.parse() {
        Ok(number) if ordinal => WordBeforeStop::Integer(number),
        _ if is_date(word) => WordBeforeStop::Date,
        _ if word.ends_with(|c: char| c.is_ascii_digit()) => WordBeforeStop::Amount,
        _ => WordBeforeStop::Plain,
    }
}

/// Whether the word is the last group of a number set apart by blanks: `1 000 000`.
fn is_thousands(candidate: &BoundaryCandidate<'_>) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    candidate.word.len() == 3
        && candidate.prior.len() <= 3
        && digits(candidate.word)
        && digits(candidate.prior)
}

/// `24.12`: a day and a month.
fn is_date(word: &str) -> bool {
    let within = |part: &str, last: u32| part.parse().is_ok_and(|number: u32| (1..=last).contains(&number));
    word.split_once('.').is_some_and(|(day, month)| within(day, 31) && within(month, 12))
}

/// Looks the word up whole, by its last hyphenated part, and together with the parts before it (`z. B.`).
fn abbreviation(candidate: &BoundaryCandidate<'_>) -> Option<Abbreviation> {
    let word = candidate.word;
    let last = word.rsplit('-').next().unwrap_or(word);
    if word.chars().count() <= 3 && candidate.prior.ends_with('.') {
        let joined = format!("{}{word}", candidate.prior.trim_start_matches(|c: char| !c.is_alphanumeric()));
        if let Some(class) = LISTS.abbreviation(&joined) {
            return Some(class);
        }
    }
    let street = || last.ends_with("str").then_some(Abbreviation::MayBeFinal);
    // Of a woman: `StSin`, `StAin`.
    let is_office = |word: &str| is_composed(word) || word.strip_suffix("in").is_some_and(is_composed);
    let composed = || is_office(last).then_some(Abbreviation::MayBeFinal);
    LISTS.abbreviation(word).or_else(|| LISTS.abbreviation(last)).or_else(street).or_else(composed)
}

/// Whether a word is put together of pieces of abbreviations, each with its capital: `MinDir`, `OStFw`, `StS`.
fn is_composed(word: &str) -> bool {
    /// Of more pieces no rank or office is made.
    const MOST: usize = 5;
    let capitals = word.chars().filter(|c| c.is_uppercase()).count();
    if !(2..=MOST).contains(&capitals) || !word.starts_with(char::is_uppercase) {
        return false;
    }
    let mut long = false;
    let mut rest = word;
    while !rest.is_empty() {
        let end =
            rest.char_indices().skip(1).find(|(_, c)| c.is_uppercase()).map_or(rest.len(), |(at, _)| at);
        if !LISTS.is_piece(&rest[..end]) {
            return false;
        }
        long |= end > 1;
        rest = &rest[end..];
    }
    long
}

/// A Roman numeral below a hundred. Hundreds are left out: `CD` and `MDC` are acronyms.
fn is_roman(word: &str) -> bool {
    let tens = word.trim_start_matches(['X', 'L']);
    let canonical = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"].contains(&tens);
    let head = &word[..word.len() - tens.len()];
    canonical && ["", "X", "XX", "XXX", "XL", "L", "LX", "LXX"].contains(&head)
}

/// A short word without a vowel, such as `mtgl` or `Hptst`: an abbreviation that no list knows. Acronyms in
/// capitals are words.
fn is_clipped(word: &str) -> bool {
    let vowel = |c: char| "aeiouyäöüAEIOUYÄÖÜéèáà".contains(c);
    (2..=6).contains(&word.len())
        && word.chars().skip(1).all(char::is_lowercase)
        && word.chars().all(|c| c.is_alphabetic() && !vowel(c))
}

/// Whether consonants follow the last vowel that no German word ends in, as in `Oberstlt` or `Hauptfw`: after an obstruent a
/// sonorant and another consonant, or a `w`. An abbreviation that no list knows.
fn has_odd_tail(word: &str) -> bool {
    let obstruent = |b: u8| b"bcdfgkpqstvxz".contains(&b);
    let consonant = |b: u8| obstruent(b) || b"hjlmnrw".contains(&b);
    let tail = word.as_bytes().iter().rev().take_while(|b| consonant(**b)).count();
    let tail = &word.as_bytes()[word.len() - tail..];
    let rises = |three: &[u8]| obstruent(three[0]) && b"lmnr".contains(&three[1]) && obstruent(three[2]);
    let letters = word.chars().all(char::is_alphabetic) && word.len() > tail.len();
    letters && (tail.windows(3).any(rises) || (tail.len() > 1 && tail.ends_with(b"w")))
}
