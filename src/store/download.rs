//! Loading files over HTTP, taking up what an earlier attempt left.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::blocking::{Client as Http, Response};
use reqwest::header::{CONTENT_RANGE, RANGE};
use tracing::{debug, info};

use super::catalogue::ModelFile;
use super::error::StoreError;
use super::event::PullEvent;
use super::file;
use super::folder::{Folder, discard};
use super::installed::InstalledFile;

/// How long a server may send nothing before it is given up: longer than a stalled mirror takes to recover.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a load that broke off is taken up again without a single byte more.
const FRUITLESS: usize = 2;

/// What a file must be, as far as that is known.
pub(super) type Wanted = ModelFile;

/// Loads over HTTP.
pub(super) struct Client {
    http: Http,
}

impl Client {
    pub(super) fn new() -> Result<Self, StoreError> {
        let builder = Http::builder()
            .user_agent(concat!("wortlaut/", env!("CARGO_PKG_VERSION")))
            .timeout(PATIENCE)
            // A range counts the bytes of the file itself, not of a form it is packed in for the way.
            .no_gzip();
        let http = builder.build().map_err(|error| network("the client", error))?;
        Ok(Self { http })
    }

    /// Loads a small JSON text.
    pub(super) fn json<T: serde::de::DeserializeOwned>(&self, url: &str) -> Result<T, StoreError> {
        const MOST: u64 = 64 << 20;
        let response = self.get(url, 0)?;
        let mut text = Vec::new();
        response
            .take(MOST)
            .read_to_end(&mut text)
            .map_err(|error| StoreError::NetworkOptions { url: url.to_owned(), source: error.into() })?;
        serde_json::from_slice(&text)
            .map_err(|error| StoreError::Malformed { url: url.to_owned(), source: error.into() })
    }

