//! What the memory has that is like a segment.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;

use super::answer::{PageError, page};
use super::article::SegmentQuery;
use super::reviewed::Reviewed;
use crate::memory::{MemoryEntry, NearEntry};
use crate::model::ArticleId;
use crate::pipeline::in_context;
use crate::write::page::shown;

/// Entries that are shown: more would push the nearest off the screen.
const NEAR: usize = 5;

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% if !entries.is_empty() %}<h3>In the memory</h3>
{% for entry in entries %}<div class="near">
<p><strong>{{ entry.score }}%</strong> {{ entry.what }}</p>
{% if let Some(source) = entry.source %}<p lang="de">{{ source }}</p>
{% endif %}<blockquote lang="en">{{ entry.target }}</blockquote>
{% if can_take %}<button type="button" data-take="{{ entry.target }}">Take into the editor</button>{% endif %}
</div>
{% endfor %}{% endif %}"#
)]
struct NearTemplate {
    entries: Vec<NearText>,
    can_take: bool,
}

/// An entry as it is shown.
struct NearText {
    score: u8,
    what: String,
    /// Only where it differs from that of the segment.
    source: Option<String>,
    target: String,
}

/// The part of the page with what is like a segment, beside what stands there.
pub(super) async fn near(
    State(reviewed): State<Arc<Reviewed>>,
    Query(query): Query<SegmentQuery>,
) -> Result<Html<String>, PageError> {
    let opened = reviewed.open(&ArticleId::of_record(&query.id)).await?;
    let index = query.number.checked_sub(1);
    let segment = index.and_then(|index| in_context(opened.document.source()).into_iter().nth(index));
    let segment =
        segment.ok_or_else(|| PageError::Missing(format!("there is no segment {}", query.number)))?;
    let source = segment.source.clone();
    let target = index.and_then(|index| opened.document.units().get(index)?.target()).unwrap_or_default();
    // What stands there already is one of them.
    let found = reviewed.material.memory.near(segment, NEAR + 1).await?;
    let found = found.iter().filter(|near| near.entry.source() != source || near.entry.target() != target);
    let entries = found.take(NEAR).map(|near| NearText::new(near, &source)).collect();
    page(&NearTemplate { entries, can_take: !reviewed.material.is_read_only })
}

impl NearText {
    fn new(NearEntry { score, entry }: &NearEntry, source: &str) -> Self {
        let sort = entry.sort().as_str();
        let what = match entry {
            MemoryEntry::Pair(stored) => format!("{sort} by {}", shown(&stored.pair.by)),
            MemoryEntry::Answer(answer) => format!("{sort} of {}", shown(&answer.engine)),
        };
        let is_other = entry.source() != source;
        Self {
            score: *score,
            what,
            source: is_other.then(|| shown(entry.source())),
            target: shown(entry.target()),
        }
    }
}
