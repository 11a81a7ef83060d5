//! The shared memory on a real server.

use std::collections::HashSet;
use std::thread;
use std::time::Duration;

use futures::FutureExt as _;
use futures::executor::block_on;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::*;
use crate::check::Class;
use crate::memory::conformance::{self, TestedMemory};
use crate::memory::database::Database;
use crate::memory::merge::TABLES;
use crate::memory::{
    BatchJob, BatchRequest, BatchText, Key, Memory, MemoryError, OutputRecord, ReadText, Refused,
    SqliteMemory, StoredAnswer, Succession,
};
use crate::model::{
    Alignment, ArticleId, Form, HumanPair, Neighbours, PairPlace, Request, SpanPairs, TermHint, Timestamp,
    Translation,
};
use server::PostgresServer;

#[path = "../../../tests/support/postgres.rs"]
mod server;

/// A database, emptied for each test.
struct InDatabase(PostgresServer);

fn open(server: &PostgresServer) -> PostgresMemory {
    PostgresMemory::open(MemoryAddress::parse(&server.address()).expect("an address")).expect("opened")
}

impl TestedMemory for InDatabase {
    fn make(&mut self) -> Box<dyn Memory> {
        self.0.sql("DROP SCHEMA IF EXISTS wortlaut CASCADE");
        self.open()
    }

    fn open(&self) -> Box<dyn Memory> {
        Box::new(open(&self.0))
    }
}

fn record(text: &str) -> StoredAnswer {
    let request = Request { text: text.to_owned(), terms: Vec::new(), inlines: Vec::new() };
    StoredAnswer {
        key: Key::new("double", &request),
        engine: "double".to_owned(),
        fingerprint: "double".to_owned(),
        request,
        translation: Translation::plain("English."),
    }
}

fn keys(range: std::ops::Range<usize>) -> Vec<Key> {
    range.map(|number| record(&format!("Satz {number}.")).key).collect()
}

#[test]
fn postgres_conforms() {
    conformance::conform(&mut InDatabase(PostgresServer::start(&[])));
}

#[test]
fn those_who_open_it_at_once_make_it_once() {
    let server = PostgresServer::start(&[]);
    thread::scope(|scope| {
        let opening: Vec<_> = (0..8).map(|_| scope.spawn(|| open(&server))).collect();
        for opened in opening {
            drop(opened.join().expect("opened"));
        }
    });
    assert_eq!(server.sql("SELECT count(*), max(number) FROM wortlaut.format"), "1|1");
}

#[test]
fn every_key_is_granted_to_one_of_those_who_ask_for_it_at_once() {
    let server = PostgresServer::start(&[]);
    let handles: Vec<PostgresMemory> = (0..4).map(|_| open(&server)).collect();
    let granted: Vec<Vec<Key>> = thread::scope(|scope| {
        let claim = |(number, memory): (usize, &PostgresMemory)| {
            // In batches that overlap, from both ends.
            let mut batches: Vec<Vec<Key>> = (0..40).map(|at| keys(at * 20..at * 20 + 35)).collect();
            if number % 2 == 1 {
                batches.reverse();
                for batch in &mut batches {
                    batch.reverse();
                }
            }
            let mut granted = HashSet::new();
            for batch in batches {
                let is = block_on(memory.claim(batch.clone())).expect("asked");
                granted.extend(batch.into_iter().zip(is).filter(|(_, is)| *is).map(|(key, _)| key));
            }
            granted.into_iter().collect()
        };
        let claims: Vec<_> =
            handles.iter().enumerate().map(|handle| scope.spawn(move || claim(handle))).collect();
        claims.into_iter().map(|claim| claim.join().expect("claimed")).collect()
    });
    let all: HashSet<Key> = granted.iter().flatten().copied().collect();
    assert_eq!(all.len(), granted.iter().map(Vec::len).sum::<usize>(), "nothing is granted twice");
    assert_eq!(all.len(), 815);
}

