//! What stands at a path, files that come to the disk completely or not at all, and what is wrong with their lines.

mod file_mark;
pub mod hexadecimal;
mod part_file;
mod path_kind;

pub use file_mark::{FileMark, Links};
pub use part_file::{PartFile, SaveError, sync_folder};
pub use path_kind::{PathKind, hash_of, is_at, open_plain, without_following};
