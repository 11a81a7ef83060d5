//! Reading what a language model writes where JSON was asked for.

use serde_json::{Deserializer, Value};

use crate::engine::EngineError;

/// Places in an answer at which JSON is looked for; more are only in answers that hold none.
const PLACES: usize = 32;
/// Names under which models put the translation, the one that was asked for first.
const NAMES: [&str; 5] = ["en", "translation", "english", "target", "text"];

/// The translations in a model's answer to so many texts, in the order of their ids.
pub(super) fn texts(content: &str, sent: usize) -> Result<Vec<String>, EngineError> {
    let items = items_in(content)
        .ok_or_else(|| EngineError::Malformed("there are no translations in it".to_owned()))?;
    let mut slots: Vec<Option<String>> = vec![None; sent];
    for (id, text) in items {
        let slot = usize::try_from(id).ok().and_then(|id| slots.get_mut(id.checked_sub(1)?));
        let slot = slot.ok_or_else(|| EngineError::Malformed(format!("there is no text {id}")))?;
        if slot.is_some() {
            return Err(EngineError::Malformed(format!("text {id} is translated twice")));
        }
        *slot = Some(text);
    }
    // A model that leaves a text empty has not translated it.
    let filled: Vec<String> = slots.into_iter().flatten().filter(|text| !text.trim().is_empty()).collect();
    let got = filled.len();
    if got == sent { Ok(filled) } else { Err(EngineError::WrongCount { sent, got }) }
}

/// The first JSON in an answer that holds translations, whatever stands around it.
fn items_in(content: &str) -> Option<Vec<(u64, String)>> {
    // Models that think aloud do so first.
    let content = content.rsplit_once("</think>").map_or(content, |(_, answer)| answer);
    let mut from = 0;
    for _ in 0..PLACES {
        let start = from + content[from..].find(['{', '['])?;
        let mut values = Deserializer::from_str(&content[start..]).into_iter::<Value>();
        from = match values.next() {
            Some(Ok(value)) => match items(&value) {
                Some(items) => return Some(items),
                None => start + values.byte_offset(),
            },
            _ => start + 1,
        };
    }
    None
}

fn items(value: &Value) -> Option<Vec<(u64, String)>> {
    match value {
        Value::Array(list) => {
            let items: Option<Vec<_>> = list.iter().map(item).collect();
            items.filter(|items| !items.is_empty())
        }
        Value::Object(fields) => {
            let inside = fields.values().filter(|value| value.is_array()).find_map(items);
            let numbered = || fields.iter().map(|(id, text)| Some((id.parse().ok()?, string(text)?)));
            inside.or_else(|| item(value).map(|item| vec![item])).or_else(|| {
                let items: Option<Vec<_>> = numbered().collect();
                items.filter(|items| !items.is_empty())
            })
        }
        _ => None,
    }
}

fn item(value: &Value) -> Option<(u64, String)> {
    let id = value.get("id")?;
    let id = id.as_u64().or_else(|| id.as_str()?.trim().parse().ok())?;
    NAMES.iter().find_map(|name| Some((id, string(value.get(name)?)?)))
}

fn string(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
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
    fn ids_are_checked() {
        let answer = |ids: &[u64]| {
            let items: Vec<_> = ids.iter().map(|id| format!(r#"{{"id":{id},"en":"x"}}"#)).collect();
            texts(&format!("[{}]", items.join(",")), 3)
        };
        assert!(answer(&[3, 1, 2]).is_ok());
        assert_eq!(answer(&[1, 3]), Err(EngineError::WrongCount { sent: 3, got: 2 }));
        assert!(matches!(answer(&[1, 2, 3, 3]), Err(EngineError::Malformed(_))));
        assert!(matches!(answer(&[1, 2, 3, 4]), Err(EngineError::Malformed(_))));
        assert!(matches!(answer(&[0, 1, 2]), Err(EngineError::Malformed(_))));
    }

    #[test]
    fn what_is_empty_or_no_json_is_no_translation() {
        assert_eq!(texts(r#"[{"id":1,"en":" "}]"#, 1), Err(EngineError::WrongCount { sent: 1, got: 0 }));
        for content in ["", "I cannot help with that.", "[[[[[[", r#"{"translations": []}"#, r#"[{"id":1}]"#]
        {
            assert!(matches!(texts(content, 1), Err(EngineError::Malformed(_))), "{content}");
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
