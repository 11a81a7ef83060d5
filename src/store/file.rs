//! Checking and unpacking files.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, Write};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;
use sha2::{Digest, Sha256};

use super::catalogue::ModelFile;
use super::error::StoreError;
use super::folder::discard;
use super::installed::InstalledFile;

/// Size and SHA-256 of a file in a folder. `read` is called with the bytes read so far and those in all.
pub(super) fn describe(
    folder: &Path,
    name: &str,
    read: &mut dyn FnMut(u64, u64),
) -> Result<InstalledFile, StoreError> {
    let path = folder.join(name);
    let file = File::open(&path).map_err(StoreError::io("read", &path))?;
    let total = file.metadata().map_err(StoreError::io("read", &path))?.len();
    digest(name, file, &mut |bytes| read(bytes, total)).map_err(StoreError::io("read", &path))
}

/// Size and SHA-256 of all that a reader gives. `read` is called with the bytes read so far.
pub(super) fn digest(
    name: &str,
    mut from: impl Read,
    read: &mut dyn FnMut(u64),
) -> io::Result<InstalledFile> {
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut size = 0;
    loop {
        let count = from.read(&mut buffer)?;
        if count == 0 {
            return Ok(InstalledFile { name: name.to_owned(), size, sha256: hex::encode(digest.finalize()) });
        }
        size += count as u64;
        digest.update(&buffer[..count]);
        read(size);
    }
}

/// Compares a file with what it should be.
pub(super) fn compare(found: &InstalledFile, size: u64, sha256: &str) -> Result<(), StoreError> {
    if found.size != size {
        return Err(StoreError::WrongSize { file: found.name.clone(), expected: size, got: found.size });
    }
    if !sha256.eq_ignore_ascii_case(&found.sha256) {
        return Err(StoreError::WrongHash {
            file: found.name.clone(),
            expected: sha256.to_owned(),
            got: found.sha256.clone(),
        });
    }
    Ok(())
}

/// What a file holds.
pub(super) struct Content {
    /// Whether the file is packed; the reader unpacks it.
    pub(super) is_packed: bool,
    pub(super) reader: Box<dyn Read>,
}

impl Content {
    /// Opens a file. Its first bytes tell how it is packed: with zstd, with gzip, or not at all. `name` is what it is
    /// called in errors.
    pub(super) fn open(path: &Path, name: &str) -> Result<Self, StoreError> {
        const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
        const GZIP: [u8; 2] = [0x1f, 0x8b];
        let failed = StoreError::io("read", path);
        let mut file = File::open(path).map_err(&failed)?;
        let mut head = Vec::new();
        (&file).take(4).read_to_end(&mut head).map_err(&failed)?;
        file.rewind().map_err(&failed)?;
        let file = BufReader::new(file);
        Ok(if head == ZSTD {
            let reader = StreamingDecoder::new(file)
                .map_err(|error| StoreError::Packed { file: name.to_owned(), source: error.into() })?;
            Self { is_packed: true, reader: Box::new(reader) }
        } else if head.starts_with(&GZIP) {
            Self { is_packed: true, reader: Box::new(MultiGzDecoder::new(file)) }
        } else {
            Self { is_packed: false, reader: Box::new(file) }
        })
    }

    /// Writes it as a file of a model: no more than shows that it is too much, and nothing if it cannot be read to its
    /// end.
    pub(super) fn save(self, target: &Path, wanted: &ModelFile) -> Result<(), StoreError> {
        let broken =
            |source: io::Error| StoreError::Packed { file: wanted.name.clone(), source: source.into() };
        let saved = {
            let mut file = File::create(target).map_err(StoreError::io("make", target))?;
            copy(&mut self.reader.take(wanted.size + 1), &mut file, target, &broken)
                .and_then(|_| file.sync_all().map_err(StoreError::io("write", target)))
        };
        saved.or_else(|error| discard(target).and(Err(error)))
    }
}

/// The most bytes that a file is packed into: nine bits for a byte, which gzip spends at worst on what does not compress, and a
/// header.
pub(super) fn most_packed(size: u64) -> u64 {
    size + size / 8 + 1024
}

/// Copies all of a reader, telling its errors from those of the disk.
pub(super) fn copy(
    from: &mut impl Read,
    to: &mut File,
    path: &Path,
    broken: &impl Fn(io::Error) -> StoreError,
) -> Result<u64, StoreError> {
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0;
    loop {
        let count = from.read(&mut buffer).map_err(broken)?;
        if count == 0 {
            return Ok(bytes);
        }
        to.write_all(&buffer[..count]).map_err(StoreError::io("write", path))?;
        bytes += count as u64;
    }
}
