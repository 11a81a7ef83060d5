//! Finds what Markdown tools add to `CommonMark` and hides it from the parser.
//!
//! The parser reads a copy of the markup in which each such construct is made of inert letters or of `CommonMark` that has
//! the same structure. The copy has the same bytes at the same places wherever text is, so every place that the parser
//! names is one of the markup.

use std::ops::Range;

use super::ahead::Ahead;
use super::constructs::CONSTRUCTS;

/// A construct inside a line that the parser takes for letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Construct {
    pub(super) place: Range<usize>,
    /// What it reads as; empty if it reads as nothing.
    pub(super) reads: Range<usize>,
    pub(super) kind: ConstructKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ConstructKind {
    /// Something that stays as it is among the words.
    Atom,
    /// Attributes of what stands right before.
    Attributes,
    /// The border between two texts of a command.
    Border,
}

/// The copy for the parser, and what is hidden in it.
#[derive(Debug)]
pub(super) struct Masked {
    pub(super) text: String,
    /// In order and disjoint.
    pub(super) constructs: Vec<Construct>,
    /// Where text stands between double quotation marks of a construct.
    pub(super) quoted: Vec<Range<usize>>,
}

/// A construct inside a line is no longer: what is, is taken for text. It keeps the pass linear.
const LONGEST: usize = 2048;

/// The letter that the parser reads instead.
const INERT: u8 = b'x';

/// Masks the markup from this byte on.
pub(super) fn mask(markup: &str, from: usize) -> Masked {
    let mut masker = Masker::new(markup);
    masker.run(from);
    // Only whole characters were replaced, by ASCII.
    let text = String::from_utf8(masker.out).unwrap_or_else(|_| markup.to_owned());
    Masked { text, constructs: masker.constructs, quoted: masker.quoted }
}

struct Masker<'a> {
    markup: &'a str,
    out: Vec<u8>,
    constructs: Vec<Construct>,
    quoted: Vec<Range<usize>>,
    /// Commands whose body has no end: what is not there is looked for once.
    unclosed: Vec<&'a str>,
    /// Where the paragraph ends in which a construct was looked for last.
    paragraph_end: usize,
    ahead: Ahead<'a>,
}

impl<'a> Masker<'a> {
    fn new(markup: &'a str) -> Self {
        Self {
            markup,
            out: markup.as_bytes().to_vec(),
            constructs: Vec::new(),
            quoted: Vec::new(),
            unclosed: Vec::new(),
            paragraph_end: 0,
            ahead: Ahead::new(markup),
        }
    }

    fn run(&mut self, from: usize) {
        let mut fence: Option<&str> = None;
        // The fences of directives that are open, the innermost last.
        let mut directives: Vec<&str> = Vec::new();
        let mut at = from;
        while at < self.markup.len() {
            let end = self.line_end(at);
            let line = &self.markup[at..end];
            let body = at + line.len() - line.trim_start_matches([' ', '\t', '>']).len();
            let is_quoted = self.markup[at..body].contains('>');
            let text = self.markup[body..end].trim_end();
            let item = body + item_mark(text);
            let found = fence_of(&self.markup[item..end]);
            at = end + 1;
            match (fence, found) {
                (Some(open), Some(mark)) if mark.starts_with(open) && text == mark => fence = None,
                (Some(_), _) => {}
                (None, Some(mark)) if text == mark && directives.last() == Some(&mark) => {
                    directives.pop();
                    self.blank(body..end);
                }
                (None, Some(mark)) => match directive(&text[text.len().min(mark.len())..]) {
                    Some(title) if item == body => {
                        let start = body + mark.len();
                        self.heading("#", body..body + text.len(), start + title.start..start + title.end);
                        directives.push(mark);
                    }
                    _ => fence = Some(mark),
                },
                (None, None) if self.container(body..body + text.len(), is_quoted) => {}
                (None, None) => {
                    at = at.max(self.line(item..end) + 1);
                    if text.starts_with(':') && !text[1..].starts_with([' ', '\t']) {
                        // The parser would take it for a definition.
                        self.out[body] = INERT;
                    }
                }
            }
        }
    }

