# ruff: noqa: RUF001 - text of many scripts
"""Write text of a wanted length, in the script of the prompt."""

import random

from assisters_verify.reference.model.text import find_script

# Enough words for text that reads as text; what they say does not matter.
_WORDS: dict[str, str] = {
    "LATIN": "the answer begins with a small idea and grows as each part meets another until the whole picture can be "
    "seen by anyone who looks at it with care because simple rules often explain far more than they seem to",
    "CYRILLIC": "ответ начинается с простой идеи и растёт пока каждая часть встречает другую чтобы все увидели целое",
    "GREEK": "η απάντηση αρχίζει με μια απλή ιδέα και μεγαλώνει καθώς κάθε μέρος συναντά ένα άλλο ώστε να φανεί το όλο",
    "ARABIC": "تبدأ الإجابة بفكرة بسيطة ثم تنمو حين يلتقي كل جزء بجزء آخر حتى تظهر الصورة كاملة لكل من ينظر",
    "HEBREW": "התשובה מתחילה ברעיון פשוט וגדלה כאשר כל חלק פוגש חלק אחר עד שהתמונה כולה נראית לכל מי שמביט",
    "DEVANAGARI": "उत्तर एक सरल विचार से शुरू होता है और बढ़ता है जब हर भाग दूसरे से मिलता है ताकि पूरी तस्वीर दिखे",
    "THAI": "คำตอบ เริ่ม จาก ความคิด ง่าย และ เติบโต เมื่อ แต่ละ ส่วน พบ กัน จน เห็น ภาพ ทั้งหมด",
    "HANGUL": "대답은 간단한 생각에서 시작하여 각 부분이 서로 만나면서 자라고 마침내 전체 그림이 보입니다",
    "JAPANESE": "答えは 簡単な 考えから 始まり 部分が 互いに 出会い やがて 全体の 姿が 見えてきます",
    "CJK": "答案 从 一个 简单 的 想法 开始 各 部分 相遇 之后 整体 便 清楚 地 显现 出来",
}
# How an answer opens before it quotes the prompt.
_OPENINGS: dict[str, str] = {
    "LATIN": "Here is an answer to your message",
    "CYRILLIC": "Вот ответ на ваше сообщение",
    "GREEK": "Ορίστε μια απάντηση στο μήνυμά σας",
    "ARABIC": "إليك إجابة على رسالتك",
    "HEBREW": "הנה תשובה להודעה שלך",
    "DEVANAGARI": "यह आपके संदेश का उत्तर है",
    "THAI": "นี่คือคำตอบสำหรับข้อความของคุณ",
    "HANGUL": "메시지에 대한 답입니다",
    "JAPANESE": "ご質問への答えです",
    "CJK": "这是对您消息的回答",
}
_QUOTED_WORDS = 200
_SENTENCE_WORDS = 12


def write_words(count: int, *, prompt: str, seed: int) -> str:
    """Return exactly ``count`` words, the same for the same prompt and seed."""
    stock = _WORDS[_known_script(prompt)].split()
    chance = random.Random(f"{seed}/{prompt}")  # noqa: S311 - text, no secret
    words = chance.choices(stock, k=count)
    for i in range(0, count, _SENTENCE_WORDS):
        words[i] = words[i].capitalize()
        end = min(i + _SENTENCE_WORDS, count) - 1
        words[end] += "."
    return " ".join(words)


def write_answer(prompt: str, *, seed: int) -> str:
    """Return a short answer that quotes the prompt, so that answers to different prompts differ."""
    words = prompt.split()
    quoted = prompt.strip() if len(words) <= _QUOTED_WORDS else " ".join(words[:_QUOTED_WORDS]) + " …"
    opening = _OPENINGS[_known_script(prompt)]
    return f"{opening}: {quoted}\n\n{write_words(2 * _SENTENCE_WORDS, prompt=prompt, seed=seed)}"


def _known_script(prompt: str) -> str:
    script = find_script(prompt)
    return script if script in _WORDS else "LATIN"
