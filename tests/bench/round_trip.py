#!/usr/bin/env python3
"""Whether documents come back whole: everything of a file that is not text, once and in its order, with the same words in it.

Translates files with the engine `pseudo`, which puts a mark before each segment and returns its words as they are, to the format
`document`, and compares source and output, each taken apart by a parser that is not ours:

  .html, .htm, .xhtml   html.parser: tags, comments, declarations, the text of scripts and styles
  .md, .markdown        markdown-it-py: blocks and inline elements, code, the tags of HTML, front matter, what tools add
  .docx                 elements of all parts of the document, in order; the words of each paragraph
  .srt                  numbers, times, tags

A file is counted as equal for its *sequence* if all that is no text is equal, and for its *words* if these stand between the same tags,
too, and no two of them are glued together and none is split. `.html.gz` is taken as well.

  round_trip.py target/debug/wortlaut FILE ... [--list N] [--diff] [-- --furniture translate]

`--diff` shows the first difference of each file; what follows `--` goes to `wortlaut translate`. Needs markdown-it-py and
mdit-py-plugins for Markdown, the standard library for the others.
"""

import argparse
import collections
import gzip
import html.parser
import io
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree
import zipfile

MARK = re.compile(r"\[de\] ?")
INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
# What is translated or names the language.
TRANSLATED = set(
    "alt title aria-label aria-description aria-placeholder aria-roledescription aria-valuetext placeholder summary label abbr standby "
    "value content lang xml:lang".split()
)
RAW = {"script", "style"}


# What tools add to CommonMark: commands, values, boxes, attributes, formulas.
ADDED = re.compile(
    r"(\{\{.*?\}\}|\{%.*?%\}|\{[:#.][^{}]*\}|^\s*(?:!!!|\?\?\?|===|:::|///).*|\[![\w-]+\]|\$\$.*?\$\$)", re.S | re.M
)
# Fields of front matter that are translated.
FIELD = re.compile(r"(title|description|subtitle|summary|excerpt|linkTitle|heading|lead|teaser)(\s*[:=]\s*)(.*)")


class Text(str):
    """A piece of text between constructs."""


# What a line break reads as.
SPACE = Text("\n")


class HtmlParts(html.parser.HTMLParser):
    def __init__(self, markup):
        super().__init__(convert_charrefs=True)
        self.parts = []
        self.raw = False
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.raw = tag in RAW
        if tag == "meta" and dict(attrs).get("charset"):
            return  # It is given to a page without one, and says something else on one that is not in UTF-8.
        self.parts.append(("start", tag, [(name, None if name in TRANSLATED else value) for name, value in attrs]))
        if tag == "br":
            self.parts.append(SPACE)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.raw = False

    def handle_endtag(self, tag):
        self.raw = False
        self.parts.append(("end", tag))

    def handle_data(self, data):
        self.parts.append(("raw", data) if self.raw else Text(data))

    def handle_comment(self, data):
        self.parts.append(("comment", data))

    def handle_decl(self, decl):
        self.parts.append(("declaration", decl))

    def unknown_decl(self, data):
        self.parts.append(("declaration", data))

    def handle_pi(self, data):
        self.parts.append(("instruction", re.sub("encoding=[\"'][^\"']*", "encoding=", data)))


