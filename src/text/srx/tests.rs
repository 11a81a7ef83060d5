use proptest::prelude::*;

use super::*;

/// A file with rules, each `+before¦after` or `-before¦after`, and a header and maps of its own.
fn file(cascade: &str, lists: &[(&str, &str, &[&str])]) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let rule = |rule: &&str| {
        let (kind, rule) = rule.split_at(1);
        let (before, after) = rule.split_once('¦').expect("two parts");
        let answer = if kind == "+" { "yes" } else { "no" };
        format!(
            "<rule break=\"{answer}\"><beforebreak>{}</beforebreak><afterbreak>{}</afterbreak></rule>\n",
            escape(before),
            escape(after)
        )
    };
    let languages: Vec<String> = lists
        .iter()
        .map(|(name, _, rules)| {
            let rules = rules.iter().map(rule).collect::<Vec<_>>().concat();
            format!("<languagerule languagerulename=\"{name}\">\n{rules}</languagerule>\n")
        })
        .collect();
    let maps: Vec<String> = lists
        .iter()
        .map(|(name, pattern, _)| {
            format!("<languagemap languagepattern=\"{pattern}\" languagerulename=\"{name}\"/>\n")
        })
        .collect();
    let (languages, maps) = (languages.concat(), maps.concat());
    format!(
        "<?xml version=\"1.0\"?>\n<srx xmlns=\"http://www.lisa.org/srx20\" version=\"2.0\"><header {cascade}/>\n\
         <body><languagerules>\n{languages}</languagerules><maprules>\n{maps}</maprules></body></srx>"
    )
}

fn rules(rules: &[&str]) -> Srx {
    Srx::from_bytes(file("cascade=\"no\"", &[("Deutsch", "de", rules)]).as_bytes()).expect("valid rules")
}

fn cut<'a>(srx: &Srx, text: &'a str) -> Vec<&'a str> {
    srx.segment(text).expect("in time").into_iter().map(|span| &text[span]).collect()
}

const USUAL: [&str; 4] = [r"-\b(Dr|Nr|z\.\sB)\.\s¦", r"-\b\d+\.\s¦\p{Ll}", r"+[.?!]+[“”]?\s+¦", r"+\n¦"];

#[test]
fn the_first_rule_that_matches_decides() {
    assert_eq!(
        cut(&rules(&USUAL), "Dr. Au kam. Wann? Am 3. des Monats.  Gut"),
        ["Dr. Au kam.", "Wann?", "Am 3. des Monats.", "Gut"]
    );
    let late = rules(&[r"+\.\s¦\p{Lu}", r"-Dr\.\s¦", r"+\.\s¦"]);
    assert_eq!(cut(&late, "Dr. Au und Dr. au. so"), ["Dr.", "Au und Dr. au.", "so"]);
}

#[test]
fn maps_cascade_only_if_the_header_says_so() {
    let lists: [(&str, &str, &[&str]); 3] = [
        ("Besonderes", "(?:DE|at).*", &[r"-usw\.\s¦"]),
        ("Englisch", "en.*", &[r"+u¦"]),
        ("Alles", ".*", &[r"+\.\s¦"]),
    ];
    let text = "Rad usw. dort. Hier";
    for (header, expected) in [
        ("cascade=\"yes\"", &["Rad usw. dort.", "Hier"][..]),
        ("cascade=\"no\"", &["Rad usw. dort. Hier"]),
        ("", &["Rad usw. dort.", "Hier"]),
    ] {
        let srx = Srx::from_bytes(file(header, &lists).as_bytes()).expect("valid");
        assert_eq!(cut(&srx, text), expected, "{header}");
    }
}

#[test]
fn look_around_and_groups_do_not_move_the_place() {
    let srx = rules(&[
        r"-(?<!\d)(\d)\1\.\s¦(?=J)",
        r"-(?<=im )Nov\.\s¦",
        r"-(Abb|Taf)(eln?)?\.(\s)¦(\d+)",
        r"+(\.)(\s)¦",
    ]);
    assert_eq!(
        cut(&srx, "Am 22. Juni. Am 222. Juni. im Nov. Da. In Nov. Da. Taf. 3 an"),
        ["Am 22. Juni.", "Am 222.", "Juni.", "im Nov. Da.", "In Nov.", "Da.", "Taf. 3 an"]
    );
}

#[test]
fn an_exception_sees_what_comes_after_the_place() {
    let srx = rules(&[r"-[A-Z]+\.\b¦", r"-a(?=\.b)\.¦", r"+\.¦"]);
    assert_eq!(cut(&srx, "XY.Z XY. a.b a.c"), ["XY.Z XY.", "a.b a.", "c"]);
}

