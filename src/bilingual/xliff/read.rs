//! Reading XLIFF, whichever version and tool.

use std::collections::VecDeque;
use std::io::Read;
use std::path::Path;

use super::{version1, version2};
use crate::bilingual::error::BilingualError;
use crate::bilingual::language::{is_english, is_german};
use crate::bilingual::unit::{BilingualUnit, UnitBlock, UnitState};
use crate::bilingual::xml::{MixedElement, XmlStep, XmlStream};
use crate::model::{ArticleId, BlockKind};

/// The units of a file.
pub(in crate::bilingual) struct XliffUnits<R: Read> {
    stream: XmlStream<R>,
    root: Option<XliffRoot>,
    /// The elements that are open, the outermost first.
    open: Vec<UnitScope>,
    /// What was read and not handed out: an element may have several segments.
    ready: VecDeque<BilingualUnit>,
    failed: bool,
}

/// What the root says.
struct XliffRoot {
    is_first_version: bool,
}

/// Codes of languages; `None` where the file does not say.
#[derive(Clone, Default)]
struct Languages {
    source: Option<String>,
    target: Option<String>,
}

/// What an element says of the units in it.
#[derive(Clone, Default)]
struct UnitScope {
    article: Option<ArticleId>,
    block: Option<UnitBlock>,
    languages: Languages,
    is_kept: bool,
}

impl<R: Read> XliffUnits<R> {
    pub(in crate::bilingual) fn new(path: &Path, input: R) -> Result<Self, BilingualError> {
        let stream = XmlStream::new(path, input)?;
        Ok(Self { stream, root: None, open: Vec::new(), ready: VecDeque::new(), failed: false })
    }

    fn next_unit(&mut self) -> Result<Option<BilingualUnit>, BilingualError> {
        loop {
            if let Some(unit) = self.ready.pop_front() {
                return Ok(Some(unit));
            }
            match self.stream.step(&["unit", "trans-unit"])? {
                None if self.root.is_none() => return Err(self.stream.damaged("there is no <xliff> in it")),
                None => return Ok(None),
                Some(XmlStep::Open(element)) => self.open(&element)?,
                Some(XmlStep::Close) => drop(self.open.pop()),
                Some(XmlStep::Whole(element, line)) => self.whole(&element, line)?,
            }
        }
    }

    fn open(&mut self, element: &MixedElement) -> Result<(), BilingualError> {
        let mut inner = self.open.last().cloned().unwrap_or_default();
        let attribute = |name: &str| element.attribute(name).map(str::to_owned);
        if self.root.is_none() {
            if element.local() != "xliff" {
                let message = format!("it begins with <{}>, not with <xliff>", element.name);
                return Err(self.stream.damaged(message));
            }
            let is_first_version = !attribute("version").is_some_and(|version| version.starts_with('2'));
            inner.languages = Languages { source: attribute("srcLang"), target: attribute("trgLang") };
            self.root = Some(XliffRoot { is_first_version });
        }
        match element.local() {
            "file" => {
                inner.article = attribute("original")
                    .filter(|name| !name.is_empty())
                    .map(|name| ArticleId::of_record(&name));
                inner.languages.source = inner.languages.source.or(attribute("source-language"));
                inner.languages.target = inner.languages.target.or(attribute("target-language"));
            }
            "group" => {
                let kind = attribute("type").or(attribute("restype"));
                let kind = kind.and_then(|kind| kind.rsplit([':', '-']).next()?.parse::<BlockKind>().ok());
                let number =
                    attribute("id").and_then(|id| id.strip_prefix('b')?.split('-').next()?.parse().ok());
                inner.block = kind.zip(number).map(|(kind, number)| UnitBlock { number, kind });
            }
            _ => {}
        }
        match element.attribute("translate") {
            Some("no") => inner.is_kept = true,
            Some("yes") => inner.is_kept = false,
            _ => {}
        }
        self.open.push(inner);
        Ok(())
    }

    fn whole(&mut self, element: &MixedElement, line: usize) -> Result<(), BilingualError> {
        let Some(root) = &self.root else {
            return Err(self.stream.damaged(format!("it begins with <{}>, not with <xliff>", element.name)));
        };
        let around = self.open.last().cloned().unwrap_or_default();
        let Languages { source, target } = &around.languages;
        let is = |language: &Option<String>, is_wanted: fn(&str) -> bool| {
            language.as_deref().is_none_or(is_wanted)
        };
        // What a file does not say is taken for what it must be.
        if !is(source, is_german) || !is(target, is_english) {
            return Err(BilingualError::Languages {
                path: self.stream.path().to_owned(),
                line,
                source_language: source.clone().unwrap_or_default(),
                target_language: target.clone().unwrap_or_default(),
            });
        }
        let units = if root.is_first_version { version1::units(element) } else { version2::units(element) };
        let units = units.map_err(|fault| self.stream.damaged(fault))?;
        let is_kept = match element.attribute("translate") {
            Some("no") => true,
            Some("yes") => false,
            _ => around.is_kept,
        };
        // Where there is nothing to be translated, there is no unit.
        for mut unit in units.into_iter().filter(|unit| !unit.source.is_empty()) {
            unit.line = line;
            unit.article = unit.article.or(around.article.clone());
            unit.block.clone_from(&around.block);
            if is_kept {
                unit.state = UnitState::Kept;
            }
            self.ready.push_back(unit);
        }
        Ok(())
    }
}

impl<R: Read> Iterator for XliffUnits<R> {
    type Item = Result<BilingualUnit, BilingualError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.next_unit();
        self.failed = next.is_err();
        next.transpose()
    }
}
