use super::*;
use secrecy::ExposeSecret;
use strum::VariantArray;

use crate::engine::{LocalOptions, ModelFiles, TargetLang, readiness};

fn with_key(kind: EngineKind) -> Profile {
    let mut profile = super::with_key(kind);
    if let Some(local) = profile.options.local_mut() {
        local.files = Some(tiny_model());
    }
    profile
}

fn at(kind: EngineKind, base: &str) -> Profile {
    with(with_key(kind), |service| service.base_url = Some(base.to_owned()))
}

/// The files of the network that the tests have.
fn tiny_model() -> ModelFiles {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tiny-model");
    ModelFiles {
        weights: folder.join("model.deen.intgemm.alphas.bin"),
        vocabulary: Some(folder.join("vocab.deen.spm")),
        shortlist: None,
        caveat: None,
    }
}

/// The kinds that can be built here; the tests of gguf make models of their own.
fn kinds() -> impl Iterator<Item = EngineKind> {
    EngineKind::VARIANTS.iter().copied().filter(|kind| *kind != EngineKind::Gguf)
}

fn services() -> impl Iterator<Item = EngineKind> {
    kinds().filter(|kind| kind.is_service())
}

#[test]
fn all_engines_but_small_language_models_are_shown_the_sentences_before() {
    for kind in EngineKind::VARIANTS {
        assert_eq!(Profile::new("probe", *kind).context, *kind != EngineKind::Gguf, "{kind}");
    }
}

#[test]
fn kinds_are_known_by_their_names() {
    assert_eq!("gguf".parse(), Ok(EngineKind::Gguf));
    for kind in kinds() {
        assert_eq!(kind.name().parse(), Ok(kind));
        assert_eq!(build(&with_key(kind)).unwrap().info().kind, kind.name());
    }
    assert!("deeppl".parse::<EngineKind>().is_err());
}

#[test]
fn targets_are_known_by_their_tags() {
    assert_eq!("en-gb".parse(), Ok(TargetLang::EnGb));
    assert_eq!("EN".parse(), Ok(TargetLang::EnUs));
    assert!("fr".parse::<TargetLang>().is_err());
}

#[test]
fn what_is_missing_is_told() {
    let missing = |profile: &Profile| readiness(profile).unwrap_err().to_string();
    assert!(missing(&Profile::new("haus", EngineKind::DeepL)).contains("DEEPL_API_KEY"));
    let blank = with(Profile::new("haus", EngineKind::DeepL), |service| service.key = Some(" \n".into()));
    assert!(missing(&blank).contains("[engines.haus]"));
    assert!(missing(&Profile::new("haus", EngineKind::OpenAi)).contains("model"));
    let model =
        with(Profile::new("haus", EngineKind::OpenAi), |service| service.model = Some("modell".to_owned()));
    assert!(missing(&model).contains("OPENAI_API_KEY"));
    let own = with(model, |service| service.base_url = Some("http://127.0.0.1:11434".to_owned()));
    assert!(readiness(&own).is_ok());
    let unknown = with(with_key(EngineKind::DeepL), |service| service.model = Some("riesig".to_owned()));
    assert!(missing(&unknown).contains("latency_optimized"));
    for kind in [EngineKind::Firefox, EngineKind::Gguf] {
        assert!(missing(&Profile::new("haus", kind)).contains("wortlaut model pull"));
    }
    assert!(missing(&at(EngineKind::LibreTranslate, "127.0.0.1:5000")).contains("base_url"));
    let broken = with(with_key(EngineKind::DeepL), |service| service.key = Some("a\nb".into()));
    assert!(missing(&broken).contains("cannot be sent"));
    for kind in [EngineKind::LibreTranslate, EngineKind::Pseudo] {
        assert!(readiness(&Profile::new("haus", kind)).is_ok());
    }
}

#[test]
fn the_fingerprint_is_what_changes_the_output() {
    for kind in kinds() {
        let profile = with_key(kind);
        let fingerprint = |profile: &Profile| build(profile).unwrap().info().fingerprint.clone();
        let mut same = Profile {
            concurrency: NonZeroUsize::new(3),
            max_segments: NonZeroUsize::new(2),
            attempts: NonZeroU32::new(2),
            ..profile.clone()
        };
        if let Some(service) = same.options.service_mut() {
            let other = key(kind).expose_secret().replace(KEY, "anderer");
            service.key = Some(SecretString::from(other));
            service.max_bytes = NonZeroUsize::new(9_000);
        }
        if let Some(local) = same.options.local_mut() {
            local.threads = NonZeroUsize::new(1);
        }
        assert_eq!(fingerprint(&profile), fingerprint(&same));
        assert_ne!(
            fingerprint(&profile),
            fingerprint(&Profile { name: "anders".to_owned(), ..profile.clone() })
        );
        assert!(!fingerprint(&profile).contains("4711"));
    }
    let british = with(with_key(EngineKind::OpenAi), |service| service.target_lang = TargetLang::EnGb);
    assert_ne!(
        build(&british).unwrap().info().fingerprint,
        build(&with_key(EngineKind::OpenAi)).unwrap().info().fingerprint
    );
}

