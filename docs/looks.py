"""The looks of the gallery, said once: its page shows this CSS, its pictures are made with it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """One page's look: what stands in its style sheet, what on the tag."""

    key: str
    title: str
    says: str
    css: str = ""
    attributes: str = ""


LOOKS = (
    Look(
        "plain",
        "Nothing at all",
        "The tag on a page with a font and a colour of its own. Nothing was set for the comments.",
        "body { font: 17px/1.6 Georgia, serif; color: #222; background: #fff; }",
    ),
    Look(
        "dark",
        "A dark page",
        "Nothing was set either: the text's colour comes from the page, lines and fills from it.",
        "body { font: 16px/1.6 system-ui, sans-serif; color: #e4e6eb; background: #14171c; }",
    ),
    Look(
        "sepia",
        "Sepia",
        "An accent that fits the paper, and corners that are hardly round.",
        "body { font: 18px/1.65 Palatino, Georgia, serif; color: #433422; background: #f6eedd; }\n"
        "afterword-thread { --afterword-accent: #93461b; --afterword-radius: 2px; }",
    ),
    Look(
        "accent",
        "Your colour, round",
        "The accent is on links, the button and what has the focus; the button's letters choose "
        "black or white themselves.",
        "body { font: 16px/1.6 system-ui, sans-serif; color: #1d2433; background: #fff; }\n"
        "afterword-thread { --afterword-accent: #0d7a5f; --afterword-radius: 1em; }",
    ),
    Look(
        "terminal",
        "Monospace",
        "The page's font is the comments' font. No round corners, less room between comments.",
        "body { font: 15px/1.5 'DejaVu Sans Mono', monospace; color: #bfc; background: #0b110d; }\n"
        "afterword-thread { --afterword-radius: 0; --afterword-gap: .9em;\n"
        "  --afterword-accent: #6df08e; }",
    ),
    Look(
        "card",
        "A card of its own",
        "`data-theme` gives the thread a ground of its own, whatever the page looks like.",
        "body { font: 16px/1.6 system-ui, sans-serif; color: #fff; background: #3b3f8f; }",
        'data-theme="light"',
    ),
    Look(
        "quiet",
        "Without pictures",
        "Parts of the widget are styled by `::part()`: here the pictures are left out and the "
        "heading is small.",
        "body { font: 17px/1.6 Georgia, serif; color: #333; background: #fbfaf7; }\n"
        "afterword-thread::part(avatar) { display: none; }\n"
        "afterword-thread::part(heading) { font: small-caps 1.1em Georgia, serif; }",
    ),
    Look(
        "contrast",
        "Strong contrast",
        "Black on white, lines that are seen, and nothing faint.",
        "body { font: 18px/1.6 Verdana, sans-serif; color: #000; background: #fff; }\n"
        "afterword-thread { --afterword-muted: #000; --afterword-line: #000;\n"
        "  --afterword-accent: #0000c0; }",
    ),
)

# A page of strong colours, and what a theme or a density makes of its thread.
_LOUD = (
    "body { font: 17px/1.55 'DejaVu Sans', sans-serif; color: #dfe7ff; background: #27306b; }\n"
    "a { color: #ffd479; }"
)
PRESETS = tuple(
    Look(f"preset-{key}", title, says, _LOUD, attributes)
    for key, title, says, attributes in (
        ("before", "Nothing chosen", "The page's colours and font show through.", ""),
        ("light", "Light", "A light ground whatever the page is.", 'data-theme="light"'),
        ("dark", "Dark", "A dark ground whatever the page is.", 'data-theme="dark"'),
        ("paper", "Paper", "A warm ground, like paper.", 'data-theme="paper"'),
        ("compact", "Compact", "Less room between comments.", 'data-density="compact"'),
        ("roomy", "Roomy", "More room between comments.", 'data-density="roomy"'),
    )
)
