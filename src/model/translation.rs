//! What an engine sends back.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{FindingKind, Severity, TermHint};

/// Pieces of the source and what of the target stands for each: pairs of byte ranges, source then target.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpanPairs(pub Vec<(Range<usize>, Range<usize>)>);

/// What an engine says of which pieces of its answer stand for which of the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Alignment {
    /// Of words, from an engine that was sent plain text.
    Words(SpanPairs),
    /// Of the markup that the text was sent with ([`Request::inlines`](super::Request::inlines)), in its order: each piece
    /// with what the engine put into its tags. Of a segment, its own pieces, whatever text was sent for it.
    Inlines(SpanPairs),
}

impl Alignment {
    /// The pairs, whatever they are of.
    #[must_use]
    pub fn pairs(&self) -> &SpanPairs {
        match self {
            Self::Words(pairs) | Self::Inlines(pairs) => pairs,
        }
    }

    /// The pairs of words.
    #[must_use]
    pub fn words(&self) -> Option<&SpanPairs> {
        match self {
            Self::Words(pairs) => Some(pairs),
            Self::Inlines(_) => None,
        }
    }

    /// The pairs of markup.
    #[must_use]
    pub fn inlines(&self) -> Option<&SpanPairs> {
        match self {
            Self::Inlines(pairs) => Some(pairs),
            Self::Words(_) => None,
        }
    }

    /// The same with other pairs.
    #[must_use]
    pub fn map(&self, change: impl FnOnce(&SpanPairs) -> SpanPairs) -> Self {
        match self {
            Self::Words(pairs) => Self::Words(change(pairs)),
            Self::Inlines(pairs) => Self::Inlines(change(pairs)),
        }
    }
}

impl SpanPairs {
    /// The pairs with the target moved by a function that gives `None` for what is no more; empty targets are places
    /// and stay.
    fn moved(&self, target: impl Fn(&Range<usize>) -> Option<Range<usize>>) -> Self {
        let pair = |(from, to): &(Range<usize>, Range<usize>)| {
            let moved = target(to)?;
            (!moved.is_empty() || to.is_empty()).then(|| (from.clone(), moved))
        };
        Self(self.0.iter().filter_map(pair).collect())
    }
}

impl Alignment {
    /// The alignment after some of the target was replaced. Pairs before, behind and around the replaced bytes stay. Of
    /// those that end in the middle of them, words go, for nobody knows which of the new ones they are; a piece of
    /// markup takes all that was put there.
    #[must_use]
    pub fn carried_over(&self, old: &str, new: &str) -> Self {
        let head = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
        let longest = old.len().min(new.len()) - head;
        let tail = old.bytes().rev().zip(new.bytes().rev()).take(longest).take_while(|(a, b)| a == b).count();
        let behind = old.len() - tail;
        let moved = |at: usize, inside: Option<usize>| match at {
            at if at <= head => Some(at),
            at if at >= behind && at <= old.len() => Some(at + new.len() - old.len()),
            _ => inside,
        };
        match self {
            Self::Words(pairs) => {
                Self::Words(pairs.moved(|to| Some(moved(to.start, None)?..moved(to.end, None)?)))
            }
            Self::Inlines(pairs) => Self::Inlines(pairs.moved(|to| {
                let end = moved(to.end, Some(new.len() - tail))?;
                Some(moved(to.start, Some(head))?.min(end)..end)
            })),
        }
    }
}

/// Whose an answer is: a place among the engines whose answers count in a run, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MakerRank(pub usize);

/// What was taken off or out of an answer: by the engine before it gave it on, or because it is not its English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// The answer repeated itself over and over; the first round is left.
    Loop,
    /// The answer did not come to an end; what there was of it is left.
    Runaway,
    /// Words around the translation: labels, notes, quotation marks.
    Chatter,
    /// HTML entities; their characters are left.
    Entities,
    /// Control characters, escape sequences, marks that turn text around.
    Controls,
    /// Characters that cannot be seen.
    Invisible,
    /// Line breaks and tabs; blanks are left.
    Breaks,
    /// What tore the digits of a number apart.
    Torn,
    /// The full stop of a heading, which has none in German.
    Stop,
}

impl Cut {
    /// What was cut off, in words.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Loop => "the engine repeated itself; the repetitions were cut off",
            Self::Runaway => "the engine did not come to an end; its answer was cut off",
            Self::Chatter => "the engine wrote words around the translation; they were cut off",
            Self::Entities => "the answer had HTML entities; they were decoded",
            Self::Controls => "the answer had control characters; they were taken out",
            Self::Invisible => "the answer had invisible characters; they were taken out",
            Self::Stop => "the answer ended with a full stop, the German does not; it was taken out",
            Self::Torn => "the digits of a number were torn apart; they were put together",
            Self::Breaks => "the answer had line breaks or tabs; blanks stand in their place",
        }
    }

    /// The kind of its finding and how bad it is: a warning where words went, or where somebody may mean harm.
    #[must_use]
    pub fn kind(self) -> (FindingKind, Severity) {
        match self {
            Self::Loop | Self::Runaway | Self::Chatter => (FindingKind::Cut, Severity::Warning),
            Self::Controls => (FindingKind::Tidied, Severity::Warning),
            Self::Entities | Self::Invisible | Self::Breaks | Self::Torn | Self::Stop => {
                (FindingKind::Tidied, Severity::Info)
            }
        }
    }
}

/// The answer of an engine to one text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Translation {
    /// The English text, exactly as it came.
    pub text: String,
    /// Where the engine gives one.
    pub alignment: Option<Alignment>,
    /// What the service says it billed, in its unit; `None` where it does not say.
    pub billed: Option<u64>,
    /// What was taken off or out of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cuts: Vec<Cut>,
    /// Other translations of the same text that came with it, the likeliest first, exactly as they came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<String>,
    /// Terms that its engine was told, where the glossary says something else by now: a target among them stands for its
    /// term wherever the answer has it.
    #[serde(skip)]
    pub told: Vec<TermHint>,
}

impl Translation {
    /// A translation of which nothing else is known.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            alignment: None,
            billed: None,
            cuts: Vec::new(),
            alternatives: Vec::new(),
            told: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alignment_moves_with_what_was_replaced_before_it() {
        let (old, new) = ("The DPRK fires rockets", "The North Korea fires rockets");
        let pairs = SpanPairs(vec![(0..3, 0..3), (4..9, 4..8), (10..16, 9..14), (17..20, 15..22)]);
        let alignment = Alignment::Words(pairs);
        let carried = alignment.carried_over(old, new);
        let words: Vec<_> =
            carried.pairs().0.iter().map(|(from, to)| (from.start, &new[to.clone()])).collect();
        assert_eq!(words, [(0, "The"), (4, "North Korea"), (10, "fires"), (17, "rockets")]);
        assert_eq!(alignment.carried_over(old, old), alignment);
    }

    #[test]
    fn markup_takes_what_was_put_into_it() {
        let (old, new) = ("Its Kim Jong il spoke", "Its Kim Chong-il spoke");
        let carried = |place: Range<usize>| {
            let alignment = Alignment::Inlines(SpanPairs(vec![(0..1, place)]));
            alignment.carried_over(old, new).pairs().0.first().map(|(_, to)| &new[to.clone()])
        };
        assert_eq!(carried(4..12), Some("Kim Chong-"));
        assert_eq!(carried(10..15), Some("Chong-il"));
        assert_eq!(carried(0..3), Some("Its"));
        assert_eq!(carried(16..21), Some("spoke"));
        assert_eq!(carried(3..3), Some(""), "a place stays");
    }
}