/// The fingerprint of a service at an address.
fn fingerprint_at(kind: EngineKind, base: Option<&str>) -> String {
    let profile = with(with_key(kind), |service| service.base_url = base.map(str::to_owned));
    build(&profile).unwrap().info().fingerprint.clone()
}

#[test]
fn the_vendors_own_server_keeps_the_fingerprint_of_every_version() {
    let deepl = r#""probe" deepl context=true target=EN-US model=None"#;
    for base in [None, Some("https://api.deepl.com"), Some("https://API-FREE.deepl.com:443/v2/")] {
        assert_eq!(fingerprint_at(EngineKind::DeepL, base), deepl);
    }
    let openai = r#""probe" openai context=true target=EN-US model="modell" prompt=1"#;
    for base in [None, Some("https://api.openai.com/v1"), Some("https://eu.api.openai.com")] {
        assert_eq!(fingerprint_at(EngineKind::OpenAi, base), openai);
    }
    let libre = r#""probe" libretranslate context=false target=en"#;
    assert_eq!(fingerprint_at(EngineKind::LibreTranslate, Some("https://libretranslate.com")), libre);
}

#[test]
fn the_answers_of_another_server_are_another_matter() {
    for kind in services() {
        let at = |base| fingerprint_at(kind, Some(base));
        let domain = kind.vendor().unwrap();
        let different = [
            format!("https://{domain}"),
            format!("https://{domain}.evil.example"),
            "http://127.0.0.1:1".to_owned(),
            "http://127.0.0.1:1/other".to_owned(),
            "https://mt.example".to_owned(),
            "https://mt.example:8443".to_owned(),
            "https://mt.example/other".to_owned(),
        ];
        let prints: std::collections::HashSet<_> = different.iter().map(|base| at(base)).collect();
        assert_eq!(prints.len(), different.len(), "{kind}");
        assert_eq!(at("http://127.0.0.1:1"), at("http://localhost:4711/"));
        assert_eq!(at("https://mt.example"), at("https://MT.example.:443"));
    }
}

#[test]
fn a_name_stands_for_the_server() {
    for kind in services() {
        let at = |base: &str, identity: &str| {
            let profile = with(at(kind, base), |service| {
                service.identity = Some(identity.to_owned());
            });
            build(&profile).unwrap().info().fingerprint.clone()
        };
        assert_eq!(at("https://mt.example", "haus"), at("http://127.0.0.1:1", "haus"));
        assert_ne!(at("https://mt.example", "haus"), at("https://mt.example", "werk"));
        assert_ne!(at("https://mt.example", "haus"), fingerprint_at(kind, Some("https://mt.example")));
    }
}

#[test]
fn the_fingerprint_of_early_versions_is_known() {
    // Those that version 0.1 had.
    for kind in [EngineKind::DeepL, EngineKind::LibreTranslate, EngineKind::OpenAi] {
        let info = |base: &str, identity: Option<&str>| {
            let profile = with(at(kind, base), |service| service.identity = identity.map(str::to_owned));
            build(&profile).unwrap().info().clone()
        };
        let early = fingerprint_at(kind, Some(&format!("https://{}", kind.vendor().unwrap())));
        assert!(info("https://mt.example", None).succeeds(&early));
        assert!(info("http://127.0.0.1:1", Some("haus")).succeeds(&early));
        assert!(!info("https://mt.example", None).succeeds("\"probe\" "));
        let same = info("https://mt.example", None);
        assert!(!same.succeeds(&same.fingerprint));
    }
}

#[test]
fn no_key_crosses_the_network_unencrypted_unless_that_is_allowed() {
    for kind in services() {
        let profile = at(kind, "http://mt.example");
        assert!(readiness(&profile).unwrap_err().to_string().contains("allow_http"), "{kind}");
        assert!(readiness(&with(profile.clone(), |service| service.allow_http = true)).is_ok());
        if matches!(kind, EngineKind::LibreTranslate | EngineKind::OpenAi) {
            assert!(readiness(&with(profile, |service| service.key = None)).is_ok());
        }
    }
}

