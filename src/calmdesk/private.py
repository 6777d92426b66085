"""What a customer tells in private is found by its shape: card numbers, security codes, PINs, phones, addresses.

Nothing here ever raises, and `mask` applied twice changes nothing more.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from calmdesk.safetext import fold_digits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CARD = "card number"
CODE = "security code"
PIN = "PIN"
PHONE = "phone number"
EMAIL = "e-mail address"


class Hidden(NamedTuple):
    """Where something private stands in a text, and what it is."""

    what: str
    start: int
    end: int


# Patterns read a text of the same length (`_seen`): small letters without accents, our digits, one kind of space and
# of dash. A NUL there stands for what is already known, and no pattern may step over it: hiding one thing can then
# never bring another to light, which is why masking twice changes nothing.
_GONE = "\0"

# Vowel signs and other marks belong to a word, though `\w` doesn't know them.
_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed"
    "\u0900-\u0963\u0971-\u09f1\u09fc-\u0dff\u0e31-\u0e3a\u0e47-\u0e4e\u102b-\u103e\u17b4-\u17d3\u200c\u200d"
)
_LETTER = rf"(?:[^\W\d_]|[{_MARKS}'])"
_WORD_BEGINS = rf"(?<![^\W\d_])(?<![{_MARKS}])"
_WORD_ENDS = rf"(?![^\W\d_]|[{_MARKS}])"
_NO_MORE = r"(?![\d\0]|[.,:-][\d\0])"
_ENDS = r"(?!\0|(?!x ?\d|ext)[a-z]|[.-](?:\0|\d{1,6}(?!\d))| ?%)"
_NOT_WITHIN = r"(?<![\w\0])(?<![\d\0][.,:-])"

_DATE = (
    r"(?:(?:19|20)\d\d[-./](?:0[1-9]|1[0-2])[-./](?:0[1-9]|[12]\d|3[01])"
    r"|(?:0?[1-9]|[12]\d|3[01])[-./](?:0?[1-9]|[12]\d|3[01])[-./](?:19|20)\d\d)"
)
# What has digits and is nobody's secret: what is masked already, times, and numbers of devices by their name;
# dates and the addresses of machines too, once the cards are found, for a card may be written in any groups.
_OPEN = (
    rf"\[(?:{CARD}|{CODE}|{PIN.lower()}|{PHONE}|{EMAIL})\]"
    r"|(?<!\d)\d{1,2}:\d\d(?::\d\d)?(?!\d)"
    r"|(?<![a-z])imei(?:/meid)?(?: ?[12](?=[ :=]))?[ :=.#-]{0,3}(?:(?:is|no|nr|number|code)\b[ :.#-]{0,3}){0,2}\d(?:[ /-]?\d){14}(?!\d)"
    r"|(?<![a-z])(?:iccid|sim)[ :.#-]{0,3}(?:(?:is|no|nr|number)\b[ :.#-]{0,3}){0,2}\d{18,20}(?!\d)"
)
_DATES = rf"(?<!\d)(?<!\d[-./]){_DATE}(?:[-/]{_DATE})?(?!\d|[-./]\d)"
_DATES_AND_MACHINES = rf"{_DATES}|(?<![\d.])\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?!\d|\.\d)"

_LABEL = rf"[\w{_MARKS}]++(?:-++[\w{_MARKS}]++)*+"
_EMAIL = (
    rf"(?<![\w{_MARKS}.%+&'-])"
    rf"(?:[\w{_MARKS}.%+&'-]++@{_LABEL}(?:\.{_LABEL})*\.(?=[^\W\d])(?=[\w{_MARKS}]{{2}}){_LABEL})+"
)
_RUN = r"\d(?:[ ./-]?\d)*+"
_RUN_BY_ITSELF = rf"(?<![\d\0])(?<![\d\0][ ./-]){_RUN}(?![ ./-]?\0)"

_SECURITY_WORDS = (
    r"(?:cvv2?|cvc2?|cid|csc|security (?:code|number)|card (?:code|verification)"
    r"|codigo de (?:seguridad|seguranca)|codigo de verificacion de la tarjeta|code de securite|cryptogramme(?: visuel)?"
    r"|(?:karten)?(?:sicherheits|prue?f)(?:-?code|nummer|ziffer|zahl)"
    r"|সিভিভি|সিভিসি|সিকিউরিটি কোড|নিরাপত্তা কোড|सीवीवी|सीवीसी|सिभिभि|सीभीभी|सिभिसी|(?:सुरक्षा|सिक्योरिटी|सेक्युरिटी) कोड)"
)
_PIN_WORDS = (
    r"(?:[mt]?pin(?:[ -]?code)?|otp|nip|pass ?code|geheimzahl|code (?:secret|confidentiel)|security code"
    r"|(?:one[ -]time|verification|authentication|access|login|sms|2fa) (?:pass)?code|one[ -]time password"
    r"|codigo de (?:verificacion|verificacao|acesso|acceso)|code de verification"
    r"|(?:einmal|bestatigungs|verifizierungs|zugangs)-?(?:code|passwort)"
    r"|password|passwd|pwd|pw|passwort|kennwort|contrasena|clave|mot de passe|mdp|senha"
    r"|(?:পিন|ওটিপি|পাসওয়ার্ড|পাসকোড|গোপন নম্বর)(?:টার|টির|টা|টি|ের|র)?"
    r"|पिन|ओटीपी|ओटिपी|पासवर्ड|पासकोड|गोप्य नम्बर)"
)
_IS = (
    r"is|was|now|no|nr|num|number|nummer|numero|code|es|era|est|ist|lautet|war|হলো|হল|হচ্ছে|ছিল|কোড|নম্বর|নাম্বার"
    r"|है|था|हो|छ|कोड|नंबर|नम्बर"
)
_ON_THE_CARD = (
    r"|the|on|of|back|card|value|her|his|de|del|la|le|der|tarjeta|carte|karte|cartao|du|do|for|visa|mastercard|amex"
)
_SET_TO = r"|new|changed|reset|set|to|from|i|he|she|they|customer|got|gave|received|used|entered|typed|tried|said|told|read|me|us"
_GAP = r"[ :=.,#*\"'“”„«»>→()_-]{0,6}"
_PIN_VALUE = r"(?:\d(?: \d){3,5}|\d{3} \d{3}|\d{3,4}-\d{3,4}|\d{3,8})"
# "cid" is a caller's number as often as a code of a card.
_CODE_VALUE = rf"(?![2-9]\d\d \d{{3}} \d{{4}}(?!\d){_ENDS})(?:\d{{3,4}}|\d \d \d(?: \d)?)"
_IS_MY = (
    r" (?:is|was|as|es|est|ist|(?:(?:হলো|হল|হচ্ছে) )?(?:আমার|তার|ওনার|উনার)|मेरो|मेरा|उसका|उनका|उहाँको)"
    r"(?: (?:the|my|his|her|their|your|our|a|new|old|card|mi|su|mon|ma|son|sa|mein|meine|ihr|ihre|হলো|হল)){0,3} "
)
_AFTER_A_SECURITY_WORD = (
    rf"{_WORD_BEGINS}{_SECURITY_WORDS}{_WORD_ENDS}(?:'s)?{_GAP}(?:(?:{_IS}{_ON_THE_CARD}){_WORD_ENDS}{_GAP}){{0,7}}"
    rf"({_CODE_VALUE}){_NO_MORE}"
)
_BEFORE_A_SECURITY_WORD = rf"{_NOT_WITHIN}({_CODE_VALUE}){_NO_MORE}{_IS_MY}{_SECURITY_WORDS}{_WORD_ENDS}"
_AFTER_A_PIN_WORD = (
    rf"{_WORD_BEGINS}{_PIN_WORDS}{_WORD_ENDS}(?:'s)?{_GAP}(?:(?:{_IS}{_SET_TO}){_WORD_ENDS}{_GAP}){{0,4}}"
    rf"(?:g-)?({_PIN_VALUE}{_NO_MORE}(?:(?: ?/ ?| (?:and|or|then|to) ){_PIN_VALUE}{_NO_MORE}){{0,2}})"
)
_BEFORE_A_PIN_WORD = rf"{_NOT_WITHIN}({_PIN_VALUE}){_NO_MORE}{_IS_MY}{_PIN_WORDS}{_WORD_ENDS}"
_PASSWORD = (
    rf"{_WORD_BEGINS}(?:password|passwd|pwd|pw|passphrase|passwort|kennwort|contrasena|clave|mot de passe|mdp|senha"
    r"|পাসওয়ার্ড|पासवर्ड)"
    rf"{_WORD_ENDS}(?: (?:for|of|fur|para|pour) (?:(?:the|his|her|their|my|el|la|le|das|den) )?{_LETTER}{{1,15}})?"
    r"(?:(?: (?:is|was|ist|war|lautet|es|era|est|হলো|হল|হচ্ছে)(?: now)? ?[:=]?| ?(?:[:=]|->|→)) ?"
    r"|( - | (?:(?:has been |was )?(?:changed|reset|set|updated) )?(?:to )?))"
    r"[\"'“”„«»(]*([^\s\0\"'“”„«»()]{3,})"
)
_MIXED = r"[^\W\d_].*\d|\d.*[^\W\d_]"
# What a password "is" in a note that doesn't tell it.
_NO_PASSWORD = (
    " wrong not incorrect invalid expired expiring reset changed locked blocked forgotten forgot lost required "
    "missing unknown working accepted rejected refused too the now still never always being been set sent fine "
    "correct good weak strong old new what same different case very only needed empty visible hidden known "
    "shared safe secure stolen asked unclear none yes done created updated saved stored resent emailed mailed "
    "texted about again also already given see ask below above attached default unchanged tbc tbd n/a for from with and but she they his her there falsch abgelaufen "
    "gesperrt vergessen nicht ungultig neu zu incorrecta incorrecto caducada bloqueada olvidada cambiada nueva "
    "muy expire oublie bloque change perdu errada incorreta expirada esquecida nova ভুল गलत "
)

# One mark between two digits of a phone number; a lone digit after a space is a count of something else.
_APART = r"(?:(?:\)[ -]?|[ ./-])(?=\d\d))?"
_ANY_APART = r"[ ./()-]{0,2}"
_NOT_A_SUM = r"(?<![\w\0#$€£৳₹+])(?<![\d\0][.-])(?<![^\W\d_]-)"
_FROM_ABROAD = (
    rf"(?:(?:1|44|91|880|977)(?: ?\(0\) ?)?(?:{_ANY_APART}\d){{10}}(?!\d)|3[34](?: ?\(0\) ?)?(?:{_ANY_APART}\d){{9}}(?!\d)"
    rf"|(?!\d{{16}})\d{{1,3}}(?: ?\(0\) ?)?(?:{_ANY_APART}\d){{2}}(?:(?:{_ANY_APART}(?=\d\d))?\d){{5,10}}(?!\d))"
)
_AT_HOME = (
    rf"(?:0(?:1[567](?:{_APART}\d){{9}}|[1-9](?:{_APART}\d){{7,9}})(?!\d)"
    r"|(?:1[ .-]?)?(?:\([2-9]\d\d\)[ -]?\d{3}[ .-]?|[2-9]\d\d[ .-]\d{3}[ .-])\d{4}(?!\d)"
    r"|9[678](?:\d{8}|\d[ -]\d{7}|\d\d[ -]\d{6})(?!\d)|(?:91[ -])?[6-9]\d{4}[ -]\d{5}(?!\d)"
    rf"|(?:880[ -]?1[3-9]|977[ -]?9[678])(?:{_APART}\d){{8}}(?!\d))"
)
_PHONE = rf"\(?\+ ?\(?{_FROM_ABROAD}|{_NOT_A_SUM}\(?(?:(?:00[ -]?(?=[1-9]){_FROM_ABROAD}|{_AT_HOME}){_ENDS})"
_NAMED = (
    r"(?:(?<![a-z])(?:order|invoice|inv|case|ticket|ref|reference|tracking|parcel|booking|shipment|serial|item|claim|id"
    r"|meter|reading|sku|model)"
    r"(?: (?:no|nr|number|id))?[ .:=/-]{0,3}|#)\Z"
)
# Eight digits that make a date are one.
_NUMBER = (
    r"(?!(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d))"
    rf"\(?(?:\d{{7,12}}(?!\d)|\d(?:{_APART}\d){{6,11}}(?!\d)){_ENDS}(?<!\d\.\d)(?<!\d\.\d\d)"
)
_PHONE_WORDS = (
    r"(?:(?:tele)?phones?|caller(?:'s)?(?: id)?|cli|tele?\.?|ph\.?|mob\.?|call(?:s|ed|ing|back)?|ring(?:s|ing)?|rang|dial(?:led)?|mobiles?|cell(?:phone)?"
    r"|whats ?app|viber|imo|sms|text(?:ed)?|fax|landline|hotline|contact (?:no|number|nr)\.?"
    r"|(?:my|his|her|their|your|our|the|new|other|alternat(?:iv)?e|best|right|correct|work|home|office|callback) (?:number|no\.)"
    r"|(?:^|(?<=[.;,!?] ))number|telefon[oe]?|movil|celular|telemovel|ligar|llamar|handy|mobil|anrufen|ruckruf"
    r"|(?:telefon|handy|mobil|ruf|ruckruf)nummer|portable|appeler|rappeler|numero de telephone"
    r"|(?:ফোন|মোবাইল|টেলিফোন|কল|হোয়াটসঅ্যাপ)(?:টিতে|টির|টি|ের|ে|র)?"
    r"|(?:फोन|फ़ोन|मोबाइल|मोबाईल|टेलिफोन|टेलीफोन|कॉल|व्हाट्सएप|सम्पर्क|संपर्क)(?:मा|को|नं)?)"
)
# After these a number counts or names something else than a phone.
_OF_SOMETHING_ELSE = (
    r"(?:orders?|invoices?|inv|cases?|tickets?|ref|reference|ids?|tracking|parcels?|bookings?|shipments?|serial|account|acct"
    r"|policy|claims?|job|log|code|re|about|regarding|within|items?|sku|model|imei|iccid|version|build|usd|eur|gbp|bdt|npr|inr|tk|taka"
    r"|rs|rupees|costs?|price|refund(?:s|ed)?|paid|pays?|for|bill|pedido|factura|commande|facture|bestellung|rechnung"
    r"|অর্ডার|টিকিট|টিকেট|চালান|টাকা|ऑर्डर|अर्डर|टिकट|रुपये|रुपैयाँ)"
)
_AFTER_A_PHONE_WORD = (
    rf"{_WORD_BEGINS}{_PHONE_WORDS}{_WORD_ENDS}[ :=,@\"'“”>(-]{{0,4}}(?:\d{{1,2}} ?(?:x|times) )?"
    rf"(?:(?!{_OF_SOMETHING_ELSE}{_WORD_ENDS}){_LETTER}{{1,10}}(?:(?<=\bno|\bnr)\.)?(?:[ :=,@(>-]|\.(?! ?\d)){{1,4}}){{0,4}}"
    rf"({_NUMBER}(?: ?(?:[,/;&]|\b(?:or|and|und|oder|ou|et)\b|বা|ও|या|वा) ?{_NUMBER}){{0,4}})"
)
_BEFORE_A_PHONE_WORD = (
    rf"{_NOT_A_SUM}({_NUMBER}) (?:is|was) (?:(?:my|his|her|their|the|a|new) ){{0,2}}"
    rf"(?:phone|mobile|cell|whatsapp|landline|(?<=my )number|(?<=his )number|(?<=her )number|(?<=their )number){_WORD_ENDS}"
)

_TITLES = (
    " mr mrs ms miss mx dr prof sir madam md mst sr sra srta señor señora señorita herr frau mme mlle monsieur "
    "madame mademoiselle shri shree smt জনাব জনাবা শ্রী শ্রীমতী শ্রীমতি মোঃ মো ডাঃ ড श्री श्रीमती श्रीमान "
    "सुश्री डॉ डा "
)


def find_private(text: str) -> list[Hidden]:
    """What is private in a text, in the order it stands; no two overlap."""
    seen = _seen(text)
    found: list[Hidden] = []
    for what, search in _SEARCHES:
        places = list(search(seen))
        if places:
            found += [Hidden(what, start, end) for start, end in places]
            seen = _without(seen, places)
        if what == CARD:
            seen = _hushed(_DATES_AND_MACHINES, seen)
    return sorted(found, key=lambda hidden: hidden.start)


def mask(text: str) -> tuple[str, tuple[str, ...]]:
    """The text with `[card number]` and the like where something private stood, and the name of each kind once."""
    found = find_private(text)
    parts, at = [], 0
    for what, start, end in found:
        parts += [text[at:start], f"[{what}]"]
        at = end
    return "".join([*parts, text[at:]]), tuple(dict.fromkeys(hidden.what for hidden in found))


def first_name(text: str) -> str:
    """The first word of a name; titles keep the word after them: “Rosa Delgado” is “Rosa”, “Mr. Cole” stays."""
    kept: list[str] = []
    for word in text.split():
        kept.append(word)
        # A lone M is an initial; with its stop it is Monsieur.
        if word.casefold() != "m." and f" {word.casefold().removesuffix('.')} " not in _TITLES:
            break
    return " ".join(kept).rstrip(" ,;:")


@lru_cache(maxsize=32)
def _pattern(source: str) -> re.Pattern[str]:
    """Compiled when first needed: a program that starts has no time for it."""
    return re.compile(source)


@lru_cache(maxsize=1)
def _plain() -> dict[int, str]:
    """One character for one: what a pattern needn't tell apart."""
    plain = {0xFF01 + i: chr(0x21 + i) for i in range(94)}
    alike = {
        " ": "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
        "-": "\u058a\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63\uff0d",
        "'": "\u2018\u2019",
        ".": "\u00b7\u2024",
        "/": "\u2044\u2215",
        "a": "áàâãä",
        "c": "ç",
        "e": "éèêë",
        "i": "íìîï",
        "n": "ñ",
        "o": "óòôõö",
        "u": "úùûü",
    }
    plain.update({ord(one): to for to, many in alike.items() for one in many})
    return plain


