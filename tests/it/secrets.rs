//! Keys, whatever happens to them on the way: in no output, no log, no memory, in no spelling.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, LazyLock, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::{Map, Value, json};
use tokio::runtime::{Builder, Runtime};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::support::{Project, Ran, deepl_requests, english, finished};

/// The part of each key that all its spellings but Base64 have.
const TELLING: &str = "geheim4711";
/// The private key of an account that was made for the tests.
const PRIVATE_KEY: &str = include_str!("../fixtures/service-account/private.pem");
/// What the account's key is traded for.
const TOKEN: &str = "ya29.token/geheim4711+x\"y";

/// The profiles, with what stands in them beside the address and the key.
const PROFILES: [(&str, &str); 14] = [
    ("deepl", "kind = 'deepl'"),
    ("google", "kind = 'google'"),
    ("token", "kind = 'google'\nproject = 'presse'"),
    ("account", "kind = 'google'\nproject = 'presse'"),
    ("microsoft", "kind = 'microsoft'"),
    ("azure", "kind = 'microsoft'\napi_version = '2026-06-06'\ndeployment = 'gpt'"),
    ("amazon", "kind = 'amazon'\nregion = 'eu-central-1'"),
    ("libre", "kind = 'libretranslate'"),
    ("anthropic", "kind = 'anthropic'\nmodel = 'm'"),
    ("gemini", "kind = 'gemini'\nmodel = 'm'"),
    ("mistral", "kind = 'mistral'\nmodel = 'm'"),
    ("chat", "kind = 'openai'\nmodel = 'm'"),
    ("responses", "kind = 'openai'\nmodel = 'm'\napi = 'responses'"),
    ("ollama", "kind = 'ollama'\nmodel = 'm'"),
];

/// What a service does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Good,
    /// An error with this status that repeats what was sent.
    Repeats(u16),
    /// The same once, then it is good.
    SlowDown,
    Page,
    Redirect,
    BrokenJson,
    PlainText,
    /// JSON with 200 that says what was sent.
    ErrorIn200,
    NoTokens(u16),
}

const MOODS: [Mood; 13] = [
    Mood::Good,
    Mood::Repeats(400),
    Mood::Repeats(401),
    Mood::Repeats(403),
    Mood::Repeats(404),
    Mood::Repeats(500),
    Mood::SlowDown,
    Mood::Page,
    Mood::Redirect,
    Mood::BrokenJson,
    Mood::PlainText,
    Mood::ErrorIn200,
    Mood::NoTokens(400),
];

/// All services at one address.
#[derive(Clone)]
struct AllServices(Arc<Mutex<(Mood, usize)>>);

impl Respond for AllServices {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        if request.url.path() == "/frontend/settings" {
            return ResponseTemplate::new(404);
        }
        let (mood, number) = {
            let mut state = self.0.lock().expect("whole");
            state.1 += 1;
            *state
        };
        // Of all vendors only this one has such a path.
        if request.url.path().starts_with("/v2/")
            && let Some(refusal) = deepl_requests::refusal(request)
        {
            return refusal;
        }
        let is_trade = request.url.path() == "/token";
        if is_trade && !matches!(mood, Mood::NoTokens(_) | Mood::PlainText | Mood::BrokenJson) {
            let body = json!({ "access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer" });
            return ResponseTemplate::new(200).set_body_json(body);
        }
        let sent = what_was_sent(request, number);
        let whole = |status: u16| ResponseTemplate::new(status);
        match mood {
            Mood::NoTokens(_) if !is_trade => whole(200).set_body_json(translated(request)),
            Mood::Good => whole(200).set_body_json(translated(request)),
            Mood::Repeats(status) | Mood::NoTokens(status) => {
                let said = json!({ "message": sent, "code": status, "type": sent });
                // Trying again at once shows as much as trying again later.
                whole(status)
                    .insert_header("retry-after", "0")
                    .set_body_json(json!({ "error": said, "message": sent, "error_description": sent }))
            }
            Mood::SlowDown if number > 1 => whole(200).set_body_json(translated(request)),
            Mood::SlowDown => {
                let body = json!({ "error": { "message": sent }, "message": sent });
                whole(429).insert_header("retry-after", "0").set_body_json(body)
            }
            Mood::Page => whole(200).set_body_string(format!("<!DOCTYPE html><p>{sent}</p>")),
            Mood::Redirect => {
                let place = percent(&sent);
                whole(302).insert_header("location", format!("https://login.example/{place}?key={place}"))
            }
            Mood::BrokenJson => {
                whole(200).set_body_string(format!("{{\"error\": {{\"message\": {}", json!(sent)))
            }
            Mood::PlainText if is_trade => whole(200).set_body_string(format!("access_token={TOKEN}")),
            Mood::PlainText => whole(200).set_body_string(sent),
            Mood::ErrorIn200 => {
                whole(200).set_body_json(json!({ "error": { "message": sent }, "message": sent }))
            }
        }
    }
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat()
}

