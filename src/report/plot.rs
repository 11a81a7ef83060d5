//! Plots as static SVG, drawn for a width that fits a telephone.

use askama::Template;
use askama::filters::HtmlSafe;

/// Units of the width of a plot: pixels on a narrow screen.
const WIDTH: f64 = 340.0;

/// Height of a bar with its label.
const ROW: f64 = 36.0;

/// Height of the area of a scatter plot, and what stands around it.
const AREA: f64 = 170.0;
const LEFT: f64 = 44.0;
const TOP: f64 = 14.0;
const BELOW: f64 = 24.0;

/// Width that a character of a label needs at most, as far as that can be known.
const CHARACTER: f64 = 7.5;

/// A bar with its label.
pub(super) struct Bar {
    pub(super) label: String,
    /// Its value as it is shown.
    pub(super) value: String,
    pub(super) parts: Vec<BarPart>,
    /// Half the width of the interval around its end.
    pub(super) margin: Option<f64>,
}

/// A stretch of a bar.
pub(super) struct BarPart {
    pub(super) class: &'static str,
    pub(super) length: f64,
}

/// Bars below each other.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<figure>
<figcaption>{{ title }} <span>{{ subtitle }}</span></figcaption>
<svg viewBox="0 0 340 {{ height }}" role="img"><title>{{ title }}</title><desc>{{ description }}</desc>
{%- for row in rows %}
<text x="0" y="{{ row.text }}">{{ row.label }}</text><text x="340" y="{{ row.text }}" text-anchor="end" class="quiet">{{ row.value }}</text>
<rect x="0" y="{{ row.top }}" width="340" height="10" class="track"/>
{%- for part in row.parts %}<rect x="{{ part.x }}" y="{{ row.top }}" width="{{ part.width }}" height="10" class="{{ part.class }}"/>{% endfor %}
{%- if let Some(margin) = row.margin %}<path d="{{ margin }}" class="margin"/>{% endif %}
{%- endfor %}
</svg>
</figure>"#
)]
pub(super) struct BarPlot {
    title: String,
    subtitle: String,
    description: String,
    height: String,
    rows: Vec<DrawnBar>,
}

impl HtmlSafe for BarPlot {}

struct DrawnBar {
    label: String,
    value: String,
    text: String,
    top: String,
    parts: Vec<DrawnPart>,
    margin: Option<String>,
}

struct DrawnPart {
    class: &'static str,
    x: String,
    width: String,
}

impl BarPlot {
    /// Bars of which `full` fills the width, or else the longest one; `None` if there are none.
    pub(super) fn new(title: &str, subtitle: &str, bars: Vec<Bar>, full: Option<f64>) -> Option<Self> {
        if bars.is_empty() {
            return None;
        }
        let length = |bar: &Bar| bar.parts.iter().map(|part| part.length).sum::<f64>();
        let full = full.unwrap_or_else(|| bars.iter().map(length).fold(1.0, f64::max));
        let along = |length: f64| (length / full * WIDTH).clamp(0.0, WIDTH);
        let said: Vec<String> = bars.iter().map(|bar| format!("{}: {}", bar.label, bar.value)).collect();
        let mut rows = Vec::new();
        let mut y = 0.0;
        for bar in bars {
            let end = length(&bar);
            let mut from = 0.0;
            let parts = bar.parts.iter().filter(|part| part.length > 0.0).map(|part| {
                let start = along(from);
                from += part.length;
                DrawnPart { class: part.class, x: pixel(start), width: pixel(along(from) - start) }
            });
            let parts = parts.collect();
            let margin = bar.margin.map(|margin| {
                let (low, high) = (along(end - margin), along(end + margin));
                let (above, middle, below) = (y + 19.0, y + 23.0, y + 27.0);
                format!("M{low:.1} {above}V{below}M{low:.1} {middle}H{high:.1}M{high:.1} {above}V{below}")
            });
            let (text, top) = (pixel(y + 13.0), pixel(y + 18.0));
            rows.push(DrawnBar { label: bar.label, value: bar.value, text, top, parts, margin });
            y += ROW;
        }
        Some(Self {
            title: title.to_owned(),
            subtitle: subtitle.to_owned(),
            description: said.join("; "),
            height: pixel(y),
            rows,
        })
    }
}

/// A point with its label.
pub(super) struct ScatterPoint {
    pub(super) label: String,
    pub(super) x: f64,
    pub(super) y: f64,
}

/// Points by two figures.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<figure>
<figcaption>{{ title }} <span>{{ subtitle }}</span></figcaption>
<svg viewBox="0 0 340 208" role="img"><title>{{ title }}</title><desc>{{ description }}</desc>
{%- for line in lines %}
<path d="{{ line.path }}" class="axis"/><text x="{{ line.x }}" y="{{ line.y }}" text-anchor="{{ line.anchor }}" class="quiet">{{ line.label }}</text>
{%- endfor %}
{%- for point in points %}
<circle cx="{{ point.x }}" cy="{{ point.y }}" r="5" class="dot"/><text x="{{ point.text_x }}" y="{{ point.text_y }}" text-anchor="{{ point.anchor }}">{{ point.label }}</text>
{%- endfor %}
</svg>
</figure>"#
)]
pub(super) struct ScatterPlot {
    title: String,
    subtitle: String,
    description: String,
    lines: Vec<DrawnLine>,
    points: Vec<DrawnPoint>,
}

impl HtmlSafe for ScatterPlot {}

struct DrawnLine {
    path: String,
    x: String,
    y: String,
    anchor: &'static str,
    label: String,
}

struct DrawnPoint {
    label: String,
    x: String,
    y: String,
    text_x: String,
    text_y: String,
    anchor: &'static str,
}

