//! Regular expressions as Java writes them, in the words of `fancy-regex`.
//!
//! SRX files are written for Java (LanguageTool, OmegaT) or ICU, whose expressions are nearly the same. What
//! means something else here is rewritten: classes that are ASCII by default, `\h`, `\v`, `\R`, `\Q…\E`,
//! `\uXXXX`, the properties of `java.lang.Character` and POSIX, the flags `u`, `U` and `d`.

use std::iter::Peekable;
use std::str::Chars;

/// Java looks back over a bounded stretch only; the tools make this many repetitions of an open quantifier.
const MOST_REPETITIONS: &str = "100";

/// Vertical white space.
const VERTICAL: &str = "\\n-\\r\\x{85}\\x{2028}\\x{2029}";
/// Line ends, as the dot sees them.
const LINE_ENDS: &str = "\\n\\r\\x{85}\\x{2028}\\x{2029}";

/// What the escapes of one letter stand for inside a class: without and with the flag `U`.
const CLASSES: [(char, &str, &str); 5] = [
    ('d', "0-9", "\\d"),
    ('s', "\\t-\\r ", "\\s"),
    ('w', "0-9A-Z_a-z", "\\w"),
    (
        'h',
        "\\t \\x{a0}\\x{1680}\\x{180e}\\x{2000}-\\x{200a}\\x{202f}\\x{205f}\\x{3000}",
        "\\t \\x{a0}\\x{1680}\\x{180e}\\x{2000}-\\x{200a}\\x{202f}\\x{205f}\\x{3000}",
    ),
    ('v', VERTICAL, VERTICAL),
];

/// Properties that have another name, or none, elsewhere; what they stand for inside a class.
const PROPERTIES: [(&str, &str); 26] = [
    ("Lower", "a-z"),
    ("Upper", "A-Z"),
    ("ASCII", "\\x00-\\x7f"),
    ("Alpha", "A-Za-z"),
    ("Digit", "0-9"),
    ("Alnum", "0-9A-Za-z"),
    ("Punct", "\\x21-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7e"),
    ("Graph", "\\x21-\\x7e"),
    ("Print", "\\x20-\\x7e"),
    ("Blank", "\\x20\\t"),
    ("Cntrl", "\\x00-\\x1f\\x7f"),
    ("XDigit", "0-9A-Fa-f"),
    ("Space", "\\t-\\r\\x20"),
    ("L1", "\\x{0}-\\x{ff}"),
    ("LD", "\\p{L}\\p{Nd}"),
    ("javaLowerCase", "\\p{Lowercase}"),
    ("javaUpperCase", "\\p{Uppercase}"),
    ("javaTitleCase", "\\p{Lt}"),
    ("javaAlphabetic", "\\p{Alphabetic}"),
    ("javaIdeographic", "\\p{Ideographic}"),
    ("javaDigit", "\\p{Nd}"),
    ("javaLetter", "\\p{L}"),
    ("javaLetterOrDigit", "\\p{L}\\p{Nd}"),
    ("javaSpaceChar", "\\p{Z}"),
    (
        "javaWhitespace",
        "\\t-\\r\\x1c-\\x20\\x{1680}\\x{2000}-\\x{2006}\\x{2008}-\\x{200a}\\x{2028}\\x{2029}\\x{205f}\\x{3000}",
    ),
    ("javaISOControl", "\\p{Cc}"),
];

/// The flags that change how the rest of a group is rewritten.
#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    /// Classes are those of Unicode.
    unicode: bool,
    /// The dot matches line ends.
    dotall: bool,
}

struct RegexTranslator<'a> {
    rest: Peekable<Chars<'a>>,
    out: String,
    /// Those of each open group; the last are in force.
    flags: Vec<Flags>,
    /// Whether open quantifiers are given an end.
    finite: bool,
}

/// The expression with the meaning that `java` has in Java.
pub(super) fn translate(java: &str) -> Result<String, String> {
    RegexTranslator::new(java, false).run()
}

/// As [`translate`], and every open quantifier ends after 100 repetitions: what Java can look back over.
pub(super) fn finite(java: &str) -> Result<String, String> {
    RegexTranslator::new(java, true).run()
}

impl<'a> RegexTranslator<'a> {
    fn new(java: &'a str, finite: bool) -> Self {
        Self { rest: java.chars().peekable(), out: String::new(), flags: vec![Flags::default()], finite }
    }

