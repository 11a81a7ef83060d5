//! Mistakes in an engine profile: known before anything runs, with their line marked.

use crate::support::Project;

/// A project whose engine is the profile `mine` with some lines.
fn project(lines: &str) -> Project {
    let config = format!("[translate]\ninput = 'seeds'\nengine = 'mine'\n\n[engines.mine]\n{lines}\n");
    Project::new().file("seeds/a.txt", "Die Raumsonde sendet Bilder.\n").file("wortlaut.toml", config)
}

/// What a run says of a profile; it must end with exit code 5, mark the line and leave nothing behind.
fn refusal(lines: &str, marked: &str) -> String {
    refusal_of(&project(lines), marked)
}

fn refusal_of(project: &Project, marked: &str) -> String {
    let stderr = project.run(&["translate"]).exits(5).stderr;
    assert!(stderr.contains("wortlaut.toml") && stderr.contains(marked), "{marked}: {stderr}");
    assert!(!stderr.contains("is kept"), "{stderr}");
    assert!(!project.path().join("output").exists() && !project.path().join(".wortlaut").exists());
    stderr
}

#[test]
fn an_unknown_target_is_refused_at_its_line() {
    refusal("kind = 'deepl'\ntarget = 'fr'", "target = 'fr'");
}

#[test]
fn an_option_that_the_kind_lacks_is_refused_at_its_line() {
    for (kind, option, says) in [
        ("libretranslate", "threads = 2", "libretranslate does not have"),
        ("libretranslate", "model = 'large'", "libretranslate does not have"),
        ("libretranslate", "target = 'en-GB'", "American English"),
        ("firefox", "base_url = 'http://127.0.0.1:1'", "firefox does not have"),
        ("firefox", "identity = 'ours'", "firefox does not have"),
        ("firefox", "max_bytes = 5000", "firefox does not have"),
        ("firefox", "rerank = true", "firefox does not have"),
        ("gguf", "timeout = 5", "gguf does not have"),
        ("gguf", "key_env = 'SOME_KEY'", "gguf does not have"),
        ("gguf", "target = 'en-GB'", "American English"),
        ("pseudo", "threads = 2", "pseudo does not have"),
    ] {
        let stderr = refusal(&format!("kind = '{kind}'\n{option}"), option);
        assert!(stderr.contains(says), "{stderr}");
    }
}

#[test]
fn options_of_auto_are_those_of_a_local_engine() {
    let config = "[translate]\ninput = 'seeds'\n\n[engines.auto]\nbase_url = 'http://127.0.0.1:1'\n";
    let project = project("").file("wortlaut.toml", config);
    let stderr = refusal_of(&project, "base_url");
    assert!(stderr.contains("a local engine does not have"), "{stderr}");
}

#[test]
fn a_missing_key_is_refused_at_the_header_of_the_profile() {
    let stderr = refusal("kind = 'deepl'", "[engines.mine]");
    assert!(stderr.contains("mine has no key") && stderr.contains("DEEPL_API_KEY"), "{stderr}");
}

#[test]
fn a_missing_model_is_refused_at_the_header_of_the_profile() {
    let stderr = refusal("kind = 'openai'\nbase_url = 'http://127.0.0.1:1'", "[engines.mine]");
    assert!(stderr.contains("mine has no model"), "{stderr}");
}

#[test]
fn an_unknown_model_is_refused_at_its_line() {
    let stderr = refusal("kind = 'firefox'\nmodel = 'huge'", "model = 'huge'");
    assert!(stderr.contains("wortlaut model list"), "{stderr}");
}

#[test]
fn a_model_file_for_a_service_is_refused_at_its_line() {
    let project = project("kind = 'openai'\nmodel = 'model.gguf'").file("model.gguf", "GGUF");
    let stderr = refusal_of(&project, "model = 'model.gguf'");
    assert!(stderr.contains("kind = \"gguf\""), "{stderr}");
}

#[test]
fn an_address_that_cannot_be_used_is_refused_at_its_line() {
    refusal("kind = 'libretranslate'\nbase_url = '127.0.0.1:5000'", "base_url = '127.0.0.1:5000'");
}

#[test]
fn a_key_over_http_is_refused_at_the_address() {
    let lines =
        "kind = 'libretranslate'\nbase_url = 'http://mt.example'\nkey_command = 'touch ran; echo 4711'";
    let project = project(lines);
    project.run(&["trust"]).exits(0);
    let stderr = refusal_of(&project, "base_url = 'http://mt.example'");
    assert!(stderr.contains("unencrypted") && stderr.contains("allow_http"), "{stderr}");
    assert!(!project.path().join("ran").exists(), "the command for the key was run");
}

#[test]
fn an_unknown_engine_is_refused_where_it_is_named() {
    let config = "[translate]\ninput = 'seeds'\nengine = 'depl'\n";
    let stderr = refusal_of(&project("").file("wortlaut.toml", config), "engine = 'depl'");
    assert!(stderr.contains("did you mean deepl?"), "{stderr}");
}
