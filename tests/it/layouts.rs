//! Pages and Markdown: what is translated, and what of the file stays.

use proptest::prelude::*;
use wortlaut::model::{
    Alignment, Article, ArticleId, InlineKind, ParallelDocument, Rendition, Segment, SegmentedArticle,
    SpanPairs, Unit,
};
use wortlaut::{read, write};

use crate::support::{Project, Service};

const PAGE: &str = "<!DOCTYPE html>\n<html lang=\"de\"><head><title>Der Start</title></head>\n<body>\n\
<nav><a href=\"/\">Zur&uuml;ck</a></nav>\n<h1>Der Start</h1>\n<p>Am Montag flog <b>Sojus MS-24</b> ins All. \
Es regnete &amp; st&uuml;rmte.</p>\n<pre>Code &lt;bleibt&gt;</pre>\n<footer>Impressum</footer>\n</body></html>\n";

const MARKDOWN: &str = "---\ntitle: Der Start\n---\n\n# Der Start\n\nAm Montag flog [Sojus MS-24](https://example.org/a).\n\n\
| Ort | Zahl |\n|-----|------|\n| See | 1 |\n\n```sh\ncargo run\n```\n";

fn project(service: &Service) -> Project {
    Project::new()
        .file("seeds/seite.html", PAGE)
        .file("seeds/text.md", MARKDOWN)
        .engine(&service.address(), "")
}

#[test]
fn a_page_comes_back_as_a_page() {
    let service = Service::start();
    let project = project(&service);
    let page = project.run(&["translate", "seeds/seite.html"]).exits(0).stdout;
    assert!(
        page.starts_with("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>EN The Start</title></head>\n"),
        "{page}"
    );
    assert!(page.contains("<nav><a href=\"/\">Zur&uuml;ck</a></nav>\n<h1>EN The Start</h1>\n"), "{page}");
    assert!(page.contains("the <b>Sojus MS-24</b> the All. EN Es regnete &amp; the.</p>\n"), "{page}");
    assert!(
        page.ends_with("<pre>Code &lt;bleibt&gt;</pre>\n<footer>Impressum</footer>\n</body></html>\n"),
        "{page}"
    );
}

#[test]
fn attributes_are_translated_unless_they_are_to_be_kept() {
    let page = "<html lang=en><head><meta charset=utf-8><title>Am Meer</title>\
        <meta name=description content='Wo &quot;Fritz&quot; &amp; Hans wohnen'></head>\
        <body><p>Am See <img alt=Zelt src=a.png> <b title=\"Ein 5 &lt; 6\">wohnt</b> Fritz gern.</p></body></html>\n";
    let service = Service::start()
        .renders("Zelt", "Fritz's \"tent\"")
        .renders("wohnen", "aren't & live")
        .renders("Am See", "<At> the \"lake\"");
    let project = Project::new().file("a.html", page).engine(&service.address(), "");
    let english = "<html lang=en><head><meta charset=utf-8><title>EN Am Meer</title>\
        <meta name=description content='EN The \"Fritz\" &amp; Hans aren&#39;t &amp; live'></head>\
        <body><p>EN &lt;At&gt; the \"lake\" <img alt=\"EN Fritz's &quot;tent&quot;\" src=a.png> \
        <b title=\"EN The 5 &lt; 6\">wohnt</b> Fritz gern.</p></body></html>\n";
    assert_eq!(project.run(&["translate", "a.html"]).stdout, english);
    project.run(&["translate", "a.html", "--format", "lines,text,jsonl", "-o", "out/"]).exits(0);
    assert_eq!(
        project.read("out/a.de.txt"),
        "Am See wohnt Fritz gern.\n\nAm Meer\n\nWo \"Fritz\" & Hans wohnen\n\nZelt\n\nEin 5 < 6\n"
    );
    assert!(
        project
            .read("out/a.jsonl")
            .contains("\"kind\":\"attribute\",\"status\":\"translated\",\"de\":\"Zelt\"")
    );
    assert!(!project.read("out/a.english.txt").contains("tent"), "the running text is without them");

    let kept = project.run(&["translate", "a.html", "--attributes", "keep"]).exits(0).stdout;
    for tag in ["<title>Am Meer</title>", "&quot;Fritz&quot; &amp; Hans wohnen'", "<img alt=Zelt src=a.png>"]
    {
        assert!(kept.contains(tag), "{kept}");
    }
}

#[test]
fn markdown_keeps_links_tables_code_and_front_matter() {
    let service = Service::start();
    let project = project(&service);
    project.run(&["translate", "seeds/text.md", "-o", "text.en.md"]).exits(0);
    let text = project.read("text.en.md");
    let expected = MARKDOWN
        .replace("Der Start", "EN The Start")
        .replace("Am Montag flog", "EN Am Montag the")
        .replace("| Ort | Zahl |", "| EN Ort | EN Zahl |")
        .replace("| See |", "| EN See |");
    assert_eq!(text, expected);
}