#[test]
fn a_claim_is_taken_over_when_its_process_is_not_heard_of_any_more_and_not_before() {
    let server = PostgresServer::start(&[]);
    let (dead, other, third) = (open(&server), open(&server), open(&server));
    assert_eq!(block_on(dead.claim(keys(0..3))).expect("asked"), [true; 3]);
    assert_eq!(block_on(other.claim(keys(0..4))).expect("asked"), [false, false, false, true]);
    let mut released = other.released(keys(0..3));
    assert!((&mut released).now_or_never().is_none());
    // Its lease has run out, but it may not have noticed yet.
    server.sql("UPDATE wortlaut.worker SET expires_at = clock_timestamp() WHERE id = 1");
    assert_eq!(block_on(other.claim(keys(0..1))).expect("asked"), [false]);
    server.sql("UPDATE wortlaut.worker SET expires_at = clock_timestamp() - interval '6 s' WHERE id = 1");
    block_on(released).expect("told");
    assert_eq!(block_on(other.claim(keys(0..2))).expect("asked"), [true; 2]);
    assert_eq!(block_on(third.claim(keys(0..3))).expect("asked"), [false, false, true]);
    // Who comes back from the dead has another number, and nothing any more.
    assert_eq!(block_on(dead.claim(keys(0..5))).expect("asked"), [false, false, false, false, true]);
    assert_eq!(server.sql("SELECT count(DISTINCT worker) FROM wortlaut.claim"), "3");
}

#[test]
fn a_server_that_was_away_for_a_moment_is_asked_again() {
    let mut server = PostgresServer::start(&[]);
    let memory = open(&server);
    assert_eq!(block_on(memory.claim(keys(0..2))).expect("asked"), [true; 2]);
    block_on(memory.store(vec![record("Satz 0.")])).expect("stored");
    server.stop();
    let stored = memory.store(vec![record("Satz 1.")]);
    let found = memory.lookup(keys(0..3));
    server.resume();
    block_on(stored).expect("stored");
    let found: Vec<bool> = block_on(found).expect("read").iter().map(Option::is_some).collect();
    assert_eq!(found, [true, true, false]);
    assert_eq!(server.sql("SELECT count(*) FROM wortlaut.claim"), "0");
}

