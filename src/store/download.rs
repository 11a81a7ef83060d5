//! Loading files over HTTP, taking up what an earlier attempt left.

use std::error::Error;
use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::blocking::{Client as Http, Response};
use reqwest::header::{CONTENT_RANGE, RANGE};
use reqwest::{Certificate, Proxy, StatusCode, Url};
use tracing::{debug, info};

use super::catalogue::ModelFile;
use super::error::StoreError;
use super::event::PullEvent;
use super::file::{self, Content};
use super::folder::{Folder, discard};
use super::installed::InstalledFile;
use super::options::PullOptions;

/// How long a server may send nothing before it is given up: longer than a stalled mirror takes to recover.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long the way to a server is looked for; the next source may be nearer.
const CONNECT: Duration = Duration::from_secs(10);
/// How often a load that broke off is taken up again without a single byte more.
const FRUITLESS: usize = 2;

/// A file of a model at a server.
pub(super) struct RemoteFile<'a> {
    pub(super) url: &'a str,
    /// Bytes that the server has, if they are known beforehand; packed ones if it is packed.
    pub(super) size: Option<u64>,
    /// Their SHA-256, if it is known beforehand.
    pub(super) sha256: Option<&'a str>,
}

impl RemoteFile<'_> {
    /// The most that is loaded.
    fn most(&self, wanted: &ModelFile) -> u64 {
        let most = file::most_packed(wanted.size);
        self.size.map_or(most, |size| size.min(most))
    }
}

/// Loads over HTTP.
pub(super) struct Client {
    http: Http,
}

