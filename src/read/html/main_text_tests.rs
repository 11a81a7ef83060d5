//! Pages as sites build them, and which of their blocks are taken.

use std::path::Path;

use super::Html;
use crate::model::{ArticleId, BlockKind};
use crate::read::Reader;

const TEXT: [&str; 6] = [
    "Der Stadtrat hat am Dienstag beschlossen, die alte Brücke über den Fluss zu erneuern, und zwar in drei Jahren.",
    "Die Kosten liegen nach Angaben der Verwaltung bei zwölf Millionen Euro, von denen das Land die Hälfte trägt.",
    "Anwohner hatten sich lange beschwert, weil Lastwagen seit dem Frühjahr einen weiten Umweg fahren müssen.",
    "„Wir haben keine Zeit mehr zu verlieren“, sagte die Baudezernentin, die das Vorhaben seit Jahren leitet.",
    "Auch die Fährleute begrüßten den Plan, obwohl ihr Geschäft darunter leiden wird, wie sie offen zugaben.",
    "Im Herbst sollen die ersten Bagger rollen, sofern das Wetter mitspielt und die Angebote nicht zu hoch sind.",
];
const TITLE: &str = "Neue Brücke für die Altstadt";

/// The text of the blocks that are translated, one a line.
fn taken(page: &str) -> Vec<String> {
    let bytes = page.as_bytes();
    let article = Html.article(ArticleId::new("a.html"), Path::new("a.html"), bytes).expect("read");
    let blocks = article.blocks.iter().filter(|block| {
        use BlockKind::{Attribute, Furniture, Metadata, Verbatim};
        !matches!(block.kind, Furniture | Metadata | Verbatim | Attribute)
    });
    blocks.map(|block| article.text[block.span.clone()].to_owned()).collect()
}

fn page(body: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=de><head><title>{TITLE} | Bote</title></head><body>{body}</body></html>"
    )
}

fn paragraphs(texts: &[&str]) -> String {
    format!("<p>{}</p>", texts.join("</p><p>"))
}

fn article() -> Vec<String> {
    std::iter::once(TITLE).chain(TEXT).map(str::to_owned).collect()
}

#[test]
fn paragraphs_in_a_wrapper_each_are_all_taken() {
    let advert = "<div class=\"slot\"><div id=\"x\"></div></div>";
    let wrapped = |(at, text): (usize, &&str)| {
        let box_of = if at % 2 == 0 { advert } else { "" };
        format!("<div class=\"row px-4\"><p class=\"copy\">{text}</p></div>{box_of}")
    };
    let body: String = TEXT.iter().enumerate().map(wrapped).collect();
    let page =
        page(&format!("<div id=root><div class=col><div class=row><h1>{TITLE}</h1></div>{body}</div></div>"));
    assert_eq!(taken(&page), article());
}

#[test]
fn a_heading_goes_with_what_stands_under_it() {
    let advert = "<div class=\"slot\"><div id=\"x\"></div></div>";
    let wrapped = |text: &&str| format!("<div class=\"row px-4\"><p class=\"copy\">{text}</p></div>{advert}");
    let under = |heading: &str, texts: &[&str]| {
        let texts: String = texts.iter().map(wrapped).collect();
        format!("<div class=\"extra\"><h2>{heading}</h2></div>{texts}")
    };
    let body = format!("{}{}", under("Was kostet das?", &TEXT[1..4]), under("Und dann?", &TEXT[4..]));
    let links =
        "<div class=\"box\"><h2>Mehr aus der Stadt</h2><ul><li><a href=/a>Der Markt zieht um</a></ul></div>";
    let page = page(&format!("<div id=root><h1>{TITLE}</h1>{}{links}{body}</div>", wrapped(&TEXT[0])));
    let expected =
        [TITLE, TEXT[0], "Was kostet das?", TEXT[1], TEXT[2], TEXT[3], "Und dann?", TEXT[4], TEXT[5]];
    assert_eq!(taken(&page), expected);
}

