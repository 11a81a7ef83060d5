//! A configuration file as errors may show it.

use super::names::is_printable;
use super::value::LayerValue;

/// The text of a file, as long as it was, without anything that might be a key.
///
/// It works on lines and not on TOML, since a file that cannot be read is shown as well. A value is shown if its
/// line gives it to a setting that there is; whatever else stands in the file may be a key that its writer put there
/// by mistake, under any name. Control characters, which could drive a terminal, are replaced.
pub(super) fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open = OpenValue::Nothing;
    for line in text.split_inclusive('\n') {
        let shown = match &open {
            OpenValue::Nothing => shown(line),
            OpenValue::Shown(_) => line.len(),
            OpenValue::Hidden(_) => 0,
        };
        for (at, c) in line.char_indices() {
            match c {
                '\n' | '\r' | '\t' | ' ' => out.push(c),
                c if at >= shown || is_unsafe(c) => (0..c.len_utf8()).for_each(|_| out.push('*')),
                c => out.push(c),
            }
        }
        open = open.after(line, shown == line.len());
    }
    out
}

/// A value of several lines that the end of a line stands in.
enum OpenValue {
    Nothing,
    /// One that is shown, up to this mark.
    Shown(&'static str),
    /// One that is not.
    Hidden(&'static str),
}

impl OpenValue {
    fn after(self, line: &str, is_shown: bool) -> Self {
        let (end, is_shown) = match self {
            Self::Shown(end) if line.contains(end) => return Self::Nothing,
            Self::Hidden(end) if line.contains(end) => return Self::Nothing,
            Self::Nothing => {
                let value = line.split_once(['=', ':']).map_or("", |(_, value)| value);
                let quotes = ["\"\"\"", "'''"].into_iter().find(|mark| value.matches(mark).count() == 1);
                let is_list = value.trim_start().starts_with('[') && !value.contains(']');
                match quotes.or(is_list.then_some("]")) {
                    Some(end) => (end, is_shown),
                    None => return Self::Nothing,
                }
            }
            open => return open,
        };
        if is_shown { Self::Shown(end) } else { Self::Hidden(end) }
    }
}

/// How many bytes from the start of a line may be shown.
fn shown(line: &str) -> usize {
    let start = line.trim_start_matches([' ', '\t', '#']);
    let is_comment = line.trim_start().starts_with('#');
    let begin = line.len() - start.len();
    if start.trim().is_empty() || (start.starts_with('[') && !is_comment) {
        return line.len();
    }
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '"' | '\'');
    let name = &start[..start.find(|c| !is_of_name(c)).unwrap_or(start.len())];
    let rest = &start[name.len()..];
    let is_assignment = rest.trim_start().starts_with(['=', ':']);
    let before_value =
        begin + name.len() + (rest.len() - rest.trim_start().len()) + usize::from(is_assignment);
    let last = name.rsplit('.').next().unwrap_or_default().trim_matches(['"', '\'']);
    match last {
        // An address may hold a password, and a variable's name may be the key itself.
        "base_url" | "mirror" | "proxy" if rest.contains(['@', '?']) => before_value,
        "url" if has_password(rest) => before_value,
        "key_env" if !names_a_variable(rest) => before_value,
        known if is_printable(known) => line.len(),
        _ if is_comment && !is_assignment => line.len(),
        // The last line of a key in Base64 looks like a name with an equals sign.
        name if is_assignment && !name.contains(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit()) => {
            before_value
        }
        _ => begin,
    }
}

/// Whether an address has something that may be a password: behind the name of its user, or in a parameter of its own.
fn has_password(address: &str) -> bool {
    let (place, parameters) = address.split_once('?').unwrap_or((address, ""));
    let place = place.split_once("//").map_or(place, |(_, place)| place);
    let user = place.rsplit_once('@').map(|(user, _)| user);
    user.is_some_and(|user| user.contains([':', '%'])) || parameters.contains("pass")
}

/// Whether what stands behind a name gives it a value that looks like the name of a variable and not like a key.
fn names_a_variable(rest: &str) -> bool {
    let value = rest.trim_start_matches([' ', '\t', '=', ':']).trim_start_matches(['"', '\'']);
    let value = &value[..value.find(['"', '\'', '#', '\n']).unwrap_or(value.len())];
    let is_of_variable = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    value.trim().chars().all(is_of_variable)
}

/// Characters that change how a terminal shows others.
fn is_unsafe(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A value as it may be shown together with its key.
pub(super) fn printable(key: &str, value: &LayerValue) -> String {
    let last = key.rsplit('.').next().unwrap_or_default();
    let line = format!("{last} = {value}");
    masked(&line).split_off(last.len() + " = ".len())
}

/// Whether the name of a setting that does not exist sounds like a key.
pub(super) fn sounds_secret(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "key",
        "apikey",
        "token",
        "secret",
        "password",
        "passwd",
        "pass",
        "auth",
        "authorization",
        "bearer",
        "credential",
        "credentials",
        "login",
    ];
    let name = name.to_lowercase();
    name.split(['_', '-', '.']).any(|word| WORDS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_hidden_under_any_name_and_in_any_writing() {
        for line in [
            "api_key = \"geheim\"",
            "key = 'geheim'",
            "keyy=geheim",
            "engines.x.token = \"geheim\" # geheim",
            "\"api_key\" = \"geheim\"",
            "api_key: geheim",
            "api_key geheim",
            "# api_key = \"geheim\"",
            "x = { kind = \"openai\", api_key = \"geheim\" }",
            "secret = [\n  \"geheim\",\n]",
            "private = \"\"\"\ngeheim\nMgeheim==\n\"\"\"",
            "geheim",
            "\"geheim",
            "key_env = \"sk-geheim\"",
            "key_env = geheim",
            "base_url = \"https://name:geheim@mt.example\"",
            "base_url = \"https://mt.example/?key=geheim\"",
            "proxy = 'http://name:geheim@proxy.example:3128'",
            "mirror = \"https://name:geheim@mirror.example\"",
            "url = \"postgres://ada:geheim@db.example/tm\"",
            "memory.url = 'postgres://db.example/tm?password=geheim'",
        ] {
            for text in [line.to_owned(), format!("[engines.x]\nkind = \"openai\"\n{line}\nmodel = \"m\"\n")]
            {
                let hidden = masked(&text);
                assert!(!hidden.contains("geheim"), "{hidden}");
                assert_eq!(hidden.len(), text.len());
                assert!(!text.contains("model") || hidden.contains("model = \"m\""), "{hidden}");
            }
        }
    }

    #[test]
    fn what_is_not_a_key_is_shown() {
        for text in [
            "[translate]\nformats = [\n  \"lines\",\n  \"text\",\n]\n",
            "# Keys never stand here: name a variable (key_env).\n",
            "base_url = \"http://127.0.0.1:11434/v1\"\nkey_env = \"SOME_KEY\" # or key_file\n",
            "engine \"deepl\"\n",
            "url = \"postgres://ada@db.example:5432/tm?sslmode=require\"\n",
        ] {
            assert_eq!(masked(text), text);
        }
        assert!(masked("fromats = [\"text\"]\n").starts_with("fromats = *"));
    }

    #[test]
    fn nothing_in_a_file_drives_the_terminal() {
        let hidden = masked("model = \"a\u{1b}[2J\u{202e}b\"\n");
        assert_eq!(hidden, "model = \"a*[2J***b\"\n");
    }

    #[test]
    fn values_are_shown_without_keys() {
        assert_eq!(printable("engines.x.key_env", &LayerValue::Text("sk-geheim".into())), "***********");
        assert_eq!(printable("engines.x.key_env", &LayerValue::Text("A_KEY".into())), "\"A_KEY\"");
    }
}
