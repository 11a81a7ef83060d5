//! Faults under the calls to the system, one after the other: whatever goes wrong, the same command again ends as if nothing had.
//!
//! `tests/support/faults.c` is loaded into the program and has its n-th call go wrong, for n = 1, 2, 3 … until a run is over
//! without. `tests/bench/faults.py` does the same with more articles.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

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
    fn build() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        fs::create_dir_all(folder).expect("made");
        // Tests are processes of their own that build it at the same time.
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
    fn new(formats: &str) -> Self {
        let service = Service::start();
        // The address is no part of what an answer belongs to.
        let more = "concurrency = 1\nmax_segments = 2\nidentity = 'double'\n";
        let configuration = format!(
            "[translate]\ninput = 'seeds'\nengine = 'double'\ntext_field = 'text'\nformats = [{formats}]\n\
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
fn undisturbed(formats: &str) -> Left {
    let world = World::new(formats);
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
    let world = World::new("'all'");
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
    } else if ran.stderr.lines().count() < 2 {
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

/// Has every `of`-th call go wrong, beginning with the one of this number, until a run is over without a fault, and
/// returns what was called.
fn exhaust(kind: &'static str, first: usize, of: usize) {
    let (shim, expected) = (Shim::build(), undisturbed("'all'"));
    let (mut wrong, mut faults) = (Vec::new(), 0);
    for at in (first..).step_by(of) {
        let fault = Fault { kind, at };
        let (hit, found) = disturbed(&shim, fault, &expected);
        wrong.extend(found.into_iter().map(|found| format!("{fault:?}, {hit:?}: {found}")));
        if hit.is_none() {
            break;
        }
        faults += 1;
    }
    println!("{kind}: {faults} faults");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_kill_before_any_call_0() {
    exhaust("kill", 1, 1);
}
