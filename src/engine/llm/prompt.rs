//! The prompt: a template that says what stands in it, wortlaut's own or one of the user's.

use std::fmt;

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, UndefinedBehavior, Value, context};

use crate::engine::error::EngineError;
use crate::engine::http::{json_len, tail};
use crate::engine::profile::{ProfileError, TargetLang};
use crate::model::{Batch, Example, Request, TermHint};
use crate::text::characters::one_line;

/// The line between what is the same for every request and what is not.
const BORDER: &str = "\n---\n";
/// Bytes of context, of a title and of examples, in JSON; more does not help and takes the model's time.
const CONTEXT: usize = 2_000;
const TITLE: usize = 400;
const EXAMPLES: usize = 3_000;
/// Bytes that examples add to a body at most: those of JSON are escaped once more.
pub(super) const EXAMPLES_MOST: usize = 2 * EXAMPLES;
/// Examples for one text: the nearest say most, and each is read with every request.
const EXAMPLES_OF_A_TEXT: usize = 2;
/// Bytes that a longer id takes beside those of the probe.
const LONGER_ID: usize = 6;
/// What stands for a text when a template is measured; no template has it by chance.
const PROBE: &str = "Prüfstück";

/// A template that can be rendered.
pub(super) struct PromptTemplate {
    environment: Environment<'static>,
    version: PromptVersion,
    english: &'static str,
    size: PromptSize,
}

/// Which template it is, for the fingerprint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PromptVersion {
    /// One of wortlaut's own, by its number.
    Own(u32),
    /// One of the user's, by the beginning of its hash.
    Users(String),
}

/// What is said to the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Prompt {
    /// The same for every request, unless the template says otherwise; may be empty.
    pub(super) system: String,
    pub(super) user: String,
}

/// Bytes that a template takes in a JSON string.
#[derive(Debug, Clone, Copy)]
struct PromptSize {
    /// Without texts and terms, with the longest context, title and examples.
    fixed: usize,
    /// Around a text, and how often a text is shown.
    segment: usize,
    segment_times: usize,
    /// The same of a term.
    term: usize,
    term_times: usize,
}

/// A German text with its English, as a template names them.
#[derive(Debug)]
struct PromptPair {
    source: String,
    target: String,
}

impl PromptTemplate {
    /// A template of wortlaut's own.
    pub(super) fn own(number: u32, target: TargetLang) -> Result<Self, ProfileError> {
        let text = match number {
            1 => include_str!("../data/prompt-1.txt"),
            _ => include_str!("../data/prompt-2.txt"),
        };
        Self::new(text, PromptVersion::Own(number), target)
    }

    /// A template of the user's.
    pub(super) fn users(text: &str, target: TargetLang) -> Result<Self, ProfileError> {
        let hash = blake3::hash(text.as_bytes()).to_hex();
        Self::new(text, PromptVersion::Users(hash[..16].to_owned()), target)
    }

    fn new(text: &str, version: PromptVersion, target: TargetLang) -> Result<Self, ProfileError> {
        let english = match target {
            TargetLang::EnUs => "American English",
            TargetLang::EnGb => "British English",
        };
        // Line ends of Windows would be sent along.
        let text = text.replace("\r\n", "\n");
        let (system, user) = match text.find(BORDER) {
            Some(at) => (&text[..=at], &text[at + BORDER.len()..]),
            None => ("", &text[..]),
        };
        let unusable = |error: Error| refused(&format!("the prompt cannot be used: {error:#}"));
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let syntax = SyntaxConfig::builder().keep_trailing_newline(true).build().map_err(unusable)?;
        environment.set_syntax(syntax);
        // The filter of minijinja writes JSON for HTML, with `\u0027` for an apostrophe.
        environment.add_filter("tojson", |text: String| serde_json::to_string(&text).unwrap_or_default());
        environment.add_template_owned("system", system.to_owned()).map_err(unusable)?;
        environment.add_template_owned("user", user.to_owned()).map_err(unusable)?;
        let mut template = Self {
            environment,
            version,
            english,
            size: PromptSize { fixed: 0, segment: 0, segment_times: 1, term: 0, term_times: 1 },
        };
        template.size = template.measured().map_err(unusable)?;
        if template.size.segment_times == 0 {
            return Err(refused("the prompt does not show what is to be translated"));
        }
        Ok(template)
    }

