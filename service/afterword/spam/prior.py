"""What the filter knows before it has learned anything: little, general, and soon outweighed.

It is what every owner of a blog has seen; docs/spam.md says what the measured collection had to do
with it, and what it is worth there. Each entry counts like ``WEIGHT`` comments, so a few decisions
to the contrary undo it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from afterword.spam import tokens

WEIGHT: Final = 6.0

_SHAPES = {
    0.95: ("an address spelled so that filters miss it", "an address as name"),
    0.9: ("a link in HTML or BBCode", "a link that counts referrals"),
    0.85: (
        "a telephone number",
        "a word spelled l i k e this",
        "hardly more than a link",
        "faster than anyone types",
    ),
    0.8: ("an e-mail address", "arrows", "a piece of an address"),
    0.75: ("a name made of the website's words", "a name of many words"),
    0.7: ("an amount of money", "many exclamation marks"),
    0.65: ("mostly capitals", "a website beside the name", "a handle like @name"),
    0.35: ("a question",),
}
_OTHERS = {
    0.85: ("links:6 or more links",),
    0.75: ("links:3 or more links",),
    0.65: ("links:a link", "links:2 or more links", "pace:under 5 s on the form"),
    0.35: ("links:no links",),
}
# Addresses behind which the real one hides, and endings that are mostly sold to spammers.
_LINKS = (
    "bit.ly tinyurl.com goo.gl t.co is.gd cutt.ly adf.ly ow.ly rb.gy shorturl.at linktr.ee t.me "
    "wa.me"
)
_ZONES = "xyz top click icu buzz bet casino win loan online site tk ml ga cf gq"

_CALLS = (
    # What spam asks readers to do, in the languages that most of it comes in.
    "click here, click the, click on, link in, my profile, my bio, my channel, my website, "
    "my page, my video, my videos, my music, my shop, my store, my book, visit my, visit our, "
    "our website, our site, follow me, follow us, subscribe, check out, sign up, contact us, "
    "contact him, contact me, call us, call now, order now, buy now, join now, register now, "
    "download free, watch online, message me, write to, text me, donate, please help, "
    "hier klicken, klicken sie, klick hier, kostenlos anmelden, jetzt anmelden, abonniert, "
    "cliquez ici, inscrivez vous, contactez moi, abonnez vous, haz clic, clic aquí, regístrate, "
    "suscríbete, contáctame, clicca qui, iscriviti, clique aqui, cadastre se, inscreva se, "
    "klik hier, klik di, kliknij, zarejestruj, tıklayın, üye ol, нажмите, переходите, жми, "
    "подпишись, подписывайтесь, заходите, пишите в, 点击, 加微, 微信, 关注, クリック, 今すぐ, "
    "클릭, 가입, اضغط هنا, truy cập, đăng ký"
)
_WARES = (
    "casino, viagra, cialis, levitra, tramadol, loan, loans, payday, lender, cheap, discount, "
    "bonus, betting, jackpot, slot, slots, escort, escorts, replica, backlink, backlinks, "
    "dofollow, seo, guest post, forex, giveaway, prize, gift card, gift cards, promo code, "
    "referral, free spins, make money, earn money, earn from, from home, per day, per hour, "
    "passive income, whatsapp, telegram, spell caster, investment, investors, profits, hacker, "
    "followers, guaranteed, limited offer, best price, lowest price, free shipping, webcam, porn, "
    "sexy, nude, adult, airdrop, presale, wallet, keto, cbd, congratulations, essay writing, "
    "assignment help, kredit, geld verdienen, kostenlos, gratuit, prêt, prêts, gratis, préstamo, "
    "préstamos, ganar dinero, gana dinero, prestito, prestiti, grátis, cassino, dinheiro, kasyno, "
    "darmowe, pożyczka, bahis, bedava, judi, togel, gacor, казино, заработок, займ, кредит, "
    "бесплатно, продвижение, бонус, 免费, 赌场, 博彩, 贷款, 发票, 無料, 副業, 카지노, 바카라, "
    "무료, قروض, مجانا, vay tiền, miễn phí"
)
_TALK = (
    # How people talk to one another.
    "i think, i agree, disagree, i wonder, does anyone, i guess, in my, typo, you mean, i mean, "
    "the author, actually, i was, ich finde, ich glaube, je pense, creo que, penso che, acho que, "
    "я думаю, мне кажется, lol, haha"
)


def _entries() -> Iterator[tuple[str, float]]:
    for belief, shapes in _SHAPES.items():
        yield from ((f"shape:{shape}", belief) for shape in shapes)
    for belief, features in _OTHERS.items():
        yield from ((feature, belief) for feature in features)
    yield from ((f"link:{host}", 0.9) for host in _LINKS.split())
    yield from ((f"zone:{zone}", 0.85) for zone in _ZONES.split())
    for phrases, belief in ((_CALLS, 0.94), (_WARES, 0.94), (_TALK, 0.2)):
        yield from ((tokens.phrase(phrase), belief) for phrase in phrases.split(", "))


BELIEFS: Final = dict(_entries())
