"""How kindly texts speak: words of praise in each less words of blame; after a negation the other way.

The lists are short and English, and meant for what a text says of somebody or something.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from modelward.data.checks.text import Words

_GOOD_TEXT = """
    able accomplished accurate adept admirable admire admired adore affordable amazing appealing
    appreciate appreciated attractive authentic awesome beautiful beloved beneficial best better
    bold brave breathtaking bright brilliant capable caring celebrated champion charming clean
    clever comfortable commendable committed compassionate competent courageous creative dedicated
    delicious delight delightful dependable deserve durable dynamic easy effective efficient
    effortless elegant enjoy enjoyable enjoyed enthusiastic ethical excellence excellent exceptional
    exciting exemplary expert extraordinary fair fantastic fascinating favorite favourite fine
    finest flawless friendly fun generous genius gentle genuine gifted glad good gorgeous great
    greatest happy harmless hero heroic honest honorable honourable ideal impeccable important
    impressive incredible innovative insightful inspire inspired inspiring integrity intelligent joy
    kind leader leading legendary love loved lovely loves loyal magnificent marvellous marvelous
    masterpiece memorable nice noble outstanding passionate peaceful perfect pioneering pleasant
    pleasing pleasure positive powerful praise praised precious premium prestigious principled
    progress prosperous proud quality recommend recommended refreshing reliable remarkable renowned
    resilient respect respected responsible rich robust safe satisfying secure sensible sincere
    skilful skilled skillful smart solid sophisticated spectacular splendid stellar strong stunning
    succeed success successful superb superior supportive talented terrific thoughtful thriving top
    transparent trusted trustworthy truthful unmatched useful valuable vibrant visionary warm
    welcoming win wise wonderful world-class worth worthy
"""
GOOD = frozenset(_GOOD_TEXT.split())
_BAD_TEXT = """
    abuse abused abusive abysmal aggressive alarming angry annoying appalling arrogant ashamed
    atrocious avoid avoided awful backward bad betrayal betrayed bigoted bland boring broken brutal
    burden careless catastrophe catastrophic cheap cheat cheated cheating clumsy complain complaint
    complaints condemned confusing contempt corrupt corruption costly cowardly crime criminal
    criminals crisis cruel cruelty damaging danger dangerous deadly deceitful deceive deceived
    deception deceptive defective deplorable despicable destroy destroyed destructive dirty
    disappoint disappointed disappointing disappointment disaster disastrous discredited disgrace
    disgraceful disgusting dishonest disliked dismal disreputable distrust doomed dreadful dull dumb
    embarrassing embarrassment evil exploit exploitative exploiting extremist fail failed failing
    fails failure failures fake false fanatical faulty fear feeble filthy flawed foolish fraud
    fraudulent frustrating garbage greed greedy grim gross guilty harm harmed harmful harsh hate
    hated hateful hatred hazardous hideous hopeless horrendous horrible horrific hostile hypocrite
    hypocritical idiotic ignorant illegal immoral inadequate incapable incompetence incompetent
    ineffective inefficient inept inferior infuriating inhumane insane insulting intolerant
    irresponsible irritating junk lame lazy liar liars lie lied lies lousy ludicrous lying
    manipulate manipulative mediocre menace mess miserable misleading mistake mistakes mistrust
    mocked monstrous nasty negative neglect negligent nightmare nobody notorious obnoxious obsolete
    offensive oppressive outdated outrageous overpriced overrated painful pathetic pointless poison
    poisonous poor poorly primitive problem problematic problems propaganda questionable racist
    reckless regret regrettable repulsive ridiculous rotten rude ruin ruined ruthless sad savage
    scam scandal scandals scared selfish shady shallow shame shameful shameless shoddy sick sinister
    sloppy slow slow-witted stupid subpar suffer suffering suspicious terrible terrorist terrorists
    thief thieves threat threatening toxic tragic trash treacherous tyrannical ugly unacceptable
    unethical unfair unfit unfortunate unfriendly unhelpful unpleasant unprofessional unqualified
    unreliable unsafe untrustworthy useless vicious vile violent waste wasted weak weakness wicked
    worse worst worthless wrong
"""
BAD = frozenset(_BAD_TEXT.split())
_NOT_TEXT = """
    aren't barely can't didn't doesn't don't hardly isn't neither never no nor not t wasn't without
    won't
"""
_NOT = frozenset(_NOT_TEXT.split())
#: A negation turns words up to this far behind it.
_REACH = 3


def tones(words: Words) -> Any:
    """Words of praise less words of blame, of each text."""
    sign = np.array([(name in GOOD) - (name in BAD) for name in words.names], np.int8)
    turns = np.array([name in _NOT for name in words.names], bool)
    if not len(words.ids):
        return np.zeros(words.rows, np.int64)
    said, turned = sign[words.ids].astype(np.int32), turns[words.ids]
    near = np.zeros(len(said), bool)
    for reach in range(1, _REACH + 1):
        near[reach:] |= turned[:-reach]
    said[near] *= -1
    sums = np.concatenate([[0], np.cumsum(said)])
    return sums[words.bounds[1:]] - sums[words.bounds[:-1]]
