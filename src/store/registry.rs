//! Mozilla's model registry: a list of all models that were trained, and their files, packed with gzip.
//!
//! The list states the SHA-256 of a model's weights, by which a model is found; what else belongs to it stands beside
//! them without one.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::catalogue::{Model, ModelFile};
use super::download::{Client, RemoteFile};
use super::error::StoreError;
use super::event::PullEvent;
use super::folder::Folder;
use super::installed::InstalledFile;
use super::options::PullOptions;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RegistryIndex {
    base_url: String,
    /// By pair of languages.
    models: BTreeMap<String, Vec<Value>>,
}

#[derive(Deserialize)]
struct RegistryEntry {
    files: BTreeMap<String, RegistryFile>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RegistryFile {
    path: String,
    uncompressed_hash: Option<String>,
}

impl RegistryEntry {
    /// Whether it states what a model holds. It does so for the weights alone.
    fn is_of(&self, model: &Model) -> bool {
        let mut stated = self.files.values().filter_map(|file| file.uncompressed_hash.as_deref());
        stated.any(|sha256| model.files.iter().any(|file| file.sha256.eq_ignore_ascii_case(sha256)))
    }
}

/// Loads the files of a model. `names` says what the list calls each of them.
pub(super) fn deliver(
    model: &Model,
    address: &str,
    names: &BTreeMap<String, String>,
    options: &PullOptions,
    folder: &Folder,
    events: &mut dyn FnMut(PullEvent<'_>),
) -> Result<Vec<InstalledFile>, StoreError> {
    let client = Client::new(options, address)?;
    let index: RegistryIndex = client.json(address)?;
    // Entries of another shape are for other programs.
    let entries = index.models.into_values().flatten();
    let mut entries = entries.filter_map(|entry| serde_json::from_value::<RegistryEntry>(entry).ok());
    let entry = entries.find(|entry| entry.is_of(model));
    // Nothing is loaded of a model that is not there as a whole.
    let mut listed: Vec<(&ModelFile, String)> = Vec::new();
    for file in &model.files {
        let name = names.get(&file.name).ok_or_else(|| StoreError::NoAddress { file: file.name.clone() })?;
        let found = entry.as_ref().and_then(|entry| entry.files.get(name));
        let path = &found.ok_or_else(|| file.not_listed(address))?.path;
        let base = index.base_url.trim_end_matches('/');
        listed.push((file, format!("{base}/{}", path.trim_start_matches('/'))));
    }
    // How large the files are when packed is not stated.
    let load = |(file, url): (&ModelFile, String)| {
        client.file(&RemoteFile { url: &url, size: None, sha256: None }, file, folder, events)
    };
    listed.into_iter().map(load).collect()
}
