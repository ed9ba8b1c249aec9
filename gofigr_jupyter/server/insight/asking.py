"""What a question asks for: topics by its words, and the facts that it means by the names that it mentions.

In: a question in English. Out: topics and facts; what no fact answers is said to be so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gofigr_jupyter.server.insight.engine import Turn
from gofigr_jupyter.server.insight.facts import Fact, Topic

_WORDS = {
    Topic.WHAT: r"""describe|summar|overview|explain|interpret|caption|shown|tell me about|main (point|message|finding)
        |what (is|does|are|do) (this|it|the figure|the plot|the chart|we see|i see)\b
        |(figure|plot|chart|it|this|here) shows?\b""",
    Topic.RANGE: r"""rang(e|es|ing)\b|minim|maxim
        |\bmin\b|\bmax\b|\bleast|lowest|highest|greatest|largest|smallest|biggest
        |\bmeans?\b|average|median|typical|deviation|spread|\bvalue\b
        |(what|which) values|values (of|at|for|is|are)|\btotal|\bsum\b|extent|\bavg\b|amplitude
        |\badds? up|altogether|\boverall\b|\bcover|\bspans?\b|\berrors?\b|uncertain|\bwid(e|th)\b|limit\b
        |values? (is |are )?(negative|positive)|(negative|positive) values?|(below|above) zero|\bshare\b|percent
        |how (high|low|large|big|much|long|tall|heavy|far|fast|old)""",
    Topic.UNIT: r"\bunits?\b|(measured|given|expressed) in",
    Topic.TREND: r"""trend|slope|increas|decreas|\bris(e|es|ing)\b|\bfall(s|ing)?\b|\bgr(ow|ew)|declin|linear|\bfits?\b
        |\br²|\br\^?2\b|r-squared|regress|\brate\b|doubl|halv|half
        |\bdecay|exponential|power law|steep|gradient|intercept
        |\bper (day|year|hour|unit)|chang\w* (over|with|along|during)|over time|develop|evol|go(es)? (up|down)
        |begin|start(s)? with|\bends?\b""",
    Topic.LEVEL: r"""level\w*[ -](off|out)|plateau|saturat|flatten|steady state|asymptot|converg
        |(approach|reach)\w* a (limit|constant|maximum|ceiling)
        |(stop|cease)\w* (grow|ris|increas|fall|decreas|chang|declin)""",
    Topic.PEAK: r"peak|local max|\bbumps?\b|spike|\bmodes?\b|where .*(highest|maxim|greatest)",
    Topic.OUTLIER: r"outlier|anomal|unusual|extreme|\bodd\b|strange|out of line|stand(s|ing)? out",
    Topic.GROUP: r"""\bdiffer|compar|\bgroups?\b|versus|\bvs\b|categor|ratio|\btimes (as|more)|highest|lowest
        |\bwhich (series|group|categor|bar|line|one|of|is|has|are)|\brank|biggest|\bbest|\bworst|\bmost\b|fewest
        |\b(higher|lower|greater|larger|smaller|better|worse)\b|(more|less) than|how much (more|less)""",
    Topic.CORRELATION: r"correlat|\brelat(ion|ed|e)|associat|depend|pearson|spearman|go together",
    Topic.COUNT: r"""how many|\bcount(s|ed|ing)?\b|number of|sample size|\bn\s*=|how much data|\brows?\b|\bpoints\b
        |\bobservations""",
    Topic.MISSING: r"missing|\bnans?\b|\bnulls?\b|\bgaps?\b|incomplete|absent|complete",
    Topic.TRAP: r"""\blog(arithmic)?\b|truncat|(at|from|include) zero|dual|second(ary)? y|mislead|\btraps?\b|invert
        |baseline|deceiv|honest|beware|careful""",
    Topic.AXES: r"\baxis|\baxes|\bscales?\b|limits|\blog(arithmic)?\b|(at|from|include) zero",
    Topic.CODE: r"""\bcode|script|statement|function|made (this|it)
        |(notebook|code|input|what) cells?\b|\bcell (made|drew|produced|is it)\b|reproduc
        |how (was|is|were|did|do) .*(made|comput|calculat|produc|drawn|draw|creat|generat|plot)""",
    Topic.FILES: r"""\bfiles?\b|\binputs?\b|csv|parquet|excel|\bdata(set)? .*(from|come)|(source|origin) of .*data
        |where .*\bdata\b|which data""",
    Topic.PACKAGES: r"package|version|librar|environment|\bpython\b|installed|dependenc",
    Topic.ORIGIN: r"""\bwho\b|\bwhen\W*$
        |\bwhen (is|was|were) (it|this|that|the (figure|plot|chart|picture|revision))\b
        |notebook|commit|branch|\bgit\b|repositor|author|publish|date of
        |how old""",
    Topic.CHANGES: r"""revision|previous|last (version|time)|\bsince\b|what('s| is| has|s)? (new|chang|differ)
        |what changed|(earlier|older) version
        |(chang|differ)\w* (from|between) (the )?(last|previous|revision|version)""",
    Topic.DOCUMENTS: r"""\bdocuments?\b|\bprotocol|\bpapers?\b|\bmanual\b|\breport|according to|\bpdf\b|\bdocx?\b
        |\bslides?\b|\b(is|are) (said|written)\b|\bsays?\b""",
}
_LINE_END = re.compile(r"\n\s*")
_TOPICS = {topic: re.compile(_LINE_END.sub("", words), re.IGNORECASE) for topic, words in _WORDS.items()}
_BEYOND = re.compile(
    r"\bwhy\b|significan|p-?value|\bcaus|predict|forecast|\bwill\b|future|\bshould\b|recommend|implication|hypothes|"
    r"confounder|conclu|\bcolou?rs?\b|\bfont|beautiful|\bopinion|do you (think|believe)",
    re.IGNORECASE,
)
_REVISION = re.compile(r"\brev(?:ision)?\.?\s*#?(\d{1,6})\b", re.IGNORECASE)
_SUMMARY = (Topic.WHAT, Topic.TRAP, Topic.TREND, Topic.GROUP, Topic.CORRELATION)
_MOST_OF_SUMMARY = {Topic.WHAT: 6, Topic.TRAP: 3, Topic.TREND: 3, Topic.GROUP: 2, Topic.CORRELATION: 1}
_OF_NAMES = (Topic.WHAT, Topic.RANGE, Topic.TREND, Topic.FILES, Topic.PACKAGES, Topic.DOCUMENTS)
_WORD = re.compile(r'[^\s,;:?!()"=]+')
_EMPTY = frozenset({"a", "i", "in", "is", "of", "the", "it", "and", "table", "value", "values"})


@dataclass(frozen=True, slots=True)
class Choice:
    """The facts that answer a question, by topic; `is_beyond` where it asks for more than a record can tell."""

    topics: tuple[Topic, ...]
    facts: tuple[Fact, ...]
    is_beyond: bool = False


def topics_of(query: str) -> tuple[Topic, ...]:
    """What a question is about, by its words."""
    return tuple(topic for topic, words in _TOPICS.items() if words.search(query))


def revision_meant(query: str) -> int | None:
    """The number of the revision that a question names, from 1."""
    found = _REVISION.search(query)
    return int(found[1]) if found else None


def chosen(query: str, facts: Sequence[Fact], earlier: Sequence[Turn] = (), *, is_comparison: bool = False) -> Choice:
    """The facts that a question asks for."""
    topics = topics_of(query)
    if Topic.COUNT in topics:  # of groups, say
        topics = tuple(topic for topic in topics if topic is not Topic.GROUP)
    if is_comparison:
        topics = (Topic.CHANGES,)
    is_beyond = bool(_BEYOND.search(query)) and Topic.CHANGES not in topics
    if not topics:
        named = _values(query, facts) or _mentioned(query, [fact for fact in facts if fact.topic in _OF_NAMES])
        before = topics_of(earlier[-1].query) if earlier else ()
        again = _of(before, query, facts) if before else ()
        found = again if again and (named or _is_follow_up(query)) else tuple(named)
        return Choice(before if found is again else (), found, is_beyond)
    if topics == (Topic.WHAT,):
        return Choice(topics, _summary(facts), is_beyond)
    return Choice(topics, _of(topics, query, facts), is_beyond)


def _is_follow_up(query: str) -> bool:
    return bool(re.match(r"\s*(and|or|what about|how about|also|for)\b", query, re.IGNORECASE))


def _of(topics: Sequence[Topic], query: str, facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """Of each topic those facts whose names are mentioned most; all of it where none is. WHAT only if alone."""
    wanted: Sequence[Topic] = [topic for topic in topics if topic is not Topic.WHAT] or topics
    if {Topic.RANGE, Topic.COUNT} & set(wanted) and (values := _values(query, facts)):
        return values
    found: list[Fact] = []
    for topic in wanted:
        there = [fact for fact in facts if fact.topic is topic]
        found += _mentioned(query, there) or [fact for fact in there if not _is_detail(fact)] or there
    return tuple(found)


def _values(query: str, facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """The single values whose places are mentioned."""
    return tuple(_mentioned(query, [fact for fact in facts if fact.topic is Topic.VALUE]))


def _is_detail(fact: Fact) -> bool:
    """Single packages and bars are told of only when they are asked for."""
    return fact.topic in (Topic.PACKAGES, Topic.VALUE) and bool(fact.names)


def _mentioned(query: str, facts: Sequence[Fact]) -> list[Fact]:
    """The facts of which the most names occur in the question; none where none does."""
    found = _WORD.findall(query.lower().replace("'s", ""))
    words = f" {' '.join(found)} ".replace(". ", " ")
    facts = [fact for fact in facts if all(f" {name} " in words for name in fact.needs)]
    counts = [sum(f" {name} " in words for name in fact.names - _EMPTY) for fact in facts]
    most = max(counts, default=0)
    return [fact for fact, count in zip(facts, counts, strict=True) if count == most] if most else []


def _summary(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    found: list[Fact] = []
    for topic in _SUMMARY:
        found += [fact for fact in facts if fact.topic is topic][: _MOST_OF_SUMMARY[topic]]
    return tuple(found)
