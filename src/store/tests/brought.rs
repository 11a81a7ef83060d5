use super::*;

/// A folder that a user has brought along.
struct Stick(TempDir);

impl Stick {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    fn all(&self) -> Vec<PathBuf> {
        vec![self.0.path().to_owned()]
    }
}

/// No source of it can be reached.
fn store(place: &TestStore, trio: &Trio) -> Store {
    Store::with_models(place.options(), vec![model(trio.files(), vec![at("http://127.0.0.1:9/closed")])])
}

fn take(store: &Store, from: &[PathBuf]) -> Result<Installed, StoreError> {
    store.take("test", from, &mut |_| ())
}

#[test]
fn files_are_taken_as_a_registry_has_them_packed_or_not() {
    let (stick, place, trio) = (Stick::new(), TestStore::new(), Trio::new());
    let [body, vocab, lex] = &trio.bytes;
    stick.put("model.deen.intgemm.alphas.bin.gz", &gzip(body));
    stick.put("vocab.deen.spm.zst", &zstd(vocab));
    stick.put("lex.50.50.deen.s2t.bin", lex);
    let store = store(&place, &trio);
    let installed = take(&store, &stick.all()).unwrap();
    assert!(trio.is(&installed));
    assert_eq!(store.verify("test").unwrap(), installed);
    assert_eq!(below(&installed.folder).len(), 4, "three files and their record");
    assert_eq!(below(stick.0.path()).len(), 3, "what was brought stays as it is");
    // An installed model is left alone, as it is by a pull.
    assert_eq!(take(&store, &stick.all()).unwrap(), installed);
}

#[test]
fn files_are_known_by_what_they_hold_as_in_a_profile_of_firefox() {
    let (stick, place, trio) = (Stick::new(), TestStore::new(), Trio::new());
    let kept = "storage/permanent/chrome/idb/3870112724rsegmnoittet-es.files";
    // Attachments of other languages and much else lie between them.
    stick.put(&format!("{kept}/1"), &zstd(&weights(88_000)));
    stick.put(&format!("{kept}/2"), &zstd(&trio.bytes[1]));
    stick.put(&format!("{kept}/journals/3"), b"");
    stick.put(&format!("{kept}/4"), &zstd(&trio.bytes[0]));
    stick.put("places.sqlite", &weights(500_000));
    stick.put("broken", &zstd(&weights(80_000))[..300]);
    stick.put("lz4/5", &trio.bytes[2]);
    assert!(trio.is(&take(&store(&place, &trio), &stick.all()).unwrap()));
}

#[test]
fn single_files_are_taken_and_a_store_of_another_machine() {
    let (stick, trio) = (Stick::new(), Trio::new());
    let single: Vec<PathBuf> =
        ["a", "b", "c"].iter().zip(&trio.bytes).map(|(name, bytes)| stick.put(name, bytes)).collect();
    let place = TestStore::new();
    let installed = take(&store(&place, &trio), &single).unwrap();
    let other = TestStore::new();
    assert!(trio.is(&take(&store(&other, &trio), &[installed.folder]).unwrap()));
}

#[test]
fn a_file_that_holds_something_else_is_named_with_both_hashes_and_nothing_is_made() {
    let (stick, place, trio) = (Stick::new(), TestStore::new(), Trio::new());
    for (file, bytes) in trio.files().iter().zip(&trio.bytes) {
        stick.put(&file.to_string(), bytes);
    }
    let store = store(&place, &trio);
    let mut other = trio.bytes[0].clone();
    other[7] ^= 1;
    let path = stick.put("model.deen.intgemm.alphas.bin", &other);
    let error = take(&store, &stick.all()).unwrap_err();
    let (got, expected) = (sha256(&other), &trio.files()[0].sha256);
    assert_eq!(error.to_string(), format!("{} has the SHA-256 {got} instead of {expected}", path.display()));

    fs::write(&path, b"short").unwrap();
    let error = take(&store, &stick.all()).unwrap_err().to_string();
    assert_eq!(error, format!("{} has 5 bytes instead of 90000", path.display()));
    fs::write(&path, gzip(&vec![0; 5_000_000])).unwrap();
    let error = take(&store, &stick.all()).unwrap_err().to_string();
    assert_eq!(error, format!("{} has more than 90000 bytes", path.display()));
    fs::write(&path, &gzip(&trio.bytes[0])[..2_000]).unwrap();
    assert!(
        matches!(take(&store, &stick.all()), Err(StoreError::Packed { file, .. }) if file == path.display().to_string())
    );
    assert!(!store.root().exists(), "nothing was made");
    // The right one may lie beside it under any name.
    stick.put("download (1)", &trio.bytes[0]);
    assert!(trio.is(&take(&store, &stick.all()).unwrap()));
}

#[test]
fn what_is_missing_is_named() {
    let (stick, place, trio) = (Stick::new(), TestStore::new(), Trio::new());
    let store = store(&place, &trio);
    stick.put("vocab.deen.spm", &trio.bytes[1]);
    let folder = stick.0.path().display().to_string();
    let error = take(&store, &stick.all()).unwrap_err().to_string();
    let names = "model.deen.intgemm.alphas.bin, lex.50.50.deen.s2t.bin";
    assert_eq!(error, format!("{names} of test are not in {folder}"));
    let nowhere = stick.0.path().join("nowhere");
    let error = take(&store, &[stick.0.path().to_owned(), nowhere.clone()]).unwrap_err();
    assert!(matches!(&error, StoreError::Io { path, .. } if *path == nowhere), "{error}");
    assert!(!store.root().exists(), "nothing was made");
}

#[cfg(unix)]
#[test]
fn links_below_a_folder_are_not_followed_but_counted_and_a_link_that_is_named_is() {
    use std::os::unix::fs::symlink;
    let (stick, elsewhere, place, trio) = (Stick::new(), Stick::new(), TestStore::new(), Trio::new());
    for (file, bytes) in trio.files().iter().zip(&trio.bytes) {
        let target = elsewhere.put(&file.to_string(), bytes);
        symlink(target, stick.0.path().join(file.to_string())).unwrap();
    }
    symlink(elsewhere.0.path(), stick.0.path().join("folder")).unwrap();
    let store = store(&place, &trio);
    let error = take(&store, &stick.all()).unwrap_err().to_string();
    assert!(error.ends_with("; 4 symbolic links there were not followed"), "{error}");
    assert!(trio.is(&take(&store, &[stick.0.path().join("folder")]).unwrap()));
}

#[test]
fn what_an_unfinished_pull_left_goes_when_the_model_is_brought() {
    let (stick, place, trio) = (Stick::new(), TestStore::new(), Trio::new());
    let store = store(&place, &trio);
    let left = store.root().join(".test.part");
    fs::create_dir_all(&left).unwrap();
    fs::write(left.join("model.bin"), b"half").unwrap();
    fs::write(left.join("vocab.spm.0123456789abcdef.part"), b"half").unwrap();
    for (file, bytes) in trio.files().iter().zip(&trio.bytes) {
        stick.put(&file.name, bytes);
    }
    let installed = take(&store, &stick.all()).unwrap();
    assert!(trio.is(&installed) && !left.exists());
    assert_eq!(below(&installed.folder).len(), 4);
}
