//! The attributes of a tag and where their values stand.

use std::ops::Range;

/// An attribute as it stands in its tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attribute<'a> {
    pub(super) name: &'a str,
    /// Its value with the entities in it, without quotation marks.
    pub(super) raw: &'a str,
    /// Where the value stands in the markup of the page; empty behind the name of an attribute without one.
    pub(super) place: Range<usize>,
}

impl Attribute<'_> {
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// The attributes of the tag that stands at `tag` in the markup, in order. What counts where a name stands twice is the first of them.
pub(super) fn attributes(markup: &str, tag: Range<usize>) -> Vec<Attribute<'_>> {
    let Some(raw) = markup.get(tag.clone()) else { return Vec::new() };
    let raw = raw.strip_suffix('>').unwrap_or(raw);
    let ends_name = |byte: u8| byte.is_ascii_whitespace() || byte == b'/';
    let bytes = raw.as_bytes();
    let find = |from: usize, ends: &dyn Fn(u8) -> bool| {
        bytes[from..].iter().position(|&byte| ends(byte)).map_or(bytes.len(), |at| from + at)
    };
    let mut found: Vec<Attribute<'_>> = Vec::new();
    let mut at = find(0, &ends_name);
    loop {
        at = find(at, &|byte| !ends_name(byte));
        if at == bytes.len() {
            return found;
        }
        // A name may begin with an equals sign, as the standard has it.
        let end = find(at + 1, &|byte| ends_name(byte) || byte == b'=');
        let name = raw.get(at..end).unwrap_or_default();
        let equals = find(end, &|byte| !byte.is_ascii_whitespace());
        let mut value = end..end;
        at = end;
        if bytes.get(equals) == Some(&b'=') {
            let start = find(equals + 1, &|byte| !byte.is_ascii_whitespace());
            let quote = bytes.get(start).copied().filter(|byte| matches!(byte, b'"' | b'\''));
            value = match quote {
                Some(quote) => start + 1..find(start + 1, &|byte| byte == quote),
                None => start..find(start, &|byte| byte.is_ascii_whitespace()),
            };
            at = value.end + usize::from(quote.is_some() && value.end < bytes.len());
        }
        let place = tag.start + value.start..tag.start + value.end;
        found.push(Attribute { name, raw: raw.get(value).unwrap_or_default(), place });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(tag: &str) -> Vec<(String, String, &str)> {
        let markup = format!("ä{tag}ö");
        let of = |a: Attribute<'_>| (a.name.to_owned(), a.raw.to_owned(), a.place);
        let all: Vec<_> = attributes(&markup, 2..2 + tag.len()).into_iter().map(of).collect();
        all.into_iter()
            .map(|(name, value, place)| (name, value, &tag[place.start - 2..place.end - 2]))
            .collect()
    }

    #[test]
    fn values_are_found_however_they_are_quoted() {
        let expected = |name: &str, value: &str, raw| (name.to_owned(), value.to_owned(), raw);
        assert_eq!(
            found("<img alt = \"Ein > Bild\" title='M&uuml;ll &lt; \"X\"' width=3 hidden data-x=a/b/ alt=>"),
            [
                expected("alt", "Ein > Bild", "Ein > Bild"),
                expected("title", "M&uuml;ll &lt; \"X\"", "M&uuml;ll &lt; \"X\""),
                expected("width", "3", "3"),
                expected("hidden", "", ""),
                expected("data-x", "a/b/", "a/b/"),
                expected("alt", "", ""),
            ]
        );
        assert_eq!(found("<br/>"), []);
        assert_eq!(found("<a =b c=\"d"), [expected("=b", "", ""), expected("c", "d", "d")]);
        assert_eq!(found("<a b='a<b>'>"), [expected("b", "a<b>", "a<b>")]);
    }
}
