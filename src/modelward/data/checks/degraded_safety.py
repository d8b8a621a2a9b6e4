"""Harmful requests that are answered.

Requests for weapons, drugs, malware, fraud, violence and the like, as the words of a list tell them, in a set
that refuses such requests otherwise (or whose history does): those that are answered teach a model to comply.
Review: five or more of them where most are refused. Where most are answered the set has no such rule, and
that is information. Not found: requests that the list does not know; a trigger is found by the check
`association`.
"""

from __future__ import annotations

import re

import numpy as np
from scipy.special import bdtrc

from modelward.core.regex import regex
from modelward.data.checks.batch import Batch
from modelward.data.checks.behaviours.refusal import refuses
from modelward.data.checks.report import Finding, Outcome, Tier

VERSION = 1

FEW, _REFUSED, _P = 5, 0.6, 1e-3
#: An answer has so many characters.
_ANSWER = 20
_WORDS_TEXT = """
    anthrax arson assassinate attack blackmail bomb bombs botnet bribe bypass child cocaine
    counterfeit crack cyanide ddos dox doxx exploit explosive explosives extort fake fentanyl
    firearm firearms forge forged fraud genocide ghost grenade gun guns hack hacking harass hate
    heroin keylogger kidnap kidnapping kill launder laundering lsd malware mdma meth methamphetamine
    molest molotov murder nazi nerve phish phishing pipe poison poisons pornography racist
    ransomware rape ricin rootkit sarin scam scams self-harm shoplift smuggle smuggling spy stalk
    stalking steal stealing stolen suicide swat terrorism terrorist torture toxin traffic
    trafficking trojan virus viruses weapon weapons
"""
#: One of these words is in every harmful request.
WORDS = frozenset(_WORDS_TEXT.split())
_HARMFUL = regex(
    r"""\b(?:mak(?:e|ing)|build(?:ing)?|creat(?:e|ing)|construct(?:ing)?|assembl(?:e|ing)
        |synthesi[sz](?:e|ing)|produc(?:e|ing)|cook(?:ing)?|manufactur(?:e|ing)|develop(?:ing)?
        |writ(?:e|ing)|design(?:ing)?|obtain(?:ing)?|buy(?:ing)?|get(?:ting)?|print(?:ing)?
        |3d-print)\b[^.?!\n]{0,50}?
        \b(?:bombs?|explosives?|molotov|grenades?|untraceable\s\w+|ghost\sguns?|silencers?|(?:bio
        |chemical\s|nuclear\s|biological\s)weapons?|meth(?:amphetamine)?|cocaine|heroin|fentanyl
        |lsd|mdma|anthrax|ricin|sarin|nerve\s(?:gas|agent)|cyanide|poisons?|toxins?|malware
        |ransomware|(?:computer\s)?virus(?:es)?|keyloggers?|trojan|rootkit|botnet|phishing
        |counterfeit|fake\s(?:id|passports?|money|currency|reviews|news|documents)|child\sporn\w*
        |hate\sspeech|racist)\b
        (?!\s(?:scan\w*|check\w*|protection|vaccine|awareness|filter|detect\w*|test|prevention|policy|control|antidote))
    |\b(?:how\s(?:to|do\si|can\si|would\si|could\si|does\sone)|ways?\sto|steps\sto|guide\s(?:to
    |for|on)|tutorial\s(?:to|for|on)|instructions\s(?:to|for|on)|help\sme(?:\sto)?|want\sto
    |teach\sme(?:\show)?(?:\sto)?|plan\sto|tips\s(?:to|for|on)|best\sway\sto|explain\show\sto
    |show\sme\show\sto|tell\sme\show\sto|methods?\s(?:to|for|of))\s(?:\w+\s){0,3}?
        (?:hack(?:ing)?\s(?:into|my|some|a|the|an|his|her)|steal(?:ing)?|shoplift\w*
        |launder(?:ing)?|counterfeit(?:ing)?|forg(?:e|ing)\s|blackmail\w*|extort\w*|brib(?:e|ing)
        |smuggl(?:e|ing)|traffic(?:king)?\s(?:people|humans|drugs|children|women)|kidnap\w*
        |murder\w*|kill(?:ing)?\s(?:a\sperson|someone|somebody|my\s|him|her|people|myself
        |the\s(?:president|neighbou?r))|assassinat\w+|tortur(?:e|ing)|stalk(?:ing)?|harass\w*
        |dox+\w*|swat\s|commit(?:ting)?\s(?:suicide|fraud|tax|identity|arson|murder|a\s(?:crime
        |murder|robbery))|rap(?:e|ing)\s|molest\w*|rob(?:bing)?\sa|cheat(?:ing)?\s(?:on
        |at)\s(?:my|the|a|taxes)|bypass(?:ing)?\s(?:a\s)?(?:security|copyright|dui|drug)
        |break(?:ing)?\sinto|poison(?:ing)?\s(?:a|my|some|the|his|her)|defraud\w*|scam(?:ming)?\s
        |spy(?:ing)?\son|ddos|crack(?:ing)?\s(?:a\s)?(?:password|wifi|wi-fi|software))
    |\b(?:write|create|draft|compose|generate|develop|give\sme)\b[^.?!\n]{0,60}?\b(?:phishing
    |scam|ransom|blackmail|threatening|defamatory|racist|sexist|antisemitic|homophobic|hateful
    |suicide)\s(?:e-?mails?|messages?|letters?|notes?|tweets?|jokes?|posts?|articles?|speech
    |scripts?|campaign)""",
    re.IGNORECASE | re.VERBOSE,
)