    fn run(mut self) -> Result<String, String> {
        while let Some(c) = self.rest.next() {
            match c {
                '\\' => self.escape(false)?,
                '[' => self.class()?,
                '(' => self.group()?,
                ')' => {
                    if self.flags.len() == 1 {
                        return Err("there is a ) too many".to_owned());
                    }
                    self.flags.pop();
                    self.out.push(')');
                }
                '*' | '+' | '{' => self.quantifier(c),
                '.' if self.in_force().dotall => self.put("(?s:.)"),
                '.' => self.set(LINE_ENDS, true),
                _ => self.out.push(c),
            }
        }
        Ok(self.out)
    }

    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn in_force(&self) -> Flags {
        self.flags.last().copied().unwrap_or_default()
    }

    /// A class with these members; it may stand inside another class.
    fn set(&mut self, members: &str, negated: bool) {
        self.put(if negated { "[^" } else { "[" });
        self.put(members);
        self.out.push(']');
    }

    /// One character that means itself, wherever it stands.
    fn literal(&mut self, c: char) {
        if c.is_alphanumeric() || !c.is_ascii() {
            self.out.push(c);
        } else {
            self.code(u32::from(c));
        }
    }

    fn code(&mut self, code: u32) {
        self.put(&format!("\\x{{{code:x}}}"));
    }

    /// A quantifier other than `?`; `{2,}` and the like are read to their end.
    fn quantifier(&mut self, first: char) {
        let end = if self.finite { MOST_REPETITIONS } else { "" };
        if first == '{' {
            let mut inner = String::new();
            while let Some(c) = self.rest.next_if(|&c| c != '}') {
                inner.extend(Some(c).filter(|c| !c.is_whitespace()));
            }
            let open = if inner.ends_with(',') { end } else { "" };
            self.put(&format!("{{{inner}{open}"));
            self.out.extend(self.rest.next());
        } else {
            let least = if first == '*' { "0" } else { "1" };
            self.put(&format!("{{{least},{end}}}"));
        }
        // Lazy or possessive; after a quantifier a plus never repeats.
        self.out.extend(self.rest.next_if(|&c| c == '?' || c == '+'));
    }

    /// What follows an opening bracket.
    fn group(&mut self) -> Result<(), String> {
        let outer = self.in_force();
        if self.rest.next_if_eq(&'?').is_none() {
            self.flags.push(outer);
            self.out.push('(');
            return Ok(());
        }
        match self.rest.peek() {
            Some(':' | '=' | '!' | '>' | '<') => {
                self.flags.push(outer);
                self.put("(?");
                self.out.extend(self.rest.next());
                Ok(())
            }
            _ => self.inline_flags(outer),
        }
    }

    /// `(?iu)`, `(?s-i:`
    fn inline_flags(&mut self, outer: Flags) -> Result<(), String> {
        let (mut flags, mut on, mut kept) = (outer, true, String::new());
        for c in self.rest.by_ref() {
            match c {
                '-' => on = false,
                'U' => flags.unicode = on,
                's' => flags.dotall = on,
                // Unicode case is the only one here, and line ends are those of Unix in a block.
                'u' | 'd' => {}
                'i' | 'm' | 'x' => {
                    if !on && !kept.contains('-') {
                        kept.push('-');
                    }
                    kept.push(c);
                }
                ')' => {
                    if let Some(last) = self.flags.last_mut() {
                        *last = flags;
                    }
                    if !kept.is_empty() {
                        self.put(&format!("(?{kept})"));
                    }
                    return Ok(());
                }
                ':' => {
                    self.flags.push(flags);
                    self.put(&format!("(?{kept}:"));
                    return Ok(());
                }
                _ => return Err(format!("there is no flag {c}")),
            }
        }
        Err("a group is not closed".to_owned())
    }

    /// A class in square brackets, its opening one read already.
    fn class(&mut self) -> Result<(), String> {
        let mut depth = 0_usize;
        let mut next = Some('[');
        while let Some(c) = next {
            match c {
                '[' => {
                    depth += 1;
                    self.out.push('[');
                    self.out.extend(self.rest.next_if_eq(&'^'));
                    if let Some(c) = self.rest.next_if_eq(&']') {
                        self.literal(c);
                    }
                }
                ']' => {
                    depth -= 1;
                    self.out.push(']');
                    if depth == 0 {
                        return Ok(());
                    }
                }
                '\\' => self.escape(true)?,
                '&' if self.rest.next_if_eq(&'&').is_some() => self.put("&&"),
                '-' if !matches!(self.rest.peek(), Some('-' | ']' | '[' | '&')) => self.out.push('-'),
                _ => self.literal(c),
            }
            next = self.rest.next();
        }
        Err("a class is not closed".to_owned())
    }

