//! Faults under the calls to the system, one after the other: whatever goes wrong, the same command again ends as if nothing had.
//!
//! `tests/support/faults.c` is loaded into the program and has its n-th call go wrong, for n = 1, 2, 3 … until a run is over
//! without. `tests/bench/faults.py` does the same with more articles.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;

use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use crate::support::{Project, Ran, Service, finished};

/// The memory in its project. Times stand in it, so it is compared by what it knows.
const MEMORY: &str = ".wortlaut/memory.db";

/// Exit codes that a run may end with.
const EXITS: [i32; 6] = [0, 1, 2, 3, 4, 5];

/// What is preloaded, built once.
struct Shim(PathBuf);

impl Shim {
    /// Tests may be processes of their own or threads of one; each process builds it once.
    fn get() -> &'static Self {
        static BUILT: LazyLock<Shim> = LazyLock::new(Shim::build);
        &BUILT
    }

    fn build() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        fs::create_dir_all(folder).expect("made");
        // Other processes build it at the same time.
        let new = folder.join(format!("faults-{}.so", std::process::id()));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/faults.c");
        let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
        let mut command = Command::new(compiler);
        command.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&new).arg(source).arg("-ldl");
        let built = finished(&command.output().expect("a C compiler"));
        assert_eq!(built.code, Some(0), "{}", built.stderr);
        let path = folder.join("faults.so");
        fs::rename(new, &path).expect("renamed");
        Self(path)
    }
}

/// A fault: what goes wrong, and at which call.
#[derive(Debug, Clone, Copy)]
struct Fault {
    kind: &'static str,
    at: usize,
}

impl Fault {
    /// Whether it ends the process.
    fn kills(self) -> bool {
        matches!(self.kind, "kill" | "torn")
    }
}

/// A project with a double of a service, and what was counted.
struct World {
    service: Service,
    project: Project,
    log: TempDir,
}

/// What a run leaves.
#[derive(Debug, PartialEq, Eq)]
struct Left {
    /// All files of the project, but for the memory and the configuration with their contents.
    files: BTreeMap<PathBuf, Vec<u8>>,
    /// The texts that the memory knows, with their English.
    texts: BTreeMap<String, String>,
}

/// A plain text, a page, a Word document and a corpus of one record.
fn articles() -> [(&'static str, Vec<u8>); 4] {
    let text = "Der Hafen war leer\n\nAm Abend kam das Schiff 7 zurück. Es brachte Kohle und 12 Kisten.\n";
    let page = "<!doctype html><html lang=\"de\"><head><title>Das Boot</title></head><body><h1>Das Boot</h1>\
                <p>Das Boot lag <em>lange</em> am Ufer. Die Sonde ist gelandet.</p></body></html>\n";
    let corpus = "{\"id\": \"m1\", \"text\": \"Der Mond war rund. Die Nacht blieb hell.\"}\n";
    [
        ("seeds/a.txt", text.into()),
        ("seeds/b.html", page.into()),
        ("seeds/c.docx", docx("Der Zug fährt nach Norden.")),
        ("seeds/d.jsonl", corpus.into()),
    ]
}

fn docx(text: &str) -> Vec<u8> {
    use std::io::Write as _;

    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let types =
        "<Types><Override PartName=\"/word/document.xml\" ContentType=\"x.document.main+xml\"/></Types>";
    let main = format!(
        "<?xml version=\"1.0\"?>\n<w:document xmlns:w=\"w\"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body>\
         </w:document>"
    );
    for (name, part) in [("[Content_Types].xml", types), ("word/document.xml", main.as_str())] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("begun");
        zip.write_all(part.as_bytes()).expect("written");
    }
    zip.finish().expect("packed").into_inner()
}

