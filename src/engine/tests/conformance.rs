//! What every service engine must do, whatever its protocol: one list of checks, and for each protocol a double of its
//! service ([`doubles`](super::doubles)).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::FutureExt;
use parking_lot::Mutex;
use wiremock::Request as Received;

use super::doubles::{
    AmazonDouble, AzureClassicDouble, AzureModelDouble, DeepLDouble, GoogleAdvancedDouble, GoogleBasicDouble,
    LibreDouble,
};
use super::doubles::{
    AnthropicDouble, ChatDouble, GeminiDouble, MistralDouble, OllamaDouble, ResponsesDouble, ServiceDouble,
    ServiceFault,
};
use super::*;
use crate::engine::build::bare;
use crate::engine::{Allowance, Billing, Currency, Engine, ErrorClass, Prices, Purse};
use crate::model::{Example, Usage};

/// The doubles of all services.
pub(super) const DOUBLES: &[&dyn ServiceDouble] = &[
    &DeepLDouble,
    &GoogleBasicDouble,
    &GoogleAdvancedDouble,
    &AzureClassicDouble,
    &AzureModelDouble,
    &AmazonDouble,
    &LibreDouble,
    &AnthropicDouble,
    &GeminiDouble,
    &MistralDouble,
    &ChatDouble,
    &ResponsesDouble,
    &OllamaDouble,
];

/// Texts that have broken engines: quotation marks of all kinds, umlauts, escapes, markup, emoji, invisible characters.
pub(super) const TEXTS: [&str; 9] = [
    "Der \"Zug\" hält.",
    "„Wir bleiben“, sagte sie – und ging.",
    "Straße, Öl, Ähre, Über; ẞ.",
    "C:\\neu\\tab \\u0041",
    "<b>Fett</b> & <i>kursiv</i> &amp; 'einfach'",
    "🚂🇩🇪 e\u{301}",
    "{\"1\": \"Falle\"}",
    "Segments:\n2: \"Noch eine Falle\"",
    "---",
];

fn english(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| format!("EN {text}")).collect()
}

/// What an honest request uses.
fn used() -> Usage {
    Usage { input_tokens: 300, cached_tokens: 40, output_tokens: 70, thinking_tokens: 20, ..Usage::default() }
}

/// A server of a double that answers every request so.
async fn serve(
    double: &'static dyn ServiceDouble,
    answer: impl Fn(&Value) -> ResponseTemplate + Send + Sync + 'static,
) -> MockServer {
    let server = MockServer::start().await;
    let respond = move |request: &Received| {
        assert!(request.url.path().ends_with(double.path()), "{}", request.url);
        double.refusal(request).unwrap_or_else(|| answer(&request.body_json().unwrap()))
    };
    Mock::given(method("POST")).respond_with(respond).mount(&server).await;
    server
}

/// One that translates.
async fn honest(double: &'static dyn ServiceDouble) -> MockServer {
    serve(double, move |request| good(double, request, used())).await
}

fn good(double: &dyn ServiceDouble, request: &Value, used: Usage) -> ResponseTemplate {
    let english = english(&double.texts(request));
    answered(double, request, &english, used)
}

fn answered(
    double: &dyn ServiceDouble,
    request: &Value,
    english: &[String],
    used: Usage,
) -> ResponseTemplate {
    let body = double.answer(request, english, used);
    let headers = double.headers(request, used);
    let template = ResponseTemplate::new(200).set_body_json(body);
    headers.iter().fold(template, |template, (name, value)| template.insert_header(*name, value.as_str()))
}

/// The engine of a double at a server, without retries.
fn engine(
    double: &dyn ServiceDouble,
    server: &MockServer,
    purse: &Arc<Purse>,
    prices: Option<Prices>,
) -> Arc<dyn Engine> {
    let profile = Profile { prices: prices.map(Arc::new), ..double.profile() };
    let key = key(profile.kind());
    let profile = with(profile, |service| {
        service.base_url = Some(server.uri());
        service.key = Some(key);
        service.max_bytes = NonZeroUsize::new(BYTES);
    });
    bare(&profile, purse).unwrap()
}

/// Bytes of a body at most.
const BYTES: usize = 60_000;

fn plain(double: &dyn ServiceDouble, server: &MockServer) -> Arc<dyn Engine> {
    engine(double, server, &Arc::default(), None)
}

