use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::*;
use server::{FileServer, Served};

mod brought;
#[cfg(unix)]
mod from_packages;
mod from_records;
mod from_registry;
mod reached;
mod server;

pub(super) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// A file whose bytes tell their place.
pub(super) fn weights(size: u32) -> Vec<u8> {
    (0..size / 4).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect()
}

pub(super) fn model(files: Vec<ModelFile>, sources: Vec<Source>) -> Model {
    Model {
        name: "test".to_owned(),
        kind: ModelKind::Gguf,
        rank: 1,
        on_request: false,
        licence: "CC0-1.0".to_owned(),
        quality: "none".to_owned(),
        caveat: None,
        size: 1,
        files,
        sources,
    }
}

pub(super) fn known(bytes: &[u8]) -> ModelFile {
    named("model.gguf", None, bytes)
}

/// A file of a model with these bytes.
pub(super) fn named(name: &str, published_as: Option<&str>, bytes: &[u8]) -> ModelFile {
    let published_as = published_as.map(str::to_owned);
    ModelFile { name: name.to_owned(), published_as, size: bytes.len() as u64, sha256: sha256(bytes) }
}

/// What the files of Mozilla's German-English model are called, here and there.
const NAMES: [(&str, &str); 3] = [
    ("model.bin", "model.deen.intgemm.alphas.bin"),
    ("vocab.spm", "vocab.deen.spm"),
    ("lex.bin", "lex.50.50.deen.s2t.bin"),
];

/// A small model of three files that are called so.
pub(super) struct Trio {
    pub(super) bytes: [Vec<u8>; 3],
}

impl Trio {
    pub(super) fn new() -> Self {
        Self { bytes: [weights(90_000), b"a vocabulary".to_vec(), weights(4_000)] }
    }

    pub(super) fn files(&self) -> Vec<ModelFile> {
        let file =
            |((name, published_as), bytes): (&(&str, &str), &Vec<u8>)| named(name, Some(published_as), bytes);
        NAMES.iter().zip(&self.bytes).map(file).collect()
    }