    /// An escape, its backslash read already.
    fn escape(&mut self, in_class: bool) -> Result<(), String> {
        let c = self.rest.next().ok_or("it ends in a backslash")?;
        let unicode = self.in_force().unicode;
        let lower = c.to_ascii_lowercase();
        if let Some((_, ascii, all)) = CLASSES.iter().find(|(name, ..)| *name == lower) {
            self.set(if unicode { all } else { ascii }, c != lower);
            return Ok(());
        }
        match c {
            't' | 'n' | 'r' => self.out.extend(['\\', c]),
            'f' => self.code(0x0c),
            'a' => self.code(0x07),
            'e' => self.code(0x1b),
            'c' => {
                let control = self.rest.next().filter(char::is_ascii).ok_or("\\c without a character")?;
                self.code(u32::from(control) ^ 64);
            }
            '0' => {
                let code = self.digits(8, 3)?;
                self.code(code);
            }
            'x' | 'u' => self.character(c)?,
            'p' | 'P' => self.property(c == 'P')?,
            'Q' => self.quoted(),
            'E' => {}
            'R' if !in_class => self.put(&format!("(?:\\r\\n|[{VERTICAL}])")),
            'b' | 'B' | 'A' | 'z' | 'G' if !in_class => self.out.extend(['\\', c]),
            'Z' if !in_class => self.put(&format!("(?=(?:\\r\\n|[{LINE_ENDS}])?\\z)")),
            'k' if !in_class => self.put("\\k"),
            '1'..='9' if !in_class => self.put(&format!("(?:\\{c})")),
            _ if c.is_ascii_alphanumeric() => return Err(format!("the escape \\{c} is not supported")),
            _ => self.literal(c),
        }
        Ok(())
    }

    /// Up to `most` digits of a number.
    fn digits(&mut self, radix: u32, most: usize) -> Result<u32, String> {
        let mut digits = String::new();
        while digits.len() < most
            && let Some(digit) = self.rest.next_if(|c| c.is_digit(radix))
        {
            digits.push(digit);
        }
        u32::from_str_radix(&digits, radix).map_err(|_| "an escape lacks its number".to_owned())
    }

    /// `\xhh`, `\x{h…}`, `\uhhhh`; two surrogates are one character.
    fn character(&mut self, kind: char) -> Result<(), String> {
        let mut code = if kind == 'u' {
            self.digits(16, 4)?
        } else if self.rest.next_if_eq(&'{').is_some() {
            let code = self.digits(16, 8)?;
            self.rest.next_if_eq(&'}').ok_or("\\x{ is not closed")?;
            code
        } else {
            self.digits(16, 2)?
        };
        if (0xd800..0xdc00).contains(&code) {
            let low = self.rest.next_if_eq(&'\\').and_then(|_| self.rest.next_if_eq(&'u'));
            let low = low.and_then(|_| self.digits(16, 4).ok()).filter(|low| (0xdc00..0xe000).contains(low));
            code = 0x10000 + ((code - 0xd800) << 10) + (low.ok_or("half a surrogate pair")? - 0xdc00);
        }
        self.code(code);
        Ok(())
    }

    /// `\pL`, `\p{Lu}`, `\p{IsLatin}`, `\p{javaLowerCase}`
    fn property(&mut self, negated: bool) -> Result<(), String> {
        let first = self.rest.next().ok_or("\\p without a name")?;
        let mut name = String::new();
        if first == '{' {
            name.extend(std::iter::from_fn(|| self.rest.next_if(|&c| c != '}')));
            self.rest.next().ok_or("\\p{ is not closed")?;
        } else {
            name.push(first);
        }
        let same = |(other, _): &&(&str, &str)| *other == name;
        let members = match PROPERTIES.iter().find(same) {
            Some((_, members)) => (*members).to_owned(),
            None if name.starts_with("In") || name.starts_with("blk") || name.starts_with("block") => {
                return Err(format!("Unicode blocks such as {name} are not supported"));
            }
            None => format!("\\p{{{}}}", name.strip_prefix("Is").unwrap_or(&name)),
        };
        self.set(&members, negated);
        Ok(())
    }

    /// Everything up to `\E` means itself.
    fn quoted(&mut self) {
        while let Some(c) = self.rest.next() {
            if c == '\\' && self.rest.next_if_eq(&'E').is_some() {
                return;
            }
            self.literal(c);
        }
    }
}
