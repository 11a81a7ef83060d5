//! Reading what a language model writes where JSON was asked for.

use std::collections::BTreeMap;

use serde_json::{Deserializer, Value};

use crate::engine::error::EngineError;
use crate::engine::fault::AnswerFault;
use crate::engine::lenient;

/// Places in an answer at which JSON was looked for in vain; more are only in answers that hold none.
const PLACES: usize = 32;
/// Names under which models put the translation, the one that was asked for first.
const NAMES: [&str; 5] = ["en", "translation", "english", "target", "text"];

/// The translations in a model's answer to a number of texts, in the order of their ids.
///
/// A text whose id is missing, has no translation or has several different ones is empty; ids that were not asked
/// for are ignored.
pub(super) fn texts(content: &str, sent: usize) -> Result<Vec<String>, EngineError> {
    let items = items_in(&lenient::mended(content.as_bytes()));
    if items.is_empty() {
        return Err(EngineError::unreadable("there are no translations in it"));
    }
    let mut by_id: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for Item { id, text } in items {
        by_id.entry(id).or_default().push(text);
    }
    if is_shifted(sent, |id| by_id.contains_key(&id)) {
        return Err(AnswerFault::OtherIds.into());
    }
    let only = |id| match by_id.remove(&id).as_deref() {
        Some([text, others @ ..]) if others.iter().all(|other| other == text) => text.trim().to_owned(),
        _ => String::new(),
    };
    Ok((1..=sent).map(only).collect())
}

/// Whether a model counts from nought or from two: then each id it gives is that of another text.
fn is_shifted(sent: usize, has: impl Fn(usize) -> bool) -> bool {
    has(0) && !has(sent) || has(sent + 1) && !has(1)
}

/// A translation that an answer holds.
struct Item {
    id: usize,
    text: String,
}

/// The translations in an answer, whatever stands around them: those in the first list that holds any or,
/// where the list is cut off or broken, those that can be read one by one.
fn items_in(content: &str) -> Vec<Item> {
    // Models that think aloud do so first.
    let content = content.rsplit_once("</think>").map_or(content, |(_, answer)| answer);
    let mut single = Vec::new();
    let (mut from, mut in_vain) = (0, 0);
    while in_vain < PLACES
        && let Some(start) = content[from..].find(['{', '[']).map(|at| from + at)
    {
        let mut values = Deserializer::from_str(&content[start..]).into_iter::<Value>();
        if let Some(Ok(value)) = values.next() {
            if let Some(items) = list(&value) {
                return items;
            }
            match item(&value) {
                Some(item) => single.push(item),
                None => in_vain += 1,
            }
            from = start + values.byte_offset();
        } else {
            in_vain += 1;
            from = start + 1;
        }
    }
    single
}

/// The translations in a list, or in an object that holds such a list or is one by its keys.
fn list(value: &Value) -> Option<Vec<Item>> {
    let items: Vec<Item> = match value {
        Value::Array(list) => list.iter().filter_map(item).collect(),
        Value::Object(fields) => {
            let inside = fields.values().filter(|value| value.is_array()).find_map(list);
            let numbered = |(id, text): (&String, &Value)| {
                Some(Item { id: id.trim().parse().ok()?, text: text.as_str()?.to_owned() })
            };
            inside.unwrap_or_else(|| fields.iter().filter_map(numbered).collect())
        }
        _ => Vec::new(),
    };
    (!items.is_empty()).then_some(items)
}