    /// Whether what is installed is this one.
    pub(super) fn is(&self, installed: &Installed) -> bool {
        let is = |((name, _), bytes): (&(&str, &str), &Vec<u8>)| {
            installed.file(name).is_some_and(|path| fs::read(path).unwrap() == *bytes)
        };
        NAMES.iter().zip(&self.bytes).all(is)
    }
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn zstd(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

/// Names of all that lies below a folder, the folders left out.
pub(super) fn below(folder: &Path) -> BTreeSet<String> {
    let entries = walkdir::WalkDir::new(folder).into_iter().flatten();
    let files = entries.filter(|entry| !entry.file_type().is_dir());
    files.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

fn at(url: &str) -> Source {
    Source::Url { files: BTreeMap::from([("model.gguf".to_owned(), url.to_owned())]) }
}

pub(super) struct TestStore {
    folder: TempDir,
}

impl TestStore {
    pub(super) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(super) fn options(&self) -> StoreOptions {
        StoreOptions::new(self.folder.path().join("models"))
    }

    fn store(&self, file: ModelFile, urls: &[String]) -> Store {
        let sources = urls.iter().map(|url| at(url)).collect();
        Store::with_models(self.options(), vec![model(vec![file], sources)])
    }
}

pub(super) fn pull(store: &Store) -> Result<Installed, StoreError> {
    store.pull("test", &PullOptions::default(), &mut |_| ())
}

fn nothing_is_installed(store: &Store) -> bool {
    matches!(store.path("test"), Err(StoreError::NotInstalled { .. })) && !store.root().join("test").exists()
}

#[test]
fn the_catalogue_is_sound() {
    let models = catalogue().unwrap();
    let names: BTreeSet<&str> = models.iter().map(|model| model.name.as_str()).collect();
    assert_eq!(names.len(), models.len());
    let best = models.iter().filter(|model| !model.on_request).max_by_key(|model| model.rank).unwrap();
    assert_eq!((best.name.as_str(), best.caveat.as_ref()), ("firefox", None));
    for model in &models {
        assert!(!model.sources.is_empty(), "{}", model.name);
        // What comes by itself and is no good translator says so with every output.
        assert_eq!(model.kind == ModelKind::Gguf && !model.on_request, model.caveat.is_some());
        assert!(!model.on_request || model.quality.contains("not measured here"));
        for file in &model.files {
            let hash = &file.sha256;
            assert!(
                file.size > 0 && hash.len() == 64 && hash.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
            );
        }
        for source in &model.sources {
            let all = |files: &BTreeMap<String, String>| {
                model.files.iter().all(|file| files.contains_key(&file.name))
                    && files.len() == model.files.len()
            };
            match source {
                Source::RemoteSettings { base: address, .. } => assert!(address.starts_with("https://")),
                Source::Registry { address, files } => assert!(address.starts_with("https://") && all(files)),
                Source::Url { files } => {
                    assert!(files.values().all(|url| url.starts_with("https://")) && all(files));
                }
                Source::Packages { file, pieces } => {
                    assert!(model.files.iter().any(|known| known.name == *file));
                    assert!(pieces.iter().all(|piece| piece.requirement.contains("==")));
                }
            }
        }
    }
}

#[test]
fn names_that_lead_out_of_the_store_are_refused() {
    let text = "[[model]]\nname = \"../x\"\nkind = \"gguf\"\nrank = 1\nlicence = \"\"\nquality = \"\"\nsize = 1\nfile = []\nsource = []";
    assert!(matches!(catalogue::parse(text), Err(StoreError::Catalogue(_))));
}

#[test]
fn a_model_is_pulled_listed_verified_and_removed() {
    let (server, place, body) = (FileServer::start(), TestStore::new(), weights(300_000));
    server.put("/m", body.clone());
    let store = place.store(known(&body), &[format!("{}/m", server.address)]);
    assert!(nothing_is_installed(&store) && store.list()[0].installed.as_ref().unwrap().is_none());
    assert!(!store.remove("test").unwrap());
    assert!(!store.root().exists(), "looking makes no folder");

    let (mut last, mut checked) = (0, 0);
    let installed = store.pull("test", &PullOptions::default(), &mut |event| match event {
        PullEvent::Progress { bytes, total, .. } => {
            assert_eq!((total, checked), (Some(300_000), 0));
            last = bytes;
        }
        PullEvent::Checking { bytes, total, .. } => {
            assert!(total == 300_000 && checked < bytes);
            checked = bytes;
        }
        _ => {}
    });
    let installed = installed.unwrap();
    assert_eq!((last, checked), (300_000, 300_000));
    assert_eq!(fs::read(installed.file("model.gguf").unwrap()).unwrap(), body);
    assert_eq!(store.list()[0].installed.as_ref().unwrap().as_ref(), Some(&installed));
    assert_eq!(store.verify("test").unwrap(), installed);
    assert_eq!(pull(&store).unwrap(), installed);
    assert_eq!(server.asked("/m"), [0], "an installed model is not pulled again");

    assert!(store.remove("test").unwrap());
    assert!(nothing_is_installed(&store) && !store.remove("test").unwrap());
}

#[test]
fn a_load_that_breaks_off_goes_on_where_it_stopped() {
    let (server, place, body) = (FileServer::start(), TestStore::new(), weights(300_000));
    server.serve("/m", Served { body: body.clone(), cuts: vec![100_000, 50_000], ..Served::default() });
    let store = place.store(known(&body), &[format!("{}/m", server.address)]);
    assert_eq!(pull(&store).unwrap().size(), 300_000);
    assert_eq!(server.asked("/m"), [0, 100_000, 150_000]);
}

#[test]
fn a_later_pull_goes_on_where_an_earlier_one_failed() {
    let (server, place, body) = (FileServer::start(), TestStore::new(), weights(300_000));
    server.serve("/m", Served { body: body.clone(), cuts: vec![70_000, 0, 0, 0], ..Served::default() });
    let store = place.store(known(&body), &[format!("{}/m", server.address)]);
    assert!(matches!(pull(&store), Err(StoreError::Network { .. })));
    assert!(nothing_is_installed(&store));
    let mut first = None;
    let result = store.pull("test", &PullOptions::default(), &mut |event| {
        if let PullEvent::Progress { bytes, .. } = event {
            first.get_or_insert(bytes);
        }
    });
    assert_eq!(sha256(&fs::read(result.unwrap().file("model.gguf").unwrap()).unwrap()), sha256(&body));
    assert_eq!((first, server.asked("/m").last()), (Some(70_000), Some(&70_000)));
}

#[test]
fn a_server_without_ranges_sends_the_file_anew() {
    let (server, place, body) = (FileServer::start(), TestStore::new(), weights(300_000));
    server.serve("/m", Served { body: body.clone(), cuts: vec![70_000], whole_only: true });
    let store = place.store(known(&body), &[format!("{}/m", server.address)]);
    assert_eq!(fs::read(pull(&store).unwrap().file("model.gguf").unwrap()).unwrap(), body);
}

#[test]
fn a_wrong_file_is_refused_and_leaves_nothing() {
    let (server, place, body) = (FileServer::start(), TestStore::new(), weights(30_000));
    let store = place.store(known(&body), &[format!("{}/m", server.address)]);
    let mut other = body.clone();
    other[5] ^= 1;
    server.put("/m", other);
    assert!(matches!(pull(&store), Err(StoreError::WrongHash { .. })));
    server.put("/m", weights(30_004));
    assert!(matches!(pull(&store), Err(StoreError::WrongSize { expected: 30_000, .. })));
    server.put("/m", weights(29_996));
    assert!(matches!(pull(&store), Err(StoreError::WrongSize { got: 29_996, .. })));
    assert!(nothing_is_installed(&store));
    let left = fs::read_dir(store.root().join(".test.part")).unwrap().count();
    assert_eq!(left, 0);
    server.put("/m", body);
    pull(&store).unwrap();
}

#[test]
fn the_next_source_is_tried_when_one_fails() {
    let (server, place, body) = (FileServer::start(), TestStore::new(), weights(3_000));
    server.put("/second", body.clone());
    let urls = ["first", "second"].map(|name| format!("{}/{name}", server.address));
    let store = place.store(known(&body), &urls);
    let mut failed = Vec::new();
    let result = store.pull("test", &PullOptions::default(), &mut |event| {
        if let PullEvent::Failed(_, error) = event {
            failed.push(error.to_string());
        }
    });
    result.unwrap();
    assert_eq!(failed, [format!("cannot load {}: the server answers 404", urls[0])]);
}

#[test]
fn all_reasons_are_told_when_no_source_delivers() {
    let (server, place) = (FileServer::start(), TestStore::new());
    let urls = [format!("{}/gone", server.address), "http://127.0.0.1:9/closed".to_owned()];
    let store = place.store(known(b"x"), &urls);
    let Err(StoreError::Sources { reasons, .. }) = pull(&store) else { panic!("pulled from nowhere") };
    assert!(matches!(reasons[..], [StoreError::Status { status: 404, .. }, StoreError::Network { .. }]));
}

#[test]
fn two_pulls_at_once_load_once() {
    let (server, place, body) = (FileServer::start(), TestStore::new(), weights(2_000_000));
    server.put("/m", body.clone());
    let store = || place.store(known(&body), &[format!("{}/m", server.address)]);
    std::thread::scope(|scope| {
        let pulls = [(); 4].map(|()| scope.spawn(|| pull(&store()).unwrap()));
        let installed = pulls.map(|pull| pull.join().unwrap());
        assert!(installed.iter().all(|one| *one == installed[0]));
    });
    assert_eq!(server.asked("/m").len(), 1);
}

#[test]
fn a_damaged_model_is_found_and_pulled_again() {
    let (server, place, body) = (FileServer::start(), TestStore::new(), weights(3_000));
    server.put("/m", body.clone());
    let store = place.store(known(&body), &[format!("{}/m", server.address)]);
    let path = pull(&store).unwrap().file("model.gguf").unwrap();
    let mut other = body.clone();
    other[0] ^= 1;
    fs::write(&path, &other).unwrap();
    assert!(matches!(store.verify("test"), Err(StoreError::WrongHash { .. })));
    fs::write(&path, b"short").unwrap();
    assert!(matches!(store.path("test"), Err(StoreError::Damaged { .. })));
    pull(&store).unwrap();
    assert_eq!(fs::read(path).unwrap(), body);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_nothing_is_left() {
    let (server, place, body) = (FileServer::start(), TestStore::new(), weights(3_000));
    server.put("/m", body.clone());
    let store = place.store(known(&body), &[format!("{}/m", server.address)]);
    let coming = store.root().join(".test.part");
    fs::create_dir_all(&coming).unwrap();
    let identity = blake3::hash(sha256(&body).as_bytes()).to_hex();
    let part = coming.join(format!("model.gguf.{}.part", &identity[..16]));
    std::os::unix::fs::symlink("/dev/full", &part).unwrap();
    assert!(matches!(pull(&store), Err(StoreError::DiskFull { .. })));
    assert!(nothing_is_installed(&store) && part.symlink_metadata().is_err());
}
