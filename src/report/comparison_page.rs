//! A comparison of engines as a page of its own: the figures as plots and as a table, and where engines differ.

use askama::Template;

use super::clean;
use super::comparison::{ComparedEngine, DifferingSegment, EngineComparison, EngineQuality, EngineVersion};
use super::evaluation::{DECIMALS_OF_SHARES, heading, score};
use super::plot::{Bar, BarPart, BarPlot, ScatterPlot, ScatterPoint};
use super::summary::{CostLine, grouped};
use crate::model::{Finding, FindingKind};
use crate::score::Metric;
use crate::write::page::{PageHead, shown};

/// How the page looks beside what every page has.
const OWN_STYLE: &str = include_str!("comparison.css");

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{{ head }}<header>
<h1>Engines compared</h1>
<p>{{ self::shown(sample) }}</p>
</header>
<main>
{%- for problem in problems %}
<p class="problem"><strong>{{ self::shown(problem.0) }}</strong> {{ self::shown(problem.1) }}</p>
{%- endfor %}
{%- if !names.is_empty() %}
<div class="plots">
{%- for plot in bars %}
{{ plot }}
{%- endfor %}
{%- if let Some(plot) = money %}
{{ plot }}
{%- endif %}
</div>
<section aria-labelledby="figures">
<h2 id="figures">Figures</h2>
<div class="wide" role="region" aria-labelledby="figures" tabindex="0">
<table>
<thead><tr><th scope="col">figure</th>{% for name in names %}<th scope="col" class="count">{{ name }}</th>{% endfor %}</tr></thead>
<tbody>
{%- for row in rows %}
<tr><th scope="row">{{ row.head }}</th>{% for cell in row.cells %}<td class="count">{{ cell }}</td>{% endfor %}</tr>
{%- endfor %}
</tbody>
</table>
</div>
<p class="reading">↑ higher is better, ↓ lower is better.
{%- if has_scores %} ±: where 95 of 100 random samples lie; p: how likely it is to differ as much from the best by chance.{% endif %}
{%- if has_agreement %} Agreement: the mean chrF against each of the other engines.{% endif %}
 Numbers, names: segments in which one is not as in the German. Per million: what a million characters of German cost.</p>
</section>
{%- endif %}
{%- if !differing.is_empty() %}
<section aria-labelledby="differing">
<h2 id="differing">{{ differing_title }}</h2>
<ol class="differing">
{%- for segment in differing %}
<li>
<dl>
<dt>German</dt><dd lang="de">{{ self::shown(segment.german) }}</dd>
{%- for reference in segment.references %}
<dt>reference</dt><dd lang="en">{{ self::shown(reference) }}</dd>
{%- endfor %}
{%- for (name, version) in self.versions(segment) %}
<dt>{{ name }}</dt><dd lang="en">{% if version.text.trim().is_empty() %}<span class="missing">not translated</span>{% else %}{{ self::shown(version.text) }}{% endif %}
{%- for finding in version.findings %}
<span class="remark {{ finding.severity.as_str() }}">{{ self::remark(finding) }}</span>
{%- endfor %}</dd>
{%- endfor %}
</dl>
</li>
{%- endfor %}
</ol>
</section>
{%- endif %}
</main>
</body>
</html>
"#
)]
struct ComparisonPage<'a> {
    head: PageHead,
    sample: String,
    /// What there is to say of an engine by itself.
    problems: Vec<(&'a str, String)>,
    bars: Vec<BarPlot>,
    money: Option<ScatterPlot>,
    /// The engines that were evaluated.
    names: Vec<String>,
    rows: Vec<FigureRow>,
    has_scores: bool,
    has_agreement: bool,
    differing_title: &'static str,
    differing: &'a [DifferingSegment],
}

/// A figure of all engines as it is shown.
struct FigureRow {
    head: String,
    cells: Vec<String>,
}

