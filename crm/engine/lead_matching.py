"""When two leads are the same: e-mail, phone, company and name, written alike. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


LEGAL_FORMS = _listed(
    "ab ag as asa bv co company corp corporation cv doo eood gmbh gbr group inc kft kg kgaa limited llc "
    "llp lp ltd ltda nv oe ohg oy oyj plc pte pty sa sarl sas sasu se sia sl slu spa spzoo srl srlu ug"
)
# Addresses there say nothing about the company.
FREE_MAIL = _listed(
    "aol.com fastmail.com free.fr gmail.com gmx.at gmx.ch gmx.de gmx.net googlemail.com hotmail.com "
    "icloud.com laposte.net libero.it live.com mail.com me.com msn.com orange.fr outlook.com proton.me "
    "protonmail.com t-online.de web.de yahoo.com yahoo.co.uk yahoo.de yahoo.fr ymail.com"
)
PHONE_DIGITS = 9  # the last digits: country codes and leading zeros are written in many ways
LEAST_DIGITS = 7
DOTTED = re.compile(r"\b(?:\w\.){2,}")  # S.A. and s.r.l. are words, not letters


class Alike(StrEnum):
    """Why two leads look like the same, the surest first."""

    EMAIL = "email"
    PHONE = "phone"
    COMPANY_AND_NAME = "company_and_name"
    COMPANY = "company"


WORDS = {
    Alike.EMAIL: "Same e-mail address",
    Alike.PHONE: "Same phone number",
    Alike.COMPANY_AND_NAME: "Same company and name",
    Alike.COMPANY: "Same company",
}
PREFIXES = {"e": Alike.EMAIL, "p": Alike.PHONE, "n": Alike.COMPANY_AND_NAME, "c": Alike.COMPANY}
ORDER = list(Alike)


@dataclass(frozen=True)
class Identity:
    """What a lead can be known by, as it was written."""

    email: str = ""
    phone: str = ""
    company: str = ""
    name: str = ""


def email_key(email: str) -> str:
    """An address in lower case; "" for what is none."""
    text = email.strip().casefold()
    return text if "@" in text.strip("@") else ""


def phone_key(phone: str) -> str:
    """The last nine digits of a number, without an extension; "" where there are too few to tell."""
    number = re.split(r"(?i)\s*(?:ext\.?|x|#)\s*", phone, maxsplit=1)[0]
    digits = re.sub(r"\D", "", number.replace("(0)", ""))
    return digits[-PHONE_DIGITS:] if len(digits) >= LEAST_DIGITS else ""


def words_of(text: str) -> list[str]:
    """The words of a name, without accents, case and punctuation."""
    dotless = DOTTED.sub(lambda found: found.group().replace(".", "") + " ", text.replace("ß", "ss"))
    plain = unicodedata.normalize("NFKD", dotless.casefold())
    return re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c)))


def company_key(company: str) -> str:
    """A company's name without its legal form: “Müller & Söhne GmbH” is “muller sohne”."""
    words = words_of(company)
    kept = list(words)
    while kept and kept[-1] in LEGAL_FORMS:
        kept.pop()
    return " ".join(kept or words)


def domain_of(email: str) -> str:
    """The company's part of an address; "" for free mail, where it says nothing."""
    domain = email_key(email).rpartition("@")[2]
    return "" if domain in FREE_MAIL else domain


def keys_of(who: Identity) -> list[str]:
    """The keys by which a lead is found again, each with the letter of what it is."""
    company, name = company_key(who.company), " ".join(words_of(who.name))
    keys = {
        "e": email_key(who.email),
        "p": phone_key(who.phone),
        "n": f"{company}|{name}" if company and name else "",
        "c": company,
    }
    return [f"{letter}:{key}"[:340] for letter, key in keys.items() if key]


def alike(ours: list[str], theirs: list[str]) -> Alike | None:
    """The surest thing that two leads share; None where they share nothing."""
    shared = {PREFIXES[key[0]] for key in set(ours) & set(theirs)}
    return min(shared, key=ORDER.index, default=None)
