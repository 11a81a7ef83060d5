//! The review page: the corpus and its translation in a browser, to be read and corrected.
//!
//! A server on this machine alone, for those who have its address: the address holds a token, and nothing is answered without
//! it. What the page shows comes from the pipeline's run that sends nothing, so it is what a run would write now. Everything
//! is rendered here and escaped here; the script in the page only moves what it was given.

mod again;
mod answer;
mod article;
mod assets;
mod card;
mod change;
mod error;
mod filter;
mod follow;
mod foreign;
mod gather;
mod guard;
mod link;
mod listening;
mod material;
mod near;
mod news;
mod overview;
mod read;
mod reviewed;
mod rows;
mod server;
mod state;
mod term;
mod token;
mod written;

pub use error::ReviewError;
pub use material::{GlossaryPlace, LoadGlossary, LoadSource, ReviewMaterial, ReviewSource};
pub use server::ReviewServer;
pub use token::{InvalidPageToken, PageToken};