/// The page of a comparison. It needs no other file, and runs nothing.
///
/// # Errors
/// It cannot be put together.
pub fn comparison_page(comparison: &EngineComparison) -> Result<String, std::fmt::Error> {
    let engines: Vec<_> = comparison.evaluated().collect();
    let metrics = comparison.metrics();
    let problem = |engine: &ComparedEngine| -> Option<String> {
        let failed =
            engine.quality.as_ref().err().map(|reason| format!("was not evaluated: {}", clean(reason)));
        failed.or_else(|| engine.caveat.clone())
    };
    let page = ComparisonPage {
        head: PageHead::new("Engines compared").with_style(OWN_STYLE),
        sample: comparison.sample(),
        problems: comparison
            .engines
            .iter()
            .filter_map(|engine| Some((engine.name.as_str(), problem(engine)?)))
            .collect(),
        bars: bars(&engines, &metrics),
        money: money(&engines, &metrics),
        names: engines.iter().map(|(engine, _)| shown(&engine.name)).collect(),
        rows: figures(&engines, &metrics),
        has_scores: !metrics.is_empty(),
        has_agreement: engines.len() > 1,
        differing_title: if engines.len() > 1 {
            "Where engines differ most"
        } else {
            "Farthest from the reference"
        },
        differing: &comparison.differing,
    };
    page.render().map_err(|_| std::fmt::Error)
}

impl ComparisonPage<'_> {
    /// What each engine made of a segment, with its name.
    fn versions<'s>(
        &'s self,
        segment: &'s DifferingSegment,
    ) -> impl Iterator<Item = (&'s str, &'s EngineVersion)> {
        self.names.iter().map(String::as_str).zip(&segment.english)
    }
}

fn remark(finding: &Finding) -> String {
    // How to ask again is said of articles; a sample has none.
    let message = match finding.kind {
        FindingKind::Failed => finding.message.split("; to ask again").next().unwrap_or_default(),
        _ => &finding.message,
    };
    shown(&format!("{} {}: {message}", finding.severity.as_str(), finding.kind.as_str()))
}

/// The table of figures: those of which there is anything to say.
fn figures(engines: &[(&ComparedEngine, &EngineQuality)], metrics: &[Metric]) -> Vec<FigureRow> {
    let mut rows = Vec::new();
    let mut add = |head: &str, cell: &dyn Fn(&ComparedEngine, &EngineQuality) -> Option<String>| {
        let cell = |(engine, quality): &(&ComparedEngine, &EngineQuality)| {
            cell(engine, quality).unwrap_or_else(|| "–".to_owned())
        };
        rows.push(FigureRow { head: head.to_owned(), cells: engines.iter().map(cell).collect() });
    };
    for metric in metrics {
        add(&heading(*metric), &|_, quality| {
            Some(format!("{:.2}", score(&quality.system.figures, *metric)?))
        });
    }
    if let Some(first) = metrics.first() {
        add(&format!("{} ±", first.title()), &|_, quality| {
            Some(format!("{:.2}", interval(quality, *first)?))
        });
        if engines.len() > 1 {
            add(&format!("{} p", first.title()), &|_, quality| {
                Some(format!("{:.4}", p_value(quality, *first)?))
            });
        }
    }
    if engines.len() > 1 {
        add("agreement ↑", &|_, quality| Some(format!("{:.2}", quality.agreement?)));
    }
    if engines.iter().any(|(_, quality)| quality.system.figures.terms.is_some()) {
        let share = |share: f64| format!("{share:.DECIMALS_OF_SHARES$}");
        let terms = |quality: &EngineQuality| quality.system.figures.terms.clone();
        add("terms ↑", &|_, quality| terms(quality).map(|terms| share(terms.success)));
        add("exclusive ↑", &|_, quality| terms(quality).map(|terms| share(terms.exclusive)));
        add("consistent ↑", &|_, quality| terms(quality)?.consistency.map(share));
    }
    add("errors ↓", &|_, quality| Some(grouped(quality.findings.errors)));
    add("warnings ↓", &|_, quality| Some(grouped(quality.findings.warnings)));
    add("failed ↓", &|_, quality| Some(grouped(quality.findings.failed)));
    add("numbers ↓", &|_, quality| Some(grouped(quality.findings.segments_with_numbers)));
    add("names ↓", &|_, quality| Some(grouped(quality.findings.segments_with_names)));
    add("sent", &|engine, _| Some(grouped(engine.effort.sent)));
    add("requests", &|engine, _| Some(grouped(engine.effort.requests)));
    add("seconds", &|engine, _| Some(format!("{:.1}", engine.effort.seconds)));
    if engines.iter().any(|(engine, _)| engine.effort.usage.is_some()) {
        let shown = |cost: &Option<CostLine>| cost.as_ref().map(CostLine::to_string);
        add("billed", &|engine, _| engine.effort.billed());
        add("cost", &|engine, _| shown(&engine.effort.cost));
        add("per million ↓", &|engine, _| shown(&engine.effort.cost_per_million));
    }
    rows
}

