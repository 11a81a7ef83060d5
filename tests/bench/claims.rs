//! How many texts a second are claimed, stored and looked up in a shared memory, by several processes at once.
//!
//! ```text
//! claims URL [--handles 4] [--batch 500] [--batches 40]
//! ```
//!
//! Prints the figures as one JSON object. The database is left with what was stored.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a program for people"
)]

use std::time::Instant;

use futures::executor::block_on;
use wortlaut::memory::{Key, Memory, MemoryAddress, PostgresMemory, StoredAnswer};
use wortlaut::model::{Request, Translation};

/// An answer as long as those of news are.
fn answer(handle: usize, number: usize) -> StoredAnswer {
    let text = format!(
        "Satz {number} von Prozess {handle}: Der Sprecher des Ministeriums sagte am Mittwoch, die Fähre werde im Herbst \
         wieder nach Husum fahren."
    );
    let request = Request { text, terms: Vec::new(), inlines: Vec::new() };
    let english = format!(
        "Sentence {number} of process {handle}: The spokesman of the ministry said on Wednesday that the ferry would go \
         to Husum again in autumn."
    );
    StoredAnswer {
        key: Key::new("claims", &request),
        engine: "claims".to_owned(),
        fingerprint: "claims".to_owned(),
        request,
        translation: Translation::plain(english),
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, default: usize| {
        let at = arguments.iter().position(|argument| argument == name);
        at.and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(default)
    };
    let (handles, batch, batches) = (number("--handles", 4), number("--batch", 500), number("--batches", 40));
    let address = MemoryAddress::parse(&arguments[0]).expect("an address");
    let open = |_| PostgresMemory::open(address.clone()).expect("opened");
    let memories: Vec<PostgresMemory> = (0..handles).map(open).collect();
    // What each one does, batch by batch, all at the same time.
    let rate = |act: &(dyn Fn(&PostgresMemory, Vec<StoredAnswer>) + Sync)| {
        let begun = Instant::now();
        std::thread::scope(|scope| {
            for (handle, memory) in memories.iter().enumerate() {
                scope.spawn(move || {
                    for at in 0..batches {
                        act(memory, (at * batch..(at + 1) * batch).map(|n| answer(handle, n)).collect());
                    }
                });
            }
        });
        (handles * batches * batch) as f64 / begun.elapsed().as_secs_f64()
    };
    let keys = |answers: &[StoredAnswer]| answers.iter().map(|answer| answer.key).collect::<Vec<_>>();
    let claims = rate(&|memory, answers| {
        let granted = block_on(memory.claim(keys(&answers))).expect("asked");
        assert!(granted.iter().all(|is| *is), "nobody else has them");
    });
    let stores = rate(&|memory, answers| block_on(memory.store(answers)).expect("stored"));
    let lookups = rate(&|memory, answers| {
        let found = block_on(memory.lookup(keys(&answers))).expect("read");
        assert!(found.iter().all(Option::is_some), "all are there");
    });
    let stats = block_on(memories[0].stats()).expect("read");
    println!(
        "{{\"handles\": {handles}, \"batch\": {batch}, \"claims_per_second\": {claims:.0}, \"stores_per_second\": \
         {stores:.0}, \"lookups_per_second\": {lookups:.0}, \"answers\": {}, \"bytes\": {}}}",
        stats.rows, stats.bytes
    );
}
