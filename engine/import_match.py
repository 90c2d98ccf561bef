"""Say what a heading, a status or a name probably means, and how sure that is.

What
    `suggest_target` maps a heading to a field, `detect_kind` a whole heading to the
    kind of file, `suggest_status` a status word to its outcome, and `NameIndex` finds
    the names that equal a name, or nearly do.

How to use
    Equal names may be matched without asking. Near names are only ever *shown*, with
    their similarity: "GTXPro" and "GTX Pro" are probably the same product, "GTX Plus
    Pro" is not, and no program can know.

Plain Python: no Odoo, so it can be tested, and used, without a database.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Any, NamedTuple

NEAR = 0.86
# How many trigrams of a name are looked up, and how many names compared with it.
RARE_GRAMS = 8
CANDIDATES = 12

#: For every kind of file: the field, and how other systems head that column.
HEADERS: dict[str, dict[str, str]] = {
    "deals": {
        "external_id": "opportunity id|deal id|id|external id|record id|deal number|"
        "opportunity number|crm id|reference|deal record id|商机编号|编号",
        "name": "opportunity|opportunity name|deal|deal name|deal title|title|name|"
        "subject|topic|商机名称|项目名称",
        "customer": "account|account name|customer|customer name|company|company name|"
        "organization|organisation|client|associated company|客户|客户名称|公司",
        "product": "product|product name|item|main product|产品|产品名称",
        "salesperson": "sales agent|salesperson|sales person|sales rep|rep|owner|"
        "deal owner|opportunity owner|account executive|assigned to|seller|销售|销售员|"
        "业务员|负责人",
        "manager": "manager|sales manager|team leader|supervisor|经理|销售经理",
        "team": "team|sales team|group|department|团队|销售团队|部门",
        "stage": "deal stage|stage|sales stage|pipeline stage|phase|stage name|阶段|"
        "销售阶段",
        "status": "status|deal status|state|outcome|result|won lost|状态|结果",
        "date_created": "created|create date|created date|created on|created at|"
        "date created|creation date|open date|start date|创建日期|创建时间",
        "date_entered": "engage date|engaged|entered stage|stage date|stage entered|"
        "last stage change|stage change date|last stage change date|进入阶段日期",
        "date_closed": "close date|closed|closed date|date closed|actual close date|"
        "closed on|won date|won time|end date|关闭日期|成交日期",
        "date_deadline": "expected close date|expected closing|expected close|"
        "forecast date|estimated close date|预计成交日期",
        "amount": "close value|amount|value|deal value|deal amount|revenue|"
        "expected revenue|price|total|opportunity amount|金额|成交金额|商机金额",
        "lost_reason": "lost reason|loss reason|reason lost|closed lost reason|"
        "输单原因",
        "email": "email|e mail|contact email|邮箱",
        "phone": "phone|telephone|mobile|电话|手机",
        "note": "notes|note|description|comment|comments|备注|描述",
        "ignore": "row|reason|why it was rejected|行|原因",
    },
    "customers": {
        "name": "account|account name|customer|customer name|company|company name|"
        "name|organization|organisation|client|客户|客户名称|公司",
        "industry": "sector|industry|branch|vertical|行业",
        "country": "office location|country|location|billing country|国家",
        "city": "city|town|billing city|城市",
        "parent": "subsidiary of|parent|parent account|parent company|母公司",
        "website": "website|web site|url|domain|网站",
        "email": "email|e mail|邮箱",
        "phone": "phone|telephone|电话",
        "note": "employees|number of employees|year established|founded|revenue|"
        "annual revenue|notes|description|员工人数|备注",
    },
    "products": {
        "name": "product|product name|name|item|产品|产品名称",
        "code": "code|sku|product code|item number|internal reference|产品编码",
        "category": "series|category|product category|family|product family|line|"
        "产品类别|系列",
        "price": "sales price|price|list price|unit price|价格|单价",
    },
    "people": {
        "name": "sales agent|salesperson|sales person|sales rep|rep|name|owner|"
        "employee|销售|销售员|姓名",
        "manager": "manager|sales manager|team leader|supervisor|reports to|经理",
        "team": "team|sales team|group|团队|部门",
        "region": "regional office|region|office|area|territory|branch|大区|区域",
        "email": "email|e mail|login|邮箱",
    },
}

_WON = (
    "won|closed won|win|success|successful|signed|sold|gewonnen|gagne|赢单|成交|已成交"
)
_LOST = (
    "lost|closed lost|loss|failed|dead|rejected|disqualified|abandoned|cancelled|"
    "canceled|no decision|verloren|perdu|输单|丢单|失败"
)
_EARLY = (
    "new|prospecting|prospect|lead|open|identified|suspect|incoming|initial contact|"
    "appointment scheduled|新建|潜在"
)
_MIDDLE = (
    "qualified|engaging|engaged|qualification|contacted|discovery|working|in progress|"
    "needs analysis|demo|meeting|qualified to buy|presentation scheduled|跟进|需求确认"
)
_LATE = (
    "proposal|proposition|quote|quoted|quotation|negotiation|negotiating|offer|"
    "contract sent|decision maker bought in|verbal|commit|报价|谈判|商务谈判"
)

#: Trades as people write them: the only use is to notice a likely typing error.
SECTORS = (
    "agriculture|automotive|banking|chemicals|construction|consulting|defence|education|"
    "electronics|employment|energy|engineering|entertainment|finance|food|government|"
    "healthcare|hospitality|insurance|legal|logistics|manufacturing|marketing|media|"
    "medical|mining|pharmaceuticals|real estate|retail|services|software|sports|"
    "technology|telecommunications|transportation|travel|utilities|wholesale"
).split("|")


#: Legal forms and the like: they say nothing about whether two names mean the same.
LEGAL_FORMS = frozenset(
    "ag bv co company corp corporation gmbh group holding holdings inc kg limited llc "
    "llp ltd nv oy plc pty sa sarl sas spa srl the".split()
)


def name_key(text: str) -> str:
    """What makes two spellings the same name: not case, width or spaces.

    >>> name_key("  ACME   Corp ") == name_key("Acme corp")
    True
    """
    return " ".join(unicodedata.normalize("NFKC", text or "").casefold().split())


def squash(text: str) -> str:
    """Letters and digits only, without accents.

    >>> squash("GTX-Pro"), squash("Société Générale"), squash("三一 重工")
    ('gtxpro', 'societegenerale', '三一重工')
    """
    plain = unicodedata.normalize("NFKD", name_key(text))
    return "".join(char for char in plain if char.isalnum())


def core(text: str) -> str:
    """A name squashed, without legal form: what people say when they say it.

    >>> core("The Acme Corporation"), core("ACME Corp."), core("Holding AG")
    ('acme', 'acme', 'holdingag')
    """
    words = re.split(r"[\s.,&]+", name_key(text))
    kept = [word for word in words if word not in LEGAL_FORMS]
    return squash(" ".join(kept)) or squash(text)


def _words(text: str) -> str:
    """A heading as words: "closeDate" and "close_date" are "close date"."""
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text or "")
    return " ".join(re.sub(r"[\W_]+", " ", name_key(text)).split())


class Suggestion(NamedTuple):
    """What a heading probably is; `score` 1.0 means it stands in the list."""

    target: str
    score: float


_LOOKUP = {
    kind: {
        word: target for target, words in targets.items() for word in words.split("|")
    }
    for kind, targets in HEADERS.items()
}


def suggest_target(kind: str, header: str) -> Suggestion:
    """The field a heading of this kind of file most likely means.

    >>> [suggest_target("deals", name).target for name in
    ...  ("opportunity_id", "sales_agent", "dealStage", "engage_date", "close_value")]
    ['external_id', 'salesperson', 'stage', 'date_entered', 'amount']
    >>> suggest_target("deals", "Deal Onwer").target, suggest_target("deals", "hobby")
    ('salesperson', Suggestion(target='', score=0.0))
    """
    lookup = _LOOKUP[kind]
    words = _words(header)
    if words in lookup:
        return Suggestion(lookup[words], 1.0)
    best = Suggestion("", 0.0)
    for word, target in lookup.items():
        if len(word) < 5 or len(words) < 5:
            continue
        score = similarity(word, words)
        if score >= NEAR and score > best.score:
            best = Suggestion(target, round(score, 2))
    return best


def suggest_targets(kind: str, headers: list[str]) -> list[str]:
    """A field for every heading; each field once, the surest heading wins.

    >>> suggest_targets("deals", ["id", "deal_id", "close_date", "colour"])
    ['external_id', '', 'date_closed', '']
    """
    found = [suggest_target(kind, header) for header in headers]
    owner: dict[str, int] = {}
    for index, (target, score) in enumerate(found):
        if target and (target not in owner or score > found[owner[target]].score):
            owner[target] = index
    repeatable = {"note", "ignore"}
    return [
        target if target in repeatable or owner.get(target) == index else ""
        for index, (target, _score) in enumerate(found)
    ]


def detect_kind(headers: list[str]) -> str:
    """The kind of file a heading belongs to, "" when it looks like none.

    >>> detect_kind("opportunity_id,sales_agent,product,account,deal_stage".split(","))
    'deals'
    >>> detect_kind(["account", "sector", "employees"])
    'customers'
    >>> detect_kind(["product", "series", "sales_price"])
    'products'
    >>> detect_kind(["sales_agent", "manager", "regional_office"])
    'people'
    >>> detect_kind(["accounts", "Column 2", "Column 3"])
    ''
    """
    needed = {
        "deals": {"stage", "status", "amount", "date_closed", "external_id"},
        "customers": {"industry", "country", "parent", "website", "note", "city"},
        "products": {"price", "category", "code"},
        "people": {"manager", "team", "region"},
    }
    best, best_count = "", 1
    for kind, telling in needed.items():
        targets = {target for target in suggest_targets(kind, headers) if target}
        if kind == "deals":
            proven = len(targets & telling) >= 2 or bool(targets & {"stage", "status"})
        else:
            proven = "name" in targets and bool(targets & telling)
        count = len(targets - {"ignore"})
        if proven and count > best_count:
            best, best_count = kind, count
    return best


class Status(NamedTuple):
    """A status word: its outcome, and for an open one how far along (0 to 1)."""

    outcome: str
    position: float | None = None


_STATUS = {
    word: status
    for words, status in (
        (_WON, Status("won")),
        (_LOST, Status("lost")),
        (_EARLY, Status("open", 0.0)),
        (_MIDDLE, Status("open", 0.5)),
        (_LATE, Status("open", 1.0)),
    )
    for word in words.split("|")
}


def suggest_status(text: str) -> Status:
    """What a stage or status word says about the deal; "" when nothing is known.

    >>> suggest_status("Closed - Won"), suggest_status("LOST").outcome
    (Status(outcome='won', position=None), 'lost')
    >>> suggest_status("Prospecting"), suggest_status("Step 4")
    (Status(outcome='open', position=0.0), Status(outcome='', position=None))
    """
    return _STATUS.get(_words(text), Status(""))


# --------------------------------------------------------------------------------------
# Names
# --------------------------------------------------------------------------------------


class Near(NamedTuple):
    """A name that is probably meant; `score` 1.0 means only spelled apart."""

    name: str
    ref: Any
    score: float


def similarity(one: str, other: str) -> float:
    """How alike two names are, from 0 to 1, whatever their spaces and accents.

    >>> similarity("GTXPro", "GTX Pro"), round(similarity("technolgy", "Technology"), 2)
    (1.0, 0.95)
    >>> similarity("GTX Pro", "GTX Plus Pro") < NEAR
    True
    >>> similarity("Acme Corp", "ACME Corporation"), similarity("Alba Ltd", "Elco Ltd")
    (1.0, 0.25)
    """
    return _likeness(core(one), core(other))


def _likeness(left: str, right: str, floor: float = 0.0) -> float:
    """Likeness of two squashed names; 0 where it is surely below ``floor``."""
    if left == right:
        return 1.0 if left else 0.0
    if floor and 2 * min(len(left), len(right)) < floor * (len(left) + len(right)):
        return 0.0
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= floor else 0.0


class NameIndex:
    """Known names, to be asked for equal and for near ones.

    Near names are found through their rarest trigrams, so that a file with thousands
    of customers is compared with a handful of candidates each, not with all.

    >>> index = NameIndex([("GTX Pro", 1), ("GTX Plus Pro", 2)])
    >>> index.exact("gtx pro"), index.exact("GTXPro")
    ([1], [])
    >>> index.near("GTXPro")
    [Near(name='GTX Pro', ref=1, score=1.0)]
    """

    def __init__(self, names: Iterable[tuple[str, Any]]):
        self._names: list[tuple[str, Any, str]] = []
        self._by_key: dict[str, list[Any]] = defaultdict(list)
        self._by_gram: dict[str, set[int]] = defaultdict(set)
        for name, ref in names:
            if not name:
                continue
            self._by_key[name_key(name)].append(ref)
            plain = core(name)
            for gram in self._grams(plain):
                self._by_gram[gram].add(len(self._names))
            self._names.append((name, ref, plain))

    @staticmethod
    def _grams(plain: str) -> set[str]:
        text = f"  {plain} "
        return {text[index : index + 3] for index in range(len(text) - 2)}

    def exact(self, name: str) -> list[Any]:
        """Every reference whose name differs at most in case and spaces."""
        return self._by_key.get(name_key(name), [])

    def near(self, name: str, limit: int = 3) -> list[Near]:
        """The names most like this one, best first, equal names left out."""
        plain = core(name)
        postings = (self._by_gram.get(gram) for gram in self._grams(plain))
        rarest = sorted(filter(None, postings), key=len)[:RARE_GRAMS]
        shared = Counter(index for posting in rarest for index in posting)
        key = name_key(name)
        found = []
        for index, _count in shared.most_common(CANDIDATES):
            other, ref, other_plain = self._names[index]
            score = _likeness(plain, other_plain, floor=NEAR)
            if score >= NEAR and name_key(other) != key:
                found.append(Near(other, ref, round(score, 2)))
        return sorted(found, key=lambda near: -near.score)[:limit]
