//! The columns of a table of units.

use strum::{EnumString, IntoStaticStr, VariantArray as _};

use crate::bilingual::text::BilingualText;
use crate::bilingual::unit::{BilingualUnit, UnitBlock, UnitState};
use crate::glossary::exchange::german_and_english;
use crate::model::{ArticleId, BlockKind};

/// What a column of ours holds. The names stand in files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "lowercase", ascii_case_insensitive)]
pub(super) enum UnitColumn {
    Article,
    #[strum(to_string = "segment", serialize = "number")]
    Segment,
    Block,
    Kind,
    #[strum(to_string = "status", serialize = "state")]
    Status,
    #[strum(to_string = "de", serialize = "german")]
    German,
    #[strum(to_string = "en", serialize = "english")]
    English,
    By,
    At,
    Engine,
    Terms,
    Findings,
    Caveat,
    /// The [hash](written_hash) of the English as it was written.
    Written,
}

/// What the columns of a file hold.
#[derive(Debug)]
pub(super) struct TableColumns {
    columns: Vec<FileColumn>,
}

#[derive(Debug)]
enum FileColumn {
    Known(UnitColumn),
    Field(String),
    Nameless,
}

/// What stands in the column `written` of a unit whose English does not fit into a cell.
pub(super) const CUT: &str = "cut";

impl UnitColumn {
    pub(super) fn as_str(self) -> &'static str {
        self.into()
    }
}

impl TableColumns {
    /// The columns that the first row names; `None` if it is no header.
    pub(super) fn of_header(cells: &[String]) -> Option<Self> {
        let known = |name: &str| name.trim().parse::<UnitColumn>().ok();
        let columns: Vec<Option<UnitColumn>> = cells.iter().map(|cell| known(cell)).collect();
        let place = |wanted| columns.iter().position(|column| *column == Some(wanted));
        let (german, english) = match (place(UnitColumn::German), place(UnitColumn::English)) {
            (Some(german), Some(english)) => (german, english),
            _ => german_and_english(cells)?,
        };
        let mut seen: Vec<UnitColumn> = Vec::new();
        let column = |(at, (name, known)): (usize, (&String, Option<UnitColumn>))| {
            let known = match known {
                _ if at == german => Some(UnitColumn::German),
                _ if at == english => Some(UnitColumn::English),
                // A second column for the same is one more field.
                Some(UnitColumn::German | UnitColumn::English) => None,
                known => known.filter(|known| !seen.contains(known)),
            };
            match known {
                Some(known) => {
                    seen.push(known);
                    FileColumn::Known(known)
                }
                None if name.trim().is_empty() => FileColumn::Nameless,
                None => FileColumn::Field(name.trim().to_owned()),
            }
        };
        Some(Self { columns: cells.iter().zip(columns).enumerate().map(column).collect() })
    }

    /// Those of a table without a header: German, then English.
    pub(super) fn german_then_english() -> Self {
        Self { columns: [UnitColumn::German, UnitColumn::English].map(FileColumn::Known).into() }
    }

    /// Whether wortlaut wrote the file, so that its cells are read as it writes them.
    pub(super) fn are_own(&self) -> bool {
        let has = |wanted| {
            self.columns.iter().any(|column| matches!(column, FileColumn::Known(known) if *known == wanted))
        };
        [UnitColumn::Segment, UnitColumn::Status, UnitColumn::Kind].into_iter().all(has)
    }

