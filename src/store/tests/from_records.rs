use serde_json::{Value, json};

use super::*;

const RECORDS: &str = "/v1/buckets/main/collections/models/records";

pub(super) fn records(address: &str) -> Source {
    Source::RemoteSettings { base: format!("{address}/v1/"), collection: "models".to_owned() }
}

fn store(place: &TestStore, trio: &Trio, server: &FileServer) -> Store {
    Store::with_models(place.options(), vec![model(trio.files(), vec![records(&server.address)])])
}

/// Serves an attachment and gives its record, in the form that Mozilla's have in the collection `translations-models-v2`.
fn record(server: &FileServer, file: &ModelFile, packed: &[u8]) -> Value {
    let location = format!("main-workspace/models/{}.zst", file.name);
    server.put(&format!("/cdn/{location}"), packed);
    json!({
        "name": file.published_as, "fileType": file.name.split('.').next(), "version": "3.0",
        "architecture": "base-memory", "sourceLanguage": "de", "targetLanguage": "en", "filter_expression": "",
        "id": "9d3fa8f8-50fc-4465-8191-a2a63fc4c40b", "schema": 1_749_570_042_331_u64,
        "last_modified": 1_749_570_511_392_u64,
        "decompressedHash": file.sha256, "decompressedSize": file.size,
        "attachment": {
            "hash": sha256(packed), "size": packed.len(), "location": location,
            "filename": format!("{}.zst", file), "mimetype": "application/zstd",
        },
    })
}

fn publish(server: &FileServer, records: &[Value]) {
    server.put(RECORDS, json!({ "data": records }).to_string());
    let root = json!({"capabilities": {"attachments": {"base_url": format!("{}/cdn/", server.address)}}});
    server.put("/v1/", root.to_string());
}

/// Publishes a model, its first file with other bytes than the records say if there are some.
pub(super) fn publish_trio(server: &FileServer, trio: &Trio, first: Option<&[u8]>) {
    let files = trio.files();
    let packed = |at: usize| match first.filter(|_| at == 0) {
        Some(bytes) => bytes.to_vec(),
        None => zstd(&trio.bytes[at]),
    };
    let records: Vec<Value> =
        files.iter().enumerate().map(|(at, file)| record(server, file, &packed(at))).collect();
    publish(server, &records);
}

#[test]
fn files_are_found_by_what_they_hold_loaded_unpacked_and_checked() {
    let (server, place, trio) = (FileServer::start(), TestStore::new(), Trio::new());
    let [body, vocab, lex] = &trio.bytes;
    let files = trio.files();
    // Another version, another pair of languages, a record for other programs.
    let newer = named("model.bin", None, b"newer");
    let mut other = record(&server, &named("model.bin", None, b"other"), b"other");
    other["targetLanguage"] = json!("fr");
    let mut all =
        vec![json!({"fileType": "model", "unknown": true}), record(&server, &newer, &zstd(b"newer")), other];
    all.extend([
        record(&server, &files[0], &zstd(body)),
        record(&server, &files[1], &gzip(vocab)),
        record(&server, &files[2], lex),
    ]);
    publish(&server, &all);

    let store = store(&place, &trio, &server);
    let installed = pull(&store).unwrap();
    assert!(trio.is(&installed));
    store.verify("test").unwrap();
    assert_eq!(below(&installed.folder).len(), 4, "three files and their record");
}

#[test]
fn records_of_the_older_collection_are_read_too() {
    let (server, place, trio) = (FileServer::start(), TestStore::new(), Trio::new());
    let older = |(file, bytes): (&ModelFile, &Vec<u8>)| {
        let mut record = record(&server, file, bytes);
        let fields = record.as_object_mut().unwrap();
        for name in
            ["decompressedHash", "decompressedSize", "architecture", "sourceLanguage", "targetLanguage"]
        {
            fields.remove(name);
        }
        fields.extend([("fromLang".to_owned(), json!("de")), ("toLang".to_owned(), json!("en"))]);
        record
    };
    publish(&server, &trio.files().iter().zip(&trio.bytes).map(older).collect::<Vec<_>>());
    assert!(trio.is(&pull(&store(&place, &trio, &server)).unwrap()));
}