    pub(super) fn version(&self) -> &PromptVersion {
        &self.version
    }

    /// What is said about a batch whose texts have these ids, with or without what stands around them in their article.
    pub(super) fn write(
        &self,
        batch: &Batch,
        ids: &[String],
        with_context: bool,
    ) -> Result<Prompt, EngineError> {
        self.render(batch, ids, with_context)
            .map_err(|error| EngineError::broken("cannot write the prompt", error))
    }

    /// Bytes of a body around the texts.
    pub(super) fn overhead(&self) -> usize {
        self.size.fixed
    }

    /// Bytes that a text adds to the body, with its terms.
    pub(super) fn encoded_len(&self, request: &Request) -> usize {
        let PromptSize { segment, segment_times, term, term_times, .. } = self.size;
        let of_term = |hint: &TermHint| term + term_times * (twice(&hint.source) + twice(&hint.target));
        segment + segment_times * twice(&request.text) + request.terms.iter().map(of_term).sum::<usize>()
    }

    fn render(&self, batch: &Batch, ids: &[String], with_context: bool) -> Result<Prompt, Error> {
        let segments: Vec<_> = batch
            .requests
            .iter()
            .zip(ids)
            .map(|(request, id)| Value::from_pairs([("id", id.as_str()), ("de", request.text.as_str())]))
            .collect();
        let short = |text: &Option<String>, bytes| {
            let text = text.as_deref().filter(|_| with_context).map(|text| tail(text, bytes).to_owned());
            text.filter(|text| !text.is_empty())
        };
        let variables = context! {
            english => self.english,
            title => short(&batch.title, TITLE),
            context => short(&batch.context, CONTEXT),
            terms => listed(terms(&batch.requests)),
            examples => listed(examples(&batch.examples)),
            segments => segments,
        };
        let rendered = |name| self.environment.get_template(name)?.render(&variables);
        Ok(Prompt { system: rendered("system")?, user: rendered("user")?.trim_end().to_owned() })
    }

    /// Renders probes, to know what a text, a term and the rest take.
    fn measured(&self) -> Result<PromptSize, Error> {
        let probe = |segments: usize, terms: usize| {
            let hint =
                |n: usize| TermHint { source: format!("{PROBE}-de-{n}"), target: format!("{PROBE}-en-{n}") };
            let request = |n: usize| Request {
                text: format!("{PROBE}-{n}-"),
                terms: if n == 1 { (0..terms).map(hint).collect() } else { Vec::new() },
                inlines: Vec::new(),
            };
            let example = |n: usize| Example { source: format!("{PROBE}-{n}"), target: PROBE.to_owned() };
            let batch = Batch {
                requests: (1..=segments).map(request).collect(),
                context: Some(format!("{PROBE}-context")),
                title: Some(format!("{PROBE}-title")),
                examples: vec![(0..EXAMPLES_OF_A_TEXT).map(example).collect()],
                ..Batch::default()
            };
            self.render(&batch, &super::schema::ids(segments), true)
                .map(|prompt| prompt.system + &prompt.user)
        };
        let (one, two, three) = (probe(1, 0)?, probe(2, 0)?, probe(3, 0)?);
        let (term, terms) = (probe(1, 1)?, probe(1, 2)?);
        let times = |text: &str, of: &str| text.matches(&format!("{PROBE}{of}")).count();
        let grown = |less: &str, more: &str| json_len(more).saturating_sub(json_len(less));
        let context_times = times(&one, "-context") + times(&one, "-title");
        // What a text is shown in is there with the second, and what stands between two of them with the third.
        Ok(PromptSize {
            fixed: json_len(&term) + 2 * context_times * (CONTEXT + TITLE) + 2 * EXAMPLES,
            segment: grown(&one, &two).max(grown(&two, &three)) + LONGER_ID,
            segment_times: times(&one, "-1-"),
            term: grown(&term, &terms).max(grown(&one, &term)),
            term_times: times(&term, "-de-0").max(times(&term, "-en-0")),
        })
    }
}

impl fmt::Display for PromptVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(number) => write!(f, "{number}"),
            Self::Users(hash) => f.write_str(hash),
        }
    }
}

fn refused(message: &str) -> ProfileError {
    ProfileError::at(
        "prompt",
        message,
        "docs: Engines and keys, “A prompt of your own”, has what stands in a prompt",
    )
}

