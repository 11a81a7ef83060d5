//! What changes an engine's output, as the memory keeps it: part of the key of every answer.
//!
//! The text is never changed for an engine that stays the same: answers are found by it, and others are paid for.

use std::fmt;

use super::interface::EngineInfo;
use super::profile::EngineKind;

/// What stands before the address of the server.
const SERVER: &str = " server=";
/// What stands before the name of the profile's `identity`.
const IDENTITY: &str = " identity=";

/// A fingerprint in its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// The name of the profile.
    pub profile: String,
    pub kind: EngineKind,
    /// The model and the options that change the output, in the form that the engine gives them.
    pub options: String,
    /// `None` for the vendor's own server, local engines, and everything that version 0.1 wrote.
    pub server: Option<ServerMark>,
}

/// What a fingerprint says of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerMark {
    /// Where it is.
    Address(String),
    /// What the profile calls it, wherever it is.
    Identity(String),
}

impl Fingerprint {
    /// The parts of a fingerprint of a profile; `None` if it is not one.
    #[must_use]
    pub fn parse(profile: &str, text: &str) -> Option<Self> {
        // A name without quotation marks may have any characters, so it is not looked for but expected.
        let quoted = format!("{profile:?} ");
        let plain = format!("{profile} ");
        let is_quoted = text.starts_with(&quoted);
        let rest = text.strip_prefix(&quoted).or_else(|| text.strip_prefix(&plain))?;
        let (kind, rest) = rest.split_once(' ')?;
        let kind: EngineKind = kind.parse().ok()?;
        if kind.is_local() == is_quoted {
            return None;
        }
        let (options, server) = if kind.is_local() { (rest, None) } else { split_server(rest)? };
        Some(Self { profile: profile.to_owned(), kind, options: options.to_owned(), server })
    }
}

impl Fingerprint {
    /// Whether requests to the engine carried the terms of the text.
    #[must_use]
    pub fn takes_terms(&self) -> bool {
        // firefox has no use for terms but to enforce them as it decodes.
        let is_told_always = self.kind != EngineKind::Firefox;
        self.kind.takes_terms() && (is_told_always || self.has_constraints())
    }

    /// Whether the engine made terms hold as it wrote; see [`Abilities::constraints`](super::Abilities::constraints).
    #[must_use]
    pub fn has_constraints(&self) -> bool {
        /// The first version of the prompt with which it did.
        const SINCE_PROMPT: u32 = 2;
        /// The first revision that did.
        const SINCE_REVISION: u32 = 3;
        let mut options = self.options.split(' ');
        let (version, since) = match self.kind {
            EngineKind::Gguf => (options.nth(2), SINCE_PROMPT),
            EngineKind::Firefox => (options.next().and_then(|text| text.strip_prefix('r')), SINCE_REVISION),
            _ => return false,
        };
        version.and_then(|version| version.parse().ok()).is_some_and(|version: u32| version >= since)
    }
}

/// The options and what stands behind them of the server. Neither mark can stand in the options, where every quotation
/// mark that does not begin or end a text has a backslash before it.
fn split_server(rest: &str) -> Option<(&str, Option<ServerMark>)> {
    for (mark, make) in
        [(SERVER, ServerMark::Address as fn(String) -> ServerMark), (IDENTITY, ServerMark::Identity)]
    {
        if let Some(at) = rest.find(&format!("{mark}\"")) {
            let text = rest[at + mark.len()..].strip_prefix('"')?.strip_suffix('"')?;
            return Some((&rest[..at], Some(make(text.to_owned()))));
        }
    }
    Some((rest, None))
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { profile, kind, options, server } = self;
        if kind.is_local() {
            write!(f, "{profile} {kind} {options}")?;
        } else {
            write!(f, "{profile:?} {kind} {options}")?;
        }
        match server {
            None => Ok(()),
            Some(ServerMark::Address(address)) => write!(f, "{SERVER}\"{address}\""),
            Some(ServerMark::Identity(name)) => write!(f, "{IDENTITY}\"{name}\""),
        }
    }
}

impl EngineInfo {
    /// Whether a fingerprint is that of this engine without its server, which version 0.1 did not note.
    #[must_use]
    pub fn succeeds(&self, earlier: &str) -> bool {
        let parse = |text| Fingerprint::parse(&self.profile, text);
        let (Some(now), Some(earlier)) = (parse(&self.fingerprint), parse(earlier)) else { return false };
        now.server.is_some() && earlier == Fingerprint { server: None, ..now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_printed_as_they_were_read() {
        for (profile, text) in [
            ("probe", r#""probe" deepl context=true target=EN-US model=None"#),
            (
                "probe",
                r#""probe" libretranslate context=false target=en server="https://mt.example/a/translate""#,
            ),
            ("ha us", r#""ha us" openai context=true target=EN-US model="a \" server=\"b" prompt=1"#),
            (
                "probe",
                r#""probe" openai context=true target=EN-US model="m" prompt=1 identity="haus \"eins\"""#,
            ),
            ("probe", r#""probe" pseudo context=false "#),
            ("firefox", "firefox firefox r2 36ce 91f1"),
            ("my model", "my model gguf 1117320768 0123456789abcdef 1 2048 alone"),
        ] {
            assert_eq!(Fingerprint::parse(profile, text).unwrap().to_string(), text);
        }
        let named =
            Fingerprint::parse("ha us", r#""ha us" openai model="a \" server=\"b" server="x""#).unwrap();
        assert_eq!(named.server, Some(ServerMark::Address("x".to_owned())));
    }

    #[test]
    fn earlier_versions_of_local_engines_did_not_make_terms_hold() {
        for (text, terms, constraints) in [
            ("probe firefox r2 36ce 91f1", false, false),
            ("probe firefox r3 36ce 91f1", true, true),
            ("probe firefox 36ce 91f1", false, false),
            ("probe gguf 1117320768 0123456789abcdef 1 2048", true, false),
            ("probe gguf 1117320768 0123456789abcdef 2 2048 alone", true, true),
            (r#""probe" openai context=true target=EN-US model="m" prompt=1"#, true, false),
            (r#""probe" deepl context=true target=EN-US model=None"#, false, false),
        ] {
            let made = Fingerprint::parse("probe", text).unwrap();
            assert_eq!((made.takes_terms(), made.has_constraints()), (terms, constraints), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_fingerprint_of_the_profile_has_no_parts() {
        for text in [
            "",
            "probe",
            "\"probe\" ",
            "\"prob\" deepl x",
            "probe deepl x",
            "\"probe\" firefox x",
            "probe new x",
        ] {
            assert_eq!(Fingerprint::parse("probe", text), None, "{text}");
        }
    }
}
