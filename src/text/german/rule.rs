//! The rules by name, and what a decision says.

use std::fmt;

macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $variant:ident, $boundary:literal, $name:literal;)+) => {
        /// The rule that decided at a candidate.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum BoundaryRule {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl BoundaryRule {
            /// Whether the rule ends the sentence.
            #[must_use]
            pub fn is_boundary(self) -> bool {
                match self { $(Self::$variant => $boundary,)+ }
            }

            /// The name shown to users.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

rules! {
    /// A question or exclamation mark, and something that begins a sentence.
    StrongMark, true, "question or exclamation mark";
    /// An ellipsis before a capital.
    EllipsisEnd, true, "ellipsis, then a capital";
    /// A full stop after an ordinary word.
    PlainWord, true, "full stop after a word";
    /// A full stop beside a closing quote.
    QuoteEnd, true, "full stop at a closing quote";
    /// A mark at the end of a sentence in brackets.
    BracketEnd, true, "end of a sentence in brackets";
    /// A footnote mark after a full stop.
    Footnote, true, "footnote mark after a full stop";
    /// A number, then a word that opens sentences.
    NumberThenStarter, true, "number, then a sentence opener";
    /// A year, an amount or another number that is not an ordinal.
    CardinalNumber, true, "number that is not an ordinal";
    /// A number that belongs to the noun before it.
    NumberOfNoun, true, "number that belongs to the noun before it";
    /// An abbreviation that may be final, then a word that opens sentences.
    AbbreviationThenStarter, true, "abbreviation, then a sentence opener";
    /// An abbreviation that usually ends its sentence.
    FinalAbbreviation, true, "abbreviation that usually ends a sentence";
    /// A single letter, then a word that opens sentences.
    LetterThenStarter, true, "single letter, then a sentence opener";
    /// A letter that belongs to the noun before it.
    LetterOfNoun, true, "letter that belongs to the noun before it";
    /// A unit of measure after its number.
    Unit, true, "unit of measure";
    /// A Roman numeral, then a word that opens sentences.
    RomanThenStarter, true, "Roman numeral, then a sentence opener";
    /// A small letter follows.
    SmallLetterFollows, false, "a small letter follows";
    /// Nothing that could begin a sentence follows.
    NothingBegins, false, "nothing follows that begins a sentence";
    /// The number or letter of a list item.
    ListMarker, false, "number or letter of a list item";
    /// A day before its month.
    Month, false, "day before a month";
    /// An ordinal before a noun that ordinals count.
    OrdinalNoun, false, "ordinal before its noun";
    /// An ordinal after an article, possessive or preposition.
    OrdinalAfterDeterminer, false, "ordinal after an article or preposition";
    /// A number whose parts are separated by stops.
    NumberGoesOn, false, "the number goes on";
    /// An abbreviation.
    Abbreviation, false, "abbreviation";
    /// An initial of a name or a part of an abbreviation.
    Initial, false, "initial or part of an abbreviation";
    /// A Roman numeral of a name or an ordinal.
    RomanNumeral, false, "Roman numeral";
    /// A bracket inside a sentence.
    BracketInside, false, "bracket inside a sentence";
    /// A name that is written with the mark.
    NameWithMark, false, "name that is written with the mark";
}

impl fmt::Display for BoundaryRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What was decided at one candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// The byte at which the mark stands.
    pub at: usize,
    /// Whether a sentence ends here.
    pub boundary: bool,
    /// The rule that decided.
    pub rule: BoundaryRule,
}
