//! What a run reports while it goes on.

use std::iter::Sum;
use std::ops::AddAssign;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::estimate::Estimate;
use super::night::JobNews;
use super::stats::Stats;
use crate::engine::{OnWait, Spent};
use crate::model::{ArticleId, SegmentFinding};

/// Something that happened in a run.
#[derive(Debug, Clone)]
pub enum Event {
    /// The articles to come.
    Started {
        /// How many; `None` if that is not known, as with corpora.
        articles: Option<usize>,
    },
    /// More of the text has been read.
    Expected {
        /// All segments and their German, as far as the part that was read shows; of all that was read, exact.
        total: Extent,
    },
    /// An article was read and cut.
    Read {
        /// The article.
        article: ArticleId,
    },
    /// Something about an article, or a corpus, may be wrong; it is translated all the same.
    Noted {
        /// The article.
        article: ArticleId,
        /// What may be wrong, and what to do about it.
        note: String,
    },
    /// An article cannot be translated; the others go on.
    Skipped {
        /// The article.
        article: ArticleId,
        /// Why.
        reason: String,
    },
    /// Segments have their first answer.
    Segments {
        /// Which part of the total that is.
        done: Extent,
        /// Whether they were sent: what the memory knows comes at another pace.
        sent: bool,
    },
    /// Segments of an article are sent again, so that their terms hold.
    Holding {
        /// The article.
        article: ArticleId,
    },
    /// The files of an article are being written.
    Writing {
        /// The article.
        article: ArticleId,
    },
    /// A request was answered.
    Spent {
        /// What all requests so far used.
        spent: Spent,
    },
    /// Of a dry run: what would be sent for an article is known.
    Estimated {
        /// Its place in the order of the inputs, from 0 and without gaps; events come in another order.
        number: u64,
        /// The article.
        article: ArticleId,
        /// Its figures.
        estimate: Box<Estimate>,
    },
    /// Something became of a batch job.
    Job(JobNews),
    /// Sending pauses.
    Waiting {
        /// Why.
        reason: String,
        /// For how long.
        pause: Duration,
    },
    /// An article is done and its files are written; the files of a record are those of its corpus, which are in
    /// their place when all records are.
    Written {
        /// The article.
        article: ArticleId,
        /// Its figures.
        stats: Box<Stats>,
        /// What the checks found, in the order of the segments.
        findings: Vec<SegmentFinding>,
        /// The files.
        files: Vec<PathBuf>,
    },
    /// An engine is not asked any more, and the next one goes on.
    Retired { engine: String, next: String, reason: String },
    /// The run is over; nothing follows.
    Finished,
    /// The run ends before its time: nothing more is sent, and what is in flight is awaited.
    Stopping {
        /// Whether it was interrupted; otherwise the engine or the memory failed.
        interrupted: bool,
        /// Requests in flight.
        in_flight: usize,
        /// How long they are awaited.
        limit: Duration,
    },
}

/// How much text there is, or is done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// Segments.
    pub segments: u64,
    /// Characters of their German.
    pub characters: u64,
}

impl Extent {
    /// One segment.
    pub(super) fn of(source: &str) -> Self {
        Self { segments: 1, characters: source.chars().count() as u64 }
    }
}

/// How much text there will be, by the share of all bytes that was read.
#[derive(Debug, Default)]
pub(super) struct Forecast {
    all_bytes: u64,
    bytes: u64,
    seen: Extent,
}

impl Forecast {
    pub(super) fn new(all_bytes: u64) -> Self {
        Self { all_bytes, ..Self::default() }
    }

    /// Counts something that was read, and says how much there will be in all.
    pub(super) fn read(&mut self, bytes: u64, text: Extent) -> Extent {
        self.bytes += bytes;
        self.seen += text;
        // Of what is read a second time or grew meanwhile, more may be read than there was.
        let scaled = |part: u64| {
            let all = u128::from(part) * u128::from(self.all_bytes) / u128::from(self.bytes.max(1));
            u64::try_from(all).unwrap_or(u64::MAX).max(part)
        };
        Extent { segments: scaled(self.seen.segments), characters: scaled(self.seen.characters) }
    }
}

impl AddAssign for Extent {
    fn add_assign(&mut self, other: Self) {
        self.segments += other.segments;
        self.characters += other.characters;
    }
}

impl Sum for Extent {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), |mut sum, part| {
            sum += part;
            sum
        })
    }
}

/// Where the events of a run go: a channel, so that whoever shows them cannot hold up the run.
#[derive(Debug, Clone, Default)]
pub struct Events(Option<UnboundedSender<Event>>);

impl Events {
    /// A channel of events. It is closed when the run and all copies of the sender are gone.
    #[must_use]
    pub fn channel() -> (Self, UnboundedReceiver<Event>) {
        let (sender, receiver) = unbounded_channel();
        (Self(Some(sender)), receiver)
    }

    /// Reports the pauses of an engine.
    #[must_use]
    pub fn on_wait(&self) -> OnWait {
        let events = self.clone();
        Arc::new(move |wait| events.send(Event::Waiting { reason: wait.to_string(), pause: wait.duration }))
    }

    /// Reports an event. If nobody listens any more, the run goes on all the same.
    pub fn send(&self, event: Event) {
        if let Some(sender) = &self.0 {
            let _ = sender.send(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_expected_follows_the_share_that_was_read_and_is_exact_in_the_end() {
        let text = |segments| Extent { segments, characters: segments * 100 };
        let mut forecast = Forecast::new(1000);
        assert_eq!(forecast.read(100, text(5)), text(50));
        assert_eq!(forecast.read(400, text(15)), text(40));
        assert_eq!(forecast.read(500, text(4)), text(24));
        assert_eq!(forecast.read(500, text(1)), text(25), "a file that grew");
        assert_eq!(Forecast::new(0).read(0, text(3)), text(3));
    }
}
