use proptest::prelude::*;

use super::*;
use crate::model::InlineKind;

const EVERYTHING: &str = "\
---
title: Die Seite
---

# Der *Start* #

Ein Satz mit [Verweis](https://example.org/a).
Und einer, der `code` hat.\\
Neue Zeile.

## Teil zwei {#zwei}

- [ ] Erstens
  - darunter
- Zweitens

  mit Absatz
1) Drittens

> Ein Zitat.
>
> - mit Punkt

```rust
let x = 1;
```

<div>HTML</div>

| a | b |
|---|---|
| 1 | 2 |

***

![Bild](x.png)

<https://example.org>

Unterstrichen
=============

Fußnote[^1].

[^1]: Die Anmerkung.

[a]: https://example.org
";

fn article(text: &str) -> Article {
    let bytes = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    Markdown.article(ArticleId::new("a.md"), Path::new("a.md"), &bytes).expect("read")
}

fn blocks(text: &str) -> Vec<(BlockKind, String)> {
    let article = article(text);
    article.blocks.iter().map(|block| (block.kind, article.text[block.span.clone()].to_owned())).collect()
}

/// The markup with a mark around each node, and another one around each atom that reads as something.
fn marked(text: &str) -> String {
    let article = article(text);
    let part = &article.layout.as_ref().expect("a layout").parts[0];
    let atoms =
        part.inlines().iter().filter(|inline| inline.kind == InlineKind::Atom && !inline.text.is_empty());
    let nodes = part.nodes.iter().map(|node| (node.place.clone(), ['⟨', '⟩']));
    let mut marks: Vec<_> = nodes.chain(atoms.map(|atom| (atom.place.clone(), ['⟪', '⟫']))).collect();
    marks.sort_by_key(|(place, _)| place.start);
    let mut out = String::new();
    let mut end = 0;
    for (place, [open, close]) in marks {
        out += &part.markup[end..place.start];
        out.push(open);
        out += &part.markup[place.clone()];
        out.push(close);
        end = place.end;
    }
    out + &part.markup[end..]
}

#[test]
fn every_structure_has_its_blocks() {
    use BlockKind::{Heading, ListItem, Paragraph, Quotation, Title, Verbatim};
    let found = blocks(EVERYTHING);
    let found: Vec<_> = found.iter().map(|(kind, text)| (*kind, text.as_str())).collect();
    assert_eq!(
        found,
        [
            (Title, "Die Seite"),
            (Title, "Der Start"),
            (Paragraph, "Ein Satz mit Verweis.\nUnd einer, der code hat.\nNeue Zeile."),
            (Heading, "Teil zwei"),
            (ListItem, "Erstens"),
            (ListItem, "darunter"),
            (ListItem, "Zweitens"),
            (ListItem, "mit Absatz"),
            (ListItem, "Drittens"),
            (Quotation, "Ein Zitat."),
            (ListItem, "mit Punkt"),
            (Paragraph, "HTML"),
            (Paragraph, "a"),
            (Paragraph, "b"),
            (Paragraph, "1"),
            (Paragraph, "2"),
            (Paragraph, "Bild"),
            (Verbatim, "https://example.org"),
            (Heading, "Unterstrichen"),
            (Paragraph, "Fußnote."),
            (Paragraph, "Die Anmerkung."),
        ]
    );
}

