//! What must never be seen: keys, and the tokens that they are traded for.

use std::ops::Range;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use parking_lot::Mutex;
use secrecy::{ExposeSecret, SecretString};

/// What stands in the place of a secret.
const MASK: &str = "***";
/// Characters of a line, of a Base64 text or of the beginning of a secret that are hidden, too: fewer would stand in
/// other texts by chance.
const TELLING: usize = 8;
/// How often what stands in an address may be escaped: an address in an address in an address.
const ADDRESSES: usize = 3;
/// Names of characters in HTML and XML.
const ENTITIES: [(&str, char); 7] = [
    ("&quot;", '"'),
    ("&amp;", '&'),
    ("&lt;", '<'),
    ("&gt;", '>'),
    ("&apos;", '\''),
    ("&#39;", '\''),
    ("&#34;", '"'),
];

/// The secrets of one engine; clones share them.
#[derive(Clone, Default)]
pub(super) struct Secrets(Arc<Mutex<Vec<SecretString>>>);

impl Secrets {
    /// A key, if there is one.
    pub(super) fn of(key: Option<&SecretString>) -> Self {
        let secrets = Self::default();
        if let Some(key) = key {
            secrets.keep(key.clone());
        }
        secrets
    }

    /// Adds a secret that came up later.
    pub(super) fn keep(&self, secret: SecretString) {
        // An empty one would stand between all letters.
        if secret.expose_secret().is_empty() {
            return;
        }
        let mut kept = self.0.lock();
        if kept.iter().any(|known| known.expose_secret() == secret.expose_secret()) {
            return;
        }
        let further = [lines(secret.expose_secret()), in_base64(secret.expose_secret())].concat();
        kept.push(secret);
        kept.extend(
            further.into_iter().filter(|text| text.chars().count() >= TELLING).map(SecretString::from),
        );
    }

    /// A text without any of them, however they are spelled in it. Where the text ends within a secret, that part is
    /// hidden, too.
    pub(super) fn hide(&self, text: &str) -> String {
        let secrets = self.0.lock();
        let mut places = Vec::new();
        let mut view = Some(SecretsView::of(text));
        for _ in 0..=ADDRESSES {
            let Some(seen) = view else { break };
            places.extend(secrets.iter().flat_map(|secret| seen.places(secret.expose_secret())));
            view = seen.decoded();
        }
        places.sort_by_key(|place| place.start);
        let mut hidden = String::with_capacity(text.len());
        let mut at = 0;
        for place in places {
            // Secrets that overlap are one.
            if place.start >= at {
                hidden.push_str(&text[at..place.start]);
                hidden.push_str(MASK);
            }
            at = at.max(place.end);
        }
        hidden.push_str(&text[at..]);
        hidden
    }
}

/// The lines of a secret that has several, such as a private key: services may repeat one of them.
fn lines(secret: &str) -> Vec<String> {
    let lines: Vec<String> = secret.lines().map(|line| line.trim().to_owned()).collect();
    if lines.len() > 1 { lines } else { Vec::new() }
}

/// What stands in Base64 wherever a secret is a part of what is encoded, in both alphabets: without the letters at its ends,
/// which depend on what stands before and behind.
fn in_base64(secret: &str) -> Vec<String> {
    let mut all = Vec::new();
    for before in 0..3 {
        let bytes = [&[0; 3][..before], secret.as_bytes()].concat();
        let letters = (before * 8).div_ceil(6)..bytes.len() * 8 / 6;
        for encoded in [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
            all.extend(encoded.get(letters.clone()).map(str::to_owned));
        }
    }
    all.sort();
    all.dedup();
    all
}

/// A text as it is read after what addresses escape was taken back, and where each byte of it begins in the original.
struct SecretsView {
    text: String,
    origins: Vec<usize>,
}

impl SecretsView {
    fn of(text: &str) -> Self {
        Self { text: text.to_owned(), origins: (0..=text.len()).collect() }
    }