    fn line_end(&self, at: usize) -> usize {
        self.markup[at..].find('\n').map_or(self.markup.len(), |end| at + end)
    }

    /// Masks what stands in a line, and says where the line ends in which its last construct does.
    fn line(&mut self, line: Range<usize>) -> usize {
        let known = self.constructs.len();
        let mut scanned = line.end;
        let mut stop = self.inline(line.clone());
        let mut end = self.line_end(stop);
        while end > scanned {
            scanned = end;
            stop = self.inline(stop..end);
            end = self.line_end(stop);
        }
        let own = &self.constructs[known..];
        let is_command =
            |construct: &Construct| construct.reads.is_empty() && construct.kind != ConstructKind::Border;
        let mut text = line.start;
        let is_alone = !own.is_empty()
            && own.iter().all(|construct| {
                let is_blank = self.markup[text..construct.place.start].trim().is_empty();
                text = construct.place.end;
                is_blank && is_command(construct)
            })
            && self.markup[text..end].trim().is_empty();
        // An image or link with a command for its address is none of these: its marks are text.
        if !is_alone {
            return end;
        }
        let commands: Vec<_> = self.constructs.drain(known..).map(|construct| construct.place).collect();
        for command in commands {
            self.blank(command.clone());
            if let Some(body) = self.verbatim_body(command.clone()) {
                end = end.max(self.line_end(body));
                self.blank(command.end..end);
                break;
            }
            self.titles(command);
        }
        end
    }

