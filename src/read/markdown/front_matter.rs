//! The fields of front matter that a reader sees.

use std::ops::Range;

use super::constructs::CONSTRUCTS;

/// A field in one line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FrontMatterField<'a> {
    pub(super) name: &'a str,
    pub(super) text: String,
    /// Its value with the quotation marks around it.
    pub(super) place: Range<usize>,
}

/// The fields that a reader sees, in YAML or TOML. Values of several lines and those of commands stay as they are.
pub(super) fn fields(front_matter: &str) -> Vec<FrontMatterField<'_>> {
    let mut fields = Vec::new();
    let mut start = 0;
    for line in front_matter.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let Some(sign) = line.find([':', '=']) else { continue };
        let name = line[..sign].trim_end();
        if !CONSTRUCTS.fields.contains(&name) {
            continue;
        }
        let value = line[sign + 1..].trim();
        let place = at + sign + 1 + line[sign + 1..].find(value).unwrap_or_default();
        let goes_on = front_matter[start..].starts_with([' ', '\t']);
        if let Some(text) = text_of(value).filter(|text| text.contains(char::is_alphabetic) && !goes_on) {
            fields.push(FrontMatterField { name, text, place: place..place + value.len() });
        }
    }
    fields
}

/// The text of a value on one line.
fn text_of(value: &str) -> Option<String> {
    let inner = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    let text = match value.chars().next()? {
        '"' => inner('"')
            .filter(|text| !text.replace("\\\\", "").replace("\\\"", "").contains(['"', '\\']))?
            .replace("\\\"", "\"")
            .replace("\\\\", "\\"),
        '\'' => inner('\'').filter(|text| !text.replace("''", "").contains('\''))?.replace("''", "'"),
        '|' | '>' | '&' | '*' | '!' | '{' | '[' | '#' | '%' | '@' | '`' => return None,
        _ if value.contains(" #") || value.contains(": ") => return None,
        _ => value.to_owned(),
    };
    (!text.contains("{{") && !text.contains("{%")).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_reader_sees_is_found_in_yaml_and_toml() {
        let yaml = "---\ntitle: Der Hafen\ndate: 2024\nlayout: post\ndescription: \"Ein \\\"Ort\\\" am Meer\"\nsummary: 'Es war''s'\r\nlead: >\n  Lang\n---\n";
        let found: Vec<_> =
            fields(yaml).into_iter().map(|field| (field.name, field.text, &yaml[field.place])).collect();
        let expected = [
            ("title", "Der Hafen", "Der Hafen"),
            ("description", "Ein \"Ort\" am Meer", "\"Ein \\\"Ort\\\" am Meer\""),
            ("summary", "Es war's", "'Es war''s'"),
        ];
        assert_eq!(found, expected.map(|(name, text, place)| (name, text.to_owned(), place)));
        assert_eq!(fields("+++\ntitle = \"Der Hafen\"\n+++\n")[0].place, 12..23);
        assert_eq!(fields("title: &a b\ntitle:\n  a\ntitle: {{ x }}\ntitle: 12\n"), []);
    }
}
