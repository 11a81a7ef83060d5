//! Glossaries at `DeepL`, against a server that keeps them as its API description says.

use std::sync::{Arc, Mutex};

use serde_json::json;
use wiremock::Request as HttpRequest;
use wiremock::matchers::any;

use super::*;
use crate::engine::{AccountUse, DeepLGlossary, Engine, EngineOptions, TermSets};

/// What the server has: id, name and entries of each glossary.
type KeptGlossaries = Arc<Mutex<Vec<(String, String, String)>>>;

/// A server with glossaries. It refuses what the description does not allow.
struct GlossaryServer(KeptGlossaries);

impl Respond for GlossaryServer {
    fn respond(&self, request: &HttpRequest) -> ResponseTemplate {
        if let Some(refusal) = deepl_requests::refusal(request) {
            return refusal;
        }
        let mut kept = self.0.lock().unwrap();
        let path = request.url.path();
        match (request.method.as_str(), path.strip_prefix("/v3/glossaries")) {
            ("GET", Some("")) => {
                let list: Vec<Value> = kept
                    .iter()
                    .map(|(id, name, _)| json!({ "glossary_id": id, "name": name, "dictionaries": [] }))
                    .collect();
                ResponseTemplate::new(200).set_body_json(json!({ "glossaries": list }))
            }
            ("POST", Some("")) => {
                let body: Value = request.body_json().unwrap();
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                let id = format!("id-{}", kept.len() + 1);
                kept.push((id.clone(), text(&body["name"]), text(&body["dictionaries"][0]["entries"])));
                ResponseTemplate::new(201).set_body_json(json!({ "glossary_id": id, "ready": true }))
            }
            ("DELETE", Some(rest)) => {
                kept.retain(|(id, ..)| rest != format!("/{id}"));
                ResponseTemplate::new(204)
            }
            ("GET", None) if path == "/v2/usage" => ResponseTemplate::new(200).set_body_json(json!({
                "character_count": 900, "character_limit": 1_000_000_000_000_u64,
                "api_key_character_count": 20, "api_key_character_limit": 5_000, "end_time": "2026-12-01T00:00:00Z",
            })),
            _ => {
                let body: Value = request.body_json().unwrap();
                let is_there = |id: &str| kept.iter().any(|(kept, ..)| kept == id) || id == "die-meine";
                if body["glossary_id"].as_str().is_some_and(|id| !is_there(id)) {
                    let gone = json!({ "message": "Glossary not found" });
                    return ResponseTemplate::new(404).set_body_json(gone);
                }
                let text = |text: &Value| json!({ "text": format!("{} {text}", body["glossary_id"]) });
                let items: Vec<Value> = body["text"].as_array().unwrap().iter().map(text).collect();
                ResponseTemplate::new(200).set_body_json(json!({ "translations": items }))
            }
        }
    }
}

async fn glossary_server() -> (MockServer, KeptGlossaries) {
    let (server, kept) = (MockServer::start().await, KeptGlossaries::default());
    Mock::given(any()).respond_with(GlossaryServer(Arc::clone(&kept))).mount(&server).await;
    (server, kept)
}

fn with_glossary(server: &MockServer, glossary: DeepLGlossary) -> Arc<dyn Engine> {
    let mut profile = profile(EngineKind::DeepL, server);
    let EngineOptions::DeepL(_, options) = &mut profile.options else { panic!("a profile for DeepL") };
    options.glossary = glossary;
    build(&profile).unwrap()
}

fn hint(term: &(&str, &str)) -> TermHint {
    TermHint { source: term.0.to_owned(), target: term.1.to_owned() }
}

fn sets(owner: &str, sets: &[&[(&str, &str)]]) -> TermSets {
    let set = |terms: &&[(&str, &str)]| terms.iter().map(hint).collect();
    TermSets { owner: owner.to_owned(), sets: sets.iter().map(set).collect() }
}

fn names(kept: &KeptGlossaries) -> Vec<String> {
    kept.lock().unwrap().iter().map(|(_, name, _)| name.clone()).collect()
}

