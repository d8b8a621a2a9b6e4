"""Orders to a model inside a text that should be data, and ways to carry data out of an answer."""

from __future__ import annotations

import re

from modelward.core.regex import regex

_I = re.IGNORECASE | re.VERBOSE
#: One of these, in lower case, is in every order; to look for them is cheap.
_SIGNS = (
    "instruct",
    "prompt",
    "disregard",
    "guideline",
    "rules",
    "told",
    "above",
    "overrid",
    "system",
    "[inst",
    "im_start",
    "jailbreak",
    "developer mode",
    "do anything",
    "previous",
    "exfiltrat",
)
_ORDER = regex(
    r"""\b(?:ignor(?:e|ing)|disregard(?:ing)?|forget|overrid(?:e|ing)|bypass|violate|(?:do\ not
        |don(?:'|’)t|stop|never)\ (?:follow|obey)(?:ing)?)\s
        (?:\w+\s){0,3}?(?:(?:all|any|every|the|your|my|these|those|previous|prior|above|earlier
        |preceding|system|original|former|existing)\s){1,4}
        (?:\w+\s)?(?:instructions?|prompts?|rules?|guidelines?|directions?|directives?|orders
        |commands?|policies|constraints|safeguards|programming|text|context|messages?\sabove)\b
    |\b(?:ignore|disregard|forget)\s(?:all\s|everything\s)?(?:that\s|what(?:ever)?\s)?(?:you|i|we
    |they)\s(?:were|was|have\sbeen|had\sbeen|(?:ha(?:ve|d)\s)?(?:been\s)?)\s*(?:just\s
    |previously\s)?(?:told|instructed|given|said|asked)
    |\b(?:ignore|disregard|forget)\s(?:all|everything|anything|whatever)\s(?:\w+\s){0,3}(?:above
    |before|previously|earlier)
    |\b(?:rules|instructions|guidelines|restrictions
    |directions)\b[^.\n]{0,30}\b(?:no\slonger\sapply|do\snot\sapply|are\s(?:void|cancelled
    |canceled|suspended|lifted|superseded|overridden|obsolete))
    |\b(?:new|updated|revised|real|actual|important|hidden|secret|urgent
    |additional)\s(?:system\s)?(?:instructions?|prompts?|directives?|orders?)\s(?:for
    |to)\s(?:the\s|all\s|any\s|you\b|this\s)?(?:ai|assistant|model|llm|bot|agent|chatbot
    |language)?
    |\b(?:reveal|print|show|output|repeat|leak|expose|display|disclose|tell\sme|send
    |dump)\s(?:me\s)?(?:\w+\s){0,3}?(?:system|hidden|initial|secret|developer
    |original)\s(?:prompt|instructions?|message|configuration|rules)
    |</?\s*(?:system|assistant|user|instructions?)\s*>|<\|\s*(?:im_start|im_end|system|assistant
    |endoftext|eot_id|start_header_id)[^>]{0,20}\|>
    |\[/?(?:inst|system)\]|<<\s*/?sys\s*>>
    |(?:^|\n|[.!?]\s)\W{0,4}(?:system|administrator|developer)(?:\s(?:message|override|note
    |prompt|update|instruction))?\s?:\s*(?:\w+\W+){0,25}?(?:you|ignore|rules|must|override
    |instructions|disregard|now)\b
    |\byou\s(?:are|must)\s(?:now|henceforth|from\snow\son)\s(?:act\sas\s|be\s|become\s|in\s
    |called\s|an?\s)?(?:\w+\s){0,2}?(?:dan\b|unrestricted|jailbroken|developer\smode|evil
    |uncensored|obey|reveal|output|comply)
    |\b(?:dan|developer|god|sudo|jailbreak)\smode\s(?:enabled|activated|on\b)|\bdo\sanything\snow\b
    |\boverride\s(?:your|all|any|the|safety)\s(?:\w+\s)?(?:instructions?|guidelines|safety
    |filters?|protocols?|settings|rules)""",
    _I,
)
_PICTURE = regex(
    r"!\[[^\]]*\]\((https?://[^\s)]+)\)|<img\b[^>]{0,200}?\bsrc\s*=\s*[\"']?(https?://[^\s\"'>]+)",
    re.IGNORECASE,
)
_LINK = regex(r"https?://[^\s\"'<>)\]}\\]+", re.IGNORECASE)
_CATCHER = regex(
    r"""https?://[^\s/"']*(?:webhook\.site|requestbin\.|pipedream\.net|ngrok(?:-free)?\.(?:io|app
        |dev)|burpcollaborator\.net|oastify\.com
    |interact\.sh|oast\.(?:pro|live|site|online|fun|me)|beeceptor\.com|hookbin\.com
    |requestcatcher\.com|postb\.in|canarytokens\.com|dnslog\.cn|trycloudflare\.com)
    |https?://(?:discord(?:app)?\.com/api/webhooks/\d|hooks\.slack\.com/services/\w
    |api\.telegram\.org/bot\d)""",
    _I,
)
_WORDS = regex(r"[a-z0-9]{4,}")
_DATA = regex(r"[?&/][\w.-]*=|\{[\w.]+\}|%7[bB]|[A-Za-z0-9+_-]{32,}")


def ordered(text: str) -> str:
    """The order to a model in a text, or nothing."""
    lower = text.lower()
    if not any(sign in lower for sign in _SIGNS):
        return ""
    found = _ORDER.search(text)
    return found[0].strip() if found else ""


def carried(asked: str, answer: str) -> str:
    """The address in an answer by which data leaves, or nothing.

    A picture whose address carries words of the input or a query, any address that carries several words of
    the input which the input did not give itself, or a host whose business it is to catch requests.
    """
    if "http" not in answer:
        return ""
    if (found := _CATCHER.search(answer)) and found[0] not in asked:
        return found[0]
    for match in _PICTURE.finditer(answer):
        address = match[1] or match[2]
        if (
            address not in asked
            and _DATA.search(address)
            and (_shared(address, asked) or _TEMPLATE in address)
        ):
            return str(address)
    for match in _LINK.finditer(answer):
        if match[0] not in asked and _shared(match[0].partition("?")[2], asked):
            return str(match[0])
    return ""


_TEMPLATE = "{"


def _shared(address: str, asked: str) -> bool:
    """Whether an address carries two words of a text, or one that is most of it."""
    tail = address.partition("://")[2].partition("/")[2].lower() or address.lower()
    words = set(_WORDS.findall(asked.lower()))
    shared = words & set(_WORDS.findall(tail))
    return len(shared) >= 2 or (len(shared) == 1 and len(words) <= 2)
