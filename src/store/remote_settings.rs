//! Mozilla's Remote Settings: where the files of a model are.
//!
//! A collection has one record a file. The service's root tells under which address attachments stand, so one
//! base address leads to everything. Records are found by what their file holds, whatever version they give it.

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
    attachment: Attachment,
    /// Missing in the older collection, whose attachments are not packed.
    decompressed_hash: Option<String>,
}

#[derive(Deserialize)]
struct Attachment {
    hash: String,
    size: u64,
    location: String,
}

impl SettingsRecord {
    /// What the attachment holds, once it is unpacked.
    fn sha256(&self) -> &str {
        self.decompressed_hash.as_ref().unwrap_or(&self.attachment.hash)
    }
}

/// Loads the files of a model.
pub(super) fn deliver(
    model: &Model,
    base: &str,
    collection: &str,
    options: &PullOptions,
    folder: &Folder,
    events: &mut dyn FnMut(PullEvent<'_>),
) -> Result<Vec<InstalledFile>, StoreError> {
    let base = base.trim_end_matches('/');
    let client = Client::new(options, base)?;
    let url = format!("{base}/buckets/main/collections/{collection}/records");
    let records: Records = client.json(&url)?;
    // Records of another shape are for other programs.
    let records: Vec<SettingsRecord> =
        records.data.into_iter().filter_map(|record| serde_json::from_value(record).ok()).collect();
    // Nothing is loaded of a model that is not there as a whole.
    let mut listed: Vec<(&ModelFile, &Attachment)> = Vec::new();
    for file in &model.files {
        let record = records.iter().find(|record| record.sha256().eq_ignore_ascii_case(&file.sha256));
        listed.push((file, &record.ok_or_else(|| file.not_listed(&url))?.attachment));
    }

    let root: Root = client.json(&format!("{base}/"))?;
    let attachments = root.capabilities.attachments.base_url;
    let load = |(file, attachment): (&ModelFile, &Attachment)| {
        let url = format!("{}/{}", attachments.trim_end_matches('/'), attachment.location);
        let remote = RemoteFile { url: &url, size: Some(attachment.size), sha256: Some(&attachment.hash) };
        client.file(&remote, file, folder, events)
    };
    listed.into_iter().map(load).collect()
}
