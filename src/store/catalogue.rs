//! The models there are and where they come from.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::error::StoreError;

/// The engine that runs a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModelKind {
    /// Firefox's own translator.
    Firefox,
    /// A language model in the GGUF format.
    Gguf,
}

impl ModelKind {
    /// The name used in files and output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Firefox => "firefox",
            Self::Gguf => "gguf",
        }
    }
}

/// A model that can be pulled.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// What users call it: letters, digits, dots and hyphens.
    pub name: String,
    /// The engine that runs it.
    pub kind: ModelKind,
    /// The higher the better.
    pub rank: u32,
    /// Whether it is pulled only when it is named.
    #[serde(default)]
    pub on_request: bool,
    /// The licence of its weights.
    pub licence: String,
    /// How good it is, in a line.
    pub quality: String,
    /// A warning to be shown with every output, for a model that is only a stopgap.
    pub caveat: Option<String>,
    /// Bytes to be downloaded, roughly.
    pub size: u64,
    /// What it consists of.
    #[serde(rename = "file")]
    pub files: Vec<ModelFile>,
    /// In the order in which they are tried.
    #[serde(rename = "source")]
    pub sources: Vec<Source>,
}

impl Model {
    /// Whether every file is known by its SHA-256 or comes with one from its source.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        let is_published = self.sources.iter().all(|source| matches!(source, Source::RemoteSettings(_)));
        is_published || self.files.iter().all(|file| file.sha256.is_some())
    }
}

/// A file of a model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    /// Its name in the model's folder.
    pub name: String,
    /// Bytes, if they are known beforehand.
    pub size: Option<u64>,
    /// SHA-256 in lower-case hexadecimal, if it is known beforehand.
    pub sha256: Option<String>,
}

/// Where a model can be pulled from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Source {
    /// The records of Mozilla's Remote Settings.
    RemoteSettings(RemoteSettings),
    /// An address for each file.
    Url {
        /// Addresses by the file's name.
        files: BTreeMap<String, String>,
    },
    /// Python packages, each with a piece of one file.
    Packages {
        /// The name of the file.
        file: String,
        /// Its pieces in order.
        pieces: Vec<Piece>,
    },
}

/// Which records of Remote Settings make a model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RemoteSettings {
    /// The address of the service, version included.
    pub base: String,
    /// The collection in the bucket `main`.
    pub collection: String,
    /// Source language.
    pub from: String,
    /// Target language.
    pub to: String,
    /// The file for each type of record.
    pub files: BTreeMap<String, String>,
    /// Types of records that a version may lack.
    #[serde(default)]
    pub optional: Vec<String>,
}

/// A piece of a file in a Python package.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Piece {
    /// The package and its version, as pip takes it.
    pub requirement: String,
    /// The file in the wheel.
    pub member: String,
}

impl Source {
    /// What it is called in messages.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::RemoteSettings(_) => "Mozilla Remote Settings".to_owned(),
            Self::Url { files } => {
                let host = |url: &String| Some(url.split_once("://")?.1.split('/').next()?.to_owned());
                files.values().find_map(host).unwrap_or_default()
            }
            Self::Packages { pieces, .. } => format!("{} Python packages", pieces.len()),
        }
    }
}

/// The built-in catalogue.
///
/// # Errors
/// [`StoreError::Catalogue`] if it is wrong, which a test excludes.
pub fn catalogue() -> Result<Vec<Model>, StoreError> {
    parse(include_str!("data/catalogue.toml"))
}

#[derive(Deserialize)]
struct File {
    model: Vec<Model>,
}

/// Reads a catalogue; names in it must be safe as names of files.
pub(super) fn parse(text: &str) -> Result<Vec<Model>, StoreError> {
    let file: File = toml::from_str(text).map_err(|error| StoreError::Catalogue(error.into()))?;
    let plain = |name: &str| {
        let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        !name.is_empty() && !name.starts_with('.') && name.chars().all(inner)
    };
    for model in &file.model {
        let names = model.files.iter().map(|file| file.name.as_str());
        if let Some(name) = names.chain([model.name.as_str()]).find(|name| !plain(name)) {
            return Err(StoreError::Catalogue(format!("{name:?} cannot be the name of a file").into()));
        }
    }
    Ok(file.model)
}
