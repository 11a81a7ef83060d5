//! The same German in two renderings, and two different German sentences in one.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::pair::Pair;
use crate::english::Word;
use crate::model::{ArticleId, Finding, FindingKind, Severity};

/// Most sentences that are remembered, those that came first: they take some hundred megabytes.
const SENTENCES: usize = 2_000_000;

/// Words of the shortest sentence: shorter ones are headings and exclamations, which mean this and that.
const SHORTEST: usize = 4;

/// Where a sentence stood first, and what stood on the other side.
#[derive(Debug, Clone, Copy)]
struct FirstPlace {
    other: u64,
    line: u32,
    article: u32,
}

/// The sentences of both languages that were seen, by their words.
#[derive(Debug, Default)]
pub struct Doublets {
    german: HashMap<u64, FirstPlace>,
    english: HashMap<u64, FirstPlace>,
    articles: Vec<ArticleId>,
}

fn hash(words: &[Word]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for word in words {
        word.folded.hash(&mut hasher);
    }
    hasher.finish()
}

impl Doublets {
    /// Looks at a pair, and reports it if an earlier one has the same German and other English, or the other way round.
    pub fn findings(&mut self, article: &ArticleId, line: usize, pair: Pair<'_>) -> Vec<Finding> {
        let (german, english) = (pair.source.words(), pair.target.words());
        if german.len() < SHORTEST || english.len() < SHORTEST {
            return Vec::new();
        }
        if self.articles.last() != Some(article) {
            self.articles.push(article.clone());
        }
        let here = |other| FirstPlace {
            other,
            line: u32::try_from(line).unwrap_or(u32::MAX),
            article: u32::try_from(self.articles.len() - 1).unwrap_or_default(),
        };
        let (of_german, of_english) = (hash(german), hash(english));
        let by_german = first(&mut self.german, of_german, here(of_english));
        let by_english = first(&mut self.english, of_english, here(of_german));
        let finding = |place: FirstPlace, what: &str| {
            let article = self.articles.get(place.article as usize).filter(|first| *first != article);
            let place = match article {
                Some(first) => format!("{first}, segment {}", place.line),
                None => format!("line {}", place.line),
            };
            Finding::new(FindingKind::Consistency, Severity::Warning, format!("{what} in {place}"))
        };
        let two = by_german.map(|place| finding(place, "the same German has other English"));
        let one = by_english.map(|place| finding(place, "the same English stands for other German"));
        two.or(one).into_iter().collect()
    }
}

/// The first place of a sentence, if something else stood on the other side there.
fn first(seen: &mut HashMap<u64, FirstPlace>, sentence: u64, here: FirstPlace) -> Option<FirstPlace> {
    let is_full = seen.len() >= SENTENCES;
    match seen.entry(sentence) {
        Entry::Occupied(known) => Some(*known.get()).filter(|place| place.other != here.other),
        Entry::Vacant(_) if is_full => None,
        Entry::Vacant(entry) => {
            entry.insert(here);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::looked;
    use super::*;

    #[test]
    fn what_is_rendered_in_two_ways_is_told_with_the_first_place() {
        let mut doublets = Doublets::default();
        let article = ArticleId::new("");
        let mut line = 0;
        let mut see = |source, target| {
            line += 1;
            let found = looked(source, target, &[], |pair| doublets.findings(&article, line, pair));
            found.into_iter().map(|finding| finding.message).collect::<Vec<_>>()
        };
        assert!(see("Der Hafen ist leer.", "The port is empty.").is_empty());
        assert!(see("Der Hafen ist leer!", "The port is empty!").is_empty());
        assert_eq!(
            see("Der Hafen ist leer.", "The harbour is empty."),
            ["the same German has other English in line 1"]
        );
        assert_eq!(
            see("Die Bucht ist leer.", "The port is empty."),
            ["the same English stands for other German in line 1"]
        );
    }
}
