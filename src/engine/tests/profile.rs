use super::*;
use crate::engine::{ModelFiles, TargetLang, readiness};

fn with_key(kind: Kind) -> Profile {
    Profile {
        key: Some(SecretString::from(KEY)),
        model: (kind == Kind::OpenAi).then(|| "modell".to_owned()),
        files: (kind == Kind::Firefox).then(tiny_model),
        ..Profile::new("probe", kind)
    }
}

/// The files of the network that the tests have.
fn tiny_model() -> ModelFiles {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tiny-model");
    ModelFiles {
        model: folder.join("model.deen.intgemm.alphas.bin"),
        vocabulary: Some(folder.join("vocab.deen.spm")),
        shortlist: None,
        caveat: None,
    }
}

/// The kinds that can be built here; the tests of gguf make models of their own.
fn kinds() -> impl Iterator<Item = Kind> {
    Kind::ALL.into_iter().filter(|kind| *kind != Kind::Gguf)
}

#[test]
fn kinds_are_known_by_their_names() {
    assert_eq!("gguf".parse(), Ok(Kind::Gguf));
    for kind in kinds() {
        assert_eq!(kind.name().parse(), Ok(kind));
        assert_eq!(build(&with_key(kind)).unwrap().info().kind, kind.name());
    }
    let error = "deeppl".parse::<Kind>().unwrap_err().to_string();
    assert!(error.contains("deeppl") && error.contains("libretranslate"), "{error}");
}

#[test]
fn targets_are_known_by_their_tags() {
    assert_eq!("en-gb".parse(), Ok(TargetLang::EnGb));
    assert_eq!("EN".parse(), Ok(TargetLang::EnUs));
    assert!("fr".parse::<TargetLang>().is_err());
}

#[test]
fn what_is_missing_is_told() {
    let missing = |profile: &Profile| readiness(profile).unwrap_err();
    assert!(missing(&Profile::new("haus", Kind::DeepL)).contains("DEEPL_API_KEY"));
    let blank = Profile { key: Some(SecretString::from(" \n")), ..Profile::new("haus", Kind::DeepL) };
    assert!(missing(&blank).contains("[engines.haus]"));
    assert!(missing(&Profile::new("haus", Kind::OpenAi)).contains("model"));
    let model = Profile { model: Some("modell".to_owned()), ..Profile::new("haus", Kind::OpenAi) };
    assert!(missing(&model).contains("OPENAI_API_KEY"));
    let own = Profile { base_url: Some("http://127.0.0.1:11434".to_owned()), ..model };
    assert_eq!(readiness(&own), Ok(()));
    let unknown = Profile { model: Some("riesig".to_owned()), ..with_key(Kind::DeepL) };
    assert!(missing(&unknown).contains("latency_optimized"));
    for kind in [Kind::Firefox, Kind::Gguf] {
        assert!(missing(&Profile::new("haus", kind)).contains("wortlaut model pull"));
    }
    let address = Profile { base_url: Some("127.0.0.1:5000".to_owned()), ..with_key(Kind::LibreTranslate) };
    assert!(missing(&address).contains("base_url"));
    let broken = Profile { key: Some(SecretString::from("a\nb")), ..with_key(Kind::DeepL) };
    assert!(missing(&broken).contains("cannot be sent"));
    for kind in [Kind::LibreTranslate, Kind::Pseudo] {
        assert_eq!(readiness(&Profile::new("haus", kind)), Ok(()));
    }
}

#[test]
fn the_fingerprint_is_what_changes_the_output() {
    for kind in kinds() {
        let profile = with_key(kind);
        let fingerprint = |profile: &Profile| build(profile).unwrap().info().fingerprint.clone();
        let is_service = kind != Kind::Firefox;
        let same = Profile {
            key: Some(SecretString::from("anderer")),
            concurrency: Some(3),
            max_segments: Some(2),
            max_bytes: is_service.then_some(9_000),
            threads: (!is_service).then_some(1),
            attempts: Some(2),
            ..profile.clone()
        };
        assert_eq!(fingerprint(&profile), fingerprint(&same));
        assert_ne!(
            fingerprint(&profile),
            fingerprint(&Profile { name: "anders".to_owned(), ..profile.clone() })
        );
        assert!(!fingerprint(&profile).contains("4711"));
    }
    let british = Profile { target_lang: TargetLang::EnGb, ..with_key(Kind::OpenAi) };
    assert_ne!(
        build(&british).unwrap().info().fingerprint,
        build(&with_key(Kind::OpenAi)).unwrap().info().fingerprint
    );
}