fn listed(pairs: Vec<PromptPair>) -> Vec<Value> {
    let pair = |PromptPair { source, target }| Value::from_pairs([("source", source), ("target", target)]);
    pairs.into_iter().map(pair).collect()
}

/// The bytes of a text in a JSON string within a JSON string, at most.
fn twice(text: &str) -> usize {
    json_len(&serde_json::to_string(text).unwrap_or_default())
}

/// The terms of all texts, none twice.
fn terms(requests: &[Request]) -> Vec<PromptPair> {
    let mut terms: Vec<PromptPair> = Vec::new();
    for hint in requests.iter().flat_map(|request| &request.terms) {
        let (source, target) = (one_line(&hint.source), one_line(&hint.target));
        if !terms.iter().any(|term| (&term.source, &term.target) == (&source, &target)) {
            terms.push(PromptPair { source, target });
        }
    }
    terms
}

/// The nearest earlier translations of each text, none twice, as long as there is room.
fn examples(of_texts: &[Vec<Example>]) -> Vec<PromptPair> {
    let mut left = EXAMPLES;
    let mut examples: Vec<PromptPair> = Vec::new();
    for example in of_texts.iter().flat_map(|examples| examples.iter().take(EXAMPLES_OF_A_TEXT)) {
        let (source, target) = (one_line(&example.source), one_line(&example.target));
        let size = json_len(&source) + json_len(&target) + LONGER_ID;
        if size > left {
            break;
        }
        if !examples.iter().any(|known| known.source == source) {
            left -= size;
            examples.push(PromptPair { source, target });
        }
    }
    examples
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::schema::ids;
    use super::*;

    fn request(text: &str, terms: &[(&str, &str)]) -> Request {
        let hint = |(source, target): &(&str, &str)| TermHint {
            source: (*source).to_owned(),
            target: (*target).to_owned(),
        };
        Request { text: text.to_owned(), terms: terms.iter().map(hint).collect(), inlines: Vec::new() }
    }

    /// What the versions before this one said, word for word.
    #[test]
    fn the_first_prompt_says_what_it_always_said() {
        let template = PromptTemplate::own(1, TargetLang::EnUs).unwrap();
        let requests = vec![
            request("Der \"Zug\" hält an Peters' <Gleis> & weiter.", &[]),
            request("Er fährt\tab.", &[]),
        ];
        let bare = Batch { requests, ..Batch::default() };
        let prompt = template.write(&bare, &ids(2), true).unwrap();
        let system = concat!(
            "You translate German news into American English for publication.\n\n",
            "You are given a JSON object. \"segments\" holds sentences, headings and captions in their order, each with an \"id\" and ",
            "its German text \"de\". \"context\", if there is one, is the German text before them: read it, do not translate it.\n\n",
            "Answer with JSON only, of this form:\n{\"translations\": [{\"id\": 1, \"en\": \"...\"}]}\n\nRules:\n",
            "- Exactly one translation for each id, in the same order. Never merge, split, drop or add any.\n",
            "- Translate everything that a text says and nothing that it does not say. No notes, no explanations.\n",
            "- Keep names, numbers, dates, quotation marks and markup as they are; write numbers the English way (1,3 Millionen is 1.3 million, 13 000 is 13,000).\n",
            "- A text that is not a whole sentence stays one that is not.\n",
        );
        assert_eq!(prompt.system, system);
        assert_eq!(
            prompt.user,
            r#"{"segments":[{"id":1,"de":"Der \"Zug\" hält an Peters' <Gleis> & weiter."},{"id":2,"de":"Er fährt\tab."}]}"#
        );
        let requests =
            vec![request("Am Kai.", &[("Kai", "quay"), ("Kai", "quay"), ("Ost\nkai", "East Quay")])];
        let rich = Batch { requests, context: Some("Es \"regnet\".".to_owned()), ..Batch::default() };
        let prompt = template.write(&rich, &ids(1), true).unwrap();
        let terms = "\nTerms: wherever the German words on the left stand in a text, its translation uses the \
                     English on the right, word for word; only its number and genitive may change.\n\
                     Kai -> quay\nOst kai -> East Quay\n";
        assert_eq!(prompt.system, format!("{system}{terms}"));
        assert_eq!(prompt.user, r#"{"segments":[{"id":1,"de":"Am Kai."}],"context":"Es \"regnet\"."}"#);
    }

    #[test]
    fn the_fixed_part_of_the_second_prompt_is_the_same_for_every_batch() {
        let template = PromptTemplate::own(2, TargetLang::EnGb).unwrap();
        let plain = Batch { requests: vec![request("Ja.", &[])], ..Batch::default() };
        let rich = Batch {
            requests: vec![request("Die \"Fähre\" legt ab.", &[("Fähre", "ferry")])],
            context: Some("Es regnet.".to_owned()),
            title: Some("Sturm an der Küste".to_owned()),
            examples: vec![vec![Example {
                source: "Die Fähre kommt.".to_owned(),
                target: "The ferry comes.".to_owned(),
            }]],
            ..Batch::default()
        };
        let (plain, rich) =
            (template.write(&plain, &ids(1), true).unwrap(), template.write(&rich, &ids(1), true).unwrap());
        assert_eq!(plain.system, rich.system);
        assert!(plain.system.contains("British English"));
        assert_eq!(plain.user, "Segments:\n1: \"Ja.\"");
        assert_eq!(
            rich.user,
            "Headline: Sturm an der Küste\n\nBefore them: Es regnet.\n\nTerms:\nFähre -> ferry\n\n\
             Earlier translations of similar sentences:\n\"Die Fähre kommt.\" -> \"The ferry comes.\"\n\n\
             Segments:\n1: \"Die \\\"Fähre\\\" legt ab.\""
        );
    }

    #[test]
    fn a_prompt_that_cannot_work_is_a_mistake_in_the_profile() {
        let of = |text| PromptTemplate::users(text, TargetLang::EnUs).map(|_| ()).unwrap_err().to_string();
        assert!(of("Translate {{ segment }}").contains("undefined"), "{}", of("Translate {{ segment }}"));
        assert!(of("Translate {% for %}").contains("cannot be used"));
        assert!(of("Translate this.").contains("does not show"));
        let text = "To {{ english }}.\r\n---\r\n{% for s in segments %}{{ s.id }} {{ s.de }}\n{% endfor %}";
        let template = PromptTemplate::users(text, TargetLang::EnUs).unwrap();
        let batch = Batch { requests: vec![request("Ja.", &[])], ..Batch::default() };
        let prompt = template.write(&batch, &ids(1), true).unwrap();
        assert_eq!((prompt.system.as_str(), prompt.user.as_str()), ("To American English.\n", "1 Ja."));
        assert_eq!(template.version().to_string().len(), 16);
    }

    proptest! {
        /// Whatever texts, terms and company a batch has, the prompt is no longer than is said beforehand.
        #[test]
        fn a_prompt_is_no_longer_than_its_parts_say(
            texts in proptest::collection::vec(any::<String>(), 1..25),
            terms in proptest::collection::vec(any::<(String, String)>(), 0..6),
            title in proptest::option::of(any::<String>()),
            context in proptest::option::of("[ä\"\\\\ ]{0,3000}"),
            examples in proptest::collection::vec(any::<(String, String)>(), 0..6),
            which in 0..3_u32,
        ) {
            let template = match which {
                0 => PromptTemplate::users(
                    "{{ english }} {{ title }} {{ context }} {{ context }}\n---\n{% for s in segments %}{{ s.de }} {{ s.id }}: {{ s.de | tojson }}{% endfor %}\
                     {% for t in terms %}{{ t.target }} {{ t.source | tojson }}{{ t.target }}{% endfor %}",
                    TargetLang::EnUs,
                ).unwrap(),
                number => PromptTemplate::own(number, TargetLang::EnGb).unwrap(),
            };
            let terms: Vec<_> = terms.iter().map(|(source, target)| (source.as_str(), target.as_str())).collect();
            let example = |(source, target): &(String, String)| Example { source: source.clone(), target: target.clone() };
            let batch = Batch {
                requests: texts.iter().map(|text| request(text, &terms)).collect(),
                title,
                context,
                examples: examples.iter().map(|pair| vec![example(pair)]).collect(),
                ..Batch::default()
            };
            let prompt = template.write(&batch, &ids(texts.len()), true).unwrap();
            let said: usize = batch.requests.iter().map(|request| template.encoded_len(request)).sum();
            let is = json_len(&prompt.system) + json_len(&prompt.user);
            prop_assert!(is <= said + template.overhead() + 8, "{} > {} + {}", is, said, template.overhead());
        }
    }
}
