//! Files of strangers, keys and where they go, and settings that make no sense.

use std::fs;

use crate::support::{Project, Ran, Service, finished};

/// A project whose configuration runs a program that leaves a file behind.
fn with_command() -> Project {
    Project::new().file("a.txt", "Ein Satz.\n").file("glossary/g.tsv", "source\ttarget\nElbe\tElbe\n").file(
        "wortlaut.toml",
        "[engines.x]\nkind = 'openai'\nmodel = 'm'\nbase_url = 'http://127.0.0.1:1'\n\
         key_command = 'touch ran; echo key'\n[translate]\nengine = 'x'\n",
    )
}

fn ran(project: &Project) -> bool {
    project.path().join("ran").exists()
}

/// Runs a command with variables.
fn run_with(project: &Project, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    let mut command = project.command(arguments);
    finished(&command.envs(variables.iter().copied()).output().expect("started"))
}

#[test]
fn a_strangers_file_runs_no_program_whatever_the_command() {
    let project = with_command();
    let commands: &[&[&str]] = &[
        &["translate", "a.txt"],
        &["translate", "a.txt", "--dry-run"],
        &["translate", "a.txt", "--engine", "pseudo"],
        &["engines"],
        &["engines", "--json"],
        &["segment", "a.txt"],
        &["glossary", "list"],
        &["glossary", "find", "an der Elbe"],
        &["glossary", "check"],
        &["glossary", "usage"],
        &["glossary", "suggest"],
    ];
    for command in commands {
        let stderr = project.run(command).exits(5).stderr;
        for expected in ["engines.x.key_command runs a program", "is not trusted", "here", "wortlaut trust"] {
            assert!(stderr.contains(expected), "{command:?}: {stderr}");
        }
        assert!(!ran(&project), "{command:?}");
    }
    // Looking at it is no risk, from a folder below either.
    let shown = project.run(&["config", "show"]).exits(0).stdout;
    let line = shown.lines().find(|line| line.contains("touch ran")).expect("shown");
    assert!(line.ends_with("wortlaut.toml, which is not trusted"), "{line}");
    fs::create_dir(project.path().join("sub")).expect("made");
    let below = project.command(&["engines"]).current_dir(project.path().join("sub")).output();
    let stderr = finished(&below.expect("started")).exits(5).stderr;
    assert!(stderr.contains(&format!("wortlaut trust {}", project.path().display())), "{stderr}");
    assert!(!ran(&project));
}

#[test]
fn trust_is_given_until_the_file_changes_and_can_be_taken_away() {
    let project = with_command();
    let told = project.run(&["trust"]).exits(0).stdout;
    assert!(told.contains("wortlaut.toml") && told.contains("touch ran"), "{told}");
    assert!(!ran(&project), "to trust is not to run");
    project.run(&["engines"]).exits(0);
    assert!(ran(&project));
    assert!(project.run(&["trust", "--list"]).exits(0).stdout.starts_with("trusted "));

    fs::remove_file(project.path().join("ran")).expect("removed");
    let text = project.read("wortlaut.toml");
    project.put("wortlaut.toml", format!("{text}\n"));
    assert!(project.run(&["engines"]).exits(5).stderr.contains("has changed since it was trusted"));
    assert!(project.run(&["trust", "--list"]).exits(0).stdout.starts_with("changed "));
    project.put("wortlaut.toml", &text);
    project.run(&["engines"]).exits(0);

    assert!(project.run(&["trust", ".", "--remove"]).exits(0).stdout.contains("no longer trusted"));
    assert_eq!(project.run(&["trust", "--list"]).exits(0).stdout, "");
    project.run(&["engines"]).exits(5);
    project.run(&["trust", "nowhere"]).exits(2);
}

#[test]
fn a_copy_of_a_trusted_file_is_not_trusted() {
    let project = with_command();
    project.run(&["trust"]).exits(0);
    project.put("copy/wortlaut.toml", project.read("wortlaut.toml"));
    let at_copy = project.command(&["engines"]).current_dir(project.path().join("copy")).output();
    finished(&at_copy.expect("started")).exits(5);
}

#[test]
fn what_is_harmless_needs_no_trust() {
    let service = Service::start();
    let more = "key_env = 'SOME_KEY'\n[glossary]\npath = 'glossary'\n[memory]\npath = 'deep/er/memory.db'";
    let project = Project::new()
        .file("seeds/a.txt", "Ein Satz.\n")
        .file("glossary/g.tsv", "source\ttarget\n")
        .engine(&service.address(), more);
    project.run(&["translate"]).exits(0);
    assert!(!project.path().join(".config").exists());
    // The vendor's own hosts are no stranger's.
    for base in ["https://api-free.deepl.com", "https://API.deepl.com."] {
        project.put("wortlaut.toml", format!("[engines.deepl]\nbase_url = '{base}'\n"));
        project.run(&["segment", "seeds/a.txt"]).exits(0);
    }
}

