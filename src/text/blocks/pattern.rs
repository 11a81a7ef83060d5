//! The small pattern language of the furniture rules; the data file explains it.

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum PatternPart {
    /// This character, in either case; a blank is any white space.
    Char(char),
    Anything,
    /// One or more digits.
    Digits,
    Name,
    /// Small ASCII letters, digits, hyphens, underscores.
    Id,
}

impl PatternPart {
    /// The character, if it is one.
    fn literal(&self) -> Option<char> {
        match self {
            Self::Char(c) => Some(*c),
            _ => None,
        }
    }
}

/// One pattern without alternatives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LinePattern(Vec<PatternPart>);

impl LinePattern {
    /// The patterns that `source` stands for: one for each combination of its alternatives.
    pub(super) fn parse(source: &str) -> Vec<Self> {
        let mut patterns = vec![Vec::new()];
        let mut chars = source.chars();
        while let Some(c) = chars.next() {
            if c == '[' {
                let choices: Vec<_> = alternatives(&mut chars).iter().map(|choice| parts(choice)).collect();
                patterns = patterns
                    .iter()
                    .flat_map(|head| choices.iter().map(|choice| [head.as_slice(), choice].concat()))
                    .collect();
            } else {
                let part = part(c, &mut chars);
                for pattern in &mut patterns {
                    pattern.push(part.clone());
                }
            }
        }
        patterns.into_iter().map(Self).collect()
    }

    /// The first `length` characters of everything the pattern matches, if they are always the same.
    pub(super) fn head(&self, length: usize) -> Option<String> {
        self.0.get(..length)?.iter().map(PatternPart::literal).collect()
    }

    /// Whether `text` begins with what the first part of the pattern accepts; quick, and no proof of a match.
    pub(super) fn may_begin(&self, text: &str) -> bool {
        let Some(first) = text.chars().next() else { return false };
        match self.0.first() {
            Some(PatternPart::Char(c)) => fold(first) == *c,
            Some(PatternPart::Digits) => first.is_ascii_digit(),
            Some(PatternPart::Name) => first.is_uppercase(),
            Some(PatternPart::Id) => is_id(first),
            Some(PatternPart::Anything) => true,
            None => false,
        }
    }

    /// Whether everything the pattern matches contains a digit.
    pub(super) fn has_digits(&self) -> bool {
        self.0.contains(&PatternPart::Digits)
    }

    /// The longest run of characters that everything the pattern matches contains.
    pub(super) fn longest_literal(&self) -> String {
        let runs = self.0.split(|part| part.literal().is_none());
        let longest = runs.max_by_key(|run| run.len()).unwrap_or_default();
        longest.iter().filter_map(PatternPart::literal).collect()
    }

    /// Whether all of `text` matches.
    pub(super) fn matches(&self, text: &str) -> bool {
        matches(&self.0, text, &|rest| rest.is_empty()).is_some()
    }

    /// The bytes of the beginning of `text` that match, up to a white space or the end.
    pub(super) fn matches_start(&self, text: &str) -> Option<usize> {
        let end = |rest: &str| rest.is_empty() || rest.starts_with(char::is_whitespace);
        matches(&self.0, text, &end).map(|rest| text.len() - rest)
    }

    /// Whether `text` begins so; the pattern need not end where a word does.
    pub(super) fn begins(&self, text: &str) -> bool {
        matches(&self.0, text, &|_| true).is_some()
    }

    /// Whether `text` ends so, from the beginning of a word.
    pub(super) fn ends(&self, text: &str) -> bool {
        let word = |at: usize| at == 0 || text[..at].ends_with(char::is_whitespace);
        text.char_indices().any(|(at, _)| word(at) && self.matches(&text[at..]))
    }
}

