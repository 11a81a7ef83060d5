//! `xlsx`: an Excel workbook with one row a segment, for reading, sorting and correcting.

use super::bilingual::{bilingual_units, kept_names};
use super::error::WriteError;
use super::writer::{OutputFile, Writer};
use crate::bilingual::{SheetLook, SheetWriter};
use crate::model::{ArticleId, ParallelDocument};

const ENDING: &str = ".bilingual.xlsx";

/// One workbook an article. That of a corpus is written by [`CorpusWriter`](super::corpus::CorpusWriter), for workbooks
/// cannot be put one behind the other.
#[derive(Debug)]
pub(super) struct BilingualWorkbook;

impl Writer for BilingualWorkbook {
    fn files(&self, document: &ParallelDocument) -> Result<Vec<OutputFile>, WriteError> {
        let article = &document.source().article().id;
        let failed = |source| WriteError::Workbook { article: article.clone(), source };
        let look = SheetLook { shows_article: false, fields: kept_names(document) };
        let mut sheet = SheetWriter::new(&look).map_err(failed)?;
        for unit in bilingual_units(document) {
            sheet.push(&unit).map_err(failed)?;
        }
        let mut bytes = Vec::new();
        sheet.save(&mut bytes).map_err(failed)?;
        Ok(vec![OutputFile::new(ENDING, bytes)])
    }

    fn endings(&self, _: &ArticleId) -> Vec<String> {
        vec![ENDING.to_owned()]
    }
}
