//! Batch jobs of language models, vendor by vendor. The requests and answers in them are those of the open lane; how a job is
//! handed in, found and read is a [`JobProtocol`](jobs::JobProtocol) in a file of its own.

mod anthropic;
mod gemini;
pub(super) mod jobs;
mod mistral;
mod openai;

pub(super) use self::anthropic::AnthropicJobs;
pub(super) use self::gemini::GeminiJobs;
pub(super) use self::mistral::MistralJobs;
pub(super) use self::openai::OpenAiJobs;