#[test]
fn nodes_hold_text_and_nothing_of_the_markup() {
    for (text, expected) in [
        ("# Der *Start* #\n", "# ⟨Der ⟩*⟨Start⟩* #\n"),
        ("Mit [Verweis](a.html \"t\"), `x = 1`.", "Mit [⟨Verweis⟩](a.html \"t\")⟨, ⟩⟪`x = 1`⟫⟨.⟩"),
        ("> Eins\n> zwei \\*drei\\*\n", "> ⟨Eins⟩⟨\n> ⟩⟨zwei \\*drei\\*⟩\n"),
        ("A &amp; B\\\nC ![Bild](x.png) D[^1]\n\n[^1]: E\n", ""),
        ("<https://example.org/> hilft.", "⟪<https://example.org/>⟫⟨ hilft.⟩"),
        (
            "| a | b |\n|---|---|\n| 1 \\| 2 | **c** |\n",
            "| ⟨a⟩ | ⟨b⟩ |\n|---|---|\n| ⟨1 \\| 2⟩ | **⟨c⟩** |\n",
        ),
    ] {
        let expected = match expected {
            "" => "⟨A &amp; B⟩⟪\\\n⟫⟨C⟩ ![Bild](x.png)⟨ D⟩[^1]\n\n[^1]: ⟨E⟩\n".to_owned(),
            _ => expected.replacen("Mit [", "⟨Mit ⟩[", 1),
        };
        assert_eq!(marked(text), expected);
    }
}

#[test]
fn furniture_and_datelines_are_found_as_in_plain_text() {
    let found =
        blocks("# Der Start\n\nBERLIN (dpa) – Es regnet in Strömen.\n\n**Jetzt Newsletter bestellen!**\n");
    assert_eq!(found[1], (BlockKind::Dateline, "BERLIN (dpa) –".to_owned()));
    assert_eq!(found[2], (BlockKind::Paragraph, "Es regnet in Strömen.".to_owned()));
    assert_eq!(found[3].0, BlockKind::Furniture);
}

#[test]
fn text_between_two_rules_is_text() {
    let found = blocks("Eins.\n\n---\nZwei: drei.\n\n---\nVier.\n");
    assert!(found.iter().any(|(_, text)| text.contains("Zwei")), "{found:?}");
    assert!(found.iter().all(|(kind, _)| *kind != BlockKind::Metadata), "{found:?}");
}

#[test]
fn crlf_and_markers_stay_out_of_the_blocks() {
    let found = blocks("# Titel\r\n\r\n* Punkt\r\n\r\nSatz.\r\n");
    let found: Vec<_> = found.iter().map(|(kind, text)| (*kind, text.as_str())).collect();
    assert_eq!(
        found,
        [(BlockKind::Title, "Titel"), (BlockKind::ListItem, "Punkt"), (BlockKind::Paragraph, "Satz.")]
    );
}

#[test]
fn deep_nesting_is_survived() {
    for text in ["> ".repeat(20_000), "- ".repeat(20_000), "*a ".repeat(20_000), "[".repeat(20_000)] {
        article(&format!("{text}Ende."));
    }
}

proptest! {
    #[test]
    fn blocks_and_nodes_are_in_order_and_on_character_borders(
        text in prop_oneof!["[^\0-\x08\x0e-\x1f\x7f-\u{9f}\u{feff}]*", "([-#>*`|+ \r\n\\[\\]()!<ä\\\\]|1\\. |---\n|Wort|```\n|<b>){0,40}", "(!!! |\\?\\?\\? |=== |:::|/// |> \\[!A\\] ?|\\*\\[A\\]: |\\{\\{<? ?|>?\\}\\}|\\{%|%\\}|\\{[.:]?|\\}|\\$|==|\\+\\+|\\^|~|\\[\\[|\\]\\]|title=|\"|`|```|\n|\n    |\r\n|ä| |Wort|<p>|<pre>|</pre>|<br>|<!--|-->|: |#|---\n|highlight){0,30}"]
    ) {
        let article = article(&text);
        let mut end = 0;
        for block in &article.blocks {
            prop_assert!(end <= block.span.start && !block.span.is_empty());
            let inside = article.text.get(block.span.clone());
            prop_assert_eq!(inside.map(str::trim), inside);
            prop_assert!(inside.is_some());
            end = block.span.end;
        }
        let part = &article.layout.as_ref().expect("a layout").parts[0];
        let (mut text_end, mut place_end) = (0, 0);
        for node in &part.nodes {
            prop_assert!(text_end <= node.text.start && place_end <= node.place.start);
            prop_assert!(article.text.get(node.text.clone()).is_some());
            prop_assert!(part.markup.get(node.place.clone()).is_some());
            (text_end, place_end) = (node.text.end, node.place.end);
        }
    }
}