impl ScatterPlot {
    /// Points on axes of which the lower one begins with nothing; `None` if there are none.
    pub(super) fn new(title: &str, subtitle: &str, points: &[ScatterPoint]) -> Option<Self> {
        let most = |value: fn(&ScatterPoint) -> f64| points.iter().map(value).reduce(f64::max);
        let (right, high) = (most(|point| point.x)?, most(|point| point.y)?);
        let low = points.iter().map(|point| point.y).reduce(f64::min)?;
        let across = Ticks::new(0.0, right);
        let up = Ticks::new(low, high);
        let x = |value: f64| LEFT + across.share(value) * (WIDTH - LEFT - 12.0);
        let y = |value: f64| TOP + (1.0 - up.share(value)) * AREA;
        let horizontal = up.values().map(|value| DrawnLine {
            path: format!("M{LEFT} {:.1}H{WIDTH}", y(value)),
            x: pixel(LEFT - 6.0),
            y: pixel(y(value) + 4.0),
            anchor: "end",
            label: up.label(value),
        });
        let vertical = across.values().map(|value| DrawnLine {
            path: format!("M{:.1} {TOP}V{}", x(value), TOP + AREA),
            x: pixel(x(value)),
            y: pixel(TOP + AREA + BELOW - 6.0),
            anchor: "middle",
            label: across.label(value),
        });
        let lines = horizontal.chain(vertical).collect();
        let said: Vec<String> = points
            .iter()
            .map(|point| format!("{}: {} at {}", point.label, rounded(point.y), rounded(point.x)))
            .collect();
        // Labels of points that are close to each other go below each other.
        let mut sorted: Vec<&ScatterPoint> = points.iter().collect();
        sorted.sort_by(|one, other| other.y.total_cmp(&one.y));
        let mut last: Option<f64> = None;
        let drawn = sorted.into_iter().map(|point| {
            let (at, height) = (x(point.x), y(point.y));
            #[expect(clippy::cast_precision_loss, reason = "a label")]
            let width = point.label.chars().count() as f64 * CHARACTER;
            let is_left = at + 10.0 + width > WIDTH;
            let text_y = last.map_or(height + 4.0, |last| (height + 4.0).max(last + 14.0));
            last = Some(text_y);
            DrawnPoint {
                label: point.label.clone(),
                x: pixel(at),
                y: pixel(height),
                text_x: pixel(if is_left { at - 10.0 } else { at + 10.0 }),
                text_y: pixel(text_y),
                anchor: if is_left { "end" } else { "start" },
            }
        });
        Some(Self {
            title: title.to_owned(),
            subtitle: subtitle.to_owned(),
            description: said.join("; "),
            points: drawn.collect(),
            lines,
        })
    }
}

/// The values that an axis names: some round ones around all that is shown.
struct Ticks {
    from: f64,
    step: f64,
    count: u32,
}

impl Ticks {
    fn new(low: f64, high: f64) -> Self {
        // What lies in one place has some room around it.
        let spread = if high - low > f64::EPSILON { high - low } else { high.abs().max(1.0) / 10.0 };
        let power = 10_f64.powf((spread / 4.0).log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|times| times * power);
        let step = step.into_iter().find(|step| spread / step <= 4.0).unwrap_or(power * 10.0);
        let from = (low / step).floor() * step;
        let mut count = 1;
        while from + f64::from(count) * step < high {
            count += 1;
        }
        Self { from, step, count }
    }

    fn share(&self, value: f64) -> f64 {
        (value - self.from) / (f64::from(self.count) * self.step)
    }

    fn values(&self) -> impl Iterator<Item = f64> {
        (0..=self.count).map(|number| self.from + f64::from(number) * self.step)
    }

    fn label(&self, value: f64) -> String {
        let decimals = if self.step >= 1.0 {
            0
        } else if self.step >= 0.1 {
            1
        } else {
            2
        };
        format!("{value:.decimals$}")
    }
}

fn pixel(value: f64) -> String {
    rounded((value * 10.0).round() / 10.0)
}

/// A number without decimals that say nothing.
fn rounded(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_names_few_round_values_around_all_that_is_shown() {
        for (low, high, expected) in [
            (0.0, 25.0, vec!["0", "10", "20", "30"]),
            (61.4, 64.9, vec!["61", "62", "63", "64", "65"]),
            (50.0, 50.0, vec!["50", "52"]),
            (0.0, 0.3, vec!["0.0", "0.1", "0.2", "0.3"]),
        ] {
            let ticks = Ticks::new(low, high);
            let labels: Vec<String> = ticks.values().map(|value| ticks.label(value)).collect();
            assert_eq!(labels, expected, "{low} to {high}");
            assert!((0.0..=1.0).contains(&ticks.share(low)) && (0.0..=1.0).contains(&ticks.share(high)));
        }
    }

    #[test]
    fn no_bar_is_longer_than_its_plot() {
        let bar = |length: f64| Bar {
            label: "a".into(),
            value: String::new(),
            parts: vec![BarPart { class: "bar", length }],
            margin: Some(10.0),
        };
        let plot = BarPlot::new("t", "", vec![bar(98.0), bar(120.0), bar(0.0)], Some(100.0)).expect("a plot");
        let widths: Vec<&str> =
            plot.rows.iter().flat_map(|row| &row.parts).map(|part| part.width.as_str()).collect();
        assert_eq!(widths, ["333.2", "340"]);
        assert!(plot.rows[0].margin.as_ref().is_some_and(|margin| margin.contains("H340.0")));
        assert!(BarPlot::new("t", "", Vec::new(), None).is_none());
    }
}
