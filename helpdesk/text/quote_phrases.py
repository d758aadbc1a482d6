"""What mail programs write around quoted messages, in the languages people use. Data for `quotes`, nothing else.

A phrase is a hint: every rule that uses one also asks for a shape (a date, an address, a colon at the end, lines quoted
below), so a language that is missing here is still cut where its shape is clear.
"""

from __future__ import annotations

import re

from helpdesk.text.plain import normal

ADDRESS = re.compile(r"@|mailto:")
# A moment: a time of day, a year, or a date in figures.
MOMENT = re.compile(
    r"\b\d{1,2}[:.h]\d{2}\b|\b(?:19|20)\d\d\b|\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b|\d年|[\u0660-\u0669\u06f0-\u06f9]{1,2}:"
)

WROTE = (
    "wrote", "writes", "said", "schrieb", "schrieben", "a écrit", "a ecrit", "écrivait", "escribió", "escribio", "ha escrito", "escreveu",
    "scrisse", "ha scritto", "schreef", "heeft het volgende geschreven", "geschreven", "skrev", "skrifaði", "kirjoitti", "kirjutas",
    "rakstīja", "rašė", "napisał", "napisała", "napisał(a)", "napisał/a", "napisal", "napisala", "napisal(a)", "napsal", "napsala",
    "napsal(a)", "napísal", "napísal(a)", "je napisao", "je napisao/la", "je napisala", "napisao", "је написао", "написао", "je napisal", "a scris",
    "írta", "ezt írta", "написал", "написал(а)", "написала", "пише", "писал", "пишет", "написав", "написав(ла)", "напісаў", "έγραψε",
    "έγραψαν", "yazdı", "yazmış", "şunu yazdı", "shkroi", "کتب", "كتب", "نوشت", "ने लिखा", "লিখেছেন", "כתב", "כתבה", "כתב/ה", "مكتوب",
    "写道", "寫道", "写到", "のメール", "wrote (", "さんは書きました", "작성", "님이 작성", "viết", "đã viết", "menulis", "tulis", "เขียนว่า", "rašo", "schreibt", "pisze", "написа", "је написао/ла",
    "је написала", "napisao/la", "wiadomość napisana przez", "missatge de", "idatzi zuen",
)  # fmt: skip
_OPENERS = (
    "on", "le", "el", "am", "em", "il", "op", "den", "dne", "dnia", "w dniu", "la", "în", "pe", "v", "on the", "a", "στις", "в", "пн", "вт",
    "ср", "чт", "пт", "сб", "вс", "pada", "vào", "em", "no dia", "dana", "u", "at", "kl", "ter", "seg", "qua", "qui", "sex", "sáb", "dom", "på",
    "í", "þann", "på", "tor", "fre", "lør", "lör", "søn", "sön", "man", "mån", "tir", "tis", "ons", "på", "le", "ב", "בתאריך", "في", "در",
)  # fmt: skip