    /// The same with `%2F` as what it stands for; `None` if there is none of that.
    fn decoded(self) -> Option<Self> {
        let byte_at = |at: usize| {
            let digits = self.text.get(at..)?.strip_prefix('%')?.get(..2)?;
            u8::from_str_radix(digits, 16).ok()
        };
        let mut bytes = Vec::with_capacity(self.text.len());
        let mut origins = Vec::with_capacity(self.origins.len());
        let mut at = 0;
        while let Some(byte) = self.text.as_bytes().get(at) {
            let decoded = byte_at(at);
            bytes.push(decoded.unwrap_or(*byte));
            origins.push(self.origins[at]);
            at += if decoded.is_some() { 3 } else { 1 };
        }
        if bytes.len() == self.text.len() {
            return None;
        }
        origins.push(self.origins[at]);
        // What is no text keeps its length.
        let mut text = String::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            text.extend(chunk.invalid().iter().map(|_| '?'));
        }
        Some(Self { text, origins })
    }

    /// Where a secret stands in the original.
    fn places(&self, secret: &str) -> Vec<Range<usize>> {
        let text = &self.text;
        // What a spelling can begin with.
        let first = secret.as_bytes().first().copied();
        let may_begin = |at: &usize| {
            let byte = text.as_bytes().get(*at).copied();
            byte == first || matches!(byte, Some(b'\\' | b'&' | b'+'))
        };
        let starts = text.char_indices().map(|(at, _)| at).filter(may_begin);
        let ends = |at: usize| Some((at, at + spelled(&text[at..], secret)?));
        starts.filter_map(ends).map(|(start, end)| self.origins[start]..self.origins[end]).collect()
    }
}

/// The bytes at the beginning of a text that spell a secret, or a telling part of it up to the end of the text.
fn spelled(text: &str, secret: &str) -> Option<usize> {
    let mut letters = secret.chars().peekable();
    // A backslash may stand for itself or begin what stands for another, so there can be several ends.
    let (mut ends, mut seen) = (vec![0], 0);
    while let Some(letter) = letters.next() {
        if seen >= TELLING && ends.contains(&text.len()) {
            return Some(text.len());
        }
        let mut row = 1;
        while letter == '\\' && letters.next_if_eq(&letter).is_some() {
            row += 1;
        }
        let mut further = Vec::new();
        for at in ends {
            let rest = &text[at..];
            let mut add = |len: usize| further.push(at + len);
            if letter == '\\' { backslashes(rest, row, &mut add) } else { spellings(rest, letter, &mut add) }
        }
        ends = further;
        ends.sort_unstable();
        ends.dedup();
        if ends.is_empty() {
            return None;
        }
        seen += row;
    }
    ends.last().copied()
}

/// The bytes that may spell a row of backslashes: each level of JSON doubles them.
fn backslashes(text: &str, row: usize, add: &mut impl FnMut(usize)) {
    let found = text.len() - text.trim_start_matches('\\').len();
    (row..=found).for_each(add);
}

/// The bytes that may spell another character: as it is, or as JSON, forms, HTML and XML escape it.
fn spellings(text: &str, letter: char, add: &mut impl FnMut(usize)) {
    if text.starts_with(letter) {
        add(letter.len_utf8());
    }
    match text.as_bytes().first() {
        Some(b'+') if letter == ' ' => add(1),
        Some(b'\\') => {
            if let Some(len) = in_json(text, letter) {
                add(len);
            }
        }
        Some(b'&') => {
            let entity = ENTITIES.iter().find(|(name, of)| *of == letter && text.starts_with(name));
            if let Some((name, _)) = entity {
                add(name.len());
            }
        }
        _ => {}
    }
}