def _seen(text: str) -> str:
    """The text as patterns read it, of the same length; what is open to everyone is gone from it."""
    # `lower` makes two characters of İ, and of no other.
    seen = text.lower() if text.isascii() else fold_digits(text).replace("İ", "i").lower().translate(_plain())
    return _hushed(_OPEN, seen.replace("\t", " "))


def _hushed(source: str, seen: str) -> str:
    return _pattern(source).sub(lambda found: _GONE * len(found.group()), seen)


def _without(seen: str, places: list[tuple[int, int]]) -> str:
    parts, at = [], 0
    for start, end in sorted(places):
        parts += [seen[at:start], _GONE * (end - start)]
        at = end
    return "".join([*parts, seen[at:]])


def _emails(seen: str) -> Iterator[tuple[int, int]]:
    if "@" in seen:
        for found in _pattern(_EMAIL).finditer(seen):
            # A quotation mark or a dash before an address isn't part of it.
            yield found.end() - len(found.group().lstrip("'.-+&%")), found.end()


def _cards(seen: str) -> Iterator[tuple[int, int]]:
    undated = _hushed(_DATES, seen)
    if undated != seen:
        whole = list(_dated_cards(seen, undated))
        yield from whole
        undated = _without(undated, whole)
    for run in _pattern(_RUN).finditer(undated):
        yield from _cards_in(undated, *run.span())


