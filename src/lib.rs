//! **wortlaut** turns a corpus of German articles into parallel German/English files in which every
//! name and term reads as the glossary says.
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
//! | 4 | [`enforce`] | the ladder that makes terms hold; named rules of repair |
//! | 5 | [`read`] | files and formats in |
//! | 5 | [`mod@write`] | files and formats out |
//! | 5 | [`memory`] | the translation memory |
//! | 5 | [`engine`] | what translates: services and engines inside the process |
//! | 5 | [`store`] | the models of the engines inside the process: pulling, checking, keeping |
//! | 6 | [`pipeline`] | the run: plan, send, enforce, write |
//! | 7 | [`config`] | settings and where each came from |
//! | 7 | [`report`] | progress and summary |
//! | 8 | [`cmd`] | one module a subcommand |

pub mod check;
pub mod cmd;
pub mod config;
pub mod disk;
pub mod enforce;
pub mod engine;
pub mod english;
pub mod glossary;
pub mod memory;
pub mod model;
pub mod pipeline;
pub mod read;
pub mod report;
pub mod store;
pub mod tables;
pub mod text;
pub mod write;