/// The fingerprint of a service at an address.
fn fingerprint_at(kind: Kind, base: Option<&str>) -> String {
    let profile = Profile { base_url: base.map(str::to_owned), ..with_key(kind) };
    build(&profile).unwrap().info().fingerprint.clone()
}

#[test]
fn the_vendors_own_server_keeps_the_fingerprint_of_every_version() {
    let deepl = r#""probe" deepl context=true target=EN-US model=None"#;
    for base in [None, Some("https://api.deepl.com"), Some("https://API-FREE.deepl.com:443/v2/")] {
        assert_eq!(fingerprint_at(Kind::DeepL, base), deepl);
    }
    let openai = r#""probe" openai context=true target=EN-US model="modell" prompt=1"#;
    for base in [None, Some("https://api.openai.com/v1"), Some("https://eu.api.openai.com")] {
        assert_eq!(fingerprint_at(Kind::OpenAi, base), openai);
    }
    let libre = r#""probe" libretranslate context=false target=en"#;
    assert_eq!(fingerprint_at(Kind::LibreTranslate, Some("https://libretranslate.com")), libre);
}

#[test]
fn the_answers_of_another_server_are_another_matter() {
    for kind in [Kind::DeepL, Kind::LibreTranslate, Kind::OpenAi] {
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
    for kind in [Kind::DeepL, Kind::LibreTranslate, Kind::OpenAi] {
        let at = |base: &str, identity: &str| {
            let (base_url, identity) = (Some(base.to_owned()), Some(identity.to_owned()));
            let profile = Profile { base_url, identity, ..with_key(kind) };
            build(&profile).unwrap().info().fingerprint.clone()
        };
        assert_eq!(at("https://mt.example", "haus"), at("http://127.0.0.1:1", "haus"));
        assert_ne!(at("https://mt.example", "haus"), at("https://mt.example", "werk"));
        assert_ne!(at("https://mt.example", "haus"), fingerprint_at(kind, Some("https://mt.example")));
    }
}

#[test]
fn the_fingerprint_of_early_versions_is_known() {
    for kind in [Kind::DeepL, Kind::LibreTranslate, Kind::OpenAi] {
        let info = |base: &str, identity: Option<&str>| {
            let base_url = Some(base.to_owned());
            let profile = Profile { base_url, identity: identity.map(str::to_owned), ..with_key(kind) };
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
    for kind in [Kind::DeepL, Kind::LibreTranslate, Kind::OpenAi] {
        let profile = Profile { base_url: Some("http://mt.example".to_owned()), ..with_key(kind) };
        assert!(readiness(&profile).unwrap_err().contains("allow_http"), "{kind}");
        assert_eq!(readiness(&Profile { allow_http: true, ..profile.clone() }), Ok(()));
        if kind != Kind::DeepL {
            assert_eq!(readiness(&Profile { key: None, ..profile }), Ok(()));
        }
    }
}

#[test]
fn the_smallest_request_has_room_for_a_sentence() {
    for kind in [Kind::DeepL, Kind::LibreTranslate, Kind::OpenAi] {
        for context in [true, false] {
            let max_bytes = kind.least_bytes(context);
            let engine = build(&Profile { max_bytes, context, ..with_key(kind) }).unwrap();
            let sentence = "Der Sicherheitsrat der Vereinten Nationen verurteilte am Dienstag in einer \
                            Dringlichkeitssitzung den Angriff auf das Kosmodrom einstimmig.";
            let needed = engine.encoded_len(&batch(&[sentence]).requests[0]);
            assert!(engine.info().limits.bytes >= needed, "{kind}: {needed}");
        }
    }
}

#[test]
fn options_that_a_kind_does_not_have_are_refused() {
    let refused = |profile: Profile, option: &str| {
        let reason = readiness(&profile).unwrap_err();
        assert!(reason.contains("haus") && reason.contains(option), "{reason}");
        assert!(build(&profile).is_err());
    };
    let service = Profile::new("haus", Kind::LibreTranslate);
    refused(Profile { threads: Some(2), ..service }, "threads");
    let inside = Profile { files: Some(tiny_model()), ..Profile::new("haus", Kind::Firefox) };
    refused(Profile { base_url: Some("http://127.0.0.1:1".to_owned()), ..inside.clone() }, "base_url");
    refused(Profile { max_bytes: Some(1), ..inside.clone() }, "max_bytes");
    refused(Profile { timeout: Some(std::time::Duration::from_secs(1)), ..inside.clone() }, "timeout");
    refused(Profile { target_lang: TargetLang::EnGb, ..inside.clone() }, "en-GB");
    let gguf = Profile { kind: Kind::Gguf, max_bytes: Some(1), ..inside };
    refused(gguf, "max_bytes");
}

#[test]
fn an_engine_inside_the_process_takes_batches_as_it_is_told() {
    let inside = Profile { files: Some(tiny_model()), ..Profile::new("haus", Kind::Firefox) };
    let tuned = Profile { threads: Some(1), max_segments: Some(7), concurrency: Some(1), ..inside };
    let engine = build(&tuned).unwrap();
    assert_eq!((engine.info().limits.segments, engine.info().concurrency), (7, 1));
}

#[test]
fn the_profile_overrides_the_limits() {
    let profile = Profile {
        concurrency: Some(0),
        max_segments: Some(7),
        max_bytes: Some(50_000),
        ..with_key(Kind::DeepL)
    };
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
    let engine = build(&Profile::new("probe", Kind::Pseudo)).unwrap();
    let got = engine.translate(&batch(&["Der Zug hält.", "Ja."])).await.unwrap();
    assert_eq!(texts(&got), ["[de] Der Zug hält.", "[de] Ja."]);
    assert!(engine.info().caveat.as_ref().is_some_and(|caveat| caveat.starts_with("no translation")));
    assert!(engine.encoded_len(&batch(&["Ja."]).requests[0]) > 0);
}

/// Every answer in a memory is found by the fingerprint of its engine: text that changes here is paid for again.
#[test]
fn fingerprints_are_what_the_memories_of_today_hold() {
    let services = [
        (Kind::DeepL, "https://api.deepl.com", None, r#""probe" deepl context=true target=EN-US model=None"#),
        (
            Kind::DeepL,
            "http://127.0.0.1:9",
            None,
            r#""probe" deepl context=true target=EN-US model=None server="localhost/v2/translate""#,
        ),
        (
            Kind::LibreTranslate,
            "https://mt.example/a",
            None,
            r#""probe" libretranslate context=false target=en server="https://mt.example/a/translate""#,
        ),
        (
            Kind::OpenAi,
            "https://mt.example:8443",
            None,
            r#""probe" openai context=true target=EN-US model="modell" prompt=1 server="https://mt.example:8443/v1/chat/completions""#,
        ),
        (
            Kind::OpenAi,
            "http://mt.example",
            Some("haus \"eins\""),
            r#""probe" openai context=true target=EN-US model="modell" prompt=1 identity="haus \"eins\"""#,
        ),
    ];
    for (kind, base, identity, expected) in services {
        let profile = Profile {
            base_url: Some(base.to_owned()),
            identity: identity.map(str::to_owned),
            allow_http: true,
            ..with_key(kind)
        };
        assert_eq!(build(&profile).unwrap().info().fingerprint, expected);
    }
    let of = |kind| build(&with_key(kind)).unwrap().info().fingerprint.clone();
    assert_eq!(of(Kind::Pseudo), r#""probe" pseudo context=false "#);
    assert_eq!(
        of(Kind::Firefox),
        "probe firefox r2 36cecd2288e7d85c9d4f7f8051db69691ceff94a782cbbc0cbf02224aacf5444 \
         91f17622acf5e0454a3d657d561c98969079dd5d30349cdb36ff1df8f8f8a7df"
    );
}
