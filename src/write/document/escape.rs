//! Text as it is written in markup.

use quick_xml::escape::partial_escape;

use crate::model::Markup;
use crate::text::one_line;

/// Writes text so that it reads as itself; `before` is the markup that stands before it.
pub(super) fn escape(markup: Markup, text: &str, before: &str) -> String {
    match markup {
        Markup::Html => partial_escape(text).into_owned(),
        Markup::Docx => partial_escape(text.replace(is_no_xml, "")).into_owned(),
        Markup::Srt => cue(text),
        Markup::Markdown => markdown(text, before),
    }
}

/// Writes text so that it is the value of an attribute; `before` is the markup that stands before it, with the quotation
/// mark if there is one.
pub(super) fn escape_value(text: &str, before: &str) -> String {
    let text = partial_escape(text);
    match before.chars().next_back() {
        Some('"') => text.replace('"', "&quot;"),
        Some('\'') => text.replace('\'', "&#39;"),
        _ => format!("\"{}\"", text.replace('"', "&quot;")),
    }
}

/// Whether a character must not stand in XML.
fn is_no_xml(c: char) -> bool {
    c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r') || matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// A line of subtitles is broken where it has more characters than this, as is usual.
const CUE_LINE: usize = 42;

/// The text of a cue: without blank lines, which would end it, and in two lines if it is long.
fn cue(text: &str) -> String {
    let line = one_line(text);
    let characters = line.chars().count();
    let blanks = line.char_indices().enumerate().filter(|(_, (_, c))| *c == ' ');
    let nearest = blanks.min_by_key(|(count, _)| (2 * count).abs_diff(characters));
    match nearest {
        Some((_, (at, _))) if characters > CUE_LINE => format!("{}\n{}", &line[..at], &line[at + 1..]),
        _ => line,
    }
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
    let line = before.rsplit(['\n', '\r']).next().unwrap_or_default();
    let opens_line = line.chars().all(|c| {
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
        assert_eq!(escape(Markup::Html, "a < b & c > d &amp;", "<p>"), "a &lt; b &amp; c &gt; d &amp;amp;");
    }

    #[test]
    fn text_cannot_end_the_value_that_it_is() {
        let text = "5 > 3 & \"it's\"";
        assert_eq!(escape_value(text, "<a b=\""), "5 &gt; 3 &amp; &quot;it's&quot;");
        assert_eq!(escape_value(text, "<a b='"), "5 &gt; 3 &amp; \"it&#39;s\"");
        assert_eq!(escape_value("a b", "<a b="), "\"a b\"");
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
            assert_eq!(escape(Markup::Markdown, text, before), expected);
        }
    }
}
