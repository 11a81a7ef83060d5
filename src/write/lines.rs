//! `lines`: two files, line n of one is line n of the other.

use super::error::WriteError;
use super::view::views;
use super::writer::{OutputFile, Writer};
use crate::model::{ArticleId, ParallelDocument};

/// One segment a line, white space normalised; a blank line between blocks in both files.
#[derive(Debug)]
pub(super) struct Lines;

impl Writer for Lines {
    fn files(&self, document: &ParallelDocument) -> Result<Vec<OutputFile>, WriteError> {
        let mut german = String::new();
        let mut english = String::new();
        let mut block = None;
        for view in views(document) {
            if block.is_some_and(|block| block != view.segment.block) {
                german.push('\n');
                english.push('\n');
            }
            block = Some(view.segment.block);
            let texts = view.texts();
            german.extend([&texts.german_line(), "\n"]);
            english.extend([&texts.english_line(), "\n"]);
        }
        Ok(vec![OutputFile::new(".de.txt", german), OutputFile::new(".en.txt", english)])
    }

    fn endings(&self, _: &ArticleId) -> Vec<String> {
        vec![".de.txt".to_owned(), ".en.txt".to_owned()]
    }

    /// A blank line stands between two articles too.
    fn record(&self, document: &ParallelDocument, first: bool) -> Result<Vec<Vec<u8>>, WriteError> {
        let between: &[u8] = if first || document.units().is_empty() { b"" } else { b"\n" };
        let files = self.files(document)?.into_iter();
        Ok(files.map(|file| [between, &file.contents].concat()).collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::characters::visible;
    use crate::text::{one_line, unwrapped};
    use crate::write::testing::{Sample, document, documents, text_of};

    #[test]
    fn segments_stand_side_by_side_and_blocks_are_kept_apart() {
        let document = document(&[
            Sample::title("Der  Start\r\n"),
            Sample::paragraph("Es\tregnet. ").then("Sie bleibt. "),
            Sample::furniture("\nLesen Sie hier"),
            Sample::paragraph("\nMorgen.\n").failed("quota\nused up"),
            Sample::verbatim("***").kept(),
        ]);
        let files = Lines.files(&document).expect("files");
        assert_eq!(
            text_of(&files, ".de.txt"),
            "Der Start\n\nEs regnet.\nSie bleibt.\n\nLesen Sie hier\n\nMorgen.\n\n***\n"
        );
        assert_eq!(
            text_of(&files, ".en.txt"),
            "EN(Der Start)\n\nEN(Es regnet.)\nEN(Sie bleibt.)\n\n\n\n⟦not translated: quota used up⟧\n\n***\n"
        );
    }

    #[test]
    fn soft_hyphens_and_the_like_are_not_in_the_german_lines() {
        let files = Lines
            .files(&document(&[Sample::paragraph("Unter\u{ad}nehmen im Tempe\u{200b}ratur\u{ad}fenster.")]));
        assert_eq!(text_of(&files.expect("files"), ".de.txt"), "Unternehmen im Temperaturfenster.\n");
    }

    #[test]
    fn an_empty_article_gives_two_empty_files() {
        let files = Lines.files(&document(&[])).expect("files");
        assert!(files.len() == 2 && files.iter().all(|file| file.contents.is_empty()));
    }

    proptest! {
        #[test]
        fn both_files_have_as_many_lines_whatever_stands_in_the_segments(document in documents()) {
            let files = Lines.files(&document).expect("files");
            let (german, english) = (text_of(&files, ".de.txt"), text_of(&files, ".en.txt"));
            prop_assert_eq!(german.matches('\n').count(), english.matches('\n').count());
            prop_assert!(!german.contains('\r') && !english.contains('\r'));
            let sources = views(&document).map(|view| one_line(&visible(&unwrapped(view.source)))).filter(|line| !line.is_empty());
            prop_assert!(sources.eq(german.lines().filter(|line| !line.is_empty())));
        }
    }
}
