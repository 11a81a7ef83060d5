use serde_json::{Value, json};

use super::from_records::{publish_trio, records};
use super::*;

const FOLDER: &str = "models/de-en/retrain_base-memory_x/exported";

pub(super) fn registry(address: &str) -> Source {
    let names = [("model.bin", "model"), ("vocab.spm", "vocab"), ("lex.bin", "lexicalShortlist")];
    let files = names.map(|(ours, theirs)| (ours.to_owned(), theirs.to_owned())).into();
    Source::Registry { address: format!("{address}/bucket/db/models.json"), files }
}

/// An entry of the registry, in the form that Mozilla's program gives it.
fn entry(pair: &str, architecture: &str, file: &ModelFile) -> Value {
    let pair = pair.replace('-', "");
    json!({
        "architecture": architecture, "releaseStatus": "Release", "sourceLanguage": "de", "targetLanguage": "en",
        "files": {
            "lexicalShortlist": {"path": format!("{FOLDER}/lex.50.50.{pair}.s2t.bin.gz")},
            "model": {
                "path": format!("{FOLDER}/model.{pair}.intgemm.alphas.bin.gz"),
                "uncompressedSize": file.size, "uncompressedHash": file.sha256,
            },
            "vocab": {"path": format!("{FOLDER}/vocab.{pair}.spm.gz")},
        },
        "modelStatistics": {"parameters": 31_248_966},
        "metrics": {"flores200-plus": {"bleu": 41.4, "comet22": 0.8829}},
    })
}

fn publish(server: &FileServer, entries: &[Value]) {
    let other = entry("cs-en", "tiny", &named("model.bin", None, b"Czech"));
    let index = json!({
        "generated": "2026-07-22T11:05:18Z", "baseUrl": format!("{}/bucket", server.address),
        "models": {"cs-en": [other, {"of": "another shape"}], "de-en": entries},
    });
    server.put("/bucket/db/models.json", index.to_string());
}

fn address(file: &ModelFile) -> String {
    format!("/bucket/{FOLDER}/{file}.gz")
}

/// Publishes a model, its first file with other bytes than it must have if there are some.
fn publish_whole(server: &FileServer, trio: &Trio, first: Option<&[u8]>) {
    let files = trio.files();
    let newer = entry("de-en", "base", &named("model.bin", None, b"newer"));
    publish(server, &[newer, entry("de-en", "base-memory", &files[0])]);
    for (at, (file, bytes)) in files.iter().zip(&trio.bytes).enumerate() {
        let packed = first.filter(|_| at == 0).map_or_else(|| gzip(bytes), <[u8]>::to_vec);
        server.put(&address(file), packed);
    }
}

fn store(place: &TestStore, trio: &Trio, sources: Vec<Source>) -> Store {
    Store::with_models(place.options(), vec![model(trio.files(), sources)])
}

#[test]
fn the_registry_delivers_where_remote_settings_cannot_be_reached_and_it_is_said() {
    let (server, place, trio) = (FileServer::start(), TestStore::new(), Trio::new());
    publish_whole(&server, &trio, None);
    let sources = vec![records("http://127.0.0.1:9"), registry(&server.address)];
    let store = store(&place, &trio, sources);
    let mut told = Vec::new();
    let installed = store.pull("test", &PullOptions::default(), &mut |event| match event {
        PullEvent::Trying(label) => told.push(format!("trying {label}")),
        PullEvent::Failed(label, error) => {
            assert!(error.is_unreachable(), "{error}");
            told.push(format!("failed {label}"));
        }
        _ => {}
    });
    let installed = installed.unwrap();
    assert!(trio.is(&installed));
    assert_eq!(installed.source, "Mozilla's model registry");
    assert_eq!(
        told,
        [
            "trying Mozilla's Remote Settings",
            "failed Mozilla's Remote Settings",
            "trying Mozilla's model registry"
        ]
    );
}

