//! `html`: an article as a page of its own.

use askama::Template;

use super::super::error::WriteError;
use super::super::writer::{OutputFile, Writer};
use super::article::ArticlePage;
use super::html::{RecordPart, StandalonePage};
use crate::model::{ArticleId, ParallelDocument};

/// One page an article, with all that it needs.
#[derive(Debug)]
pub(in crate::write) struct BilingualHtml;

impl Writer for BilingualHtml {
    fn files(&self, document: &ParallelDocument) -> Result<Vec<OutputFile>, WriteError> {
        let page = ArticlePage::new(document);
        let html = rendered(&page, &StandalonePage::new(&page))?;
        Ok(vec![OutputFile::new(ENDING, html)])
    }

    fn endings(&self, _: &ArticleId) -> Vec<String> {
        vec![ENDING.to_owned()]
    }

    fn record(&self, document: &ParallelDocument, first: bool) -> Result<Vec<Vec<u8>>, WriteError> {
        let page = ArticlePage::new(document);
        Ok(vec![rendered(&page, &RecordPart::new(&page, first))?.into_bytes()])
    }
}

fn rendered(page: &ArticlePage, template: &impl Template) -> Result<String, WriteError> {
    template.render().map_err(|source| WriteError::Page { article: page.article.clone(), source })
}

const ENDING: &str = ".bilingual.html";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::html::STYLE;
    use super::*;
    use crate::model::{Finding, FindingKind, Severity, Translator};
    use crate::write::testing::{Sample, document, documents, term, text_of, translated};

    fn page(document: &ParallelDocument) -> String {
        text_of(&BilingualHtml.files(document).expect("a page"), ENDING)
    }

    /// What a browser shows of a page: its text without tags, its references resolved.
    fn text(html: &str) -> String {
        let body = html.split_once("<main>").expect("a body").1;
        let mut text = String::new();
        let mut is_tag = false;
        for c in body.chars() {
            match c {
                '<' => is_tag = true,
                '>' if is_tag => is_tag = false,
                c if !is_tag => text.push(c),
                _ => {}
            }
        }
        let references = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
        references.iter().fold(text, |text, (reference, c)| text.replace(reference, c))
    }

    #[test]
    fn a_page_shows_both_languages_and_marks_terms_and_findings() {
        let mut sample = Sample::paragraph("Die Rakete flog.");
        let rendition = translated(&mut sample.segments[0]);
        rendition.target = "The rocket flew.".into();
        rendition.terms = vec![term("Rakete", "rocket", 4..10, Some(4..10))];
        let finding = Finding::new(FindingKind::Length, Severity::Warning, "short");
        rendition.findings = vec![Finding { source: Some(11..15), ..finding }];
        let failed = Sample::paragraph("\nNein.").failed("quota");
        let html = page(&document(&[Sample::title("Titel\n"), sample, failed]));
        for part in [
            "<title>EN(Titel) – folder/a.txt</title>",
            "3 segments: 2 translated, 1 failed; 1 error, 1 warning",
            "<div class=\"german\" lang=\"de\" dir=\"ltr\"><h2>Titel</h2></div>",
            "The <mark class=\"term\" title=\"Rakete → rocket: held, rung native\">rocket</mark> flew.",
            "<span class=\"finding warning\" title=\"short\">flog</span>",
            "<strong>error</strong> failed: quota",
            "<p class=\"missing\">not translated</p>",
        ] {
            assert!(html.contains(part), "{part} is not in {html}");
        }
    }

    #[test]
    fn nothing_that_a_text_says_is_markup_or_turns_text_around() {
        let hostile = "</p><script>alert(1)</script>\u{202e}x\" onclick='y' \u{1b}[31m&lt;";
        let mut sample = Sample::title(hostile);
        let rendition = translated(&mut sample.segments[0]);
        rendition.target = hostile.into();
        rendition.translator = Translator::Engine(hostile.into());
        rendition.terms = vec![term(hostile, hostile, 0..3, Some(0..3))];
        let finding = Finding::new(FindingKind::Length, Severity::Warning, hostile);
        rendition.findings = vec![Finding { source: Some(2..9), ..finding }];
        let html = page(&document(&[sample, Sample::paragraph("\nNein.").failed(hostile)]));
        assert!(!html.contains("<script") && !html.contains("' y"), "{html}");
        assert!(!html.contains(['\u{202e}', '\u{1b}']), "{html}");
        assert!(html.contains("U+202E") && html.contains("U+001B") && html.contains("&#38;lt;"));
    }

    #[test]
    fn a_page_needs_nothing_else() {
        let html = page(&document(&[Sample::paragraph("Eins.")]));
        for other in ["src=", "url(", "@import", "http://", "https://", "<script", "<link"] {
            assert!(!html.contains(other), "{other}");
        }
        assert!(html.contains(STYLE.trim_end()));
    }

    #[test]
    fn the_articles_of_a_corpus_follow_each_other_on_one_page() {
        let document = document(&[Sample::paragraph("Eins.")]);
        let record = |first| {
            let files = BilingualHtml.record(&document, first).expect("a record");
            String::from_utf8(files.concat()).expect("UTF-8")
        };
        assert!(record(true).starts_with("<!doctype html>"));
        assert!(record(false).starts_with("<article") && record(true).ends_with(&record(false)));
    }

    proptest! {
        #[test]
        fn every_text_of_a_document_is_shown(document in documents()) {
            let shown_text = text(&page(&document));
            let mut rest = shown_text.as_str();
            for (segment, unit) in document.source().segments().iter().zip(document.units()) {
                for text in [document.source().source(segment), unit.target().unwrap_or_default()] {
                    let text = super::super::pieces::shown(text);
                    let at = rest.find(&text);
                    prop_assert!(at.is_some(), "{text:?} is not in {rest:?}");
                    rest = &rest[at.unwrap_or_default() + text.len()..];
                }
            }
        }
    }
}
