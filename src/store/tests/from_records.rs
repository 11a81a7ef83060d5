use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use serde_json::json;

use super::*;

const RECORDS: &str = "/v1/buckets/main/collections/models/records";

fn records() -> Source {
    let pair = |kind: &str, file: &str| (kind.to_owned(), file.to_owned());
    Source::RemoteSettings(catalogue::RemoteSettings {
        base: "http://127.0.0.1:9/v1".to_owned(),
        collection: "models".to_owned(),
        from: "de".to_owned(),
        to: "en".to_owned(),
        files: BTreeMap::from([
            pair("model", "model.bin"),
            pair("vocab", "vocab.spm"),
            pair("lex", "lex.bin"),
        ]),
        optional: vec!["lex".to_owned()],
    })
}

fn store(place: &TestStore, server: &FileServer) -> Store {
    let names = ["model.bin", "vocab.spm", "lex.bin"];
    let file = |name: &str| ModelFile { name: name.to_owned(), size: None, sha256: None };
    let mut options = place.options();
    options.remote_settings = Some(format!("{}/v1/", server.address));
    Store::with_models(options, vec![model(names.map(file).to_vec(), vec![records()])])
}

/// Serves a file and gives its record.
fn record(
    server: &FileServer,
    version: &str,
    kind: &str,
    (packed, plain): (&[u8], &[u8]),
) -> serde_json::Value {
    let location = format!("{version}/{kind}");
    server.put(&format!("/cdn/{location}"), packed);
    json!({
        "name": format!("{kind}.deen"), "fileType": kind, "version": version, "architecture": "base",
        "sourceLanguage": "de", "targetLanguage": "en",
        "attachment": {"hash": sha256(packed), "size": packed.len(), "location": location, "filename": kind},
        "decompressedHash": sha256(plain), "decompressedSize": plain.len(),
    })
}

fn publish(server: &FileServer, records: &[serde_json::Value]) {
    server.put(RECORDS, json!({ "data": records }).to_string());
    let root = json!({"capabilities": {"attachments": {"base_url": format!("{}/cdn/", server.address)}}});
    server.put("/v1/", root.to_string());
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn the_newest_whole_version_is_loaded_checked_and_unpacked() {
    let (server, place, body) = (FileServer::start(), TestStore::new(), weights(90_000));
    let both = |version: &str| {
        [
            record(&server, version, "model", (&zstd(&body), &body)),
            record(&server, version, "vocab", (&gzip(b"v"), b"v")),
        ]
    };
    let mut all: Vec<_> = ["1.0", "2.0", "2.1a1", "4.0"].into_iter().flat_map(both).collect();
    all.push(record(&server, "2.0", "lex", (b"plain", b"plain")));
    all.push(record(&server, "3.0", "model", (&zstd(b"no vocabulary"), b"no vocabulary")));
    all.push(json!({"fileType": "model", "unknown": true}));
    let mut other = record(&server, "2.5", "model", (b"x", b"x"));
    other["targetLanguage"] = json!("fr");
    all.push(other);
    publish(&server, &all);

    let store = store(&place, &server);
    let installed = pull(&store).unwrap();
    assert_eq!(installed.version.as_deref(), Some("2.0"));
    let read = |name: &str| fs::read(installed.file(name).unwrap()).unwrap();
    assert_eq!(
        (read("model.bin"), read("vocab.spm"), read("lex.bin")),
        (body, b"v".to_vec(), b"plain".to_vec())
    );
    store.verify("test").unwrap();
    let left: BTreeSet<_> =
        fs::read_dir(&installed.folder).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 4, "three files and their record: {left:?}");
}

#[test]
fn a_broken_load_goes_on_and_whole_files_are_kept() {
    let (server, place, body) = (FileServer::start(), TestStore::new(), weights(90_000));
    let packed = zstd(&body);
    let lex = record(&server, "2.0", "lex", (b"plain", b"plain"));
    let vocab = record(&server, "2.0", "vocab", (b"v", b"v"));
    let model = record(&server, "2.0", "model", (&packed, &body));
    publish(&server, &[lex, model, vocab]);
    let cut = packed.len() / 2;
    let cuts = vec![cut, 0, 0, 0];
    server.serve("/cdn/2.0/model", Served { body: packed.clone(), cuts, ..Served::default() });
    let store = store(&place, &server);
    assert!(matches!(pull(&store), Err(StoreError::NetworkOptions { .. })));
    pull(&store).unwrap();
    assert_eq!(server.asked("/cdn/2.0/model").last(), Some(&(cut as u64)));
    assert_eq!(server.asked("/cdn/2.0/lex"), [0]);
}

#[test]
fn a_file_that_is_not_what_its_record_says_is_refused() {
    let (server, place) = (FileServer::start(), TestStore::new());
    let store = store(&place, &server);
    let vocab = record(&server, "2.0", "vocab", (b"v", b"v"));
    let model = || record(&server, "2.0", "model", (&zstd(b"weights"), b"weights"));

    let mut wrong = model();
    wrong["attachment"]["hash"] = json!(sha256(b"other"));
    publish(&server, &[vocab.clone(), wrong]);
    assert!(matches!(pull(&store), Err(StoreError::WrongHash { .. })));

    let mut wrong = model();
    wrong["decompressedHash"] = json!(sha256(b"other"));
    publish(&server, &[vocab.clone(), wrong]);
    assert!(matches!(pull(&store), Err(StoreError::WrongHash { .. })));

    let mut wrong = model();
    wrong["attachment"]["size"] = json!("3");
    publish(&server, &[vocab.clone(), wrong]);
    assert!(matches!(pull(&store), Err(StoreError::WrongSize { expected: 3, .. })));

    let torn = &zstd(&weights(4_000))[..500];
    publish(&server, &[vocab.clone(), record(&server, "2.0", "model", (torn, b"x"))]);
    assert!(matches!(pull(&store), Err(StoreError::Packed { .. })));

    assert!(matches!(store.path("test"), Err(StoreError::NotInstalled { .. })));
    publish(&server, &[vocab, model()]);
    pull(&store).unwrap();
}

#[test]
fn answers_that_make_no_sense_are_told() {
    let (server, place) = (FileServer::start(), TestStore::new());
    let store = store(&place, &server);
    server.put(RECORDS, "<html>");
    assert!(matches!(pull(&store), Err(StoreError::Malformed { .. })));
    publish(&server, &[]);
    assert!(matches!(pull(&store), Err(StoreError::NoRecord { .. })));
}
