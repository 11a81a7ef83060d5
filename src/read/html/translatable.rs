//! Which attributes are text, by the rules of `data/attributes.tsv`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::attributes::Attribute;
use crate::tables::{TableError, must, rows, values};

/// When an attribute of some name is text.
#[derive(Debug)]
struct TextRule {
    is_text: bool,
    /// The elements it is about; none for all.
    elements: Vec<&'static str>,
    /// The names of other attributes of the element, one of which has one of these values.
    condition: Option<(Vec<&'static str>, Vec<&'static str>)>,
}

/// By the name of the attribute.
type TextRules = HashMap<&'static str, Vec<TextRule>>;

static RULES: LazyLock<TextRules> = LazyLock::new(|| must(parse(include_str!("data/attributes.tsv"))));

fn parse(data: &'static str) -> Result<TextRules, TableError> {
    let mut rules = TextRules::new();
    for row in rows::<5>("read/html/data/attributes.tsv", data)? {
        let [meaning, elements, names, condition, _] = row.cells;
        let is_text = match meaning {
            "text" => true,
            "kept" => false,
            other => return Err(row.error(format!("there is no meaning {other:?}"))),
        };
        if row.cells.iter().any(|cell| cell.is_empty()) {
            return Err(row.error("an empty cell"));
        }
        let condition = match condition.split_once('=') {
            Some((names, texts)) => Some((names.split(',').collect(), values(texts).collect())),
            None if condition == "." => None,
            None => return Err(row.error(format!("{condition:?} is no condition"))),
        };
        for name in values(names) {
            let elements = values(elements).filter(|element| *element != "*").collect();
            let rule = TextRule { is_text, elements, condition: condition.clone() };
            rules.entry(name).or_default().push(rule);
        }
    }
    Ok(rules)
}

/// The attributes of an element whose values are text.
pub(super) fn texts<'a, 'b>(
    element: &'b str,
    attributes: &'b [Attribute<'a>],
) -> impl Iterator<Item = &'b Attribute<'a>> + use<'a, 'b> {
    attributes.iter().filter(move |attribute| {
        let rules = RULES.get(attribute.name.to_ascii_lowercase().as_str());
        let mut fitting = rules.into_iter().flatten().filter(|rule| rule.fits(element, attributes));
        fitting.next().is_some_and(|rule| rule.is_text)
    })
}

impl TextRule {
    fn fits(&self, element: &str, attributes: &[Attribute<'_>]) -> bool {
        let is_one = |names: &[&str], text: &str| names.iter().any(|name| name.eq_ignore_ascii_case(text));
        let holds = |(names, texts): &(Vec<&str>, Vec<&str>)| {
            let mut other = attributes.iter().filter(|attribute| is_one(names, attribute.name));
            other.any(|attribute| is_one(texts, attribute.raw.trim()))
        };
        (self.elements.is_empty() || self.elements.contains(&element))
            && self.condition.as_ref().is_none_or(holds)
    }
}

#[cfg(test)]
mod tests {
    use super::super::attributes::attributes;
    use super::*;

    #[test]
    fn every_line_of_the_data_is_a_rule() {
        assert_eq!(parse(include_str!("data/attributes.tsv")).err(), None);
        for broken in ["test\ta\tb\t.\tc", "text\ta\tb\t.", "text\ta\tb\tc\td", "text\t\tb\t.\td"] {
            assert!(parse(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn what_people_read_is_text_and_what_programs_read_is_none() {
        let texts_of = |tag: &str| {
            let element = tag[1..].split([' ', '>']).next().unwrap_or_default().to_owned();
            let attributes = attributes(tag, 0..tag.len());
            let found: Vec<String> = texts(&element, &attributes).map(|text| text.raw.to_owned()).collect();
            found.join("|")
        };
        for (tag, expected) in [
            ("<img src=x ALT=eins title='zwei' class=drei>", "eins|zwei"),
            ("<link rel=alternate title=eins>", ""),
            ("<input type=text value=eins placeholder=zwei name=drei>", "zwei"),
            ("<input type=Submit value=eins>", "eins"),
            ("<input type=hidden value=eins>", ""),
            ("<meta name=Description content=eins>", "eins"),
            ("<meta property='og:title' content=eins>", "eins"),
            ("<meta property=og:type content=article>", ""),
            ("<meta name=viewport content=eins>", ""),
            ("<option label=eins value=zwei>", "eins"),
            ("<button aria-label=eins aria-labelledby=zwei aria-valuetext=drei value=vier>", "eins|drei"),
            ("<a href=x download=eins title=zwei>", "zwei"),
        ] {
            assert_eq!(texts_of(tag), expected, "{tag}");
        }
    }
}
