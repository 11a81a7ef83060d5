//! Mozilla's Remote Settings: which files make the newest model of a language pair, and where they are.
//!
//! A collection lists one record a file. The service's root tells under which address attachments stand, so one
//! base address leads to everything.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::catalogue::RemoteSettings;
use super::catalogue::{Model, ModelFile};
use super::download::{Client, check, complete};
use super::error::StoreError;
use super::event::PullEvent;
use super::file;
use super::folder::{Folder, discard};
use super::installed::Delivery;

/// Versions of the format that the firefox engine reads, by their first number.
const MAJORS: std::ops::RangeInclusive<u64> = 1..=3;
/// Architectures in order of preference; a record without one is the first of them.
const ARCHITECTURES: [&str; 3] = ["base", "base-memory", "tiny"];

#[derive(Deserialize)]
struct Root {
    capabilities: Capabilities,
}

#[derive(Deserialize)]
struct Capabilities {
    attachments: Attachments,
}

#[derive(Deserialize)]
struct Attachments {
    base_url: String,
}

#[derive(Deserialize)]
struct Records {
    data: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SettingsRecord {
    file_type: String,
    source_language: String,
    target_language: String,
    version: String,
    architecture: Option<String>,
    attachment: Attachment,
    decompressed_hash: Option<String>,
    decompressed_size: Option<Value>,
}

#[derive(Deserialize)]
struct Attachment {
    hash: String,
    size: Value,
    location: String,
}

/// Loads the newest model of a language pair.
pub(super) fn deliver(
    model: &Model,
    settings: &RemoteSettings,
    base: Option<&str>,
    folder: &Folder,
    events: &mut dyn FnMut(PullEvent<'_>),
) -> Result<Delivery, StoreError> {
    let client = Client::new()?;
    let base = base.unwrap_or(&settings.base).trim_end_matches('/');
    let url = format!("{base}/buckets/main/collections/{}/records", settings.collection);
    let records: Records = client.json(&url)?;
    let (version, chosen) = newest(records, settings).ok_or_else(|| StoreError::NoRecord {
        url: url.clone(),
        from: settings.from.clone(),
        to: settings.to.clone(),
    })?;
    let root: Root = client.json(&format!("{base}/"))?;
    let attachments = root.capabilities.attachments.base_url;

    let mut files = Vec::new();
    for (kind, record) in &chosen {
        let name = &settings.files[kind];
        let size = number(&record.attachment.size).ok_or_else(|| StoreError::Malformed {
            url: url.clone(),
            source: format!("the record of {kind} has no size").into(),
        })?;
        let sha256 = Some(record.attachment.hash.clone());
        let packed = ModelFile { name: name.clone(), size: Some(size), sha256 };
        let whole = unpacked(model, record, name);
        if let Some(there) = complete(&whole, folder, events)? {
            files.push(there);
            continue;
        }
        let url = format!("{}/{}", attachments.trim_end_matches('/'), record.attachment.location);
        let part = client.load(&url, &packed, folder, events)?;
        let part_name = part.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let found = file::describe(&folder.coming(), &part_name, &mut |_, _| ())?;
        if let Err(error) = file::compare(&found, packed.size, packed.sha256.as_deref()) {
            discard(&part)?;
            return Err(error);
        }
        file::unpack(&part, &folder.part(name)?, name)?;
        files.push(check(&whole, folder, events)?);
    }
    Ok(Delivery { version: Some(version), files })
}

/// What a file must be once it is unpacked: the record says, and the catalogue has the last word.
fn unpacked(model: &Model, record: &SettingsRecord, name: &str) -> ModelFile {
    let pinned = model.files.iter().find(|file| file.name == name);
    let stated = (record.decompressed_size.as_ref().and_then(number), record.decompressed_hash.clone());
    ModelFile {
        name: name.to_owned(),
        size: pinned.and_then(|file| file.size).or(stated.0),
        sha256: pinned.and_then(|file| file.sha256.clone()).or(stated.1),
    }
}

/// The newest version of which all files are there, with its record for each type of file.
fn newest(records: Records, settings: &RemoteSettings) -> Option<(String, BTreeMap<String, SettingsRecord>)> {
    type Order = (Vec<u64>, Reverse<usize>);
    let mut versions: BTreeMap<Order, (String, BTreeMap<String, SettingsRecord>)> = BTreeMap::new();
    for value in records.data {
        // Records of another shape are for other programs.
        let Ok(record) = serde_json::from_value::<SettingsRecord>(value) else { continue };
        let pair = record.source_language == settings.from && record.target_language == settings.to;
        let architecture = record.architecture.as_deref().unwrap_or(ARCHITECTURES[0]);
        let architecture = ARCHITECTURES.iter().position(|known| *known == architecture);
        let (true, true, Some(numbers), Some(architecture)) =
            (pair, settings.files.contains_key(&record.file_type), numbers(&record.version), architecture)
        else {
            continue;
        };
        let version = versions.entry((numbers, Reverse(architecture))).or_default();
        version.0.clone_from(&record.version);
        version.1.insert(record.file_type.clone(), record);
    }
    let is_whole = |files: &BTreeMap<String, SettingsRecord>| {
        settings.files.keys().all(|kind| files.contains_key(kind) || settings.optional.contains(kind))
    };
    versions.into_values().rev().find(|(_, files)| is_whole(files))
}

/// The numbers of a version that the engine reads; `None` for others, alphas and betas among them.
fn numbers(version: &str) -> Option<Vec<u64>> {
    let numbers: Vec<u64> = version.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    numbers.first().is_some_and(|major| MAJORS.contains(major)).then_some(numbers)
}

/// A number that some records have as text.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