def _dated_cards(seen: str, undated: str) -> Iterator[tuple[int, int]]:
    """Runs that are a card as a whole, though a part of them looks like a date; dates alone are none."""
    for run in _pattern(_RUN_BY_ITSELF).finditer(seen):
        left = undated[run.start() : run.end()]
        if left != run.group() and left.strip("\0 ./-") and sum(map(str.isdigit, run.group())) <= 19:
            yield from (span for span in _cards_in(seen, *run.span()) if span == run.span())


def _cards_in(seen: str, start: int, end: int) -> list[tuple[int, int]]:
    """Whole groups of a run that make 13 to 19 digits and pass Luhn; where two overlap, what both cover."""
    if end - start < 13:
        return []
    places = [at for at in range(start, end) if seen[at].isdigit()]
    count = len(places)
    begins = [i for i, at in enumerate(places) if not i or places[i - 1] != at - 1]
    ends = {*begins[1:], count}
    # Luhn doubles every second digit, counted from the last: with the sums kept for both, a window is one subtraction.
    sums: tuple[list[int], list[int]] = ([0], [0])
    for i, at in enumerate(places):
        digit = ord(seen[at]) - 48
        double = digit * 2 - 9 if digit > 4 else digit * 2
        for parity in (0, 1):
            sums[parity].append(sums[parity][i] + (double if i % 2 == parity else digit))
    # With a plus before it, it is a phone number as far as that reaches.
    phone = _pattern(_PHONE).match(seen, start - 1) if seen[start - 1 : start] == "+" else None
    found: list[tuple[int, int]] = []
    for first in begins:
        for last in range(first + 13, min(first + 19, count) + 1):
            begun, done = places[first], places[last - 1] + 1
            passes = last in ends and (sums[last % 2][last] - sums[last % 2][first]) % 10 == 0
            if passes and not (phone and done <= phone.end()):
                if found and begun < found[-1][1]:
                    begun, done = found[-1][0], max(done, found.pop()[1])
                found.append((begun, done))
    return found


