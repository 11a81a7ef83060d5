//! Making terms hold: a ladder of five rungs, the cheapest first, each answer looked at before it is taken.
//!
//! 1. native: the engine's first answer, which may have been given with the terms;
//! 2. alternative: another translation of the same sentence, where some came with the first answer;
//! 3. repair: words of an answer are replaced by named rules; at the end also accepted renderings by the house form;
//! 4. inline: the segment is sent once more with the English term standing in the German sentence;
//! 5. placeholder: it is sent once more with a token in the term's place, which is replaced afterwards.
//!
//! On rungs 4 and 5, an answer in which a term holds at the price of another is asked for once more, with the other one
//! put into the segment too. The first answer in which every term holds and no other check got worse is taken; otherwise
//! the one with the fewest terms missing among those that are no worse.
//!
//! The ladder is a state machine without engine or runtime. [`start`] takes a [`Case`] and the first [`Answer`] and
//! gives a [`Step`]: either an [`Ask`], to which the caller gives the answer, or what is [`Held`] in the end.

mod dictionary;
mod inline;
mod ladder;
mod likeness;
mod orders;
mod placeholder;
mod repair;
mod repaired;
mod replace;
mod rewritten;
mod rules;
mod second_answer;
mod standing;

pub use ladder::{
    Answer, Ask, Case, Enforcement, Held, MostAsked, Step, accept, is_as_good, is_better, start,
};
pub use orders::other_orders;
pub use placeholder::has_placeholder;
pub use rewritten::Rewritten;
pub use standing::not_held_findings;