#[tokio::test]
async fn a_glossary_is_made_once_and_replaced_when_it_changed() {
    let (server, kept) = glossary_server().await;
    kept.lock().unwrap().push(("own".to_owned(), "wortlaut's rival".to_owned(), String::new()));
    let first = sets("haus", &[&[("Kai", "quay"), ("Kais", "quay")]]);
    for _ in 0..2 {
        let engine = with_glossary(&server, DeepLGlossary::Project);
        engine.upkeep().unwrap().keep_terms(&first).await.unwrap();
    }
    assert_eq!(kept.lock().unwrap()[1].2, "Kai\tquay\nKais\tquay\n");
    let before = names(&kept);
    assert_eq!(before.len(), 2, "{before:?}");
    let engine = with_glossary(&server, DeepLGlossary::Project);
    let upkeep = engine.upkeep().unwrap();
    upkeep.keep_terms(&sets("werft", &[&[("Kran", "crane")]])).await.unwrap();
    upkeep.keep_terms(&sets("haus", &[&[("Kai", "wharf")]])).await.unwrap();
    let after = names(&kept);
    assert!(!after.contains(&before[1]) && after.len() == 3, "another project's stays: {after:?}");
    assert_eq!(upkeep.clean(Some("haus")).await.unwrap().len(), 1);
    assert_eq!(upkeep.clean(None).await.unwrap().len(), 1);
    assert_eq!(names(&kept), ["wortlaut's rival"], "what somebody made by hand stays");
}

#[tokio::test]
async fn a_text_goes_with_the_glossary_that_says_the_same_of_it() {
    let (server, kept) = glossary_server().await;
    let engine = with_glossary(&server, DeepLGlossary::Project);
    let general: &[_] = &[("Kai", "quay"), ("Fähre", "ferry")];
    let harbour: &[_] = &[("Kai", "wharf"), ("Fähre", "ferry")];
    engine.upkeep().unwrap().keep_terms(&sets("haus", &[general, harbour])).await.unwrap();
    let sent = |terms: &[&[(&str, &str)]], texts: &[&str]| {
        let mut batch = batch(texts);
        for (request, terms) in batch.requests.iter_mut().zip(terms) {
            request.terms = terms.iter().map(hint).collect();
        }
        let engine = Arc::clone(&engine);
        async move { engine.translate(&batch).await.unwrap()[0].text.clone() }
    };
    let text = "Die Fähre liegt am Kai.";
    assert!(sent(&[general], &[text]).await.starts_with("\"id-1\""));
    assert!(sent(&[harbour], &[text]).await.starts_with("\"id-2\""));
    // One article calls it a wharf, the other a quay: both hold afterwards.
    assert!(sent(&[general, harbour], &[text, text]).await.starts_with("null"));
    // Here it is a person.
    assert!(sent(&[&[("Fähre", "ferry")]], &["Kai nimmt die Fähre."]).await.starts_with("null"));
    assert!(
        sent(&[&[("Fähre", "ferry")]], &["Die Fähre ist am Kaiser vorbei."]).await.starts_with("\"id-1\"")
    );
    assert!(sent(&[&[]], &["Es regnet."]).await.starts_with("null"));
    // Somebody deletes it in the middle of a run.
    kept.lock().unwrap().remove(0);
    assert!(sent(&[general], &[text]).await.starts_with("null"));
    assert!(sent(&[harbour], &[text]).await.starts_with("\"id-2\""));
}

#[tokio::test]
async fn a_glossary_of_the_users_own_goes_with_every_text() {
    let (server, kept) = glossary_server().await;
    let engine = with_glossary(&server, DeepLGlossary::Id("die-meine".to_owned()));
    assert!(!engine.upkeep().unwrap().wants_terms() && !engine.info().abilities.terms);
    let answer = engine.translate(&batch(&["Es regnet."])).await.unwrap();
    assert!(answer[0].text.starts_with("\"die-meine\""), "{answer:?}");
    let plain = with_glossary(&server, DeepLGlossary::None);
    assert_ne!(plain.info().fingerprint, engine.info().fingerprint);
    assert!(kept.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_account_is_that_of_the_key_if_it_has_a_limit() {
    let (server, _) = glossary_server().await;
    let engine = with_glossary(&server, DeepLGlossary::None);
    let account = engine.upkeep().unwrap().account().await.unwrap();
    let until = Some("2026-12-01T00:00:00Z".to_owned());
    assert_eq!(account, Some(AccountUse { used: 20, limit: Some(5_000), until }));
    assert_eq!(engine.requests(), 0, "only translations count");
    assert_eq!(engine.upkeep().unwrap().account_before(), None);
    for _ in 0..2 {
        engine.translate(&batch(&["Es regnet."])).await.unwrap();
    }
    assert_eq!(engine.upkeep().unwrap().account_before(), account);
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.iter().filter(|request| request.url.path() == "/v2/usage").count(), 2, "once a run");
}