FROM_LABELS = frozenset(
    """from von de da van fra från frá od от від ад mittente lähettäjä saatja no nuo feladó expeditor από kimden gönderen kimden 发件人 寄件者 寄件人 差出人
    보낸사람 보낸 사람 مِن من از מאת dari từ จาก afzender expéditeur remitente odesílatel pošiljatelj nadawca avsender avsändare afsender verzonden door dal""".split()
) | {"보낸 사람", "verzonden door"}
DATE_LABELS = frozenset(
    """sent date gesendet datum envoyé envoye enviado enviada data fecha inviato verzonden sendt dato skickat senast wysłano wyslano data odesláno
    odoslané отправлено дата дата: надіслано sent: poslano poslato lähetetty päiväys päivämäärä saadetud kuupäev nosūtīts datums išsiųsta küldve dátum elküldve
    trimis ημερομηνία στάλθηκε tarih gönderme gönderildi 发送时间 日期 時間 时间 寄件日期 送信日時 日時 보낸날짜 날짜 التاريخ تاريخ تاریخ תאריך נשלח tanggal dikirim ngày
    วันที่ le am sendt: dags dagsetning zeit""".split()
) | {"发送时间", "gönderme tarihi", "tarih"}
HEAD_LABELS = (
    FROM_LABELS
    | DATE_LABELS
    | frozenset(
        """to cc bcc subject an kopie betreff à a copie objet para asunto assunto oggetto aan onderwerp til emne till kopia ämne ämnet do dw temat do: wdw
        komu předmět predmet kopie kopija za kome zadeva tema кому копия тема копія vastaanottaja kopio aihe kellele koopia teema kam temats kam: kopija
        kam tema címzett másolat tárgy către subiect προς θέμα κοιν kime bilgi konu 收件人 抄送 主题 主題 收件者 副本 主旨 宛先 件名 받는사람 받는 참조 제목 إلى الى الموضوع نسخة
        به موضوع אל עותק נושא kepada perihal subjek đến chủ đề ถึง เรื่อง reply-to réponse répondre envoyé par importance priority attachments viðfangsefni efni
        ai a: oggetto: cópia copia message-id organization newsgroups""".split()
    )
    | {"받는 사람", "chủ đề", "reply to", "répondre à", "responder a"}
)
# A journey has `From`, `To` and `Date` too; a message without an address in its head has a subject.
SUBJECT_LABELS = frozenset(
    """subject betreff objet asunto assunto oggetto onderwerp emne ämne ämnet temat předmět predmet zadeva тема aihe teema tēma temats tema tárgy subiect θέμα konu
    主题 主題 主旨 件名 제목 الموضوع موضوع נושא perihal subjek เรื่อง viðfangsefni efni assumpte gaia""".split()
) | {"chủ đề"}

_ORIGINAL = (
    "original message", "original appointment", "forwarded message", "forwarded by", "begin forwarded message", "reply message", "replied message", "ursprüngliche nachricht",
    "originalnachricht", "ursprungliche nachricht", "original-nachricht", "weitergeleitete nachricht", "message d'origine", "message original",
    "message transféré", "message transmis", "mensaje original", "mensaje reenviado", "mensagem original", "mensagem encaminhada", "mensagem reencaminhada", "messaggio originale",
    "messaggio inoltrato", "messaggio originario", "oorspronkelijk bericht", "origineel bericht", "doorgestuurd bericht", "oprindelig meddelelse", "original meddelelse",
    "videresendt meddelelse", "videresendt besked", "opprinnelig melding", "ursprungligt meddelande", "originalmeddelande", "ursprungsmeddelande", "vidarebefordrat meddelande",
    "alkuperäinen viesti", "välitetty viesti", "algne kiri", "algne teade", "algne sõnum", "originalus laiškas", "oriģinālais ziņojums", "wiadomość oryginalna",
    "oryginalna wiadomość", "wiadomość przekazana", "przekazana wiadomość", "treść przekazanej wiadomości", "původní zpráva", "původní e-mail", "přeposlaná zpráva", "pôvodná správa",
    "preposlaná správa", "izvorna poruka", "originalna poruka", "izvirno sporočilo", "eredeti üzenet", "továbbított üzenet", "mesaj original", "mesajul original", "mesaj redirecționat",
    "исходное сообщение", "пересылаемое сообщение", "пересланное сообщение", "перенаправленное сообщение", "оригинальное сообщение", "початкове повідомлення", "оригінальне повідомлення",
    "оригинално съобщение", "αρχικό μήνυμα", "προωθημένο μήνυμα", "orijinal mesaj", "özgün ileti", "özgün mesaj", "iletilen mesaj", "yönlendirilen ileti", "رسالة أصلية", "الرسالة الأصلية",
    "پیام اصلی", "הודעה מקורית", "原始邮件", "原始郵件", "原始信件", "邮件原件", "转发邮件", "转发的邮件", "元のメッセージ", "オリジナルメッセージ", "원본 메시지", "원본 메일", "원본메시지", "pesan asli",
    "tin nhắn gốc", "thư gốc", "ข้อความต้นฉบับ", "upprunaleg skilaboð", "quoted message", "weitergeleitete e-mail", "reply above",
)  # fmt: skip