/// Secrets in what was sent, in one spelling after the other.
fn what_was_sent(request: &Request, number: usize) -> String {
    let names =
        ["authorization", "x-api-key", "x-goog-api-key", "ocp-apim-subscription-key", "x-amz-security-token"];
    let headers = names.iter().filter_map(|name| request.headers.get(*name)?.to_str().ok());
    let mut all: Vec<String> = headers.map(str::to_owned).collect();
    let body = String::from_utf8_lossy(&request.body).into_owned();
    all.extend(
        serde_json::from_str::<Value>(&body).ok().and_then(|body| Some(body["api_key"].as_str()?.to_owned())),
    );
    // Of these only signatures are sent, but who knows.
    if request.url.path() == "/" {
        all.push(secret("amazon"));
    }
    if all.iter().any(|header| header.contains(TOKEN)) || request.url.path() == "/token" {
        all.push(PRIVATE_KEY.lines().nth(3 + number % 9).expect("a line").to_owned());
        all.push(body);
    }
    let spelled = |text: &String| match number % 5 {
        0 => text.clone(),
        1 => json!(json!(text).to_string()).to_string(),
        2 => percent(text),
        3 => STANDARD.encode(text),
        _ => URL_SAFE.encode(format!("user:{text}")),
    };
    all.iter().map(spelled).collect::<Vec<_>>().join(" ")
}

/// All texts of a request, and English for them where the service has it.
fn translated(request: &Request) -> Value {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let list = |items: &Value, field: &str| -> Vec<String> {
        let items = items.as_array().cloned().unwrap_or_default();
        let text =
            |item: &Value| if field.is_empty() { item.as_str() } else { item[field].as_str() }.map(english);
        items.iter().filter_map(text).collect()
    };
    let path = request.url.path();
    let items = |name: &str, texts: Vec<String>| -> Value {
        texts.iter().map(|text| json!({ name: text })).collect()
    };
    if path.ends_with("/v2/translate") {
        return json!({ "translations": items("text", list(&body["text"], "")) });
    }
    if path.ends_with("/language/translate/v2") {
        return json!({ "data": { "translations": items("translatedText", list(&body["q"], "")) } });
    }
    if path.ends_with(":translateText") {
        return json!({ "translations": items("translatedText", list(&body["contents"], "")) });
    }
    if path == "/" {
        let text = english(body["Text"].as_str().unwrap_or_default());
        return json!({ "TranslatedText": text, "SourceLanguageCode": "de", "TargetLanguageCode": "en" });
    }
    let told = |text: String| json!({ "translations": [{ "text": text, "to": "en" }] });
    if path == "/translate" && body.is_array() {
        return list(&body, "Text").into_iter().map(told).collect();
    }
    if path == "/translate" && body["inputs"].is_array() {
        return json!({ "value": list(&body["inputs"], "text").into_iter().map(told).collect::<Vec<_>>() });
    }
    if path == "/translate" {
        return json!({ "translatedText": list(&body["q"], "") });
    }
    if path == "/v2/usage" {
        return json!({ "character_count": 1, "character_limit": 2 });
    }
    modelled(path, &body)
}

