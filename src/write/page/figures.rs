//! The figures of an article, as its page has them for the index.

use super::article::{ArticlePage, FindingCounts};
use super::pieces::shown;
use crate::model::Status;

/// What the index says of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::write) struct PageFigures {
    /// The English headline, as a page shows it.
    pub(in crate::write) title: String,
    pub(in crate::write) segments: usize,
    pub(in crate::write) failed: usize,
    pub(in crate::write) errors: usize,
    pub(in crate::write) warnings: usize,
}

/// What the line begins with that has the figures.
const BEGINNING: &str = "<header data-figures=\"";
const TITLE: &str = "\" data-title=\"";
/// What says that no other article follows on the page.
const WHOLE: &str = "\" data-whole=\"";

impl PageFigures {
    pub(super) fn of(page: &ArticlePage) -> Self {
        let FindingCounts { errors, warnings, .. } = page.finding_counts();
        Self {
            title: page.title().map(|title| shown(&title)).unwrap_or_default(),
            segments: page.segments().count(),
            failed: page.count(Status::Failed),
            errors,
            warnings,
        }
    }

    /// The figures as an attribute has them.
    pub(super) fn numbers(&self) -> String {
        format!("{} {} {} {}", self.segments, self.failed, self.errors, self.warnings)
    }

    /// Those of two articles on one page; its title is that of the first one.
    pub(in crate::write) fn plus(self, other: Self) -> Self {
        Self {
            title: if self.segments == 0 { other.title } else { self.title },
            segments: self.segments + other.segments,
            failed: self.failed + other.failed,
            errors: self.errors + other.errors,
            warnings: self.warnings + other.warnings,
        }
    }
}

/// The figures that a line of a page has, and whether no other article follows. A person may have changed the page, so
/// nothing is believed that does not look as it was written.
pub(in crate::write) fn figures_of(line: &str) -> Option<(PageFigures, bool)> {
    let (numbers, rest) = line.strip_prefix(BEGINNING)?.split_once(TITLE)?;
    let (title, is_whole) = match rest.split_once(WHOLE) {
        Some((title, _)) => (title, true),
        None => (rest.split_once('"')?.0, false),
    };
    let numbers: Vec<usize> = numbers.split(' ').map(|number| number.parse().ok()).collect::<Option<_>>()?;
    let [segments, failed, errors, warnings] = numbers[..] else { return None };
    Some((PageFigures { title: unescaped(title), segments, failed, errors, warnings }, is_whole))
}

/// A text without the references that a template puts into it.
fn unescaped(text: &str) -> String {
    let references = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
    references.iter().fold(text.to_owned(), |text, (reference, c)| text.replace(reference, c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_page_says_as_it_was_written_is_read() {
        let line =
            "<header data-figures=\"12 1 2 3\" data-title=\"A &#34;b&#34; &#38;lt;\" data-whole=\"yes\">\n";
        let figures =
            PageFigures { title: "A \"b\" &lt;".into(), segments: 12, failed: 1, errors: 2, warnings: 3 };
        assert_eq!(figures_of(line), Some((figures.clone(), true)));
        assert_eq!(figures_of(&line.replace("\" data-whole=\"yes", "")), Some((figures, false)));
        for line in ["<header>", "<header data-figures=\"1 2\" data-title=\"\">", "x"] {
            assert_eq!(figures_of(line), None, "{line}");
        }
    }
}