    /// Where the end tag of a command begins whose body is no language.
    fn verbatim_body(&mut self, command: Range<usize>) -> Option<usize> {
        let text = self.markup[command.clone()].trim_start_matches(['{', '%', '<', '-', ' ', '#']);
        let name = &text[..text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len())];
        if !CONSTRUCTS.verbatim.contains(&name) {
            return None;
        }
        if self.unclosed.contains(&name) {
            return None;
        }
        let rest = &self.markup[command.end..];
        let closes = |&(at, brace): &(usize, &str)| {
            // What is stepped over has no brace, so that nothing is stepped over twice.
            let tag = rest[at + brace.len()..].trim_start_matches(['%', '<', '-', '~', ' ']);
            let end = tag.strip_prefix("end").or_else(|| Some(tag.strip_prefix('/')?.trim_start()));
            end.is_some_and(|end| end.starts_with(name))
        };
        let found = rest.match_indices('{').find(closes).map(|(at, _)| command.end + at);
        if found.is_none() {
            self.unclosed.push(name);
        }
        found
    }

    /// Makes headings of the attributes of a command that a reader sees.
    fn titles(&mut self, command: Range<usize>) {
        let mut line = None;
        // Where the line begins in which the words stand, and up to where it was looked for.
        let (mut start, mut known) = (command.start, command.start);
        for words in self.words(command.clone()) {
            if let Some(end) = self.markup[known..words.start].rfind('\n') {
                start = known + end + 1;
            }
            known = words.start;
            let lead =
                self.markup[start..words.start].len() - self.markup[start..words.start].trim_start().len();
            let head = start + lead;
            if words.start < head + 2 {
                continue;
            }
            match line {
                Some((known, end)) if known == start => self.border(end..words.start),
                _ => self.out[head..head + 2].copy_from_slice(b"# "),
            }
            line = Some((start, words.end));
            self.show(words.clone());
            self.quoted.push(words);
        }
    }

    /// The values of attributes in a stretch that a reader sees.
    fn words(&self, stretch: Range<usize>) -> Vec<Range<usize>> {
        let text = &self.markup[stretch.clone()];
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(equals) = text[at..].find("=\"").map(|equals| at + equals) {
            let value = equals + 2;
            let Some(end) = text[value..].find('"').map(|end| value + end) else { break };
            let name =
                text[at..equals].rsplit(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).next();
            let is_seen = name.is_some_and(|name| CONSTRUCTS.words.contains(&name));
            let value_text = &text[value..end];
            if is_seen && value_text.contains(char::is_alphabetic) && !value_text.contains(['\n', '\\', '{'])
            {
                found.push(stretch.start + value..stretch.start + end);
            }
            at = end + 1;
        }
        found
    }

    /// Masks a line that opens or closes a container, or that is no language.
    fn container(&mut self, line: Range<usize>, is_quoted: bool) -> bool {
        let text = &self.markup[line.clone()];
        let is_line = CONSTRUCTS.lines.contains(&text)
            || CONSTRUCTS.openings.iter().any(|opening| text.starts_with(opening))
            || is_import(text)
            || is_wrapper(text);
        if is_line {
            self.blank(line);
            return true;
        }
        let mark = CONSTRUCTS.containers.iter().find(|mark| text.starts_with(**mark));
        let (lead, title) = match mark {
            Some(&("!!!" | "???" | "===")) => match admonition(text) {
                Some(title) => ("- #", title),
                None => return false,
            },
            Some(&"///") => match fence_title(text, '/') {
                Some(title) => ("#", title),
                None => return false,
            },
            Some(_) => match fence_title(text, ':') {
                Some(title) => ("#", title),
                None => return false,
            },
            None if is_quoted && text.starts_with("[!") => match text.find(']') {
                Some(end) if text[2..end].chars().all(|c| c.is_alphanumeric() || "-_ |".contains(c)) => (
                    "#",
                    trimmed(text, end + 1 + usize::from(text[end + 1..].starts_with(['+', '-']))..text.len()),
                ),
                _ => return false,
            },
            None if text.starts_with("*[") => match text.find("]: ") {
                Some(end) => ("#", trimmed(text, end + 3..text.len())),
                None => return false,
            },
            None => return false,
        };
        let title = line.start + title.start..line.start + title.end;
        self.heading(lead, line, title);
        true
    }

    /// Makes a heading of a line, with this mark and this title.
    fn heading(&mut self, mark: &str, line: Range<usize>, title: Range<usize>) {
        self.blank(line.clone());
        if title.is_empty() {
            self.titles(line.clone());
        }
        if !title.is_empty() || mark.len() > 1 {
            self.out[line.start..line.start + mark.len()].copy_from_slice(mark.as_bytes());
        }
        self.show(title.clone());
        if self.markup[..title.start].ends_with('"') {
            self.quoted.push(title.clone());
        }
        self.inline(title);
    }

    fn blank(&mut self, place: Range<usize>) {
        for byte in &mut self.out[place] {
            if !matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
    }

    fn show(&mut self, place: Range<usize>) {
        self.out[place.clone()].copy_from_slice(&self.markup.as_bytes()[place]);
    }

    fn hide(&mut self, place: Range<usize>, reads: Range<usize>, kind: ConstructKind) -> usize {
        let end = place.end;
        self.out[place.clone()].fill(INERT);
        self.constructs.push(Construct { place, reads, kind });
        end
    }

    fn border(&mut self, place: Range<usize>) {
        let start = place.start;
        self.hide(place, start..start, ConstructKind::Border);
    }

    /// Masks the constructs in a stretch of one paragraph and says where the last of them ends, or the stretch does.
    fn inline(&mut self, stretch: Range<usize>) -> usize {
        let mut at = stretch.start;
        while at < stretch.end {
            let byte = self.markup.as_bytes()[at];
            let window = self.window(at);
            at = match byte {
                b'`' => at + code(window),
                b'\\' | b'{' | b'<' | b'$' | b'[' | b':' | b'=' | b'+' | b'^' | b'~' => match self
                    .construct(at, window)
                {
                    Some(end) => end,
                    None if byte == b'\\' && window.len() > 1 && window.as_bytes()[1].is_ascii() => at + 2,
                    None => at + 1,
                },
                _ => at + 1,
            };
            // Bytes inside a character begin no construct.
            while !self.markup.is_char_boundary(at) {
                at += 1;
            }
        }
        at
    }

    /// What may belong to a construct that begins here: the rest of the paragraph, if that is not too long.
    fn window(&mut self, at: usize) -> &'a str {
        if at >= self.paragraph_end {
            let rest = &self.markup[at..];
            let is_blank = |&(line, _): &(usize, &str)| {
                let next = rest[line + 1..].trim_start_matches([' ', '\t', '\r', '>']);
                next.is_empty() || next.starts_with('\n')
            };
            self.paragraph_end =
                rest.match_indices('\n').find(is_blank).map_or(self.markup.len(), |(line, _)| at + line);
        }
        let end = self.markup.floor_char_boundary(at.saturating_add(LONGEST));
        &self.markup[at..end.min(self.paragraph_end).max(at)]
    }

    /// Masks the construct that begins here, and says where it ends or what stands in it begins.
    fn construct(&mut self, at: usize, window: &'a str) -> Option<usize> {
        let before = self.markup[..at].chars().next_back();
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        for pair in &CONSTRUCTS.pairs {
            if !window.starts_with(pair.open) {
                continue;
            }
            let inner = at + pair.open.len();
            let close = self.ahead.mark(pair.close, inner..at + window.len());
            if let Some(close) = close.filter(|close| *close > inner) {
                let end = close + pair.close.len();
                let reads = if pair.reads { at..end } else { at..at };
                return Some(self.hide(at..end, reads, ConstructKind::Atom));
            }
        }
        let rest = window.get(1..)?;
        let behind = |length: usize| window.get(length..).and_then(|rest| rest.chars().next());
        match window.as_bytes()[0] {
            b'{' => {
                if let Some(length) = attributes(window) {
                    let end = at + length;
                    if before == Some(']') {
                        // Words in brackets that have attributes are marked up, as a link is.
                        self.out[at..end].fill(INERT);
                        self.out[at] = b'(';
                        self.out[end - 1] = b')';
                        return Some(end);
                    }
                    return Some(self.hide(at..end, at..at, ConstructKind::Attributes));
                }
                let name = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "_.$()".contains(c)))?;
                let is_value =
                    rest.starts_with(|c: char| c.is_ascii_alphabetic()) && rest[name..].starts_with('}');
                let end = at + name + 2;
                is_value.then(|| self.hide(at..end, at..end, ConstructKind::Atom))
            }
            b'$' if !is_word(before) => {
                let length = formula(rest)?;
                let end = at + length + 2;
                (!is_word(behind(length + 2))).then(|| self.hide(at..end, at..end, ConstructKind::Atom))
            }
            b'[' if rest.starts_with('[') => {
                let length = 1 + rest[1..].find(['[', ']', '\n'])?;
                let inner = &rest[1..length];
                let is_link = !inner.trim().is_empty()
                    && rest[length..].starts_with("]]")
                    && !matches!(behind(length + 3), Some('(' | '[' | ':'));
                let text = at + 2 + inner.rfind('|').map_or(0, |bar| bar + 1);
                let end = at + length + 3;
                let reads = if before == Some('!') { at..at } else { text..end - 2 };
                is_link.then(|| self.hide(at..end, reads, ConstructKind::Atom))
            }
            b':' if !is_word(before) && before != Some(':') => {
                let length = rest
                    .find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || "_+-".contains(c)))?;
                let is_emoji = length > 0
                    && rest[length..].starts_with(':')
                    && (rest[..length].contains(|c: char| c.is_ascii_lowercase())
                        || matches!(&rest[..length], "+1" | "-1" | "100" | "1234"))
                    && !is_word(behind(length + 2))
                    && behind(length + 2) != Some(':');
                is_emoji.then(|| self.hide(at..at + length + 2, at..at, ConstructKind::Atom))
            }
            mark @ (b'^' | b'~') if is_word(before) && !rest.starts_with(char::from(mark)) => {
                /// A raised or lowered text is no longer.
                const LONGEST_SCRIPT: usize = 16;
                let length =
                    rest.find(char::from(mark)).filter(|length| (1..=LONGEST_SCRIPT).contains(length))?;
                let is_script = !rest[..length].contains(char::is_whitespace)
                    && behind(length + 2) != Some(char::from(mark));
                let end = at + length + 2;
                is_script.then(|| self.hide(at..end, at + 1..end - 1, ConstructKind::Atom))
            }
            _ => {
                let mark = CONSTRUCTS.marks.iter().find(|mark| window.starts_with(**mark))?;
                let opens = !is_word(before) && is_word(behind(mark.len()));
                let close = opens.then(|| self.ahead.range_end(mark, at + mark.len()..at + window.len()));
                let close = close.flatten()?;
                let inner = at + mark.len()..close;
                if *mark == "++" && self.markup[inner.clone()].split('+').all(is_key) {
                    return Some(self.hide(at..inner.end + mark.len(), inner, ConstructKind::Atom));
                }
                for place in [at, close] {
                    self.out[place..place + mark.len()].fill(b'*');
                }
                Some(at + mark.len())
            }
        }
    }
}