#[test]
fn elements_of_html_are_ranges_where_they_are_whole() {
    let article = article(
        "Eins <b>zwei *drei*</b> H<sub>2</sub>O<br>vier</i> <kbd>Strg</kbd> [fünf\n](x) *<u>sechs*</u>.\n",
    );
    let part = &article.layout.as_ref().expect("a layout").parts[0];
    let inlines: Vec<_> =
        part.inlines().iter().map(|inline| (inline.kind, &part.markup[inline.place.clone()])).collect();
    let expected = [
        (InlineKind::Range, "<b>zwei *drei*</b>"),
        (InlineKind::Range, "*drei*"),
        (InlineKind::Atom, "<sub>2</sub>"),
        (InlineKind::Atom, "<br>"),
        (InlineKind::Atom, "</i>"),
        (InlineKind::Atom, "<kbd>Strg</kbd>"),
        (InlineKind::Range, "[fünf\n](x)"),
        (InlineKind::Range, "*<u>sechs*"),
        (InlineKind::Atom, "<u>"),
        (InlineKind::Atom, "</u>"),
    ];
    assert_eq!(inlines, expected);
    assert_eq!(article.text, "Eins zwei drei H2O\nvier Strg fünf\n sechs.\n");
}

/// What each tool's documentation shows of a construct: the words are marked, the rest stays.
#[test]
fn what_tools_add_keeps_its_shape() {
    let mut wrong = Vec::new();
    for text in [
        // MkDocs
        "!!! note \"⟨Für Leser⟩\"\n    ⟨Ein Satz.⟩\n\n    ⟨Noch einer.⟩\n\n        let x = 1;\n\n⟨Danach.⟩\n",
        "⟨Davor.⟩\n!!! warning inline end\n\n    ⟨Ein Satz.⟩\n",
        "!!! tip \"\"\n    - ⟨Punkt⟩\n      !!! danger \"⟨Mit ⟩⟪`x`⟫\"\n          ⟨Halt.⟩\n",
        "??? note \"⟨Auf⟩\"\n    ⟨Eins.⟩\n\n    ???+ tip \"⟨Zu⟩\"\n        ⟨Zwei.⟩\n",
        "=== \"⟨Auf dem Mac⟩\"\n\n    ⟨Eins.⟩\n\n    ```sh\n    ls \"{{ a }}\"\n    ```\n\n=== \"⟨Sonst⟩\"\n\n    ⟨Zwei.⟩\n",
        "/// note | ⟨Titel⟩\n⟨Ein Satz.⟩\n///\n",
        "⟨Titel⟩ { #titel }\n=====\n\n⟨Text⟩ { .lead }\n",
        "[⟨Knopf⟩](a.md){ .md-button }⟨ und ⟩⟪`x`{.py}⟫⟨.⟩\n{: .klein }\n\n⟨Mehr.⟩\n",
        "⟨Taste ⟩⟪++ctrl+c++⟫⟨ und ⟩==⟨ganz neu⟩==⟨, ⟩^^⟨neu⟩^^⟨, C++ und C++.⟩\n",
        "⟨Ein Herz⟩ :heart:⟨ um 10:30:15 Uhr.⟩\n",
        "--8<-- \"a.md\"\n⟨Text.⟩\n\n[TOC]\n\n*[HTML]: ⟨Sprache des Netzes⟩\n",
        "<div class=\"grid\" markdown>\n⟨Ein ⟩**⟨fetter⟩**⟨ Satz.⟩\n</div>\n",
        "⟨Begriff⟩\n:   ⟨Seine Bedeutung.⟩\n",
        "⟨H⟩⟪~2~⟫⟨O und x⟩⟪^2^⟫⟨ bei ⟩⟪$a_1$⟫⟨ und 5 $ bis 7 $, ⟩⟪$x$⟫⟨.⟩\n\n⟪$$\nx = 1\n$$⟫\n",
        "::: paket.Klasse\n    options:\n        heading_level: 2\n\n⟨Text ⟩<b>⟨\n⟩⟨fett⟩</b>⟨ und ⟩[⟨\n⟩⟨neu⟩](x)⟨.⟩\n",
        // Hugo
        "{{< figure src=\"a.png\" title=\"⟨Der Hafen⟩\" caption=\"⟨Am Meer⟩\" >}}\n\n⟨Siehe ⟩[⟨dort⟩]({{< ref \"a b\" >}})⟨.⟩\n",
        "{{% notice info %}}\n⟨Ein Satz.⟩\n{{% /notice %}}\n⟨Zwei⟩ {{< br >}}⟨ drei.⟩\n",
        "⟨Eins ⟩⟪{{ a\n b }}⟫⟨ zwei ⟩⟪{{ c\n d }}⟫⟨ drei.⟩\n\n{% raw %}\n⟨Offen.⟩\n",
        "⟨Eins.⟩\n\n{{< highlight go >}}\nWort für Wort\n\nnoch eins\n{{< /highlight >}}\n\n⟨Zwei.⟩\n",
        // Jekyll
        "{% include note.html content=\"x\" %}\n⟨In Version ⟩⟪{{ site.version }}⟫⟨ neu.⟩\n\n{% raw %}\nRoh\n{% endraw %}\n",
        "| ⟨a⟩ | ⟪{{ b \\| c }}⟫ |\n|---|---|\n| ⟨c⟩ | ⟨d⟩ |\n{: .table }\n",
        // Docusaurus, MDX, Vue, MyST, Pandoc
        "import Tabs from '@theme/Tabs';\n\n:::note[⟨Für Leser⟩]\n\n⟨Ein Satz.⟩\n\n:::\n⟨Danach.⟩\n",
        ":::tip ⟨Ein Rat⟩\n⟨Ein Satz.⟩\n:::\n",
        "<Tabs>\n<TabItem value=\"a\">\n\n⟨Text mit ⟩⟪{props.name}⟫⟨.⟩\n\n</TabItem>\n</Tabs>\n",
        "::: {.callout-note title=\"⟨Hinweis für Leser⟩\"}\n⟨Ein ⟩[⟨kleiner⟩]{.smallcaps}⟨ Satz ⟩⟪[@mai2020, S. 3]⟫⟨.⟩\n:::\n",
        "```{note} ⟨Titel⟩\n⟨Ein Satz.⟩\n```\n\n```{code-block} python\nx = 1\n```\n",
        // GitHub, Obsidian
        "> [!NOTE]\n> ⟨Ein Satz.⟩\n\n> [!info]- ⟨Titel⟩\n> ⟨Text zu ⟩⟪[[Seite|der Seite]]⟫⟨.⟩\n",
        "<details>\n<summary>⟨Mehr dazu⟩</summary>\n\n⟨Ein Satz.⟩\n\n</details>\n",
        "<p align=\"center\">\n  ⟨Der⟩⟨ ⟩<b>⟨Hafen &amp; mehr⟩</b>\n</p>\n<pre>let x</pre>\n",
        "![⟨Der Hafen⟩](a.png \"x\"){ width=\"3\" }\n\n⟨Ein⟩ ![Bild](b.png)⟨ davon.⟩\n",
        // What only looks like one of them
        "⟨Die Marken ⟩⟪`{{`⟫⟨ und ⟩⟪`}}`⟫⟨ bleiben: {kein Platz}, {{ offen.⟩\n",
        "⟨!!! Achtung: alles neu⟩\n\n⟨::: 5 mal⟩\n\n⟨a == b und c++ == d⟩\n",
        "```md\n!!! note \"Titel\"\n    Text {{ x\n```\n\n⟨Danach }} kommt.⟩\n",
    ] {
        let bare: String = text.chars().filter(|c| !"⟨⟩⟪⟫".contains(*c)).collect();
        let found = marked(&bare);
        if found != text {
            wrong.push((found, text));
        }
    }
    assert_eq!(wrong, []);
}
