//! Which settings exist, what type each has, and what it can do.

/// One setting.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting {
    /// Its dotted key; of an engine profile, the part after the profile's name.
    pub(super) key: &'static str,
    pub(super) kind: Type,
    pub(super) power: Power,
}

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    /// Any text.
    Text,
    /// A path: relative ones are taken from the folder of the file they stand in.
    Path,
    /// The name of an environment variable.
    Variable,
    /// A list of texts; comma-separated in a variable or flag.
    List,
    /// A whole number within bounds.
    Number(Bounds),
    /// `true` or `false`.
    Switch,
}

/// The smallest and the largest number that a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) least: i64,
    pub(super) most: i64,
    /// Why no more.
    pub(super) why: &'static str,
}

impl Bounds {
    pub(super) fn hold(self, number: i64) -> bool {
        (self.least..=self.most).contains(&number)
    }
}

/// What a setting can do to the person who runs wortlaut, if a stranger wrote it. `trust` asks for more than a mere
/// `wortlaut.toml` where it can do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Power {
    /// It says how texts are read, translated or written, and nothing beyond that.
    Nothing,
    /// It runs a program.
    Runs,
    /// It says which server is sent texts and keys.
    Host,
    /// It sends keys over connections that others can read.
    Exposes,
    /// It says which file or folder is read or written.
    Path,
}

/// Settings with fixed keys.
const FIXED: &[Setting] = &[
    setting("translate.input", Type::Path, Power::Path),
    setting("translate.output", Type::Path, Power::Path),
    setting("translate.engine", Type::Text, Power::Nothing),
    setting("translate.formats", Type::List, Power::Nothing),
    setting("translate.furniture", Type::Text, Power::Nothing),
    setting("translate.wrap", Type::Switch, Power::Nothing),
    setting("segment.rules", Type::Path, Power::Path),
    setting("segment.abbreviations", Type::List, Power::Nothing),
    setting("translate.force", Type::Switch, Power::Nothing),
    setting("translate.text_field", Type::Text, Power::Nothing),
    setting("translate.id_field", Type::Text, Power::Nothing),
    setting("translate.target_field", Type::Text, Power::Nothing),
    setting("glossary.path", Type::Path, Power::Path),
    setting("glossary.rungs", Type::List, Power::Nothing),
    setting("glossary.house_form", Type::Switch, Power::Nothing),
    setting("glossary.lenient", Type::Switch, Power::Nothing),
    setting("memory.path", Type::Path, Power::Path),
];

/// Settings of an engine profile.
const ENGINE: &[Setting] = &[
    setting("kind", Type::Text, Power::Nothing),
    setting("base_url", Type::Text, Power::Host),
    setting("identity", Type::Text, Power::Nothing),
    setting("allow_http", Type::Switch, Power::Exposes),
    // What the variable holds goes to the server of the profile, and `base_url` answers for that one.
    setting("key_env", Type::Variable, Power::Nothing),
    setting("key_file", Type::Path, Power::Path),
    setting("key_command", Type::Text, Power::Runs),
    // The name of a model, or for gguf a file.
    setting("model", Type::Text, Power::Path),
    setting("target", Type::Text, Power::Nothing),
    setting("context", Type::Switch, Power::Nothing),
    setting(
        "concurrency",
        number(
            1,
            256,
            "each request in flight holds a connection, and a process may have about a thousand files",
        ),
        Power::Nothing,
    ),
    setting("threads", number(1, 256, "more threads than cores only wait for each other"), Power::Nothing),
    setting("max_segments", number(1, 1_000, "one answer has to hold them all"), Power::Nothing),
    // The smallest request with a sentence depends on the kind of engine; see `Kind::least_bytes`.
    setting("max_bytes", number(1, 16 << 20, "no service takes larger requests"), Power::Nothing),
    setting("requests_per_second", number(1, 1_000, "no service takes more"), Power::Nothing),
    setting("timeout", number(1, 86_400, "that is a day, in seconds"), Power::Nothing),
    setting("attempts", number(1, 100, "the pauses between them add up to hours"), Power::Nothing),
];

/// Variables that begin as those of settings do, and are none.
const OTHER_VARIABLES: &[&str] =
    &["WORTLAUT_BENCH_GGUF", "WORTLAUT_LOG", "WORTLAUT_MODELS", "WORTLAUT_TRUST"];

const fn setting(key: &'static str, kind: Type, power: Power) -> Setting {
    Setting { key, kind, power }
}

const fn number(least: i64, most: i64, why: &'static str) -> Type {
    Type::Number(Bounds { least, most, why })
}