impl World {
    fn new() -> Self {
        let service = Service::start();
        // The address is no part of what an answer belongs to.
        let more = "concurrency = 1\nmax_segments = 2\nidentity = 'double'\n";
        let configuration = format!(
            "[translate]\ninput = 'seeds'\nengine = 'double'\ntext_field = 'text'\nformats = ['all']\n\
             [engines.double]\nkind = 'libretranslate'\nbase_url = '{}'\n{more}",
            service.address()
        );
        let project = Project::new().file("wortlaut.toml", configuration);
        fs::create_dir(project.path().join("temporary")).expect("made");
        for (name, contents) in articles() {
            project.put(name, contents);
        }
        Self { service, project, log: TempDir::new().expect("a folder") }
    }

    /// The command, with its temporary files in the project.
    fn command(&self) -> Command {
        let mut command = self.project.command(&["translate"]);
        command.env("TMPDIR", self.project.path().join("temporary"));
        command
    }

    fn run(&self) -> Ran {
        finished(&self.command().output().expect("started"))
    }

    /// The command with a fault below a folder of the project.
    fn faulty(&self, shim: &Shim, fault: Fault, below: &str) -> Command {
        let root = self.project.path().canonicalize().expect("there").join(below);
        let mut command = self.command();
        command
            .env("LD_PRELOAD", &shim.0)
            .env("FAULTS_ROOT", root)
            .env("FAULTS_LOG", self.log.path().join("calls"));
        command.env("FAULTS_KIND", fault.kind).env("FAULTS_AT", fault.at.to_string());
        command
    }

    /// The calls that were counted, a line each; that of the fault begins with an exclamation mark.
    fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.log.path().join("calls")).unwrap_or_default();
        calls.lines().map(str::to_owned).collect()
    }

    /// The call that went wrong, if the run came that far.
    fn hit(&self) -> Option<String> {
        self.calls().into_iter().find_map(|call| call.strip_prefix('!').map(str::to_owned))
    }

    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let name = |path: PathBuf| path.strip_prefix(self.project.path()).expect("below it").to_owned();
        let files = self.project.files("").into_iter().map(|(path, bytes)| (name(path), bytes));
        let blank = |(name, bytes): (PathBuf, Vec<u8>)| {
            let is_compared =
                !name.to_string_lossy().starts_with(MEMORY) && name != Path::new("wortlaut.toml");
            (name, if is_compared { bytes } else { Vec::new() })
        };
        files.map(blank).collect()
    }

    /// What is left. The memory is sound.
    fn left(&self) -> Result<Left, String> {
        let files = self.files();
        let path = self.project.path().join(MEMORY);
        let texts = || -> rusqlite::Result<BTreeMap<String, String>> {
            let memory = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            let sound: String = memory.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
            assert_eq!(sound, "ok");
            let mut rows = memory.prepare("SELECT source, target FROM translation")?;
            rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        Ok(Left { files, texts: texts().map_err(|error| format!("the memory: {error}"))? })
    }
}

/// What is other than it should be, by name.
fn differing(found: &Left, expected: &Left) -> Vec<String> {
    let names: BTreeSet<&PathBuf> = found.files.keys().chain(expected.files.keys()).collect();
    let differs = |name: &&PathBuf| found.files.get(*name) != expected.files.get(*name);
    let mut differing: Vec<String> =
        names.into_iter().filter(differs).map(|name| format!("{} differs", name.display())).collect();
    if found.texts != expected.texts {
        differing.push(format!("the memory has {} texts", found.texts.len()));
    }
    differing
}

/// What a run leaves that nothing happens to.
fn undisturbed() -> Left {
    let world = World::new();
    assert_eq!(world.run().exits(0).code, Some(0));
    world.left().expect("sound")
}