def _each(source: str, one: str) -> Callable[[str], Iterator[tuple[int, int]]]:
    """A search for what the only group of a pattern lists, one by one."""

    def search(seen: str) -> Iterator[tuple[int, int]]:
        for found in _pattern(source).finditer(seen):
            for each in _pattern(one).finditer(seen, *found.span(1)):
                yield _unwrapped(each)

    return search


def _passwords(seen: str) -> Iterator[tuple[int, int]]:
    for found in _pattern(_PASSWORD).finditer(seen):
        loose, value = found.group(1), found.group(2).rstrip(".,;:")
        # Right after the word stands more often what is wrong with it than what it is.
        told = loose is None or (len(value) > 5 and _pattern(_MIXED).search(value) is not None)
        if told and len(value) > 2 and f" {value.rstrip('!?')} " not in _NO_PASSWORD:
            yield found.start(2), found.start(2) + len(value)


def _phones(seen: str) -> Iterator[tuple[int, int]]:
    for found in _pattern(_PHONE).finditer(seen):
        start = found.start()
        if "+" in found.group() or not _pattern(_NAMED).search(seen, max(0, start - 24), start):
            yield _unwrapped(found)


def _unwrapped(found: re.Match[str]) -> tuple[int, int]:
    """Where a number stands with its own parentheses, and without one that ends elsewhere."""
    start, end = found.span()
    opened, closed = found.group().startswith("("), ")" in found.group()
    if opened and not closed:
        return start + 1, end
    return start - (closed and not opened and found.string[start - 1 : start] == "("), end


# What comes first wins where two would overlap.
_SEARCHES: tuple[tuple[str, Callable[[str], Iterator[tuple[int, int]]]], ...] = (
    (EMAIL, _emails),
    (CARD, _cards),
    (CODE, _each(_AFTER_A_SECURITY_WORD, _CODE_VALUE)),
    (CODE, _each(_BEFORE_A_SECURITY_WORD, _CODE_VALUE)),
    (PIN, _each(_AFTER_A_PIN_WORD, _PIN_VALUE)),
    (PIN, _each(_BEFORE_A_PIN_WORD, _PIN_VALUE)),
    (PIN, _passwords),
    (PHONE, _phones),
    (PHONE, _each(_AFTER_A_PHONE_WORD, _NUMBER)),
    (PHONE, _each(_BEFORE_A_PHONE_WORD, _NUMBER)),
)
