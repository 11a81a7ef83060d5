//! Targets that are to be filled, each made of a copy of its source.
//!
//! The English stands beside the German in a bilingual file, not in its place. So the markup that is read as an article is
//! the file with a copy of each source where its target is to be: there the words are put in the place of the German
//! ones, among codes that are those of the source, and where none come, the copy is taken out again.

use std::collections::HashMap;
use std::ops::Range;

use quick_xml::escape::partial_escape;

use super::tree::{SpannedElement, SpannedNode};
use crate::model::{BlockKind, TargetPlace};
use crate::read::draft::{ArticleDraft, InlineStart};

/// A target that is to be filled.
pub(super) struct Fill<'a> {
    /// Where it comes to stand in the file; what is there now is nobody's work.
    pub(super) place: Range<usize>,
    /// What stands before the words, and behind them.
    pub(super) before: String,
    pub(super) behind: String,
    pub(super) source: FillSource<'a>,
    /// What else changes when it is filled, such as a state.
    pub(super) edits: Vec<(Range<usize>, String)>,
}

/// What a target is made of.
pub(super) enum FillSource<'a> {
    /// The content of an element.
    Content(&'a SpannedElement),
    /// Words from elsewhere.
    Words(&'a str),
}

/// What becomes of an element among words.
enum CodeRole {
    /// It has words in it.
    Range,
    /// It has words in it that stay as they are.
    Protected,
    /// It is no language.
    Atom(String),
    /// The first half of a pair, by what the halves have in common.
    Open(String),
    Close(String),
    /// A mark that has no other half among codes.
    Mark,
}

/// A file with copies in it.
pub(super) struct FilledMarkup {
    pub(super) markup: String,
    /// What is in it now stands where in the file: places of the file, each with that place in the markup.
    steps: Vec<(usize, usize)>,
}

impl FilledMarkup {
    /// Where a place of the file is, which is in no target that was filled.
    fn moved(&self, place: &Range<usize>) -> Range<usize> {
        let moved = |at: usize| {
            let step = self.steps.partition_point(|(from, _)| *from <= at).saturating_sub(1);
            let (from, to) = self.steps.get(step).copied().unwrap_or_default();
            to + at - from
        };
        moved(place.start)..moved(place.end)
    }
}

/// Copies the sources into their targets, and reads the copies as blocks of the article. Targets are in the order of the
/// file. `edits` are made if the article becomes English.
pub(super) fn fill(
    markup: &str,
    fills: &[Fill<'_>],
    edits: &[(Range<usize>, String)],
    draft: &mut ArticleDraft,
) {
    let mut filled = FilledMarkup { markup: String::with_capacity(markup.len()), steps: vec![(0, 0)] };
    let mut at = 0;
    let mut targets: Vec<(TargetPlace, &Fill<'_>)> = Vec::new();
    for fill in fills {
        filled.markup.push_str(&markup[at..fill.place.start]);
        let start = filled.markup.len();
        filled.markup.push_str(&fill.before);
        draft.block(BlockKind::Paragraph);
        let from = draft.len();
        let mut copy = SourceCopy { markup, out: &mut filled.markup, draft, open: HashMap::new(), end: None };
        match fill.source {
            FillSource::Content(element) => copy.content(element),
            FillSource::Words(words) => copy.words(words, &partial_escape(words)),
        }
        copy.unpaired();
        filled.markup.push_str(&fill.behind);
        let old = &markup[fill.place.clone()];
        if draft.close() {
            let place = start..filled.markup.len();
            let text = from..draft.len();
            targets.push((TargetPlace { text, place, old: old.to_owned(), edits: Vec::new() }, fill));
        } else {
            // Without words there is nothing to be translated.
            filled.markup.truncate(start);
            filled.markup.push_str(old);
        }
        at = fill.place.end;
        filled.steps.push((at, filled.markup.len()));
    }
    filled.markup.push_str(&markup[at..]);
    let moved = |edits: &[(Range<usize>, String)]| -> Vec<(Range<usize>, String)> {
        edits.iter().map(|(place, text)| (filled.moved(place), text.clone())).collect()
    };
    let targets =
        targets.into_iter().map(|(target, fill)| TargetPlace { edits: moved(&fill.edits), ..target });
    let targets = targets.collect();
    let edits = moved(edits);
    let part = draft.part_in_work();
    (part.targets, part.edits, part.markup) = (targets, edits, filled.markup);
}

/// A source on its way into its target.
struct SourceCopy<'a> {
    markup: &'a str,
    out: &'a mut String,
    draft: &'a mut ArticleDraft,
    /// First halves of pairs: where they begin in the draft and in the copy, and where they end.
    open: HashMap<String, (InlineStart, Range<usize>)>,
    /// Where the text before ends, if it is right before the next.
    end: Option<usize>,
}

impl SourceCopy<'_> {
    fn content(&mut self, element: &SpannedElement) {
        for node in &element.content {
            match node {
                SpannedNode::Text(text, place) => {
                    let markup = self.markup;
                    self.words(text, &markup[place.clone()]);
                }
                SpannedNode::Element(code) => self.code(code),
            }
        }
    }

    fn words(&mut self, text: &str, written: &str) {
        let start = self.out.len();
        self.out.push_str(written);
        // A reference is a text of its own.
        if self.end == Some(start) {
            self.draft.extend(text, self.out.len());
        } else {
            self.draft.node(text, start..self.out.len());
        }
        self.end = Some(self.out.len());
    }

    fn code(&mut self, code: &SpannedElement) {
        let (here, start) = (self.draft.here(), self.out.len());
        let inner = code.inner();
        match role(code) {
            CodeRole::Range | CodeRole::Protected if code.content.is_empty() => {
                self.raw(code.whole.clone());
                self.draft.atom("", start..self.out.len());
            }
            CodeRole::Range => {
                self.raw(code.whole.start..inner.start);
                self.content(code);
                self.raw(inner.end..code.whole.end);
                self.draft.range(here, start..self.out.len());
            }
            CodeRole::Protected => {
                self.raw(code.whole.start..inner.start);
                self.content(code);
                self.raw(inner.end..code.whole.end);
                self.draft.atom_since(here, start..self.out.len());
            }
            CodeRole::Atom(reads_as) => {
                self.raw(code.whole.clone());
                self.draft.atom(&reads_as, start..self.out.len());
            }
            CodeRole::Open(id) => {
                self.raw(code.whole.clone());
                self.open.insert(id, (here, start..self.out.len()));
            }
            CodeRole::Close(id) => {
                self.raw(code.whole.clone());
                match self.open.remove(&id) {
                    Some((begun, place)) => self.draft.range(begun, place.start..self.out.len()),
                    None => self.draft.tag(here, start..self.out.len()),
                }
            }
            CodeRole::Mark => {
                self.raw(code.whole.clone());
                self.draft.tag(here, start..self.out.len());
            }
        }
        self.end = None;
    }

    fn raw(&mut self, place: Range<usize>) {
        self.out.push_str(&self.markup[place]);
        self.end = None;
    }

    /// What was opened and not closed is a mark that stays where it is.
    fn unpaired(&mut self) {
        for (begun, place) in std::mem::take(&mut self.open).into_values() {
            self.draft.tag(begun, place);
        }
    }
}

/// What becomes of an element, in XLIFF of any version and in TMX.
fn role(code: &SpannedElement) -> CodeRole {
    let attribute = |name: &str| code.attribute(name).unwrap_or_default();
    let id = || attribute("id").to_owned();
    match code.local() {
        "ph" | "x" | "it" | "ut" => {
            let equivalent = code.attribute("equiv").or(code.attribute("equiv-text"));
            // Some tools put tags there, which nobody reads.
            CodeRole::Atom(equivalent.filter(|text| !text.contains('<')).unwrap_or_default().to_owned())
        }
        "bpt" if code.attribute("i").is_some() => CodeRole::Open(attribute("i").to_owned()),
        "ept" if code.attribute("i").is_some() => CodeRole::Close(attribute("i").to_owned()),
        "bpt" | "bx" => CodeRole::Open(code.attribute("rid").map_or_else(id, str::to_owned)),
        "ept" | "ex" => CodeRole::Close(code.attribute("rid").map_or_else(id, str::to_owned)),
        "sc" => CodeRole::Open(id()),
        "ec" => CodeRole::Close(code.attribute("startRef").map_or_else(id, str::to_owned)),
        // A character that XML cannot hold, and the ends of annotations.
        "cp" | "sm" | "em" => CodeRole::Mark,
        _ if attribute("translate") == "no" || attribute("mtype") == "protected" => CodeRole::Protected,
        _ => CodeRole::Range,
    }
}
