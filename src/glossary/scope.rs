//! Entries that count for some articles only.

use std::str::FromStr;
use std::sync::Arc;

use glob::{MatchOptions, Pattern, PatternError};

use crate::model::Entry;

/// A pattern for the names of articles: `*` stands for any part of a name, `**` for folders too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticlePattern(Pattern);

impl FromStr for ArticlePattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        Pattern::new(text).map(Self)
    }
}

impl ArticlePattern {
    fn matches(&self, article: &str) -> bool {
        let options = MatchOptions { require_literal_separator: true, ..MatchOptions::new() };
        self.0.matches_with(article, options)
    }
}

/// Entries for the articles of some patterns.
#[derive(Debug, Clone)]
pub(super) struct GlossaryScope {
    pub(super) articles: Vec<ArticlePattern>,
    pub(super) entries: Vec<Arc<Entry>>,
}

impl GlossaryScope {
    pub(super) fn includes(&self, article: &str) -> bool {
        self.articles.iter().any(|pattern| pattern.matches(article))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stays_in_its_folder_and_two_go_below() {
        for (pattern, article, expected) in [
            ("sport/**", "sport/a.txt", true),
            ("sport/**", "sport/tennis/a.txt", true),
            ("sport/**", "sport.txt", false),
            ("sport/*", "sport/tennis/a.txt", false),
            ("**/tennis/*", "sport/tennis/a.txt", true),
            ("*.md", "a.md", true),
            ("a.jsonl#*", "a.jsonl#12", true),
        ] {
            let pattern: ArticlePattern = pattern.parse().expect("a pattern");
            assert_eq!(pattern.matches(article), expected, "{pattern:?} {article}");
        }
        assert!("a[".parse::<ArticlePattern>().is_err());
    }
}