/// One translation; its text is empty where the object has an id only.
fn item(value: &Value) -> Option<Item> {
    let id = value.get("id")?;
    let id =
        id.as_u64().and_then(|id| usize::try_from(id).ok()).or_else(|| id.as_str()?.trim().parse().ok())?;
    let text = NAMES.iter().find_map(|name| value.get(name)?.as_str()).unwrap_or_default();
    Some(Item { id, text: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn json_is_found_in_whatever_stands_around_it() {
        let plain = r#"{"translations": [{"id": 1, "en": "One."}, {"id": 2, "en": "Two {2}."}]}"#;
        let wrapped = [
            plain.to_owned(),
            format!("```json\n{plain}\n```"),
            format!(
                "Here are the translations [as asked] {{sic}}:\n\n{plain}\nLet me know if {{you}} need more!"
            ),
            format!("<think>Maybe {{\"id\": 1, \"en\": \"Un.\"}}?</think>\n{plain}"),
            r#"[{"id": "2", "translation": "Two {2}."}, {"id": "1", "translation": "One."}]"#.to_owned(),
            r#"{"1": "One.", "2": "Two {2}."}"#.to_owned(),
            r#"{"notes": ["none"], "output": [{"id":1,"en":"One."},{"id":2,"en":"Two {2}."}]}"#.to_owned(),
        ];
        for content in wrapped {
            assert_eq!(texts(&content, 2).unwrap(), ["One.", "Two {2}."], "{content}");
        }
        assert_eq!(texts(r#"{"id": 1, "en": "One."}"#, 1).unwrap(), ["One."]);
    }

    #[test]
    fn what_is_cut_off_or_broken_is_read_item_by_item() {
        let lines = "{\"id\":1,\"en\":\"One.\"}\n{\"id\":2,\"en\":\"Two.\"}\n{\"id\":3,\"en\":\"Three.\"}";
        assert_eq!(texts(lines, 3).unwrap(), ["One.", "Two.", "Three."]);
        let cut = r#"{"translations":[{"id":1,"en":"One."},{"id":2,"en":"Two."},{"id":3,"en":"Thr"#;
        assert_eq!(texts(cut, 3).unwrap(), ["One.", "Two.", ""]);
        let broken =
            r#"[{"id":1,"en":"One "so-called" thing."},{"id":2,"en":"Two."},{"id":3,"en":"Three."}]"#;
        assert_eq!(texts(broken, 3).unwrap(), ["", "Two.", "Three."]);
        let odd = r#"[{"id":1,"en":"\ud83d One."},{"id":2,"en":null},"Three.",{"id":3,"en":["Three."]},{"id":4,"en":"Four."}]"#;
        assert_eq!(texts(odd, 4).unwrap(), ["\u{fffd} One.", "", "", "Four."]);
        let long: Vec<String> = (1..100).map(|id| format!("{{\"id\":{id},\"en\":\"x\"}}")).collect();
        assert!(texts(&format!("[{}", long.join(",")), 99).unwrap().iter().all(|text| text == "x"));
    }

    #[test]
    fn an_odd_id_affects_no_other() {
        let answer = |ids: &[u64]| {
            let items: Vec<_> = ids.iter().map(|id| format!(r#"{{"id":{id},"en":"x{id}"}}"#)).collect();
            texts(&format!("[{}]", items.join(",")), 3)
        };
        assert_eq!(answer(&[3, 1, 2]).unwrap(), ["x1", "x2", "x3"]);
        assert_eq!(answer(&[1, 3]).unwrap(), ["x1", "", "x3"]);
        assert_eq!(answer(&[1, 2, 3, 3]).unwrap(), ["x1", "x2", "x3"]);
        let twice = r#"[{"id":1,"en":"a"},{"id":2,"en":"b"},{"id":1,"en":"c"}]"#;
        assert_eq!(texts(twice, 2).unwrap(), ["", "b"]);
        assert_eq!(answer(&[1, 2, 3, 4, 99]).unwrap(), ["x1", "x2", "x3"]);
        assert_eq!(answer(&[0, 1, 2, 3]).unwrap(), ["x1", "x2", "x3"]);
        for shifted in [&[0, 1, 2][..], &[2, 3, 4], &[0], &[0, 2], &[4]] {
            assert!(
                matches!(answer(shifted), Err(EngineError::NoAnswer { fault: AnswerFault::OtherIds })),
                "{shifted:?}"
            );
        }
    }

    #[test]
    fn what_is_empty_or_no_json_is_no_translation() {
        assert_eq!(texts(r#"[{"id":1,"en":" "}]"#, 1).unwrap(), [""]);
        assert_eq!(texts(r#"[{"id":1}]"#, 1).unwrap(), [""]);
        for content in ["", "I cannot help with that.", "[[[[[[", r#"{"translations": []}"#] {
            assert!(
                matches!(texts(content, 1), Err(EngineError::NoAnswer { fault: AnswerFault::Unreadable(_) })),
                "{content}"
            );
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_never_gives_another_number(content in r#"[\[\]{}"iden:,0-9\\ä]{0,80}"#, sent in 0..4usize) {
            if let Ok(texts) = texts(&content, sent) {
                prop_assert_eq!(texts.len(), sent);
            }
        }
    }
}
