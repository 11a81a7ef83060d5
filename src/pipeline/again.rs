//! Which segments are sent again although the memory has an answer.

use fancy_regex::Regex;
use glob::Pattern;
use thiserror::Error;

use crate::model::ArticleId;

/// Why segments cannot be chosen.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AgainError {
    /// No pattern for the names of articles.
    #[error("{pattern:?} is not a pattern for article names: {source}")]
    Articles {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        source: glob::PatternError,
    },
    /// No regular expression.
    #[error("{pattern:?} is not a regular expression: {source}")]
    Text {
        /// The expression.
        pattern: String,
        /// What is wrong with it.
        source: Box<fancy_regex::Error>,
    },
}

/// Segments that are sent again: whole articles, single segments, or what holds some German.
#[derive(Debug, Clone, Default)]
pub struct Again {
    places: Vec<Places>,
    text: Option<Regex>,
}

/// Articles by their names, and one of their segments or all.
#[derive(Debug, Clone)]
struct Places {
    /// As the user wrote it: a name with a bracket in it is a name, too.
    name: String,
    articles: Pattern,
    segment: Option<(String, Pattern, usize)>,
}

impl Again {
    /// Segments by `ARTICLE#SEGMENT` or a glob on the names of articles, and by a regular expression on the German.
    ///
    /// # Errors
    /// A pattern that is none.
    pub fn new(places: &[String], text: Option<&str>) -> Result<Self, AgainError> {
        let text = text.map(|pattern| {
            Regex::new(pattern)
                .map_err(|source| AgainError::Text { pattern: pattern.to_owned(), source: Box::new(source) })
        });
        Ok(Self {
            places: places.iter().map(|place| Places::new(place)).collect::<Result<_, _>>()?,
            text: text.transpose()?,
        })
    }

    /// One segment, counted from 1 in its article.
    #[must_use]
    pub fn segment(article: &ArticleId, number: usize) -> Self {
        let name = article.to_string();
        // As a pattern, a name with its signs escaped stands for itself alone.
        let literal = |text: &str| Pattern::new(&Pattern::escape(text)).unwrap_or_default();
        let place = format!("{name}#{number}");
        let segment = Some((name.clone(), literal(&name), number));
        Self { places: vec![Places { articles: literal(&place), name: place, segment }], text: None }
    }

    /// Whether nothing is chosen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty() && self.text.is_none()
    }

    /// Whether a segment, counted from 1 in its article, is sent again. An expression that takes too long on a text
    /// does not match it.
    pub(super) fn includes(&self, article: &ArticleId, number: usize, german: &str) -> bool {
        self.places.iter().any(|places| places.include(article.as_str(), number))
            || self.text.as_ref().is_some_and(|text| text.is_match(german).unwrap_or_default())
    }
}

impl Places {
    fn new(place: &str) -> Result<Self, AgainError> {
        let pattern = |text: &str| {
            Pattern::new(text).map_err(|source| AgainError::Articles { pattern: text.to_owned(), source })
        };
        // An article of a corpus is itself called FILE#LINE, so both readings are tried.
        let segment = place.rsplit_once('#').and_then(|(name, number)| Some((name, number.parse().ok()?)));
        let segment = segment.map(|(name, number)| Ok((name.to_owned(), pattern(name)?, number)));
        Ok(Self { name: place.to_owned(), articles: pattern(place)?, segment: segment.transpose()? })
    }

    fn include(&self, article: &str, number: usize) -> bool {
        let is_segment = |(name, articles, wanted): &(String, Pattern, usize)| {
            *wanted == number && (name == article || articles.matches(article))
        };
        self.name == article
            || self.articles.matches(article)
            || self.segment.as_ref().is_some_and(is_segment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(places: &[&str], text: Option<&str>) -> Again {
        let places: Vec<String> = places.iter().map(|place| (*place).to_owned()).collect();
        Again::new(&places, text).expect("patterns")
    }

    #[test]
    fn segments_are_chosen_by_place_and_by_text() {
        let chosen = |again: &Again, article: &str| -> Vec<usize> {
            let includes = |number: &usize| again.includes(&ArticleId::new(article), *number, "Der Hafen.");
            (1..=3).filter(includes).collect()
        };
        assert_eq!(chosen(&again(&["news/a.txt#2"], None), "news/a.txt"), [2]);
        assert!(chosen(&again(&["news/a.txt#2"], None), "news/b.txt").is_empty());
        assert_eq!(chosen(&again(&["news/*"], None), "news/a.txt"), [1, 2, 3]);
        assert_eq!(chosen(&again(&["news/*#3", "x"], None), "news/a.txt"), [3]);
        assert_eq!(chosen(&again(&["c.csv#2"], None), "c.csv#2"), [1, 2, 3], "an article of a corpus");
        assert_eq!(chosen(&again(&["c.csv#2#1"], None), "c.csv#2"), [1]);
        assert_eq!(chosen(&again(&["a[1].txt#1"], None), "a[1].txt"), [1]);
        assert_eq!(chosen(&again(&[], Some("(?i)hafen")), "a.txt"), [1, 2, 3]);
        assert!(chosen(&again(&[], Some("Fähre")), "a.txt").is_empty());
        assert!(Again::default().is_empty() && !again(&["a"], None).is_empty());
    }

    #[test]
    fn what_is_no_pattern_is_said() {
        let error = Again::new(&[], Some("(")).expect_err("no expression").to_string();
        assert!(error.contains("regular expression"), "{error}");
        let error = Again::new(&["[".to_owned()], None).expect_err("no pattern").to_string();
        assert!(error.contains("article names"), "{error}");
    }
}
