//! Errors of the operating system, in words.

use std::borrow::Cow;
use std::io;

/// What stands before the number of an error of the operating system in the text of [`io::Error`].
const CODE: &str = " (os error ";

/// Takes the numbers off the errors of the operating system in a text: `No such file or directory (os error 2)` reads
/// `no such file or directory`. The number tells most people nothing; the log has it.
pub(super) fn without_codes(text: &str) -> Cow<'_, str> {
    if !text.contains(CODE) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(CODE) {
        let (before, code) = (&rest[..at], &rest[at + CODE.len()..]);
        let Some((words, after)) = numbered(before, code) else {
            out.push_str(&rest[..at + CODE.len()]);
            rest = code;
            continue;
        };
        out.push_str(&before[..before.len() - words.len()]);
        out.push_str(&fragment(words));
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The words of an error at the end of `before`, and what follows its number, if they are what the system says of it.
fn numbered<'a>(before: &'a str, code: &'a str) -> Option<(&'a str, &'a str)> {
    let (number, after) = code.split_once(')')?;
    let error = io::Error::from_raw_os_error(number.parse().ok()?).to_string();
    let words = error.split_once(CODE)?.0;
    before.ends_with(words).then(|| (&before[before.len() - words.len()..], after))
}

/// A sentence as the rest of another one. A name that it begins with, as in `RPC failed`, stays as it is.
fn fragment(words: &str) -> String {
    let words = words.trim_end_matches('.');
    let mut chars = words.chars();
    match chars.next() {
        Some(first) if chars.clone().next().is_some_and(char::is_lowercase) => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => words.to_owned(),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_system_are_shown_without_their_numbers() {
        let error = |code| io::Error::from_raw_os_error(code);
        let text = format!("cannot read a: {}; cannot read b: {}", error(2), error(13));
        assert_eq!(
            without_codes(&text),
            "cannot read a: no such file or directory; cannot read b: permission denied"
        );
        assert_eq!(without_codes(&error(2).to_string()), "no such file or directory");
    }

    #[test]
    fn what_only_looks_like_an_error_stays() {
        for text in ["nothing at all", "Ein Satz (os error 2)", "x (os error 2", "x (os error two)"] {
            assert_eq!(without_codes(text), text);
        }
        let twice = format!("Ein Satz (os error 2): {}", io::Error::from_raw_os_error(2));
        assert_eq!(without_codes(&twice), "Ein Satz (os error 2): no such file or directory");
    }
}
