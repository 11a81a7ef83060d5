//! What the attributes of an element say of the text in it, by the rules of `data/elements.tsv`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::attributes::Attribute;
use crate::tables::{TableError, must, rows, values};

/// What an element is by its attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ElementMark {
    /// Why it is no text of the article's own.
    pub(super) reason: &'static str,
    /// Whether it is that only if there is a link in it.
    pub(super) needs_link: bool,
}

/// What a rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Fixed(bool),
    Furniture(ElementMark),
}

/// The rules of an attribute.
#[derive(Debug, Default)]
struct AttributeRules {
    /// By words, those of a phrase joined by hyphens.
    words: HashMap<&'static str, Meaning>,
    /// By the beginning of words.
    beginnings: Vec<(&'static str, Meaning)>,
    any: Option<Meaning>,
}

type ElementRules = HashMap<&'static str, AttributeRules>;

static RULES: LazyLock<ElementRules> = LazyLock::new(|| must(parse(include_str!("data/elements.tsv"))));

/// What elements are by their names.
static NAMES: LazyLock<HashMap<&'static [u8], ElementMark>> = LazyLock::new(|| {
    let names = RULES.get("element").into_iter().flat_map(|rules| &rules.words);
    let mark = |(name, meaning): (&&'static str, &Meaning)| match meaning {
        Meaning::Furniture(mark) => Some((name.as_bytes(), *mark)),
        Meaning::Fixed(_) => None,
    };
    names.filter_map(mark).collect()
});

/// Words of one attribute that are looked at: what has more is no list of names.
const MOST_WORDS: usize = 64;

fn parse(data: &'static str) -> Result<ElementRules, TableError> {
    let mut rules = ElementRules::new();
    for row in rows::<4>("read/html/data/elements.tsv", data)? {
        let [meaning, attribute, words, reason] = row.cells;
        let meaning = match meaning {
            "fixed" => Meaning::Fixed(true),
            "open" => Meaning::Fixed(false),
            "furniture" | "linked" => {
                Meaning::Furniture(ElementMark { reason, needs_link: meaning == "linked" })
            }
            other => return Err(row.error(format!("there is no meaning {other:?}"))),
        };
        if attribute.is_empty() || reason.is_empty() {
            return Err(row.error("an empty cell"));
        }
        let rules = rules.entry(attribute).or_default();
        for word in values(words) {
            match word.strip_suffix('*') {
                Some("") => rules.any = Some(meaning),
                Some(beginning) => rules.beginnings.push((beginning, meaning)),
                None if word.is_empty() => return Err(row.error("an empty word")),
                None => drop(rules.words.insert(word, meaning)),
            }
        }
    }
    Ok(rules)
}

/// What an element is by its name and attributes, and whether the text in it is to stay as it is, if it says so.
pub(super) fn marks(name: &[u8], attributes: &[Attribute<'_>]) -> (Option<ElementMark>, Option<bool>) {
    let (mut mark, mut fixed) = (NAMES.get(name).copied(), None);
    for attribute in attributes {
        let name = attribute.name.to_ascii_lowercase();
        let name = if name == "id" { "class" } else { name.as_str() };
        let Some(rules) = RULES.get(name).filter(|_| name != "element") else { continue };
        for meaning in rules.meanings(attribute.raw) {
            match meaning {
                Meaning::Fixed(is_fixed) => fixed = fixed.or(Some(is_fixed)),
                Meaning::Furniture(found) => mark = mark.or(Some(found)),
            }
        }
    }
    (mark, fixed)
}

impl AttributeRules {
    fn meanings(&self, value: &str) -> Vec<Meaning> {
        let words = words(value);
        let mut found: Vec<Meaning> = self.any.into_iter().collect();
        for (at, word) in words.iter().enumerate() {
            let mut phrase = word.clone();
            found.extend(self.words.get(phrase.as_str()));
            for next in words[at + 1..].iter().take(2) {
                phrase.push('-');
                phrase.push_str(next);
                found.extend(self.words.get(phrase.as_str()));
            }
            let begins = |(beginning, _): &&(&'static str, Meaning)| word.starts_with(beginning);
            found.extend(self.beginnings.iter().filter(begins).map(|(_, meaning)| meaning));
        }
        found
    }
}

/// The words of a value: `relatedArticles teaser--big` has four.
fn words(value: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last = ' ';
    for c in value.chars() {
        let begins = !last.is_ascii_alphabetic() || c.is_ascii_uppercase() && last.is_ascii_lowercase();
        if c.is_ascii_alphabetic() {
            if begins && words.len() == MOST_WORDS {
                break;
            }
            if begins {
                words.push(String::new());
            }
            words.last_mut().into_iter().for_each(|word| word.push(c.to_ascii_lowercase()));
        }
        last = c;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_data_is_a_rule() {
        assert_eq!(parse(include_str!("data/elements.tsv")).err(), None);
        for broken in ["fixt\tclass\ta\tb", "fixed\tclass\ta", "fixed\t\ta\tb", "fixed\tclass\ta|.\tb"] {
            assert!(parse(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn words_end_where_letters_end_and_capitals_begin() {
        assert_eq!(
            words("relatedArticles teaser--big_2x VG-Wort"),
            ["related", "articles", "teaser", "big", "x", "vg", "wort"]
        );
    }
}