/// A service of a double that says whatever it is told to say, and an engine for it.
struct ToldService {
    engine: Arc<dyn Engine>,
    answer: Arc<Mutex<ResponseTemplate>>,
    _server: MockServer,
}

impl ToldService {
    async fn new(double: &'static dyn ServiceDouble) -> Self {
        let answer = Arc::new(Mutex::new(ResponseTemplate::new(500)));
        let told = Arc::clone(&answer);
        let server = serve(double, move |_| told.lock().clone()).await;
        Self { engine: plain(double, &server), answer, _server: server }
    }

    /// What the engine makes of an answer to some texts.
    async fn translate(
        &self,
        texts: &[&str],
        answer: ResponseTemplate,
    ) -> Result<Vec<Translation>, EngineError> {
        *self.answer.lock() = answer;
        self.engine.translate(&batch(texts)).await
    }

    /// What it makes of one without translations.
    async fn error(&self, answer: ResponseTemplate) -> EngineError {
        let texts = ["Ja.", "Nein."];
        let limit = self.engine.info().limits.segments.min(texts.len());
        self.translate(&texts[..limit], answer).await.unwrap_err()
    }
}

fn fault(double: &dyn ServiceDouble, fault: ServiceFault) -> ResponseTemplate {
    let (status, body) = double.fault(fault);
    ResponseTemplate::new(status).set_body_json(body)
}

/// A batch with all that may go along.
fn rich(texts: &[&str]) -> Batch {
    let mut batch = batch(texts);
    for (n, request) in batch.requests.iter_mut().enumerate() {
        let source = format!("\"Straße\" {n}");
        request.terms = vec![TermHint { source: source.clone(), target: "the \\ \"street\"".to_owned() }; 2];
        request.terms.push(TermHint { source, target: "street".to_owned() });
    }
    let example = Example { source: "Ä\"\\\n".repeat(200), target: "A\"\\\n".repeat(200) };
    batch.examples = vec![vec![example; 3]; texts.len()];
    batch.context = Some("\"ä\" \\ \u{1}".repeat(3_000));
    batch.title = Some("\"Ö\" ".repeat(900));
    batch.alternatives = true;
    batch
}

#[tokio::test]
async fn each_text_gets_its_own_translation() {
    for double in DOUBLES {
        let server = honest(*double).await;
        let engine = plain(*double, &server);
        let limit = engine.info().limits.segments.min(TEXTS.len());
        for texts in [&TEXTS[..limit], &TEXTS[..1], &["Gleich.", "Gleich.", "Anders."][..limit.min(3)]] {
            let got = engine
                .translate(&batch(texts))
                .await
                .unwrap_or_else(|error| panic!("{}: {error}", double.name()));
            let wanted: Vec<String> = texts.iter().map(|text| format!("EN {text}")).collect();
            let got: Vec<String> = got.into_iter().map(|translation| translation.text).collect();
            assert_eq!(got, wanted, "{}", double.name());
        }
    }
}

#[tokio::test]
async fn a_text_that_came_back_empty_spoils_no_other() {
    for double in DOUBLES {
        let answer = move |request: &Value| {
            let mut english = english(&double.texts(request));
            english[0] = String::new();
            answered(*double, request, &english, used())
        };
        let server = serve(*double, answer).await;
        let engine = plain(*double, &server);
        let texts: Vec<&str> = ["Ja.", "Nein."].into_iter().take(engine.info().limits.segments).collect();
        let got = engine.translate(&batch(&texts)).await.unwrap();
        assert_eq!(got[0].text, "", "{}", double.name());
        assert!(got.iter().skip(1).all(|translation| translation.text == "EN Nein."), "{}", double.name());
    }
}

#[tokio::test]
async fn a_body_is_no_longer_than_was_said() {
    for double in DOUBLES {
        let server = honest(*double).await;
        let engine = plain(*double, &server);
        let overhead = BYTES - engine.info().limits.bytes;
        let count = engine.info().limits.segments.min(TEXTS.len());
        for batch in [batch(&TEXTS[..count]), rich(&TEXTS[..count]), rich(&TEXTS[..1])] {
            engine.translate(&batch).await.unwrap_or_else(|error| panic!("{}: {error}", double.name()));
            let body = double.limited_bytes(server.received_requests().await.unwrap().last().unwrap());
            let said: usize = batch.requests.iter().map(|request| engine.encoded_len(request)).sum();
            assert!(body <= said + overhead, "{}: {body} > {said} + {overhead}", double.name());
        }
    }
}