_REPLY_MARKERS = (
    "reply above this line", "reply above the line", "please type your reply above", "type your reply above", "write a reply above", "please reply above this line",
    "add your comment above this line", "antworten sie über dieser zeile", "bitte antworten sie oberhalb dieser zeile", "bitte schreiben sie ihre antwort über diese zeile",
    "antwort bitte über dieser linie", "répondez au-dessus de cette ligne", "répondre au-dessus de cette ligne", "responda por encima de esta línea", "responda encima de esta línea",
    "escriba su respuesta por encima de esta línea", "rispondi sopra questa riga", "rispondere sopra questa riga", "responda acima desta linha", "antwoord boven deze lijn",
    "antwoord boven deze regel", "typ uw antwoord boven deze regel", "svara ovanför denna linje", "svar over denne linje", "svar over denne linjen", "kirjoita vastauksesi tämän rivin yläpuolelle",
    "palun vastake selle rea kohale", "vastake selle rea kohale", "odpowiedz powyżej tej linii", "odpovězte nad tímto řádkem", "ответьте выше этой строки", "пишите ответ выше этой строки",
    "напишите ответ выше этой линии", "відповідайте вище цього рядка", "bu satırın üzerine yanıt", "请在此行上方回复", "この行より上に返信", "이 줄 위에 답장", "atbildiet virs šīs rindas", "rašykite virš šios eilutės",
)  # fmt: skip

_SENT_FROM = (
    r"sent (?:from|via|with|using|by|on) (?:my |an? |the )?(?:\S+ ){0,6}\S+", r"get outlook for \S+.*", r"(?:von|mit) mein\w* \S+(?: \S+){0,5} gesendet", r"gesendet (?:von|mit|aus|über) .{2,60}",
    r"diese nachricht wurde von meine\w* .{2,60} gesendet.*", r"von unterwegs gesendet.*", r"envoyé (?:de|depuis|à partir de|avec|via) .{2,60}", r"télécharger outlook pour .*", r"enviado (?:do|da|de|desde|a partir|com|con|via|pelo) .{2,60}",
    r"obtener outlook para .*", r"obter o? ?outlook para .*", r"inviato (?:da|dal|dallo|con) .{2,60}", r"scarica outlook per .*", r"verzonden (?:vanaf|vanuit|met|van|via) .{2,60}", r"verstuurd (?:vanaf|vanuit|met|van|via) .{2,60}",
    r"(?:sendt|skickat|skickades|sänt|lähetetty|sendt) (?:fra|från|med|via|iphonesta) ?.{0,60}", r"lähetetty .{2,60}", r"saadetud .{2,60}", r"wysłan[eoay] (?:z|ze|przy) .{2,60}", r"odesláno (?:z|ze|pomocí) .{2,60}", r"odoslané z .{2,60}",
    r"отправлено (?:с|из|от) .{2,60}", r"послано (?:с|из) .{2,60}", r"надіслано (?:з|із) .{2,60}", r"iphone'?(?:um)?(?:dan|den)? gönderildi", r"\S+ cihazımdan gönderildi", r"изпратено от .{2,60}", r"trimis (?:de pe|din|cu) .{2,60}",
    r"poslano (?:z|s|sa) .{2,60}", r"послато са .{2,60}", r"az? .{2,40} küldve", r"elküldve .{2,60}", r"στάλθηκε από .{2,60}", r"nosūtīts no .{2,60}", r"išsiųsta iš .{2,60}", r"发自我的.{1,40}", r"從我的.{1,40}傳送", r"iphoneから送信",
    r".{1,20}から送信", r"나의 .{1,20}에서 보냄", r".{1,20}에서 보냄", r"נשלח מה.{1,40}", r"مرسل من .{1,40}", r"أرسلت من .{1,40}", r"dikirim dari .{2,60}", r"gửi từ .{2,60}", r"ส่งจาก .{1,40}", r"sendt frá .{2,60}", r"sent from yahoo mail.*",
    r"iphone[’'](?:um|den|dan).{0,6} gönderildi", r"أ\u064f?رسلت من .{1,40}", r"đã gửi từ .{2,60}", r"poslano iz .{2,60}", r"provenance ?: ?courrier pour windows.*", r"来自我的.{1,40}", r"從 .{1,30} ?傳送",
)  # fmt: skip

