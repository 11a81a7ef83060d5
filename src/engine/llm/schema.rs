//! What an answer must look like, as JSON Schema.

use serde_json::{Map, Value, json};

/// Bytes that a text adds to a schema: its id as a property and among those required. A schema may stand in a body twice, the
/// second time in a string.
pub(super) const SEGMENT: usize = 80;

/// Ids for a number of texts, padded with zeros to equal length: services write the keys of an object in the order of the
/// schema, or sorted, and padded ids keep the order of the texts either way.
pub(super) fn ids(count: usize) -> Vec<String> {
    let width = count.to_string().len();
    (1..=count).map(|id| format!("{id:0width$}")).collect()
}

/// An object with a required key for each id. Not every service can fix the length of a list in a schema, but all can
/// require the keys of an object.
pub(super) fn by_ids(ids: &[String]) -> Value {
    let properties: Map<String, Value> =
        ids.iter().map(|id| (id.clone(), json!({ "type": "string" }))).collect();
    json!({ "type": "object", "properties": properties, "required": ids, "additionalProperties": false })
}

/// A list of texts with their ids, as the first prompt asks for it.
pub(super) fn listed() -> Value {
    json!({
        "type": "object",
        "properties": {
            "translations": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": { "id": { "type": "integer" }, "en": { "type": "string" } },
                    "required": ["id", "en"],
                    "additionalProperties": false,
                },
            },
        },
        "required": ["translations"],
        "additionalProperties": false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_in_the_order_of_their_names() {
        for count in [1, 9, 10, 12, 100, 101] {
            let ids = ids(count);
            assert!(ids.is_sorted() && ids.len() == count);
            let schema = by_ids(&ids);
            let keys: Vec<_> = schema["properties"].as_object().unwrap().keys().cloned().collect();
            assert_eq!(keys, ids);
            assert_eq!(ids.last().unwrap().parse(), Ok(count), "an id can be read as its number");
        }
    }
}
