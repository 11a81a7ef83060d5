//! **wortlaut** turns a corpus of German articles into parallel German/English files in which every
//! name and term reads as the glossary says.
//!
//! The rooms, lowest layer first; a room imports only rooms of lower layers:
//!
//! | layer | room | what it does |
//! |---|---|---|
//! | 0 | [`tables`] | word lists and tables of linguistic knowledge |
//! | 0 | [`model`] | the stages of an article, plain data |
//! | 1 | [`text`] | encodings, normalisation, blocks, sentence segmentation |
//! | 1 | [`glossary`] | entries, files, finding terms in German text |
//! | 1 | [`english`] | words of a text, inflection, where a rendering stands |
//! | 2 | [`check`] | what is wrong with a translation; never changes it |
//! | 3 | [`enforce`] | the ladder that makes terms hold; named rules of repair |
//! | 4 | [`read`] | files and formats in |
//! | 4 | [`mod@write`] | files and formats out |
//! | 4 | [`memory`] | the translation memory |
//! | 4 | [`engine`] | what translates: services and engines inside the process |
//! | 4 | [`store`] | the models of the engines inside the process: pulling, checking, keeping |
//! | 5 | [`pipeline`] | the run: plan, send, enforce, write |
//! | 6 | [`config`] | settings and where each came from |
//! | 6 | [`report`] | progress and summary |
//! | 7 | [`cmd`] | one module a subcommand |

pub mod check;
pub mod cmd;
pub mod config;
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
