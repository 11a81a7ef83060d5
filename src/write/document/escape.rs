//! Text as it is written in markup.

use std::ops::Range;

use quick_xml::escape::partial_escape;

use crate::model::{Markup, MarkupPart, Notation};
use crate::text::one_line;

/// Writes text so that it reads as itself at a place of the part.
pub(super) fn escape(markup: Markup, part: &MarkupPart, place: Range<usize>, text: &str) -> String {
    match part.notation(place.start) {
        None => {
            let mut text = written(markup, text, &part.markup[..place.start]);
            // A link behind it would become a picture.
            if markup == Markup::Markdown && text.ends_with('!') && part.markup[place.end..].starts_with('[')
            {
                text.insert(text.len() - 1, '\\');
            }
            text
        }
        Some(Notation::Html) => partial_escape(one_line(text)).into_owned(),
        Some(Notation::Attribute) => attribute(text, &part.markup[..place.start]),
        Some(Notation::Quoted) => quoted(text),
        Some(Notation::Value) => value(text, &part.markup[place]),
    }
}

/// Text without straight quotation marks.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        match c {
            '"' if out.ends_with(|c: char| {
                c.is_alphanumeric() || matches!(c, '.' | ',' | '!' | '?' | '…' | ')')
            }) =>
            {
                out.push('”');
            }
            '"' => out.push('“'),
            _ => out.push(c),
        }
    }
    out
}

