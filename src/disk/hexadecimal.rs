//! Hashes as hexadecimal digits.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

/// Writes a hash.
///
/// # Errors
/// The serializer's.
pub fn serialize<S: Serializer>(hash: &blake3::Hash, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&hash.to_hex())
}

/// Reads a hash.
///
/// # Errors
/// What stands there is none.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<blake3::Hash, D::Error> {
    blake3::Hash::from_hex(String::deserialize(deserializer)?).map_err(D::Error::custom)
}
