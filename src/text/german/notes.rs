//! Footnote marks behind the end of a sentence: `[3]`, `¹`, and the bare digit that is left of a raised one when text is
//! copied out of a page: `prägen.3 Hingegen`.

use super::lists::LISTS;

/// The longest numbers of a footnote mark, in bytes.
const LONGEST: usize = 24;
/// The most digits of a footnote mark.
const DIGITS: usize = 3;
/// The fewest letters of a word behind whose stop a bare digit is a footnote: shorter ones are abbreviations (`Nr.3`).
const WORD: usize = 3;

/// The bytes of the footnote marks that `rest` begins with, which follows a mark and what closes with it; `before` ends in
/// front of the mark, `strong` says whether the mark or a quote that closes behind it rules an abbreviation out.
#[inline]
pub(super) fn length(before: &str, rest: &str, strong: bool) -> usize {
    // Nearly every mark has a blank behind it.
    if !matches!(rest.as_bytes().first(), Some(b'[' | b'{' | b'(' | b'*' | b'0'..=b'9' | 0xc2 | 0xe1 | 0xe2))
    {
        return 0;
    }
    let mut end = 0;
    while let Some(length) = mark(&rest[end..]) {
        end += length;
        // Between two raised marks: `¹,²`.
        let behind = &rest[end..];
        end += usize::from(behind.starts_with(',') && mark(&behind[1..]).is_some());
    }
    if end > 0 { end } else { bare(before, rest, strong).unwrap_or(0) }
}

fn mark(rest: &str) -> Option<usize> {
    bracketed(rest, '[', ']')
        .or_else(|| bracketed(rest, '{', '}'))
        .or_else(|| bracketed(rest, '(', ')').filter(|length| ends_word(&rest[*length..])))
        .or_else(|| raised(rest))
        .or_else(|| sign(rest))
}

/// `[3]`, `[3, 4]`, `[3–5]`, `[Anm. 3]`, `[note 1]`, `[1, S. 23]`, `[^1]`, `[a]`, and remarks of an encyclopedia: `[Belege fehlen]`.
fn bracketed(rest: &str, open: char, close: char) -> Option<usize> {
    let (inner, _) = rest.strip_prefix(open)?.split_once(close)?;
    let length = inner.len() + 2;
    if open == '[' && LISTS.is_note_remark(inner) {
        return Some(length);
    }
    let inner = inner.strip_prefix('^').unwrap_or(inner);
    let (label, numbers) = inner.rsplit_once(' ').map_or(("", inner), |(label, number)| {
        if LISTS.is_note_label(label) { (label, number) } else { ("", inner) }
    });
    let letter = label.is_empty() && inner.len() == 1 && inner.bytes().all(|b| b.is_ascii_lowercase());
    let (notes, page) = numbers.split_once(", S. ").unwrap_or((numbers, ""));
    let digits = |part: &str| (1..=DIGITS).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let all = |numbers: &str| numbers.split([',', '-', '–']).map(str::trim).all(digits);
    let numbered = inner.len() < LONGEST && all(notes) && (page.is_empty() || all(page));
    (letter || numbered).then_some(length)
}

/// Digits and letters that are raised, or in a circle, as characters of their own, with a bracket that belongs to them: `¹⁾`.
fn raised(rest: &str) -> Option<usize> {
    let digit =
        |c: char| matches!(c, '¹' | '²' | '³' | '⁰'..='⁹' | 'ᵃ'..='ᵉ' | '\u{207b}' | '①'..='⑳' | '❶'..='❿');
    let behind = rest.trim_start_matches(digit);
    if behind.len() == rest.len() {
        return None;
    }
    let behind = behind.strip_prefix(['⁾', ')']).unwrap_or(behind);
    Some(rest.len() - behind.len())
}

/// Asterisks and daggers, one sign up to three times, at the end of the word: `unklar.** Ein`.
fn sign(rest: &str) -> Option<usize> {
    let first = rest.chars().next().filter(|c| matches!(c, '*' | '†' | '‡'))?;
    let behind = rest.trim_start_matches(first);
    let length = rest.len() - behind.len();
    let few = length <= 3 * first.len_utf8();
    (few && opens_sentence(behind)).then_some(length)
}

/// Digits right behind the stop of a word, or of a quotation, before a capital: `Gesetz.12`, `Regel.4-6`, `Regel.7, 8`.
fn bare(before: &str, rest: &str, strong: bool) -> Option<usize> {
    let mut end = 0;
    loop {
        let digits = rest[end..].bytes().take_while(u8::is_ascii_digit).count();
        if !(1..=DIGITS).contains(&digits) || rest[end..].starts_with('0') {
            return None;
        }
        end += digits;
        let joint = [", ", ",", "-", "–"].into_iter().find(|joint| rest[end..].starts_with(joint));
        let Some(joint) = joint else { break };
        end += joint.len();
    }
    (opens_sentence(&rest[end..]) && (strong || ends_in_word(before))).then_some(end)
}

/// Whether a blank and a capital, or a quotation, follow.
fn opens_sentence(behind: &str) -> bool {
    let words = behind.trim_start();
    words.len() < behind.len()
        && words.starts_with(|c: char| c.is_uppercase() || matches!(c, '„' | '»' | '«'))
}

fn ends_word(behind: &str) -> bool {
    behind.is_empty() || behind.starts_with(char::is_whitespace)
}

/// Whether the text ends in a word that is no abbreviation: one of small letters, an acronym, or words in a bracket.
fn ends_in_word(text: &str) -> bool {
    if text.ends_with(')') {
        return true;
    }
    let tail = text.char_indices().rev().take_while(|(_, c)| c.is_alphabetic());
    let Some(start) = tail.take(40).last().map(|(at, _)| at) else { return false };
    let word = &text[start..];
    let last = || word.chars().rev().take(WORD);
    let small = last().filter(|c| c.is_lowercase()).count() == WORD;
    // Roman numerals count articles and volumes, which have parts: `Bd. II.3`.
    let is_acronym = word.chars().count() > 1
        && word.chars().all(char::is_uppercase)
        && !word.chars().all(|c| matches!(c, 'I' | 'V' | 'X' | 'L'));
    let known = LISTS.abbreviation(word).is_some() || text[..start].ends_with(['.', '/', '@', '-']);
    (small || is_acronym) && !known
}