#[test]
fn a_memory_of_a_newer_version_is_refused_and_one_that_is_only_read_is_not_made() {
    let server = PostgresServer::start(&[]);
    let address = MemoryAddress::parse(&server.address()).expect("an address");
    assert!(PostgresMemory::open_existing(address.clone()).expect("asked").is_none());
    assert_eq!(server.sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'wortlaut'"), "0");
    block_on(open(&server).store(vec![record("Ja.")])).expect("stored");
    server.sql(
        "CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA wortlaut TO reader;
                GRANT SELECT ON ALL TABLES IN SCHEMA wortlaut TO reader",
    );
    let reader = server.address().replace("wortlaut@", "reader@");
    let reader = MemoryAddress::parse(&reader).expect("an address");
    let memory = PostgresMemory::open_existing(reader.clone()).expect("asked").expect("there");
    assert!(block_on(memory.lookup(vec![record("Ja.").key])).expect("read")[0].is_some());
    let error = block_on(memory.store(vec![record("Nein.")])).expect_err("it may not");
    assert!(error.to_string().contains("read-only"), "{error}");
    server.sql("UPDATE wortlaut.format SET number = 99");
    for error in [
        PostgresMemory::open(address.clone()).expect_err("newer"),
        PostgresMemory::open_existing(address).expect_err("newer"),
    ] {
        assert!(matches!(error, MemoryError::Newer { found: 99, .. }), "{error}");
    }
}

#[test]
fn every_character_comes_back() {
    let server = PostgresServer::start(&[]);
    let mut full = record("Die „Rakete“\u{0} flog.");
    full.translation = Translation::plain("The rocket\u{0} flew\u{2028}. \u{1f680}");
    full.engine = "double\u{0}".to_owned();
    block_on(open(&server).store(vec![full.clone()])).expect("stored");
    let found = block_on(open(&server).lookup(vec![full.key])).expect("read");
    assert_eq!(found, [Some(full.translation)]);
}

#[test]
fn a_server_on_another_machine_is_known_by_its_certificate_and_asks_for_a_password() {
    let mut server = PostgresServer::start(&[]);
    let (key, certificate) = (server.folder().join("server.key"), server.folder().join("server.crt"));
    let made = std::process::Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .expect("openssl is installed: apt-get install openssl");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    PostgresServer::give_away(&key);
    server.sql(
        "CREATE ROLE ada LOGIN PASSWORD 'hush' IN ROLE pg_write_all_data;
                GRANT CREATE ON DATABASE postgres TO ada",
    );
    let rules = "hostssl all ada 127.0.0.1/32 scram-sha-256\nhost all wortlaut 127.0.0.1/32 trust\n";
    std::fs::write(server.data().join("pg_hba.conf"), rules).expect("written");
    server.sql(&format!(
        "ALTER SYSTEM SET ssl = on; ALTER SYSTEM SET ssl_key_file = '{}'; ALTER SYSTEM SET ssl_cert_file = '{}'",
        key.display(),
        certificate.display()
    ));
    server.stop();
    server.resume();
    let opened = |host: &str, query: &str, password: Option<&str>| {
        let address = format!("postgres://ada@{host}:{}/postgres?{query}", server.port);
        let address = MemoryAddress::parse(&address).expect("an address");
        let address = match password {
            Some(password) => address.with_password(&password.into()),
            None => address,
        };
        PostgresMemory::open(address).map(drop).map_err(|error| error.to_string())
    };
    let known = format!("sslmode=verify-full&sslrootcert={}", certificate.display());
    assert_eq!(opened("localhost", &known, Some("hush")), Ok(()));
    assert_eq!(opened("127.0.0.1", "sslmode=require", Some("hush")), Ok(()));
    for (host, query, password) in [
        ("127.0.0.1", known.as_str(), Some("hush")),
        ("localhost", "sslmode=verify-full", Some("hush")),
        ("localhost", "sslmode=disable", Some("hush")),
        ("localhost", &known, Some("loud")),
        ("localhost", &known, None),
    ] {
        let error = opened(host, query, password).expect_err("refused");
        assert!(error.starts_with("cannot connect to the translation memory"), "{error}");
        assert!(!error.contains("hush") && !error.contains("loud"), "{error}");
    }
}

#[test]
fn a_memory_is_copied_into_a_database_and_back_row_by_row() {
    let server = PostgresServer::start(&[]);
    let folder = tempfile::tempdir().expect("a folder");
    let (first, second) = (folder.path().join("first.db"), folder.path().join("second.db"));
    filled(&SqliteMemory::open(&first).expect("made"));
    let into_server = || {
        let copied = CopiedMemory::of_file(&first).expect("there");
        copied.copy_into(&CopiedMemory::server(open(&server))).expect("copied")
    };
    let stats = into_server();
    assert_eq!((stats.rows, stats.unusable, stats.corrections, stats.withdrawn), (2_501, 1, 1, 1));
    let copied = CopiedMemory::server(open(&server));
    copied.copy_into(&CopiedMemory::into_file(&second).expect("made")).expect("copied");
    let rows = |path: &std::path::Path| {
        let database = Database::open_existing(path).expect("read").expect("there");
        TABLES.map(|table| database.rows_after(&table, None, 9_999).expect("read"))
    };
    assert!(rows(&first).iter().all(|rows| !rows.is_empty()), "every table has something to copy");
    assert_eq!(rows(&first), rows(&second));
    // Again nothing changes, and what came later on one side is not lost by what is older on the other.
    let dump = "SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM wortlaut.translation t";
    let before = server.sql(dump);
    into_server();
    assert_eq!(server.sql(dump), before);
    let key = record("Satz 7.").key;
    server.sql(&format!(
        "UPDATE wortlaut.translation SET target = 'Newer.', created_at = created_at + 1 WHERE key = '\\x{key}'"
    ));
    into_server();
    let found = |memory: &dyn Memory| block_on(memory.lookup(vec![key])).expect("read").remove(0);
    assert_eq!(found(&open(&server)), Some(Translation::plain("Newer.")));
    copied.copy_into(&CopiedMemory::into_file(&first).expect("there")).expect("copied");
    assert_eq!(found(&SqliteMemory::open(&first).expect("opened")), Some(Translation::plain("Newer.")));
}

/// Fills a memory with something of all that there is.
fn filled(memory: &dyn Memory) {
    let mut answers: Vec<StoredAnswer> =
        (0..2_500).map(|number| record(&format!("Satz {number}."))).collect();
    let mut full = record("Die „Rakete“\u{0} flog.");
    full.request.terms = vec![TermHint { source: "Rakete".into(), target: "rocket".into() }];
    full.key = Key::new("double", &full.request);
    full.translation.alternatives = vec!["The missile flew.".to_owned()];
    full.translation.cuts = vec![crate::model::Cut::Loop];
    full.translation.alignment = Some(Alignment::Words(SpanPairs(vec![(0..3, 0..3)])));
    full.translation.billed = Some(17);
    let request = full.request.clone();
    answers.push(full);
    block_on(memory.store(answers)).expect("stored");
    let refused = Refused { record: record("Nein."), class: Class::Echo, form: Form::Alone };
    block_on(memory.refuse(vec![refused])).expect("kept");
    let pair = HumanPair {
        inlines: Some(SpanPairs(vec![(0..2, 0..3)])),
        place: Some(PairPlace { article: ArticleId::new("ä.txt"), segment: 7 }),
        context: Neighbours { before: Some("Zuvor.".into()), after: None },
        origin: Some("Büro.tmx".into()),
        ..conformance::pair("Ja doch.", "Yes it is.", 1_795_702_000)
    };
    let other = conformance::pair("Ja doch.", "Yes.", 1);
    block_on(memory.add_pairs(vec![pair, other.clone()])).expect("added");
    block_on(memory.withdraw(vec![other.id()], Timestamp::from_seconds(9))).expect("withdrawn");
    let read = vec![ReadText::new("Ja doch.", "Yes it is.")];
    block_on(memory.mark_read(ArticleId::new("ä.txt"), read, true)).expect("kept");
    let output = OutputRecord {
        path: "/ä".into(),
        hash: "00".into(),
        article: "ä.txt".into(),
        format: "text".into(),
        segments: None,
    };
    block_on(memory.settle_output(output)).expect("kept");
    let succession = Succession { fingerprint: "double".into(), earlier: "single".into() };
    block_on(memory.decide(succession, true)).expect("decided");
    let job = BatchJob {
        nonce: "one".into(),
        profile: "night".into(),
        fingerprint: "night 1".into(),
        host: "mt.example".into(),
        service_id: Some("batch_7".into()),
        created_at: Timestamp::from_seconds(1_795_702_000),
        cancelled: true,
        requests: 1,
        open: 1,
    };
    let texts = vec![BatchText { place: 0, request, replaces: true }];
    let requests = vec![BatchRequest { number: 3, form: Form::Batch, companions: 1, texts }];
    block_on(memory.add_job(job, requests)).expect("kept");
}

fn amount(characters: u64) -> SpentAmount {
    SpentAmount { characters, cost: u128::from(characters) * 1_000_000_000_000_000_000_000 }
}

/// Which process sends it, what is set aside for it, the part of that it costs in per cent, and how it ends.
type BudgetRequest = (usize, u64, u64, u8);

#[test]
fn a_budget_is_never_exceeded_by_one_unit_however_many_spend_it() {
    let server = PostgresServer::start(&[]);
    let handles = [open(&server), open(&server)];
    let case = std::cell::Cell::new(0);
    let requests = proptest::collection::vec((0..2_usize, 1..90_u64, 0..=100_u64, 0..4_u8), 1..40);
    let holds = |(most, bounds_cost, requests): (u64, bool, Vec<BudgetRequest>)| {
        case.set(case.get() + 1);
        let name = format!("budget {}", case.get());
        let no_limit = SpentAmount { characters: i64::MAX.unsigned_abs(), cost: u128::MAX };
        let limit = if bounds_cost {
            SpentAmount { cost: amount(most).cost, ..no_limit }
        } else {
            SpentAmount { characters: most, ..no_limit }
        };
        // Both spend at the same time; what a request was charged is known when it is settled, if ever.
        let buy = |own: usize| {
            let mut charged = 0;
            for &(of, characters, share, end) in requests.iter().filter(|request| request.0 == own) {
                let memory = &handles[of];
                let answer = block_on(memory.set_aside(name.clone(), amount(characters), limit));
                if answer.expect("asked") != SetAsideAnswer::Granted {
                    continue;
                }
                let cost = characters * share / 100;
                let settle = |spent| block_on(memory.settle(name.clone(), amount(characters), amount(spent)));
                match end {
                    0 => settle(0).expect("settled"),
                    // Charged, and nobody ever says so.
                    1 => charged += cost,
                    _ => {
                        settle(cost).expect("settled");
                        charged += cost;
                    }
                }
            }
            charged
        };
        let charged: u64 = thread::scope(|scope| {
            let other = scope.spawn(|| buy(1));
            buy(0) + other.join().expect("spent")
        });
        let spent = server
            .sql(&format!("SELECT coalesce(sum(characters), 0) FROM wortlaut.budget WHERE name = '{name}'"));
        let spent: u64 = spent.parse().expect("a number");
        prop_assert!(charged <= spent && spent <= most, "{charged} charged, {spent} spent of {most}");
        Ok(())
    };
    let cases = (0..400_u64, any::<bool>(), requests);
    let config = ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new(config).run(&cases, holds).expect("it holds");
}

#[test]
fn a_budget_waits_for_what_others_may_leave_and_not_for_the_dead() {
    let server = PostgresServer::start(&[]);
    let (memory, other) = (open(&server), open(&server));
    let set_aside = |memory: &PostgresMemory, characters| {
        let answer = memory.set_aside("autumn".into(), SpentAmount { characters, cost: 0 }, amount(10));
        block_on(answer).expect("asked")
    };
    let of = |characters| SpentAmount { characters, cost: 0 };
    assert_eq!(set_aside(&memory, 11), SetAsideAnswer::Exhausted { spent: of(0) });
    assert_eq!(set_aside(&memory, 7), SetAsideAnswer::Granted);
    assert_eq!(set_aside(&other, 5), SetAsideAnswer::Later);
    block_on(memory.settle("autumn".into(), of(7), of(5))).expect("settled");
    assert_eq!(set_aside(&other, 5), SetAsideAnswer::Granted);
    server.sql("UPDATE wortlaut.worker SET expires_at = clock_timestamp() - interval '1 s' WHERE id = 2");
    // Nobody knows what its request did cost.
    assert_eq!(set_aside(&memory, 1), SetAsideAnswer::Exhausted { spent: of(10) });
    assert_eq!(set_aside(&memory, 0), SetAsideAnswer::Granted);
}

#[test]
fn requests_of_all_processes_have_their_turns_one_after_another() {
    let server = PostgresServer::start(&[]);
    let (memory, other) = (open(&server), open(&server));
    let reserve = |memory: &PostgresMemory, line: &str, seconds| {
        let reserved = memory.reserve_time(line.into(), Duration::from_secs(seconds));
        block_on(reserved).expect("reserved").as_secs_f64()
    };
    assert!(reserve(&memory, "host", 100) < 1.0);
    let next = reserve(&other, "host", 1);
    assert!(next > 50.0 && next <= 100.0, "{next}");
    assert!(reserve(&other, "elsewhere", 1) < 1.0);
    block_on(memory.pause_line("elsewhere".into(), Duration::from_mins(5))).expect("paused");
    assert!(reserve(&other, "elsewhere", 0) > 200.0);
    // A pause that ends earlier changes nothing.
    block_on(memory.pause_line("elsewhere".into(), Duration::from_secs(1))).expect("paused");
    assert!(reserve(&other, "elsewhere", 0) > 200.0);
}
