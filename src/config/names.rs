//! The names of settings: keys in files and environment variables, and what was meant by a wrong one.

use super::setting::Setting;
use super::settings::{ENGINE, SECTIONS};

/// What the names of all variables begin with.
pub(super) const VARIABLES: &str = "WORTLAUT_";

/// The variable that has files read whoever else may write them.
pub(super) const TRUST_ALL: &str = "WORTLAUT_TRUST";

/// Variables that begin as those of settings do, and are none.
const OTHER_VARIABLES: [&str; 4] = ["WORTLAUT_BENCH_GGUF", "WORTLAUT_LOG", "WORTLAUT_MODELS", TRUST_ALL];

/// The setting with a dotted key; `None` if there is none.
pub(super) fn find(key: &str) -> Option<&'static Setting> {
    let (settings, name) = if let Some((_, field)) = engine_field(key) {
        (ENGINE, field)
    } else {
        let (section, name) = key.split_once('.')?;
        (SECTIONS.iter().find(|(known, _)| *known == section)?.1, name)
    };
    settings.iter().find(|setting| setting.name == name)
}

/// The profile and the field of a dotted key below `engines`.
pub(super) fn engine_field(key: &str) -> Option<(&str, &str)> {
    key.strip_prefix("engines.")?.rsplit_once('.').filter(|(name, _)| !name.is_empty())
}

/// The settings outside of engine profiles, by their keys.
pub(super) fn fixed() -> impl Iterator<Item = (String, &'static Setting)> {
    SECTIONS.iter().flat_map(|(section, settings)| {
        settings.iter().map(move |setting| (format!("{section}.{}", setting.name), setting))
    })
}

/// Whether a table may stand under this key.
pub(super) fn is_section(key: &str) -> bool {
    match key.strip_prefix("engines.") {
        Some(name) => !name.contains('.'),
        None => key == "engines" || SECTIONS.iter().any(|(section, _)| *section == key),
    }
}

/// Whether a line of a file that gives a value to this name, the last part of a key, holds nothing secret.
pub(super) fn is_printable(name: &str) -> bool {
    SECTIONS.iter().flat_map(|(_, settings)| *settings).chain(ENGINE).any(|setting| setting.name == name)
}

/// The environment variable of a setting outside of engine profiles.
pub(super) fn variable(key: &str) -> String {
    format!("{VARIABLES}{}", key.replace('.', "_").to_uppercase())
}

/// Whether a variable that begins as those of settings do is known; if not, the name that was probably meant.
pub(super) fn known_variable(name: &str) -> Result<(), Option<String>> {
    let settings = fixed().map(|(key, _)| variable(&key));
    let known: Vec<String> = settings.chain(OTHER_VARIABLES.map(str::to_owned)).collect();
    if known.iter().any(|known| known == name) { Ok(()) } else { Err(closest(name, known, VARIABLES.len())) }
}

/// The last part of the key that was probably meant, if one is near.
pub(super) fn nearest(key: &str) -> Option<String> {
    let (prefix, last) = key.rsplit_once('.').unwrap_or(("", key));
    let names = |settings: &'static [Setting]| settings.iter().map(|setting| setting.name.to_owned());
    if prefix.is_empty() {
        closest(last, SECTIONS.iter().map(|(section, _)| *section).chain(["engines"]).map(str::to_owned), 0)
    } else if prefix.starts_with("engines.") {
        closest(last, names(ENGINE), 0).or_else(|| names(ENGINE).find(|name| has_word(name, last)))
    } else {
        // A setting may have been given to the wrong section.
        let found = closest(key, fixed().map(|(key, _)| key), 0)?;
        Some(found.rsplit('.').next().unwrap_or(&found).to_owned())
    }
}

/// Whether one of the words of a name is this one: other programs call `base_url` simply `url`.
fn has_word(name: &str, word: &str) -> bool {
    name.split('_').any(|part| part == word)
}

/// The nearest of some names, if it is near. The first bytes, which all have in common, do not count.
fn closest(wanted: &str, names: impl IntoIterator<Item = String>, common: usize) -> Option<String> {
    let far = |name: &String| strsim::damerau_levenshtein(name, wanted);
    let found = names.into_iter().min_by_key(far)?;
    (far(&found) <= 1 + wanted.len().saturating_sub(common) / 3).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::super::setting::Power;
    use super::*;

    #[test]
    fn what_names_a_file_a_program_or_a_server_says_that_it_does() {
        for setting in SECTIONS.iter().flat_map(|(_, settings)| *settings).chain(ENGINE) {
            let words: Vec<&str> = setting.name.split('_').collect();
            let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
            let wanted = match setting.shape {
                _ if has(&["command", "program", "hook"]) => Power::Runs,
                _ if has(&["url", "host", "server", "proxy", "mirror", "endpoint"]) => Power::Host,
                shape if shape.is_path() => Power::Path,
                _ if has(&["file", "path", "folder", "dir", "prompt", "template"]) => Power::Path,
                _ => continue,
            };
            assert_eq!(setting.power, wanted, "{}", setting.name);
        }
    }

    #[test]
    fn a_slip_of_the_pen_finds_the_key() {
        assert_eq!(nearest("translate.fromats").as_deref(), Some("formats"));
        assert_eq!(nearest("engines.x.base_ulr").as_deref(), Some("base_url"));
        assert_eq!(nearest("engines.x.url").as_deref(), Some("base_url"));
        assert_eq!(nearest("translte").as_deref(), Some("translate"));
        assert_eq!(nearest("memory.qqqqqqqqqqqq"), None);
    }

    #[test]
    fn a_slip_of_the_pen_finds_the_variable() {
        assert_eq!(known_variable("WORTLAUT_TRANSLATE_ENGINE"), Ok(()));
        assert_eq!(known_variable("WORTLAUT_MODELS"), Ok(()));
        let meant = |name| known_variable(name).expect_err("unknown");
        assert_eq!(meant("WORTLAUT_TRANSLATE_ENGNE").as_deref(), Some("WORTLAUT_TRANSLATE_ENGINE"));
        assert_eq!(meant("WORTLAUT_MODEL").as_deref(), Some("WORTLAUT_MODELS"));
        assert_eq!(meant("WORTLAUT_QQQQQQ"), None);
    }
}
