"""A second opinion on what a comment's HTML may hold, by a parser that no gate uses."""

from html.parser import HTMLParser

from afterword.markup import allowed, plain

VOID = {"br", "hr"}


class Audit(HTMLParser):
    """Complains about everything that our output may not hold."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.faults = []
        self.open = []

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        if tag not in allowed.TAGS:
            self.faults.append(f"tag {tag}")
        if len(names) != len(set(names)):
            self.faults.append(f"doubled attribute in {tag}")
        for name, value in attributes:
            self.check(tag, name, value or "")
        if tag == "a" and dict(attributes).get("rel") != allowed.REL:
            self.faults.append("link without rel")
        if tag not in VOID:
            self.open.append(tag)

    def check(self, tag, name, value):
        good = {
            ("a", "href"): is_link,
            ("code", "class"): is_language,
            ("ol", "start"): str.isdigit,
        }
        if (tag, name) == ("a", "rel"):
            return
        if (tag, name) not in good:
            self.faults.append(f"attribute {name} of {tag}")
        elif not good[tag, name](value):
            self.faults.append(f"{name} {value!r}")

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"stray </{tag}>")

    def handle_comment(self, data):
        self.faults.append(f"comment {data!r}")

    handle_decl = handle_pi = unknown_decl = handle_comment

    def handle_data(self, data):
        if plain.visible(data) != data or "\x00" in data:
            self.faults.append(f"hidden characters in {data!r}")


def is_link(href):
    # Not allowed.href_ok: a second opinion, so that a hole there is seen here.
    scheme, _, rest = href.partition(":")
    if set(href) & set("\"'<>`\\ \t\n\r"):
        return False
    if scheme.lower() in {"http", "https"}:
        return rest.startswith("//") and "@" not in rest[2:].split("/")[0]
    return scheme.lower() == "mailto"


def is_language(name):
    return name.startswith("language-") and len(name.split()) == 1


def faults(html):
    audit = Audit()
    audit.feed(html)
    audit.close()
    return audit.faults + [f"unclosed {tag}" for tag in audit.open]
