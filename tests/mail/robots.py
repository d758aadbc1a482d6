"""Twenty-odd robots that say nothing of being one, as they are met with: each turns a mail of ours into its answer.

No header of theirs says `auto`, none has a null return path, none writes as `no-reply`. `after`: how long each takes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage

from tests.plugins.post import SUPPORT, letter
from tests.servers.mail_sink import Received

BOT = "info@robots.example"
THANKS = "Thank you for your message. One of our colleagues will look at it within two working days."
QUICKLY = timedelta(seconds=30)


@dataclass(frozen=True)
class Robot:
    """`answers(ours, turn)`: what it writes back to a mail of ours, for the so-manieth time."""

    answers: Callable[[Received, int], EmailMessage]
    after: timedelta = QUICKLY


ROBOTS: dict[str, Robot] = {}
Answers = Callable[[Received, int], EmailMessage]


def robot(after: timedelta = QUICKLY) -> Callable[[Answers], Answers]:
    def entered(answers: Answers) -> Answers:
        ROBOTS[answers.__name__.replace("_", " ")] = Robot(answers, after)
        return answers

    return entered


def words_of(ours: Received) -> str:
    body = ours.message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def subject_of(ours: Received) -> str:
    return str(ours.message["Subject"])


@robot()
def sends_our_own_words_back(ours: Received, _turn: int) -> EmailMessage:
    return letter(BOT, words_of(ours), subject=subject_of(ours))


@robot()
def thanks_under_a_new_subject(_ours: Received, turn: int) -> EmailMessage:
    return letter(BOT, THANKS, subject=["Hello", "Received", "Good news", "Many thanks", "Your mail"][turn % 5])


@robot()
def answers_and_quotes(ours: Received, turn: int) -> EmailMessage:
    quoted = "\n".join(f"> {line}" for line in words_of(ours).splitlines())
    return letter(BOT, f"{THANKS}\n\n{quoted}", subject=f"Re: {subject_of(ours)}", answers=ours.message)


@robot()
def answers_without_naming_what(ours: Received, turn: int) -> EmailMessage:
    return letter(BOT, THANKS, subject=f"Re: {subject_of(ours)}", message_id=f"<{turn}@robots.example>")


@robot()
def opens_a_case_each_time(_ours: Received, turn: int) -> EmailMessage:
    return letter(BOT, f"Your case CAS-{4711 + turn} is open. {THANKS}", subject=f"CAS-{4711 + turn}")


@robot(timedelta(minutes=20))
def takes_twenty_minutes(_ours: Received, turn: int) -> EmailMessage:
    return letter(BOT, THANKS, subject=f"Request {turn}")


@robot(timedelta(hours=2))
def takes_two_hours(_ours: Received, turn: int) -> EmailMessage:
    return letter(BOT, THANKS, subject=f"Request {turn}")


@robot(timedelta(hours=26))
def takes_more_than_a_day(_ours: Received, turn: int) -> EmailMessage:
    return letter(BOT, THANKS, subject=f"Request {turn}")


@robot(timedelta(hours=26))
def takes_more_than_a_day_and_answers_in_the_thread(ours: Received, turn: int) -> EmailMessage:
    return letter(BOT, f"{THANKS} {turn}", subject=f"Re: {subject_of(ours)}", answers=ours.message)


@robot()
def has_another_tag_each_time(_ours: Received, turn: int) -> EmailMessage:
    return letter(f"info+{turn}@robots.example", THANKS, subject="We have your message")


@robot()
def has_another_tag_and_answers_in_the_thread(ours: Received, turn: int) -> EmailMessage:
    return letter(f"info+{turn}@robots.example", THANKS, subject="We have your message", answers=ours.message)


@robot()
def writes_from_another_address_each_time(_ours: Received, turn: int) -> EmailMessage:
    return letter(f"queue{turn}@robots.example", THANKS, subject="We have your message")


@robot()
def has_a_subject_that_grows(_ours: Received, turn: int) -> EmailMessage:
    subject = "Re: " * (turn + 1) + f"[#{90_210 + turn}] Our number for your request"
    return letter(BOT, f"Please keep the number {90_210 + turn} in the subject. {THANKS}", subject=subject)


@robot()
def is_a_desk_of_another_make(_ours: Received, turn: int) -> EmailMessage:
    day = ["Monday", "Tuesday", "Wednesday", "Thursday"][turn % 4]
    said = (
        f"Dear customer,\n\nyour request was received on {day}, {turn + 1} March 2026 at 10:{turn:02}, and has the"
        f" number 2026-{turn:05}. The average time until an answer is four hours. To add to it, answer this mail.\n\n"
        "Kind regards\nThe team of Robots Ltd"
    )
    return letter(
        BOT, said, subject=f"[Robots Ltd] 2026-{turn:05}: received", message_id=f"<2026-{turn}@robots.example>"
    )


@robot()
def signs_with_another_name_each_time(_ours: Received, turn: int) -> EmailMessage:
    name = ["Anna Kask", "Jonas Berg", "Maria Rossi", "Tim Lund", "Eva Novak"][turn % 5]
    return letter(BOT, f"{THANKS}\n\nWith kind regards\n{name}\nRobots Ltd", subject=f"From {name}")


@robot()
def is_a_gateway_of_text_messages(ours: Received, _turn: int) -> EmailMessage:
    return letter("37255512345@sms.robots.example", words_of(ours)[:60], subject="SMS from +372 5551 2345")


@robot()
def says_nothing_at_all(_ours: Received, turn: int) -> EmailMessage:
    return letter(BOT, "", subject=f"Receipt {turn}")


@robot()
def speaks_html_alone(_ours: Received, turn: int) -> EmailMessage:
    mail = letter(BOT, "", subject=f"Ihre Nachricht {turn}")
    mail.set_content(
        f"<div style='x'><p>Vielen Dank f&uuml;r Ihre Nachricht.</p><p>Ihr Vorgang <b>{turn}</b> wird bearbeitet, "
        "bitte haben Sie etwas Geduld.</p></div>",
        subtype="html",
    )
    return mail


@robot()
def is_on_holiday_in_finnish(ours: Received, _turn: int) -> EmailMessage:
    said = "Olen lomalla elokuun loppuun saakka. Kiireellisissä asioissa ota yhteyttä toimistoomme."
    return letter(BOT, said, subject=f"VS: {subject_of(ours)}", message_id="<loma@robots.example>")


@robot(timedelta(hours=26))
def is_on_holiday_in_chinese(_ours: Received, turn: int) -> EmailMessage:
    return letter(BOT, f"我正在休假，{turn}日后回来。紧急事务请联系办公室的同事，谢谢您的理解。", subject="您好")


@robot()
def acknowledges_with_a_paper(_ours: Received, turn: int) -> EmailMessage:
    mail = letter(BOT, f"Attached is the confirmation {turn} of what you sent us.", subject=f"Confirmation {turn}")
    mail.add_attachment(b"%%PDF-1.4 number %d" % turn, maintype="application", subtype="pdf", filename=f"c{turn}.pdf")
    return mail


@robot()
def forwards_ours_as_a_file(ours: Received, turn: int) -> EmailMessage:
    mail = letter(BOT, "Please find attached a message that could not be assigned.", subject=f"Unassigned {turn}")
    mail.add_attachment(ours.message)
    return mail


@robot()
def quotes_ours_as_outlook_does(ours: Received, _turn: int) -> EmailMessage:
    below = f"From: Acme <{SUPPORT}>\nSent: Monday\nTo: Info\nSubject: {subject_of(ours)}\n\n{words_of(ours)}"
    return letter(BOT, f"{THANKS}\n\n________________________________\n{below}", subject=f"RE: {subject_of(ours)}")