impl Client {
    /// A client for the server of an address.
    pub(super) fn new(options: &PullOptions, url: &str) -> Result<Self, StoreError> {
        let mut builder = Http::builder()
            .user_agent(concat!("wortlaut/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .timeout(PATIENCE)
            // A range counts the bytes of the file itself, not of a form it is packed in for the way.
            .no_gzip();
        if let Some(proxy) = &options.proxy {
            builder =
                builder.proxy(Proxy::all(proxy).map_err(|error| unusable("the proxy", error.without_url()))?);
        } else if is_loopback(url) {
            // A proxy of the environment cannot reach what runs on this machine.
            builder = builder.no_proxy();
        }
        if let Some(path) = &options.ca_file {
            builder = builder.tls_certs_merge(certificates(path)?);
        }
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
            .map_err(|error| StoreError::Network { url: url.to_owned(), source: error.into() })?;
        serde_json::from_slice(&text)
            .map_err(|error| StoreError::Malformed { url: url.to_owned(), source: error.into() })
    }

    /// Loads a file of a model into the folder of what is coming, unpacks it if it is packed, and checks it.
    pub(super) fn file(
        &self,
        remote: &RemoteFile<'_>,
        wanted: &ModelFile,
        folder: &Folder,
        events: &mut dyn FnMut(PullEvent<'_>),
    ) -> Result<InstalledFile, StoreError> {
        if let Some(there) = complete(wanted, folder, events)? {
            return Ok(there);
        }
        let part = self.load(remote, wanted, folder, events)?;
        let target = folder.part(&wanted.name)?;
        let content = Content::open(&part, &wanted.name);
        if matches!(content, Ok(Content { is_packed: false, .. })) {
            // Windows moves no file that is open.
            drop(content);
            fs::rename(&part, &target).map_err(StoreError::io("move", &part))?;
        } else {
            let unpacked = content.and_then(|content| content.save(&target, wanted));
            discard(&part)?;
            unpacked?;
        }
        check(wanted, folder, events)
    }

    /// Loads what a server has of a file of a model; gives its path in the folder of what is coming.
    ///
    /// The path tells what the file must be, so that a part is never continued with another file. What a server says of
    /// it goes into no path as it came.
    fn load(
        &self,
        remote: &RemoteFile<'_>,
        wanted: &ModelFile,
        folder: &Folder,
        events: &mut dyn FnMut(PullEvent<'_>),
    ) -> Result<PathBuf, StoreError> {
        let url = remote.url;
        let identity = blake3::hash(remote.sha256.unwrap_or(url).as_bytes()).to_hex();
        let part = folder.part(&format!("{}.{}.part", wanted.name, &identity[..16]))?;
        let mut fruitless = 0;
        loop {
            let before = length(&part);
            debug!(host = host(url), file = wanted.name, from = before, "load a file");
            let result = self.attempt(remote, wanted, &part, events);
            match result {
                Ok(()) => {
                    info!(host = host(url), file = wanted.name, bytes = length(&part), "loaded a file");
                    return Ok(part);
                }
                Err(error @ StoreError::Network { .. }) => {
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
        remote: &RemoteFile<'_>,
        wanted: &ModelFile,
        part: &Path,
        events: &mut dyn FnMut(PullEvent<'_>),
    ) -> Result<(), StoreError> {
        let have = length(part);
        if have > 0 && remote.size == Some(have) {
            return Ok(());
        }
        let url = remote.url;
        let mut response = match self.get(url, have) {
            // There is nothing after the part, so it is not a part of this file.
            Err(StoreError::Status { status: 416, .. }) if have > 0 => {
                discard(part)?;
                self.get(url, 0)?
            }
            response => response?,
        };
        let start = if continues(&response, have) { have } else { 0 };
        let total = remote.size.or_else(|| response.content_length().map(|rest| start + rest));
        let mut options = OpenOptions::new();
        options.create(true).append(start > 0).write(true).truncate(start == 0);
        let mut target = options.open(part).map_err(StoreError::io("make", part))?;
        let mut bytes = start;
        let most = remote.most(wanted);
        let mut buffer = vec![0; 1 << 16];
        loop {
            events(PullEvent::Progress { file: &wanted.name, bytes, total });
            let count = response
                .read(&mut buffer)
                .map_err(|error| StoreError::Network { url: url.to_owned(), source: error.into() })?;
            if count == 0 {
                break;
            }
            target.write_all(&buffer[..count]).map_err(StoreError::io("write", part))?;
            bytes += count as u64;
            if bytes > most {
                return Err(StoreError::WrongSize { file: wanted.name.clone(), expected: most, got: bytes });
            }
        }
        target.sync_all().map_err(StoreError::io("write", part))?;
        match remote.size.filter(|expected| *expected != bytes) {
            Some(expected) => Err(StoreError::WrongSize { file: wanted.name.clone(), expected, got: bytes }),
            None => Ok(()),
        }
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
    wanted: &ModelFile,
    folder: &Folder,
    events: &mut dyn FnMut(PullEvent<'_>),
) -> Result<InstalledFile, StoreError> {
    let found = describe(wanted, folder, events)?;
    match file::compare(&found, wanted.size, &wanted.sha256) {
        Ok(()) => Ok(found),
        Err(error) => {
            discard(&folder.part(&wanted.name)?)?;
            Err(error)
        }
    }
}

/// The file, if an earlier pull brought it whole and its SHA-256 proves that.
pub(super) fn complete(
    wanted: &ModelFile,
    folder: &Folder,
    events: &mut dyn FnMut(PullEvent<'_>),
) -> Result<Option<InstalledFile>, StoreError> {
    if !folder.part(&wanted.name)?.exists() {
        return Ok(None);
    }
    let found = describe(wanted, folder, events)?;
    Ok(file::compare(&found, wanted.size, &wanted.sha256).ok().map(|()| found))
}

/// Reads a file that has come.
fn describe(
    wanted: &ModelFile,
    folder: &Folder,
    events: &mut dyn FnMut(PullEvent<'_>),
) -> Result<InstalledFile, StoreError> {
    let file = wanted.name.as_str();
    file::describe(&folder.coming(), file, &mut |bytes, total| {
        events(PullEvent::Checking { file, bytes, total });
    })
}

/// Whether an answer goes on where the part ends.
fn continues(response: &Response, have: u64) -> bool {
    let range = response.headers().get(CONTENT_RANGE).and_then(|value| value.to_str().ok());
    let start = range.and_then(|range| range.strip_prefix("bytes ")?.split('-').next()?.parse().ok());
    have > 0 && response.status() == StatusCode::PARTIAL_CONTENT && start == Some(have)
}

/// Whether a server runs on this machine.
fn is_loopback(url: &str) -> bool {
    let host = host(url);
    let address: Result<IpAddr, _> = host.trim_matches(['[', ']']).parse();
    host == "localhost" || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, StoreError> {
    let what = || path.display().to_string();
    let pem = fs::read(path).map_err(|error| unusable(what(), error))?;
    let found = Certificate::from_pem_bundle(&pem).map_err(|error| unusable(what(), error))?;
    if found.is_empty() { Err(unusable(what(), "there is no certificate in it")) } else { Ok(found) }
}

fn unusable(what: impl Into<String>, source: impl Into<Box<dyn Error + Send + Sync>>) -> StoreError {
    StoreError::Unusable { what: what.into(), source: source.into() }
}

/// The host of an address, for the log; the rest of it may hold a token.
fn host(url: &str) -> String {
    Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |data| data.len())
}

fn network(url: &str, error: reqwest::Error) -> StoreError {
    StoreError::Network { url: url.to_owned(), source: error.into() }
}