/// Whether a name is that of a key.
fn is_key(name: &str) -> bool {
    name.chars().count() == 1 || CONSTRUCTS.keys.contains(&name)
}

/// The length of the mark of a list item and the white space behind it.
fn item_mark(text: &str) -> usize {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let mark = match text.as_bytes().get(digits) {
        Some(b'-' | b'*' | b'+') if digits == 0 => 1,
        Some(b'.' | b')') if (1..=9).contains(&digits) => digits + 1,
        _ => return 0,
    };
    let blank = text[mark..].len() - text[mark..].trim_start().len();
    if blank > 0 { mark + blank } else { 0 }
}

/// The fence that a line begins with.
fn fence_of(text: &str) -> Option<&str> {
    let mark = text.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = text.len() - text.trim_start_matches(mark).len();
    (length >= 3 && !(mark == '`' && text[length..].contains('`'))).then_some(&text[..length])
}

/// Where the title of a directive stands whose name stands in braces behind a fence.
fn directive(info: &str) -> Option<Range<usize>> {
    let end = info.strip_prefix('{')?.find('}')? + 1;
    CONSTRUCTS.directives.contains(&&info[1..end]).then(|| trimmed(info, end + 1..info.len()))
}

/// The length of a code span, or of its mark if it does not end.
fn code(text: &str) -> usize {
    let run = |text: &str| text.len() - text.trim_start_matches('`').len();
    let length = run(text);
    let mut at = length;
    while let Some(next) = text[at..].find('`').map(|next| at + next) {
        let other = run(&text[next..]);
        at = next + other;
        if other == length {
            return at;
        }
    }
    length
}

