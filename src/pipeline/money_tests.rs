//! What runs cost, against services that count on their own what they charge.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastrand::Rng;
use futures::FutureExt;

use super::*;
use crate::engine::{
    Abilities, Allowance, AnswerFault, Billing, EngineError, EngineInfo, EngineKind, Foreseen, Limits,
    Policy, Prices, Profile, Purse, Retrying, Spent, TranslateFuture, build,
};
use crate::memory::{Memory, SqliteMemory};
use crate::model::{ArticleId, Batch, Entry, Origin, Request, Translation, Usage};

/// What services charged, by their own count.
#[derive(Debug, Clone, Copy, Default)]
struct Till {
    characters: u64,
    /// Millionths of the currency.
    money: u64,
}

/// What goes wrong, in tenths of requests.
#[derive(Debug, Clone, Copy, Default)]
struct Trouble {
    requests: u8,
    /// Texts whose answer is no translation, in hundredths.
    answers: u8,
    /// Texts in which terms do not hold at first, in tenths.
    terms: u8,
}

/// A service that charges: by characters, or by tokens up to all that was set aside.
struct ChargingEngine {
    info: EngineInfo,
    purse: Arc<Purse>,
    till: Arc<Mutex<Till>>,
    /// What a character costs, or a token, in millionths.
    price: u64,
    trouble: Trouble,
    rng: Mutex<Rng>,
}

impl ChargingEngine {
    fn most(&self, batch: &Batch) -> Usage {
        match self.info.billing {
            Billing::Tokens => {
                let bytes: u64 = batch.requests.iter().map(|request| request.text.len() as u64).sum();
                Usage { input_tokens: bytes + 100, output_tokens: bytes + 50, ..batch.characters() }
            }
            Billing::Characters | Billing::None => batch.characters(),
        }
    }

    /// What a request costs, which is counted here.
    fn charge(&self, most: Usage) -> Usage {
        let mut rng = self.rng.lock().expect("whole");
        let used = match self.info.billing {
            Billing::Tokens => Usage {
                input_tokens: rng.u64(1..=most.input_tokens),
                output_tokens: rng.u64(1..=most.output_tokens),
                ..most
            },
            Billing::Characters | Billing::None => most,
        };
        let units = if self.info.billing == Billing::Tokens { used.tokens() } else { used.characters };
        let mut till = self.till.lock().expect("whole");
        till.characters += used.characters;
        till.money += units * self.price;
        used
    }

    fn english(&self, german: &str) -> String {
        let mut rng = self.rng.lock().expect("whole");
        if rng.u8(0..100) < self.trouble.answers {
            return ["", german, "I cannot help with that."][rng.usize(0..3)].to_owned();
        }
        let number: String =
            german.split("Nummer ").skip(1).flat_map(str::chars).filter(char::is_ascii_digit).collect();
        let token = german.split_whitespace().find(|word| word.starts_with("ZQX"));
        let is_held = german.contains("craft") || token.is_some();
        let ship = match token {
            _ if rng.u8(0..10) < self.trouble.terms => "ship",
            Some(token) => token,
            None if is_held => "craft",
            None => "ship",
        };
        format!("In the harbour of the town lies the {ship} with number {number}.")
    }

    async fn send(&self, batch: &Batch) -> Result<Vec<Translation>, EngineError> {
        let most = self.most(batch);
        let set_aside = self.purse.set_aside(self.info.prices.as_ref(), most).await?;
        let (fault, wait) = {
            let mut rng = self.rng.lock().expect("whole");
            let is_fault = rng.u8(0..10) < self.trouble.requests;
            (is_fault.then(|| rng.u8(0..6)), rng.u64(0..50))
        };
        tokio::time::sleep(Duration::from_millis(wait)).await;
        let broken_off = || EngineError::BrokenOff {
            host: "double".to_owned(),
            reason: "reset".to_owned(),
            source: std::io::Error::other("reset").into(),
        };
        match fault {
            Some(0) => {
                set_aside.give_back();
                return Err(EngineError::RateLimited { after: Some(Duration::from_secs(1)) });
            }
            // What was set aside is dropped: nobody knows whether it was charged.
            Some(1) => return Err(broken_off()),
            Some(2) => {
                self.charge(most);
                return Err(broken_off());
            }
            Some(3) => {
                self.charge(most);
                return Err(EngineError::Timeout {
                    host: "double".to_owned(),
                    after: Duration::from_secs(1),
                });
            }
            Some(4) => {
                set_aside.spend(self.charge(most));
                return Err(AnswerFault::WrongCount { sent: batch.requests.len(), got: 0 }.into());
            }
            Some(_) => {
                set_aside.give_back();
                return Err(EngineError::Refused { status: 400, message: "no".to_owned() });
            }
            None => {}
        }
        set_aside.spend(self.charge(most));
        Ok(batch.requests.iter().map(|request| Translation::plain(self.english(&request.text))).collect())
    }
}