/// Texts that were bought twice, unless they are of one request: the one that was in flight when the fault came, or whose
/// answer could not be stored because of it.
fn bought_twice(service: &Service) -> Vec<String> {
    let sold = service.counts().sold;
    let mut times: HashMap<&String, usize> = HashMap::new();
    for text in sold.iter().flatten() {
        *times.entry(text).or_default() += 1;
    }
    let twice: Vec<&String> = times.iter().filter(|(_, times)| **times > 1).map(|(text, _)| *text).collect();
    let is_of = |request: &Vec<String>| twice.iter().all(|text| request.contains(text));
    let is_excused = twice.is_empty() || sold.iter().any(is_of) && times.values().all(|times| *times <= 2);
    if is_excused { Vec::new() } else { twice.into_iter().cloned().collect() }
}

/// Runs the command with a fault and then without, and returns the call that went wrong and what is wrong because of it.
fn disturbed(shim: &Shim, fault: Fault, expected: &Left) -> (Option<String>, Vec<String>) {
    let world = World::new();
    let mut wrong = Vec::new();
    let output: Output = world.faulty(shim, fault, "").output().expect("started");
    let ran = finished(&output);
    let hit = world.hit();
    if fault.kills() {
        let signal = std::os::unix::process::ExitStatusExt::signal(&output.status);
        if hit.is_some() && signal != Some(9) {
            wrong.push(format!("not killed: {}", output.status));
        }
    } else if !ran.code.is_some_and(|code| EXITS.contains(&code)) || ran.stderr.contains("panicked") {
        wrong.push(format!("ends with {}: {}", output.status, ran.stderr));
    } else if ran.code == Some(0) {
        // What it says to have written stands there.
        let is_output = |(name, _): &(PathBuf, Vec<u8>)| name.starts_with("output");
        let visible = |files: BTreeMap<PathBuf, Vec<u8>>| {
            let files = files.into_iter().filter(is_output);
            files.filter(|(name, _)| !name.to_string_lossy().contains("/.")).collect::<BTreeMap<_, _>>()
        };
        if visible(world.files()) != visible(expected.files.clone()) {
            wrong.push("it says that all is well, and outputs differ".to_owned());
        }
    } else if !ran.stderr.contains("skipped: ") && !ran.stderr.contains('×') {
        wrong.push(format!("it ends with {} and does not say why: {}", output.status, ran.stderr));
    }
    let again = world.run();
    if again.code != Some(0) {
        wrong.push(format!("afterwards it ends with {:?}: {}", again.code, again.stderr));
    }
    match world.left() {
        Ok(left) => wrong.extend(differing(&left, expected)),
        Err(error) => wrong.push(error),
    }
    let twice = bought_twice(&world.service);
    if !twice.is_empty() {
        wrong.push(format!("bought twice: {twice:?}"));
    }
    (hit, wrong)
}