#[test]
fn wrong_bytes_from_both_are_told_of_both_and_nothing_is_left() {
    let (server, place, trio) = (FileServer::start(), TestStore::new(), Trio::new());
    let mut other = trio.bytes[0].clone();
    other[80_000] ^= 1;
    publish_trio(&server, &trio, Some(&zstd(&other)));
    publish_whole(&server, &trio, Some(&gzip(&other)));
    let store = store(&place, &trio, vec![records(&server.address), registry(&server.address)]);
    let error = pull(&store).unwrap_err();
    let StoreError::Sources { reasons, .. } = &error else { panic!("{error}") };
    assert!(matches!(reasons[..], [StoreError::WrongHash { .. }, StoreError::WrongHash { .. }]), "{error}");
    let expected = &trio.files()[0].sha256;
    assert!(error.to_string().contains(&format!("the SHA-256 {} instead of {expected}", sha256(&other))));
    assert!(nothing_is_installed(&store));
    assert_eq!(below(&store.root().join(".test.part")), BTreeSet::new());
}

#[test]
fn what_one_source_brought_is_not_loaded_again_from_the_next() {
    let (server, place, trio) = (FileServer::start(), TestStore::new(), Trio::new());
    publish_trio(&server, &trio, None);
    publish_whole(&server, &trio, None);
    let at_first = "/cdn/main-workspace/models/vocab.spm.zst";
    server.put(at_first, "something else");
    let store = store(&place, &trio, vec![records(&server.address), registry(&server.address)]);
    assert!(trio.is(&pull(&store).unwrap()));
    assert_eq!(server.asked(&address(&trio.files()[0])), [] as [u64; 0], "Remote Settings had it");
    assert_eq!(server.asked(&address(&trio.files()[1])), [0]);
}

#[test]
fn a_load_that_breaks_off_goes_on_where_it_stopped() {
    let (server, place, trio) = (FileServer::start(), TestStore::new(), Trio::new());
    publish_whole(&server, &trio, None);
    let at = address(&trio.files()[0]);
    let body = gzip(&trio.bytes[0]);
    server.serve(&at, Served { body, cuts: vec![1_000, 0, 0, 0], ..Served::default() });
    let store = store(&place, &trio, vec![registry(&server.address)]);
    assert!(matches!(pull(&store), Err(StoreError::Network { .. })));
    assert!(nothing_is_installed(&store));
    assert!(trio.is(&pull(&store).unwrap()));
    assert_eq!(server.asked(&at).last(), Some(&1_000));
}

#[test]
fn neither_a_bomb_nor_a_file_without_end_fills_the_disk() {
    let (server, place, trio) = (FileServer::start(), TestStore::new(), Trio::new());
    let store = store(&place, &trio, vec![registry(&server.address)]);
    publish_whole(&server, &trio, Some(&gzip(&vec![0; 5_000_000])));
    let Err(StoreError::WrongSize { expected, got, .. }) = pull(&store) else { panic!("unpacked a bomb") };
    assert_eq!((expected, got), (90_000, 90_001));
    publish_whole(&server, &trio, Some(&weights(9_000_000)));
    let Err(StoreError::WrongSize { got, .. }) = pull(&store) else { panic!("loaded it all") };
    assert!(got < 300_000, "{got}");
    assert_eq!(below(&store.root().join(".test.part")), BTreeSet::new());
}

#[test]
fn a_list_without_the_model_is_told() {
    let (server, place, trio) = (FileServer::start(), TestStore::new(), Trio::new());
    let store = store(&place, &trio, vec![registry(&server.address)]);
    publish(&server, &[entry("de-en", "base", &named("model.bin", None, b"newer"))]);
    let error = pull(&store).unwrap_err();
    assert!(
        matches!(&error, StoreError::NotListed { file, .. } if file == "model.deen.intgemm.alphas.bin"),
        "{error}"
    );
    let mut without = entry("de-en", "base-memory", &trio.files()[0]);
    without["files"].as_object_mut().unwrap().remove("lexicalShortlist");
    publish_whole(&server, &trio, None);
    publish(&server, &[without]);
    let error = pull(&store).unwrap_err();
    assert!(
        matches!(&error, StoreError::NotListed { file, .. } if file == "lex.50.50.deen.s2t.bin"),
        "{error}"
    );
    assert_eq!(server.asked(&address(&trio.files()[0])), [] as [u64; 0]);
    server.put("/bucket/db/models.json", "<html>");
    assert!(matches!(pull(&store), Err(StoreError::Malformed { .. })));
}