#[test]
fn a_folder_has_each_article_in_its_own_format_and_line_by_line() {
    let service = Service::start();
    let project = project(&service);
    project.run(&["translate", "--format", "lines,text,document"]).exits(0);
    assert!(project.read("output/seite.english.html").contains("<h1>EN The Start</h1>"));
    assert!(
        project
            .read("output/text.english.md")
            .starts_with("---\ntitle: EN The Start\n---\n\n# EN The Start\n")
    );
    assert!(project.read("output/seite.de.txt").contains("Am Montag flog Sojus MS-24 ins All.\n"));
    assert_eq!(project.read("output/text.english.txt").lines().next(), Some("EN The Start"));
    let lines = |name: &str| project.read(name).lines().count();
    assert_eq!(lines("output/seite.de.txt"), lines("output/seite.en.txt"));
}

#[test]
fn a_sentence_that_is_sent_again_for_its_terms_keeps_its_markup() {
    let service = Service::start()
        .renders("Zum Kosmodrom Wostotschny", "To the launch site")
        .renders("späten <x1>Abend</x1>", "<x1>night</x1> of a long day");
    for (rungs, english) in [
        ("inline", "The Vostochny Cosmodrome"),
        ("placeholder", "The Vostochny Cosmodrome"),
        ("repair", "To the launch site"),
    ] {
        let page = "<p>Zum Kosmodrom Wostotschny flog Kim am späten <b>Abend</b>.</p>\n";
        let project = Project::new()
            .file("a.html", page)
            .glossary(&[["Kosmodrom Wostotschny", "Vostochny Cosmodrome", ""]])
            .engine(&service.address(), &format!("[glossary]\nrungs = ['{rungs}']"));
        let english = format!("<p>EN {english} the Kim am <b>night</b> of a long day.</p>\n");
        assert_eq!(project.run(&["translate", "a.html"]).stdout, english, "{rungs}");
    }
}

/// What tools add to Markdown, in all places where it may stand, between words.
const CONSTRUCTS: &[&str] = &[
    "!!! note \"Für Leser\"\n    Ein Satz mit `code` darin.\n\n        let x = 1;\n",
    "??? tip \"Auf\"\n    Eins.\n\n    ???+ note \"Zu\"\n        Zwei {{ x }} drei.\n",
    "=== \"Mac\"\n\n    Eins.\n\n=== \"Sonst\"\n\n    ```sh\n    ls {{ a }}\n    ```\n",
    "/// note | Titel\nEin Satz.\n///\n",
    ":::note[Für Leser]\n\nEin *kurzer* Satz.\n\n:::\n",
    "::: {.callout title=\"Hinweis\"}\nEin [kleiner]{.smallcaps} Satz [@mai2020].\n:::\n",
    "```{note} Titel\nEin Satz.\n```\n",
    "> [!NOTE]\n> Ein Satz mit *Betonung* hier.\n",
    "> [!info]- Titel\n> Text zu [[Seite|der Seite]] hier.\n",
    "# Titel { #titel }\n\nText davor.\n{: .klein }\n",
    "Ein [Knopf](a.md){ .md-button } und `x`{.py} hier.\n",
    "Taste ++ctrl+c++ und ==ganz neu== oder ^^neu^^ hier.\n",
    "Ein Herz :heart: um 10:30 Uhr, H~2~O und x^2^ auch.\n",
    "Formel $a_1 = b$ hier.\n\n$$\nx = 1\n$$\n",
    "--8<-- \"a.md\"\n",
    "*[HTML]: Sprache des Netzes\n",
    "Begriff\n:   Seine Bedeutung hier.\n",
    "{{< figure src=\"a.png\" title=\"Der Hafen\" caption=\"Am Meer\" >}}\n",
    "{{% notice info %}}\nEin Satz [dort]({{< ref \"a b\" >}}) hier.\n{{% /notice %}}\n",
    "{{< highlight go >}}\nWort für Wort\n{{< /highlight >}}\n",
    "{% if a %}\nIn Version {{ site.version }} neu.\n{% endif %}\n",
    "| Spalte | {{ b | c }} |\n|:---|---:|\n| eins | **zwei** |\n{: .table }\n",
    "<details>\n<summary>Mehr <b>dazu</b> hier</summary>\n\nEin Satz.\n\n</details>\n",
    "<div markdown>\nEin **fetter** Satz.\n</div>\n",
    "![Der Hafen](a.png){ width=\"3\" }\n",
    "Satz mit Note[^1] hier.\n\n[^1]: Die Note.\n",
    "1. Punkt eins\n\n    !!! tip\n        Ein Rat.\n\n2. Punkt zwei\n",
    "```md\n!!! note \"Titel\"\n    {{ offen\n```\n",
];