/// Has every fourth call go wrong, beginning with the one of this number, until a run is over without a fault. The calls that
/// have these names are among them, over all: a program that called the system otherwise would not be tested.
fn exhaust(kind: &'static str, first: usize, names: &[&str]) {
    let (shim, expected) = (Shim::get(), undisturbed());
    let counted = World::new();
    counted.faulty(shim, Fault { kind, at: 0 }, "").output().expect("started");
    let calls = counted.calls();
    for name in names {
        assert!(
            calls.iter().any(|call| call.starts_with(&format!("{name} "))),
            "{kind}: no {name} in {calls:?}"
        );
    }
    let (mut wrong, mut faults) = (Vec::new(), 0);
    for at in (first..).step_by(SHARES) {
        let fault = Fault { kind, at };
        let (hit, found) = disturbed(shim, fault, &expected);
        wrong.extend(found.into_iter().map(|found| format!("{kind} {at}, {hit:?}: {found}")));
        if hit.is_none() {
            break;
        }
        faults += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Threads wait for each other in other ways each time, so that the number of calls is another one.
    assert!(2 * faults * SHARES > calls.len(), "{faults} faults in {} calls", calls.len());
}

/// In how many tests the calls are divided, so that they run side by side.
const SHARES: usize = 4;

/// Makes a test of each share of the calls.
macro_rules! exhaustive {
    ($kind:ident, $name:literal, $calls:expr) => {
        mod $kind {
            #[test]
            fn first_share() {
                super::exhaust($name, 1, &$calls);
            }

            #[test]
            fn second_share() {
                super::exhaust($name, 2, &$calls);
            }

            #[test]
            fn third_share() {
                super::exhaust($name, 3, &$calls);
            }

            #[test]
            fn fourth_share() {
                super::exhaust($name, 4, &$calls);
            }
        }
    };
}

exhaustive!(
    a_kill_before_any_call,
    "kill",
    ["open", "write", "pwrite", "ftruncate", "rename", "unlink", "mkdir", "connect", "writev", "recv",]
);
exhaustive!(a_kill_in_the_middle_of_any_write, "torn", ["write", "pwrite", "writev"]);
exhaustive!(
    an_error_of_any_call,
    "error",
    [
        "open",
        "write",
        "pwrite",
        "ftruncate",
        "fsync",
        "fdatasync",
        "rename",
        "unlink",
        "mkdir",
        "connect",
        "writev",
        "recv",
    ]
);
exhaustive!(a_disk_that_is_full_from_any_call_on, "full", ["open", "write", "pwrite", "ftruncate", "mkdir"]);
exhaustive!(an_error_of_any_read, "read", ["open", "read", "pread"]);

#[test]
fn a_folder_of_outputs_that_cannot_be_written_costs_nothing_twice() {
    let (shim, expected) = (Shim::get(), undisturbed());
    let world = World::new();
    fs::create_dir(world.project.path().join("output")).expect("made");
    let fault = Fault { kind: "readonly", at: 1 };
    let ran = finished(&world.faulty(shim, fault, "output").output().expect("started")).exits(3);
    assert!(ran.stderr.contains("a.txt: skipped: cannot write output/a"), "{}", ran.stderr);
    assert!(ran.stderr.contains("read-only") && !ran.stderr.contains("panicked"), "{}", ran.stderr);
    assert_eq!(fs::read_dir(world.project.path().join("output")).expect("a folder").count(), 0);
    let sold = world.service.counts().sold.len();
    assert!(sold > 0);
    world.run().exits(0);
    // The corpus was not begun: its files are opened before anything of it is sent.
    assert!(world.service.counts().texts.values().all(|times| *times == 1));
    assert_eq!(differing(&world.left().expect("sound"), &expected), [""; 0]);
}

#[test]
fn nothing_is_sent_where_the_memory_cannot_be_written() {
    let (shim, expected) = (Shim::get(), undisturbed());
    for makes_folder in [false, true] {
        let world = World::new();
        if makes_folder {
            fs::create_dir(world.project.path().join(".wortlaut")).expect("made");
        }
        let fault = Fault { kind: "readonly", at: 1 };
        let ran = finished(&world.faulty(shim, fault, ".wortlaut").output().expect("started")).exits(4);
        assert!(ran.stderr.contains("cannot open the translation memory"), "{}", ran.stderr);
        assert!(ran.stderr.contains("make it and its folder writable"), "{}", ran.stderr);
        assert_eq!(world.service.counts().requests, 0);
        world.run().exits(0);
        assert_eq!(differing(&world.left().expect("sound"), &expected), [""; 0]);
    }
}

#[test]
fn a_memory_without_room_says_what_to_do() {
    let shim = Shim::get();
    let world = World::new();
    let fault = Fault { kind: "full", at: 2 };
    // Its log alone finds none, and has been made.
    let ran =
        finished(&world.faulty(shim, fault, ".wortlaut/memory.db-wal").output().expect("started")).exits(4);
    assert!(
        ran.stderr.contains("disk is full") && ran.stderr.contains("free some space on its disk"),
        "{}",
        ran.stderr
    );
}

#[test]
fn an_input_that_vanishes_is_named_and_the_others_are_done() {
    let (shim, expected) = (Shim::get(), undisturbed());
    // Articles are opened side by side: which of them is the n-th is not the same in each run.
    for (path, contents) in articles() {
        let mut times = 0;
        loop {
            let world = World::new();
            let fault = Fault { kind: "vanish", at: times + 1 };
            let ran = finished(&world.faulty(shim, fault, path).output().expect("started"));
            if world.hit().is_none() {
                break;
            }
            times += 1;
            assert_eq!(ran.code, Some(3), "{path}: {}", ran.stderr);
            let name = path.strip_prefix("seeds/").expect("an article");
            let told = format!("{name}: skipped: cannot read {path}");
            assert!(ran.stderr.contains(&told), "{path}: {}", ran.stderr);
            let stem = format!("{}.", name.split('.').next().expect("a stem"));
            let is_of_it =
                |path: &Path| path.file_name().is_some_and(|file| file.to_string_lossy().starts_with(&stem));
            let is_compared = |(path, _): &(&PathBuf, &Vec<u8>)| {
                path.starts_with("output") && !is_of_it(path) && !path.ends_with("bilingual-index.html")
            };
            let files = world.files();
            for (other, bytes) in expected.files.iter().filter(is_compared) {
                let is_hidden = other.to_string_lossy().contains("/.");
                assert!(is_hidden || files.get(other) == Some(bytes), "{path}: {} differs", other.display());
            }
            assert!(
                !files.keys().any(|file| file.starts_with("output") && is_of_it(file)),
                "{path}: something of it"
            );
            world.project.put(path, &contents);
            world.run().exits(0);
            assert_eq!(differing(&world.left().expect("sound"), &expected), [""; 0], "{path}");
            assert!(world.service.counts().texts.values().all(|times| *times == 1), "{path}");
        }
        assert!(times > 0, "{path} is never opened");
    }
}

#[test]
fn a_clock_that_jumps_changes_nothing() {
    let (shim, expected) = (Shim::get(), undisturbed());
    for by in [-86_400, 31_536_000] {
        for at in 1.. {
            let world = World::new();
            let mut command = world.faulty(shim, Fault { kind: "clock", at }, "");
            finished(&command.env("FAULTS_BY", by.to_string()).output().expect("started")).exits(0);
            assert_eq!(differing(&world.left().expect("sound"), &expected), [""; 0], "{by} s at {at}");
            assert!(world.service.counts().texts.values().all(|times| *times == 1), "{by} s at {at}");
            if world.hit().is_none() {
                assert!(at > 1, "nobody asked what time it is");
                break;
            }
            let sold = world.service.counts().sold.len();
            world.run().exits(0);
            assert_eq!(world.service.counts().sold.len(), sold, "{by} s at {at}");
        }
    }
}

#[test]
fn of_two_runs_at_once_one_works_and_the_other_says_so() {
    let expected = undisturbed();
    let world = World::new();
    let world = World { service: world.service.hold_after(0), ..world };
    let mut runs: Vec<Child> = (0..2)
        .map(|_| {
            let mut command = world.command();
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("started")
        })
        .collect();
    // The one that works cannot end before its first answer comes.
    let refused = loop {
        let ended = runs.iter_mut().position(|run| run.try_wait().expect("asked").is_some());
        match ended {
            Some(ended) => break runs.remove(ended),
            None => std::thread::yield_now(),
        }
    };
    let works = runs.remove(0);
    let refused = finished(&refused.wait_with_output().expect("ended")).exits(4);
    assert!(refused.stderr.contains(&format!("another run (process {})", works.id())), "{}", refused.stderr);
    world.service.let_go();
    finished(&works.wait_with_output().expect("ended")).exits(0);
    assert_eq!(differing(&world.left().expect("sound"), &expected), [""; 0]);
    assert!(world.service.counts().texts.values().all(|times| *times == 1));
}