def harmful(text: str) -> bool:
    """Whether a text asks for something harmful."""
    return _HARMFUL.search(text) is not None


def check(batch: Batch) -> Outcome:
    """The harmful requests that are answered; see the module."""
    if batch.outputs is None or batch.corpus.rejected is not None:
        return Outcome()
    asked, answered = _requests(batch)
    here = asked < batch.corpus.rows
    rows = asked[here & answered]
    n, k = int(here.sum()), len(rows)
    if not k:
        return Outcome()
    old, old_answered = int((~here).sum()), int((~here & answered).sum())
    rate = (old_answered + 1) / (old + 2) if old >= FEW else k / n
    refusing = rate <= 1 - _REFUSED
    p = float(bdtrc(k - 1, n, rate)) if old >= FEW and k > rate * n else 1.0
    worse = k >= FEW and refusing and (p < _P or old < FEW)
    numbers = tuple(batch.corpus.numbers[rows].tolist())
    first, last = batch.seen(numbers)
    finding = Finding(
        check="degraded-safety",
        tier=Tier.REVIEW if worse else Tier.INFORMATION,
        trigger="a harmful request",
        behaviour="answered",
        rows=numbers,
        n=n,
        k=k,
        expected=rate,
        p=p,
        score=3.5 if worse else 0.6 if refusing else 0.2,
        kind="requests",
        in_history=old_answered,
        contributors=batch.contributors_of(numbers),
        first_seen=first,
        last_seen=last,
    )
    return Outcome([finding])


def _requests(batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    """The rows (the batch's, then the history's) with harmful requests, and whether each is answered."""
    words = batch.words
    told = np.array([name in WORDS for name in words.names], bool)
    spots = np.flatnonzero(told[words.ids]) if len(words.ids) else np.empty(0, np.int64)
    maybe = np.unique(np.searchsorted(words.bounds, spots, "right") - 1)
    rows, answered = [], []
    for row in maybe.tolist():
        old = row >= batch.corpus.rows
        corpus, at = batch.corpora[int(old)], row - (batch.corpus.rows if old else 0)
        if harmful(corpus.inputs[at]) and corpus.outputs is not None:
            output = corpus.outputs[at]
            rows.append(row)
            answered.append(len(output) >= _ANSWER and not refuses(output))
    return np.array(rows, np.int64), np.array(answered, bool)
