//! How a score was made, in a line.

use super::metric::Metric;
use super::resample::Resampling;

/// How a score was made, in the form of sacreBLEU's signatures. What stands before the version is the same as there.
#[must_use]
pub fn signature(metric: Metric, references: usize, resampling: Option<Resampling>) -> String {
    let how = match metric {
        Metric::Chrf => "case:mixed|eff:yes|nc:6|nw:0|space:no",
        Metric::ChrfPlusPlus => "case:mixed|eff:yes|nc:6|nw:2|space:no",
        Metric::Bleu => "case:mixed|eff:no|tok:13a|smooth:exp",
        Metric::Ter => "case:lc|tok:tercom|norm:no|punct:yes|asian:no",
    };
    let drawn = |Resampling { samples, seed }| format!("bs:{samples}|seed:{seed}|");
    let resampled = resampling.map(drawn).unwrap_or_default();
    format!("nrefs:{references}|{resampled}{how}|version:wortlaut-{}", env!("CARGO_PKG_VERSION"))
}