/// The alternatives up to the closing bracket.
fn alternatives(chars: &mut std::str::Chars<'_>) -> Vec<String> {
    let mut choices = vec![String::new()];
    while let Some(c) = chars.next() {
        match c {
            ']' => break,
            '|' => choices.push(String::new()),
            _ => {
                if let Some(choice) = choices.last_mut() {
                    choice.push(c);
                    if c == '\\' {
                        choice.extend(chars.next());
                    }
                }
            }
        }
    }
    choices
}

fn parts(source: &str) -> Vec<PatternPart> {
    let mut chars = source.chars();
    let mut found = Vec::new();
    while let Some(c) = chars.next() {
        found.push(part(c, &mut chars));
    }
    found
}

fn part(c: char, chars: &mut std::str::Chars<'_>) -> PatternPart {
    match c {
        '*' => PatternPart::Anything,
        '#' => PatternPart::Digits,
        '@' => PatternPart::Name,
        '%' => PatternPart::Id,
        '\\' => PatternPart::Char(chars.next().unwrap_or('\\')),
        _ => PatternPart::Char(fold(c)),
    }
}

/// A character as patterns compare it: in lower case, white space as a blank.
pub(super) fn fold(c: char) -> char {
    if c.is_ascii_lowercase() {
        c
    } else if c.is_whitespace() {
        ' '
    } else {
        c.to_lowercase().next().unwrap_or(c)
    }
}

fn is_id(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_')
}

/// The length of what is left of `text` after `parts`, if `end` accepts it.
fn matches(parts: &[PatternPart], text: &str, end: &dyn Fn(&str) -> bool) -> Option<usize> {
    let Some((part, parts)) = parts.split_first() else { return end(text).then_some(text.len()) };
    match part {
        PatternPart::Char(wanted) => {
            let c = text.chars().next().filter(|&c| fold(c) == *wanted)?;
            matches(parts, &text[c.len_utf8()..], end)
        }
        PatternPart::Anything => longest(parts, text, 0, |_| true, end),
        PatternPart::Digits => longest(parts, text, 1, |c| c.is_ascii_digit(), end),
        PatternPart::Id => longest(parts, text, 1, is_id, end),
        PatternPart::Name if text.starts_with(char::is_uppercase) => {
            longest(parts, text, 2, |c| c.is_alphanumeric() || "-'’.".contains(c), end)
        }
        PatternPart::Name => None,
    }
}

/// Tries the longest run of `accept`ed characters first, then shorter ones down to `least` characters.
fn longest(
    parts: &[PatternPart],
    text: &str,
    least: usize,
    accept: impl Fn(char) -> bool,
    end: &dyn Fn(&str) -> bool,
) -> Option<usize> {
    let run = text.chars().take_while(|&c| accept(c)).count();
    let mut cuts: Vec<usize> = text.char_indices().map(|(at, _)| at).take(run + 1).collect();
    if cuts.len() <= run {
        cuts.push(text.len());
    }
    cuts[least.min(cuts.len())..].iter().rev().find_map(|&cut| matches(parts, &text[cut..], end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn any(source: &str, text: &str) -> bool {
        LinePattern::parse(source).iter().any(|pattern| pattern.matches(text))
    }

    #[test]
    fn alternatives_and_classes() {
        assert!(any("[noch |]# kommentare", "Noch 12 Kommentare"));
        assert!(any("[noch |]# kommentare", "3 Kommentare"));
        assert!(!any("[noch |]# kommentare", "Kommentare"));
        assert!(any("von @ @", "Von Eva Groß-Weber"));
        assert!(!any("von @ @", "von hier aus"));
        assert!(any("%-#", "abc-de-12"));
        assert!(any("\\* *", "* Pflichtfeld"));
        assert!(!any("\\* *", "Pflichtfeld"));
    }

    #[test]
    fn the_length_of_a_beginning_is_told() {
        let pattern = &LinePattern::parse("stand #.#.#")[0];
        assert_eq!(pattern.matches_start("Stand 1.2.2020 Die Lage"), Some(14));
        assert_eq!(pattern.matches_start("Stand 1.2.2020er Jahre"), None);
    }
}
