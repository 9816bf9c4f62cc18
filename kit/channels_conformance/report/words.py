"""The few words that reports put around the catalogue's own texts, in each of its languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from channels_conformance.claims import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORDS: Mapping[str, Text] = {
    # A failing spec
    "found": Text("Found", "發現"),
    "reason": Text("Reason", "原因"),
    "happened": Text("What happened", "經過"),
    "script": Text("The smallest stream that breaks it", "足以違反的最短操作序列"),
    "server traceback": Text("The server's own traceback", "伺服器自己的 traceback"),
    "repeat": Text("Repeat it with", "重現指令"),
    "traceback": Text("The spec's traceback", "規格程式的 traceback"),
    # A card
    "level": Text("Level", "等級"),
    "scope": Text("Scope", "範圍"),
    "source": Text("Source", "出處"),
    "says": Text("What the notes say", "筆記怎麼說"),
    "so": Text("What is so", "實際情形"),
    "why": Text("Why it matters", "為什麼重要"),
    "question": Text("Question", "想一想"),
    "hint": Text("Hint", "提示"),
    "answer": Text("Answer", "解答"),
    "read": Text("Where to read", "延伸閱讀"),
    "deviations": Text("Known deviations", "已知的平台差異"),
    "nothing": Text("Nothing.", "沒有提到。"),
    "judged": Text("Judged by", "由誰評判"),
    # Verdicts on the notes
    "confirmed": Text("confirmed", "屬實"),
    "qualified": Text("qualified", "有條件屬實"),
    "refuted": Text("refuted", "不屬實"),
    "silent": Text("silent", "未提及"),
    # The document and its table
    "catalogue": Text("The claims of channels-conformance", "channels-conformance 的主張"),
    "statements": Text("The statements of the notes", "筆記的陳述"),
    "there": Text("there", "筆記編號"),
    "here": Text("here", "本目錄編號"),
    "spec": Text("spec", "規格"),
    "verdict": Text("the notes are", "筆記是否屬實"),
    "figure": Text("figure", "數據"),
    "none": Text("none", "無"),
    "pending": Text("none yet", "尚無"),
    # The table of servers
    "claim": Text("Claim", "主張"),
    "yes": Text("yes", "是"),
    "no": Text("no", "否"),
    "unmeasured": Text("not a matter of measuring", "無從測量"),
}


def word(key: str, language: str) -> str:
    """Return a word in ``language``, ``en`` or ``zh-Hant``."""
    return _WORDS[key].in_(language)