/// The length of a formula up to its closing dollar sign, by the rules of Pandoc; sums of money are none.
fn formula(text: &str) -> Option<usize> {
    /// What is longer without a sign of TeX is the name of a variable.
    const LONGEST_NAME: usize = 3;
    let end = text.find('$')?;
    let inner = &text[..end];
    let is_open =
        inner.is_empty() || inner.starts_with(char::is_whitespace) || inner.ends_with(char::is_whitespace);
    let has_sign = inner.contains(['\\', '^', '_', '=', '{', '<', '>', '+']);
    let is_name = inner.len() <= LONGEST_NAME && inner.chars().all(char::is_alphabetic);
    (!is_open && (has_sign || is_name)).then_some(end)
}

/// The length of an attribute list in braces that a text begins with.
fn attributes(text: &str) -> Option<usize> {
    let start = 1 + usize::from(text[1..].starts_with(':'));
    let mut at = start;
    let mut found = 0;
    loop {
        let rest = &text[at..];
        let rest = rest.trim_start_matches([' ', '\t']);
        at = text.len() - rest.len();
        if rest.starts_with('}') {
            return (found > 0 || start == 2).then_some(at + 1);
        }
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | ':' | '@');
        let sign = usize::from(rest.starts_with(['#', '.']));
        let name = sign + rest[sign..].find(|c| !is_name(c))?;
        let value = rest[name..].strip_prefix('=');
        let length = match value {
            Some(value) if sign == 0 && name > 0 => {
                let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
                let length = match quote {
                    Some(quote) => value[1..].find(quote)? + 2,
                    None => value.find(|c: char| c.is_whitespace() || c == '}')?,
                };
                name + 1 + length
            }
            None if name > sign && (sign == 1 || start == 2) => name,
            _ => return None,
        };
        found += 1;
        at += length;
    }
}

/// Whether a line is the tag of an element of HTML whose content is Markdown.
fn is_wrapper(text: &str) -> bool {
    text.starts_with('<')
        && text.ends_with('>')
        && text.matches('<').count() == 1
        && text.contains(" markdown")
}