impl Engine for ChargingEngine {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn translate<'a>(&'a self, batch: &'a Batch) -> TranslateFuture<'a> {
        self.send(batch).boxed()
    }

    fn encoded_len(&self, request: &Request) -> usize {
        request.text.len()
    }

    fn requests(&self) -> u64 {
        0
    }

    fn foresee(&self, batch: &Batch) -> Foreseen {
        Foreseen::exact(self.most(batch))
    }

    fn spent(&self) -> Spent {
        self.purse.spent()
    }
}

/// A run and what it may spend.
struct LimitedRun<'a> {
    /// With another engine.
    tools: &'a Tools,
    rng: Rng,
    trouble: Trouble,
    billing: Billing,
    engines: usize,
    text: String,
}

impl<'a> LimitedRun<'a> {
    fn new(seed: u64, tools: &'a Tools) -> Self {
        let mut rng = Rng::with_seed(seed);
        let trouble = match seed % 4 {
            0 => Trouble::default(),
            1 => Trouble { terms: rng.u8(0..=10), ..Trouble::default() },
            _ => Trouble { requests: rng.u8(0..5), answers: rng.u8(0..20), terms: rng.u8(0..=10) },
        };
        let billing = if rng.bool() { Billing::Characters } else { Billing::Tokens };
        let sentences = rng.usize(1..12);
        // Some of them are equal.
        let sentence = |_| format!("Im Hafen der Stadt liegt das Schiff mit Nummer {}. ", rng.u8(1..10));
        let text = (0..sentences).map(sentence).collect();
        Self { tools, engines: rng.usize(1..=2), rng, trouble, billing, text }
    }

    /// The run; its engines share a purse and a till.
    fn run(
        &mut self,
        allowance: Allowance,
        memory: &Arc<dyn Memory>,
        trouble: Trouble,
    ) -> (Run, Arc<Purse>, Arc<Mutex<Till>>) {
        let (purse, till) = (Purse::new(allowance), Arc::<Mutex<Till>>::default());
        let engines: Vec<Arc<dyn Engine>> = (0..self.engines)
            .map(|number| {
                let price = 20 + 10 * number as u64;
                let each = Some(price.to_string().parse().expect("a price"));
                let is_by_tokens = self.billing == Billing::Tokens;
                let prices = Prices {
                    currency: "EUR".parse().expect("a currency"),
                    characters: each.filter(|_| !is_by_tokens),
                    input: each.filter(|_| is_by_tokens),
                    cached: None,
                    output: each.filter(|_| is_by_tokens),
                    thinking: None,
                };
                let info = EngineInfo {
                    profile: format!("double {number}"),
                    kind: "double",
                    fingerprint: format!("double {number}"),
                    limits: Limits { segments: 1 + self.rng.usize(0..5), characters: 10_000, bytes: 10_000 },
                    concurrency: self.rng.usize(1..4),
                    billing: self.billing,
                    prices: Some(Arc::new(prices)),
                    abilities: Abilities::default(),
                    caveat: None,
                };
                let rng = Mutex::new(Rng::with_seed(self.rng.u64(..)));
                let (purse, till) = (Arc::clone(&purse), Arc::clone(&till));
                let engine = ChargingEngine { info, purse, till, price, trouble, rng };
                let policy = Policy { seed: Some(1), ..Policy::default() };
                Arc::new(Retrying::new(Arc::new(engine), policy, Arc::new(|_| {}))) as Arc<dyn Engine>
            })
            .collect();
        let next = engines[1..].to_vec();
        let peers =
            Peers { weaker: next.iter().map(|next| Peer::of(next.info())).collect(), ..Peers::default() };
        let on = if self.rng.bool() { AskNext::Failure } else { AskNext::Findings };
        let articles = vec![Input::Bytes(ArticleId::new("a.txt"), self.text.as_bytes().into())];
        let options = Options { peers, next, on, ..Options::default() };
        let inputs = Inputs { articles, ..Inputs::default() };
        let tools = Tools { engine: Arc::clone(&engines[0]), ..self.tools.clone() };
        (Run { options, ..Run::new(inputs, tools, Arc::clone(memory)) }, purse, till)
    }
}

fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().start_paused(true).build().expect("a runtime")
}

/// One run within a random limit, and what goes on from it with a higher one. Gives back whether the limit ended it.
fn hold(seed: u64, tools: &Tools) -> bool {
    let mut case = LimitedRun::new(seed, tools);
    let memory: Arc<dyn Memory> = Arc::new(SqliteMemory::open_in_memory().expect("a memory"));
    let runtime = runtime();
    let (trouble, length) = (case.trouble, case.text.len() as u64);
    let is_faultless = trouble.requests + trouble.answers == 0;
    let most = is_faultless.then(|| {
        let (run, ..) = case.run(Allowance::default(), &memory, trouble);
        runtime.block_on(run.estimate()).expect("readable").most[0]
    });
    let (limit, micro) = (case.rng.u64(0..=2 * length), case.rng.u64(0..=80 * length));
    let allowance = Allowance {
        characters: case.rng.bool().then_some(limit),
        cost: case.rng.bool().then(|| format!("0.{micro:06}").parse().expect("an amount")),
    };
    let (run, purse, till) = case.run(allowance, &memory, trouble);
    let ended = runtime.block_on(run.start()).failure;
    let (till, spent) = (*till.lock().expect("whole"), purse.spent());
    if let Some(limit) = allowance.characters {
        assert!(till.characters <= limit, "seed {seed}: {till:?}, {allowance:?}");
    }
    if allowance.cost.is_some() {
        assert!(till.money <= micro, "seed {seed}: {till:?}, {allowance:?}");
    }
    let told = spent.usage.characters..=spent.usage.characters + spent.unsure.characters;
    assert!(told.contains(&till.characters), "seed {seed}: {till:?}, {spent:?}");
    if let Some(most) = most {
        // What is left is translated without a limit: nothing is lost, and nothing is bought twice.
        let (run, _, rest) = case.run(Allowance::default(), &memory, trouble);
        let outcome = runtime.block_on(run.start());
        assert!(outcome.failure.is_none() && outcome.stats.failed == 0, "seed {seed}: {:?}", outcome.failure);
        let all = till.characters + rest.lock().expect("whole").characters;
        let first = most.first.likely.characters;
        let again = if case.engines == 1 { most.again.characters } else { u64::MAX - first };
        assert!(first <= all && all <= first + again, "seed {seed}: {all}, {most:?}");
    }
    matches!(ended, Some(RunError::Engine(EngineError::Allowance(_))))
}

fn hold_all(seeds: std::ops::Range<u64>) {
    let origin = Origin { path: "g.tsv".into(), line: 2 };
    let glossary = Glossary::of(vec![Entry::new("Schiff", "craft", origin)]);
    let pseudo = build(&Profile::new("pseudo", EngineKind::Pseudo)).expect("an engine");
    let tools = Tools::new(pseudo, &glossary);
    let stopped = seeds.clone().filter(|seed| hold(*seed, &tools)).count() as u64;
    assert!(stopped > (seeds.end - seeds.start) / 10, "few limits were reached: {stopped}");
}

#[test]
fn of_a_thousand_runs_none_costs_a_unit_more_than_it_may() {
    hold_all(0..500);
}

#[test]
fn nor_does_any_of_the_other_half() {
    hold_all(500..1_000);
}
