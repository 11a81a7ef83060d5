//! Checking and unpacking files.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;
use sha2::{Digest, Sha256};

use super::error::StoreError;
use super::installed::InstalledFile;

/// A model for one processor has no larger files; whatever unpacks to more is not a model.
const MOST_UNPACKED: u64 = 4 << 30;

/// Size and SHA-256 of a file in a folder. `read` is called with the bytes read so far and those in all.
pub(super) fn describe(
    folder: &Path,
    name: &str,
    read: &mut dyn FnMut(u64, u64),
) -> Result<InstalledFile, StoreError> {
    let path = folder.join(name);
    let mut file = File::open(&path).map_err(StoreError::io("read", &path))?;
    let total = file.metadata().map_err(StoreError::io("read", &path))?.len();
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut size = 0;
    loop {
        let count = file.read(&mut buffer).map_err(StoreError::io("read", &path))?;
        if count == 0 {
            break;
        }
        size += count as u64;
        digest.update(&buffer[..count]);
        read(size, total);
    }
    Ok(InstalledFile { name: name.to_owned(), size, sha256: hex::encode(digest.finalize()) })
}

/// Compares a file with what it should be, as far as that is known.
pub(super) fn compare(
    found: &InstalledFile,
    size: Option<u64>,
    sha256: Option<&str>,
) -> Result<(), StoreError> {
    if let Some(expected) = size.filter(|expected| *expected != found.size) {
        return Err(StoreError::WrongSize { file: found.name.clone(), expected, got: found.size });
    }
    match sha256.filter(|expected| !expected.eq_ignore_ascii_case(&found.sha256)) {
        Some(expected) => Err(StoreError::WrongHash {
            file: found.name.clone(),
            expected: expected.to_owned(),
            got: found.sha256.clone(),
        }),
        None => Ok(()),
    }
}

/// Unpacks `packed` to `target` by what its first bytes tell: zstd, gzip, or not packed at all.
pub(super) fn unpack(packed: &Path, target: &Path, name: &str) -> Result<(), StoreError> {
    const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
    const GZIP: [u8; 2] = [0x1f, 0x8b];
    let broken = |source| StoreError::Packed { file: name.to_owned(), source };
    let open = || File::open(packed).map(BufReader::new).map_err(StoreError::io("read", packed));
    let mut head = Vec::new();
    open()?.take(4).read_to_end(&mut head).map_err(StoreError::io("read", packed))?;
    let mut unpacked: Box<dyn Read> = if head == ZSTD {
        Box::new(StreamingDecoder::new(open()?).map_err(|error| broken(error.into()))?)
    } else if head.starts_with(&GZIP) {
        Box::new(MultiGzDecoder::new(open()?))
    } else {
        return fs::rename(packed, target).map_err(StoreError::io("move", packed));
    };
    let mut file = File::create(target).map_err(StoreError::io("make", target))?;
    copy(&mut unpacked.by_ref().take(MOST_UNPACKED), &mut file, target, &|error| broken(error.into()))?;
    file.sync_all().map_err(StoreError::io("write", target))?;
    super::folder::discard(packed)
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