/// What a language model answers.
fn modelled(path: &str, body: &Value) -> Value {
    let last = body["messages"].as_array().and_then(|messages| messages.last());
    let prompt = [
        last.map(|message| &message["content"]),
        Some(&body["input"]),
        body.pointer("/contents/0/parts/0/text"),
    ];
    let prompt = prompt.into_iter().flatten().find_map(Value::as_str).unwrap_or_default();
    let answer = if let Ok(task) = serde_json::from_str::<Value>(prompt) {
        let segments = task["segments"].as_array().cloned().unwrap_or_default();
        let item = |item: &Value| json!({ "id": item["id"], "en": english(item["de"].as_str().unwrap_or_default()) });
        json!({ "translations": segments.iter().map(item).collect::<Vec<_>>() })
    } else {
        let lines = prompt.split_once("Segments:\n").map_or("", |(_, lines)| lines).lines();
        let pair = |line: &str| {
            let (id, text) = line.split_once(": ")?;
            Some((id.to_owned(), json!(english(&serde_json::from_str::<String>(text).ok()?))))
        };
        Value::Object(lines.filter_map(pair).collect::<Map<_, _>>())
    };
    let text = answer.to_string();
    match path {
        "/v1/messages" => json!({
            "stop_reason": "end_turn", "content": [{ "type": "text", "text": text }],
            "usage": { "input_tokens": 1, "output_tokens": 1 },
        }),
        "/v1/responses" => json!({
            "status": "completed",
            "output": [{ "type": "message", "role": "assistant", "content": [{ "type": "output_text", "text": text }] }],
        }),
        "/api/chat" => {
            json!({ "message": { "role": "assistant", "content": text }, "done": true, "done_reason": "stop" })
        }
        path if path.ends_with(":generateContent") => json!({
            "candidates": [{ "content": { "parts": [{ "text": text }] }, "finishReason": "STOP" }],
        }),
        _ => {
            json!({ "choices": [{ "message": { "role": "assistant", "content": text }, "finish_reason": "stop" }] })
        }
    }
}

/// The secret of a profile: characters that JSON and addresses escape.
fn secret(name: &str) -> String {
    format!("k\"/+=\\&{name}-{TELLING}-ende")
}

/// A key as its profile has it.
fn key(name: &str, address: &str) -> String {
    match name {
        "amazon" => json!({
            "AccessKeyId": format!("AKID{TELLING}"), "SecretAccessKey": secret("amazon"), "SessionToken": secret("sitzung"),
        })
        .to_string(),
        "account" => json!({
            "type": "service_account", "project_id": "presse", "private_key_id": "k1", "private_key": PRIVATE_KEY,
            "client_email": "bote@presse.example", "token_uri": format!("{address}/token"),
        })
        .to_string(),
        name => secret(name),
    }
}

/// Where keys come from.
const SOURCES: [&str; 3] = ["key_env = 'KEY'", "key_file = 'FILE'", "key_command = \"cat 'FILE'\""];

struct Vault {
    project: Project,
    keys: tempfile::TempDir,
    double: AllServices,
    server: MockServer,
    runtime: Runtime,
}

impl Vault {
    fn new() -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let double = AllServices(Arc::new(Mutex::new((Mood::Good, 0))));
        let server = runtime.block_on(async {
            let server = MockServer::start().await;
            Mock::given(any()).respond_with(double.clone()).mount(&server).await;
            server
        });
        let keys = tempfile::tempdir().expect("a folder");
        for (name, _) in PROFILES {
            let path = keys.path().join(name);
            fs::write(&path, key(name, &server.uri())).expect("written");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("set");
        }
        let project = Project::new().glossary(&[["Kai", "quay", ""]]);
        Self { project, keys, double, server, runtime }
    }

    /// Has all profiles take their keys from a source, at an address.
    fn configure(&self, source: &str, address: &str) {
        let mut config = "[translate]\ninput = 'seeds'\nformats = ['lines', 'jsonl']\n".to_owned();
        for (name, own) in PROFILES {
            let file = self.keys.path().join(name).display().to_string();
            let source = source.replace("FILE", &file).replace("KEY", &format!("KEY_{name}"));
            let profile =
                format!("[engines.{name}]\n{own}\nbase_url = '{address}'\nattempts = 1\n{source}\n");
            config.push_str(&profile);
        }
        self.project.put("wortlaut.toml", config);
        self.run(&["trust"]).exits(0);
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = self.project.command(arguments);
        for (name, _) in PROFILES {
            command.env(format!("KEY_{name}"), key(name, &self.server.uri()));
        }
        let ran = finished(&command.env("WORTLAUT_LOG", "trace").output().expect("started"));
        hold(&format!("{arguments:?}, standard output"), ran.stdout.as_bytes());
        hold(&format!("{arguments:?}, standard error"), ran.stderr.as_bytes());
        ran
    }

    fn set(&self, mood: Mood) {
        *self.double.0.lock().expect("whole") = (mood, 0);
    }
}

