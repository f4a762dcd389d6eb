"""Patterns by which a text gives itself away, whatever its language. Each takes linear time."""

from __future__ import annotations

import re
from typing import Final

_TLD = (
    "com|net|org|info|biz|ru|su|cn|co|tv|us|uk|de|fr|it|es|nl|pl|br|in|jp|kr|tk|ml|ga|cf|gq|me|ly|"
    "gl|gd|xyz|top|online|site|website|shop|store|club|live|app|dev|vip|win|bet|casino|icu|buzz|"
    "click|link|pro|space|fun|life|world|today|io|ai|gg|cc|ws|to|eu|example"
)
ADDRESS: Final = re.compile(
    rf"https?://[^\s<>\"'\]\[)]+|www\.[^\s<>\"'\]\[)]+"
    rf"|(?<![\w@.-])(?:[a-z0-9-]{{1,63}}\.){{1,4}}(?:{_TLD})(?![\w.-]*[\w-])(?:/[^\s<>\"'\]\[)]*)?",
    re.IGNORECASE,
)
HIDDEN_ADDRESS: Final = re.compile(
    r"(?<![\w-])([a-z0-9-]{2,63})(?:\s+\.\s*|\s*[\[({]\s*(?:dot|\.)\s*[\])}]\s*|\s+dot\s+)"
    r"(com|org|info|biz|ru|xyz|top|site|online|shop|(?<=\s)net)\b",
    re.IGNORECASE,
)
EMAIL: Final = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
TAG: Final = re.compile(
    r"</?[a-z][^<>]{0,200}>|\[/?(?:url|link|b|i|img)\b[^\[\]]{0,200}\]", re.IGNORECASE
)
SPELLED: Final = re.compile(r"(?<!\w)(?:\w[ .*_-]){3,20}\w(?!\w)")
REFERRAL: Final = re.compile(
    r"[?&#/](?:ref|refid|referr?al|referrer|aff|affid|aff_id|affiliate|affiliateid|via|invite|promo"
    r"|partner|partners|r)[=/]",
    re.IGNORECASE,
)

_PIECE = re.compile(r"(?<!\w)/?[a-z]{2,20}\?[a-z]{1,20}=\w", re.IGNORECASE)
_TYPED_LINK = re.compile(r"<a\s[^>]{0,20}href|\[(?:url|link)(?:=|\](?!\())", re.IGNORECASE)
# Nine digits, or fewer behind a plus; no date.
_PHONE = re.compile(
    r"(?<![\w.,/-])(?:\+|(?=(?:[\s().-]{0,2}\d){9})(?!\d{4}-\d\d-\d\d))"
    r"\(?\d{1,4}\)?(?:[\s.-]{0,2}\(?\d{2,5}\)?){2,5}(?![\w/-])"
)
_HANDLE = re.compile(r"(?<![\w/@.])@\w{3,}")
_MONEY = re.compile(
    r"[$€£¥₽₹]\s?\d|\d\s?(?:[$€£¥₽₹]|usd|eur|euros?|dollars?|руб)(?!\w)",  # noqa: RUF001
    re.IGNORECASE,
)
_FACE = re.compile(
    r"(?<!\w)[:;=xX8][-']?[)(DPpO3/|](?!\w)|<3|\^_*\^|[\U0001f300-\U0001faff\u2600-\u27bf]"
)
_POINTER = re.compile(r"[→⇒➡⇢👉👇🔗]|>{2,}|-{2,}>|={2,}>")
_LOUD = re.compile(r"!{2,}|!.{0,80}!.{0,80}!")
_ASKING = re.compile(r"[?؟](?!\w)")

# In words for the owner; looked for in the whole text, ...
IN_TEXT: Final = (
    ("a link in HTML or BBCode", _TYPED_LINK),
    ("an address spelled so that filters miss it", HIDDEN_ADDRESS),
    ("an e-mail address", EMAIL),
    ("arrows", _POINTER),
)
# ... and in what is left of it without its addresses.
IN_PROSE: Final = (
    ("a piece of an address", _PIECE),
    ("a telephone number", _PHONE),
    ("a handle like @name", _HANDLE),
    ("an amount of money", _MONEY),
    ("a word spelled l i k e this", SPELLED),
    ("a smile", _FACE),
    ("many exclamation marks", _LOUD),
    ("a question", _ASKING),
)