/// Whether a line imports or exports a name of MDX.
fn is_import(text: &str) -> bool {
    let text = text.trim_end_matches(';');
    let imports = text.strip_prefix("import ").is_some_and(|rest| {
        rest.ends_with(['"', '\'']) && (rest.contains(" from ") || rest.starts_with(['"', '\'']))
    });
    let exports = text.strip_prefix("export ").is_some_and(|rest| {
        ["const ", "let ", "default ", "function "].iter().any(|word| rest.starts_with(word))
    });
    imports || exports
}

/// Where the title of an admonition, fold or tab stands, an empty range if it has none; `None` if the line is none of these.
fn admonition(text: &str) -> Option<Range<usize>> {
    let rest = text[3..].trim_start_matches(['+', '!']);
    let start = text.len() - rest.len();
    let names = rest.strip_prefix(' ')?;
    let quote = names.find('"').unwrap_or(names.len());
    let (names, title) = names.split_at(quote);
    let is_named = names.trim_start().starts_with(char::is_alphabetic)
        && names.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    let is_tab = text.starts_with("===");
    if title.is_empty() {
        return (is_named && !is_tab && text.len() > 4).then_some(text.len()..text.len());
    }
    let open = start + 1 + quote + 1;
    let close = text.len() - usize::from(text.ends_with('"'));
    let is_bare = names.trim().is_empty() && !text.starts_with("!!!");
    (text.ends_with('"') && open <= close && (is_bare || is_named && !is_tab)).then_some(open..close)
}

/// Where the title of a fenced container stands, an empty range if it has none; `None` if the line is none.
fn fence_title(text: &str, mark: char) -> Option<Range<usize>> {
    let rest = text.trim_start_matches(mark);
    let none = text.len()..text.len();
    if rest.trim().is_empty() {
        return Some(none);
    }
    let rest = rest.trim_start();
    // The names of mkdocstrings have dots.
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let rest = if rest.starts_with('{') {
        &rest[rest.find('}')? + 1..]
    } else {
        let name = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        if !rest.starts_with(char::is_alphabetic) {
            return None;
        }
        &rest[name..]
    };
    let at = text.len() - rest.len();
    if let Some(label) = rest.strip_prefix('[') {
        let end = label.rfind(']')?;
        return Some(trimmed(text, at + 1..at + 1 + end));
    }
    match rest.trim_start().chars().next() {
        None | Some('{') => Some(none),
        Some('|') if mark == '/' => Some(trimmed(text, at + rest.find('|')? + 1..text.len())),
        Some(_) if mark == ':' => {
            let title = trimmed(text, at..text.trim_end_matches(':').len().max(at));
            Some(title).filter(|_| rest.starts_with(char::is_whitespace))
        }
        Some(_) => None,
    }
}

/// A stretch of a text without white space around it.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let stretch = &text[range.clone()];
    let inner = stretch.trim();
    let start = range.start + stretch.len() - stretch.trim_start().len();
    start..start + inner.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_beginnings_is_searched_once_for_each_mark() {
        let beginnings = [
            "==a ",
            "++a ",
            "==a ++b ^^c ",
            "==a b==",
            "{{ a ",
            "{% a ",
            "{{< a {{% b {# c ",
            "<% a ",
            "\\(a ",
            "$$a ",
            "[@a ",
            "[[a ",
            "{a ",
            "{#a ",
            "==a\n",
            "{{ a\n",
        ];
        for beginning in beginnings {
            let text = beginning.repeat(20_000);
            let mut masker = Masker::new(&text);
            masker.run(0);
            // As many marks begin in none of them.
            let bound = 4 * text.len();
            assert!(masker.ahead.looked_at() <= bound, "{beginning:?}: {}", masker.ahead.looked_at());
        }
    }

    #[test]
    fn the_end_of_a_command_is_found_behind_braces() {
        let braces = "{ ".repeat(100_000);
        for (end, hidden) in [("{% endraw %}", true), ("{%- endraw -%}", true), ("{% end %}", false)] {
            let text = format!("{{% raw %}}\n{braces}Wort\n{end}\n");
            let is_hidden = !mask(&text, 0).text.contains("Wort");
            assert_eq!(is_hidden, hidden, "{end}");
        }
    }
}
