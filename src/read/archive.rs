//! Archives whose members are read within bounds and never touch the disk.
//!
//! What an archive says about itself is not believed: a member is unpacked up to the bytes that are left,
//! whatever size it declares. Names lead nowhere, since nothing is ever written under them.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use zip::ZipArchive;
use zip::result::ZipError;

use super::decode;
use super::error::ReadError;

/// An archive with more members is not a document.
const MAX_MEMBERS: usize = 10_000;

/// A member that is larger than this must not be packed tighter than [`MAX_RATIO`].
const LARGE: u64 = 1 << 20;

/// The largest compression ratio accepted. Real documents, however uniform, stay far below; the format allows 1032.
const MAX_RATIO: u64 = 300;

/// An archive in memory.
pub(super) struct Archive<'a> {
    path: PathBuf,
    zip: ZipArchive<Cursor<&'a [u8]>>,
    /// The bytes that may still be unpacked.
    left: u64,
    limit: u64,
}

impl<'a> Archive<'a> {
    /// Opens an archive of which at most `limit` bytes are unpacked in all.
    pub(super) fn open(path: &Path, bytes: &'a [u8], limit: u64) -> Result<Self, ReadError> {
        if !bytes.starts_with(b"PK") {
            // Most telling: a document with a password is an old office file outside.
            decode::refuse_binary(path, bytes)?;
        }
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(path, None, error))?;
        let archive = Self { path: path.to_owned(), zip, left: limit, limit };
        let members = archive.zip.len();
        if members > MAX_MEMBERS {
            return Err(archive.broken(None, format!("it has {members} members")));
        }
        if declared(bytes).is_none_or(|declared| declared != members) {
            return Err(archive.broken(None, "its list of members is wrong, or two have one name"));
        }
        archive.checked()
    }

    /// Looks at the head of every member: all of them are copied when the document is written.
    fn checked(mut self) -> Result<Self, ReadError> {
        for index in 0..self.zip.len() {
            match self.zip.by_index_raw(index) {
                Ok(file) if file.encrypted() => {
                    return Err(broken(&self.path, None, "it is encrypted"));
                }
                Ok(_) => {}
                Err(error) => return Err(broken(&self.path, None, error)),
            }
        }
        Ok(self)
    }

    /// The names of all members.
    pub(super) fn names(&self) -> Vec<String> {
        self.zip.file_names().flatten().map(Cow::into_owned).collect()
    }

    /// Unpacks a member as text; `None` if there is none of this name.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, ReadError> {
        let Some(bytes) = self.member(name)? else { return Ok(None) };
        let (text, encoding) = decode::decode(&self.path, &bytes)?;
        if encoding.name != "UTF-8" {
            return Err(self.broken(Some(name), format!("it is {} and not UTF-8", encoding.name)));
        }
        Ok(Some(text))
    }

    fn member(&mut self, name: &str) -> Result<Option<Vec<u8>>, ReadError> {
        let (path, left, limit) = (self.path.clone(), self.left, self.limit);
        let file = match self.zip.by_name(name) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(error) => return Err(broken(&path, Some(name), error)),
        };
        let most = left.min(file.compressed_size().saturating_mul(MAX_RATIO).max(LARGE));
        let mut bytes = Vec::new();
        let unpacked = file.take(most.saturating_add(1)).read_to_end(&mut bytes);
        if bytes.len() as u64 > most {
            return Err(ReadError::TooLarge { path, limit });
        }
        unpacked.map_err(|error| broken(&path, Some(name), ZipError::from(error)))?;
        self.left -= bytes.len() as u64;
        Ok(Some(bytes))
    }

    /// What is wrong with a member, or with the archive as a whole.
    pub(super) fn broken(
        &self,
        part: Option<&str>,
        problem: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> ReadError {
        broken(&self.path, part, problem)
    }
}

fn broken(path: &Path, part: Option<&str>, problem: impl Into<Box<dyn StdError + Send + Sync>>) -> ReadError {
    ReadError::Damaged { path: path.to_owned(), part: part.map(str::to_owned), source: problem.into() }
}

/// How many members the archive itself counts at its end.
fn declared(bytes: &[u8]) -> Option<usize> {
    const END: &[u8] = b"PK\x05\x06";
    let from = bytes.len().saturating_sub(22 + usize::from(u16::MAX));
    let tail = &bytes[from..];
    let at = tail.windows(END.len()).rposition(|window| window == END)?;
    let count: [u8; 2] = tail.get(at + 10..at + 12)?.try_into().ok()?;
    Some(usize::from(u16::from_le_bytes(count)))
}