    /// Loads a file of a model under its final name into the folder of what is coming, and checks it.
    pub(super) fn file(
        &self,
        url: &str,
        wanted: &Wanted,
        folder: &Folder,
        events: &mut dyn FnMut(PullEvent<'_>),
    ) -> Result<InstalledFile, StoreError> {
        if let Some(there) = complete(wanted, folder, events)? {
            return Ok(there);
        }
        let part = self.load(url, wanted, folder, events)?;
        let target = folder.part(&wanted.name)?;
        fs::rename(&part, &target).map_err(StoreError::io("move", &part))?;
        check(wanted, folder, events)
    }

    /// Loads a file of the given size and SHA-256 into the folder of what is coming; gives its path there.
    ///
    /// The path holds what the file must be, so that a part is never continued with another file.
    pub(super) fn load(
        &self,
        url: &str,
        wanted: &Wanted,
        folder: &Folder,
        events: &mut dyn FnMut(PullEvent<'_>),
    ) -> Result<std::path::PathBuf, StoreError> {
        let identity = wanted.sha256.clone().unwrap_or_else(|| blake3::hash(url.as_bytes()).to_string());
        let part =
            folder.part(&format!("{}.{}.part", wanted.name, identity.get(..16).unwrap_or(&identity)))?;
        let mut fruitless = 0;
        loop {
            let before = length(&part);
            debug!(host = host(url), file = wanted.name, from = before, "load a file");
            let result = self.attempt(url, wanted, &part, events);
            match result {
                Ok(()) => {
                    info!(host = host(url), file = wanted.name, bytes = length(&part), "loaded a file");
                    return Ok(part);
                }
                Err(error @ StoreError::NetworkOptions { .. }) => {
                    fruitless = if length(&part) > before { 0 } else { fruitless + 1 };
                    if fruitless > FRUITLESS {
                        return Err(error);
                    }
                }
                Err(error @ (StoreError::WrongSize { .. } | StoreError::DiskFull { .. })) => {
                    discard(&part)?;
                    return Err(error);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Loads what is still missing of a file.
    fn attempt(
        &self,
        url: &str,
        wanted: &Wanted,
        part: &Path,
        events: &mut dyn FnMut(PullEvent<'_>),
    ) -> Result<(), StoreError> {
        let have = length(part);
        if have > 0 && wanted.size == Some(have) {
            return Ok(());
        }
        let mut response = match self.get(url, have) {
            // There is nothing after the part, so it is not a part of this file.
            Err(StoreError::Status { status: 416, .. }) if have > 0 => {
                discard(part)?;
                self.get(url, 0)?
            }
            response => response?,
        };
        let start = if continues(&response, have) { have } else { 0 };
        let total = wanted.size.or_else(|| response.content_length().map(|rest| start + rest));
        let mut options = OpenOptions::new();
        options.create(true).append(start > 0).write(true).truncate(start == 0);
        let mut target = options.open(part).map_err(StoreError::io("make", part))?;
        let mut bytes = start;
        let mut buffer = vec![0; 1 << 16];
        loop {
            events(PullEvent::Progress { file: &wanted.name, bytes, total });
            let count = response
                .read(&mut buffer)
                .map_err(|error| StoreError::NetworkOptions { url: url.to_owned(), source: error.into() })?;
            if count == 0 {
                break;
            }
            target.write_all(&buffer[..count]).map_err(StoreError::io("write", part))?;
            bytes += count as u64;
            if let Some(expected) = wanted.size.filter(|size| bytes > *size) {
                return Err(StoreError::WrongSize { file: wanted.name.clone(), expected, got: bytes });
            }
        }
        finish(&target, part, wanted, bytes)
    }

    /// Asks for a file from a byte on.
    fn get(&self, url: &str, from: u64) -> Result<Response, StoreError> {
        let mut request = self.http.get(url);
        if from > 0 {
            request = request.header(RANGE, format!("bytes={from}-"));
        }
        let response = request.send().map_err(|error| network(url, error))?;
        match response.status() {
            status if status.is_success() => Ok(response),
            status => Err(StoreError::Status { url: url.to_owned(), status: status.as_u16() }),
        }
    }
}

/// Checks a file that has come; removes it if it is not what it should be.
pub(super) fn check(
    wanted: &Wanted,
    folder: &Folder,
    events: &mut dyn FnMut(PullEvent<'_>),
) -> Result<InstalledFile, StoreError> {
    let found = describe(wanted, folder, events)?;
    match file::compare(&found, wanted.size, wanted.sha256.as_deref()) {
        Ok(()) => Ok(found),
        Err(error) => {
            discard(&folder.part(&wanted.name)?)?;
            Err(error)
        }
    }
}

/// The file, if an earlier pull brought it whole and its SHA-256 proves that.
pub(super) fn complete(
    wanted: &Wanted,
    folder: &Folder,
    events: &mut dyn FnMut(PullEvent<'_>),
) -> Result<Option<InstalledFile>, StoreError> {
    if wanted.sha256.is_none() || !folder.part(&wanted.name)?.exists() {
        return Ok(None);
    }
    let found = describe(wanted, folder, events)?;
    Ok(file::compare(&found, wanted.size, wanted.sha256.as_deref()).ok().map(|()| found))
}

/// Reads a file that has come.
fn describe(
    wanted: &Wanted,
    folder: &Folder,
    events: &mut dyn FnMut(PullEvent<'_>),
) -> Result<InstalledFile, StoreError> {
    let file = wanted.name.as_str();
    file::describe(&folder.coming(), file, &mut |bytes, total| {
        events(PullEvent::Checking { file, bytes, total });
    })
}

fn finish(target: &File, part: &Path, wanted: &Wanted, bytes: u64) -> Result<(), StoreError> {
    target.sync_all().map_err(StoreError::io("write", part))?;
    match wanted.size.filter(|expected| *expected != bytes) {
        Some(expected) => Err(StoreError::WrongSize { file: wanted.name.clone(), expected, got: bytes }),
        None => Ok(()),
    }
}

/// Whether an answer goes on where the part ends.
fn continues(response: &Response, have: u64) -> bool {
    let range = response.headers().get(CONTENT_RANGE).and_then(|value| value.to_str().ok());
    let start = range.and_then(|range| range.strip_prefix("bytes ")?.split('-').next()?.parse().ok());
    have > 0 && response.status() == StatusCode::PARTIAL_CONTENT && start == Some(have)
}

/// The host of an address, for the log; the rest of it may hold a token.
fn host(url: &str) -> String {
    reqwest::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |data| data.len())
}

fn network(url: &str, error: reqwest::Error) -> StoreError {
    StoreError::NetworkOptions { url: url.to_owned(), source: error.into() }
}