fn interval(quality: &EngineQuality, metric: Metric) -> Option<f64> {
    let intervals = &quality.system.confidence.as_ref()?.intervals;
    intervals.iter().find(|(own, _)| *own == metric).map(|(_, found)| found.interval)
}

fn p_value(quality: &EngineQuality, metric: Metric) -> Option<f64> {
    let values = &quality.system.confidence.as_ref()?.p_values;
    values.iter().find(|(own, _)| *own == metric).map(|(_, p)| *p)
}

/// What stands for quality: the first metric, or how much engines agree.
fn quality_of(quality: &EngineQuality, metrics: &[Metric]) -> Option<f64> {
    metrics.first().map_or(quality.agreement, |metric| score(&quality.system.figures, *metric))
}

fn quality_title(metrics: &[Metric]) -> String {
    metrics.first().map_or_else(|| "agreement ↑".to_owned(), |metric| heading(*metric))
}

fn bars(engines: &[(&ComparedEngine, &EngineQuality)], metrics: &[Metric]) -> Vec<BarPlot> {
    let bar = |engine: &ComparedEngine, value: f64, text: String, margin: Option<f64>| Bar {
        label: shown(&engine.name),
        value: text,
        parts: vec![BarPart { class: "bar", length: value }],
        margin,
    };
    let mut plots = Vec::new();
    let quality = engines.iter().filter_map(|(engine, quality)| {
        let value = quality_of(quality, metrics)?;
        let margin = metrics.first().and_then(|metric| interval(quality, *metric));
        let value_shown =
            margin.map_or_else(|| format!("{value:.2}"), |margin| format!("{value:.2} ± {margin:.2}"));
        Some(bar(engine, value, value_shown, margin))
    });
    plots.extend(BarPlot::new(
        &quality_title(metrics),
        if metrics.is_empty() { "mean chrF against the other engines" } else { "against the references" },
        quality.collect(),
        Some(100.0),
    ));
    let terms = engines.iter().filter_map(|(engine, quality)| {
        let terms = quality.system.figures.terms.as_ref()?;
        let count = format!("{} of {}", grouped(terms.present), grouped(terms.occurrences));
        Some(bar(engine, terms.success, count, None))
    });
    plots.extend(BarPlot::new("terms held ↑", "of those of the glossary", terms.collect(), Some(1.0)));
    #[expect(clippy::cast_precision_loss, reason = "lengths of bars")]
    let findings = engines.iter().map(|(engine, quality)| {
        let found = &quality.findings;
        Bar {
            label: shown(&engine.name),
            value: format!(
                "{} failed, {} + {}",
                grouped(found.failed),
                grouped(found.errors),
                grouped(found.warnings)
            ),
            parts: vec![
                BarPart { class: "bar failed", length: found.failed as f64 },
                BarPart { class: "bar error", length: found.errors as f64 },
                BarPart { class: "bar warning", length: found.warnings as f64 },
            ],
            margin: None,
        }
    });
    plots.extend(BarPlot::new("findings ↓", "failed segments, errors + warnings", findings.collect(), None));
    plots
}

/// Quality by what it costs; `None` unless some engine costs anything.
fn money(engines: &[(&ComparedEngine, &EngineQuality)], metrics: &[Metric]) -> Option<ScatterPlot> {
    let currencies: Vec<&str> = engines
        .iter()
        .filter_map(|(engine, _)| Some(engine.effort.cost_per_million.as_ref()?.currency.as_str()))
        .collect();
    let currency = *currencies.first()?;
    let point = |(engine, quality): &(&ComparedEngine, &EngineQuality)| {
        let cost = match (&engine.effort.cost_per_million, &engine.effort.usage) {
            (Some(cost), _) => cost.cost.parse().ok()?,
            // Nobody charges for it.
            (None, None) => 0.0,
            (None, Some(_)) => return None,
        };
        let label = shown(&engine.name);
        Some(ScatterPoint { label, x: cost, y: quality_of(quality, metrics)? })
    };
    // Amounts in different currencies do not stand on one axis.
    let is_one = currencies.iter().all(|other| *other == currency);
    let points: Vec<ScatterPoint> = engines.iter().filter(|_| is_one).filter_map(point).collect();
    ScatterPlot::new(
        &format!("{} by cost", quality_title(metrics)),
        &format!("{currency} for a million characters"),
        &points,
    )
}
