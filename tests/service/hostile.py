"""Hostile texts by class, generated: XSS, mXSS, bidi, clobbering, and shapes that parse slowly.

Everything is built from short lists, so a class is widened by one word. Harmless by itself: the
only code in it calls ``alert``.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

SCHEMES = ("javascript", "JaVaScRiPt", "vbscript", "data", "file", "blob", "intent", "about", "x")
# What browsers drop or fold inside a scheme, and what parsers were seen to drop.
SCHEME_BREAKS = (
    *("\t", "\n", "\r", "\x01", "\x0b", "\x1f", "\x7f", "\x85", " "),
    *("\u00a0", "\u00ad", "\u200b", "\u200d", "\u2028", "\u202e", "\u3000", "\ufeff", "é", "`"),
    *("&Tab;", "&NewLine;", "&#9;", "&#x0A;", "&#1;", "&colon;", "%09", "%0a", "\\", "/**/"),
)
# `scheme:digits` is a host with a port for some parsers.
SCHEME_TAILS = (
    *("alert(1)", "123", "1", "`你好 1`", "//a.example/%0aalert(1)", "text/html,<b>1</b>"),
    *("text/html;base64,PGI+MTwvYj4=", "image/svg+xml,<svg onload=alert(1)>", "%61lert(1)"),
)
OTHER_HREFS = (
    *("//evil.example", "///evil.example", "\\\\evil.example", "/logout", "?a=1", "#x", "", " "),
    *("http:evil.example", "http:/evil.example", "http:///evil.example", "https://", "http:"),
    *("https://good.example@evil.example/", "https://a:b@evil.example", "mailto:a:b@c.example"),
    *('https://a.example/" onclick=alert(1) x="', "https://a.example/' onclick='alert(1)"),
    *("https://a.example/<script>", "https://a.example/`x`", "https://a.example/\\x"),
    *("ftp://a.example/", "ws://a.example/", "tel:1", "sms:1", "feed:javascript:alert(1)"),
    *("view-source:https://a.example", "jar:https://a.example!/", "https://a.example/\x00"),
    *("\x01javascript:alert(1)", " javascript:alert(1)", "\u2003javascript:alert(1)"),
    *("javascript&colon;alert(1)", "javascript&#58;alert(1)", "javascript&#x3a;alert(1)"),
    *("&#106;avascript:alert(1)", "&#x6A&#x61vascript:alert(1)", "&jscr;avascript:alert(1)"),
    *("javascript\uff1aalert(1)", "https://[::1", "https://[x]/", "https://xn--/", "http://%00/"),
)
HREF_PLACES = (
    *("[x]({})", "[x](<{}>)", "[x]({} 't')", "<{}>", "[x]\n\n[x]: {}", "{}", "![x]({})"),
    *('<a href="{}">x</a>', "<a href='{}'>x</a>", "<a href={}>x</a>", '<a hReF = "{}"x>x'),
)
TAGS = (
    *("script", "img", "svg", "math", "iframe", "object", "embed", "style", "link", "base", "meta"),
    *("form", "input", "button", "video", "audio", "details", "select", "textarea", "template"),
    *("marquee", "isindex", "body", "table", "noscript", "title", "xmp", "plaintext", "a", "p"),
    *("blockquote", "code", "ol", "pre", "x-y", "slot", "portal", "dialog"),
)
ATTRIBUTES = (
    *("onerror=alert(1)", "onload=alert(1)", 'onclick="alert(1)"', "ONMOUSEOVER='alert(1)'"),
    *("onfocus=alert(1) autofocus tabindex=0", "ontoggle=alert(1) open", "onbeginevent=alert(1)"),
    *("src=x", "src=https://evil.example/pixel", 'style="position:fixed;inset:0"', "srcdoc=<b>"),
    *("formaction=javascript:alert(1)", "action=javascript:alert(1)", "xlink:href=javascript:1"),
    *("data=data:text/html,x", 'id="getElementById"', "name=body", 'id=afterword name="nodeName"'),
    *('class="admin badge"', "class='language-x\" onclick=alert(1)'", "slot=x part=y is=z"),
    *("target=_top rel=opener", "ping=https://evil.example", "start=-1", 'start="9999999999"'),
    *("start='1 onclick=alert(1)'", "http-equiv=refresh content='0;url=javascript:1'", "hidden"),
)
# How an attribute gets into a tag when the separators are not what they seem.
TAG_SHAPES = (
    *("<{tag} {attribute}>x</{tag}>", "<{tag}/{attribute}>", "<{tag}\x0c{attribute} <b>"),
    "<{tag} a='>' {attribute}",
)
# Parsed once they are harmless, written and parsed again they are not (mXSS).
FOREIGN = ("svg", "math", "math><mtext", "math><annotation-xml encoding=text/html", "svg><desc")
RAW_TEXT = ("style", "title", "noscript", "textarea", "xmp", "iframe", "noembed", "noframes")
INNER = (
    *("<img src=x onerror=alert(1)>", "</{}><img src=x onerror=alert(1)>", "<!--</{}>"),
    *('<a id="</{}><img src=x onerror=alert(1)>">', "<![CDATA[</{}><img onerror=alert(1)>]]>"),
    *("<p id='</{}><script>alert(1)</script>'>", "<table><tr><td></{}><img onload=alert(1)>"),
)
WHOLE = (
    *("<scr<script>ipt>alert(1)</scr</script>ipt>", "<<script>alert(1)//<</script>", "<!--><img>"),
    *("<!--x--!><script>alert(1)</script>", "<?xml?><script>alert(1)</script>", "<!x><b onload=1>"),
    *("<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",),
    *("<a href=https://a.example><a href=javascript:1><table><a href=https://b.example>x",),
    *("<b><p><i></b></p><a></i>", "</p></div></body></html><script>alert(1)</script>", "<a", "<"),
    *(
        "`<img src=x onerror=alert(1)>`",
        "```<script>\n</code></pre><script>alert(1)\n```",
        "&lt;b>",
    ),
    *('```x" onclick=alert(1)\n1\n```', "``` language-x' id=y\n1\n```", "```&#x20;\ntest\n```"),
    *("[a](https://a.example 'x\" onclick=alert(1)')", '<https://a.example/"onclick=alert(1)>'),
    *("&#60;script&#62;alert(1)&#60;/script&#62;", "&amp;lt;script&amp;gt;", "\\<b onload=1\\>"),
    *("[<img src=x onerror=alert(1)>](https://a.example)", "[a](https://a.example)<b onload=1>"),
    *("# <svg onload=alert(1)>", "> <svg onload=alert(1)>", "- <svg onload=alert(1)>", "x\n---"),
    *("https://a.example/<svg/onload=alert(1)>", '[x](mailto:a@b.example?subject="onload=1)'),
    *("|a|b|\n|-|-|\n|<svg onload=alert(1)>|x|", "<details open ontoggle=alert(1)>", "\x0c\x0b"),
)
TRICKS = (
    *("\u202egnp.exe", "&#x202e;gnp.exe", "&#8238;x", "a\u2066b\u2069", "\ufeffx", "&#65279;x"),
    *("z" + "\u0315" * 500, "&#x315;" * 60, "e" + "\u0301\u0323" * 40, "a\u200d\u200d\u200cb"),
    *("\x1b[31mred", "a\x08b", "\x9b", "a\u2028b\u2029c", "\r\r\n\r", "&#0;", "&#xD800;", "&#1;"),
    *("&#xFFFE;", "\uffff", "\ufdd0", "&#x10FFFF;", "\U000e0041\U000e0042", "\u3164", "\u2800"),
    *("https://p\u0430ypal.example", "https://\u0430\u0440\u0440\u04cf\u0435.example", "\u00ad"),
)
REFUSED = ("\x00", "a\x00b", "\ud800", "a\udfffb", "\ud83d")


def hrefs() -> Iterator[str]:
    """Link targets, most of which must not become links."""
    yield from OTHER_HREFS
    for scheme, tail in product(SCHEMES, SCHEME_TAILS):
        yield f"{scheme}:{tail}"
    for gap in SCHEME_BREAKS:
        yield f"java{gap}script:alert(1)"
        yield f"javascript{gap}:123"
        yield f"{gap}javascript:1"


def markup() -> Iterator[str]:
    """Texts with HTML and Markdown that try to run, style, clobber or phone home."""
    yield from WHOLE
    for number, href in enumerate(hrefs()):
        # Every place for the short lists would be thousands of near twins: each meets four.
        for step in range(4):
            yield HREF_PLACES[(number + 3 * step) % len(HREF_PLACES)].format(href)
    for number, (tag, attribute) in enumerate(product(TAGS, ATTRIBUTES)):
        shape = TAG_SHAPES[number % len(TAG_SHAPES)]
        yield shape.format(tag=tag, attribute=attribute)
    for foreign, raw, inner in product(FOREIGN, RAW_TEXT, INNER):
        yield f"<{foreign}><{raw}>{inner.format(raw)}"


def payloads() -> list[str]:
    """All hostile texts that are storable: about two thousand."""
    return [*markup(), *TRICKS]


def slow_shapes(length: int) -> dict[str, str]:
    """Texts of about ``length`` characters that cost a parser more than their size, by name."""
    units = {
        "brackets": "[a ",
        "open brackets": "[" * 50 + " ",
        "images": "![ ",
        "images in runs": "![" * 25 + " ",
        "links": "[a](b ",
        "link halves": "[a](<b ",
        "closed brackets": "[a] ",
        "brackets closed late": "a] ",
        "parentheses": "[a](" + "(" * 40 + " ",
        "stars": "*a **a ",
        "stars and lines": "*a_ ",
        "left and right stars": "a**b " + "c* ",
        "triple stars": "***a *b** ",
        "tildes": "~~a ~ ",
        "backticks": "` `` ``` ",
        "growing backticks": " ".join("`" * n for n in range(1, 50)) + " ",
        "quotes": "> ",
        "quotes a line": "> a\n",
        "quote ladder": "".join("> " * n + "a\n" for n in range(1, 18)),
        "lists": "- ",
        "list a line": "- a\n",
        "list ladder": "".join("  " * n + "- a\n" for n in range(9)),
        "numbers": "1. ",
        "numbers a line": "1. a\n",
        "mixed containers": "> - > 1. ",
        "loose list": "- a\n\n",
        "headings": "# a\n",
        "rules": "---\n",
        "fences": "```\n",
        "open fences": "```a\nb\n",
        "indented": "    a\n",
        "references": "[a]: b\n",
        "reference uses": "[a]: https://a.example\n\n" + "[a] [a][a] " * 8,
        "references of one name": "[a]: https://a.example 'x\n",
        "entities": "&amp; &#x41; &lt; ",
        "open entities": "&a ",
        "angle brackets": "< ",
        "tags": "<b> ",
        "autolinks": "<a:b ",
        "autolinks to come": "<https://a ",
        "comments": "<!-- ",
        "cdata": "<![CDATA[ ",
        "schemes": "http: ",
        "hosts": "http:// ",
        "addresses": "http://a.b ",
        "addresses in a row": "http://a.b/http://" * 20 + " ",
        "punycode": "http://" + "xn--" * 100 + " ",
        "punycode labels": "http://" + "xn--a." * 60 + " ",
        "long hosts": "http://" + "a." * 200 + " ",
        "mail": "mailto:a@ ",
        "mail in a row": "mailto:" * 60 + " ",
        "at signs": "a@" * 200 + " ",
        "slashes": "//a//b ",
        "paths": "http://a.b/" + "(" * 200 + " ",
        "paths with quotes": "http://a.b/" + "\"'" * 200 + " ",
        "escapes": "\\* ",
        "backslashes": "\\" * 400 + " ",
        "breaks": "a\n",
        "hard breaks": "a  \n",
        "tabs": "\t\t- a\n",
        "blank lines": "a\n\n",
        "tables": "|a" * 100 + "|\n" + "|-" * 100 + "|\n" + "|\n" * 30,
        "setext": "a\n=\n",
        "less and greater": "<> ",
        "emphasis nest": "*a _b ",
        "wide letters": "字",
        "wide brackets": "字[",
        "wide stars": "字*字**",
        "wide addresses": "http://字",
        "wide hosts": "http://字。字",
        "wide labels": "http://é.é/é ",
        "wide links": "[a](字",
        "wide link halves": "[a](<字",
        "wide references": "[a]:字",
        "wide users": "http://字@http://字",
        "wide tails": "http://字).",
        "marks": "e\u0301\u0323\u0315",
        "joiners": "क्\u200d",
        "nulls by entity": "&#0; ",
        "emoji": "👩\u200d👩\u200d👧",
        "dollars": "$ % ^ ",
        "colons": ":: ",
        "empty headings": "#\n",
        "empty items": "-\n",
        "empty quotes": ">\n\n",
        "short emphasis": "*a* ",
        "short strong": "**a** ",
        "strong emphasis": "***a*** ",
        "short code": "`a` ",
        "short struck": "~~a~~ ",
        "quoted item": "> - a\n\n",
        "items and rules": "- a\n***\n",
        "all at once": "*a* `b` ~~c~~ **d**\n",
        "entities to escape": '<>&" ',
        "character references": "&lt;&gt;",
    }
    shapes = {name: (unit * (length // len(unit) + 1))[:length] for name, unit in units.items()}
    half = length // 2
    shapes["nested emphasis"] = "*a " * (half // 3) + " a*" * (half // 3)
    shapes["nested strong"] = "**a _" * (half // 10) + "b_ a**" * (half // 10)
    shapes["nested links"] = "[a " * (half // 3) + " ](b)" * (half // 5)
    shapes["nested brackets"] = "[a " * (half // 3) + " a]" * (half // 3)
    shapes["stars then none"] = "**a " * (half // 4) + "a ** " * (half // 5)
    shapes["backticks then one"] = "`a " * (half // 3) + "``b " * (half // 4)
    shapes["one reference used"] = "[a]: https://a.example/" + "x" * 400 + "\n\n" + "[a] " * 20
    shapes["wide word"] = "字" * length
    # Exponential in linkify-it-py 2.2: each label can be read in two ways.
    for labels in (20, 60):
        shapes[f"{labels} labels of punycode"] = "http://" + "xn--a." * labels + "xn--"
        shapes[f"mail to {labels} labels"] = "mailto:a@" + "xn--a." * labels + "xn--"
        shapes[f"{labels} bare labels"] = "a@www." + "xn--a." * labels + "xn--"
    shapes["one quote, long"] = "> " + "a " * half
    return shapes
