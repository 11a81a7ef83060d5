//! What people say of how a German text reads in English.

use std::fmt;
use std::str::FromStr;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use thiserror::Error;

use super::{ArticleId, SpanPairs};

/// Seconds since 1970 UTC; shown, read and serialised as RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

/// The last second of the year 9999: later ones cannot be written with four digits.
const LAST_SECOND: i64 = 253_402_300_799;
/// The first second. A date without a zone: that of `jiff` with one ends some hours before the year 9999 does.
const EPOCH: DateTime = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);

impl Timestamp {
    /// The moment that is so many seconds after the beginning of 1970. Files of other programs say what they like: what is
    /// before that, or after 9999, becomes the nearest that can be written.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Self {
        Self(seconds.clamp(0, LAST_SECOND))
    }

    /// This moment.
    #[must_use]
    pub fn now() -> Self {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Self::from_seconds(i64::try_from(now.as_secs()).unwrap_or(i64::MAX))
    }

    /// Seconds since 1970 UTC.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Within the years that can be written, as `from_seconds` sees to; so nothing is cut off.
        write!(f, "{}Z", EPOCH.saturating_add(SignedDuration::from_secs(self.0)))
    }
}

/// A text that is not a time as [`Timestamp`] shows it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not a time such as 2026-11-26T14:05:00Z")]
pub struct InvalidTimestamp(String);

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    /// Reads what [`Timestamp`] shows, with or without the signs between the numbers (as TMX has it).
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).ok_or_else(|| InvalidTimestamp(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<Timestamp> {
    let format = match text.len() {
        20 => "%Y-%m-%dT%H:%M:%SZ",
        16 => "%Y%m%dT%H%M%SZ",
        _ => return None,
    };
    let seconds = DateTime::strptime(format, text).ok()?.duration_since(EPOCH).as_secs();
    (seconds >= 0).then(|| Timestamp::from_seconds(seconds))
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// What a pair is used for.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum PairKind {
    /// A person approved it: it is used by itself and outranks every machine.
    Correction,
    /// It is offered to people and to engines, and not used by itself.
    Suggestion,
}

impl PairKind {
    /// The name used in files and output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The segment that a pair was made for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PairPlace {
    pub article: ArticleId,
    /// Counted from 1.
    pub segment: usize,
}

/// An output file that corrections are learned from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct PairOrigin {
    /// As in [`HumanPair::origin`].
    pub origin: String,
    /// The article that it holds.
    pub article: ArticleId,
}

/// The German of the segments next to one, as it is sent; `None` where the article begins or ends, or where nobody knows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Neighbours {
    pub before: Option<String>,
    pub after: Option<String>,
}

/// A German text with its English from a person. It never changes: a newer one of the same text outranks it, and taking it
/// back is noted beside it ([`StoredPair::withdrawn`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HumanPair {
    pub kind: PairKind,
    /// The German of a segment on one line, as `pipeline::normalise` gives it.
    pub source: String,
    pub target: String,
    /// Where the markup of the segment stands in the target, as in [`Alignment::Inlines`](super::Alignment::Inlines).
    pub inlines: Option<SpanPairs>,
    /// Who made it.
    pub by: String,
    /// When it was made, as far as a clock knows it: a memory makes it later than what the pair outranks.
    pub at: Timestamp,
    /// Where it was made.
    pub place: Option<PairPlace>,
    pub context: Neighbours,
    /// The file that it was imported from or, for what `wortlaut learn` learned, the output file by its path in its folder.
    pub origin: Option<String>,
}

/// Names a pair: a hash of all that it says, so that two memories name the same pair alike. Shown in hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PairId([u8; 32]);

impl PairId {
    /// The id with these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes of the hash.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for PairId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PairId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PairId({self})")
    }
}

/// A text that is not the id of a pair.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not the id of a pair: 64 hexadecimal digits")]
pub struct InvalidPairId(String);

impl FromStr for PairId {
    type Err = InvalidPairId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidPairId(text.to_owned());
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(invalid());
        }
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).map_err(|_| invalid())?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for PairId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PairId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Changes when the meaning of an id changes.
#[cfg(feature = "documents")]
const CONTEXT: &str = "wortlaut 2026-11 human pair, format 1";

#[cfg(feature = "documents")]
impl HumanPair {
    /// The id of the pair.
    #[must_use]
    pub fn id(&self) -> PairId {
        let Self { kind, source, target, inlines, by, at, place, context, origin } = self;
        let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
        let mut add = |text: Option<&str>| {
            // With what is absent marked and lengths before the texts, no two pairs give the same bytes.
            hasher.update(&[u8::from(text.is_some())]);
            let text = text.unwrap_or_default();
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        };
        for text in [kind.as_str(), source, target, by, &at.seconds().to_string()] {
            add(Some(text));
        }
        let spans = inlines.as_ref().map(|SpanPairs(pairs)| {
            let spans = pairs.iter().map(|(from, to)| format!("{from:?} {to:?}"));
            spans.collect::<Vec<_>>().join(",")
        });
        add(spans.as_deref());
        add(place.as_ref().map(|place| place.article.as_str()));
        add(place.as_ref().map(|place| place.segment.to_string()).as_deref());
        for text in [&context.before, &context.after, origin] {
            add(text.as_deref());
        }
        PairId(*hasher.finalize().as_bytes())
    }
}