#[test]
fn a_strangers_file_says_neither_where_models_come_from_nor_how() {
    for (line, what) in [
        ("mirror = 'https://models.evil.example/x'", "models.mirror pulls models from models.evil.example"),
        ("proxy = 'http://10.1.2.3:3128'", "models.proxy pulls models through 10.1.2.3:3128"),
        ("ca_file = '../evil.pem'", "models.ca_file leads out of the project's folder"),
    ] {
        let project = Project::new().file("wortlaut.toml", format!("[models]\n{line}\n"));
        let stderr = project.run(&["model", "pull", "firefox"]).exits(5).stderr;
        let told = stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains(what) && told.contains("is not trusted"), "{stderr}");
    }
    for line in ["mirror = 'mirror.example'", "proxy = 'http://me:geheim@proxy.example'"] {
        let project = Project::new().file("wortlaut.toml", format!("[models]\n{line}\n"));
        let stderr = project.run(&["config", "show"]).exits(5).stderr;
        assert!(stderr.contains("is not usable") && !stderr.contains("geheim"), "{stderr}");
    }
}

#[test]
fn models_are_pulled_as_settings_say() {
    let project = Project::new().file("a.txt", "Ein Satz.\n");
    let pull = |arguments: &[&str], variables: &[(&str, &str)]| {
        let closed = ("HTTPS_PROXY", "http://127.0.0.1:1");
        let stderr = run_with(&project, arguments, &[&[closed], variables].concat()).exits(4).stderr;
        stderr.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    // On this machine a mirror needs no trust; it is asked first, and by `auto`, too.
    project.put("wortlaut.toml", "[models]\nmirror = 'http://127.0.0.1:1/m'\n[translate]\nengine = 'auto'\n");
    let told = pull(&["model", "pull", "firefox"], &[]);
    let first = told.find("cannot load http://127.0.0.1:1/m/firefox/model.bin").expect("asked");
    assert!(told.find("cannot load https://firefox.settings").is_some_and(|second| first < second), "{told}");
    assert!(
        pull(&["translate", "a.txt"], &[("PATH", "")])
            .contains("http://127.0.0.1:1/m/gemma-3-270m/model.gguf")
    );
    let told =
        pull(&["model", "pull", "qwen3-4b"], &[("WORTLAUT_MODELS_MIRROR", "http://127.0.0.1:1/other")]);
    assert!(
        told.contains("http://127.0.0.1:1/other/qwen3-4b/model.gguf") && told.contains("--from FOLDER"),
        "{told}"
    );
}

#[test]
fn a_host_that_is_neither_the_vendors_nor_this_machine_needs_trust() {
    for (kind, base) in [
        ("libretranslate", "http://10.1.2.3:5000"),
        ("deepl", "https://deepl.com.evil.example"),
        ("openai", "https://api.deepl.com"),
        ("openai", "https://localhost.evil.example/v1"),
    ] {
        let project = Project::new().file("a.txt", "Ein Satz.\n").file(
            "wortlaut.toml",
            format!("[engines.x]\nkind = '{kind}'\nmodel = 'm'\nbase_url = '{base}'\n"),
        );
        let stderr = project.run(&["engines"]).exits(5).stderr;
        assert!(stderr.contains("engines.x.base_url sends texts to"), "{stderr}");
        project.run(&["trust"]).exits(0);
        project.run(&["engines"]).exits(0);
    }
}

#[test]
fn paths_out_of_the_project_need_trust() {
    let settings = [
        ("[translate]", "input"),
        ("[translate]", "output"),
        ("[segment]", "rules"),
        ("[glossary]", "path"),
        ("[memory]", "path"),
        ("[engines.x]", "key_file"),
        ("[engines.gguf]", "model"),
    ];
    for (section, key) in settings {
        for path in ["../outside", "/outside", "in/../../outside"] {
            let project = Project::new().file("p/a.txt", "Ein Satz.\n");
            project.put("p/wortlaut.toml", format!("{section}\n{key} = '{path}'\n"));
            let shown = project.command(&["segment", "a.txt"]).current_dir(project.path().join("p")).output();
            let stderr = finished(&shown.expect("started")).exits(5).stderr;
            assert!(stderr.contains("leads out of the project's folder"), "{key} {path}: {stderr}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_project_needs_trust_whether_it_is_named_or_the_default() {
    let outside = Project::new();
    for config in ["[translate]\noutput = 'output'\n", "[translate]\nengine = 'pseudo'\n"] {
        let project = Project::new().file("seeds/a.txt", "Ein Satz.\n").file("wortlaut.toml", config);
        std::os::unix::fs::symlink(outside.path(), project.path().join("output")).expect("made");
        let stderr = project.run(&["translate", "seeds", "--engine", "pseudo"]).exits(5).stderr;
        assert!(stderr.contains("translate.output leads out"), "{stderr}");
        assert!(outside.files("").is_empty());
        // What a flag or a variable says is not the stranger's.
        project.run(&["translate", "seeds", "--engine", "pseudo", "--output", "own"]).exits(0);
        let variable = [("WORTLAUT_TRANSLATE_OUTPUT", "mine")];
        run_with(&project, &["translate", "seeds", "--engine", "pseudo"], &variable).exits(0);
        assert!(outside.files("").is_empty());
        project.run(&["trust"]).exits(0);
        project.run(&["translate", "seeds", "--engine", "pseudo"]).exits(0);
        assert!(!outside.files("").is_empty());
        outside.files("").into_keys().for_each(|file| fs::remove_file(file).expect("removed"));
    }
}

#[test]
fn a_file_that_was_named_and_the_users_own_need_no_trust() {
    let project = with_command();
    project.run(&["engines", "--config", "wortlaut.toml"]).exits(0);
    assert!(ran(&project));
    let project = with_command();
    project.put(".config/wortlaut/config.toml", project.read("wortlaut.toml"));
    fs::remove_file(project.path().join("wortlaut.toml")).expect("removed");
    project.run(&["engines"]).exits(0);
    assert!(ran(&project));
}

#[test]
fn init_trusts_what_it_made_and_nothing_else() {
    let project = Project::new();
    project.run(&["init", "new"]).exits(0);
    assert!(project.run(&["trust", "--list"]).exits(0).stdout.contains("new/wortlaut.toml"));
    let project = with_command();
    project.run(&["init"]).exits(0);
    project.run(&["engines"]).exits(5);
    assert!(!ran(&project));
}

#[cfg(unix)]
#[test]
fn a_file_that_anyone_may_write_is_not_read() {
    use std::os::unix::fs::PermissionsExt;
    let project = with_command();
    project.run(&["trust"]).exits(0);
    let mode = |mode| fs::Permissions::from_mode(mode);
    fs::set_permissions(project.path().join("wortlaut.toml"), mode(0o666)).expect("set");
    for command in [&["engines"][..], &["config", "show"], &["trust"]] {
        let stderr = project.run(command).exits(5).stderr;
        assert!(stderr.contains("anyone may write to it") && stderr.contains("WORTLAUT_TRUST=1"), "{stderr}");
    }
    assert!(!ran(&project));
    run_with(&project, &["engines"], &[("WORTLAUT_TRUST", "1")]).exits(0);
    assert!(ran(&project));
}

#[test]
fn a_key_in_a_file_is_refused_and_not_shown() {
    let files = [
        "[engines.x]\nkind = 'openai'\napi_key = 'sk-live-4711'\n",
        "[engines.x]\nkey = 'sk-live-4711'\n",
        "[engines.x]\nkey_env = 'sk-live-4711'\n",
        "[engines.x]\nkind = 'openai'\nopenai = 'sk-live-4711'\n",
        "[auth]\ntoken = 'sk-live-4711'\n",
        "token = 'sk-live-4711'\n",
        "engines.x = { kind = 'openai', password = 'sk-live-4711' }\n",
        // The error is another one, in the line itself or beside it.
        "[engines.x]\napi_key = sk-live-4711\n",
        "[engines.x]\napi_key: sk-live-4711\n",
        "[engines.x]\nkind = 'openai'\napi_key = 'sk-live-4711'\nmodel = \n",
        "[engines.x]\nkind = 'openai'\n# api_key = 'sk-live-4711'\nconcurrency = 0\n",
        "[engines.x]\nbase_url = 'https://me:sk-live-4711@mt.example'\ntimeout = 0\n",
    ];
    for text in files {
        let project = Project::new().file("a.txt", "Ein Satz.\n").file("wortlaut.toml", text);
        for command in [&["translate", "a.txt"][..], &["engines"], &["trust"], &["config", "show"]] {
            let ran = project.run(command).exits(5);
            assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("4711"), "{text}\n{}", ran.stderr);
        }
    }
    let project = Project::new().file("wortlaut.toml", files[0]);
    assert!(project.run(&["engines"]).exits(5).stderr.contains("key_env, key_file or key_command"));
    let project =
        Project::new().file("wortlaut.toml", "[engines.x]\nkind = 'deepl'\nkey_env = 'aaa4711bbb'\n");
    for command in [["config", "show"], ["engines", "--json"]] {
        assert!(!project.run(&command).exits(0).stdout.contains("4711"));
    }
}

#[test]
fn a_key_goes_to_its_vendor_or_to_a_server_that_has_one_of_its_own() {
    let text = "[engines.x]\nkind = 'deepl'\nkey_env = 'DEEPL_API_KEY'\nbase_url = 'https://mt.invalid'\n";
    let project = Project::new().file("a.txt", "Ein Satz.\n").file("c.toml", text);
    let translate = ["translate", "a.txt", "--engine", "x", "--config", "c.toml"];
    let ran = run_with(&project, &translate, &[("DEEPL_API_KEY", "geheim-4711")]).exits(5);
    assert!(
        ran.stderr.contains("DEEPL_API_KEY is for deepl.com and is not sent to mt.invalid"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains("4711"));
    project.put("c.toml", text.replace("DEEPL_API_KEY", "SOME_KEY").replace("https", "http"));
    let ran = run_with(&project, &translate, &[("SOME_KEY", "geheim-4711")]).exits(5);
    assert!(ran.stderr.contains("unencrypted") && ran.stderr.contains("allow_http"), "{}", ran.stderr);
}

#[test]
fn a_typo_in_a_variable_is_refused_as_one_in_the_file_is() {
    let project = Project::new().file("a.txt", "Ein Satz.\n");
    let run = |name: &str| run_with(&project, &["segment", "a.txt"], &[(name, "geheim")]);
    let stderr = run("WORTLAUT_TRANSLATE_ENGNE").exits(5).stderr;
    assert!(stderr.contains("WORTLAUT_TRANSLATE_ENGINE") && !stderr.contains("geheim"), "{stderr}");
    assert!(run("WORTLAUT_ENGINE").exits(5).stderr.contains("WORTLAUT_ENGINE"));
    for known in ["WORTLAUT_MODELS", "WORTLAUT_LOG", "WORTLAUT_TRANSLATE_ENGINE", "WORTLAUTEN"] {
        run(known).exits(0);
    }
}

#[test]
fn a_number_out_of_bounds_is_marked_in_its_line() {
    let numbers = [
        ("concurrency", "100000000", "from 1 to 256"),
        ("concurrency", "0", "from 1 to 256"),
        ("threads", "100000", "from 1 to 256"),
        ("max_segments", "-1", "from 1 to 1000"),
        ("max_bytes", "1", "at least 370 for libretranslate"),
        ("timeout", "99999999999999999999", "whole number"),
        ("attempts", "0", "from 1 to 100"),
        ("requests_per_second", "nan", "from 0.001 to 1000"),
        ("requests_per_second", "inf", "from 0.001 to 1000"),
        ("requests_per_second", "0", "from 0.001 to 1000"),
        ("requests_per_second", "1e9", "from 0.001 to 1000"),
        ("identity", "''", "must not be empty"),
    ];
    for (key, value, expected) in numbers {
        let project = Project::new()
            .file("a.txt", "Ein Satz.\n")
            .file("wortlaut.toml", format!("[engines.x]\nkind = 'libretranslate'\n{key} = {value}\n"));
        let stderr = project.run(&["segment", "a.txt"]).exits(5).stderr;
        for expected in [expected, &format!("engines.x.{key}"), &format!("{key} = {value}"), "here"] {
            assert!(stderr.contains(expected), "{key} = {value}: {stderr}");
        }
    }
    let project = Project::new().file("a.txt", "Ein Satz.\n");
    let flag = ["translate", "a.txt", "--engine", "pseudo", "--concurrency", "100000000"];
    assert!(project.run(&flag).exits(5).stderr.contains("from 1 to 256"));
}

#[test]
fn the_answers_of_a_server_are_those_of_no_other() {
    let service = Service::start();
    let project = Project::new().file("seeds/a.txt", "Ein Satz.\n").engine(&service.address(), "");
    let translated =
        |project: &Project| project.run(&["translate", "--json"]).exits(0).json()["translated"].clone();
    assert_eq!(translated(&project), 1);
    let project = project.engine(&service.address(), "identity = 'haus'");
    assert_eq!(translated(&project), 1, "another server, as far as anyone can tell");
    let moved = Service::start();
    let project = project.engine(&moved.address(), "identity = 'haus'");
    assert_eq!(translated(&project), 0);
    let project = project.engine(&moved.address(), "");
    assert_eq!(translated(&project), 0, "ports of this machine do not count");
}