/// `\"`, `\n` and `\u00e4`, with as many backslashes as there are levels of JSON.
fn in_json(text: &str, letter: char) -> Option<usize> {
    let rest = text.trim_start_matches('\\');
    let short = match letter {
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        letter => letter,
    };
    if rest.starts_with(short) {
        return Some(text.len() - rest.len() + short.len_utf8());
    }
    let mut units = [0; 2];
    let mut rest = text;
    for unit in letter.encode_utf16(&mut units) {
        let digits = rest.trim_start_matches('\\').strip_prefix('u')?;
        if u16::from_str_radix(digits.get(..4)?, 16).ok()? != *unit {
            return None;
        }
        rest = &digits[4..];
    }
    Some(text.len() - rest.len())
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    use proptest::prelude::*;
    use reqwest::Url;

    use super::*;

    fn secrets(all: &[&str]) -> Secrets {
        let secrets = Secrets::default();
        for secret in all {
            secrets.keep(SecretString::from(*secret));
        }
        secrets
    }

    fn json(text: &str) -> String {
        let quoted = serde_json::to_string(text).unwrap();
        quoted[1..quoted.len() - 1].to_owned()
    }

    fn in_query(text: &str) -> String {
        let mut url: Url = "http://mt.example/".parse().unwrap();
        url.query_pairs_mut().append_key_only(text);
        url.query().unwrap().to_owned()
    }

    /// With nothing but ASCII, and a backslash before each stroke, as some languages write JSON.
    fn json_ascii(text: &str) -> String {
        let mut units = [0; 2];
        let escaped = |c: char| match c {
            '/' => "\\/".to_owned(),
            c if c.is_ascii() => c.to_string(),
            c => c
                .encode_utf16(&mut units)
                .iter()
                .map(|unit| format!("\\u{unit:04X}"))
                .collect::<Vec<_>>()
                .concat(),
        };
        json(text).chars().map(escaped).collect()
    }

    /// Each byte by its number.
    fn percent(text: &str) -> String {
        text.bytes().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat()
    }

    fn all_spellings(secret: &str) -> Vec<String> {
        let html = secret.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
        let around = ["", "x", "xy"].map(|before| format!("{before}{secret}{before}"));
        let mut all = vec![
            secret.to_owned(),
            json(secret),
            json(&json(secret)),
            json_ascii(secret),
            in_query(secret),
            in_query(&in_query(secret)),
            percent(secret),
            percent(&percent(secret).to_uppercase()),
            percent(&json(&json(secret))),
            json(&in_query(&json(secret))),
            html,
        ];
        all.extend(around.iter().flat_map(|text| [STANDARD.encode(text), URL_SAFE.encode(text)]));
        all
    }

    #[test]
    fn a_secret_within_another_one_leaves_nothing_of_it() {
        let secrets = secrets(&["geheim", "vor-geheim-nach", "nach-mehr"]);
        assert_eq!(
            secrets.hide("a vor-geheim-nach b geheim c vor-geheim-nach-mehr d"),
            "a *** b *** c *** d"
        );
    }

    #[test]
    fn the_beginning_of_a_secret_at_the_end_of_a_text_is_hidden() {
        let secrets = secrets(&["schluessel-4711"]);
        assert_eq!(secrets.hide("{\"key\": \"schluessel"), "{\"key\": \"***");
        assert_eq!(secrets.hide("der schlu"), "der schlu");
    }

    #[test]
    fn a_line_of_a_private_key_is_hidden() {
        let key =
            "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n";
        assert_eq!(secrets(&[key]).hide("at hkiG9w0BAQEFAASC"), "at ***");
    }

    proptest! {
        #[test]
        fn no_spelling_of_a_secret_is_left(
            keys in prop::collection::vec("[A-Z0-9\"\\\\/+=:%&<äß🚀\n ]{12,30}", 1..4),
            parts in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), "[a-z., ]{0,9}"), 0..8),
        ) {
            let keys: Vec<&str> = keys.iter().map(|key| key.trim()).filter(|key| key.len() >= 12).collect();
            prop_assume!(!keys.is_empty());
            let secrets = secrets(&keys);
            let mut text = String::new();
            for (key, spelling, filler) in &parts {
                let spellings = all_spellings(keys[key.index(keys.len())]);
                text.push_str(filler);
                text.push_str(&spellings[spelling.index(spellings.len())]);
                text.push_str(filler);
            }
            let hidden = secrets.hide(&text);
            for key in &keys {
                for spelling in all_spellings(key) {
                    // The ends of a text in Base64 depend on what stands before and behind.
                    prop_assert!(!hidden.contains(spelling.trim_matches('=')), "{spelling:?} in {hidden:?} of {text:?}");
                }
                for core in in_base64(key) {
                    prop_assert!(!hidden.contains(&core), "{core:?} in {hidden:?}");
                }
            }
            prop_assert_eq!(secrets.hide(&hidden), hidden, "hidden twice");
        }

        #[test]
        fn a_text_without_secrets_stays(keys in prop::collection::vec("[A-Z0-9\"\\\\]{8,20}", 0..4), text in "[a-z%&+ ä🚀]{0,60}") {
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            prop_assert_eq!(secrets(&keys).hide(&text), text);
        }
    }
}