#[test]
fn rules_may_break_where_nothing_stands() {
    assert_eq!(cut(&rules(&[r"+¦<0"]), "ein<0zwei<0"), ["ein", "<0zwei", "<0"]);
    assert_eq!(cut(&rules(&[r"+¦"]), "äb "), ["ä", "b"]);
    assert_eq!(cut(&rules(&[r"-.*¦\.de", r"+\w*¦"]), "ab.de"), ["ab.de"]);
}

#[test]
fn the_rule_is_named() {
    let told = rules(&USUAL).explain("Nr. 5. Da").expect("in time");
    assert_eq!((told[0].at, told[0].boundary), (4, false));
    assert!(told[0].reason.starts_with("Deutsch rule 1, line 5: no break between"), "{}", told[0].reason);
    assert_eq!((told[1].at, told[1].boundary), (7, true));
    assert!(told[1].reason.starts_with("Deutsch rule 3, line 7: break between"), "{}", told[1].reason);
}

#[test]
fn broken_files_are_refused_with_their_line() {
    let error = |text: &str| Srx::from_bytes(text.as_bytes()).expect_err(text).to_string();
    let bomb =
        "<?xml version=\"1.0\"?>\n<!DOCTYPE srx [<!ENTITY a \"aa\"><!ENTITY b \"&a;&a;\">]>\n<srx>&b;</srx>";
    assert!(error(bomb).starts_with("line 2: a document type declaration"), "{}", error(bomb));
    assert!(error("<html></html>").contains("not srx"));
    assert!(error("").contains("not srx"));
    assert!(error("<srx><body>").contains("not closed"));
    assert!(error("<srx><beforebreak>&lol;</beforebreak></srx>").contains("entity"));
    assert!(error(&file("", &[("x", "fr", &[])])).contains("no rules for German"));
    let pattern = error(&file("", &[("x", "de", &["+a¦", "+(¦"])]));
    assert!(pattern.starts_with("line 6: the pattern \"(\""), "{pattern}");
    assert!(Srx::from_bytes(b"<?xml version='1.0' encoding='utf-8'?><srx>\xff</srx>").is_err());
    assert!(matches!(Srx::from_bytes(&vec![b' '; 9 << 20]), Err(SrxError::TooLarge(_))));
}

#[test]
fn the_encoding_is_the_declared_one() {
    let text = file("", &[("x", "de", &["-ä\\.¦", "+\\.¦"])]).replacen(
        "\"1.0\"",
        "\"1.0\" encoding='ISO-8859-1'",
        1,
    );
    let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(&text);
    assert_eq!(cut(&Srx::from_bytes(&bytes).expect("valid"), "ä. b.c"), ["ä. b.", "c"]);
}

#[test]
fn a_rule_that_would_take_for_ever_is_an_error() {
    let text = format!("{}.d", "ab".repeat(100));
    let endless = rules(&[r"+(?:a(?=b)|b(?!c)|ab(?!c))*d¦"]);
    let error = endless.segment(&text).expect_err("too long").to_string();
    assert!(error.contains("Deutsch rule 1"), "{error}");
    // Each match reaches to the end of the text, and each border makes it begin again.
    let square = rules(&[r"+b¦", r"+[^x]*y¦"]);
    assert!(square.segment(&format!("{}y", "b".repeat(100_000))).is_err());
}

proptest! {
    #[test]
    fn nothing_is_lost(text in "([A-Za-zä]{0,6}[.?! \n„“]{0,3}(Dr\\.|3\\.)?){0,20}|.*") {
        let mut end = 0;
        for span in rules(&USUAL).segment(&text).expect("in time") {
            prop_assert!(span.start >= end && span.end > span.start);
            prop_assert!(text[end..span.start].trim().is_empty());
            prop_assert_eq!(text[span.clone()].trim(), &text[span.clone()]);
            end = span.end;
        }
        prop_assert!(text[end..].trim().is_empty());
    }

    #[test]
    fn any_expression_is_taken_or_refused(java in ".{0,20}|[\\[\\](){}*+?\\\\^|.&a-d0-9pPuxQEsSdhRk<>=!:-]{0,24}") {
        let text = file("", &[("x", "de", &["-\u{1}¦", "+b¦"])]).replace('\u{1}', &quick_xml::escape::escape(java.as_str()));
        if let Ok(srx) = Srx::from_bytes(text.as_bytes()) {
            let _ = srx.segment("abcd ab 0123 b.");
        }
    }

    #[test]
    fn any_bytes_are_rules_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Srx::from_bytes(&bytes);
    }
}