/// A pair as a memory has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredPair {
    pub id: PairId,
    pub pair: HumanPair,
    /// When it was taken back, for the last time; from then on it is not used.
    pub withdrawn: Option<Timestamp>,
}

#[cfg(feature = "documents")]
impl StoredPair {
    /// A pair that was not taken back.
    #[must_use]
    pub fn new(pair: HumanPair) -> Self {
        Self { id: pair.id(), pair, withdrawn: None }
    }
}

/// A segment that a correction is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentInContext {
    /// On one line, as in [`HumanPair::source`].
    pub source: String,
    pub place: Option<PairPlace>,
    pub context: Neighbours,
}

/// That a person approved the English of a segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    pub by: String,
    pub at: Timestamp,
    /// The pair that says so.
    pub pair: PairId,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_time_is_read_as_it_is_shown(seconds in 0..=LAST_SECOND) {
            let time = Timestamp::from_seconds(seconds);
            prop_assert_eq!(time.to_string().parse(), Ok(time));
            let bare: String = time.to_string().replace(['-', ':'], "");
            prop_assert_eq!(bare.parse(), Ok(time));
        }

        #[test]
        fn no_text_breaks_the_reading_of_times_and_ids(text in any::<String>(), near in "[0-9TZ:-]{14,20}") {
            for text in [text, near] {
                let _ = text.parse::<Timestamp>();
                let _ = text.parse::<PairId>();
            }
        }
    }

    #[test]
    fn times_are_those_of_the_calendar() {
        for (seconds, shown) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_795_702_000, "2026-11-26T14:06:40Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (i64::MAX, "9999-12-31T23:59:59Z"),
            (i64::MIN, "1970-01-01T00:00:00Z"),
        ] {
            assert_eq!(Timestamp::from_seconds(seconds).to_string(), shown);
        }
        for wrong in [
            "",
            "Z",
            "2026-02-30T00:00:00Z",
            "2026-2-03T00:00:000Z",
            "+026-02-03T00:00:00Z",
            " 026-02-03T00:00:00Z",
            "2026-02-03T00:00:00z",
            "2026-13-01T00:00:00Z",
            "2026-11-26T24:00:00Z",
            "1969-12-31T23:59:59Z",
        ] {
            assert!(wrong.parse::<Timestamp>().is_err(), "{wrong}");
        }
    }

    #[cfg(feature = "documents")]
    #[test]
    fn all_that_a_pair_says_is_in_its_id() {
        let pair = HumanPair {
            kind: PairKind::Correction,
            source: "a".into(),
            target: "b".into(),
            inlines: None,
            by: "c".into(),
            at: Timestamp::from_seconds(1),
            place: None,
            context: Neighbours::default(),
            origin: None,
        };
        let place = |article: &str, segment| Some(PairPlace { article: ArticleId::new(article), segment });
        let with = |before: Option<&str>, after: Option<&str>| Neighbours {
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        };
        let spans =
            |pairs: &[(std::ops::Range<usize>, std::ops::Range<usize>)]| Some(SpanPairs(pairs.to_vec()));
        let pairs = [
            pair.clone(),
            HumanPair { kind: PairKind::Suggestion, ..pair.clone() },
            HumanPair { source: "ab".into(), target: String::new(), ..pair.clone() },
            HumanPair { by: "d".into(), ..pair.clone() },
            HumanPair { at: Timestamp::from_seconds(2), ..pair.clone() },
            HumanPair { inlines: spans(&[]), ..pair.clone() },
            HumanPair { inlines: spans(&[(0..1, 0..1)]), ..pair.clone() },
            HumanPair { place: place("a", 1), ..pair.clone() },
            HumanPair { place: place("a1", 1), ..pair.clone() },
            HumanPair { context: with(Some("x"), None), ..pair.clone() },
            HumanPair { context: with(None, Some("x")), ..pair.clone() },
            HumanPair { context: with(Some(""), None), ..pair.clone() },
            HumanPair { origin: Some("x".into()), ..pair },
        ];
        let ids: Vec<PairId> = pairs.iter().map(HumanPair::id).collect();
        for (index, id) in ids.iter().enumerate() {
            assert!(!ids[..index].contains(id), "id {index} is not its own");
            assert_eq!(id.to_string().parse(), Ok(*id));
        }
        let stays = "82fc58b071999402e384a9f1485d43e90a9fa5771844522e6a53993506a29123";
        assert_eq!(ids[0].to_string(), stays, "ids stay the same from version to version");
    }
}
