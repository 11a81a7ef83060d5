//! Where an output file goes, and where a path really leads.

use std::path::{Component, Path, PathBuf};

use super::error::WriteError;
use crate::model::ArticleId;

/// The file for an article and an ending, such as `output/news/a.de.txt` for `news/a.txt` and `.de.txt`:
/// the article's name without its extension, its folders mirrored below `dir`.
///
/// # Errors
/// [`WriteError::Outside`] if the name is absolute, empty, or has a part `..`.
pub fn output_path(dir: &Path, article: &ArticleId, ending: &str) -> Result<PathBuf, WriteError> {
    let relative = Path::new(article.as_str());
    let inside = relative.components().all(|part| matches!(part, Component::Normal(_)));
    let name = relative.file_stem().and_then(|stem| stem.to_str());
    match name {
        Some(name) if inside && !article.as_str().contains('\0') => {
            Ok(dir.join(relative.with_file_name(format!("{name}{ending}"))))
        }
        _ => Err(WriteError::Outside { article: article.clone() }),
    }
}

/// The real path of a file, as far as its folders are there already. A link at its end is not followed.
#[must_use]
pub fn real_path(path: &Path) -> PathBuf {
    let folder = resolve(parent(path));
    path.file_name().map_or(folder.clone(), |name| folder.join(name))
}

/// The real path of a folder, as far as it is there already.
pub(super) fn resolve(folder: &Path) -> PathBuf {
    let mut missing = Vec::new();
    let mut known = folder;
    loop {
        let place = if known.as_os_str().is_empty() { Path::new(".") } else { known };
        if let Ok(real) = place.canonicalize() {
            return missing.iter().rev().fold(real, |path, name| path.join(name));
        }
        let (Some(parent), Some(name)) = (known.parent(), known.file_name()) else {
            return folder.to_owned();
        };
        missing.push(name);
        known = parent;
    }
}

/// A real path as seen from a real folder, with forward slashes; `None` if it is not Unicode or on another drive.
#[must_use]
pub fn path_from(folder: &Path, path: &Path) -> Option<String> {
    let shared = folder.ancestors().find(|shared| path.starts_with(shared))?;
    let up = folder.strip_prefix(shared).ok()?.components().map(|_| Some(".."));
    let down = path.strip_prefix(shared).ok()?.components().map(|part| part.as_os_str().to_str());
    Some(up.chain(down).collect::<Option<Vec<_>>>()?.join("/"))
}

/// The folder that a path stands in.
pub(super) fn parent(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_mirrored_and_the_extension_goes() {
        for (id, expected) in [
            ("a.txt", "out/a.de.txt"),
            ("news/2023/a.b.md", "out/news/2023/a.b.de.txt"),
            ("name", "out/name.de.txt"),
            ("ö ä.txt", "out/ö ä.de.txt"),
        ] {
            let path = output_path(Path::new("out"), &ArticleId::new(id), ".de.txt").expect("inside");
            assert_eq!(path, Path::new(expected));
        }
    }

    #[test]
    fn a_path_is_seen_from_a_folder() {
        for (folder, path, seen) in [
            ("/p/output", "/p/seeds/news/a.txt", "../seeds/news/a.txt"),
            ("/p", "/p/a.txt", "a.txt"),
            ("/p/out/put", "/q/ä.txt", "../../../q/ä.txt"),
        ] {
            assert_eq!(path_from(Path::new(folder), Path::new(path)).as_deref(), Some(seen));
        }
    }

    #[test]
    fn names_that_lead_out_of_the_folder_are_refused() {
        for id in ["../a.txt", "a/../../b.txt", "/etc/passwd", "..", "", "a\\..\\..\\b.txt", "a\0.txt"] {
            let error = output_path(Path::new("out"), &ArticleId::new(id), ".de.txt").expect_err(id);
            assert!(matches!(error, WriteError::Outside { .. }), "{error}");
        }
    }
}