# A marker of a make that is not listed: between drawn signs, an answer is asked for above a line.
_DRAWN = ("--", "##", "==", "**", "__", "~~", "\u2014\u2014", "#-")
_ANSWER = (
    "repl|respon|comment|antwor|répon|respuesta|resposta|rispo|reactie|svar|vastau|vastak|odpow|odpov|ответ|відпов|отговор|yanıt|cevap|"
    "回复|回覆|返信|답장|답변|atbild|atsak|válasz|răspun|απάντηση|رد|תשוב|תגוב|trả lời|balas|ตอบ"
)
_ABOVE = (
    "above|oberhalb|über|au-dessus|encima|sobre|acima|sopra|boven|ovanför|over|ovenfor|yläpuolel|kohal|ülevalpool|powyżej|nad|выше|вище|над|"
    "üzerin|üstün|上|위|virš|fölé|deasupra|iznad|πάνω|فوق|מעל|trên|di atas|เหนือ"
)
_LINE = (
    "line|zeile|linie|ligne|línea|linea|linha|riga|lijn|regel|linje|\\brad|rivi|\\brea|linii|wiersz|řád|riad|строк|лини|рядк|satır|çizgi|行|線|线|줄|선|"
    "rind|eilut|sor\\b|linij|γραμμή|سطر|خط|שורה|קו|dòng|baris|garis|บรรทัด"
)

_OUTLOOK = re.compile(  # an advertisement
    r"(?i)(?:holen sie sich|obtenez|ottieni|obtén|obtenga|download|hent|hämta|hanki|hankige|pobierz(?: aplikację)?|získat|získejte|získať|"
    r"stáhn\w+|скача\w+|завантаж\w+|изтегл\w+|descărcați|preuzmite|prenesite|töltse le (?:az )?|λήψη|获取|下载|取得|下載) ?.{0,20}"
    r"\boutlook\b.{0,30}$|(?:.{0,12} )?outlook .{0,30}(?:herunterladen|downloaden|edinin|indirin|を入手|다운로드|beszerzése|letöltése)$"
)
_MOBILE = re.compile(r"(?i)[\[(*_-]*(?:" + "|".join(_SENT_FROM) + r")[.!\])*_-]*(?: ?<https?://\S+>?)?\s*$")
_RULE = re.compile(r"^(?:[_\u2014\u2500]{5,}|-{10,}|={10,}|\*{10,})$")
_SIGNATURE = re.compile(r"^(?:--|__|---)[ \u00a0\t]*$")
_LABEL = re.compile(r"^([^\W\d_][^:：<>@]{0,24}?)\s*[:：]\s*(\S.*)?$")
_DASHES = "-_*=~<> \t"
_WROTE_END = re.compile(
    r"(?i)(?:^|[\s>,\]\"')]|(?<=\d)(?=写|寫))(?:"
    + "|".join(re.escape(word) for word in sorted(WROTE, key=len, reverse=True))
    + r")(?:[ ,]+(?:the following|folgendes|følgende|ce qui suit|lo siguiente))?\s*[:：]?\s*[>:]?$"
)
_WROTE_INSIDE = re.compile(
    r"(?i)(?:^|[\s>,\]\"')])(?:"
    + "|".join(re.escape(word) for word in sorted(WROTE, key=len, reverse=True))
    + r")(?=[\s:,(])"
)
_OPENS = re.compile(
    r"(?i)^[-*_>\s]*(?:"
    + "|".join(sorted({re.escape(word) for word in _OPENERS}, key=len, reverse=True))
    + r")(?=[\s.,\d])"
)
_STARTS_WITH_MOMENT = re.compile(r"^[-*\[(]?\s*(?:\w{2,12}\.?,? )?\d{1,4}[./\s年-]")
_FINNIC = re.compile(r"(?i)^\d[\d.]{5,9} \d\d?[.:]\d\d kirjutas\b|\bkirjoitti \d\d?\.\d\d?\.\d{4} k")  # and no address
_ADDRESS_END = re.compile(r"<[^<>\s]{1,64}@[^<>\s]+>\s*[:：]?$")