    /// The unit of a row; `None` if it has no German or was cut.
    pub(super) fn unit(&self, cells: Vec<String>, line: usize) -> Option<BilingualUnit> {
        let mut unit = BilingualUnit { line, ..BilingualUnit::default() };
        let mut block = (None, None);
        let mut state = None;
        for (column, cell) in self.columns.iter().zip(cells) {
            if cell.is_empty() {
                continue;
            }
            let column = match column {
                FileColumn::Known(column) => *column,
                FileColumn::Field(name) => {
                    unit.fields.push((name.clone(), cell));
                    continue;
                }
                FileColumn::Nameless => continue,
            };
            match column {
                UnitColumn::Article => unit.article = Some(ArticleId::of_record(&cell)),
                UnitColumn::Segment => {
                    unit.segment = cell.trim().parse().ok();
                    cell.trim().clone_into(&mut unit.id);
                }
                UnitColumn::Block => block.0 = cell.trim().parse::<usize>().ok(),
                UnitColumn::Kind => block.1 = kind(cell.trim()),
                UnitColumn::Status => state = status(cell.trim()),
                UnitColumn::German => unit.source = BilingualText::plain(&cell),
                UnitColumn::English => unit.target = Some(BilingualText::plain(&cell)),
                UnitColumn::By => unit.by = Some(cell),
                UnitColumn::At => unit.at = cell.trim().parse().ok(),
                UnitColumn::Written if cell.trim() == CUT => return None,
                UnitColumn::Engine | UnitColumn::Caveat | UnitColumn::Written => {
                    unit.fields.push((column.as_str().to_owned(), cell));
                }
                // What the checks say is theirs to say again.
                UnitColumn::Terms | UnitColumn::Findings => {}
            }
        }
        if unit.source.is_empty() {
            return None;
        }
        unit.block = block.0.zip(block.1).map(|(number, kind)| UnitBlock { number, kind });
        unit.state =
            state.unwrap_or(if unit.target.is_some() { UnitState::Translated } else { UnitState::Initial });
        Some(unit)
    }
}

fn kind(name: &str) -> Option<BlockKind> {
    BlockKind::VARIANTS.iter().copied().find(|kind| kind.as_str() == name)
}

/// The state that a status of a segment, or the name of a state, says.
fn status(name: &str) -> Option<UnitState> {
    match name.to_ascii_lowercase().as_str() {
        "failed" => Some(UnitState::Initial),
        name => name.parse().ok(),
    }
}

/// What a state is called in a table: as the status of a segment, or as an approval.
pub(super) fn status_of(state: UnitState) -> &'static str {
    match state {
        UnitState::Initial => "failed",
        state => state.as_str(),
    }
}

/// Eight hexadecimal digits for a text, to see later whether somebody changed it.
pub(super) fn written_hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..8].to_owned()
}

/// `Rakete → rocket; Mond → moon (not held)`
pub(super) fn terms(unit: &BilingualUnit) -> String {
    let term = |term: &crate::bilingual::unit::UnitTerm| {
        let remark = if term.is_held { "" } else { " (not held)" };
        format!("{} → {}{remark}", term.source, term.target)
    };
    unit.terms.iter().map(term).collect::<Vec<_>>().join("; ")
}

/// `numbers: 13 is missing; length: …`
pub(super) fn findings(unit: &BilingualUnit) -> String {
    let note = |note: &crate::bilingual::unit::UnitNote| match note.finding {
        Some(mark) => format!("{}: {}", mark.kind.as_str(), note.text),
        None => note.text.clone(),
    };
    unit.notes.iter().map(note).collect::<Vec<_>>().join("; ")
}

/// The text of a unit under a column.
pub(super) fn cell_of(unit: &BilingualUnit, column: UnitColumn) -> String {
    let field = |name: &str| unit.field(name).unwrap_or_default().to_owned();
    match column {
        UnitColumn::Article => {
            unit.article.as_ref().map(|article| article.as_str().to_owned()).unwrap_or_default()
        }
        UnitColumn::Segment => unit.segment.map(|number| number.to_string()).unwrap_or_default(),
        UnitColumn::Block => unit.block.as_ref().map(|block| block.number.to_string()).unwrap_or_default(),
        UnitColumn::Kind => {
            unit.block.as_ref().map(|block| block.kind.as_str().to_owned()).unwrap_or_default()
        }
        UnitColumn::Status => status_of(unit.state).to_owned(),
        UnitColumn::German => unit.source.text(),
        UnitColumn::English => unit.target.as_ref().map(BilingualText::text).unwrap_or_default(),
        UnitColumn::By => unit.by.clone().unwrap_or_default(),
        UnitColumn::At => unit.at.map(|at| at.to_string()).unwrap_or_default(),
        UnitColumn::Terms => terms(unit),
        UnitColumn::Findings => findings(unit),
        UnitColumn::Engine | UnitColumn::Caveat => field(column.as_str()),
        UnitColumn::Written => {
            written_hash(&unit.target.as_ref().map(BilingualText::text).unwrap_or_default())
        }
    }
}