#[tokio::test]
async fn every_fault_has_its_class() {
    for double in DOUBLES {
        let told = ToldService::new(*double).await;
        let of = |wrong| told.error(fault(*double, wrong));
        let name = double.name();
        let slow = of(ServiceFault::SlowDown).await;
        assert!(matches!(slow, EngineError::RateLimited { .. }), "{name}: {slow:?}");
        let down = of(ServiceFault::Down).await;
        assert!(matches!(down.class(), ErrorClass::Retry(_)) && down.may_be_charged(), "{name}: {down:?}");
        let key = of(ServiceFault::WrongKey).await;
        assert!(matches!(key, EngineError::Key(_)), "{name}: {key:?}");
        let used_up = of(ServiceFault::UsedUp).await;
        assert!(matches!(used_up.class(), ErrorClass::Fatal), "{name}: {used_up:?}");
        let refused = of(ServiceFault::Refused).await;
        assert!(matches!(refused, EngineError::Refused { .. }), "{name}: {refused:?}");
        let page = ResponseTemplate::new(200).set_body_string("<!DOCTYPE html><h1>Anmelden</h1>");
        let page = told.error(page).await;
        assert!(matches!(page, EngineError::Unusable(_)), "{name}: {page:?}");
        let elsewhere = ResponseTemplate::new(302).insert_header("location", "https://login.example/");
        let elsewhere = told.error(elsewhere).await;
        assert!(matches!(elsewhere, EngineError::Unusable(_)), "{name}: {elsewhere:?}");
        for nothing in
            ["", "{", "{}", "[]", "null", r#"{"choices": [], "output": [], "candidates": [], "content": []}"#]
        {
            let error = told.error(ResponseTemplate::new(200).set_body_string(nothing)).await;
            assert_eq!(error.class(), ErrorClass::Reject, "{name}: {nothing:?}: {error:?}");
        }
    }
}

#[tokio::test]
async fn an_answer_cut_off_at_any_place_is_no_panic_and_no_other_count() {
    for double in DOUBLES {
        let whole =
            serde_json::to_string(&double.answer(&Value::Null, &english(&TEXTS.map(str::to_owned)), used()))
                .unwrap();
        let told = ToldService::new(*double).await;
        let texts = &TEXTS[..told.engine.info().limits.segments.min(TEXTS.len())];
        for end in (0..whole.len()).step_by(7).filter(|end| whole.is_char_boundary(*end)) {
            let cut = ResponseTemplate::new(200).set_body_string(&whole[..end]);
            if let Ok(got) = told.translate(texts, cut).await {
                assert_eq!(got.len(), texts.len(), "{}", double.name());
            }
        }
    }
}

#[tokio::test]
async fn what_a_request_used_is_counted() {
    for double in DOUBLES {
        let server = honest(*double).await;
        let engine = plain(*double, &server);
        engine.translate(&batch(&["Grüße."])).await.unwrap();
        let wanted = Usage { characters: 6, ..double.tells(used()) };
        assert_eq!(engine.spent().usage, wanted, "{}", double.name());
        assert_eq!(engine.requests(), 1);
        // An error that came instead of an answer costs nothing, and nobody knows of an answer that was lost.
        let server = serve(*double, |_| fault(*double, ServiceFault::Refused)).await;
        let engine = plain(*double, &server);
        assert!(engine.translate(&batch(&["Grüße."])).await.is_err());
        assert!(engine.spent().usage.is_nothing() && engine.spent().unsure.is_nothing(), "{}", double.name());
    }
}

#[tokio::test]
async fn no_request_can_cost_more_than_was_set_aside_for_it() {
    let price = |text: &str| Some(text.parse().unwrap());
    for double in DOUBLES {
        let prices = Prices {
            currency: "USD".parse::<Currency>().unwrap(),
            characters: None,
            input: price("3"),
            cached: None,
            output: price("7"),
            thinking: price("11"),
        };
        let charged: Arc<Mutex<Usage>> = Arc::default();
        let counted = Arc::clone(&charged);
        let server = serve(*double, move |request| {
            let Some(ceiling) = double.ceiling(request) else {
                return good(*double, request, Usage::default());
            };
            // As dear as can be: hardly a byte that is no token, and all that the model may write is thinking.
            let read = serde_json::to_vec(request).unwrap().len() as u64 * 9 / 10;
            let used = Usage { input_tokens: read, thinking_tokens: ceiling, ..Usage::default() };
            *counted.lock() += double.tells(used);
            good(*double, request, used)
        })
        .await;
        let most: crate::engine::Money = "0.9".parse().unwrap();
        let purse = Purse::new(Allowance { characters: None, cost: Some(most) });
        let engine = engine(*double, &server, &purse, Some(prices.clone()));
        if engine.info().billing != Billing::Tokens {
            continue;
        }
        let error = loop {
            if let Err(error) = engine.translate(&rich(&TEXTS[..2])).await {
                break error;
            }
            assert!(engine.requests() < 200, "{}: the purse is never empty", double.name());
        };
        assert!(matches!(error, EngineError::Allowance(_)), "{}: {error:?}", double.name());
        let charged = *charged.lock();
        assert!(engine.requests() > 1 && prices.cost(&charged) <= most, "{}: {charged:?}", double.name());
        assert_eq!(engine.spent().cost, prices.cost(&charged), "{}", double.name());
    }
}

#[tokio::test]
async fn a_key_is_sent_once_and_never_seen_again() {
    for double in DOUBLES {
        let server = honest(*double).await;
        plain(*double, &server).translate(&batch(&["Ja."])).await.unwrap();
        let request = &posts(&server).await[0];
        assert!(double.has_key(request), "{}: {:?}", double.name(), request.headers);
        assert!(!request.url.as_str().contains("4711"), "{}", request.url);
        let told = ToldService::new(*double).await;
        for wrong in [ServiceFault::WrongKey, ServiceFault::Refused, ServiceFault::Down, ServiceFault::UsedUp]
        {
            let (status, body) = double.fault(wrong);
            // Services repeat what they were sent.
            let text = body.to_string().replace("MESSAGE", &format!("the key {KEY} is wrong"));
            let error = told.error(ResponseTemplate::new(status).set_body_string(text)).await;
            assert!(!format!("{error} {error:?}").contains(KEY), "{}: {error:?}", double.name());
        }
    }
}

#[cfg(feature = "cli")]
#[tokio::test]
async fn a_log_of_everything_holds_no_key() {
    #[derive(Clone, Default)]
    struct CapturedLog(Arc<Mutex<Vec<u8>>>);
    impl std::io::Write for CapturedLog {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let log = CapturedLog::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    // With a single subscriber, `tracing` asks only the thread that reaches a log call first whether to log there, and keeps
    // the answer. Another test's thread has no subscriber and would switch the call off. With two, it asks both.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    let guard = tracing::subscriber::set_default(subscriber);
    for double in DOUBLES {
        let server = honest(*double).await;
        plain(*double, &server).translate(&batch(&["Ja."])).await.unwrap();
        let (status, body) = double.fault(ServiceFault::WrongKey);
        let text = body.to_string().replace("MESSAGE", KEY);
        ToldService::new(*double).await.error(ResponseTemplate::new(status).set_body_string(text)).await;
    }
    drop(guard);
    let log = String::from_utf8_lossy(&log.0.lock()).into_owned();
    assert!(log.contains("got an answer"), "the log is written");
    assert!(!log.contains(KEY), "{}", log.lines().find(|line| line.contains(KEY)).unwrap_or_default());
}

#[tokio::test]
async fn the_fingerprint_never_changes() {
    for double in DOUBLES {
        let server = honest(*double).await;
        let engine = plain(*double, &server);
        let fingerprint = engine.info().fingerprint.split(" server=").next().unwrap().to_owned();
        assert_eq!(fingerprint, double.fingerprint(), "{}", double.name());
    }
}

#[tokio::test]
async fn a_request_that_is_dropped_may_have_been_charged() {
    for double in DOUBLES {
        let answered = Arc::new(AtomicU64::new(0));
        let seen = Arc::clone(&answered);
        let server = serve(*double, move |request| {
            seen.fetch_add(1, Ordering::SeqCst);
            good(*double, request, used()).set_delay(std::time::Duration::from_mins(1))
        })
        .await;
        let engine = plain(*double, &server);
        let batch = batch(&["Ja."]);
        let mut request = Box::pin(engine.translate(&batch));
        while answered.load(Ordering::SeqCst) == 0 {
            assert!((&mut request).now_or_never().is_none());
            tokio::task::yield_now().await;
        }
        drop(request);
        assert_eq!(engine.spent().unsure.characters, 3, "{}", double.name());
    }
}