/// The setting with a dotted key; `None` if there is none.
pub(super) fn find(key: &str) -> Option<&'static Setting> {
    let (list, key) = match engine_field(key) {
        Some((_, field)) => (ENGINE, field),
        None => (FIXED, key),
    };
    list.iter().find(|setting| setting.key == key)
}

/// The profile and the field of a dotted key below `engines`.
pub(super) fn engine_field(key: &str) -> Option<(&str, &str)> {
    key.strip_prefix("engines.")?.rsplit_once('.').filter(|(name, _)| !name.is_empty())
}

/// The settings with fixed keys.
pub(super) fn fixed() -> impl Iterator<Item = &'static Setting> {
    FIXED.iter()
}

/// Whether a line of a file that gives a value to this name, the last part of a key, holds nothing secret.
pub(super) fn is_printable(name: &str) -> bool {
    let last = |setting: &&Setting| setting.key.rsplit('.').next() == Some(name);
    FIXED.iter().chain(ENGINE).any(|setting| last(&setting))
}

/// The environment variable of a setting with a fixed key.
pub(super) fn variable(key: &str) -> String {
    format!("{VARIABLES}{}", key.replace('.', "_").to_uppercase())
}

/// What the names of all variables begin with.
pub(super) const VARIABLES: &str = "WORTLAUT_";

/// Whether a variable that begins as those of settings do is known; if not, the name that was probably meant.
pub(super) fn known_variable(name: &str) -> Result<(), Option<String>> {
    let settings = FIXED.iter().map(|setting| variable(setting.key));
    let known: Vec<String> = settings.chain(OTHER_VARIABLES.iter().map(|name| (*name).to_owned())).collect();
    if known.iter().any(|known| known == name) { Ok(()) } else { Err(closest(name, known, VARIABLES.len())) }
}

/// The key that was probably meant, if one is near.
pub(super) fn nearest(key: &str) -> Option<String> {
    let (prefix, last) = key.rsplit_once('.').map_or(("", key), |(prefix, last)| (prefix, last));
    let engine = prefix.starts_with("engines.");
    let candidates: Vec<&str> = match () {
        () if engine => ENGINE.iter().map(|known| known.key).collect(),
        () if prefix.is_empty() => vec!["translate", "segment", "glossary", "memory", "engines"],
        () => FIXED.iter().map(|known| known.key).collect(),
    };
    let wanted = if engine || prefix.is_empty() { last } else { key };
    let found = closest(wanted, candidates.into_iter().map(str::to_owned), 0)?;
    Some(found.rsplit('.').next().unwrap_or(&found).to_owned())
}

/// The nearest of some names, if it is near. The first bytes, which all have in common, do not count.
fn closest(wanted: &str, names: impl IntoIterator<Item = String>, common: usize) -> Option<String> {
    let far = |name: &String| strsim::damerau_levenshtein(name, wanted);
    let found = names.into_iter().min_by_key(far)?;
    (far(&found) <= 1 + wanted.len().saturating_sub(common) / 3).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_in_the_schema() {
        let defaults: toml::Table = super::super::DEFAULTS.parse().expect("the defaults are TOML");
        for (section, table) in &defaults {
            for (key, value) in table.as_table().expect("a section") {
                match value.as_table() {
                    Some(profile) => {
                        for field in profile.keys() {
                            assert!(find(&format!("{section}.{key}.{field}")).is_some(), "{field}");
                        }
                    }
                    None => assert!(find(&format!("{section}.{key}")).is_some(), "{key}"),
                }
            }
        }
    }

    #[test]
    fn what_names_a_file_a_program_or_a_server_says_that_it_does() {
        for setting in FIXED.iter().chain(ENGINE) {
            let last = setting.key.rsplit('.').next().unwrap_or_default();
            let words: Vec<&str> = last.split('_').collect();
            let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
            let wanted = match setting.kind {
                _ if has(&["command", "program", "hook"]) => Power::Runs,
                _ if has(&["url", "host", "server", "proxy", "endpoint"]) => Power::Host,
                Type::Path => Power::Path,
                _ if has(&["file", "path", "folder", "dir", "prompt", "template"]) => Power::Path,
                _ => continue,
            };
            assert_eq!(setting.power, wanted, "{}", setting.key);
        }
    }

    #[test]
    fn a_slip_of_the_pen_finds_the_key() {
        assert_eq!(nearest("translate.fromats").as_deref(), Some("formats"));
        assert_eq!(nearest("engines.x.base_ulr").as_deref(), Some("base_url"));
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
