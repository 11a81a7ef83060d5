//! What DeepL's description allows in a request, so that a double refuses the rest.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use wiremock::{Request, ResponseTemplate};

/// The description as a table.
const TABLE: &str = include_str!("../fixtures/deepl/requests.tsv");

/// What may stand in one place of a request.
#[derive(Debug, Clone, Copy)]
struct FieldRule {
    field: &'static str,
    /// `none` and `bytes MOST` are of bodies. `text`: not empty. `texts LEAST-MOST`, of so many characters each after `of`.
    /// `objects LEAST-MOST`. `number LEAST-MOST`. `one of A|B`. `bool`. `uuid`. `tsv`: two cells a line, the first ones all
    /// different.
    kind: &'static str,
    needs: &'static str,
}

/// The answer of a service that refuses what its description does not allow; `None` if there is nothing to refuse.
pub(crate) fn refusal(request: &Request) -> Option<ResponseTemplate> {
    let faults = faults(request);
    let reason = format!("Bad request. Reason: {}", faults.join("; "));
    (!faults.is_empty()).then(|| ResponseTemplate::new(400).set_body_json(json!({ "message": reason })))
}

/// All that the description does not allow in a request.
pub(crate) fn faults(request: &Request) -> Vec<String> {
    let (method, path) = (request.method.as_str(), request.url.path());
    let rules = rules(method, path);
    let mut faults = Vec::new();
    let header =
        |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !header("authorization").starts_with("DeepL-Auth-Key ") || header("user-agent").is_empty() {
        faults.push("it does not say who asks".to_owned());
    }
    if rules.is_empty() {
        faults.push(format!("{method} {path} is no request"));
        return faults;
    }
    let whole = rules.iter().find(|rule| rule.field == "(body)").map_or("", |rule| rule.kind);
    if whole == "none" {
        faults.extend((!request.body.is_empty()).then(|| "a body".to_owned()));
        return faults;
    }
    if whole.strip_prefix("bytes ").is_some_and(|most| request.body.len() > number(most)) {
        faults.push(format!("a body of {} bytes", request.body.len()));
    }
    if header("content-type") != "application/json" {
        faults.push("a body that is not called JSON".to_owned());
    }
    match request.body_json::<Map<String, Value>>() {
        Ok(body) => faults_of_fields(&body, &rules, &mut faults),
        Err(error) => faults.push(format!("the body is no object: {error}")),
    }
    faults
}

/// The rules of a request.
fn rules(method: &str, path: &str) -> Vec<FieldRule> {
    let is_step = |(there, here): (&str, &str)| there == here || there == "*" && !here.is_empty();
    let is_of = |pattern: &str| {
        pattern.split_once(' ').is_some_and(|(of, there)| {
            let same = there.split('/').count() == path.split('/').count();
            of == method && same && there.split('/').zip(path.split('/')).all(is_step)
        })
    };
    let rows = TABLE.lines().filter(|line| !line.starts_with('#')).skip(1);
    let rule = |row: &'static str| {
        let mut cells = row.split('\t');
        let mut cell = || cells.next().unwrap_or_default();
        is_of(cell()).then(|| FieldRule { field: cell(), kind: cell(), needs: cell() })
    };
    rows.filter_map(rule).collect()
}

/// Holds the fields of an object against the rules for them.
fn faults_of_fields(object: &Map<String, Value>, rules: &[FieldRule], faults: &mut Vec<String>) {
    let known: BTreeSet<&str> = rules.iter().map(|rule| rule.field).collect();
    for name in object.keys().filter(|name| !known.contains(name.as_str())) {
        faults.push(format!("no field {name}"));
    }
    for FieldRule { field, kind, needs } in rules.iter().filter(|rule| !rule.field.contains(['.', '('])) {
        let Some(value) = object.get(*field) else {
            faults.extend((*needs == "always").then(|| format!("{field} is missing")));
            continue;
        };
        if !is_of_kind(value, kind) {
            faults.push(format!("{field} is not {kind}"));
        }
        for need in needs.split_whitespace() {
            let (is_there, other) = match (need.strip_prefix('+'), need.strip_prefix('-')) {
                (Some(other), _) => (true, other),
                (_, Some(other)) => (false, other),
                _ => continue,
            };
            if object.contains_key(other) != is_there {
                faults.push(format!("{field} {} {other}", if is_there { "without" } else { "with" }));
            }
        }
        let inner = rules.iter().filter_map(|rule| {
            let field = rule.field.strip_prefix(field)?.strip_prefix('.')?;
            Some(FieldRule { field, ..*rule })
        });
        let inner: Vec<FieldRule> = inner.collect();
        for item in value.as_array().into_iter().flatten().filter_map(Value::as_object) {
            faults_of_fields(item, &inner, faults);
        }
    }
}

fn is_of_kind(value: &Value, kind: &str) -> bool {
    let (name, more) = kind.split_once(' ').unwrap_or((kind, ""));
    let (within, length) = more.split_once(" of ").unwrap_or((more, ""));
    let is_within = |count: usize| {
        within.split_once('-').is_some_and(|(least, most)| (number(least)..=number(most)).contains(&count))
    };
    let length = if length.is_empty() { usize::MAX } else { number(length) };
    let is_text =
        |value: &Value| value.as_str().is_some_and(|text| !text.is_empty() && text.chars().count() <= length);
    let list = || value.as_array().filter(|list| is_within(list.len()));
    match name {
        "text" => is_text(value),
        "texts" => list().is_some_and(|texts| texts.iter().all(is_text)),
        "objects" => list().is_some_and(|objects| objects.iter().all(Value::is_object)),
        "number" => value.as_u64().is_some_and(|number| usize::try_from(number).is_ok_and(is_within)),
        "one" => {
            value.as_str().is_some_and(|value| more["of ".len()..].split('|').any(|known| known == value))
        }
        "bool" => value.is_boolean(),
        "uuid" => value.as_str().is_some_and(is_uuid),
        "tsv" => value.as_str().is_some_and(is_dictionary),
        _ => panic!("no kind of value: {kind}"),
    }
}

fn number(text: &str) -> usize {
    text.parse().expect("a number in the table")
}

fn is_uuid(text: &str) -> bool {
    let parts: Vec<usize> = text.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12] && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

fn is_dictionary(text: &str) -> bool {
    let mut sources = BTreeSet::new();
    let is_entry = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        cells.len() == 2 && cells.iter().all(|cell| !cell.is_empty() && cell.trim() == *cell)
    };
    !text.is_empty()
        && text
            .lines()
            .all(|line| is_entry(line) && sources.insert(line.split('\t').next().map(str::to_owned)))
}
