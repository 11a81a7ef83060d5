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
//! | 1 | [`glossary`] | entries, files, finding terms in German text |
//! | 1 | [`check`] | what is wrong with a translation; terms in English text |
//! | 2 | [`read`] | files and formats in |
//! | 2 | [`mod@write`] | files and formats out |
//! | 2 | [`memory`] | the translation memory |
//! | 2 | [`engine`] | what translates: services and engines inside the process |
//! | 2 | [`store`] | the models of the engines inside the process: pulling, checking, keeping |
//! | 3 | [`pipeline`] | the run: plan, send, enforce, write |
//! | 4 | [`config`] | settings and where each came from |
//! | 4 | [`report`] | progress and summary |
//! | 5 | [`cmd`] | one module a subcommand |

pub mod check;
pub mod cmd;
pub mod config;
pub mod disk;
pub mod engine;
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