def bare(line: str) -> str:
    """A line without the marks of emphasis and the invisible characters that programs put around such phrases."""
    line = normal(line).replace("\u00a0", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", " ")
    line = re.sub("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]", "", line).strip()
    if line.startswith(("*", "_")) and len(line) < 400 and re.search(r"[^\W_]", line):
        line = re.sub(r"^[*_]+(?=\S)|(?<=\S)[*_]+(?=:|\s|$)", "", line)
    return line


def label(line: str) -> str:
    """The label of a `Label: value` line in lower case, "" for any other line."""
    found = _LABEL.match(line.lstrip(">|* "))
    return re.sub(r"[*_]", "", found[1]).strip().lower() if found and len(line) < 2000 else ""


def is_rule(line: str) -> bool:
    return bool(_RULE.match(line))


def is_divider(line: str) -> bool:
    """`-----Original Message-----` and its kin; `>>> Ann Byrne <ann@example.org> 12/01/26 10:05 >>>` (GroupWise)."""
    if len(line) > 400:
        return False
    if line.startswith(">>> ") and line.endswith(">>>"):
        return bool(MOMENT.search(line))
    if len(line) > 120:
        return False
    words = line.strip(_DASHES + ":").lower()
    if words and not line[:2].strip(_DASHES) and not line[-2:].strip(_DASHES):
        return words.startswith(_ORIGINAL) or words.endswith(_ORIGINAL)
    return line.endswith(":") and words in _ORIGINAL


def is_reply_marker(line: str) -> bool:
    """The line by which a desk asks to write above it."""
    if len(line) >= 200:
        return False
    words = line.lower()
    if any(phrase in words for phrase in _REPLY_MARKERS):
        return True
    drawn = words.startswith(_DRAWN) and len(words) < 120
    return drawn and all(re.search(sought, words) for sought in (_ANSWER, _ABOVE, _LINE))


def is_attribution(line: str) -> bool:
    """`On Monday at 10:00 Ann <ann@firm.example> wrote:` in any order, with a date or an address to show for it."""
    ends_so = line[-60:].rstrip(" :：>").lower().endswith(WROTE) or line.endswith((":", "：", ">", "-"))
    if not ends_so:
        return False
    if line.startswith("---") and line.endswith("---"):
        return bool(_WROTE_END.search(line.strip("- ")))
    dated = bool(MOMENT.search(line))
    if _WROTE_END.search(line):
        ends = line.endswith((":", "：", ">"))
        if dated and (ends or ADDRESS.search(line) or _OPENS.match(line)):
            return True
        return ends and bool(
            ADDRESS.search(line)
            or (_OPENS.match(line) and len(line) < 100 and line.count(" ") > 2 and re.search(r"\d", line))
        )
    if (
        dated
        and _WROTE_INSIDE.search(line)
        and line.endswith((":", "："))
        and (ADDRESS.search(line) or _OPENS.match(line) or _FINNIC.search(line))
    ):
        return True
    return (
        dated
        and bool(_ADDRESS_END.search(line))
        and bool(_STARTS_WITH_MOMENT.match(line) or (_OPENS.match(line) and line.endswith(":")))
    )


def shared_line(line: str) -> tuple[str, str] | None:
    """What was written and the attribution, where a program put both on one line with dashes between them."""
    if "---" not in line or len(line) > 2000:
        return None
    written, _, attribution = line.partition("---")
    attribution = attribution.lstrip("- ")
    shared = re.search(r"\w", written) and len(attribution) < 300 and is_attribution(attribution)
    return (written.rstrip(), attribution) if shared else None


def is_list_footer(lines: list[str]) -> bool:
    """Whether the last lines, below a rule drawn by `_`, are what a list server hangs under each mail."""
    told = " ".join(lines)
    return 0 < len(lines) <= 6 and len(told) < 600 and bool(re.search(r"https?://\S+|[\w.-]+@[\w-]+\.\w", told))


def opens_attribution(line: str) -> bool:
    """Whether a line may be the beginning of an attribution that goes on below."""
    return bool((_OPENS.match(line) or _STARTS_WITH_MOMENT.match(line)) and MOMENT.search(line))


def introduces(line: str) -> bool:
    """Whether a line right above a quote introduces it, whatever its language: a colon, and who or when."""
    return (
        line.endswith((":", "："))
        and len(line) < 300
        and bool(MOMENT.search(line) or ADDRESS.search(line) or _WROTE_END.search(line))
    )


def is_signature_line(line: str) -> bool:
    return bool(_SIGNATURE.match(line))


def is_mobile_footer(line: str) -> bool:
    """`Sent from my phone`."""
    if len(line) >= 160:
        return False
    line = line.strip("<> ")
    return bool(_MOBILE.match(line) or ("utlook" in line and _OUTLOOK.match(line)))
