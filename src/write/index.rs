//! `bilingual-index.html`: the pages of an output folder with their figures.
//!
//! It is made of what stands in the pages themselves, so it is right after a run that wrote some of them only, and needs no
//! article in memory.

use std::io::{self, BufRead, BufReader};

use askama::Template;

use super::error::WriteError;
use super::format::OutputFormat;
use super::ledger::WrittenFile;
use super::outputs::{Contents, Draft, OutputRoot, Outputs, Target};
use super::page::{PageFigures, PageHead, figures_of};
use crate::disk::open_plain;
use crate::model::ArticleId;
use crate::text::counted;

/// The name of the index in its folder.
const INDEX: &str = "bilingual-index.html";

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{{ head }}<header>
<h1>German and English</h1>
<p>{{ summary }}</p>
</header>
<main>
<table>
<thead>
<tr><th scope="col">Article</th><th scope="col" class="title">Title</th><th scope="col" class="count">Segments</th><th scope="col">State</th><th scope="col" class="count">Errors</th><th scope="col" class="count">Warnings</th></tr>
</thead>
<tbody>
{%- for row in rows %}
<tr><th scope="row"><a href="{{ row.link }}">{{ row.article }}</a></th><td lang="en" class="title">{{ row.figures.title }}</td><td class="count">{{ row.figures.segments }}</td><td class="state{% if row.figures.failed > 0 %} error{% endif %}">{{ row.state() }}</td><td class="count{% if row.figures.errors > 0 %} error{% endif %}">{{ row.figures.errors }}</td><td class="count{% if row.figures.warnings > 0 %} warning{% endif %}">{{ row.figures.warnings }}</td></tr>
{%- endfor %}
</tbody>
</table>
</main>
</body>
</html>
"#
)]
/// The index as a page.
struct IndexPage {
    head: PageHead,
    summary: String,
    rows: Vec<IndexRow>,
}

/// A page in the index.
struct IndexRow {
    link: String,
    article: String,
    figures: PageFigures,
}

impl IndexRow {
    fn state(&self) -> String {
        match self.figures.failed {
            0 => "complete".to_owned(),
            failed => format!("{failed} not translated"),
        }
    }
}

impl Outputs {
    /// Writes the index of the pages that stand in the folder; without any there is none.
    pub(super) fn write_index(&self) -> Result<(), WriteError> {
        let OutputRoot::Folder(folder) = &self.root else { return Ok(()) };
        let mut rows = Vec::new();
        for file in self.ledger.files().map_err(|source| self.untracked(source))? {
            if file.format != OutputFormat::Html || file.path == INDEX {
                continue;
            }
            let path = folder.join(&file.path);
            let found =
                open_plain(&path).and_then(|page| page.map(|page| read(BufReader::new(page))).transpose());
            // A page that is there no more has no row.
            if let Some(figures) = found.map_err(|source| WriteError::File { path, source })? {
                rows.push(IndexRow {
                    link: link(&file.path),
                    article: file.article.as_str().to_owned(),
                    figures,
                });
            }
        }
        if rows.is_empty() {
            return Ok(());
        }
        rows.sort_by(|a, b| (&a.article, &a.link).cmp(&(&b.article, &b.link)));
        let article = ArticleId::of_record(INDEX);
        let html =
            page(rows).render().map_err(|source| WriteError::Page { article: article.clone(), source })?;
        let target = Target { path: folder.join(INDEX), key: INDEX.to_owned() };
        let entry = WrittenFile {
            path: target.key.clone(),
            hash: blake3::hash(html.as_bytes()),
            article,
            format: OutputFormat::Html,
            input: None,
            segments: None,
            proof: None,
        };
        let draft = Draft { target, entry, contents: Contents::Bytes(html.into_bytes()) };
        self.place(vec![draft], &|| true).map(drop)
    }
}

fn page(rows: Vec<IndexRow>) -> IndexPage {
    let sum = |of: fn(&PageFigures) -> usize| rows.iter().map(|row| of(&row.figures)).sum::<usize>();
    let failed = match sum(|figures| figures.failed) {
        0 => String::new(),
        failed => format!(", {failed} not translated"),
    };
    let summary = format!(
        "{}, {}{failed}; {}, {}",
        counted(rows.len(), "page"),
        counted(sum(|figures| figures.segments), "segment"),
        counted(sum(|figures| figures.errors), "error"),
        counted(sum(|figures| figures.warnings), "warning"),
    );
    IndexPage { head: PageHead::new("German and English"), summary, rows }
}

/// The figures of all articles on a page. One article ends it.
fn read(mut page: impl BufRead) -> io::Result<PageFigures> {
    let mut all = PageFigures::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        if page.read_until(b'\n', &mut line)? == 0 {
            return Ok(all);
        }
        if let Some((figures, is_whole)) = figures_of(&String::from_utf8_lossy(&line)) {
            all = all.plus(figures);
            if is_whole {
                return Ok(all);
            }
        }
    }
}

/// A path in the folder as an address.
fn link(path: &str) -> String {
    let mut link = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                link.push(char::from(byte));
            }
            byte => link.extend(format!("%{byte:02X}").chars()),
        }
    }
    // A colon in the first part would be taken for a scheme, and is encoded like all else.
    link
}
