//! The segments of an article as they stand in its page.

use std::collections::HashSet;

use askama::Template;
use askama::filters::HtmlSafe;
use serde::Serialize;

use super::answer::PageError;
use super::reviewed::Opened;
use super::state::{GermanState, SegmentState};
use crate::model::Status;
use crate::text::counted;
use crate::write::page::{ArticlePage, BlockText, ShownBlock, ShownSegment, made, shown};

/// A segment in both languages.
#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<div class="segment {{ segment.status.as_str() }}{% if is_read %} read{% endif %}{% if is_hit %} hit{% endif %}" id="s{{ segment.number }}" data-number="{{ segment.number }}" data-state="{{ state }}" data-target="{{ target }}" tabindex="-1" role="group" aria-label="Segment {{ segment.number }}, {{ self::made(segment) }}{% if is_read %}, read{% endif %}">
<a class="number" href="#s{{ segment.number }}" aria-label="Segment {{ segment.number }}" title="{{ self::made(segment) }}">{{ segment.number }}</a>
<div class="german" lang="de" dir="ltr">{{ BlockText::german(block, segment) }}</div>
<div class="english" lang="en" dir="ltr">
{%- if segment.status == Status::Failed %}<p class="missing">not translated</p>{% else if segment.english.is_empty() %}<p class="left-out">left out</p>{% else %}{{ BlockText::english(block, segment) }}{% endif -%}
</div>
{% if !segment.findings.is_empty() %}<ul class="notes findings" aria-label="Findings in segment {{ segment.number }}">
{% for finding in segment.findings %}<li class="{{ finding.severity.as_str() }}"><strong>{{ finding.severity.as_str() }}</strong> {{ finding.kind.as_str() }}: {{ self::shown(finding.message) }}</li>
{% endfor %}</ul>{% endif %}
</div>"##
)]
pub(super) struct SegmentRow<'a> {
    block: &'a ShownBlock,
    segment: &'a ShownSegment,
    state: SegmentState,
    /// The English to be edited.
    target: String,
    is_read: bool,
    /// Whether it is what the list was narrowed down to.
    is_hit: bool,
}

impl HtmlSafe for SegmentRow<'_> {}

impl<'a> SegmentRow<'a> {
    pub(super) fn new(
        opened: &Opened,
        block: &'a ShownBlock,
        segment: &'a ShownSegment,
        hits: &HashSet<usize>,
    ) -> Self {
        let index = segment.number - 1;
        Self {
            block,
            segment,
            state: SegmentState::of(&segment.german_text(), opened.document.units().get(index)),
            target: segment.english_text(),
            is_read: opened.card.segments.get(index).is_some_and(|card| card.is_read),
            is_hit: hits.contains(&segment.number),
        }
    }
}

/// Segments of a page that is open, as they are now.
#[derive(Debug, Serialize)]
pub(super) struct RenewedRows {
    /// Of which German they are.
    german: String,
    rows: Vec<RenewedRow>,
    totals: String,
}

#[derive(Debug, Serialize)]
struct RenewedRow {
    number: usize,
    html: String,
}

impl RenewedRows {
    /// The segments with these numbers.
    pub(super) fn new(opened: &Opened, numbers: &HashSet<usize>) -> Result<Self, PageError> {
        let view = ArticlePage::new(&opened.document);
        let nothing = HashSet::new();
        let mut rows = Vec::new();
        for block in &view.blocks {
            for segment in block.segments.iter().filter(|segment| numbers.contains(&segment.number)) {
                let row = SegmentRow::new(opened, block, segment, &nothing);
                let html = row.render().map_err(PageError::Template)?;
                rows.push(RenewedRow { number: segment.number, html });
            }
        }
        let german = GermanState::of(&opened.card).to_string();
        Ok(Self { german, rows, totals: totals(&view, opened) })
    }
}

/// What an article comes to, in a line.
pub(super) fn totals(view: &ArticlePage, opened: &Opened) -> String {
    let mut parts = vec![counted(view.segments().count(), "segment"), format!("{} read", opened.card.read())];
    let findings = view.finding_counts();
    for (count, noun) in [(findings.errors, "error"), (findings.warnings, "warning")] {
        if count > 0 {
            parts.push(counted(count, noun));
        }
    }
    match view.count(Status::Failed) {
        0 => {}
        failed => parts.push(format!("{failed} not translated")),
    }
    parts.join(" · ")
}