def of_html(data):
    named = re.search(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w-]+)""", data[:4000])
    for encoding in ("utf-8", named and named[1].decode(), "cp1252", "latin-1"):
        try:
            return HtmlParts(data.decode(encoding)).parts
        except (TypeError, LookupError, UnicodeDecodeError):
            continue


def of_markdown(data):
    import markdown_it
    from mdit_py_plugins.footnote import footnote_plugin
    from mdit_py_plugins.front_matter import front_matter_plugin

    parser = markdown_it.MarkdownIt("commonmark").enable(["table", "strikethrough"]).use(footnote_plugin).use(front_matter_plugin)

    def flat(tokens):
        for token in tokens:
            if token.type in ("text", "softbreak"):
                for number, piece in enumerate(ADDED.split(token.content)):
                    if piece:
                        # Words in it are translated and marked, and their quotation marks may become straight.
                        yield ("added", plain(piece).replace("“", '"').replace("”", '"')) if number % 2 else Text(piece)
                if token.type == "softbreak":
                    yield SPACE
                continue
            if token.type == "front_matter":
                for line in token.content.splitlines():
                    field = FIELD.fullmatch(line)
                    yield ("field", field[1]) if field else ("line", line)
                    yield Text(field[3].strip(" \"'").replace('\\"', '"') + "\n" if field else "\n")
                continue
            if token.type in ("html_block", "html_inline"):
                yield from HtmlParts(token.content).parts
                continue
            if token.type != "inline":
                attributes = {name: value for name, value in token.attrs.items() if name not in TRANSLATED}
                yield token.type, token.tag, token.markup, token.info, attributes, token.hidden, token.type != "image" and token.content
                if token.block:
                    yield SPACE
            if token.type == "hardbreak":
                yield SPACE
            if token.children and token.type != "image":
                yield from flat(token.children)

    return list(flat(parser.parse(data.decode("utf-8-sig"))))


# A run for the mark alone, where a paragraph begins with what takes no text.
OWN_RUN = re.compile(rb'<w:r>(?:<w:rPr>(?:(?!</w:rPr>).)*</w:rPr>)?<w:t xml:space="preserve">\[de\] ?</w:t></w:r>')
# Elements that name the language of text, and text whose white space is told to count.
EDITED = {"lang", "themeFontLang", "t"}
# What reads as white space, or ends a paragraph.
BLANKS = {"p", "tab", "ptab", "br", "cr"}


def of_docx(data):
    def events(content):
        for event, element in xml.etree.ElementTree.iterparse(content, ("start", "end")):
            name = element.tag.rpartition("}")[2]
            if event == "start":
                yield "start", element.tag, [] if name in EDITED else sorted(element.attrib.items())
            else:
                if name == "t":
                    yield Text(element.text or "")
                yield "end", element.tag
                if name in BLANKS and element.tag.startswith("{"):
                    yield SPACE

    archive = zipfile.ZipFile(io.BytesIO(data))
    parts = []
    for name in archive.namelist():
        parts.append(("part", name))
        try:
            content = OWN_RUN.sub(b"", archive.read(name))
            parts += events(io.BytesIO(content)) if name.endswith(".xml") else [("bytes", content)]
        except (zipfile.BadZipFile, xml.etree.ElementTree.ParseError) as error:
            # Parts that nobody reads may be damaged in the source; they are copied as they are.
            parts.append(("damaged", str(error)))
    return parts


def paragraphs(parts):
    """Of a Word document, only where paragraphs begin and end, and their words: runs that look the same share theirs."""
    ends = ("start", "end")
    return words([part for part in parts if isinstance(part, Text) or part[0] in ends and part[1].endswith("}p")])


def of_srt(data):
    parts = [("line ends", b"\r\n" in data)]
    for line in data.decode("utf-8-sig", "replace").splitlines():
        if re.fullmatch(r"\s*\d+\s*|.*-->.*", line):
            parts.append(("line", line))
        else:
            pieces = re.split(r"(</?[a-zA-Z][^>]*>|\{\\[^}]*\})", line + "\n")
            parts += [("tag", piece) if number % 2 else Text(piece) for number, piece in enumerate(pieces)]
    return parts


PARSERS = {".html": of_html, ".htm": of_html, ".xhtml": of_html, ".md": of_markdown, ".markdown": of_markdown, ".docx": of_docx, ".srt": of_srt}


def plain(text):
    return " ".join(INVISIBLE.sub("", MARK.sub("", text)).split())


def sequence(parts):
    return [part for part in parts if not isinstance(part, Text)]


def words(parts):
    """The constructs with the words between them; a comment may stand anywhere between two words."""
    merged = []
    for part in parts:
        if part[:1] == ("comment",):
            continue
        if isinstance(part, Text) and merged and isinstance(merged[-1], Text):
            merged[-1] = Text(merged[-1] + part)
        else:
            merged.append(part)
    stripped = [plain(part) if isinstance(part, Text) else part for part in merged]
    return [part for part in stripped if part != ""]


def text(parts):
    """All text as if no construct stood in it: here a word that was glued to another or split is seen."""
    return plain("".join(part for part in parts if isinstance(part, Text))).split()


def first_difference(one, other):
    place = next((at for at, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other)))
    return f"    source {one[max(0, place - 2) : place + 3]}\n    output {other[max(0, place - 2) : place + 3]}"


def compared(source, output, of_words=words):
    """What is not equal, and where."""
    for name, of in (("sequence", sequence), ("words", of_words), ("words", text)):
        one, other = of(source), of(output)
        if one != other:
            return name, first_difference(one, other)
    return "equal", ""


def main():
    own = sys.argv[1:]
    end = own.index("--") if "--" in own else len(own)
    further = own[end + 1 :]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wortlaut")
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    parser.add_argument("--list", type=int, default=20, help="how many differing files are listed")
    parser.add_argument("--diff", action="store_true", help="show the first difference of each")
    options = parser.parse_args(own[:end])

    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "in").mkdir()
        names = {}
        for number, path in enumerate(options.files):
            data = path.read_bytes()
            if path.suffix == ".gz":
                data, suffix = gzip.decompress(data), path.with_suffix("").suffix
            else:
                suffix = path.suffix
            names[f"{number:05}"] = (path, data, PARSERS[suffix.lower()])
            (folder / "in" / f"{number:05}{suffix.lower()}").write_bytes(data)
        program = str(pathlib.Path(options.wortlaut).resolve())
        command = [program, "translate", "in", "--engine", "pseudo", "--format", "document", "--force", "-o", "out", *further]
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if run.returncode not in (0, 1, 3):
            sys.exit(run.stderr)

        counts = collections.Counter()
        differing = []
        for number, (path, data, parts) in names.items():
            output = list((folder / "out").glob(f"{number}.*"))
            result, difference = ("nothing", "")
            if output:
                of_words = paragraphs if parts is of_docx else words
                result, difference = compared(parts(data), parts(output[0].read_bytes()), of_words)
            counts[result] += 1
            if result != "equal":
                differing.append(f"  {result}: {path}\n{difference if options.diff else ''}".rstrip())
    total = len(names)
    print(f"{total} files: sequence equal in {counts['equal'] + counts['words']}, with the same words in it in {counts['equal']}; not written {counts['nothing']}")
    for line in differing[: options.list]:
        print(line)


if __name__ == "__main__":
    main()