#[test]
fn a_broken_load_goes_on_and_whole_files_are_kept() {
    let (server, place, trio) = (FileServer::start(), TestStore::new(), Trio::new());
    let [at_model, at_vocab] =
        ["model.bin", "vocab.spm"].map(|name| format!("/cdn/main-workspace/models/{name}.zst"));
    publish_trio(&server, &trio, None);
    let vocab = zstd(&trio.bytes[1]);
    let cut = vocab.len() / 2;
    let cuts = vec![cut, 0, 0, 0];
    server.serve(&at_vocab, Served { body: vocab, cuts, ..Served::default() });
    let store = store(&place, &trio, &server);
    assert!(matches!(pull(&store), Err(StoreError::Network { .. })));
    assert!(trio.is(&pull(&store).unwrap()));
    assert_eq!(server.asked(&at_vocab).last(), Some(&(cut as u64)));
    assert_eq!(server.asked(&at_model), [0], "it was whole");
}

#[test]
fn a_file_that_is_not_what_it_must_be_is_refused_and_nothing_of_it_is_left() {
    let (server, place, trio) = (FileServer::start(), TestStore::new(), Trio::new());
    let store = store(&place, &trio, &server);
    let mut other = trio.bytes[0].clone();
    other[5] ^= 1;
    let refused = |first: &[u8]| {
        publish_trio(&server, &trio, Some(first));
        let error = pull(&store).unwrap_err();
        assert!(nothing_is_installed(&store));
        assert_eq!(below(&store.root().join(".test.part")), BTreeSet::new());
        error
    };
    assert!(matches!(refused(&zstd(&other)), StoreError::WrongHash { .. }));
    assert!(matches!(refused(&zstd(b"short")), StoreError::WrongSize { got: 5, .. }));
    assert!(matches!(refused(&zstd(&weights(4_000))[..500]), StoreError::Packed { .. }));
    // However much would come out of a packed file, one byte too many ends it.
    let error = refused(&zstd(&vec![0; 5_000_000]));
    assert!(matches!(error, StoreError::WrongSize { expected: 90_000, got: 90_001, .. }), "{error}");
    assert_eq!(error.to_string(), "model.bin has more than 90000 bytes");

    publish_trio(&server, &trio, None);
    assert!(trio.is(&pull(&store).unwrap()));
}

#[test]
fn what_a_record_calls_a_hash_leads_nowhere() {
    let (server, place, trio) = (FileServer::start(), TestStore::new(), Trio::new());
    let files = trio.files();
    let mut records: Vec<Value> =
        files.iter().zip(&trio.bytes).map(|(file, bytes)| record(&server, file, &zstd(bytes))).collect();
    records[0]["attachment"]["hash"] = json!("/../../../../out/of/the/store");
    publish(&server, &records);
    let store = store(&place, &trio, &server);
    assert!(trio.is(&pull(&store).unwrap()));
    assert_eq!(below(place.folder.path()).len(), 5, "three files, their record and the lock");
}

#[test]
fn answers_that_make_no_sense_are_told() {
    let (server, place, trio) = (FileServer::start(), TestStore::new(), Trio::new());
    let store = store(&place, &trio, &server);
    server.put(RECORDS, "<html>");
    assert!(matches!(pull(&store), Err(StoreError::Malformed { .. })));
    publish(&server, &[]);
    let error = pull(&store).unwrap_err().to_string();
    let sha256 = &trio.files()[0].sha256;
    let listed = format!("does not list model.deen.intgemm.alphas.bin with the SHA-256 {sha256}");
    assert!(error.ends_with(&listed), "{error}");
    // Nothing is loaded of a model of which a file is missing.
    publish(&server, &[record(&server, &trio.files()[0], &zstd(&trio.bytes[0]))]);
    assert!(matches!(pull(&store), Err(StoreError::NotListed { .. })));
    assert_eq!(server.asked("/cdn/main-workspace/models/model.bin.zst"), [] as [u64; 0]);
}
