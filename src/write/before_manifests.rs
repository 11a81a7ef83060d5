//! Outputs of version 0.1, which kept no manifest: the rows of `NAME.jsonl` say what stood in the files beside it.

use std::collections::{BTreeMap, HashSet};
use std::io::Read;
use std::path::PathBuf;

use serde::Deserialize;

use super::error::WriteError;
use super::format::OutputFormat;
use super::obstacles::Obstacle;
use super::outputs::Outputs;
use crate::disk::open_plain;
use crate::model::{
    Article, ArticleId, Block, BlockKind, Encoding, FindingKind, ParallelDocument, Rendition, Segment,
    SegmentedArticle, Status, Unit,
};

/// Columns of `tsv` that the rows hold for certain: from the number of the segment to the engine.
const COLUMNS: usize = 7;

/// A row of `jsonl`, as far as other formats show it.
#[derive(Deserialize)]
struct EarlierRow {
    article: ArticleId,
    segment: usize,
    block: usize,
    kind: BlockKind,
    status: Status,
    de: String,
    en: Option<String>,
    engine: Option<String>,
    findings: Vec<EarlierFinding>,
    before: String,
    #[serde(default)]
    after: String,
}

#[derive(Deserialize)]
struct EarlierFinding {
    /// Its name: earlier versions had kinds that are gone.
    kind: String,
    message: String,
}

impl Outputs {
    /// Which of the files in the way an earlier version wrote and nobody changed: the `jsonl` of their article gives
    /// the same files again. If one of an article does not fit, its `jsonl` is not trusted either.
    #[must_use]
    pub fn fit_earlier(&self, foreign: &[Obstacle]) -> HashSet<PathBuf> {
        let mut articles: BTreeMap<&ArticleId, Vec<&Obstacle>> = BTreeMap::new();
        for obstacle in foreign {
            articles.entry(&obstacle.articles[0]).or_default().push(obstacle);
        }
        let mut fitting = HashSet::new();
        for (article, files) in articles {
            let Some(document) = self.earlier(article) else { continue };
            let (fit, other): (Vec<_>, Vec<_>) =
                files.into_iter().partition(|file| file.fits(&document).unwrap_or_default());
            let is_sound = other.is_empty();
            fitting.extend(
                fit.into_iter()
                    .filter(|file| is_sound || file.format != OutputFormat::Jsonl)
                    .map(|file| file.path.clone()),
            );
        }
        fitting
    }

    /// The document that the `jsonl` of an article describes.
    fn earlier(&self, article: &ArticleId) -> Option<ParallelDocument> {
        let path = self.target(article, ".jsonl").ok()?.path;
        let mut text = String::new();
        open_plain(&path).ok()??.read_to_string(&mut text).ok()?;
        let rows: Result<Vec<EarlierRow>, _> = text.lines().map(serde_json::from_str).collect();
        document(article, rows.ok()?)
    }
}

impl Obstacle {
    /// Whether the file is what its format makes of a document.
    fn fits(&self, document: &ParallelDocument) -> Result<bool, WriteError> {
        let mut found = Vec::new();
        let read = open_plain(&self.path).ok().flatten().map(|mut file| file.read_to_end(&mut found));
        if !matches!(read, Some(Ok(_))) {
            return Ok(false);
        }
        let files = self.format.writer().files(document)?;
        let Some(file) = files.into_iter().find(|file| file.ending == self.ending) else { return Ok(false) };
        Ok(match self.format {
            // It is where the document comes from.
            OutputFormat::Jsonl => true,
            OutputFormat::Tsv => columns(&file.contents).eq(columns(&found)),
            _ => file.contents == found,
        })
    }
}

/// The columns of a table that the rows hold for certain.
fn columns(table: &[u8]) -> impl Iterator<Item = Vec<&[u8]>> {
    table.split(|byte| *byte == b'\n').map(|line| line.split(|byte| *byte == b'\t').take(COLUMNS).collect())
}

/// Puts an article together again; `None` if the rows are not those of one plain text.
fn document(article: &ArticleId, rows: Vec<EarlierRow>) -> Option<ParallelDocument> {
    let mut text = String::new();
    let mut blocks: Vec<Block> = Vec::new();
    let (mut segments, mut units) = (Vec::new(), Vec::new());
    for (number, row) in (1..).zip(rows) {
        if row.article != *article || row.segment != number || row.block < blocks.len().max(1) {
            return None;
        }
        text.push_str(&row.before);
        let span = text.len()..text.len() + row.de.len();
        text.push_str(&row.de);
        text.push_str(&row.after);
        // Blocks without a segment have no row; they must be fewer than the bytes between two segments.
        if row.block - blocks.len() > text.len() + 1 {
            return None;
        }
        while blocks.len() < row.block {
            blocks.push(Block::new(row.kind, span.clone()));
        }
        let block = row.block - 1;
        blocks[block].span.end = span.end;
        segments.push(Segment { block, span });
        units.push(unit(row));
    }
    let (id, encoding, fields) = (article.clone(), Encoding::utf8(), Vec::new());
    let article = Article { id, encoding, text, blocks, layout: None, fields, file_hash: None };
    ParallelDocument::new(SegmentedArticle::new(article, segments).ok()?, units)
}

fn unit(row: EarlierRow) -> Unit {
    let failed = row.findings.into_iter().find(|remark| remark.kind == FindingKind::Failed.as_str());
    match row.status {
        Status::Translated => {
            Unit::Translated(Rendition::new(row.en.unwrap_or_default(), &row.engine.unwrap_or_default()))
        }
        Status::Kept => Unit::Kept { target: row.en.unwrap_or_default() },
        Status::Failed => Unit::Failed {
            reason: failed.map_or_else(|| "no translation could be had".to_owned(), |remark| remark.message),
            terms: Vec::new(),
        },
    }
}