#[test]
fn the_opening_paragraph_is_taken_wherever_it_stands() {
    let lead = "Seit dem Frühjahr ist sie gesperrt, nun steht fest, wann die Brücke wieder befahren werden kann und was das kostet.";
    for opening in [
        format!("<header><h1>{TITLE}</h1><p class=\"teaser lead\">{lead}</p></header><article>"),
        format!(
            "<article><div class=head><h1>{TITLE}</h1><div class=intro-text><div><p>{lead}</p></div></div></div>"
        ),
        format!("<div class=articleTeaser><a href=/>Stadt</a><h1>{TITLE}</h1><p>{lead}</p></div><article>"),
        format!("<article><h1>{TITLE}</h1><div class=\"field field--label-hidden\"><p>{lead}</p></div>"),
    ] {
        let page =
            page(&format!("<main>{opening}<div class=body>{}</div></article></main>", paragraphs(&TEXT)));
        assert!(taken(&page).iter().any(|text| text == lead), "{opening}");
    }
}

#[test]
fn what_stands_in_and_around_an_article_is_left_out() {
    let extra = "Ein langer Satz, der wie ein Absatz des Artikels aussieht, aber ganz gewiss keiner ist, wie man bald merkt.";
    for around in [
        format!("<div class=\"teaser-box\"><a href=/a>{extra}</a></div>"),
        format!("<aside><h3>Hintergrund der Sache</h3><p>{extra}</p></aside>"),
        format!("<div class=newsletterSignup><p>{extra}</p></div>"),
        format!("<figure><img src=a.jpg><p>{extra}</p></figure>"),
        format!("<div class=image__caption>{extra}</div>"),
        format!("<div id=comments><p>{extra}</p></div>"),
        format!("<div role=dialog><p>{extra}</p></div>"),
        format!("<p><a href=/b>{extra}</a></p>"),
        format!("<ul><li>Lesen: <a href=/b>{extra}</a></li></ul>"),
    ] {
        let (half, rest) = TEXT.split_at(3);
        let (half, rest) = (paragraphs(half), paragraphs(rest));
        let page = page(&format!("<article><h1>{TITLE}</h1>{half}{around}{rest}{around}</article>"));
        assert_eq!(taken(&page), article(), "{around}");
    }
}

#[test]
fn an_element_with_much_of_the_article_in_it_is_not_what_its_name_says() {
    for open in [
        "<form id=aspnetForm>",
        "<div class=\"teaser widget\">",
        "<div class=has-sidebar>",
        "<aside>",
        "<footer>",
    ] {
        let page = page(&format!("{open}<article><h1>{TITLE}</h1>{}</article>", paragraphs(&TEXT)));
        assert_eq!(taken(&page), article(), "{open}");
    }
}

#[test]
fn a_page_without_an_article_is_taken_but_for_its_navigation() {
    let page = page("<nav><a href=/>Start</a></nav><div>Geöffnet: täglich</div><footer>Impressum</footer>");
    assert_eq!(taken(&page), ["Geöffnet: täglich"]);
}

#[test]
fn each_block_that_is_left_out_has_its_reason() {
    let page = page(&format!(
        "<nav><a href=/>Start</a></nav><article><h1>{TITLE}</h1>{}<p><a href=/b>Zum Plan der neuen Brücke im Rathaus</a></p>\
         <p>Teilen</p><figure>Die alte Brücke</figure><p>{}</p></article><p>Noch ein Satz.</p>",
        paragraphs(&TEXT[..4]),
        TEXT[4],
    ));
    let article = Html.article(ArticleId::new("a.html"), Path::new("a.html"), page.as_bytes()).expect("read");
    let reasons: Vec<&str> = article.blocks.iter().filter_map(|block| block.reason).collect();
    assert_eq!(
        reasons,
        [
            "navigation",
            "mostly links",
            "share button",
            "picture caption",
            "short, and not found to be part of the article"
        ]
    );
    let left_out = article.blocks.iter().filter(|block| block.kind == BlockKind::Furniture).count();
    assert_eq!(reasons.len(), left_out);
}