#[test]
fn the_smallest_request_has_room_for_a_sentence() {
    for kind in services() {
        for context in [true, false] {
            let least = kind.least_bytes(context).and_then(NonZeroUsize::new);
            let profile = Profile { context, ..with_key(kind) };
            let engine = build(&with(profile, |service| service.max_bytes = least)).unwrap();
            let sentence = "Der Sicherheitsrat der Vereinten Nationen verurteilte am Dienstag in einer \
                            Dringlichkeitssitzung den Angriff auf das Kosmodrom einstimmig.";
            let needed = engine.encoded_len(&batch(&[sentence]).requests[0]);
            assert!(engine.info().limits.bytes >= needed, "{kind}: {needed}");
        }
    }
}

#[test]
fn a_local_engine_takes_batches_as_its_profile_says() {
    let local = LocalOptions { files: Some(tiny_model()), threads: NonZeroUsize::new(1), rerank: false };
    let tuned = Profile {
        max_segments: NonZeroUsize::new(7),
        concurrency: NonZeroUsize::new(1),
        ..Profile::with_options("haus", EngineOptions::Firefox(local))
    };
    let engine = build(&tuned).unwrap();
    assert_eq!((engine.info().limits.segments, engine.info().concurrency), (7, 1));
}

#[test]
fn the_profile_overrides_the_limits() {
    let profile = Profile {
        concurrency: NonZeroUsize::new(1),
        max_segments: NonZeroUsize::new(7),
        ..with_key(EngineKind::DeepL)
    };
    let profile = with(profile, |service| service.max_bytes = NonZeroUsize::new(50_000));
    let engine = build(&profile).unwrap();
    let info = engine.info();
    assert_eq!((info.limits.segments, info.concurrency), (7, 1));
    assert!(info.limits.bytes < 50_000 && info.limits.bytes > 40_000);
    let without = build(&Profile { context: false, ..profile }).unwrap();
    assert!(without.info().limits.bytes > info.limits.bytes);
    assert!(!without.info().abilities.context && info.abilities.context);
}

#[tokio::test]
async fn pseudo_marks_every_text_and_says_so() {
    let engine = build(&Profile::new("probe", EngineKind::Pseudo)).unwrap();
    let got = engine.translate(&batch(&["Der Zug hält.", "Ja."])).await.unwrap();
    assert_eq!(texts(&got), ["[de] Der Zug hält.", "[de] Ja."]);
    assert!(engine.info().caveat.as_ref().is_some_and(|caveat| caveat.starts_with("no translation")));
    assert!(engine.encoded_len(&batch(&["Ja."]).requests[0]) > 0);
}

/// Every answer in a memory is found by the fingerprint of its engine: text that changes here is paid for again.
#[test]
fn fingerprints_are_what_the_memories_of_today_hold() {
    let services = [
        (
            EngineKind::DeepL,
            "https://api.deepl.com",
            None,
            r#""probe" deepl context=true target=EN-US model=None"#,
        ),
        (
            EngineKind::DeepL,
            "http://127.0.0.1:9",
            None,
            r#""probe" deepl context=true target=EN-US model=None server="localhost/v2/translate""#,
        ),
        (
            EngineKind::LibreTranslate,
            "https://mt.example/a",
            None,
            r#""probe" libretranslate context=false target=en server="https://mt.example/a/translate""#,
        ),
        (
            EngineKind::OpenAi,
            "https://mt.example:8443",
            None,
            r#""probe" openai context=true target=EN-US model="modell" prompt=1 server="https://mt.example:8443/v1/chat/completions""#,
        ),
        (
            EngineKind::Google,
            "https://translation.googleapis.com",
            None,
            r#""probe" google context=false api=2 target=en"#,
        ),
        (
            EngineKind::Microsoft,
            "https://haus.cognitiveservices.azure.com",
            None,
            r#""probe" microsoft context=false api=3.0 target=en deployment=None"#,
        ),
        (
            EngineKind::Amazon,
            "https://translate.eu-central-1.amazonaws.com",
            None,
            r#""probe" amazon context=false target=en terminology=None"#,
        ),
        (
            EngineKind::OpenAi,
            "http://mt.example",
            Some("haus \"eins\""),
            r#""probe" openai context=true target=EN-US model="modell" prompt=1 identity="haus \"eins\"""#,
        ),
    ];
    for (kind, base, identity, expected) in services {
        let profile = with(at(kind, base), |service| {
            service.identity = identity.map(str::to_owned);
            service.allow_http = true;
        });
        assert_eq!(build(&profile).unwrap().info().fingerprint, expected);
    }
    let of = |kind| build(&with_key(kind)).unwrap().info().fingerprint.clone();
    assert_eq!(of(EngineKind::Pseudo), r#""probe" pseudo context=false "#);
    assert_eq!(
        of(EngineKind::Firefox),
        "probe firefox r3 36cecd2288e7d85c9d4f7f8051db69691ceff94a782cbbc0cbf02224aacf5444 \
         91f17622acf5e0454a3d657d561c98969079dd5d30349cdb36ff1df8f8f8a7df"
    );
}
