//! What Java's expressions come to mean.

use fancy_regex::Regex;

use super::java::{finite, translate};

fn found<'a>(java: &str, text: &'a str) -> Option<&'a str> {
    let regex = Regex::new(&translate(java).expect(java)).expect(java);
    regex.find(text).expect("in time").map(|found| found.as_str())
}

#[test]
fn classes_are_those_of_java() {
    for (java, text, expected) in [
        (r"\d+", "٣7", Some("7")),
        (r"(?U)\d+", "٣7", Some("٣7")),
        (r"\w+", "äb", Some("b")),
        (r"(?U:\w+) \w+", "äb äc", None),
        (r"\s", "\u{a0}", None),
        (r"\h\v", "\u{a0}\u{2028}", Some("\u{a0}\u{2028}")),
        (r"[\h_]+", " _\t", Some(" _\t")),
        (r"[^\S\n]+", "\n \t", Some(" \t")),
        (r"\p{javaUpperCase}\p{Lower}", "ÄbÖö", Some("Äb")),
        (r"\p{IsLatin}\P{L}", "я-ä-", Some("ä-")),
        (r"\p{Punct}", "a„-", Some("-")),
        (r"[\p{L}&&[^rwn]]\.", "r.x.", Some("x.")),
        (r"[a-z[^íó]]\.", "í.é.", Some("é.")),
        (r"[a~#&\-_|-]+", "b|~#&-_a", Some("|~#&-_a")),
        (r"[]x]+", "a]x", Some("]x")),
        (r"a.b", "a\rb", None),
        (r"(?s)a.b", "a\rb", Some("a\rb")),
    ] {
        assert_eq!(found(java, text), expected, "{java}");
    }
}

#[test]
fn escapes_are_those_of_java() {
    for (java, text, expected) in [
        (r"\Qa.b*\E+", "a.b**", Some("a.b**")),
        (r"\u00e4\x41\x{1F600}\0101", "äA😀A", Some("äA😀A")),
        (r"\uD83D\uDE00", "😀", Some("😀")),
        (r"\<\-\„\'", "<-„'", Some("<-„'")),
        (r"a\R\R", "a\r\n\n", Some("a\r\n\n")),
        (r"(a)\11", "aa1", Some("aa1")),
        (r"(?<x>a)\k<x>", "aa", Some("aa")),
    ] {
        assert_eq!(found(java, text), expected, "{java}");
    }
}

#[test]
fn groups_and_quantifiers_are_those_of_java() {
    for (java, text, expected) in [
        (r"(?iu)ä(?-i)b", "ÄB Äb", Some("Äb")),
        (r"a++a", "aaa", None),
        (r"(?>a*)b", "aab", Some("aab")),
        (r"(?<!x)ab{2,}?", "xabb abbb", Some("abb")),
        (r"(?<=\d{1,3} )Mai(?=\.)", "12 Mai.", Some("Mai")),
    ] {
        assert_eq!(found(java, text), expected, "{java}");
    }
    let regex = Regex::new(&format!("^(?:{})$", finite("a+b*").expect("valid"))).expect("valid");
    assert!(regex.is_match(&"a".repeat(100)).expect("in time"));
    assert!(!regex.is_match(&"a".repeat(101)).expect("in time"));
}

#[test]
fn what_cannot_be_said_here_is_refused() {
    for java in ["a)", "[a", r"\p{InGreek}", r"\X", r"\", "(?", "(?q)", r"\p", r"\x{", r"\uD83D"] {
        assert!(translate(java).is_err(), "{java}");
    }
}
