//! What an output folder proves of itself, without the memory, the glossary and the network.
//!
//! The manifest says which bytes each file had when it was written, and what text and glossary entries it was made of; its
//! own last line seals it. `NAME.jsonl` says where each term stands on both sides. Nothing here is believed because it is
//! written there: texts are joined and hashed again, terms are looked for again, and formats are compared.

mod article;
mod beside;
mod flaw;
mod folder;
mod input;
mod jsonl;
mod places;
mod row;
mod terms;

pub use flaw::{Flaw, FlawKind};
pub use folder::{Proven, verify};