/// The article with each block in capitals, all but what is no language.
fn loud(name: &str, text: &str) -> (Article, String) {
    let read = |text: &str| {
        let options = read::ReadOptions::default();
        read::article(&ArticleId::new(name), text.as_bytes(), &options).expect("an article")
    };
    let article = read(text);
    let blocks = article.blocks.iter().enumerate();
    let segments: Vec<_> = blocks.map(|(block, place)| Segment { block, span: place.span.clone() }).collect();
    let units = segments.iter().map(|segment| {
        let source = &article.text[segment.span.clone()];
        let inlines = article.layout.as_ref().expect("a layout").inlines(&segment.span);
        let is_atom = |at: usize| {
            inlines.iter().any(|inline| inline.kind == InlineKind::Atom && inline.span.contains(&at))
        };
        let places = inlines.iter().map(|inline| (inline.span.clone(), inline.span.clone())).collect();
        let loud = |(at, c): (usize, char)| if is_atom(at) { c } else { c.to_ascii_uppercase() };
        Unit::Translated(Rendition {
            alignment: Some(Alignment::Inlines(SpanPairs(places))),
            ..Rendition::new(source.char_indices().map(loud).collect(), "pseudo")
        })
    });
    let units = units.collect();
    let source = SegmentedArticle::new(article, segments).expect("valid spans");
    let document = ParallelDocument::new(source, units).expect("a unit for each segment");
    let files = write::OutputFormat::Document.writer().files(&document).expect("files");
    let written = String::from_utf8(files[0].contents.clone()).expect("UTF-8");
    (read(&written), written)
}

/// The file of an article none of whose text was translated.
fn untouched(name: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let article = read::article(&ArticleId::new(name), bytes, &read::ReadOptions::default()).ok()?;
    let blocks = article.blocks.iter().enumerate();
    let segments: Vec<_> = blocks.map(|(block, place)| Segment { block, span: place.span.clone() }).collect();
    let kept = Unit::Kept { target: String::new() };
    let units = vec![kept; segments.len()];
    let source = SegmentedArticle::new(article, segments).expect("valid spans");
    let document = ParallelDocument::new(source, units).expect("a unit for each segment");
    write::OutputFormat::Document.writer().files(&document).expect("files").pop().map(|file| file.contents)
}

proptest! {
    #[test]
    fn what_is_not_translated_stays_byte_for_byte(
        text in prop_oneof![
            "([-#>*`|+ \r\n\\[\\]()!<ä\\\\]|1\\. |---\n|Wort|```\n|<b>|\\[Wort\\]\\(x\\)){0,40}",
            "(!!! |\\?\\?\\? |=== |:::|/// |> \\[!A\\] ?|\\*\\[A\\]: |\\{\\{<? ?|>?\\}\\}|\\{%|%\\}|\\{[.:]?|\\}|\\$|==|\\+\\+|\\^|~|\\[\\[|\\]\\]|title=|\"|`|```|\n|\n    |\r\n|ä| |Wort|<p>|<pre>|</pre>|<br>|<!--|-->|: |#|---\n|highlight){0,30}",
            "(<(/)?(p|b|i|div|li|pre|br|script|code|html lang=de|a href=ä)>| |\r\n|Wort|ä&ouml;&|<|<!--|-->){0,40}",
        ]
    ) {
        for name in ["a.md", "a.html"] {
            if let Some(written) = untouched(name, text.as_bytes()) {
                prop_assert_eq!(String::from_utf8_lossy(&written), text.as_str());
            }
        }
    }

    #[test]
    fn every_construct_of_markdown_keeps_its_shape(
        chosen in prop::collection::vec(prop::sample::select(CONSTRUCTS), 1..6),
        has_crlf in any::<bool>(),
    ) {
        let mut text = format!("---\ntitle: \"Der Hafen\"\nid: hafen\n---\n\n{}", chosen.join("\nDanach kommt ein Satz.\n\n"));
        if has_crlf {
            text = text.replace('\n', "\r\n");
        }
        let (again, written) = loud("a.md", &text);
        // All that changed is the case of words.
        prop_assert_eq!(written.to_ascii_uppercase(), text.to_ascii_uppercase());
        let options = read::ReadOptions::default();
        let before = read::article(&ArticleId::new("a.md"), text.as_bytes(), &options).expect("an article");
        prop_assert_eq!(again.blocks.len(), before.blocks.len());
        for (new, old) in again.blocks.iter().zip(&before.blocks) {
            prop_assert_eq!(new.kind, old.kind);
        }
        for (new, old) in [("!!! note", "!!! NOTE"), ("figure src", "FIGURE SRC"), ("Wort für Wort", "WORT FüR WORT"), ("let x", "LET X"), ("id: hafen", "ID: HAFEN")] {
            prop_assert_eq!(written.matches(new).count(), text.matches(new).count());
            prop_assert!(!written.contains(old));
        }
    }
}
