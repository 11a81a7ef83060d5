//! **wortlaut** turns a corpus of German articles into parallel German/English files in which every
//! name and term reads as the glossary says.
//!
//! ```
//! use wortlaut::check;
//! use wortlaut::english::Sentence;
//! use wortlaut::glossary::{Glossary, Matcher};
//! use wortlaut::model::{Entry, Origin};
//! use wortlaut::text::{German, Segmenter};
//!
//! # fn main() -> Result<(), wortlaut::text::SegmentError> {
//! // Sentences, as a German reader would end them.
//! let text = "Am 3. Mai sprach Dr. Meyer in Kiew. Der Eisbrecher fuhr weiter.";
//! let sentences = German::default().segment(text)?;
//! assert_eq!(&text[sentences[1].clone()], "Der Eisbrecher fuhr weiter.");
//!
//! // Terms, in whatever form they stand there.
//! let entry = Entry::new("Eisbrecher", "icebreaker", Origin { path: "glossary.tsv".into(), line: 2 });
//! let terms = Matcher::new(&Glossary::of(vec![entry])).find("Zwei Eisbrechern half es.");
//! assert_eq!(terms[0].span, 5..16);
//!
//! // Whether they hold in a translation.
//! let german = Sentence::new("Zwei Eisbrechern half es.");
//! let held = |english: &str| check::outcomes(&german, &terms, &Sentence::new(english))[0].held.is_some();
//! assert!(held("It helped two icebreakers.") && !held("It helped two ships."));
//! # Ok(())
//! # }
//! ```
//!
//! With the feature `documents`, [`pipeline::translate_text`] translates a text and [`pipeline::Run`] a corpus, with an
//! engine of this crate or of one's own. `examples/` has programs for both.
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | none | segmentation, the glossary, checks and enforcement |
//! | `documents` | formats in and out, the run, the translation memory, the seam for engines |
//! | `review` | the review page |
//! | `services` | translation services over HTTP |
//! | `shared` | a translation memory in PostgreSQL, which several processes share |
//! | `local` | local engines, and pulling their models |
//! | `cli` | the program `wortlaut`, with all of the above |
//!
//! # Rooms
//!
//! The rooms, lowest layer first; a room imports only rooms of lower layers:
//!
//! | layer | room | what it does |
//! |---|---|---|
//! | 0 | [`tables`] | word lists and tables of linguistic knowledge |
//! | 0 | [`model`] | the stages of an article, plain data |
//! | 0 | [`disk`] | what stands at a path, files saved completely or not at all |
//! | 1 | [`text`] | encodings, normalisation, blocks, sentence segmentation |
//! | 2 | [`glossary`] | entries, files, finding terms in German text |
//! | 2 | [`english`] | words of a text, inflection, where a rendering stands |
//! | 3 | [`check`] | what is wrong with a translation; never changes it |
//! | 3 | [`score`] | how good translations are, against references |
//! | 4 | [`enforce`] | the ladder that makes terms hold; named rules of repair |
//! | 4 | [`bilingual`] | bilingual files of other tools as streams of units |
//! | 5 | [`read`] | files and formats in |
//! | 5 | [`mod@write`] | files and formats out |
//! | 5 | [`memory`] | the translation memory |
//! | 5 | [`engine`] | what translates: services and local engines |
//! | 5 | [`store`] | the models of local engines: pulling, checking, keeping |
//! | 6 | [`learn`] | what people changed in files that wortlaut wrote |
//! | 6 | [`pipeline`] | the run: plan, send, enforce, write |
//! | 6 | [`verify`] | what an output folder proves of itself |
//! | 7 | [`config`] | settings and where each came from |
//! | 7 | [`report`] | progress and summary |
//! | 7 | [`web`] | the review page |
//! | 8 | [`cmd`] | one module a subcommand |

#[cfg(feature = "documents")]
pub mod bilingual;
pub mod check;
#[cfg(feature = "cli")]
pub mod cmd;
#[cfg(feature = "cli")]
pub mod config;
#[cfg(feature = "documents")]
pub mod disk;
pub mod enforce;
#[cfg(feature = "documents")]
pub mod engine;
pub mod english;
pub mod glossary;
#[cfg(feature = "documents")]
pub mod learn;
#[cfg(feature = "documents")]
pub mod memory;
pub mod model;
#[cfg(feature = "documents")]
pub mod pipeline;
#[cfg(feature = "documents")]
pub mod read;
#[cfg(feature = "cli")]
pub mod report;
pub mod score;
#[cfg(feature = "local")]
pub mod store;
pub mod tables;
pub mod text;
#[cfg(feature = "cli")]
pub mod verify;
#[cfg(feature = "review")]
pub mod web;
#[cfg(feature = "documents")]
pub mod write;
