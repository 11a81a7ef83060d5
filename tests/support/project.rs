//! A project: articles, a glossary, a configuration, and the command run in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use assert_cmd::cargo::cargo_bin;
use serde_json::Value;
use tempfile::TempDir;

/// A project that is removed when it is dropped.
pub(crate) struct Project {
    folder: TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// The JSON object on standard output.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// The object in the last line, of a command that prints others before it.
    pub(crate) fn last_json(&self) -> Value {
        let last = self.stdout.lines().last().unwrap_or_default();
        serde_json::from_str(last).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// Holds the command to an exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }
}

impl Project {
    /// An empty project.
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().expect("a folder") }
    }

    /// The project's folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file, with its folders.
    pub(crate) fn file(self, name: &str, contents: impl AsRef<[u8]>) -> Self {
        self.put(name, contents);
        self
    }

    /// Writes a file of a project that is in use.
    pub(crate) fn put(&self, name: &str, contents: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, contents).expect("written");
    }

    /// Writes a glossary with the columns source, target and avoid.
    pub(crate) fn glossary(self, entries: &[[&str; 3]]) -> Self {
        let mut text = "source\ttarget\tavoid\n".to_owned();
        for entry in entries {
            text.push_str(&entry.join("\t"));
            text.push('\n');
        }
        self.file("glossary/terms.tsv", text)
    }

    /// Writes a configuration whose engine is a LibreTranslate server at an address.
    pub(crate) fn engine(self, address: &str, more: &str) -> Self {
        let text = format!(
            "[translate]\ninput = 'seeds'\nengine = 'double'\nformats = ['lines', 'text', 'tsv', 'jsonl']\n\
             [engines.double]\nkind = 'libretranslate'\nbase_url = '{address}'\n{more}\n"
        );
        self.file("wortlaut.toml", text)
    }

    /// The command, with an environment of its own.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(cargo_bin("wortlaut"));
        command.args(arguments).current_dir(self.path()).stdin(Stdio::null());
        command
            .env_clear()
            .env("HOME", self.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
    }

    /// All commands that help lists, each with the words that call it; the first is the program itself.
    pub(crate) fn commands(&self) -> Vec<Vec<String>> {
        let mut all = vec![Vec::new()];
        let mut next = 0;
        while next < all.len() {
            let command: Vec<String> = all[next].clone();
            let arguments: Vec<&str> = command.iter().map(String::as_str).chain(["-h"]).collect();
            let help = self.run(&arguments).exits(0).stdout;
            let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
            let names = lines.take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("   "));
            for name in names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help")
            {
                all.push([command.clone(), vec![name.to_owned()]].concat());
            }
            next += 1;
        }
        all
    }

    /// Runs the command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        finished(&self.command(arguments).output().expect("started"))
    }

    /// Runs the command to its end with something on standard input.
    pub(crate) fn pipe(&self, arguments: &[&str], input: &str) -> Ran {
        let file = self.path().join(".input");
        fs::write(&file, input).expect("written");
        let input = fs::File::open(file).expect("opened");
        finished(&self.command(arguments).stdin(input).output().expect("started"))
    }

    /// Starts the command.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started")
    }

    /// A file as text.
    #[track_caller]
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The objects of a JSON lines file.
    #[track_caller]
    pub(crate) fn rows(&self, name: &str) -> Vec<Value> {
        self.read(name).lines().map(|line| serde_json::from_str(line).expect("a JSON object")).collect()
    }

    /// All outputs below a folder with their contents: its files without the manifest.
    pub(crate) fn outputs(&self, folder: &str) -> BTreeMap<PathBuf, Vec<u8>> {
        let files = self.files(folder).into_iter();
        files.filter(|(path, _)| !path.ends_with(".wortlaut-manifest.jsonl")).collect()
    }

    /// All files below a folder with their contents; a link that leads nowhere has none.
    pub(crate) fn files(&self, folder: &str) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.path().join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                if entry.path().is_dir() {
                    folders.push(entry.path());
                } else {
                    files.insert(entry.path(), fs::read(entry.path()).unwrap_or_default());
                }
            }
        }
        files
    }
}

/// How a process ended.
pub(crate) fn finished(output: &std::process::Output) -> Ran {
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