/// What must not stand anywhere, in lower case.
fn needles() -> Vec<String> {
    let mut all = vec![TELLING.to_owned(), percent(TELLING)];
    for before in ["", "x", "xy"] {
        // The letters at both ends depend on what stands around.
        let encoded = STANDARD.encode(format!("{before}{TELLING}"));
        all.push(encoded[4..encoded.len() - 4].to_owned());
    }
    all.extend(PRIVATE_KEY.lines().filter(|line| line.len() > 40).map(str::to_owned));
    // The beginning of what is signed and traded for a token.
    all.push("eyJ0eXAiOiJKV1Q".to_owned());
    all.iter().map(|needle| needle.to_ascii_lowercase()).collect()
}

#[track_caller]
fn hold(what: &str, bytes: &[u8]) {
    static NEEDLES: LazyLock<Vec<String>> = LazyLock::new(needles);
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    for needle in NEEDLES.iter() {
        if let Some(at) = text.find(needle) {
            let around = &text.as_bytes()[at.saturating_sub(300)..(at + 100).min(text.len())];
            panic!("{needle} in {what}: … {} …", String::from_utf8_lossy(around));
        }
    }
}

#[test]
fn no_key_is_seen_in_any_byte_that_is_written() {
    let vault = Vault::new();
    let address = vault.server.uri();
    let mut good = 0;
    for (number, mood) in MOODS.into_iter().enumerate() {
        vault.configure(SOURCES[number % SOURCES.len()], &address);
        // Nothing of it is in the memory.
        vault
            .project
            .put("seeds/a.txt", format!("Die Fähre {number} legt am Kai an. Es regnet {number} Tage.\n"));
        for (at, (name, _)) in PROFILES.into_iter().enumerate() {
            vault.set(mood);
            let json = if at % 2 == 0 { &["--json"][..] } else { &[] };
            let arguments = [&["translate", "--engine", name], json].concat();
            let ran = vault.run(&arguments);
            good += usize::from(ran.code == Some(0));
            if mood == Mood::Good {
                assert_eq!(ran.code, Some(0), "{name}: {}", ran.stderr);
            }
            // Each profile in some of the moods, and each mood with some of the profiles.
            if (number + at) % 4 == 0 {
                vault.set(mood);
                vault.run(&[&["engines", "test", name], json].concat());
            }
        }
        for arguments in [
            &["engines"][..],
            &["engines", "--json"],
            &["engines", "usage"],
            &["config", "show"],
            &["translate", "--dry-run"],
        ] {
            vault.set(mood);
            vault.run(arguments);
        }
        for (path, bytes) in vault.project.files(".") {
            hold(&format!("{mood:?}, {}", path.display()), &bytes);
        }
    }
    assert!(good >= PROFILES.len() * 2, "{good}");
    // Nobody answers.
    vault.configure(SOURCES[1], "http://127.0.0.1:9");
    vault.project.put("seeds/a.txt", "Die Fähre liegt still.\n");
    for (name, _) in PROFILES {
        vault.run(&["translate", "--engine", name]);
        vault.run(&["engines", "test", name]);
    }
    // The keys were sent: what is looked for would be found.
    let requests = vault.runtime.block_on(vault.server.received_requests()).expect("recorded");
    let sent = requests.iter().filter(|request| format!("{:?}", request.headers).contains(TELLING));
    assert!(sent.count() > MOODS.len() * 10);
}
