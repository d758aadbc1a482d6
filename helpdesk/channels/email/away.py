"""Whether a subject is one that a program puts over an absence note or a receipt, in the languages people use.

A phrase alone is not enough, for people write about such things too: what follows it must be the end, a sign, a name or
one of the few words that programs go on with. Called by `auto`.
"""

from __future__ import annotations

import re

_OPENING = r"^\W*(?:\[[^\]]{1,40}\]\s*)?(?:(?:re|aw|sv|vs|antw|odp)\s*:\s*)?"
# What a program says of its own answer; endings may follow in the languages that have them.
_ANSWERS = re.compile(
    _OPENING
    + r"""(?ix:
    (?:out[ ]of[ ](?:the[ ])?office | automatic(?:ally)?[ ](?:generated[ ])?(?:reply|response|answer|e?-?mail) | auto(?:matic)?[ -]?(?:reply|response|responder|antwort|svar|vastaus)\b |
    automated[ ](?:reply|response|message|answer) | autoreply | i(?:[ ]am|'m|[ ]will[ ]be)[ ](?:currently[ ])?(?:on[ ]|away[ ]on[ ])?(?:vacation|holiday|annual[ ]leave|out[ ]of[ ](?:the[ ])?office)\b | vacation[ ](?:reply|message|notice) | away[ ]from[ ](?:my|the)[ ](?:mail|desk|office) |
    abwesen(?:heit|d) | automatische[ ](?:antwort|e?-?mail|nachricht|r?eply) | (?:ich[ ]bin[ ])?nicht[ ]im[ ](?:büro|haus) |
    réponse[ ](?:automatique|d'absence) | absence[ ]du[ ]bureau | absent(?:e)?[ ]du[ ]bureau | message[ ]d'absence |
    respuesta[ ](?:autom|de[ ]ausencia) | fuera[ ]de[ ](?:la[ ])?oficina | ausencia[ ]de[ ](?:la[ ])?oficina | resposta[ ]autom | fora[ ]do[ ]escrit | ausente[ ]do | risposta[ ]autom | fuori[ ]sede | fuori[ ]ufficio | assenza[ ]dall | erantzun[ ]automat |
    automatisch[ ]antwoord | afwezig | niet[ ]aanwezig | autosvar | automatiskt?[ ]svar | sjálfvirkt[ ]svar | frånvaro | frånvarande | ej[ ]på[ ]kontoret | inte[ ]på[ ]kontoret | fravær | ikke[ ]på[ ]kontoret | ikke[ ]til[ ]stede | automaattinen[ ]vastaus | poissa | automaatvastus | kontorist[ ]väljas |
    automatyczna[ ]odpowied | odpowiedź[ ]automatyczn | autoodpowied | nieobecno | poza[ ]biurem | automatická[ ]odpov | odpověď[ ]v[ ]nepřítomn | mimo[ ]kancel | nepřítomnost | automatikus[ ]válasz | házon[ ]kívül | irodán[ ]kívül | răspuns[ ]automat | absent[ ]de[ ]la[ ]birou |
    авто(?:матический[ ])?ответ | автоматична[ ]відповідь | автовідповідь | отсутстви | вне[ ]офиса | автоматичен[ ]отговор | αυτόματη[ ]απάντηση | εκτός[ ]γραφείου | otomatik[ ](?:yanıt|cevap) | (?:ofis|i[\u0307]?şyeri)[ ]dışı | аутоматски[ ]одговор |
    automatsk[io][ ]odgovor | samodejni[ ]odgovor | automātiska[ ]atbilde | automatinis[ ]atsakym | balasan[ ]automati[ks] | balasan[ ]otomatis | jawaban[ ]otomatis | trả[ ]lời[ ]tự[ ]động | स्वचालित[ ](?:उत्तर|प्रत्युत्तर)
    )(?P<ending>\w*)"""
    + ")",
    re.IGNORECASE,
)
# What leaves no doubt, whatever follows; most of it from languages that know no capitals.
_CERTAIN = re.compile(
    _OPENING
    + r"""(?ix:
    自动(?:回复|答复) | 自動(?:回覆|返信|応答|回復) | 不在(?:通知|のお知らせ|のため) | 外出(?:中|のため) | (?:不在|外出|外出先|休暇)\s*(?:[:：]|$) | 자동[ ]?(?:회신|응답|답장) | 부재[ ]?중 | رد[ ]تلقائي | تلقائي\s*: | پاسخ[ ]خودکار | תשובה[ ]אוטומטית | מענה[ ]אוטומטי | ตอบกลับอัตโนมัติ | การตอบกลับอัตโนมัติ |
    auto[ ]?:[ ] | (?:on[ ](?:vacation|(?:a[ ])?holiday|leave|annual[ ]leave)|vacation|away|ausencia|abwesenheit)\s*(?:[:：]|$|\(|(?:until|till|from)\b) |
    (?:read|gelesen|lu|leído|lida|letto|gelezen|läst|lest|читано|прочтено|прочитано)\s?:\s
    )""",
    re.IGNORECASE,
)
_BEHIND = re.compile(r"[\[(](?:auto(?:matic)?[ -]?(?:reply|response)|out of (?:the )?office)[\])]\s*$", re.IGNORECASE)
_SOMEBODY_IS = re.compile(
    r"(?i) (?:is (?:currently )?(?:out of (?:the )?office|on vacation|on holiday|on leave)|"
    r"ist (?:außer haus|nicht im (?:büro|haus)|abwesend)|est absente?(?:\(e\))?)\s*"
    r"(?:$|[.!(,:]\s*(?:$|re)|(?:until|till|from|bis|vom|jusqu)\b)"
)
_GO_ON = frozenset(
    "re from for to until till of reply message notice notification response answer email mail note bis vom von der des vor til till från fra du de del di da od z ze do от до".split()
)


def is_away(subject: str) -> bool:
    """`Automatic reply: Printer` is; `Automatic replies do not work` is somebody's question."""
    if _CERTAIN.match(subject) or (subject.endswith((")", "]")) and _BEHIND.search(subject)):
        return True
    return _is_answer(subject) or bool(":" not in subject and _SOMEBODY_IS.search(subject))


def _is_answer(subject: str) -> bool:
    found = _ANSWERS.match(subject)
    if found is None:
        return False
    word = re.match(r"\s+([^\W\d_]+)", subject[found.end() :])
    return word is None or not word[1][0].islower() or word[1] in _GO_ON