/// Text as a value of YAML or TOML that stands in the place of another one.
fn value(text: &str, old: &str) -> String {
    let text = one_line(text);
    let opens = text.chars().next().unwrap_or_default();
    let is_plain =
        opens.is_alphanumeric() && !text.contains(": ") && !text.contains(" #") && !text.ends_with(':');
    match old.chars().next() {
        Some('\'') if !text.contains('\'') => format!("'{text}'"),
        Some('"' | '\'') => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        _ if is_plain => text,
        _ => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}

/// Writes text so that it reads as itself behind this markup.
fn written(markup: Markup, text: &str, before: &str) -> String {
    let line = line_start(before);
    match markup {
        Markup::Html => partial_escape(text).into_owned(),
        Markup::Docx | Markup::Tmx | Markup::Xliff | Markup::Xlsx => {
            partial_escape(text.replace(is_no_xml, "")).into_owned()
        }
        Markup::Srt if before[..line].ends_with("\r\n") => cue(text, "\r\n"),
        Markup::Srt => cue(text, "\n"),
        Markup::Markdown => markdown(text, &before[line..]),
    }
}

/// Text as the value of an attribute; `before` is the markup that stands before it, with the quotation mark if there is one.
fn attribute(text: &str, before: &str) -> String {
    let text = partial_escape(text);
    match before.chars().next_back() {
        Some('"') => text.replace('"', "&quot;"),
        Some('\'') => text.replace('\'', "&#39;"),
        _ => format!("\"{}\"", text.replace('"', "&quot;")),
    }
}

/// Where the last line of some markup begins. Lines of many kilobytes are cut: what opens a line is short.
fn line_start(before: &str) -> usize {
    const LONGEST: usize = 256;
    let from = before.floor_char_boundary(before.len().saturating_sub(LONGEST));
    before[from..].rfind(['\n', '\r']).map_or(from, |line| from + line + 1)
}

/// Whether a character must not stand in XML.
fn is_no_xml(c: char) -> bool {
    c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r') || matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// A line of subtitles is broken where it has more characters than this, as is usual.
const CUE_LINE: usize = 42;

/// The text of a cue: without blank lines, which would end it, and in two lines if it is long. A blank at an end stands
/// between it and a tag.
fn cue(text: &str, line_end: &str) -> String {
    let line = one_line(text);
    let blank = |at_end: bool| if at_end { " " } else { "" };
    if line.is_empty() {
        return blank(!text.is_empty()).to_owned();
    }
    let characters = line.chars().count();
    let blanks = line.char_indices().enumerate().filter(|(_, (_, c))| *c == ' ');
    let nearest = blanks.min_by_key(|(count, _)| (2 * count).abs_diff(characters));
    let lines = match nearest {
        Some((_, (at, _))) if characters > CUE_LINE => {
            format!("{}{line_end}{}", &line[..at], &line[at + 1..])
        }
        _ => line,
    };
    let (before, behind) = (text.starts_with(char::is_whitespace), text.ends_with(char::is_whitespace));
    format!("{}{lines}{}", blank(before), blank(behind))
}

fn markdown(text: &str, before: &str) -> String {
    let mut out = String::with_capacity(text.len());
    if opens_block(text, before) {
        // A number's mark is what makes the list, not its digits.
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        out.push_str(&text[..digits]);
        out.push('\\');
        out.push_str(&text[digits..=digits]);
        escape_inline(&text[digits + 1..], &mut out);
    } else {
        escape_inline(text, &mut out);
    }
    out
}

/// Whether the text would begin a heading, list, quotation, table or rule where it stands.
fn opens_block(text: &str, before: &str) -> bool {
    let opens_line = before.chars().all(|c| {
        matches!(c, ' ' | '\t' | '>' | '-' | '*' | '+' | '#' | '.' | ')' | '|') || c.is_ascii_digit()
    });
    let marks = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let mark = marks.chars().next().unwrap_or_default();
    let digits = text.len() - marks.len();
    opens_line
        && match mark {
            '#' | '>' | '-' | '+' | '=' | '~' | ':' => digits == 0,
            '.' | ')' => (1..=9).contains(&digits),
            _ => false,
        }
}

fn escape_inline(text: &str, out: &mut String) {
    let mut last = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied().unwrap_or(' ');
        let special = match c {
            '*' | '`' | '[' | ']' | '<' | '|' | '~' => true,
            '\\' => next.is_ascii_punctuation() || next == ' ',
            '_' => !(last.is_alphanumeric() && next.is_alphanumeric()),
            '&' => next == '#' || next.is_ascii_alphabetic(),
            _ => false,
        };
        if special {
            out.push('\\');
        }
        out.push(if matches!(c, '\n' | '\r') { ' ' } else { c });
        last = c;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_text_cannot_become_a_tag_or_an_entity() {
        assert_eq!(written(Markup::Html, "a < b & c > d &amp;", "<p>"), "a &lt; b &amp; c &gt; d &amp;amp;");
    }

    #[test]
    fn text_stays_inside_its_quotation_marks_and_a_value_stays_one() {
        assert_eq!(quoted("The \"new\" way (\"x\")"), "The “new” way (“x”)");
        for (text, old, expected) in [
            ("The port", "Der Hafen", "The port"),
            ("The port: empty", "Der Hafen", "\"The port: empty\""),
            ("[de] A \"b\" \\", "x", "\"[de] A \\\"b\\\" \\\\\""),
            ("The port", "'Der Hafen'", "'The port'"),
            ("It's empty", "'Leer'", "\"It's empty\""),
        ] {
            assert_eq!(value(text, old), expected);
        }
    }

    #[test]
    fn a_cue_is_broken_as_its_file_is() {
        let text = "A cue that is far too long for one line of a screen";
        for line_end in ["\n", "\r\n"] {
            let before = format!("1{line_end}00:00:01,000 --> 00:00:02,000{line_end}");
            let expected = format!("A cue that is far too long{line_end}for one line of a screen");
            assert_eq!(written(Markup::Srt, text, &before), expected);
        }
    }

    #[test]
    fn text_cannot_end_the_value_that_it_is() {
        let text = "5 > 3 & \"it's\"";
        assert_eq!(attribute(text, "<a b=\""), "5 &gt; 3 &amp; &quot;it's&quot;");
        assert_eq!(attribute(text, "<a b='"), "5 &gt; 3 &amp; \"it&#39;s\"");
        assert_eq!(attribute("a b", "<a b="), "\"a b\"");
    }

    #[test]
    fn markdown_text_cannot_become_markup() {
        let cases = [
            ("2 * 3 [a](b) `c` <d> | \\* &lt;", "", "2 \\* 3 \\[a\\](b) \\`c\\` \\<d> \\| \\\\\\* \\&lt;"),
            ("snake_case _x_ R&D & Co.", "a ", "snake_case \\_x\\_ R\\&D & Co."),
            ("# no title", "> ", "\\# no title"),
            ("# no title", "**a** ", "# no title"),
            ("1990. A year", "", "1990\\. A year"),
            ("- no item", "Satz\n", "\\- no item"),
        ];
        for (text, before, expected) in cases {
            assert_eq!(written(Markup::Markdown, text, before), expected);
        }
    }
}
